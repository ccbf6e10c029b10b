"""What an Aivapad account can show and take under one configuration, and what it cannot hold."""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Appointment, Field
from syncd.model.capabilities import Ability, Capabilities
from syncd.model.wallclock import WallClock
from syncd.vendors.aivapad.settings import Words
from syncd.vendors.aivapad.slots import holds

_ANYTHING = Ability(seen=True, created=True, updated=True)
_FIELDS = {
    Field.SLOT: _ANYTHING,
    Field.STATUS: Ability(seen=True, updated=True),
    Field.TITLE: _ANYTHING,
    Field.LOCATION: _ANYTHING,
    Field.NOTES: _ANYTHING,
    Field.CLIENTS: _ANYTHING,
}


def capabilities_of(vendor: str, words: Words, wall: WallClock, *, tells_clients: bool) -> Capabilities:
    """The capabilities of one configured account: `words` are its status words, `wall` its clock."""
    return Capabilities(
        tells_clients=tells_clients,
        fields=_FIELDS,
        together=(frozenset(_FIELDS),),
        statuses=words.writable,
        modification_times=True,
        uncancels=words.cancels,
        soft_cancel=words.cancels,
        sets_all_day=True,
        whole_minutes=True,
        wall_clock=True,
        client_parts=frozenset({"first_name", "last_name", "email"}),
        holds_clients=1,
        objection=_objection(vendor, wall),
        holds=_holds(wall),
    )


def _objection(vendor: str, wall: WallClock) -> abc.Callable[[Appointment], str | None]:
    def objection(appointment: Appointment) -> str | None:
        if holds(appointment.slot, wall):
            return None
        why = "this takes longer, or has a time that its clock does not show"
        return f"{vendor} has no date for an end, so it holds what takes less than 24 hours, or one whole day; {why}"

    return objection


def _holds(wall: WallClock) -> abc.Callable[[Field, Appointment], bool]:
    def can_hold(field: Field, appointment: Appointment) -> bool:
        match field:
            case Field.SLOT:
                return holds(appointment.slot, wall)
            case Field.TITLE:
                return bool(appointment.title.strip())
            case Field.CLIENTS:
                first = appointment.clients[:1]
                return any(client.name or client.email.strip() for client in first)
            case Field.SERVICE | Field.STAFF:
                return False
            case _:
                return True

    return can_hold
