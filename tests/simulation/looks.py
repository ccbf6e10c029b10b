"""Looks at records by which nothing is decided: those that give back what syncd's writes took from them.

syncd takes them before it lists anything, and once more when all its writes have ended. By the requests alone they look
like any other, and in a history it matters which they are:

    17:29:14 a move of the site's record gets no answer, and the look right after shows the record as before
    17:29:15 somebody moves it elsewhere; it is looked at, as its reminders may be off, and they are on
    17:31:04 the vendor carries the move out: it was sent before anybody moved the record, and no decision knew of that
"""

from __future__ import annotations

from collections import abc
from contextvars import ContextVar

from syncd.engine.write.owing import Owing
from syncd.vendors.port import Vendor

_GIVING_BACK = ContextVar("_GIVING_BACK", default=False)
_make_up = Owing.make_up


def gives_back() -> bool:
    """Whether what is asked now is asked to give back what a write took, and for nothing else."""
    return _GIVING_BACK.get()


async def _told(self: Owing, vendors: abc.Iterable[Vendor]) -> list[str]:
    before = _GIVING_BACK.set(True)
    try:
        return await _make_up(self, vendors)
    finally:
        _GIVING_BACK.reset(before)


def tell_looks_apart() -> None:
    """From here on `gives_back` knows."""
    Owing.make_up = _told  # type: ignore[method-assign]
