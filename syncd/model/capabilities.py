"""What a vendor can show, take and promise. Reconciliation asks this, never a vendor's name."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from syncd.model.appointment import ALL_FIELDS, Appointment, Field, Status
from syncd.model.revision import Revisions


@dataclass(frozen=True, slots=True)
class Ability:
    """What a vendor does with one field: whether it can be seen, set on create, updated."""

    seen: bool = False
    created: bool = False
    updated: bool = False


class EndFrom(StrEnum):
    """What a vendor makes the end of a record of."""

    OWN = "own"  # what it is given
    TYPE = "type"  # its service or appointment type


NOTHING = Ability()


CalendarDay = tuple[date, str]
"""A day of somebody's calendar."""


def _no_objection(_: Appointment) -> str | None:
    return None


def _as_long_as_it_is(_: Appointment) -> timedelta | None:
    return None


def _of_its_staff(appointment: Appointment) -> str | None:
    return appointment.staff


def _lists_all(_: Appointment) -> bool:
    return True


def _holds_all(_field: Field, _appointment: Appointment) -> bool:
    return True


def _tells_of_nobody(_: Appointment) -> bool | None:
    return None


def _seats_nobody(_appointment: Appointment) -> bool:
    return False


def _shifts_nothing(_appointment: Appointment) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Everything that reconciliation may know of a vendor.

    `fields` says what it does with each field; one that is not named, it has not.
    `together` are the groups of fields that one write can carry; every updatable field but the status of a cancel is
    in exactly one. `statuses` are those that a write can set; `ending` those besides cancelled in which a record does
    not stand there any more, so that it is moved no more and comes back from them only where it `uncancels`.
    `create_statuses` are those with which a record can be made; `soft_cancel`: a cancelled record stays, and is not
    deleted.
    `revisions` says what tells the states of a record apart; a write that names another one is refused;
    `modification_times`: it tells when it was written last.
    `whole_minutes`: seconds are dropped; `sets_all_day`: a record may be of whole days.
    `client_parts` are the attributes of a client that it shows, `holds_clients` how many clients one record has
    room for (None: any number). `objection(appointment)` says why this appointment could not be created there (None: it
    could); `objection_again(appointment, was)` the same where its own record, of these values, has ended and is to be
    made again as it was. `books(appointment)` says how long a record made of it would be there, where that is not for
    us to say (None: as long as the appointment). `holds(field, appointment)` says whether it could take that
    appointment's value of the field at all.
    `seats(appointment)` says whether it has a record for each participant of this one, which are one record to us: that
    has room for any number. `ends_seats`: of several clients of a record it can take one out although it cannot be
    given others. `adds_seats`: a record of a class can be given one more, by a request that must not be repeated.
    `end_from` says whose the end of a record is: ours to say, or the vendor's, which makes it of its service or type,
    whatever is asked for. The end that it shows is true either way.
    `wall_clock`: its times are those of a clock on the wall, whose zone the configuration names.
    `whose_calendar(appointment)` names the calendar in which a record with these values is, or would be made (None:
    nobody knows).
    `lists(appointment)` says whether a listing of its has a record with these values, as far as parts of it go that
    the configuration leaves out (another calendar): such a record is there and out of sight.
    `calendar_day(appointment)` is there where the starts that are free depend on the appointments around: the day on
    the vendor's clock, and whose day it is. What is made latest first in such a day leaves most starts free.
    `shifts(appointment)` says whether other starts than before would be free behind this one.
    `tells_clients`: as it is configured, its clients may be mailed about every change.
    `blocks`: it has blocked time, in which nobody can book, and lets it be made and removed.
    `are_themselves(appointment)` says whether its clients would be themselves in a record made there, as far as is
    known without asking: not where the vendor has somebody else under their address (None: nobody knows).
    """

    fields: abc.Mapping[Field, Ability]
    together: tuple[frozenset[Field], ...] = ()
    statuses: frozenset[Status] = frozenset()
    ending: frozenset[Status] = frozenset()
    create_statuses: frozenset[Status] = frozenset({Status.SCHEDULED})
    revisions: Revisions = Revisions.NONE
    modification_times: bool = False
    uncancels: bool = False
    soft_cancel: bool = True
    end_from: EndFrom = EndFrom.OWN
    sets_all_day: bool = False
    whole_minutes: bool = False
    wall_clock: bool = False
    tells_clients: bool = False
    client_parts: frozenset[str] = frozenset({"first_name", "last_name", "email", "phone"})
    holds_clients: int | None = None
    ends_seats: bool = False
    blocks: bool = False
    adds_seats: bool = False
    seats: abc.Callable[[Appointment], bool] = field(default=_seats_nobody, compare=False)
    calendar_day: abc.Callable[[Appointment], CalendarDay] | None = field(default=None, compare=False)
    shifts: abc.Callable[[Appointment], bool] = field(default=_shifts_nothing, compare=False)
    are_themselves: abc.Callable[[Appointment], bool | None] = field(default=_tells_of_nobody, compare=False)
    objection: abc.Callable[[Appointment], str | None] = field(default=_no_objection, compare=False)
    objection_again: abc.Callable[[Appointment, Appointment], str | None] | None = field(default=None, compare=False)
    books: abc.Callable[[Appointment], timedelta | None] = field(default=_as_long_as_it_is, compare=False)
    whose_calendar: abc.Callable[[Appointment], str | None] = field(default=_of_its_staff, compare=False)
    holds: abc.Callable[[Field, Appointment], bool] = field(default=_holds_all, compare=False)
    lists: abc.Callable[[Appointment], bool] = field(default=_lists_all, compare=False)

    @property
    def guards_writes(self) -> bool:
        """Whether a write is refused where the record is not as it was when it was read."""
        return self.revisions is not Revisions.NONE

    @property
    def end_can_be_set(self) -> bool:
        """Whether the end of a record is what it is given."""
        return self.end_from is EndFrom.OWN

    @property
    def sets_length(self) -> bool:
        """Whether people give its records their length, rather than a service or a type."""
        return self.end_can_be_set and self.ability(Field.SLOT).updated

    def room(self, appointment: Appointment) -> int | None:
        """For how many clients its record of an appointment has room; None: for any number."""
        return None if self.holds_clients is not None and self.seats(appointment) else self.holds_clients

    def ability(self, of: Field) -> Ability:
        """What it does with one field."""
        return self.fields.get(of, NOTHING)

    def ends(self, status: Status) -> bool:
        """Whether a record of this status does not stand there: it is cancelled, or in a word that comes to that."""
        return not status.live or status in self.ending

    def objects(self, appointment: Appointment, was: Appointment | None = None) -> str | None:
        """Why an appointment could not be created there; `was` is what its own record there was that has ended."""
        if was is None or self.objection_again is None:
            return self.objection(appointment)
        return self.objection_again(appointment, was)

    @property
    def seen(self) -> frozenset[Field]:
        """The fields that a whole record of it shows."""
        return frozenset(name for name in ALL_FIELDS if self.ability(name).seen)
