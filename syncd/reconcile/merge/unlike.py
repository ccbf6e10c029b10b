"""What records of one appointment have otherwise than each other although nobody edited one. Pure.

They were linked so, or a zone's rules changed (`rezoned`). What one lacks at linking is filled from
the others. What differs, somebody typed: each record keeps its own, and moves or changes in
everything else as the others do, until a person gives one of them another value or decides.
    12:00 linked: 45 minutes at the CRM, 30 in the office; nothing is written, and a person is asked
    13:00 the office moves it to 15:00: the CRM has it from 15:00 to 15:45
    14:00 the CRM's people make it 60 minutes: now somebody said so, and the office gets 60
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Any

from syncd.compare.atoms import CLIENTS
from syncd.compare.people import (
    ATTRIBUTES,
    PARTS,
    alike_in,
    beside,
    given,
    named,
    pairs,
    same_people,
    told_of,
    untold_of,
)
from syncd.compare.sameness import resembles, same_value
from syncd.compare.seats import Clients
from syncd.compare.words import word_for
from syncd.model.appointment import TEXTS, Appointment, Client, Field, normal_text
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Aspect, Mapping
from syncd.model.times import Slot, minute_of
from syncd.reconcile.diff.changes import Change

_PARTS = {Aspect(part): names for part, names in PARTS.items()}
_OF_CLIENTS = frozenset(aspect for aspect in Aspect if aspect.field is Field.CLIENTS)


@dataclass(frozen=True, slots=True)
class Side:
    """One vendor's record as far as it is compared: its values, those that it shows, and what its
    vendor can do.
    """

    vendor: str
    content: Appointment
    shows: frozenset[Field]
    able: Capabilities


def differing(
    sides: abc.Iterable[Side], joining: abc.Container[str]
) -> dict[Aspect, frozenset[str]]:
    """In what the records that are joining differ from others, each with the vendors that have a
    say in it.
    """
    found: dict[Aspect, set[str]] = {}
    together = list(sides)
    # All who are in one record of a class are in it: there is nothing to choose.
    none = {Aspect.PEOPLE} if any(one.able.seats(one.content) for one in together) else set()
    for one, other in combinations(together, 2):
        if one.vendor in joining or other.vendor in joining:
            for aspect in _between(one, other) - none:
                found.setdefault(aspect, set()).update((one.vendor, other.vendor))
    return {aspect: frozenset(vendors) for aspect, vendors in found.items()}


def _between(one: Side, other: Side) -> set[Aspect]:
    """In what two records differ, so that somebody might want to level it."""
    if not (one.content.status.live and other.content.status.live):
        return set()
    found = {Aspect(name.value) for name in TEXTS if _texts_differ(name, one, other)}
    found |= {Aspect.LENGTH} if _lengths_differ(one, other) else set()
    found |= {Aspect.STATUS} if _words_differ(one, other) else set()
    return found | _people_differ(one, other)


def _lengths_differ(one: Side, other: Side) -> bool:
    """A length that a vendor cannot set, or sets by itself to what it is, is no difference."""
    if any(
        not side.able.sets_length or side.able.ends(side.content.status) for side in (one, other)
    ):
        return False
    if _minutes(one.content.slot) == _minutes(other.content.slot):
        return False
    as_the_other = [
        (one, _as_long_as(one.content, other)),
        (other, _as_long_as(other.content, one)),
    ]
    booked = any(
        side.able.books(asked) == side.content.slot.duration for side, asked in as_the_other
    )
    return not booked and any(side.able.holds(Field.SLOT, asked) for side, asked in as_the_other)


def _as_long_as(content: Appointment, other: Side) -> Appointment:
    start, length = content.slot.start, other.content.slot.duration
    return content.with_values({Field.SLOT: Slot(start=start, end=start + length)})


def _minutes(slot: Slot) -> int:
    return minute_of(slot.end) - slot.minute


def _words_differ(one: Side, other: Side) -> bool:
    """Whether each of two live statuses is another word than its vendor would have for what the
    other one says.
    """
    mine, theirs = one.content.status, other.content.status
    if mine is theirs or Field.STATUS not in one.shows & other.shows:
        return False
    return (
        word_for(mine, theirs, other.able) is not theirs
        and word_for(theirs, mine, one.able) is not mine
    )


def _texts_differ(name: Field, one: Side, other: Side) -> bool:
    """What a vendor only shows it may have made up, and what one made of the other's is the
    same.
    """
    mine, theirs = one.content.get(name), other.content.get(name)
    if not (mine and theirs) or mine == theirs or not _levelled_by_writing(name, one, other):
        return False
    abilities = (side.able.ability(name) for side in (one, other))
    typed = all(each.created or each.updated for each in abilities)
    damaged = one.content.damaged(name) or other.content.damaged(name)
    return typed and not damaged and not _came_alike(name, mine, theirs)


def _came_alike(name: Field, mine: Any, theirs: Any) -> bool:
    """Whether a vendor may have made one of two texts of the other."""
    made = resembles(name, mine, theirs) or resembles(name, theirs, mine)
    return made or same_value(name, mine, theirs)


def _people_differ(one: Side, other: Side) -> set[Aspect]:
    if not _levelled_by_writing(Field.CLIENTS, one, other):
        return set()
    mine, theirs = named(one.content.clients), named(other.content.clients)
    if mine == theirs:
        return set()
    if bool(mine) is not bool(theirs):
        without, who = (other, mine) if mine else (one, theirs)
        return set() if _names_all(without.content.title, who) else {Aspect.PEOPLE}
    same = pairs(mine, theirs)
    found = {Aspect.PEOPLE} if _one_has_room_for_more(one, other, len(same)) else set()
    for place, like in same.items():
        told = alike_in(mine[place], theirs[like])
        told["name"] = _may_be_cut(mine[place], theirs[like])
        found |= {Aspect(part) for part, alike in told.items() if not alike}
    return found


def _levelled_by_writing(name: Field, one: Side, other: Side) -> bool:
    """Whether both show a field, and one of them can be given the other's value."""
    able = one.able.ability(name).updated or other.able.ability(name).updated
    return able and name in one.shows & other.shows


