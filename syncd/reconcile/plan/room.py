"""Room at vendors whose services decide how long a record takes: it may take longer than its
appointment.

An appointment's own time goes first: what only covers another has no room in it, whatever the
plan's order.
    15:00–15:45, covered by an hour's service, and 15:45–16:15, in one plan
    the first is booked until 16:00, and the second on top of it
    so the first waits with its reason, and the second is booked
What stands there and belongs to no known appointment only the vendor's adapter can see.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain

from syncd.compare.calendars import calendar_of, same_calendar
from syncd.compare.identity import digest, until_corrected, until_elsewhere, until_stirred
from syncd.model.appointment import Appointment, Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Known, Memory, Quarantines
from syncd.model.plan import Cancel, Create, Quarantined, Step
from syncd.model.policy import Policy, Traits
from syncd.model.times import Slot
from syncd.model.wording import no_room, overlaid
from syncd.reconcile.case import Case
from syncd.reconcile.plan.making import Planned, booked_for

_PLACE = frozenset({Field.SLOT, Field.STAFF})
_DAY = timedelta(days=1)
Decided = tuple[Case, Planned]
"""One appointment, and what is left to do for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One appointment in a vendor's calendar, as the plan leaves it.

    `own` is the time that was agreed, `booked` what its record takes. `calendar` is None where
    nobody knows which; that may be any. `step` brings it there, and is one of `steps`; None: it is
    there already.
    """

    appointment: str
    content: Appointment
    calendar: str | None
    own: Slot
    booked: Slot
    remote_id: str | None
    step: Step | None = None
    steps: Planned | None = None

    @property
    def spare(self) -> Slot | None:
        """What its record takes after the appointment."""
        longer = self.booked.end > self.own.end
        return Slot(start=self.own.end, end=self.booked.end) if longer else None

    def takes(self, spare: Slot, other: Stay) -> bool:
        """Whether the spare time of another one in the same calendar is its own."""
        apart = not same_calendar(self.calendar, other.calendar)
        if apart or self.appointment == other.appointment:
            return False
        return self.own.start < spare.end and self.own.end > spare.start


@dataclass(slots=True)
class _Calendars:
    """The stays at one vendor, by the days that they touch."""

    by_day: dict[date, list[Stay]] = field(default_factory=lambda: defaultdict(list))

    def add(self, stay: Stay) -> None:
        for day in _days(stay.own):
            self.by_day[day].append(stay)

    def remove(self, stay: Stay) -> None:
        for day in _days(stay.own):
            self.by_day[day] = [other for other in self.by_day[day] if other is not stay]

    def _near(self, slot: Slot) -> list[Stay]:
        """The stays on the days that a slot touches, each once."""
        found = chain.from_iterable(self.by_day.get(day, ()) for day in _days(slot))
        return list({id(stay): stay for stay in found}.values())

    def in_the_way(self, stay: Stay) -> Stay | None:
        """The first appointment whose own time another one's record takes, besides its own."""
        spare = stay.spare
        if spare is None:
            return None
        return min(
            (other for other in self._near(spare) if other.takes(spare, stay)),
            key=lambda other: (other.own.start, other.appointment),
            default=None,
        )

    def upon(self, stay: Stay) -> abc.Iterator[Stay]:
        """What the plan brings into the spare time of a record that is there."""
        spare = stay.spare
        if spare is None:
            return
        for other in self._near(spare):
            if other.step is not None and other.takes(spare, stay):
                yield other


def see_room(decided: abc.Sequence[Decided], memory: Memory, policy: Policy) -> None:
    """Put what has no room for its spare time into quarantine, and remark on records that have none
    any more.
    """
    for traits in policy.vendors:
        if not traits.capabilities.end_can_be_set:
            _see_room_at(traits, decided, memory)


def _see_room_at(
    traits: Traits,
    decided: abc.Sequence[Decided],
    memory: Memory,
) -> None:
    calendars, longer = _Calendars(), list[Stay]()
    for stay in _stays(traits, decided, memory):
        calendars.add(stay)
        if stay.spare is not None:
            longer.append(stay)
    if not longer:
        return
    # The later ones leave room or not.
    longer.sort(key=lambda stay: (stay.own.start, stay.appointment), reverse=True)
    present = {case.known.id: _present(case, traits) for case, _ in decided}
    longer += _give_way(longer, calendars, present, traits)
    for stay in longer:
        if stay.step is None:
            _tell_of_overlaid(traits.name, stay, calendars)


def _give_way(
    longer: abc.Iterable[Stay],
    calendars: _Calendars,
    present: abc.Mapping[str, Stay | None],
    traits: Traits,
) -> list[Stay]:
    """Leave alone what the plan would bring upon another appointment; returns what then stays where
    it is.
    """
    found: list[Stay] = []
    for stay in longer:
        other = None if stay.step is None else calendars.in_the_way(stay)
        if other is None:
            continue
        _leave_alone(stay, other, traits)
        calendars.remove(stay)
        left = present[stay.appointment]
        if left is not None:
            calendars.add(left)
            found.append(left)
    return found


def _tell_of_overlaid(vendor: str, stay: Stay, calendars: _Calendars) -> None:
    """Remark on what the plan brings into the spare time of a record that is there."""
    for other in calendars.upon(stay):
        if other.steps is not None:
            said = overlaid(vendor, stay.content, stay.booked, stay.remote_id, other.content)
            other.steps.remarks.append((vendor, said))


