"""What a change says to others: equal changes, the one of them that says most, and what it leaves of the agreed value.

A vendor that shows only a part of a value (no end of its own, no phone numbers) decides that part alone. Clients are
merged part by part: only two changes of one name, e-mail or phone number are a conflict.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from typing import Any

from syncd.compare.sameness import same_value, shown_clients
from syncd.model.appointment import Appointment, Client, Field
from syncd.model.capabilities import Capabilities
from syncd.model.policy import Policy
from syncd.model.times import Slot, minute_of
from syncd.reconcile.diff.changes import Change

_PARTS = frozenset({"first_name", "last_name", "email", "phone"})
_ONE_NAME = {"first_name": "name", "last_name": "name"}


def groups_of(rivals: abc.Iterable[Change], policy: Policy) -> list[list[Change]]:
    """The changes of one field, equal ones together.

    Those that say most are compared first, so that one which says less cannot join two that differ.
    """
    groups: list[list[Change]] = []
    for change in sorted(rivals, key=lambda change: _order(change, policy)):
        group = next((group for group in groups if _same(group[0], change, policy)), None)
        if group is None:
            groups.append([change])
        else:
            group.append(change)
    return groups


def most_specific(group: abc.Iterable[Change], policy: Policy) -> Change:
    """Of equal changes, the one that says most: a vendor that cannot choose the end does not decide it."""
    return min(group, key=lambda change: _order(change, policy))


def merged_value(change: Change, agreed: Appointment, policy: Policy) -> Any:
    """The new value, with what the vendor cannot show taken over from what was agreed.

    What was agreed on and did not reach a vendor is a part of what is agreed.
    """
    if change.undelivered:
        return agreed.clients if change.field is Field.CLIENTS else change.new
    match change.field:
        case Field.CLIENTS if not change.old:
            return tuple(_joining(client, agreed.clients, _able(change, policy).client_parts) for client in change.new)
        case Field.CLIENTS:
            return _clients(change.old, change.new, agreed.clients, _able(change, policy).client_parts)
        case Field.SLOT if change.start_alone or not _able(change, policy).sets_end:
            return _moved(change.old, change.new, agreed.slot)
        case _:
            return change.new


def _moved(old: Slot, new: Slot, agreed: Slot) -> Slot:
    """Where an appointment is moved to by a record whose length is not the agreed one: its service's, or its own.

    A move there says a start, and nothing of the length that was agreed. One that became longer or shorter says that.
    """
    if new.duration != old.duration or new.all_day or agreed.all_day:
        return new
    return Slot(start=new.start, end=new.start + agreed.duration)


def operator_choice(old: tuple[Client, ...], new: tuple[Client, ...], agreed: tuple[Client, ...]) -> tuple[Client, ...]:
    """The clients as an operator wants them who found a vendor's right: what it never showed of them is as agreed."""
    return _clients(old, new, agreed, {part for part in _PARTS for one in (*old, *new) if getattr(one, part)})


def _clients(
    old: tuple[Client, ...], new: tuple[Client, ...], agreed: tuple[Client, ...], parts: abc.Set[str]
) -> tuple[Client, ...]:
    places = _places(old, agreed)
    if len(old) != len(new) or places is None or _reordered(old, new):
        return tuple(_completed(client, agreed, parts) for client in new)
    kept = list(agreed)
    for place, before, after in zip(places, old, new, strict=True):
        kept[place] = _overlay(kept[place], before, after, parts)
    return tuple(kept)


def non_conflicting(groups: abc.Sequence[abc.Sequence[Change]], agreed: Appointment, policy: Policy) -> list[Change]:
    """Of groups of equal changes of clients, those that concern parts of a client that no other does, one each.

    A name and a phone number that two people changed at once go against nobody; both stand.
    """
    said = [most_specific(group, policy) for group in groups]
    parts = [touched_parts(change, agreed, policy) for change in said]
    return [
        change
        for number, change in enumerate(said)
        if all(_disjoint(parts[number], other) for place, other in enumerate(parts) if place != number)
    ]


def split_by_part(group: list[Change], agreed: Appointment, policy: Policy) -> list[list[Change]]:
    """Changes of clients that come to the same, those of other parts apart: each goes against others on its own."""
    found: list[tuple[frozenset[tuple[int, str]], list[Change]]] = []
    for change in group:
        parts = touched_parts(change, agreed, policy)
        if parts is None:
            return [group]
        near = [entry for entry in found if not entry[0].isdisjoint(parts) or entry[0] == parts]
        joined = [one for _, changes in near for one in changes]
        found = [entry for entry in found if entry not in near]
        found.append((frozenset(parts.union(*(entry[0] for entry in near))), [*joined, change]))
    return [changes for _, changes in found]


