"""Which e-mail addresses a text tells. Pure.

People and vendors write one address in many forms: "Ann Lee <ann@example.com>",
mailto:ann@example.com, 'ann@example.com', ANN@example.com., two with a comma or a semicolon
between. What is one is `email_validator`'s word; whether anybody would receive a letter is not
asked. The standard library's reader (`email.headerregistry`) fails with errors of its own on what
people type, such as a lone bracket. What is no address is compared as text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PLAIN = re.compile(r"[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*")
"""What nearly all look like: nothing has to be taken apart. `xn--` is another writing."""
_BETWEEN = re.compile(r'[,;\n](?=(?:[^"]*"[^"]*")*[^"]*$)')
"""A comma, a semicolon or the end of a line, outside of double quotes."""
_BRACKETED = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"(?:mailto|smtp|e-?mail)\s*:\s*", re.IGNORECASE)
_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_AROUND = " \t\r\n'`<>[]’“”.\u2018"
_LONGEST = 500
"""A longer text is no list of addresses, and is not taken apart."""


def addresses(text: str) -> frozenset[str]:
    """The addresses that a text tells, case-folded; a text without any tells itself.

    A name beside an address is none: "Lee, Ann <ann@example.com>" is one address.
    """
    folded = text.strip().casefold()
    # What is longer than any list of addresses is not kept either.
    return frozenset({folded}) if len(folded) > _LONGEST else _told(folded)


def main_address(text: str) -> str:
    """The first address of a text without what stands around it: some vendors keep one."""
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    mailed = [_bare(part) for part in parts if "@" in part]
    return next(iter([*mailed, *parts]), "")


def without_addresses(text: str, others: frozenset[str]) -> str:
    """What a text says besides some addresses; the text itself where it has none of them."""
    if addresses(text).isdisjoint(others):
        return text
    parts = (part.strip() for part in _BETWEEN.split(text))
    return ", ".join(part for part in parts if part and addresses(part).isdisjoint(others))


@lru_cache(maxsize=65_536)
def _told(folded: str) -> frozenset[str]:
    return frozenset({folded}) if _PLAIN.fullmatch(folded) else _read(folded)


def _read(folded: str) -> frozenset[str]:
    parts = [part.strip() for part in _BETWEEN.split(unicodedata.normalize("NFKC", folded))]
    mailed = [part for part in parts if "@" in part]
    if not mailed:
        return frozenset(part for part in parts if part)
    return frozenset(map(_address, mailed))


def _address(part: str) -> str:
    """The address in a part, or what stands there where that is none."""
    bare = _bare(part)
    return (_valid(bare) or bare).casefold()


def _bare(part: str) -> str:
    """What a part says without the name, the marks and the remark around its address."""
    if _valid(part):
        return part
    bracketed = _BRACKETED.search(part)
    bare = _SCHEME.sub("", bracketed[1] if bracketed else part.strip(_AROUND + '"'), count=1)
    bare = _REMARK.sub("", bare).partition("?")[0].strip(_AROUND)
    if bare.count('"') == 1:
        bare = f'"{bare}'  # what stands before the @ is quoted, and the first mark was taken off
    return bare or part


def _valid(text: str) -> str | None:
    """An address in the form in which all of its writings are one; None for what is none."""
    from email_validator import EmailNotValidError, validate_email  # most cycles meet none to read

    try:
        read = validate_email(
            text,
            check_deliverability=False,
            globally_deliverable=False,
            allow_quoted_local=True,
        )
    except EmailNotValidError:
        return None
    return read.normalized
