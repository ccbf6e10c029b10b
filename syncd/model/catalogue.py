"""The operator's catalogue: what is one service, or one member of staff, at several vendors."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from syncd.model.appointment import UNLISTED, Appointment


class Lengths(StrEnum):
    """What is booked where a vendor's services have lengths of their own and none is as long as the appointment."""

    EXACT = "exact"
    COVER = "cover"


class Group(StrEnum):
    """How a vendor whose records have room for one client keeps a service that several attend together."""

    SEATS = "seats"  # one record for each participant
    ONE = "one"  # one record for all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row: a name, its id at each vendor that has one, for a service its duration; `default` breaks ties.

    Services may share a name, one row a duration. `generic` rows may stand in for a service that nobody knows.
    What takes whole days of a `busy` one is blocked time where a vendor has that. `group` says how a class is kept
    where a record has room for one client; None: nobody said that it is one.
    """

    name: str
    ids: abc.Mapping[str, Any]
    duration: timedelta | None = None
    default: bool = False
    generic: bool = False
    busy: bool = False
    group: Group | None = None

    def fits(self, duration: timedelta) -> bool:
        """Whether an appointment of this length may be this service; a row without a duration fits any."""
        return self.duration is None or self.duration == duration


@dataclass(frozen=True, slots=True)
class Missing:
    """Why no row serves an appointment at a vendor: a sentence that names the way out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows of `[[services]]` and `[[staff]]`, and what `[sync]` says of lengths that none of them has."""

    services: tuple[Entry, ...] = ()
    staff: tuple[Entry, ...] = ()
    lengths: Lengths = Lengths.EXACT

    @property
    def seated(self) -> frozenset[str]:
        """The names of the services that are kept as one record for each participant."""
        return frozenset(row.name for row in self.services if row.group is Group.SEATS)

    def service_name(self, vendor: str, remote: Any, duration: timedelta) -> str | None:
        """The service that a vendor shows by the id `remote`: a name, `#<id>` for an id without a row, None for no id.

        Of several rows with that id, the one with the duration counts.
        """
        if remote is None or remote == "":
            return None
        rows = [row for row in self.services if _same_id(row.ids.get(vendor), remote)]
        fitting = [row for row in rows if row.duration == duration] or [row for row in rows if row.duration is None]
        chosen = _first(fitting) or _first(rows)
        return chosen.name if chosen else f"{UNLISTED}{remote}"

    def staff_name(self, vendor: str, remote: Any) -> str | None:
        """The member of staff that a vendor shows by the id `remote`: a name, `#<id>`, or None for no id.

        An id may be a table (`{provider = 1, location = 1}`): every key that the row gives must be equal.
        """
        if remote is None or remote == "":
            return None
        chosen = _first([row for row in self.staff if _same_id(row.ids.get(vendor), remote)])
        if chosen:
            return chosen.name
        shown = ",".join(str(part) for part in remote.values()) if isinstance(remote, abc.Mapping) else remote
        return f"{UNLISTED}{shown}"

    def service_at(self, vendor: str, appointment: Appointment) -> Any | Missing:
        """The id under which the vendor knows the appointment's service, for a create; `Missing` with the reason."""
        row = self.row_at(vendor, appointment)
        return row if isinstance(row, Missing) else row.ids[vendor]

    def row_at(self, vendor: str, appointment: Appointment, *, decides_length: bool = False) -> Entry | Missing:
        """The row by which the vendor would book the appointment; it has an id there. `Missing` with the reason.

        `decides_length` says that what is booked there is as long as its service. Then the row is as long as the
        appointment or says nothing of that, or is the shortest that covers it where that will do (`Lengths.COVER`):
        never a shorter one, and of the appointment's own service alone.
        """
        if appointment.service is None:
            return self._row_for_unknown(vendor, appointment.slot.duration)
        name, length = appointment.service, appointment.slot.duration
        named = [row for row in self.services if row.name == name]
        there = [row for row in named if vendor in row.ids]
        if not named:
            return Missing(f"service {name} is in no [[services]] row: add its id to one")
        if not there:
            return Missing(f"service '{name}' has no id for {vendor}: add ids.{vendor} to its [[services]] row")
        covering = _covering(there, length)
        chosen = _first(_as_long(there, length))
        if chosen is None and (self.lengths is Lengths.COVER or not decides_length):
            chosen = covering
        if chosen is None and not decides_length:  # the vendor is told how long; any row of the service names it
            chosen = _first(there)
        return chosen or self._unfit(f"[[services]] row of '{name}' with an id for {vendor}", length, covering)

    def staff_at(self, vendor: str, appointment: Appointment) -> Any | Missing:
        """The id under which the vendor knows the appointment's staff; the default row serves where it is unknown."""
        named = [row for row in self.staff if row.name == appointment.staff]
        row = _first([*named, *(row for row in self.staff if row.default)])
        if row is None:
            return Missing("its staff is unknown and no [[staff]] row is the default: mark one with default = true")
        if vendor not in row.ids:
            return Missing(f"staff '{row.name}' has no id for {vendor}: add ids.{vendor} to its [[staff]] row")
        return row.ids[vendor]

    def _row_for_unknown(self, vendor: str, length: timedelta) -> Entry | Missing:
        """By its length alone: the row that has it, of several the default, else a generic one that covers it."""
        rows = [row for row in self.services if row.fits(length)]
        exact = [row for row in rows if row.duration is not None]
        for some in ([row for row in rows if row.default], exact, rows):
            if len(some) == 1:
                return _known_at(vendor, some[0])
        if rows:
            return Missing(f"several [[services]] rows fit {minutes_of(length)}: mark one with default = true")
        generic = [row for row in self.services if row.generic and vendor in row.ids]
        covering = _covering(generic, length)
        if covering is not None and self.lengths is Lengths.COVER:
            return covering
        return self._unfit("[[services]] row", length, covering, generic=True)

    def _unfit(self, what: str, length: timedelta, covering: Entry | None, *, generic: bool = False) -> Missing:
        """Why no row will do; `covering` is one that would, if lengths need not be exact."""
        way = "add one, or one without a duration" + ("" if generic else " (rows may share a name)")
        if self.lengths is Lengths.COVER:
            marked = " that is marked generic = true" if generic else ""
            return Missing(f"no {what} fits {minutes_of(length)}, and none{marked} covers it: {way}")
        if covering is not None:
            way += ', or set lengths = "cover" in [sync] for the shortest that covers it'
        return Missing(f"no {what} fits {minutes_of(length)}: {way}")


def minutes_of(length: timedelta) -> str:
    """A length in words."""
    return f"{length.total_seconds() / 60:g} minutes"


def _known_at(vendor: str, row: Entry) -> Entry | Missing:
    if vendor in row.ids:
        return row
    return Missing(f"service '{row.name}' has no id for {vendor}: add ids.{vendor} to its [[services]] row")


def _as_long(rows: list[Entry], length: timedelta) -> list[Entry]:
    return [row for row in rows if row.duration == length] or [row for row in rows if row.duration is None]


def _covering(rows: list[Entry], length: timedelta) -> Entry | None:
    longer = [row for row in rows if row.duration is not None and row.duration >= length]
    return min(longer, key=lambda row: row.duration or length, default=None)


def _first(rows: list[Entry]) -> Entry | None:
    return rows[0] if rows else None


def _same_id(configured: Any, remote: Any) -> bool:
    if configured is None:
        return False
    if isinstance(configured, abc.Mapping):
        return isinstance(remote, abc.Mapping) and all(_same_id(v, remote.get(k)) for k, v in configured.items())
    return str(configured) == str(remote)
