"""What Acuity can show and take under one configuration, and why an appointment could not be booked there."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from syncd.model.appointment import UNLISTED, Appointment, Field, Status
from syncd.model.capabilities import Ability, Capabilities, EndFrom
from syncd.model.catalogue import Catalogue, Entry, Missing
from syncd.vendors.acuity.people import People

_FIELDS = {
    Field.SLOT: Ability(seen=True, created=True, updated=True),
    Field.STATUS: Ability(seen=True, updated=True),
    Field.LOCATION: Ability(seen=True),
    Field.NOTES: Ability(seen=True, created=True, updated=True),
    Field.CLIENTS: Ability(seen=True, created=True, updated=True),
    Field.SERVICE: Ability(seen=True, created=True),
    Field.STAFF: Ability(seen=True, created=True, updated=True),
}
_LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Places:
    """Where in Acuity an appointment goes: its appointment type and its calendar, both by id (digits)."""

    vendor: str
    catalogue: Catalogue
    calendar_ids: tuple[str, ...] | None

    def service(self, appointment: Appointment) -> str | Missing:
        """The appointment type for a create: what is booked is as long as its type."""
        row = self._row(appointment)
        return self._number(row if isinstance(row, Missing) else row.ids[self.vendor], "services")

    def length(self, appointment: Appointment) -> timedelta | None:
        """How long the appointment would be booked for, as far as the catalogue knows."""
        row = self._row(appointment)
        return None if isinstance(row, Missing) else row.duration

    def calendar(self, appointment: Appointment) -> str | Missing:
        """The calendar for a create: that of the staff, else the only one that is synced."""
        found = self._number(self.catalogue.staff_at(self.vendor, appointment), "staff")
        only = self.calendar_ids if self.calendar_ids is not None and len(self.calendar_ids) == 1 else ()
        if isinstance(found, Missing):
            return only[0] if only else found
        return self._synced(found)

    def whose_calendar(self, appointment: Appointment) -> str | None:
        """The calendar in which it is, or would be booked, as far as the catalogue tells."""
        found = self.calendar_of(appointment.staff) or self.calendar(appointment)
        return None if isinstance(found, Missing) else found

    def calendar_of(self, staff: str | None) -> str | None:
        """The calendar of a named member of staff, if that is one we sync; the default row does not stand in."""
        row = next((row for row in self.catalogue.staff if row.name == staff and self.vendor in row.ids), None)
        found = self._number(row.ids[self.vendor], "staff") if row else None
        checked = self._synced(found) if isinstance(found, str) else None
        return checked if isinstance(checked, str) else None

    def _row(self, appointment: Appointment) -> Entry | Missing:
        return self.catalogue.row_at(self.vendor, appointment, decides_length=True)

    def lists(self, appointment: Appointment) -> bool:
        """Whether the record with these values is in a calendar that is synced, as far as its staff tells."""
        staff = appointment.staff
        if self.calendar_ids is None or staff is None:
            return True
        if staff.startswith(UNLISTED):
            return staff.removeprefix(UNLISTED) in self.calendar_ids
        rows = [row for row in self.catalogue.staff if row.name == staff and self.vendor in row.ids]
        return not rows or any(str(row.ids[self.vendor]) in self.calendar_ids for row in rows)

    def _synced(self, calendar: str) -> str | Missing:
        if self.calendar_ids is None or calendar in self.calendar_ids:
            return calendar
        return Missing(f"calendar {calendar} of its [[staff]] row is not among calendar_ids of {self.vendor}: add it")

    def _number(self, found: Any, table: str) -> str | Missing:
        if isinstance(found, Missing) or (isinstance(found, int | str) and str(found).isdecimal()):
            return found if isinstance(found, Missing) else str(found)
        return Missing(f"ids.{self.vendor} of its [[{table}]] row is no number: write the one that Acuity shows")


def capabilities_of(places: Places, people: People, *, tells_clients: bool) -> Capabilities:
    """The capabilities of one configured account."""
    return Capabilities(
        tells_clients=tells_clients,
        fields=_FIELDS,
        together=(
            frozenset({Field.SLOT, Field.STAFF}),
            frozenset({Field.CLIENTS, Field.NOTES}),
            frozenset({Field.STATUS}),
        ),
        statuses=frozenset({Status.CANCELLED, Status.NO_SHOW}),
        ending=frozenset({Status.NO_SHOW}),
        end_from=EndFrom.TYPE,
        whole_minutes=True,
        holds_clients=1,
        blocks=True,
        objection=_objection(places, people),
        objection_again=_objection_again(places, people),
        books=places.length,
        whose_calendar=places.whose_calendar,
        holds=_holds(places),
        lists=places.lists,
    )


def as_it_was(appointment: Appointment, was: Appointment) -> bool:
    """Whether a record that has ended would do for the appointment, were it booked again: its length, its service."""
    return appointment.slot.duration == was.slot.duration and appointment.service in (None, was.service)


def _objection_again(places: Places, people: People) -> abc.Callable[[Appointment, Appointment], str | None]:
    def objection(appointment: Appointment, was: Appointment) -> str | None:
        return _why_not(places, people, appointment, typed=as_it_was(appointment, was))

    return objection


def _objection(places: Places, people: People) -> abc.Callable[[Appointment], str | None]:
    def objection(appointment: Appointment) -> str | None:
        return _why_not(places, people, appointment, typed=False)

    return objection


def _why_not(places: Places, people: People, appointment: Appointment, *, typed: bool) -> str | None:
    """Why it could not be booked; `typed` says that its type is known, whatever the catalogue says."""
    vendor = places.vendor
    if appointment.slot.all_day or appointment.slot.duration > _LONGEST:
        return f"{vendor} books appointment types of some minutes; it has no place for one that takes whole days"
    for found in (*(() if typed else (places.service(appointment),)), places.calendar(appointment)):
        if isinstance(found, Missing):
            return found.reason
    lacking = people.lacking(appointment.clients)
    if not lacking:
        return None
    what = "no client" if not appointment.clients else f"a client without {' and '.join(lacking)}"
    return f"it has {what}, which {vendor} requires: add client = {{ … }} to [vendors.{vendor}]"


def _holds(places: Places) -> abc.Callable[[Field, Appointment], bool]:
    def holds(field: Field, appointment: Appointment) -> bool:
        match field:
            case Field.CLIENTS:
                return bool(appointment.clients)
            case Field.STAFF:
                return places.calendar_of(appointment.staff) is not None
            case Field.SERVICE:
                listed = appointment.service is not None and not appointment.service.startswith(UNLISTED)
                return listed and not isinstance(places.service(appointment), Missing)
            case Field.SLOT:
                return not appointment.slot.all_day
            case _:
                return True

    return holds
