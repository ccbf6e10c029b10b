"""The operator's catalogue: what is one service, or one member of staff, at several vendors."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from syncd.model.appointment import UNLISTED, Appointment


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row: a name, its id at each vendor that has one, for a service its duration; `default` breaks ties."""

    name: str
    ids: abc.Mapping[str, Any]
    duration: timedelta | None = None
    default: bool = False

    def fits(self, duration: timedelta) -> bool:
        """Whether an appointment of this length may be this service; a row without a duration fits any."""
        return self.duration is None or self.duration == duration


@dataclass(frozen=True, slots=True)
class Missing:
    """Why no row serves an appointment at a vendor: a sentence that names the way out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows of `[[services]]` and `[[staff]]`."""

    services: tuple[Entry, ...] = ()
    staff: tuple[Entry, ...] = ()

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
        row = self._service_row(appointment)
        if isinstance(row, Missing):
            return row
        if vendor not in row.ids:
            return Missing(f"service '{row.name}' has no id for {vendor}: add ids.{vendor} to its [[services]] row")
        return row.ids[vendor]

    def staff_at(self, vendor: str, appointment: Appointment) -> Any | Missing:
        """The id under which the vendor knows the appointment's staff; the default row serves where it is unknown."""
        named = [row for row in self.staff if row.name == appointment.staff]
        row = _first([*named, *(row for row in self.staff if row.default)])
        if row is None:
            return Missing("its staff is unknown and no [[staff]] row is the default: mark one with default = true")
        if vendor not in row.ids:
            return Missing(f"staff '{row.name}' has no id for {vendor}: add ids.{vendor} to its [[staff]] row")
        return row.ids[vendor]

    def _service_row(self, appointment: Appointment) -> Entry | Missing:
        name = appointment.service
        if name is not None:
            row = _first([row for row in self.services if row.name == name])
            return row or Missing(f"service {name} is in no [[services]] row: add its id to one")
        length = appointment.slot.duration
        rows = [row for row in self.services if row.fits(length)]
        exact = [row for row in rows if row.duration is not None]
        for chosen in ([row for row in rows if row.default], exact, rows):
            if len(chosen) == 1:
                return chosen[0]
        minutes = f"{length.total_seconds() / 60:g} minutes"
        if rows:
            return Missing(f"several [[services]] rows fit {minutes}: mark one with default = true")
        return Missing(f"no [[services]] row fits {minutes}: add one, or one without a duration")


def _first(rows: list[Entry]) -> Entry | None:
    return rows[0] if rows else None


def _same_id(configured: Any, remote: Any) -> bool:
    if configured is None:
        return False
    if isinstance(configured, abc.Mapping):
        return isinstance(remote, abc.Mapping) and all(_same_id(v, remote.get(k)) for k, v in configured.items())
    return str(configured) == str(remote)