def _one_has_room_for_more(one: Side, other: Side, known_to_both: int) -> bool:
    counts = [(side, len(named(side.content.clients))) for side in (one, other)]
    (mine, here), (theirs, there) = counts
    return any(
        more > known_to_both and (room is None or own < room)
        for room, own, more in (
            (mine.able.room(mine.content), here, there),
            (theirs.able.room(theirs.content), there, here),
        )
    )


def _names_all(title: str, clients: abc.Sequence[Client]) -> bool:
    return all(client.name and normal_text(client.name) in normal_text(title) for client in clients)


def _may_be_cut(one: Client, other: Client) -> bool:
    """Whether two names are one, of which a side may have cut or left out a part."""
    mine, theirs = normal_text(one.name).split(), normal_text(other.name).split()
    shorter = min(len(mine), len(theirs))
    return mine[:shorter] == theirs[:shorter]


def lacking(
    mapping: Mapping, able: Capabilities, agreed: Appointment, *, several: bool = False
) -> dict[Field, Any]:
    """What a record has of agreed values of which it lacks a part that its vendor can be given.

    Of a client, that is the agreed one without what the record lacks of them. One who is agreed on
    is given to a record that has none only if its title names them: "Consultation" may be
    anybody's. Of a class (`several`), who is not in the record is to get a seat in it.
    """
    content, shows = mapping.base, mapping.shows
    found: dict[Field, Any] = {}
    for name in TEXTS & shows:
        if agreed.get(name) and not content.get(name) and able.ability(name).updated:
            found[name] = ""
    if Field.CLIENTS in shows:
        clients = _had_of(content, able, agreed, several)
        found |= {Field.CLIENTS: clients} if clients != agreed.clients else {}
    return found


