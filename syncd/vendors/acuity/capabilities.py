"""What Acuity can show and take under one configuration, and why an appointment could not be booked there."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from syncd.model.appointment import UNLISTED, Appointment, Field, Status
from syncd.model.capabilities import Ability, Capabilities
from syncd.model.catalogue import Catalogue, Missing
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
        """The appointment type for a create."""
        return self._number(self.catalogue.service_at(self.vendor, appointment), "services")

    def calendar(self, appointment: Appointment) -> str | Missing:
        """The calendar for a create: that of the staff, else the only one that is synced."""
        found = self._number(self.catalogue.staff_at(self.vendor, appointment), "staff")
        only = self.calendar_ids if self.calendar_ids is not None and len(self.calendar_ids) == 1 else ()
        if isinstance(found, Missing):
            return only[0] if only else found
        return self._synced(found)

    def calendar_of(self, staff: str | None) -> str | None:
        """The calendar of a named member of staff, if that is one we sync; the default row does not stand in."""
        row = next((row for row in self.catalogue.staff if row.name == staff and self.vendor in row.ids), None)
        found = self._number(row.ids[self.vendor], "staff") if row else None
        checked = self._synced(found) if isinstance(found, str) else None
        return checked if isinstance(checked, str) else None

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


def capabilities_of(places: Places, people: People) -> Capabilities:
    """The capabilities of one configured account."""
    return Capabilities(
        fields=_FIELDS,
        together=(
            frozenset({Field.SLOT, Field.STAFF}),
            frozenset({Field.CLIENTS, Field.NOTES}),
            frozenset({Field.STATUS}),
        ),
        statuses=frozenset({Status.CANCELLED, Status.NO_SHOW}),
        availability_check=True,
        webhooks=True,
        sets_end=False,
        whole_minutes=True,
        objection=_objection(places, people),
        holds=_holds(places),
        lists=places.lists,
    )


def _objection(places: Places, people: People) -> abc.Callable[[Appointment], str | None]:
    def objection(appointment: Appointment) -> str | None:
        vendor = places.vendor
        if appointment.slot.all_day or appointment.slot.duration > _LONGEST:
            return f"{vendor} books appointment types of some minutes; it has no place for one that takes whole days"
        for found in (places.service(appointment), places.calendar(appointment)):
            if isinstance(found, Missing):
                return found.reason
        lacking = people.lacking(appointment.clients)
        if not lacking:
            return None
        what = "no client" if not appointment.clients else f"a client without {' and '.join(lacking)}"
        return f"it has {what}, which {vendor} requires: add client = {{ … }} to [vendors.{vendor}]"

    return objection


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
