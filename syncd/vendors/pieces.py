"""A listing in pieces: fewer days at once where a vendor cannot answer for all of them.

It decides how many days are asked for, from what went wrong before and what worked. What a listing
is, is the vendor package's. A vendor that is down looks like one that is asked for too much, so no
size is given up for ever: pieces grow again after a while.
"""

from __future__ import annotations

from collections import abc
from datetime import date, datetime, timedelta

import msgspec

from syncd.model.errors import TooMuch
from syncd.vendors.port import Notice, Page

Reading = abc.Callable[[date, date], abc.AsyncIterator[Page]]
"""Lists the appointments of some days, both included."""

_DAY = timedelta(days=1)
_PATIENCE = (timedelta(minutes=30), timedelta(hours=6), timedelta(days=1))
"""How long a size that was too much is left alone: after the first time, the second, and later."""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one vendor, as it is remembered.

    `days` are asked for at once next time, None for all. `stepped` says that this is a step down
    after a cycle in which the vendor failed. `limit` days were too much last at `at` (seconds since
    1970), and fewer worked instead, so many `times` in a row.
    """

    days: int | None = None
    stepped: bool = False
    limit: int | None = None
    times: int = 0
    at: float = 0.0


_KEPT = msgspec.json.Decoder(Kept)


def write_kept(kept: Kept) -> str:
    """As a vendor's whole memory; empty where there is nothing to remember."""
    return "" if kept == Kept() else msgspec.json.encode(kept).decode()


def read_kept(text: str) -> Kept:
    """The same from its text; nothing where it cannot be read."""
    try:
        return _KEPT.decode(text)
    except msgspec.MsgspecError:
        return Kept()


class Pieces:
    """The pieces in which one vendor is read. `vendor` is its configured name."""

    def __init__(self, vendor: str, clock: abc.Callable[[], datetime]) -> None:
        self._vendor = vendor
        self._clock = clock
        self.kept = Kept()

    def recall(self, kept: Kept) -> None:
        """Take in what `kept` was in an earlier process; nonsense is as good as nothing."""
        if all(days is None or days > 0 for days in (kept.days, kept.limit)):
            self.kept = kept

    async def pages(self, first: date, last: date, reading: Reading) -> abc.AsyncIterator[Page]:
        """Every page of these days, in so few pieces as are known to work.

        One step a cycle: the first piece that is too much is asked for again as two of half its
        days, and so are all that follow. Where the next one is too much as well, the error goes on
        to the caller, and the next cycle begins a step lower. Rows may come twice.
        """
        whole = (last - first).days + 1
        size = min(self.kept.days or whole, whole)
        stepped, failed = self.kept.stepped, None
        begin = first
        while begin <= last:
            end = min(begin + (size - 1) * _DAY, last)
            try:
                async for page in reading(begin, end):
                    yield page
                    del page
            except TooMuch as error:
                tried = (end - begin).days + 1
                size = max(tried - tried // 2, 1)
                if stepped or tried == 1:
                    self._remember(size, tried, self.kept.times, stepped=True)
                    raise self._given_up(error, begin, tried, size) from None
                stepped, failed = True, tried
                continue
            begin = end + _DAY
        self._settle(whole, size, failed)

    def notice(self) -> Notice | None:
        """That it is read in pieces; None where it is not."""
        if self.kept.days is None:
            return None
        why = "more at once was too much for it"
        text = f"{self._vendor}: its listing is read in pieces of {_days(self.kept.days)}: {why}"
        return Notice(key="pieces", text=text)

    def _settle(self, whole: int, size: int, failed: int | None) -> None:
        """All pieces were read: remember what worked, and try more next time if that is worth it."""
        kept = self.kept
        if failed is not None:
            self._remember(size, failed, kept.times + 1, stepped=False)
        elif size >= whole:
            self.kept = Kept()
        elif kept.limit is None or size >= kept.limit:
            self.kept = Kept(days=_or_all(2 * size, whole))
        else:
            wait = _PATIENCE[max(min(kept.times, len(_PATIENCE)) - 1, 0)]
            again = not 0 <= self._clock().timestamp() - kept.at < wait.total_seconds()
            days = 2 * size if again or 2 * size < kept.limit else size
            self.kept = msgspec.structs.replace(kept, days=_or_all(days, whole), stepped=False)

    def _remember(self, size: int, failed: int, times: int, *, stepped: bool) -> None:
        at = self._clock().timestamp()
        self.kept = Kept(days=size, stepped=stepped, limit=failed, times=times, at=at)

    def _given_up(self, error: TooMuch, begin: date, tried: int, size: int) -> TooMuch:
        if tried == 1:
            way = f"{begin} alone is too much for it: give it a longer timeout in [vendors.{self._vendor}]"
            return type(error)(self._vendor, f"{error}; {way}")
        return type(error)(self._vendor, f"{error}: for {_days(size)} at once, and not for {_days(tried)}")


def _or_all(days: int, whole: int) -> int | None:
    return None if days >= whole else days


def _days(count: int) -> str:
    return "one day" if count == 1 else f"{count} days"
