"""Records of which nobody can tell whether what they show goes against a write of ours that got no
answer. Pure.

    09:00 a cancellation gets no answer; 09:05 the record is 'scheduled', and was 'pending' before
    If it was carried out, somebody scheduled the appointment again since; if not, somebody
      confirmed it, not knowing
    09:00 a revival gets no answer; 09:05 the record is gone
    If it was carried out, somebody called the appointment off since; if not, a cancelled record was
      tidied away
    09:00 a cancellation gets no answer; 09:05 somebody schedules it again; 09:06 it is cancelled
    Carried out late, the cancellation undid that; if not, somebody called it off after all
    09:00 a move to 16:00 gets no answer; 09:05 it is at 15:00 as before, and was written twice
    If it was carried out, somebody put it back; if not, somebody edited what no row shows
      (so it is where no version tells how often, but the vendor that it was modified since)
    09:00 a move to 16:00 for two hours gets no answer; 09:05 it is at 16:00, for one hour as before
    If it was carried out, somebody set the hour; if an earlier move was, nobody did
    09:00 a cancellation gets no answer; 09:05 the list shows the record cancelled, and it cannot
      be read by id; 09:10 it stands
    If it was carried out, somebody scheduled it again; if not, the list was an old one
Either way a person did something, and what it says of the appointment depends on the write. So a
person is asked. Of the first, a vendor that counts versions may tell: written once since, the
record was not cancelled in between. Of the third it does not, as one that counts may still carry
out a write to an old version.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from typing import Any

from syncd.compare.atoms import Atom, origins_of
from syncd.compare.attribution import asked_to_stand, perhaps_put_back, perhaps_resized
from syncd.compare.sameness import same_value
from syncd.model.appointment import Field, Status
from syncd.model.memory import Known, Mapping, Provenance
from syncd.model.plan import Conflict
from syncd.model.policy import Policy
from syncd.model.record import Record
from syncd.model.revision import writes_between
from syncd.model.wording import (
    ending_unclear,
    gone_unclear,
    put_back_unclear,
    resized_unclear,
    status_unclear,
)
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Replica, Replicas


@dataclass(frozen=True, slots=True)
class Unclear:
    """What a person is asked about a record, and of which fields.

    `whose` says that it is not known either whose record that is.
    """

    text: str
    fields: frozenset[Field] = frozenset({Field.STATUS})
    whose: bool = False


def unclear_records(known: Known, replicas: Replicas, policy: Policy) -> dict[str, Unclear]:
    """The vendors whose record is such a one, each with what a person is asked."""
    found: dict[str, Unclear] = {}
    for vendor, replica in replicas.items():
        before = known.at(vendor)
        if before is None or before.in_flight is None:
            continue
        text = _unclear_status(known, before, replica)
        if text is not None:
            found[vendor] = Unclear(text)
            continue
        names = _perhaps_put_back(known, before, replica, policy)
        if names:
            text = put_back_unclear(vendor, before.remote_id, by_row=bool(names & before.glimpsed))
            found[vendor] = Unclear(text, names)
        elif _is_resized(known, before, replica, policy):
            text = resized_unclear(vendor, before.remote_id)
            found[vendor] = Unclear(text, frozenset({Field.SLOT}))
    return found


def waiting_for(
    unclear: abc.Mapping[str, Unclear], changes: abc.Iterable[Change]
) -> frozenset[Field]:
    """The fields that wait for a person where such records are: of those nothing is believed."""
    changed = {change.field for change in changes if change.vendor in unclear}
    return frozenset(changed).union(*(one.fields for one in unclear.values()))


def unless_said(
    unclear: abc.Mapping[str, Unclear],
    changes: abc.Iterable[Change],
    replicas: Replicas,
    policy: Policy,
) -> dict[str, Unclear]:
    """Those that a person has to decide about still, now that somebody may have said so elsewhere.

    09:05 the office's record is cancelled, and nobody knows by whom: a person is asked
    09:10 somebody cancels the site's record: whoever it was, the appointment is called off
    09:05 or it stands, and was to be cancelled, and a person is asked whether it was
    09:10 somebody schedules it again at the site: all of them stand, whatever became of that
    """
    spoken = [one for one in changes if one.field is Field.STATUS and one.vendor not in unclear]
    return {
        vendor: one
        for vendor, one in unclear.items()
        if one.whose or not _is_said(one, replicas[vendor], spoken, policy)
    }


def _is_said(one: Unclear, replica: Replica, spoken: abc.Sequence[Change], policy: Policy) -> bool:
    """Whether other records' people have said by their status what a person is asked."""
    if any(change.cancels for change in spoken):
        return _ends_with_all(one, policy)
    # Who confirms what stood there all the time knows of no cancellation.
    again = any(change.new.live and not change.old.live for change in spoken)
    return again and _stands(one, replica)


