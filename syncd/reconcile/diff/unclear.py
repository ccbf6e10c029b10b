"""Endings and revivals of which nobody can tell whether they go against a write of ours that got no
answer. Pure.

    09:00 a cancellation gets no answer; 09:05 the record is 'scheduled', and was 'pending' before
    If it was carried out, somebody scheduled the appointment again since; if not, somebody
      confirmed it, not knowing
    09:00 a revival gets no answer; 09:05 the record is gone
    If it was carried out, somebody called the appointment off since; if not, a cancelled record was
      tidied away
    09:00 a cancellation gets no answer; 09:05 somebody schedules it again; 09:06 it is cancelled
    Carried out late, the cancellation undid that; if not, somebody called it off after all
Either way a person did something, and what it says of the appointment depends on the write. Where
the vendor counts versions, they tell; else a person is asked.
"""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Field
from syncd.model.memory import Known, Mapping, Provenance
from syncd.model.wording import ending_unclear, gone_unclear, status_unclear
from syncd.reconcile.diff.observation import Presence, Replica


def unclear_endings(known: Known, replicas: abc.Mapping[str, Replica]) -> dict[str, str]:
    """The vendors whose record is such a one, each with what a person is asked."""
    found = {}
    for vendor, replica in replicas.items():
        before, said = known.at(vendor), known.provenance.get(Field.STATUS)
        if before is None or not _turns(before):
            continue
        if (
            replica.presence is Presence.GONE
            and not before.base.status.live
            and not _said_since(said, before)
        ):
            found[vendor] = gone_unclear(vendor, before.remote_id)
        elif replica.record is not None and _otherwise(before, replica):
            found[vendor] = status_unclear(vendor, before.remote_id, replica.record.content.status)
        elif _ends_once_more(before, replica) and _said_since(said, before):
            found[vendor] = ending_unclear(vendor, before.remote_id)
    return found


def _turns(before: Mapping) -> bool:
    """Whether a write without an answer was to end a record that stood, or to schedule one
    again.
    """
    asked = before.in_flight
    return (
        asked is not None
        and Field.STATUS in before.in_flight_fields
        and asked.status.live is not before.base.status.live
    )


def _said_since(said: Provenance | None, before: Mapping) -> bool:
    """Whether somebody decided about the status after that write."""
    return (
        said is not None
        and before.in_flight_since is not None
        and said.when.earliest > before.in_flight_since
    )


def _ends_once_more(before: Mapping, replica: Replica) -> bool:
    """Whether a record that was to be cancelled, and stood, is cancelled now."""
    record = replica.record
    return record is not None and before.base.status.live and not record.content.status.live


def _otherwise(before: Mapping, replica: Replica) -> bool:
    """Whether a record that was to be cancelled stands under another word than before, and no
    version tells more.
    """
    record = replica.record
    return (
        record is not None
        and not isinstance(record.revision, int)  # a tag does not tell how often it was written
        and before.base.status.live
        and record.content.status.live
        and Field.STATUS in record.shows
        and record.content.status is not before.base.status
    )