def _had_of(
    content: Appointment, able: Capabilities, agreed: Appointment, several: bool
) -> Clients:
    """The agreed clients as far as a record has them: all, where its vendor can be given none."""
    if several and (able.adds_seats or able.seats(agreed)):
        there = same_people(agreed.clients, content.clients)
        return tuple(one for place, one in enumerate(agreed.clients) if place in there)
    if able.ability(Field.CLIENTS).updated:
        return _told_to(content, able, agreed)
    return agreed.clients


def _told_to(content: Appointment, able: Capabilities, agreed: Appointment) -> Clients:
    mine = named(content.clients)
    if mine == agreed.clients:
        return mine
    if not mine:
        return () if _names_all(content.title, agreed.clients) else agreed.clients
    return beside(agreed.clients, mine, lambda one, own: _known_of(one, own, able))


def _known_of(agreed: Client, own: Client, able: Capabilities) -> Client:
    """An agreed client without the parts that a record's own lacks."""
    parts = able.client_parts - (set(PARTS["name"]) if own.name else set())
    if own.first_name and normal_text(own.first_name) == normal_text(agreed.first_name):
        parts |= {"last_name"} & able.client_parts
    return given(agreed, Client(), parts & untold_of(own))


def filled_in(own: Clients, agreed: Clients, able: Capabilities) -> Clients:
    """A record's own clients with what they lack of the agreed ones, and nothing that somebody
    typed otherwise.
    """
    return beside(own, agreed, lambda mine, one: _completed(mine, one, able))


def _completed(own: Client, agreed: Client, able: Capabilities) -> Client:
    known = _known_of(agreed, own, able)
    lacks = [part for part in ATTRIBUTES if getattr(known, part) != getattr(agreed, part)]
    return given(own, agreed, lacks)


def newly_told(acknowledged: Appointment, before: Appointment, agreed: Appointment) -> Appointment:
    """What a record stands for once the agreed values gained something: that too, and nothing that
    it was behind in.
    """
    values = {
        name: agreed.get(name)
        for name in Field
        if not before.get(name) and not acknowledged.get(name)
    }
    if before.slot != agreed.slot:
        values[Field.SLOT] = as_long_as(acknowledged.slot, agreed.slot)
    if before.clients and len(before.clients) == len(agreed.clients):
        values[Field.CLIENTS] = _gained_parts(acknowledged.clients, before.clients, agreed.clients)
    return acknowledged.with_values(values)


def _gained_parts(acknowledged: Clients, before: Clients, agreed: Clients) -> Clients:
    found = list(acknowledged)
    for place, like in pairs(acknowledged, before).items():
        lacked = untold_of(found[place]) & untold_of(before[like])
        found[place] = given(found[place], agreed[like], lacked)
    return tuple(found)


def as_won(own: Clients, agreed: Clients) -> Clients:
    """The clients as an operator wants them who found a record's right: its own, with what it does
    not tell of them.
    """
    return beside(own, agreed, lambda mine, one: given(one, mine, told_of(mine)))


def _parts_of(client: Client) -> tuple[str, ...]:
    return tuple(getattr(client, part) for part in ATTRIBUTES)


def only_adds(old: Any, new: Any) -> bool:
    """Whether a new value of a field gives something to an empty one, or clients what they lack,
    and takes nothing.
    """
    if not old:
        return bool(new)
    if not isinstance(old, tuple) or len(old) != len(new):
        return False
    both = zip(chain(*map(_parts_of, old)), chain(*map(_parts_of, new)), strict=True)
    unlike = [(mine, more) for mine, more in both if mine != more]
    return bool(unlike) and all(not mine for mine, _ in unlike)


