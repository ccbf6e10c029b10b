"""What an Amelia site can show and take under one configuration, and where an appointment goes there."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.capabilities import Ability, CalendarDay, Capabilities, EndFrom
from syncd.model.catalogue import Catalogue, Missing
from syncd.model.wallclock import WallClock

_FIELDS = {
    Field.SLOT: Ability(seen=True, created=True, updated=True),
    Field.STATUS: Ability(seen=True, created=True, updated=True),
    Field.NOTES: Ability(seen=True, created=True, updated=True),
    Field.CLIENTS: Ability(seen=True, created=True),
    Field.SERVICE: Ability(seen=True, created=True),
    Field.STAFF: Ability(seen=True, created=True),
}
_MINUTE, _LONGEST = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new appointment goes: Amelia's service, and `providerId` with or without `locationId`."""

    service: int
    staff: abc.Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Places:
    """Where at one configured site an appointment goes, and which it could not take.

    `has_placeholder` says that a customer stands in for a missing client, `step` how far apart it offers starts.
    `are_themselves` says of clients whether the customers that were met with their addresses are they.
    """

    vendor: str
    catalogue: Catalogue
    wall: WallClock
    has_placeholder: bool
    step: abc.Callable[[], timedelta]
    are_themselves: abc.Callable[[abc.Sequence[Client]], bool | None]

    def clients_are_themselves(self, appointment: Appointment) -> bool | None:
        """Whether the clients' addresses are their own there, as far as customers were met."""
        return self.are_themselves([client for client in appointment.clients if not client.empty])

    def objection(self, appointment: Appointment) -> str | None:
        """Why this appointment could not be created there; None where it could."""
        place = self.place(appointment)
        without = not self.has_placeholder and all(client.empty for client in appointment.clients)
        if reason := self._unfit(appointment):
            return reason
        if without:
            return f"it has no client, which {self.vendor} requires: set customer_id in [vendors.{self.vendor}]"
        return place.reason if isinstance(place, Missing) else None

    def calendar_day(self, appointment: Appointment) -> CalendarDay:
        """The employee's local day: its free starts begin anew at the end of each of its appointments."""
        staff = self._staff(appointment)
        whose = appointment.staff or "" if isinstance(staff, Missing) else str(staff["providerId"])
        return self.wall.local(appointment.slot.start).date(), whose

    def shifts(self, appointment: Appointment) -> bool:
        """Whether its end is no start of the grid that its own start is of: for the rest of the day, or longer."""
        return bool(appointment.slot.duration % self.step())

    def holds(self, field: Field, appointment: Appointment) -> bool:
        """Whether it could take the appointment's value of a field at all."""
        match field:
            case Field.SLOT:
                return self._unfit(appointment) is None
            case Field.CLIENTS:
                return any(not client.empty for client in appointment.clients)
            case Field.SERVICE:
                return appointment.service is not None and isinstance(self._service(appointment), int)
            case Field.STAFF:
                rows = (row for row in self.catalogue.staff if row.name == appointment.staff)
                return any(self.vendor in row.ids for row in rows)
            case _:
                return True

    def place(self, appointment: Appointment) -> Place | Missing:
        """Where the appointment would be created, by the catalogue."""
        service, staff = self._service(appointment), self._staff(appointment)
        if isinstance(service, Missing):
            return service
        return staff if isinstance(staff, Missing) else Place(service, staff)

    def _unfit(self, appointment: Appointment) -> str | None:
        slot = appointment.slot
        if slot.all_day or slot.duration > _LONGEST:
            return f"{self.vendor} books services of some minutes; it has no place for one that takes whole days"
        if slot.duration % _MINUTE:
            return f"it takes no whole number of minutes, which {self.vendor} cannot show"
        return None

    def _service(self, appointment: Appointment) -> int | Missing:
        found = self.catalogue.service_at(self.vendor, appointment)
        if isinstance(found, Missing):
            return found
        number = _number(found)
        if number is None:
            return Missing(f"ids.{self.vendor} of its [[services]] row is no number: write the one that Amelia shows")
        return number

    def _staff(self, appointment: Appointment) -> abc.Mapping[str, int] | Missing:
        found = self.catalogue.staff_at(self.vendor, appointment)
        if isinstance(found, Missing):
            return found
        table = found if isinstance(found, abc.Mapping) else {"provider": found}
        provider, location = _number(table.get("provider")), _number(table.get("location"))
        if provider is None or (location is None and table.get("location") is not None):
            shape = "{ provider = 1, location = 1 }"
            return Missing(
                f"ids.{self.vendor} of its [[staff]] row must be {shape}, with the numbers that Amelia shows"
            )
        return {"providerId": provider} | ({} if location is None else {"locationId": location})


def capabilities_of(places: Places, *, tells_clients: bool) -> Capabilities:
    """The capabilities of one configured site."""
    return Capabilities(
        tells_clients=tells_clients,
        fields=_FIELDS,
        together=(frozenset({Field.SLOT, Field.NOTES, Field.STATUS}),),
        statuses=frozenset({Status.PENDING, Status.SCHEDULED, Status.CANCELLED, Status.NO_SHOW}),
        create_statuses=frozenset({Status.PENDING, Status.SCHEDULED}),
        uncancels=True,
        soft_cancel=True,
        ends_seats=True,
        adds_seats=True,
        end_from=EndFrom.OWN,
        whole_minutes=True,
        wall_clock=True,
        calendar_day=places.calendar_day,
        shifts=places.shifts,
        objection=places.objection,
        are_themselves=places.clients_are_themselves,
        holds=places.holds,
    )


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdecimal():
        return None
    return int(value)
