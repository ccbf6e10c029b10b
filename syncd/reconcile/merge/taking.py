"""What a change says to others: the agreed values once it is taken, and which of equal changes says
most. Pure.

A vendor that shows only a part of a value (no end of its own, no phone numbers) decides that part
alone.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from typing import Any

from syncd.compare.atoms import (
    CLIENTS,
    Atom,
    client_differences,
    completed,
    first_told,
    same,
    with_part,
)
from syncd.compare.people import ATTRIBUTES, pairs, same_people
from syncd.compare.sameness import same_times, shown_clients
from syncd.compare.seats import Clients
from syncd.model.appointment import Appointment, Client, Field
from syncd.model.capabilities import Capabilities
from syncd.model.policy import Policy
from syncd.model.times import Slot
from syncd.reconcile.diff.changes import Change


def groups_of(rivals: abc.Iterable[Change], policy: Policy) -> list[list[Change]]:
    """Changes that go against each other, those together that come to the same.

    Those that say most are compared first, so that one which says less cannot join two that differ.
    Where somebody came or went, what one vendor says of the parts of those who stay is one.
    """
    groups: list[list[Change]] = []
    for change in sorted(rivals, key=lambda change: _order(change, policy)):
        group = next((group for group in groups if _alike(group[0], change, policy)), None)
        if group is None:
            groups.append([change])
        else:
            group.append(change)
    return groups


def most_specific(group: abc.Iterable[Change], policy: Policy) -> Change:
    """Of equal changes, the one that says most: a vendor that cannot choose the end does not decide
    it.
    """
    return min(group, key=lambda change: _order(change, policy))


def taken(appointment: Appointment, change: Change, agreed: Clients, policy: Policy) -> Appointment:
    """An appointment's values with a change taken into them. `agreed` are the clients of whom its
    atom speaks.

    What the vendor cannot show stays. What was agreed on and did not reach a vendor is a part of
    what is agreed.
    """
    if change.undelivered and change.field is Field.CLIENTS:
        return appointment
    return appointment.with_values({change.field: _value(appointment, change, agreed, policy)})


def _value(appointment: Appointment, change: Change, agreed: Clients, policy: Policy) -> Any:
    if change.field is Field.CLIENTS:
        shown = _able(change, policy).client_parts
        return _put(appointment.clients, change.atom, change.old, change.new, agreed, shown)
    starts_alone = change.start_alone or not _able(change, policy).end_can_be_set
    if change.field is Field.SLOT and starts_alone and not change.undelivered:
        return _moved(change.old, change.new, appointment.slot)
    return change.new


def _moved(old: Slot, new: Slot, agreed: Slot) -> Slot:
    """Where an appointment is moved to by a record whose length is not the agreed one: its
    service's, or its own.

    A move there says a start, and nothing of the length that was agreed. One that became longer or
    shorter says that.
    """
    if new.duration != old.duration or new.all_day or agreed.all_day:
        return new
    return Slot(start=new.start, end=new.start + agreed.duration)


def operator_choice(old: Clients, new: Clients, agreed: Clients) -> Clients:
    """The clients as an operator wants them who found a vendor's right: what it never showed of
    them is as agreed.
    """
    both = (*old, *new)
    shown = {name for name in ATTRIBUTES if any(getattr(one, name) for one in both)}
    chosen = agreed
    for atom, (was, now) in client_differences(old, new, agreed, shown).items():
        chosen = _put(chosen, atom, was, now, agreed, shown)
    return chosen


def _put(
    own: Clients,
    atom: Atom,
    old: Any,
    new: Any,
    agreed: Clients,
    shown: abc.Set[str],
) -> Clients:
    """Some clients with another value of an atom of the agreed ones."""
    hidden = frozenset(ATTRIBUTES) - shown
    if atom == CLIENTS:
        return _gathered(own, old, new, hidden)
    place = pairs(agreed, own).get(atom.who)
    return own if place is None else with_part(own, place, atom.part, old, new)


def _gathered(own: Clients, old: Clients, new: Clients, hidden: frozenset[str]) -> Clients:
    """The clients of a record of which somebody left, or to which somebody came.

    Who stays, and was not changed there, is as agreed:
        09:00 Ann's address is corrected at the booking page; the site can be given no other one
        09:05 at the site Omar is taken out: that says nothing of Ann, who is there as she was
    """
    if not old:
        return tuple(first_told(client, own, hidden) for client in new)
    stay, whose = same_people(new, old), pairs(old, own)
    found = []
    for place, client in enumerate(new):
        before = stay.get(place)
        like = None if before is None else whose.get(before)
        if before is None or like is None:
            found.append(completed(client, own, hidden))
        else:
            found.append(replace(own[like], **_changed(old[before], client, hidden)))
    return tuple(found)


def _changed(was: Client, client: Client, hidden: frozenset[str]) -> dict[str, str]:
    """What a client has now that is shown, and was otherwise before."""
    given = {name: getattr(client, name) for name in ATTRIBUTES if name not in hidden}
    return {name: now for name, now in given.items() if now != getattr(was, name)}


def _able(change: Change, policy: Policy) -> Capabilities:
    return policy.able(change.vendor)


def _order(change: Change, policy: Policy) -> tuple[int, bool, int, Atom]:
    able = _able(change, policy)
    match change.field:
        case Field.SLOT:
            lacks = 2 * (change.start_alone or not able.end_can_be_set) + able.whole_minutes
        case Field.CLIENTS:
            lacks = len(frozenset(ATTRIBUTES) - able.client_parts)
        case _:
            lacks = 0
    return lacks, change.undelivered, policy.rank(change.vendor), change.atom


def _alike(one: Change, other: Change, policy: Policy) -> bool:
    if one.atom != other.atom:
        return one.vendor == other.vendor
    able, less = _able(one, policy), _able(other, policy)
    if one.field is Field.SLOT:
        return _same_time(one, other, able, less)
    if one.atom == CLIENTS and less.client_parts < able.client_parts and not other.undelivered:
        return shown_clients(one.new, less.client_parts) == shown_clients(
            other.new, less.client_parts
        )
    return same(one.atom, one.new, other.new)


def _same_time(one: Change, other: Change, able: Capabilities, less: Capabilities) -> bool:
    """Whether two moves come to the same where one of the vendors drops seconds, or does not choose
    an end.
    """
    alone = one.start_alone or other.start_alone
    ends = able.end_can_be_set and less.end_can_be_set and not alone
    whole_minutes = able.whole_minutes or less.whole_minutes
    return same_times(one.new, other.new, whole_minutes=whole_minutes, ends=ends)
