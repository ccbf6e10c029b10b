"""Who among some clients is who among others, by evidence. Pure.

All parts that both descriptions of a client tell are weighed, and none decides alone
(`docs/matching.md` has the table). What contradicts itself is a doubt: nobody can tell whether two
people share an address at the front desk, or one has a second number:
    09:00 the office's record is Ann Lee's, ann@example.com; other vendors know her number too
    09:05 it is Ann Lee's, lee@example.com: nothing says that she is another; with her number, which
          the office does not show
    09:05 or it is Omar Haddad's, omar@example.com: another person, whose number nobody knows
    09:05 or it is Omar Haddad's, ann@example.com: a doubt
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from enum import Enum, auto
from itertools import chain, product

from syncd.compare.addresses import addresses
from syncd.compare.names import Likeness, likeness
from syncd.compare.phones import may_be_number, same_number
from syncd.model.appointment import Appointment, Client, normal_text

PARTS: abc.Mapping[str, tuple[str, ...]] = {
    "name": ("first_name", "last_name"),
    "email": ("email",),
    "phone": ("phone",),
}
"""The parts of a client that are merged each on its own, with the attributes that they
consist of.
"""

ATTRIBUTES = tuple(chain.from_iterable(PARTS.values()))


def named(clients: abc.Iterable[Client]) -> tuple[Client, ...]:
    """Those of whom anything is known."""
    return tuple([client for client in clients if not client.empty])


def everybody_in(contents: abc.Iterable[Appointment]) -> tuple[Client, ...]:
    """Everybody of whom anything is known in any of these values."""
    return named(chain.from_iterable(content.clients for content in contents))


class Evidence(Enum):
    """What two descriptions of clients say of each other."""

    SAME = auto()  # they are of one person
    ANOTHER = auto()  # they are of two: nothing that both tell agrees
    DOUBT = auto()  # they contradict themselves: a person has to say
    UNKNOWN = auto()  # they have too little in common to say either


def weighed(one: Client, other: Client) -> Evidence:
    """What all that both tell says; the same whichever is asked about."""
    said = agreeing(one, other)
    return _weigh(list(said.values()), name_likeness(one, other), said.get("email"))


def _weigh(contacts: list[bool], names: Likeness, email: bool | None) -> Evidence:
    """Address and number are somebody's; a name is anybody's, and says little against both.

    Who has another number beside her own name and address has two numbers. Who has another address
    beside her own name and number has a second address, or is another of that name in one house.
    """
    against = False in contacts
    if True not in contacts:
        return _weigh_names(names, against)
    if names in (Likeness.OTHER, Likeness.RELATED):
        return Evidence.DOUBT
    if against and not (email and names is Likeness.SAME):
        return Evidence.DOUBT
    return Evidence.SAME


def _weigh_names(names: Likeness, against: bool) -> Evidence:
    """What two names say whose addresses and numbers do not agree, or contradict each other."""
    if names is Likeness.SAME and not against:
        return Evidence.SAME
    alike = names in (Likeness.SAME, Likeness.AKIN)
    untold = names is not Likeness.OTHER and not against
    return Evidence.UNKNOWN if alike or untold else Evidence.ANOTHER


def same_person(one: Client, other: Client) -> bool:
    """Whether the evidence says that two descriptions are of one person."""
    return weighed(one, other) is Evidence.SAME


def share_somebody(mine: abc.Iterable[Client], theirs: abc.Collection[Client]) -> bool:
    """Whether one of some clients is one of others."""
    return any(same_person(*both) for both in product(mine, theirs))


def given(client: Client, source: Client, names: abc.Iterable[str]) -> Client:
    """A client with some attributes of another description."""
    changed = {name: getattr(source, name) for name in names}
    return replace(client, **changed) if changed else client


def told_of(client: Client) -> set[str]:
    """The attributes that a description of a client tells."""
    return {name for name in ATTRIBUTES if getattr(client, name)}


def untold_of(client: Client) -> set[str]:
    """Those that it does not."""
    return set(ATTRIBUTES) - told_of(client)


def agreeing(one: Client, other: Client) -> dict[str, bool]:
    """Of e-mail address and number, those that both descriptions tell, and whether they agree.

    A number that may be the other one counts as not told.
    """
    found = {}
    mine, theirs = addresses(one.email), addresses(other.email)
    if mine and theirs:
        found["email"] = not mine.isdisjoint(theirs)
    same = same_number(one.phone, other.phone) if one.phone and other.phone else None
    if same is not None:
        found["phone"] = same
    return found


def alike_in(one: Client, other: Client) -> dict[str, bool]:
    """Of e-mail address and number, those that both descriptions tell, and whether one may be the
    other in another form.
    """
    found = agreeing(one, other)
    if one.digits and other.digits:
        found["phone"] = may_be_number(one.phone, other.phone)
    return found


def name_likeness(one: Client, other: Client) -> Likeness:
    """How the names of two descriptions stand to each other."""
    return likeness((one.first_name, one.last_name), (other.first_name, other.last_name))


def is_another(one: Client, other: Client) -> bool:
    """Whether two descriptions contradict each other: of what both tell, nothing agrees.

    A first name agrees, as people marry. So Ann Miller in the place of Ann Lee counts as Ann Lee,
    renamed: with another address too, nothing tells that from another Ann, and to take her number
    from her would lose it.
    """
    return weighed(one, other) is Evidence.ANOTHER


def is_doubtful(one: Client, other: Client) -> bool:
    """Whether what two descriptions tell contradicts itself: one person, or two."""
    return weighed(one, other) is Evidence.DOUBT


def may_share_somebody(mine: abc.Iterable[Client], theirs: abc.Iterable[Client]) -> bool:
    """Whether nobody can tell if one of some clients is one of others."""
    return any(is_doubtful(*both) for both in product(mine, theirs))


def has_another_name(one: Client, other: Client) -> bool:
    """Whether the evidence does not say that two descriptions are of one person, and their names
    contradict each other: a slip, initials and another last name do not.
    """
    names = name_likeness(one, other)
    against = weighed(one, other) in (Evidence.ANOTHER, Evidence.DOUBT)
    return against and names in (Likeness.OTHER, Likeness.RELATED)


def pairs(mine: abc.Sequence[Client], theirs: abc.Sequence[Client]) -> dict[int, int]:
    """Which of some clients are which of others, by their places.

    Who has no counterpart by evidence is whoever stands in the same place of as many, if nothing
    contradicts that.
    """
    if len(mine) == len(theirs) == 1 and mine[0].email and mine[0].email == theirs[0].email:
        return {0: 0}  # as nearly always
    found = same_people(mine, theirs)
    free = set(range(len(theirs))) - set(found.values())
    if len(mine) == len(theirs):
        left = [
            place
            for place in sorted(free)
            if place not in found and not is_another(mine[place], theirs[place])
        ]
        found.update({place: place for place in left})
    return found


def same_people(mine: abc.Sequence[Client], theirs: abc.Sequence[Client]) -> dict[int, int]:
    """Who is who by evidence: whoever has more in common comes first, as relatives share an
    address.
    """
    fitting = [
        (place, like)
        for place, like in product(range(len(mine)), range(len(theirs)))
        if same_person(mine[place], theirs[like])
    ]
    fitting.sort(key=lambda both: -in_common(mine[both[0]], theirs[both[1]]))
    found = dict[int, int]()
    for place, like in fitting:
        if place not in found and like not in found.values():
            found[place] = like
    return found


def in_common(one: Client, other: Client) -> int:
    """How much two descriptions have in common: so many parts, and one more for a name that is no
    longer and no shorter.
    """
    names = name_likeness(one, other) is Likeness.SAME
    equal = normal_text(one.name) == normal_text(other.name)
    return sum(agreeing(one, other).values()) + names + (names and equal)


def beside(
    mine: abc.Sequence[Client],
    theirs: abc.Sequence[Client],
    made: abc.Callable[[Client, Client], Client],
) -> tuple[Client, ...]:
    """Some clients, each `made` of itself and of who that is among others; who is nobody stays."""
    found = list(mine)
    for place, like in pairs(mine, theirs).items():
        found[place] = made(mine[place], theirs[like])
    return tuple(found)


def same_places(mine: abc.Sequence[Client], theirs: abc.Sequence[Client]) -> bool:
    """Whether everybody is somebody of the other side, in the same order."""
    found = pairs(mine, theirs)
    return len(mine) == len(theirs) and all(found.get(place) == place for place in range(len(mine)))
