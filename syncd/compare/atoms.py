"""Atoms: the values of an appointment that are merged each on its own. Pure.

A field is one atom. The clients are one for each part of each of the agreed clients, as long as
they are the same people; where somebody came, went or took another's place, they are one atom as a
whole:
    09:00 agreed: Ann Lee, ann@example.com, 555 0100; the office shows no numbers
    09:05 the office has lee@example.com: `clients/0/email` is another
    09:10 the office has Omar Haddad, omar@example.com: `clients` are others, and Ann's number goes
          with her
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from typing import Any, NamedTuple

from syncd.compare.people import (
    PARTS,
    given,
    has_another_name,
    in_common,
    pairs,
    same_people,
    same_person,
    same_places,
    untold_of,
)
from syncd.compare.sameness import same_value
from syncd.compare.seats import Clients
from syncd.model.appointment import Appointment, Client, Field
from syncd.model.memory import Provenance
from syncd.model.plan import Changes
from syncd.model.times import Slot

Part = tuple[str, ...]
"""The value of a part: its attributes, in the order of `PARTS`."""


class Atom(NamedTuple):
    """A field, or a part (a key of `PARTS`) of the agreed client in a place."""

    field: Field
    who: int = -1
    part: str = ""

    @property
    def key(self) -> str:
        """Its name: 'slot', 'clients', 'clients/0/email'."""
        return f"{self.field}/{self.who}/{self.part}" if self.part else self.field.value


CLIENTS = Atom(Field.CLIENTS)


def named(key: str) -> Atom:
    """The atom of a name. Raises ValueError for what is none."""
    field, _, rest = key.partition("/")
    who, _, part = rest.partition("/")
    return Atom(Field(field), int(who), part) if part in PARTS else Atom(Field(key))


def value_of(appointment: Appointment, atom: Atom) -> Any:
    """The value that an appointment has of an atom; a part of a client in words, None where there
    is no such client.
    """
    if not atom.part:
        return appointment.get(atom.field)
    one = next(iter(appointment.clients[atom.who : atom.who + 1]), None)
    return None if one is None else " ".join(" ".join(part_of(one, atom.part)).split())


def client_changes(
    old: Clients,
    new: Clients,
    agreed: Clients,
    shown: abc.Set[str],
) -> dict[Atom, tuple[Any, Any]]:
    """What became of a record's clients, by atom, before and after. Its vendor shows the attributes
    in `shown`. What becomes of somebody else whom the record shows in the place of an agreed one
    is no change of the one.
    """
    return client_differences(*_as_agreed(old, new, agreed), agreed, shown)


def client_differences(
    old: Clients,
    new: Clients,
    agreed: Clients,
    shown: abc.Set[str],
) -> dict[Atom, tuple[Any, Any]]:
    """By atom, in what some clients are not as others are, of whom each stands for an agreed one
    whoever it is.
    """
    places = pairs(old, agreed)
    if not (old and same_places(new, old) and len(places) == len(old)):
        return {CLIENTS: (old, new)}
    found = {}
    for number, (before, after) in enumerate(zip(old, new, strict=True)):
        for part, names in PARTS.items():
            was, now = (_masked(client, names, shown) for client in (before, after))
            if not same_value(Field.CLIENTS, (was,), (now,)):
                found[Atom(Field.CLIENTS, places[number], part)] = (
                    part_of(before, part),
                    part_of(after, part),
                )
    return found


def _as_agreed(old: Clients, new: Clients, agreed: Clients) -> tuple[Clients, Clients]:
    """A record's clients, with the agreed one for each by whom the record shows another person.

    09:00 Ben's booking is with the site's customer who has his address: that is Ann
    09:05 Ann is corrected there, to Anna: nobody changed anything of Ben
    09:10 the booking is given to Ben's own customer there: nobody did, either
    09:15 it is given to Omar: that is a change
    """
    others = _other_people(old, agreed)
    if not others:
        return old, new
    before, after = list(old), list(new)
    for place, now in pairs(new, old).items():
        if now in others:
            after[place] = agreed[others[now]]
    for place, like in same_people(new, agreed).items():
        if like in others.values():
            after[place] = agreed[like]
    for place, like in others.items():
        before[place] = agreed[like]
    return tuple(before), tuple(after)


def _other_people(mine: abc.Sequence[Client], agreed: abc.Sequence[Client]) -> dict[int, int]:
    """Which of a record's clients stand for which agreed ones, and are other people by all that
    both tell.
    """
    found = pairs(mine, agreed)
    if len(mine) == len(agreed):
        free = [like for like in range(len(agreed)) if like not in found.values()]
        left = [place for place in range(len(mine)) if place not in found]
        found |= dict(zip(left, free, strict=True))
    return {
        place: like for place, like in found.items() if has_another_name(mine[place], agreed[like])
    }


def _masked(client: Client, names: abc.Iterable[str], shown: abc.Set[str]) -> Client:
    return Client(**{name: getattr(client, name) for name in names if name in shown})


def part_of(client: Client, part: str) -> Part:
    """A part of a client."""
    return tuple(getattr(client, name) for name in PARTS[part])


def same(atom: Atom, one: Any, other: Any) -> bool:
    """Whether two values of an atom are one."""
    if not atom.part:
        return same_value(atom.field, one, other)
    mine, theirs = (
        Client(**dict(zip(PARTS[atom.part], value, strict=True))) for value in (one, other)
    )
    return same_value(Field.CLIENTS, (mine,), (theirs,))


def with_part(clients: Clients, place: int, part: str, old: Part, new: Part) -> Clients:
    """Clients, one of whom got what is new in a part: of a name, the last one, if only that
    changed.
    """
    values = zip(PARTS[part], old, new, strict=True)
    changed = {name: now for name, was, now in values if was != now}
    return (*clients[:place], replace(clients[place], **changed), *clients[place + 1 :])


def completed(new: Client, known: abc.Iterable[Client], hidden: abc.Set[str]) -> Client:
    """A client with the attributes that its vendor does not show, as they are known of the same
    person.
    """
    several = [client for client in known if same_person(client, new)]
    like = max(several, key=lambda client: in_common(client, new), default=None)
    return given(new, like, hidden) if like else new


def first_told(new: Client, known: abc.Iterable[Client], hidden: abc.Set[str]) -> Client:
    """A client of a record that had none before: what it lacks of one who is known, nobody took
    away.

    Who is meant is a question of evidence, as ever: a name is anybody's.
        09:00 Ann Lee's appointment, 555 0100; the CRM's record of it names nobody
        09:05 its people enter Ann Lee, 555 0199: another, who gets nothing of hers
    """
    lacking = untold_of(new)
    if new.name:
        lacking -= {"first_name", "last_name"}
    return completed(new, known, lacking | hidden)


def heirs(
    own: abc.Sequence[Client],
    agreed: abc.Sequence[Client],
    provenance: abc.Mapping[str, Provenance],
) -> dict[int, int]:
    """Which of the clients whom a record stands for are which of the agreed ones, by their places.

    While nobody came, went or took another's place, each of them is one, however much of them was
    changed part by part:
        09:00 the CRM is away; elsewhere Ann Lee gets another address, then another number
        09:05 and is called Tom by a slip: by evidence he is another, and she is who he was
    """
    if CLIENTS.key in provenance or len(own) != len(agreed):
        return pairs(own, agreed)
    found = same_people(own, agreed)
    left = set(range(len(agreed))) - set(found.values())
    return found | {place: place for place in left if place not in found}


def agreed_beside(
    acknowledged: Appointment, agreed: Appointment, provenance: abc.Mapping[str, Provenance]
) -> dict[Atom, tuple[Any, Any]]:
    """By atom, what a record stands for and what is agreed. The clients are one atom where they are
    not the same.
    """
    found: dict[Atom, tuple[Any, Any]] = {
        Atom(name): (acknowledged.get(name), agreed.get(name))
        for name in Field
        if name is not Field.CLIENTS
    }
    places = heirs(acknowledged.clients, agreed.clients, provenance)
    return found | _of_clients(acknowledged.clients, agreed.clients, places)


def _of_clients(
    own: Clients, agreed: Clients, places: abc.Mapping[int, int]
) -> dict[Atom, tuple[Any, Any]]:
    in_order = len(own) == len(agreed) and all(places.get(n) == n for n in range(len(own)))
    if not own or not in_order:
        return {CLIENTS: (own, agreed)}
    found: dict[Atom, tuple[Any, Any]] = {}
    for place, (mine, one) in enumerate(zip(own, agreed, strict=True)):
        found |= {
            Atom(Field.CLIENTS, place, part): (part_of(mine, part), part_of(one, part))
            for part in PARTS
        }
    return found


def changed_atoms(field: Field, old: Any, new: Any) -> list[Atom]:
    """The atoms of a field that differ between what a record stands for and what it is to be."""
    if field is not Field.CLIENTS:
        return [Atom(field)]
    return [
        atom
        for atom, (was, now) in _of_clients(
            old or (), new or (), pairs(old or (), new or ())
        ).items()
        if not same(atom, was, now)
    ]


def origin_of(provenance: abc.Mapping[str, Provenance], atom: Atom) -> Provenance | None:
    """Whose value an atom has; a part of a client has its own, or that of the clients as a
    whole.
    """
    return provenance.get(atom.key) or provenance.get(atom.field)


def with_origin(
    provenance: abc.Mapping[str, Provenance], atom: Atom, origin: Provenance
) -> dict[str, Provenance]:
    """The origins once an atom has another; that of clients as a whole is that of all their
    parts.
    """
    before = (
        key for key in provenance if atom != CLIENTS or not key.startswith(f"{Field.CLIENTS}/")
    )
    return {key: provenance[key] for key in before} | {atom.key: origin}


_STARTS = 8
"""So many former starts of an appointment are remembered."""


def starts_left(
    provenance: abc.Mapping[str, Provenance], before: Slot, after: Slot
) -> tuple[int, ...]:
    """The last starts that an appointment had, once it is moved, in whole minutes."""
    origin = provenance.get(Field.SLOT)
    left = () if origin is None else origin.left
    return left if before.minute == after.minute else (*left, before.minute)[-_STARTS:]


def origins_of(provenance: abc.Mapping[str, Provenance], atom: Atom) -> list[Provenance]:
    """Whose values an atom has, the latest last: the clients as a whole may have their parts from
    several.
    """
    if atom != CLIENTS:
        one = origin_of(provenance, atom)
        return [] if one is None else [one]
    found = [origin for key, origin in provenance.items() if named(key).field is Field.CLIENTS]
    return sorted(found, key=lambda origin: origin.when.latest)


def origins_of_changes(
    provenance: abc.Mapping[str, Provenance], changes: Changes
) -> abc.Iterator[Provenance]:
    """Whose values some fields are given, each of which has one before and one after."""
    for name, values in changes.items():
        for atom in changed_atoms(name, *values):
            yield from origins_of(provenance, atom)
