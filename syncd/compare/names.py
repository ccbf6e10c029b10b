"""Whether two names are of one person, as far as names can tell. Pure.

Letter case, accents, the order of first and last name, initials, a nickname in brackets and a name
in the middle that one side leaves out are no difference. Nor does a name in other letters say
anything of one in these.
"""

from __future__ import annotations

import re
import unicodedata
from collections import abc
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum, auto
from functools import lru_cache
from itertools import combinations, permutations, product

NEAR = 0.75
"""Two names that are as alike as this differ by a slip: 'Smith' and 'Smyth' are by 0.8, 'Lee' and
'Miller' by 0.4.
"""

_LONGEST = 200
"""So many letters of a name are read."""

_CALLED = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|[\"“„«]([^\"”“»]*)[\"”“»]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Likeness(Enum):
    """How two names stand to each other."""

    SAME = auto()  # no difference
    AKIN = auto()  # one may be the other: a first name alone, a slip, a new last name
    RELATED = auto()  # another first name, and a word in common: relatives, as a rule
    OTHER = auto()  # no word in common
    UNTOLD = auto()  # a side has none, or they are in different letters


@dataclass(frozen=True, slots=True)
class Name:
    """A name, taken apart: its words in the order first name, last name, and what else one is
    called.

    `first` says how many of the words are the first name.
    """

    words: tuple[str, ...]
    first: int
    called: frozenset[str]


def likeness(one: tuple[str, str], other: tuple[str, str]) -> Likeness:
    """How two names, each a first and a last one, stand to each other."""
    return _likeness(*sorted((_cut(one), _cut(other))))


def filed(first: str, last: str) -> frozenset[str]:
    """What a name is filed under: whoever is called the same is `sought` by one of these."""
    return _filed(*_cut((first, last)))


def sought(first: str, last: str) -> frozenset[str]:
    """What a name is sought by: two of its words, and where one is an initial, all that begin so.

    Not by one of several words: half a town is called Lee.
    """
    return _sought(*_cut((first, last)))


@lru_cache(maxsize=65_536)
def _filed(first: str, last: str) -> frozenset[str]:
    name = _read(first, last)
    return _handles(name) | _begun(name)


@lru_cache(maxsize=65_536)
def _sought(first: str, last: str) -> frozenset[str]:
    name = _read(first, last)
    begun = _begun(name)
    whole = {said.replace(".", "…") for said in begun if said.endswith(".")}
    return _handles(name).union(whole, (said.replace("…", ".") for said in begun))


@lru_cache(maxsize=65_536)
def _handles(name: Name) -> frozenset[str]:
    every = [word for word in (*name.words, *name.called) if len(word) > 1]
    alone = every if len(name.words) == 1 else ()
    return frozenset([*alone, *map(_in_order, combinations(every, 2))])


@lru_cache(maxsize=65_536)
def _begun(name: Name) -> frozenset[str]:
    """Each whole word with how another one begins; a dot says that this is an initial."""
    both = permutations((*name.words, *name.called), 2)
    return frozenset(
        f"{word} {other[0]}{'.' if len(other) == 1 else '…'}"
        for word, other in both
        if len(word) > 1 and other[0].isalpha()
    )


@lru_cache(maxsize=65_536)
def _read(first: str, last: str) -> Name:
    one, other = (unicodedata.normalize("NFKC", text) for text in (first, last))
    called = _words(" ".join("".join(found) for found in _CALLED.findall(f"{one} {other}")))
    before, after = (_CALLED.sub(" ", text) for text in (one, other))
    if not (before.strip(" ,") and after.strip(" ,")):
        before, after = _halves(f"{before} {after}")
    mine, theirs = _words(before), _words(after)
    if not (mine or theirs):
        mine, called = called, ()
    return Name((*mine, *theirs), len(mine), frozenset(called))


def _halves(text: str) -> tuple[str, str]:
    """First and last name of a text that holds both: 'Lee, Ann', or 'Ann Lee'."""
    last, comma, first = text.partition(",")
    if comma:
        return first, last
    first, _, last = " ".join(text.split()).partition(" ")
    return first, last


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold())
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", letters).replace("’", "'")


def _cut(name: tuple[str, str]) -> tuple[str, str]:
    first, last = name
    return first[:_LONGEST], last[:_LONGEST]


@lru_cache(maxsize=65_536)
def _likeness(first: tuple[str, str], second: tuple[str, str]) -> Likeness:
    one, other = _read(*first), _read(*second)
    if not _can_be_compared(one, other):
        return Likeness.UNTOLD
    shared, mine, theirs = _matched(one, other)
    whole = any(len(word) > 1 for word in shared)
    within = not (mine and theirs)  # a side has no word of its own
    if whole and within and (len(shared) > 1 or mine == theirs):
        return Likeness.SAME
    if within or _shares_first(one, other) or _is_slip(_in_order(mine), _in_order(theirs)):
        return Likeness.AKIN
    return Likeness.RELATED if whole else Likeness.OTHER


def _in_order(words: abc.Iterable[str]) -> str:
    return " ".join(sorted(words))


def _matched(one: Name, other: Name) -> tuple[list[str], list[str], list[str]]:
    """The words that both have, and those that one alone has; an initial is a word that begins with
    it.
    """
    mine, theirs, shared = list(one.words), list(other.words), list[str]()
    for fits in (str.__eq__, _is_initial):
        for word in tuple(mine):
            like = next((each for each in theirs if fits(word, each)), None)
            if like is not None:
                mine.remove(word)
                theirs.remove(like)
                shared.append(max(word, like, key=len) if fits is str.__eq__ else "")
    return _with_nicknames(one, other, shared, mine, theirs)


def _with_nicknames(
    one: Name, other: Name, shared: list[str], mine: list[str], theirs: list[str]
) -> tuple[list[str], list[str], list[str]]:
    """The same, once a word that the other side has as a nickname stands for its first name."""
    for name, own, against in ((one, mine, theirs), (other, theirs, mine)):
        for word in tuple(against):
            if word in name.called:
                against.remove(word)
                shared.append(word)
                given = [each for each in own if each in name.words[: name.first]]
                for each in given[:1]:
                    own.remove(each)
    return shared, mine, theirs


def _is_initial(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and short.isalpha() and long.startswith(short)


def _shares_first(one: Name, other: Name) -> bool:
    """Whether a first name of one side is one of the other's, or differs from it by a slip."""
    return any(_alike(*both) for both in product(_firsts(one), _firsts(other)))


def _firsts(name: Name) -> abc.Iterable[str]:
    return (*name.words[: name.first], *name.called)


def _alike(one: str, other: str) -> bool:
    return one == other or _is_initial(one, other) or _is_slip(one, other)


def _is_slip(one: str, other: str) -> bool:
    short, long = sorted((one, other))
    return SequenceMatcher(None, short, long).ratio() >= NEAR


def _can_be_compared(one: Name, other: Name) -> bool:
    """Whether both sides have a name, in the same letters."""
    return bool(one.words and other.words) and _latin(one) is _latin(other)


def _latin(name: Name) -> bool:
    letters = "".join(name.words)
    return any(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
