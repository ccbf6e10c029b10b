"""Records that were given up, and stand again beside the one that is in use. Pure.

    09:00 record 7 is gone after a restore of the office, and 19 goes on in its place
    09:30 the restore is undone in part: 7 stands again, and so does 19; each report says so
    10:00 somebody cancels 19 there: as the client does not come, or because one of two is too many
Nobody can tell the last two apart, so a person is asked. That 7 has stood all the time is no word
for it either: called off elsewhere, the appointment is not scheduled again on account of 7.
"""

from __future__ import annotations

from syncd.model.appointment import Status
from syncd.model.memory import Known, Mapping
from syncd.model.policy import Policy
from syncd.model.record import Complete, Snapshot, Snapshots
from syncd.model.wording import which_of_two
from syncd.reconcile.diff.observation import Replica, Replicas, kept_up
from syncd.reconcile.diff.unclear import Unclear


def beside(known: Known, vendor: str, snapshot: Snapshot | None, policy: Policy) -> list[Mapping]:
    """The records of an appointment at a vendor that were given up and stand, as far as is known:
    not those that a complete listing leaves out.
    """
    former = (one for one in known.mappings if one.vendor == vendor and one.tombstone is not None)
    marked = [one for one in former if kept_up(one, snapshot, policy).beside]
    return [one for one in marked if not _is_left_out(one.remote_id, snapshot)]


def _is_left_out(remote_id: str, snapshot: Snapshot | None) -> bool:
    """Whether a complete listing has nothing of a record, not even a row that cannot be read."""
    if not isinstance(snapshot, Complete):
        return False
    listed = (snapshot.records, snapshot.unchanged, snapshot.unread, snapshot.unreadable)
    return not any(remote_id in some for some in listed)


def ended_beside(
    known: Known, replicas: Replicas, snapshots: Snapshots, policy: Policy
) -> dict[str, Unclear]:
    """The vendors whose record in use ended while another stands there, each with what a person is
    asked.
    """
    found: dict[str, Unclear] = {}
    for vendor, replica in replicas.items():
        if known.agreed.status.live and _has_ended(replica):
            others = beside(known, vendor, snapshots.get(vendor), policy)
            if others:
                ids = sorted(one.remote_id for one in others)
                found[vendor] = Unclear(which_of_two(vendor, replica.mapping.remote_id, ids))
    return found


def _has_ended(replica: Replica) -> bool:
    """Whether people cancelled a record, or deleted it; by now a write of ours is taken in."""
    if not replica.mapping.base.status.live or replica.mapping.tombstone is not None:
        return False
    record = replica.record
    return replica.gone or (record is not None and record.content.status is Status.CANCELLED)
