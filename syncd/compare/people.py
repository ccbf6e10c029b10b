"""Who among some clients is who among others, by evidence. Pure.

What two descriptions of a client have in common says that they are one person. What both have and
is unlike in both says that they are two, who take nothing of each other's:
    09:00 the office's record is Ann Lee's, ann@example.com; other vendors know her number too
    09:05 it is Ann Lee's, lee@example.com: hers still, with the number that the office does not
          show
    09:05 or it is Omar Haddad's, omar@example.com: another person, whose number nobody knows
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import chain

from syncd.model.appointment import Appointment, Client, normal_text, same_phone

PARTS: abc.Mapping[str, tuple[str, ...]] = {
    "name": ("first_name", "last_name"),
    "email": ("email",),
    "phone": ("phone",),
}
"""The parts of a client that are merged each on its own, with the attributes that they
consist of.
"""

ATTRIBUTES = tuple(chain.from_iterable(PARTS.values()))

_NEAR = 0.75
"""Two names that are as alike as this differ by a slip: 'Smith' and 'Smyth' are by 0.8, 'Lee' and
'Miller' by 0.4.
"""


def named(clients: abc.Iterable[Client]) -> tuple[Client, ...]:
    """Those of whom anything is known."""
    return tuple(client for client in clients if not client.empty)


def everybody_in(contents: abc.Iterable[Appointment]) -> tuple[Client, ...]:
    """Everybody of whom anything is known in any of these values."""
    return named(chain.from_iterable(content.clients for content in contents))


def share_somebody(mine: abc.Iterable[Client], theirs: abc.Collection[Client]) -> bool:
    """Whether one of some clients is one of others."""
    return any(any(one.same_person(other) for other in theirs) for one in mine)


def given(client: Client, source: Client, names: abc.Iterable[str]) -> Client:
    """A client with some attributes of another description."""
    return replace(client, **{name: getattr(source, name) for name in names})


def agreeing(one: Client, other: Client) -> dict[str, bool]:
    """Of e-mail address and number, those that both descriptions tell, and whether they agree."""
    found = {}
    if one.emails and other.emails:
        found["email"] = not one.emails.isdisjoint(other.emails)
    if one.digits and other.digits:
        found["phone"] = same_phone(one.digits, other.digits)
    return found


def is_another(one: Client, other: Client) -> bool:
    """Whether two descriptions contradict each other: of what both tell, nothing agrees.

    A name agrees where one word of it is the same, as people marry, or where it differs by a slip.
    So Ann Miller in the place of Ann Lee counts as Ann Lee, renamed: with another address too,
    nothing tells that from another Ann, and to take her number from her would lose it.
    """
    said = [*agreeing(one, other).values()]
    if one.name and other.name:
        mine, theirs = normal_text(one.name), normal_text(other.name)
        shared = not set(mine.split()).isdisjoint(theirs.split())
        said.append(shared or SequenceMatcher(None, mine, theirs).ratio() >= _NEAR)
    return bool(said) and not any(said)


def is_doubtful(one: Client, other: Client) -> bool:
    """Whether name and phone number say that two descriptions are of one person, and the e-mails
    that they are not.
    """
    same_name = bool(one.name) and normal_text(one.name) == normal_text(other.name)
    return same_name and agreeing(one, other) == {"email": False, "phone": True}


def pairs(mine: abc.Sequence[Client], theirs: abc.Sequence[Client]) -> dict[int, int]:
    """Which of some clients are which of others, by their places.

    Who has no counterpart by evidence is whoever stands in the same place of as many, if nothing
    contradicts that.
    """
    if len(mine) == len(theirs) == 1 and mine[0].email and mine[0].email == theirs[0].email:
        return {0: 0}  # as nearly always
    free, found = dict(enumerate(theirs)), dict[int, int]()
    for place, client in enumerate(mine):
        like = next((number for number, other in free.items() if other.same_person(client)), None)
        if like is not None:
            del free[like]
            found[place] = like
    if len(mine) == len(theirs):
        left = [
            place
            for place in free
            if place not in found and not is_another(mine[place], free[place])
        ]
        found.update({place: place for place in left})
    return found


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