def _leave_alone(stay: Stay, other: Stay, traits: Traits) -> None:
    """Take an operation out of its steps, into quarantine: it is decided anew as long as the
    appointment is open.
    """
    step, steps = stay.step, stay.steps
    if step is None or steps is None:
        return
    steps.operations.remove(step)
    steps.unfinished = True
    steps.quarantined.append(
        Quarantined(
            vendor=traits.name,
            key=digest([step.id, "room", other.appointment, str(other.own)]),
            reason=no_room(
                traits.name,
                stay.own,
                stay.booked,
                other.own,
                other.remote_id,
                made=isinstance(step, Create),
            ),
            appointment=stay.appointment,
            remote_id=stay.remote_id,
            operation=step,
        )
    )


def _stays(
    traits: Traits,
    decided: abc.Sequence[Decided],
    memory: Memory,
) -> abc.Iterator[Stay]:
    """Everything that will stand at a vendor; of what nothing touches, what stands around it."""
    refused = memory.left_alone
    for case, steps in decided:
        stay = _coming(case, steps, traits, refused)
        if stay is not None:
            yield stay
        yield from _unanswered(case, traits)
    for known in memory.around:
        stay = _untouched(known, traits)
        if stay is not None:
            yield stay


def _coming(case: Case, steps: Planned, traits: Traits, refused: Quarantines) -> Stay | None:
    """Where an appointment will be at a vendor when the plan is carried out; None where it will not
    be there.
    """
    left = _carried_out(steps, traits.name, refused)
    if any(isinstance(operation, Cancel) for operation in left):
        return None
    step = next((o for o in left if isinstance(o, Create) or _PLACE & o.changes.keys()), None)
    if isinstance(step, Create):
        return _made(case, steps, traits, step)
    present = _present(case, traits)
    return present if present is None or step is None else _moved(present, steps, traits, step)


def _carried_out(steps: Planned, vendor: str, refused: Quarantines) -> list[Step]:
    """What the plan does at a vendor, but for what was refused before."""
    own = [one for one in steps.operations if one.vendor == vendor]
    return [one for one in own if not _is_left_alone(one, refused)]


def _is_left_alone(operation: Step, refused: Quarantines) -> bool:
    """Whether an operation was refused before, for whatever reason."""
    names = [operation.id, until_stirred(operation.id), until_corrected(operation.id)]
    if operation.mapping is not None and Field.SLOT in operation.changes:
        names.append(until_elsewhere(operation.appointment, operation.mapping.base.slot))
    return any((operation.vendor, name) in refused for name in names)


def _made(case: Case, steps: Planned, traits: Traits, step: Step) -> Stay:
    """A record that the plan makes: as long as its service says."""
    slot = step.target.slot
    booked = Slot(start=slot.start, end=slot.start + booked_for(case, traits, step.target))
    return replace(_new(case, step.target, traits), booked=booked, step=step, steps=steps)


def _moved(present: Stay, steps: Planned, traits: Traits, step: Step) -> Stay:
    """A record that the plan moves: it stays as long as it is."""
    target, calendar = step.target, present.calendar
    start, length = present.booked.start, present.booked.duration
    if Field.STAFF in step.changes:
        calendar = traits.capabilities.whose_calendar(target)
    if Field.SLOT in step.changes:
        start = target.slot.start
    booked = Slot(start=start, end=start + length)
    own = _own(booked, target.slot.duration)
    return replace(
        present, content=target, calendar=calendar, own=own, booked=booked, step=step, steps=steps
    )


def _present(case: Case, traits: Traits) -> Stay | None:
    """Where its record is now, if it stands."""
    replica, able = case.replicas.get(traits.name), traits.capabilities
    if replica is None or replica.gone or able.ends(replica.content.status):
        return None
    agreed = case.merged.appointment
    return _standing_there(case.known.id, agreed, replica.content, replica.mapping.remote_id, able)


def _untouched(known: Known, traits: Traits) -> Stay | None:
    mapping, able = known.at(traits.name), traits.capabilities
    if mapping is None or able.ends(mapping.base.status):
        return None
    return _standing_there(known.id, known.agreed, mapping.base, mapping.remote_id, able)


def _unanswered(case: Case, traits: Traits) -> abc.Iterator[Stay]:
    """What an earlier create may have made there."""
    for create in case.candidate.open_at(traits.name):
        yield _new(case, create.intended, traits)


def _new(case: Case, content: Appointment, traits: Traits) -> Stay:
    return Stay(
        appointment=case.known.id,
        content=content,
        calendar=traits.capabilities.whose_calendar(content),
        own=content.slot,
        booked=content.slot,
        remote_id=None,
    )


def _standing_there(
    appointment: str, agreed: Appointment, shown: Appointment, remote_id: str, able: Capabilities
) -> Stay:
    return Stay(
        appointment=appointment,
        content=agreed,
        calendar=calendar_of(shown, able),
        own=_own(shown.slot, agreed.slot.duration),
        booked=shown.slot,
        remote_id=remote_id,
    )


def _own(booked: Slot, agreed: timedelta) -> Slot:
    return Slot(start=booked.start, end=min(booked.end, booked.start + agreed))


def _days(slot: Slot) -> list[date]:
    """The days in UTC that it touches."""
    first, last = slot.start.date(), slot.end.date()
    return [first + number * _DAY for number in range((last - first).days + 1)]
