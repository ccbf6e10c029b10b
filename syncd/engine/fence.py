"""A fence around a vendor: whatever breaks behind it, or never ends, is that vendor's failure
alone.

An adapter raises the errors of the model. Anything else is a bug that some answer met: it is logged
once with its traceback, and told like an answer that cannot be read. So the other vendors and the
other records go on, and the process lives.
"""

from __future__ import annotations

import math
from collections import abc
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from syncd.logs.lean import structlog
from syncd.model.appointment import Appointment, Field
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Malformed, SyncdError, Unreadable
from syncd.model.record import Absent, Block, Record
from syncd.model.times import Window
from syncd.vendors.port import (
    AccountSign,
    Known,
    Notice,
    Page,
    Row,
    Traffic,
    Uncertain,
    Vendor,
    WriteResult,
)

log = structlog.get_logger(__name__)

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one listing of a vendor may take: so many pages, bytes of rows, and seconds."""

    pages: int
    bytes: int
    seconds: float

    @classmethod
    def at(cls, rate: tuple[int, float], bytes_: int, seconds: float) -> Allowance:
        """With as many pages as a rate (requests per seconds) lets through in the time."""
        return cls(
            pages=max(1, math.ceil(rate[0] * seconds / rate[1])), bytes=bytes_, seconds=seconds
        )


class Fenced:
    """A vendor behind its fence.

    Implements `port.Vendor`. `seconds` measures the time that a listing takes.
    """

    def __init__(
        self, vendor: Vendor, allowance: Allowance, seconds: abc.Callable[[], float]
    ) -> None:
        self._vendor = vendor
        self._allowance = allowance
        self._seconds = seconds
        self._told: set[tuple[str, str, int]] = set()
        self.name = vendor.name
        self.kind = vendor.kind

    @property
    def sign(self) -> AccountSign:
        """The vendor's."""
        return self._vendor.sign

    async def named(self) -> str | None:
        """The vendor's."""
        with self._behind("asking whose account it is"):
            return await self._vendor.named()

    @property
    def capabilities(self) -> Capabilities:
        """The vendor's."""
        return self._vendor.capabilities

    @property
    def traffic(self) -> Traffic:
        """The vendor's."""
        return self._vendor.traffic

    def learn(self, known: Known) -> None:
        """The vendor's."""
        self._vendor.learn(known)

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """The vendor's, as far as its listing's allowance goes: more is half a listing."""
        # Told anew with each listing: a bug that is still there tomorrow is logged tomorrow.
        self._told.clear()
        spending = _Spending(self.name, self._allowance, self._seconds)
        async with aclosing(self._vendor.pages(window)) as pages:  # type: ignore[type-var]
            while True:
                with self._behind("listing"):
                    page = await anext(pages, None)
                if page is None:
                    return
                spending.take(page)
                yield page
                # It may be as large as an answer, and two of them would be twice the memory.
                del page

    def needs_preparing(self, row: Row) -> bool:
        """The vendor's; a row of which it cannot be told waits."""
        try:
            return self._vendor.needs_preparing(row)
        except Exception:  # noqa: BLE001 - what breaks on a row is told where it is decoded
            return True

    async def prepare(self, rows: abc.Sequence[Row], spare: int) -> abc.Sequence[Row]:
        """The vendor's."""
        with self._behind("reading what its rows point to"):
            return await self._vendor.prepare(rows, spare)

    def decode(
        self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record:
        """The vendor's. What breaks on a row makes that row one that cannot be read."""
        try:
            return self._vendor.decode(row, hint, guests)
        except SyncdError:
            raise
        except Exception as error:  # noqa: BLE001
            # From None: wherever a chained error is shown, it may quote the row, and with it a
            # client.
            raise Malformed(self._said("reading a row", error)) from None

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The vendor's."""
        with self._behind(f"reading record {remote_id}"):
            return await self._vendor.get(remote_id, hint, guests)

    async def create(
        self, target: Appointment, token: str, replaces: str | None = None
    ) -> WriteResult:
        """The vendor's. What breaks may have been sent."""
        return await self._sent("creating a record", self._vendor.create(target, token, replaces))

    async def write(
        self, record: Record, target: Appointment, fields: frozenset[Field]
    ) -> WriteResult:
        """The vendor's. What breaks may have been sent."""
        return await self._sent(
            f"changing record {record.remote_id}", self._vendor.write(record, target, fields)
        )

    async def cancel(self, record: Record) -> WriteResult:
        """The vendor's. What breaks may have been sent."""
        return await self._sent(
            f"cancelling record {record.remote_id}", self._vendor.cancel(record)
        )

    async def blocked(self, known: abc.Set[str]) -> abc.Sequence[Block]:
        """The vendor's."""
        with self._behind("reading blocked time"):
            return await self._vendor.blocked(known)

    async def block(self, target: Appointment, mark: str) -> WriteResult:
        """The vendor's. What breaks may have been sent."""
        return await self._sent("blocking time", self._vendor.block(target, mark))

    async def unblock(self, block_id: str) -> WriteResult:
        """The vendor's. What breaks may have been sent."""
        return await self._sent("removing blocked time", self._vendor.unblock(block_id))

    def owed(self, record: Record) -> str:
        """The vendor's; nothing stands for what cannot be told, so an error stays one."""
        return self._vendor.owed(record)

    async def give_back(self, remote_id: str, owed: str) -> WriteResult:
        """The vendor's. What breaks may have been sent."""
        return await self._sent(
            f"giving back to record {remote_id}", self._vendor.give_back(remote_id, owed)
        )

    async def check(self) -> tuple[str, ...]:
        """The vendor's."""
        with self._behind("checking it"):
            return await self._vendor.check()

    def notices(self) -> tuple[Notice, ...]:
        """The vendor's; none where that breaks."""
        with self._all_the_same("noticing"):
            return self._vendor.notices()
        return ()

    def recall(self, memory: str) -> None:
        """The vendor's; what cannot be taken in is as good as none."""
        with self._all_the_same("recalling"):
            self._vendor.recall(memory)

    def memory(self) -> str:
        """The vendor's; empty where that breaks."""
        with self._all_the_same("remembering"):
            return self._vendor.memory()
        return ""

    async def aclose(self) -> None:
        """The vendor's."""
        await self._vendor.aclose()

    async def _sent(self, what: str, sending: abc.Awaitable[WriteResult]) -> WriteResult:
        try:
            return await sending
        except SyncdError:
            raise
        except Exception as error:  # noqa: BLE001
            # The request may have gone out before it broke: only a look tells.
            said = self._said(what, error)
            return Uncertain(
                reason=f"{self.name}: {what}: {said}; whether it was done is not known"
            )

    @contextmanager
    def _behind(self, what: str) -> abc.Iterator[None]:
        """What breaks in this block is told like an answer that cannot be read."""
        try:
            yield
        except SyncdError:
            raise
        except Exception as error:  # noqa: BLE001 - logged, and the vendor's failure
            said = self._said(what, error)
            raise Unreadable(self.name, f"{self.name}: {what}: {said}") from None

    @contextmanager
    def _all_the_same(self, what: str) -> abc.Iterator[None]:
        """What breaks in this block is logged, and costs nothing else."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - nothing rests on it
            self._said(what, error)

    def _said(self, what: str, error: Exception) -> str:
        """What an unexpected error comes to, without its text, which may quote a client.

        Each place is logged once.
        """
        place = _place(error)
        if place not in self._told:
            self._told.add(place)
            log.error("vendor_broke", vendor=self.name, what=what, exc_info=error)
        return (
            f"an unexpected error ({type(error).__name__}) over what it answered: this is a bug, "
            "and the log says where"
        )


_LEAST_ROW = 512
"""So many bytes a row counts at least: what is remembered of it takes that, however short it is."""
_MOST_NAMELESS = 10_000
"""Of so many rows without an id each is told of; more are no listing."""


@dataclass(slots=True)
class _Spending:
    """What a listing has taken so far."""

    vendor: str
    allowance: Allowance
    clock: abc.Callable[[], float]
    pages: int = 0
    bytes: int = 0
    nameless: int = 0
    begun: float = 0.0

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def take(self, page: Page) -> None:
        """Count a page. Raises `Unreadable` for one beyond the allowance."""
        # What goes on with the answer before it has cost no further request.
        self.pages += not page.continued
        self.bytes += sum(max(len(row.raw), _LEAST_ROW) for row in page.rows)
        self.nameless += len(page.unidentified)
        allowed = self.allowance
        if self.nameless > _MOST_NAMELESS:
            raise Unreadable(
                self.vendor,
                f"{self.vendor}: half a listing: more than {_MOST_NAMELESS:,} of its rows show no "
                "id; see what it answers with 'syncd check'",
            )
        if self.bytes > allowed.bytes:
            raise self._too_much(f"more than {allowed.bytes / _MEBIBYTE:g} MiB", "bytes")
        if self.clock() - self.begun > allowed.seconds:
            raise self._too_much(f"not at its end after {allowed.seconds / 60:g} minutes", "time")
        if self.pages > allowed.pages:
            raise self._too_much(
                f"not at its end after {allowed.pages} pages, the most for that time", "time"
            )

    def _too_much(self, what: str, key: str) -> Unreadable:
        way = f"if it holds that much, raise {key} of listing in [vendors.{self.vendor}]"
        return Unreadable(self.vendor, f"{self.vendor}: half a listing: it is {what}; {way}")


def _place(error: Exception) -> tuple[str, str, int]:
    """Which error it is, and where it was raised."""
    trace = error.__traceback__
    # The innermost frame: by the outermost all bugs of an adapter would be one.
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = ("", 0) if trace is None else (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return (type(error).__name__, *where)