def _ends_with_all(one: Unclear, policy: Policy) -> bool:
    """Whether nothing is left to ask where the appointment is called off by somebody."""
    return Field.STATUS not in one.fields or policy.cancel_wins


def _stands(one: Unclear, replica: Replica) -> bool:
    """Whether a person is asked about the status of a record alone, and it stands."""
    return one.fields == {Field.STATUS} and _shown(replica, Field.STATUS).live


def asked_about(
    known: Known, unclear: abc.Mapping[str, Unclear], replicas: Replicas
) -> list[Conflict]:
    """What a person is asked about such records; a vendor whose record is gone says cancelled."""
    gone = {m.vendor: Status.CANCELLED for m in known.mappings if m.tombstone is not None}
    found = []
    for _, one in sorted(unclear.items()):
        for name in sorted(one.fields):
            shown = {v: _shown(r, name) for v, r in replicas.items() if _shows(r, name)}
            values = gone | shown if name is Field.STATUS else shown
            found.append(
                Conflict(
                    appointment=known.id,
                    field=name,
                    values=values,
                    explanation=one.text,
                )
            )
    return found


def _shown(replica: Replica, name: Field) -> Any:
    ended = name is Field.STATUS and replica.gone
    return Status.CANCELLED if ended else replica.content.get(name)


def _shows(replica: Replica, name: Field) -> bool:
    return name is Field.STATUS or name in replica.mapping.shows


def _unclear_status(known: Known, before: Mapping, replica: Replica) -> str | None:
    """What is asked about a record of which a write without an answer was to change the status."""
    said = known.provenance.get(Field.STATUS)
    if not _turns(before):
        return None
    if replica.gone:
        revived = not before.base.status.live and not _said_since(said, before)
        return gone_unclear(before.vendor, before.remote_id) if revived else None
    if replica.record is None:
        return None
    if _otherwise(before, replica.record):
        status = replica.record.content.status
        return status_unclear(before.vendor, before.remote_id, status)
    scheduled_since = known.agreed.status.live and _said_since(said, before)
    if _ends_once_more(before, replica.record) and scheduled_since:
        return ending_unclear(before.vendor, before.remote_id)
    return None


def _turns(before: Mapping) -> bool:
    """Whether a write without an answer was to end a record that stood, or to schedule one
    again.
    """
    asked = asked_to_stand(before)
    return asked is not None and asked is not before.base.status.live


def _said_since(said: Provenance | None, before: Mapping) -> bool:
    """Whether somebody decided about a field after that write."""
    return (
        said is not None
        and before.in_flight_since is not None
        and said.when.earliest > before.in_flight_since
    )


def _ends_once_more(before: Mapping, record: Record) -> bool:
    """Whether a record that was to be cancelled, and stood, is cancelled now."""
    return before.base.status.live and not record.content.status.live


def _otherwise(before: Mapping, record: Record) -> bool:
    """Whether a record that was to be cancelled stands under another word than before, and no
    version says that it was not cancelled in between.
    """
    writes = writes_between(before.revision, record.revision)
    return (
        (writes is None or writes > 1)  # a tag does not tell how often it was written
        and before.base.status.live
        and record.content.status.live
        and Field.STATUS in record.shows
        and record.content.status is not before.base.status
    )


def _perhaps_put_back(
    known: Known, before: Mapping, replica: Replica, policy: Policy
) -> frozenset[Field]:
    """What was perhaps put back, and is to be decided about.

    What was to be deleted, and stands, was not: Aivapad's is modified before that, to notify
    nobody.
    """
    record = replica.record
    if record is None:
        return frozenset()
    waiting = {name for name, vendors in known.undecided.items() if before.vendor in vendors}
    names = perhaps_put_back(before, record, waiting)
    if asked_to_stand(before) is False and not policy.able(before.vendor).soft_cancel:
        names -= {Field.STATUS}
    return frozenset(name for name in names if _is_to_decide(known, name, before, record))


def _is_resized(known: Known, before: Mapping, replica: Replica, policy: Policy) -> bool:
    """Whether somebody perhaps set the length of a record, and that is to be decided about."""
    record, traits = replica.record, policy.traits_of(before.vendor)
    if record is None or traits is None or not traits.capabilities.end_can_be_set:
        return False
    return _is_to_decide(known, Field.SLOT, before, record) and perhaps_resized(before, record)


def _is_to_decide(known: Known, name: Field, before: Mapping, record: Record) -> bool:
    """Whether a record shows a field against what is agreed, which no operator has chosen since
    that write.

    Of a record or an appointment that is cancelled nobody has to decide more than that.
    """
    if name is not Field.STATUS and not (record.content.status.live and known.agreed.status.live):
        return False
    against = not same_value(name, record.content.get(name), known.agreed.get(name))
    return against and not _is_decided(known, name, before)


def _is_decided(known: Known, name: Field, before: Mapping) -> bool:
    origins = origins_of(known.provenance, Atom(name))
    return any(origin.decided and _said_since(origin, before) for origin in origins)
