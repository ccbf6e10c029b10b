"""Records that were given up, and stand again beside the one that is in use. Pure.

    09:00 record 7 is gone after a restore of the office, and 19 goes on in its place
    09:30 the restore is undone in part: 7 stands again, and so does 19; each report says so
    10:00 somebody cancels 19 there: as the client does not come, or because one of two is too many
Nobody can tell the last two apart, so a person is asked; if the appointment goes on, it does so as
7. That 7 has stood all the time is no word for it either: called off elsewhere, the appointment is
not scheduled again on account of 7. That one client's seat of several ended is said of her alone,
and asked by nobody here.
"""

from __future__ import annotations

from syncd.model.appointment import Status
from syncd.model.memory import Known, Mapping
from syncd.model.policy import Policy
from syncd.model.record import Snapshot, Snapshots
from syncd.model.wording import which_of_two
from syncd.reconcile.diff.observation import Presence, Replica, Replicas, kept_up
from syncd.reconcile.diff.unclear import Unclear


def beside(known: Known, vendor: str, snapshot: Snapshot | None, policy: Policy) -> list[Mapping]:
    """The records of an appointment at a vendor that were given up and stand, as far as is known:
    not those that a complete listing left out.
    """
    former = [one for one in known.mappings if one.vendor == vendor and one.tombstone is not None]
    now = [kept_up(one, snapshot, policy) for one in former]
    return [one for one in now if one.beside and not one.missing]


def ended_beside(
    known: Known, replicas: Replicas, snapshots: Snapshots, policy: Policy
) -> dict[str, Unclear]:
    """The vendors whose record in use ended while another stands there, each with what a person is
    asked. Where no other vendor has the appointment, there is nothing to ask: nothing is written.
    """
    found: dict[str, Unclear] = {}
    live = {name for name, one in replicas.items() if not one.gone and one.content.status.live}
    for vendor, replica in replicas.items():
        if known.agreed.status.live and _has_ended(replica) and live - {vendor}:
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


def is_in_use(replica: Replica | None) -> bool:
    """Whether a vendor shows the record that it has of an appointment, and that it stands."""
    seen = (Presence.DECODED, Presence.UNCHANGED)
    return replica is not None and replica.presence in seen and replica.content.status.live