def in_own_terms(agreed: Appointment, unlike: abc.Set[Aspect], own: Appointment) -> Appointment:
    """The agreed appointment as a record is to have it that keeps its own in these aspects."""
    if not unlike or not agreed.status.live:
        return agreed
    values: dict[Field, Any] = {
        aspect.field: own.get(aspect.field) for aspect in unlike if aspect.field in TEXTS
    }
    if Aspect.START in unlike:
        values[Field.SLOT] = own.slot
    elif Aspect.LENGTH in unlike:
        values[Field.SLOT] = as_long_as(agreed.slot, own.slot)
    if Aspect.STATUS in unlike and own.status.live:
        values[Field.STATUS] = own.status
    if unlike & _OF_CLIENTS:
        values[Field.CLIENTS] = _own_people(agreed.clients, unlike, named(own.clients))
    return agreed.with_values(values)


def as_long_as(agreed: Slot, own: Slot) -> Slot:
    """The agreed start, to the second, with a record's own length.

    What is all day somewhere is as agreed where it starts elsewhere.
    """
    if agreed.all_day or own.all_day:
        return own if agreed.minute == own.minute else agreed
    return Slot(start=agreed.start, end=agreed.start + own.duration)


def _own_people(agreed: Clients, unlike: abc.Set[Aspect], own: abc.Sequence[Client]) -> Clients:
    kept = [*chain(*(parts for aspect, parts in _PARTS.items() if aspect in unlike))]
    of_record = Aspect.PEOPLE in unlike
    found = list(own if of_record else agreed)
    for place, like in pairs(own, agreed).items():
        found[place if of_record else like] = given(agreed[like], own[place], kept)
    return tuple(found)


def levelled(mapping: Mapping, agreed: Appointment) -> Mapping:
    """The mapping as having taken the agreed values in all that its record keeps its own in."""
    return _accepting(mapping, mapping.unlike, agreed) if mapping.unlike else mapping


def settled(mapping: Mapping, aspects: abc.Set[Aspect]) -> Mapping:
    """The mapping once a person said what is right of these: where it has something else, it is
    behind.
    """
    said = mapping.unlike & aspects
    if not said:
        return mapping
    return replace(_accepting(mapping, said, mapping.base), unlike=mapping.unlike - said)


def _accepting(mapping: Mapping, aspects: abc.Set[Aspect], source: Appointment) -> Mapping:
    return replace(mapping, acknowledged=in_own_terms(mapping.acknowledged, aspects, source))


def spoken(changes: abc.Iterable[Change]) -> frozenset[Aspect]:
    """Of what somebody gave another value in these changes."""
    told = (change for change in changes if not (change.undelivered or change.while_cancelled))
    return frozenset(chain.from_iterable(map(_changed, told)))


def _changed(change: Change) -> set[Aspect]:
    match change.field:
        case Field.SLOT:
            same = (
                change.old.duration == change.new.duration
                and change.old.all_day == change.new.all_day
            )
            moved = change.old.minute != change.new.minute
            return ({Aspect.START} if moved else set()) | (set() if same else {Aspect.LENGTH})
        case Field.CLIENTS:
            return set(_OF_CLIENTS) if change.atom == CLIENTS else {Aspect(change.atom.part)}
        case Field.SERVICE | Field.STAFF:
            return set()
        case _:
            return {Aspect(change.field.value)}


def as_said(change: Change, unlike: abc.Set[Aspect], agreed: Appointment) -> Change:
    """A change of a record that keeps its own start or length, as far as it says something of the
    appointment's.

    A move says a start, and nothing of the length that was agreed; made longer, nothing of the
    start.
    """
    if change.field is not Field.SLOT:
        return change
    aspects = _changed(change)
    if Aspect.START in unlike and Aspect.START not in aspects:
        start = agreed.slot.start
        old, new = (
            Slot(start=start, end=start + slot.duration) for slot in (change.old, change.new)
        )
        return replace(change, old=old, new=new)
    alone = Aspect.LENGTH in unlike and Aspect.LENGTH not in aspects
    return replace(change, start_alone=True) if alone else change
