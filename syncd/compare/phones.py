"""Which telephone numbers a text tells, and whether two texts tell of one. Pure.

A number with its country is read by `phonenumbers`. One without is of the region that the operator
names; where none is named, nobody knows which country it is of:
    region = "DE"    0151 12345678 is +49 151 12345678, and not +43 151 12345678
    no region        it may be either; that their ends are equal says nothing, that they are not
                     says that they are two
"""

from __future__ import annotations

import re
import unicodedata
from collections import abc
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import phonenumbers

_HOME: ContextVar[str | None] = ContextVar("the region of numbers without a country", default=None)

_LONGEST = 200
"""So many letters of a text are read: none with more is a number."""
_LOCAL = 7
"""So many last digits are what people dial within a town: equal ones are no proof."""
_LEAST = 3
"""Fewer digits are no number."""

_EXTENSION = re.compile(
    r"[\s,;]*(?:(?<![^\W\d_])(?:extension|extn|ext|durchwahl|dw|anexo|poste|доб)\.?|(?<=\d)\s*x)"
    r"[\s:#]*([0-9]{1,6})(?![0-9])",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+[^\W\d_.:'’]*[.:]*")
_BETWEEN = re.compile(r"[;,|&\n]|(?<=\d)\s*(?=\+)")
_MARK = "~"
"""Stands before an extension while a text is taken apart."""
_DIALLED_FROM_ABROAD = {54: ("9", 11), 52: ("1", 11)}
"""By country: what comes before a mobile number that is called from abroad, which some leave out,
and how long the number is with it. Mexico gave it up in 2019, and Argentina has it still.
"""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a text tells it.

    `whole` says that its country is known and that it has as many digits as its numbers have;
    `digits` are then those of the country code, too. `typed` are those that stand there, without a
    zero in front, and `trunk` says that one zero stood there: so numbers begin within a country.
    `legible` is false where it has too many or too few digits for its country: then it contradicts
    nothing.
    """

    digits: str
    typed: str
    extension: str = ""
    trunk: bool = False
    whole: bool = False
    legible: bool = True

    @property
    def said(self) -> tuple[str, str]:
        """What it tells, however it is typed."""
        return self.digits, self.extension


@contextmanager
def at_home_in(region: str | None) -> abc.Iterator[None]:
    """Read numbers without a country as those of a region, or of none, for as long as this lasts.

    One configuration has one region, and numbers are compared far below whatever knows it: so it
    is handed down as `decimal` hands down its precision. A cycle sets it, `reconcile` once more for
    whoever plans without a cycle, and the command line for an operator's answer.
    """
    before = _HOME.set(region)
    try:
        yield
    finally:
        _HOME.reset(before)


def is_region(letters: str) -> bool:
    """Whether the numbers of a region are known, by its two letters (ISO 3166)."""
    from phonenumbers import SUPPORTED_REGIONS

    return letters in SUPPORTED_REGIONS


def numbers(text: str) -> tuple[Number, ...]:
    """The numbers that a text tells, in its order."""
    return _read(text[:_LONGEST], _HOME.get())


def same_number(one: str, other: str) -> bool | None:
    """Whether two texts tell of one number; None where that cannot be told."""
    return _compared(*sorted((one[:_LONGEST], other[:_LONGEST])), _HOME.get())


def may_be_number(one: str, other: str) -> bool:
    """Whether one text may tell the number of the other: without its country or area code, say."""
    same = True if one == other else same_number(one, other)
    if same is not None:
        return same
    both = ({number.typed for number in numbers(text)} for text in (one, other))
    return any(mine in theirs or theirs in mine for mine, theirs in product(*both))


def same_numbers(one: str, other: str) -> bool:
    """Whether two texts tell the same, in another form: the same numbers with the same extensions.

    A text without any number tells nothing.
    """
    if one == other:
        return True
    mine, theirs = ({number.said for number in numbers(text)} for text in (one, other))
    return mine == theirs


def ends(text: str) -> frozenset[str]:
    """The last digits of its numbers: texts that tell of one number share one of these."""
    return _ends(text[:_LONGEST], _HOME.get())


@lru_cache(maxsize=65_536)
def _ends(text: str, region: str | None) -> frozenset[str]:
    return frozenset(number.digits[-_LOCAL:] for number in _read(text, region))


@lru_cache(maxsize=65_536)
def _compared(one: str, other: str, region: str | None) -> bool | None:
    mine, theirs = _read(one, region), _read(other, region)
    said = {_same(*both) for both in product(mine, theirs)}
    if True in said:
        return True
    return False if said == {False} else None


def _same(one: Number, other: Number) -> bool | None:
    if one.digits == other.digits:
        return _same_extension(one, other)
    if one.typed == other.typed or not (one.legible and other.legible):
        return None  # 49 151 12345678 may lack its plus
    if one.whole and other.whole:
        return False
    return None if _end_alike(*sorted((one.digits, other.digits), key=len)) else False


def _same_extension(one: Number, other: Number) -> bool | None:
    """Whether two numbers of the same digits are one; an extension that a side leaves out may be
    the other's.
    """
    if one.whole is not other.whole and (one.trunk or other.trunk):
        return None  # 0151 12345678 is not +1 511 234 5678
    return one.extension == other.extension or not (one.extension and other.extension)


def _end_alike(short: str, long: str) -> bool:
    """Whether one of two numbers may be the other without its country or area code."""
    return len(short) < _LOCAL or short[-_LOCAL:] in long or long[-_LOCAL:] in short


@lru_cache(maxsize=65_536)
def _read(text: str, region: str | None) -> tuple[Number, ...]:
    plain = unicodedata.normalize("NFKC", text)
    marked = _EXTENSION.sub(rf"{_MARK}\1", plain)
    parts = _BETWEEN.split(_WORDS.sub(";", marked))
    halves = chain.from_iterable(map(_halves, parts))
    found = [_number(part, region) for part in halves]
    return tuple(dict.fromkeys(number for number in found if number is not None))


def _halves(text: str) -> list[str]:
    """Two numbers with a stroke between; a stroke behind an area code is none."""
    parts = text.split("/")
    return parts if all(_count(part) >= _LOCAL for part in parts) else [text]


def _count(text: str) -> int:
    return sum(letter.isdecimal() for letter in text)


def _number(text: str, region: str | None) -> Number | None:
    import phonenumbers  # most cycles meet no number to read

    dialled, _, extension = text.partition(_MARK)
    digits = re.sub(r"[^0-9]", "", dialled)
    if len(digits) < _LEAST:
        return None
    typed = digits.lstrip("0") or digits
    trunk = len(digits) - len(typed) == 1 and "+" not in dialled
    plain = Number(digits=typed, typed=typed, extension=extension, trunk=trunk)
    try:
        parsed = _without_mobile_prefix(phonenumbers.parse(dialled, region))
    except phonenumbers.NumberParseException:
        return plain
    reasons = phonenumbers.ValidationResult
    match phonenumbers.is_possible_number_with_reason(parsed):
        case reasons.IS_POSSIBLE:
            national = phonenumbers.national_significant_number(parsed)
            return replace(plain, digits=f"{parsed.country_code}{national}", whole=True)
        case reasons.IS_POSSIBLE_LOCAL_ONLY:
            return plain
        case _:
            return replace(plain, legible=False)


def _without_mobile_prefix(parsed: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    """A number without what only a call from abroad needs."""
    country, national = parsed.country_code, str(parsed.national_number)
    before, length = _DIALLED_FROM_ABROAD.get(country or 0, ("", 0))
    if not before or len(national) != length or not national.startswith(before):
        return parsed
    import phonenumbers

    return phonenumbers.PhoneNumber(country_code=country, national_number=int(national[1:]))
