"""When two values of a field are the same, as far as a vendor can tell.

Sameness here is about *writing*: a difference that a vendor cannot hold is none. Who wins is
`merge`.
"""

from __future__ import annotations

from collections import abc
from typing import Any

from syncd.compare.addresses import addresses
from syncd.compare.people import alike_in
from syncd.compare.phones import numbers, same_numbers
from syncd.model.appointment import TEXTS, Appointment, Client, Field, normal_text
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.times import Slot, minute_of

GRIDS = (5, 10, 15, 30, 60)
"""Minutes to whose multiples a vendor may round a start."""


def same_value(field: Field, one: Any, other: Any) -> bool:
    """Whether two vendors mean the same by two values.

    Blanks around a text, and the form of an e-mail address or a phone number do not count.
    """
    if one == other:
        return True
    match field:
        case Field.SLOT:
            return bool(one.covers(other))
        case Field.CLIENTS:
            return len(one) == len(other) and all(
                _same_client(a, b) for a, b in zip(one, other, strict=True)
            )
        case Field.TITLE | Field.LOCATION | Field.NOTES:
            return bool(one.strip() == other.strip())
        case _:
            return False


def differs(field: Field, base: Appointment, content: Appointment) -> bool:
    """Whether a record's field is another than its base's.

    An appointment has a client: a record that shows none any more does not say who it is instead.
    And nobody types half a character: a text that came damaged does not say what it is instead.
    """
    if field is Field.CLIENTS and not content.clients:
        return False
    if field is Field.SLOT:
        return base.slot != content.slot
    return not same_value(field, base.get(field), content.get(field)) and not content.damaged(field)


def is_known(field: Field, mapping: Mapping) -> bool:
    """Whether the base says what the record held. A text that was never shown counts as empty: some
    leave out those.
    """
    return field in mapping.shows or (field in TEXTS and not mapping.base.get(field))


def same_at(field: Field, one: Appointment, other: Appointment, capabilities: Capabilities) -> bool:
    """Whether a vendor of these capabilities could not show the difference between two values of a
    field.
    """
    if one.get(field) == other.get(field):
        return True
    if field is Field.SLOT:
        return same_slot_at(one.slot, other.slot, capabilities)
    if field is Field.CLIENTS:
        parts = capabilities.client_parts
        return shown_clients(one.clients, parts) == shown_clients(other.clients, parts)
    return same_value(field, one.get(field), other.get(field))


def same_slot_at(one: Slot, other: Slot, capabilities: Capabilities) -> bool:
    """Whether two slots are one to a vendor that may drop seconds, or makes the end of its service
    or type.
    """
    if capabilities.sets_all_day and one.all_day != other.all_day:
        return False
    ends = capabilities.end_can_be_set
    return same_times(one, other, whole_minutes=capabilities.whole_minutes, ends=ends)


def same_times(one: Slot, other: Slot, *, whole_minutes: bool, ends: bool) -> bool:
    """Whether two slots are one where seconds do not count, or ends do not."""
    if whole_minutes:
        same_end = minute_of(one.end) == minute_of(other.end)
        return one.minute == other.minute and (same_end or not ends)
    return one.start == other.start and (one.end == other.end or not ends)


def shown_clients(clients: tuple[Client, ...], parts: abc.Set[str]) -> tuple[tuple[str, ...], ...]:
    """Clients as a vendor shows them that knows these parts of a client, in a comparable form."""
    return tuple(
        tuple(_normal_part(part, getattr(client, part)) for part in sorted(parts))
        for client in clients
    )


def resembles(field: Field, shown: Any, intended: Any) -> bool:
    """Whether a shown value may be what a vendor made of an intended one: trimmed, re-cased,
    reformatted, cut short.

    For the fields that decide, only the same start (or one that it was rounded to), or the same
    status, will do.

    Vendors reformat numbers and keep blanks in names (Acuity, recorded: field-notes), and trim
    texts (CalDAV servers, measured). That one cuts a long text short is documented by their limits
    alone: Amelia refuses what is too long (amelia-measured).
    """
    match field:
        case Field.SLOT:
            return bool(shown.minute == intended.minute) or rounded(shown, intended)
        case Field.TITLE | Field.LOCATION | Field.NOTES:
            one, other = normal_text(shown), normal_text(intended)
            return other.startswith(one) if one else not other
        case Field.CLIENTS:
            return not intended or all(
                any(_made_of(one, other) for other in intended) for one in shown
            )
        case _:
            return bool(shown == intended)


def rounded(shown: Slot, intended: Slot) -> bool:
    """Whether a start may be what a vendor that keeps full 5, 10, 15, 30 or 60 minutes made of an
    intended one.

        09:00 a move to 16:07 is written; read back, the record is at 16:10: that is no edit
        09:05 the next cycle shows 16:10 still, and nothing is written again

    No vendor is documented to round. Amelia has such a grid and refuses what is off it
    (amelia-measured, failure 2). It guards a vendor that does round: taken for a person's move,
    16:10 would be carried to all others, and 16:07, which somebody typed, be lost.
    """
    return on_grid(shown.minute, intended.minute)


def on_grid(shown: int, intended: int, kept: abc.Iterable[int] = ()) -> bool:
    """Whether a minute may be what such a vendor made of an intended one; all in minutes since
    1970.

    `kept` are minutes that the vendor keeps as they are: it rounds to nothing that would not leave
    them so. A record that starts at 16:05 is no proof of a grid of 30 minutes, and its end, asked
    for as 16:40, was not rounded to 17:00. The source is that of `rounded`: none, but for a grid
    that refuses.
    """
    grids = [grid for grid in GRIDS if not any(minute % grid for minute in kept)]
    off = abs(shown - intended)
    return any(_is_rounded(shown, intended, grid) and off < grid for grid in grids)


def _is_rounded(shown: int, intended: int, grid: int) -> bool:
    return shown % grid == 0 and intended % grid != 0


def _made_of(shown: Client, intended: Client) -> bool:
    """Whether a vendor may have made this of an intended client; what one of them lacks is no
    difference.
    """
    mine, name = normal_text(shown.name), normal_text(intended.name)
    same_first = normal_text(shown.first_name) == normal_text(intended.first_name)
    named = not name or name.startswith(mine) or (same_first and not intended.last_name.strip())
    return named and all(alike_in(shown, intended).values())


def _same_client(one: Client, other: Client) -> bool:
    return (
        one.name == other.name
        and (one.email == other.email or addresses(one.email) == addresses(other.email))
        and (one.digits == other.digits or same_numbers(one.phone, other.phone))
    )


def _normal_part(part: str, value: str) -> str:
    """A part of a client in a form in which all of its writings are one."""
    match part:
        case "email":
            return ", ".join(sorted(addresses(value)))
        case "phone":
            return ", ".join(sorted(map(str, {number.said for number in numbers(value)})))
        case _:
            return normal_text(value)