def touched_parts(change: Change, agreed: Appointment, policy: Policy) -> frozenset[tuple[int, str]] | None:
    """Which parts of which of the agreed clients a change concerns; None: nothing less than all of them.

    Under another name and another e-mail, a client is another person.
    """
    pairs = zip(change.old, change.new, strict=False)
    if any(old.name != new.name and old.emails != new.emails for old, new in pairs):
        return None
    return changed_parts(change, agreed, policy)


def changed_parts(change: Change, agreed: Appointment, policy: Policy) -> frozenset[tuple[int, str]] | None:
    """The parts of the agreed clients that a change gives another value, whether or not it is another person then."""
    places = _places(change.old, agreed.clients)
    if len(change.old) != len(change.new) or places is None or _reordered(change.old, change.new):
        return None
    parts = _PARTS if change.undelivered else _able(change, policy).client_parts
    return frozenset(
        (place, _ONE_NAME.get(part, part))
        for place, old, new in zip(places, change.old, change.new, strict=True)
        for part in parts
        if getattr(old, part) != getattr(new, part)
    )


def only_parts(change: Change, agreed: Appointment, parts: abc.Set[tuple[int, str]]) -> tuple[Client, ...]:
    """The clients as they were before a change, with nothing but these parts of it as agreed; see `touched_parts`."""
    places = _places(change.old, agreed.clients) or []
    return tuple(
        replace(
            old,
            **{
                part: getattr(agreed.clients[place], part)
                for part in _PARTS
                if (place, _ONE_NAME.get(part, part)) in parts
            },
        )
        for place, old in zip(places, change.old, strict=True)
    )


def _disjoint(one: frozenset[tuple[int, str]] | None, other: frozenset[tuple[int, str]] | None) -> bool:
    return one is not None and other is not None and one.isdisjoint(other)


def _able(change: Change, policy: Policy) -> Capabilities:
    return policy.traits(change.vendor).capabilities


def _order(change: Change, policy: Policy) -> tuple[int, bool, int]:
    able = _able(change, policy)
    match change.field:
        case Field.SLOT:
            lacks = 2 * (change.start_alone or not able.sets_end) + able.whole_minutes
        case Field.CLIENTS:
            lacks = len(_PARTS - able.client_parts)
        case _:
            lacks = 0
    return lacks, change.undelivered, policy.rank(change.vendor)


def _same(one: Change, other: Change, policy: Policy) -> bool:
    able, less = _able(one, policy), _able(other, policy)
    if one.field is Field.SLOT:
        coarse = able.whole_minutes or less.whole_minutes
        ends = able.sets_end and less.sets_end and not (one.start_alone or other.start_alone)
        if coarse:
            same_end = minute_of(one.new.end) == minute_of(other.new.end)
            return one.new.minute == other.new.minute and (same_end or not ends)
        return one.new.start == other.new.start and (one.new.end == other.new.end or not ends)
    if one.field is Field.CLIENTS and less.client_parts < able.client_parts and not other.undelivered:
        return shown_clients(one.new, less.client_parts) == shown_clients(other.new, less.client_parts)
    return same_value(one.field, one.new, other.new)


def _places(old: tuple[Client, ...], agreed: tuple[Client, ...]) -> list[int] | None:
    """Where each of a vendor's clients stands among the agreed ones, or None where one of them cannot be found."""
    free = dict(enumerate(agreed))
    places = []
    for position, client in enumerate(old):
        place = next((number for number, other in free.items() if other.same_person(client)), None)
        if place is None and len(old) == len(agreed) and position in free:
            place = position
        if place is None:
            return None
        del free[place]
        places.append(place)
    return places


def _reordered(old: tuple[Client, ...], new: tuple[Client, ...]) -> bool:
    """Whether a client took the place of another one of them."""
    return any(
        one.same_person(other) and not one.same_person(old[number])
        for number, one in enumerate(new)
        for place, other in enumerate(old)
        if place != number
    )


def _overlay(agreed: Client, old: Client, new: Client, parts: abc.Set[str]) -> Client:
    changed = {part: getattr(new, part) for part in parts if getattr(new, part) != getattr(old, part)}
    return replace(agreed, **changed)


def _joining(new: Client, agreed: tuple[Client, ...], parts: abc.Set[str]) -> Client:
    """A client of a record that had none before: what it lacks of one who is agreed on, nobody took away."""
    like = next((one for one in agreed if one.same_person(new) or one.name.casefold() == new.name.casefold()), None)
    if like is None:
        return new
    named = () if new.name else ("first_name", "last_name")
    lacking = {*named, *(part for part in ("email", "phone") if not getattr(new, part)), *(_PARTS - parts)}
    return replace(new, **{part: getattr(like, part) for part in lacking})


def _completed(new: Client, agreed: tuple[Client, ...], parts: abc.Set[str]) -> Client:
    like = next((client for client in agreed if client.same_person(new)), None)
    return replace(new, **{part: getattr(like, part) for part in _PARTS - parts}) if like else new
