"""Whether what was refused for its time is worth another try: its vendor's records of that day
changed.

09:00 Amelia refuses 10:00, as its grid of free starts begins anew at 09:45
11:00 somebody there calls off the appointment until 09:45
11:02 the create is tried again, and fits
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field

from syncd.compare.identity import until_stirred
from syncd.model.appointment import Appointment
from syncd.model.capabilities import CalendarDay
from syncd.model.memory import Quarantine
from syncd.model.plan import Step
from syncd.model.policy import Policy
from syncd.reconcile.case import Case


@dataclass(slots=True)
class Stirred:
    """The calendar days of vendors on which something changed, or is about to."""

    policy: Policy
    days: set[tuple[str, CalendarDay]] = field(default_factory=set)

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

    def by_us(self, operations: abc.Iterable[Step]) -> None:
        """Take in what is about to be done; what is held is not."""
        for operation in operations:
            before = () if operation.mapping is None else (operation.mapping.base,)
            self._add(operation.vendor, operation.target, *before)

    def release(
        self, operation: Step, quarantines: abc.Mapping[tuple[str, str], Quarantine]
    ) -> bool:
        """Whether an operation is left alone for its time alone, and that has changed."""
        day = self.policy.traits(operation.vendor).capabilities.calendar_day
        if day is None:
            return False
        refused = (operation.vendor, until_stirred(operation.id)) in quarantines
        return refused and (operation.vendor, day(operation.target)) in self.days

    def _add(self, vendor: str, *contents: Appointment) -> None:
        day = self.policy.traits(vendor).capabilities.calendar_day
        if day is not None:
            self.days |= {(vendor, day(content)) for content in contents}
