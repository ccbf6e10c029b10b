"""Whether what was refused for its time is worth another try: its vendor's records of that time
changed, or of that day where free starts depend on the appointments around.

09:00 Amelia refuses 10:00, as its grid of free starts begins anew at 09:45
11:00 somebody there calls off the appointment until 09:45
11:02 the create is tried again, and fits

09:00 the office refuses 10:00, where a record of its own stands
11:00 somebody moves that one to 12:00
11:02 the create is tried again; 15:00, which is refused as well, is not

A record that belongs to no appointment (its client is a doubt, say) has no mapping that tells where
it was: of these, the places are remembered.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from itertools import chain

from syncd.compare.calendars import calendar_of, overlap, room_for, same_calendar
from syncd.compare.identity import ABOUT_WHOSE, until_stirred
from syncd.model.appointment import Appointment, Status
from syncd.model.capabilities import CalendarDay
from syncd.model.memory import Memory, Quarantines
from syncd.model.plan import Step
from syncd.model.policy import Policy
from syncd.model.record import Complete, Record, Snapshots
from syncd.reconcile.case import Case


def strangers_in(
    snapshots: Snapshots, ambiguous: abc.Iterable[Record], memory: Memory, policy: Policy
) -> dict[str, dict[str, Appointment]]:
    """Where records that are nobody's stand, by vendor and id, with nothing that tells of whom they
    are: at the vendors that were listed whole, as no other listing says what is not there. Of those
    about which a person is asked also cancelled ones, which a listing may leave out.
    """
    mapped, ambiguous = memory.mapped, tuple(ambiguous)
    found: dict[str, dict[str, Appointment]] = {}
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        if isinstance(snapshot, Complete):
            here = (one for one in ambiguous if one.vendor == traits.name)
            ends = traits.capabilities.ends
            standing = (one for one in snapshot.unread.values() if not ends(one.content.status))
            found[traits.name] = _places_kept(traits.name, snapshot, memory) | {
                record.remote_id: _place(record.content, ends)
                for record in chain(here, standing)
                if record.ref not in mapped
            }
    return found


def _places_kept(vendor: str, snapshot: Complete, memory: Memory) -> dict[str, Appointment]:
    """Where records stood about which a person is asked, and that cannot be read now."""
    asked = {row.remote_id for row in memory.quarantines if row.key.startswith(ABOUT_WHOSE)}
    return {
        key: place
        for key, place in memory.strangers.get(vendor, {}).items()
        if key in asked and snapshot.has_unread(key) and (vendor, key) not in memory.mapped
    }


def _place(shown: Appointment, ends: abc.Callable[[Status], bool]) -> Appointment:
    status = Status.CANCELLED if ends(shown.status) else Status.SCHEDULED
    return Appointment(slot=shown.slot, service=shown.service, staff=shown.staff, status=status)


@dataclass(slots=True)
class Stirred:
    """When something changed at vendors, or is about to: the days, or where those say nothing, the
    times.
    """

    policy: Policy
    days: set[tuple[str, CalendarDay]] = field(default_factory=set)
    times: list[tuple[str, Appointment]] = field(default_factory=list)

    def by_people(self, case: Case) -> None:
        """Take in what one appointment's records show that is new.

        What waits for a person since an earlier cycle shows in each one, and makes room in none.
        """
        for change in case.changes:
            if change.field in case.known.undecided:
                continue
            replica = case.replicas[change.vendor]
            self._add(change.vendor, replica.mapping.base, replica.content)
        for record in case.candidate.linked:
            self._add(record.vendor, record.content)

    def by_strangers(
        self,
        before: abc.Mapping[str, abc.Mapping[str, Appointment]],
        now: abc.Mapping[str, abc.Mapping[str, Appointment]],
    ) -> None:
        """Take in which records that are nobody's came, went or stand elsewhere, as told by
        `strangers_in`.
        """
        for vendor, here in now.items():
            gone = before.get(vendor, {}).items() - here.items()
            come = here.items() - before.get(vendor, {}).items()
            self._add(vendor, *(place for _, place in gone | come))

    def by_us(self, operations: abc.Iterable[Step]) -> None:
        """Take in what is about to be done; what is held is not."""
        for operation in operations:
            before = () if operation.mapping is None else (operation.mapping.base,)
            self._add(operation.vendor, operation.target, *before)

    def release(self, operation: Step, quarantines: Quarantines) -> bool:
        """Whether an operation is left alone for its time alone, and that has changed."""
        if (operation.vendor, until_stirred(operation.id)) not in quarantines:
            return False
        day = self.policy.able(operation.vendor).calendar_day
        if day is None:
            return any(self._meets(operation, *one) for one in self.times)
        return (operation.vendor, day(operation.target)) in self.days

    def _meets(self, operation: Step, vendor: str, changed: Appointment) -> bool:
        """Whether what changed at a vendor took the time of an operation, or takes it now."""
        able, target = self.policy.able(vendor), operation.target
        return (
            vendor == operation.vendor
            and overlap(changed.slot, room_for(operation, able))
            and same_calendar(calendar_of(changed, able), calendar_of(target, able))
        )

    def _add(self, vendor: str, *contents: Appointment) -> None:
        day = self.policy.able(vendor).calendar_day
        if day is None:
            self.times += [(vendor, content) for content in contents]
        else:
            self.days |= {(vendor, day(content)) for content in contents}
