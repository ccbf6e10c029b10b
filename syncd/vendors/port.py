"""What the engine asks of a vendor, and what a vendor package is built from.

The port is the whole of it: list, read, create, write, cancel, check. Every answer is canonical; a vendor's words stay
in its package. Reads raise; a write that got no clear answer is the value `Uncertain`, never an exception.
"""

from __future__ import annotations

import math
from collections import abc
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from syncd.model.appointment import Appointment, Field
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Refused
from syncd.model.memory import Mapping
from syncd.model.record import Absent, Block, Record
from syncd.model.times import Window


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a listing: its id, the bytes of its JSON, and their fingerprint (16 bytes).

    A `seat` may be one of several records that are one class: which, is told when all rows are there.
    """

    remote_id: str
    raw: bytes
    fingerprint: bytes
    seat: bool = False

    @classmethod
    def of(cls, remote_id: str, raw: bytes, beside: bytes = b"", *, seat: bool = False) -> Row:
        """A row with its fingerprint: of its bytes, and of what is read `beside` them and belongs to the record."""
        return cls(remote_id, raw, blake2b(raw + beside, digest_size=16).digest(), seat)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, or a part of one. `unidentified` are reasons for rows whose id cannot be told.

    One that is `continued` brings more of the answer that the page before it began.

    It may be as large as an answer: whoever hands it on lets go of it (`del page`) before the next one is asked for.
    """

    rows: tuple[Row, ...]
    unidentified: tuple[str, ...] = ()
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A create went into a record that existed: as which `part` of it, and whether `others_stand` in it.

    `names` are the adapter's own of what it became, as in a record's `parts`.
    """

    part: str
    others_stand: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The vendor said that it did it. `record` is its answer, as far as that shows the fields written, else None.

    `note` is something that the operator should know (a customer was created, a flag was switched off first).
    `joined` says of a create that no record was made for it, where the answer tells. `refused` is the vendor's no to a
    part of a change that takes several requests, after another part was done.
    """

    remote_id: str
    record: Record | None = None
    note: str | None = None
    joined: Joined | None = None
    refused: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """No clear answer: the write may or may not have happened. `reason` is a sentence without client details."""

    reason: str


WriteResult = Written | Uncertain

Known = abc.Callable[[abc.Collection[str]], abc.Awaitable[abc.Sequence[Mapping]]]
"""Tells the mappings of records with these ids, and of all that consist of parts and start in the window or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about a vendor that an operator should know for as long as it holds.

    `key` names it from cycle to cycle; `text` is a sentence that names the way out, without client details. A `grave`
    one lets the first cycle that meets it end as one that was done in part; from then on it is a standing line. `paste`
    are lines for syncd.toml, as they stand there.
    """

    key: str
    text: str
    grave: bool = False
    paste: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSign:
    """By what the account that a configuration opens is told from another, without a request.

    `place` is the host, as people know it. `opened_with` is all that another account could have otherwise: address and
    secrets. One that differs raises the question whose account it is, and answers it never: a key may be renewed, and a
    site may move. `name` is what the vendor itself calls the account, where the configuration tells: at one place, two
    names are two accounts. Neither is ever kept or logged in clear.
    """

    place: str
    opened_with: tuple[str, ...] = field(repr=False)
    name: str | None = field(default=None, repr=False)


class Traffic(Protocol):
    """Counts that a cycle's report needs of one vendor's transport."""

    @property
    def requests(self) -> int:
        """Requests sent since the start, retries included."""

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the vendor's clock (Date header) is ahead of syncd's; None where it gave no date."""

    def spare(self, cost: int = 0, every: float = math.inf) -> int:
        """Requests that may be sent right now without waiting for the vendor's rate limit.

        And so that from now on `cost` requests every `every` seconds find room in it, too.
        """

    @property
    def rate(self) -> tuple[int, float]:
        """The limit in force: requests per seconds."""


class Vendor(Protocol):
    """A configured vendor.

    Every method may raise `Unreachable`, `Misconfigured`, `Unreadable` or `BudgetSpent`; writes also `Refused` and
    `Stale`. All of these mean that the vendor did *not* do it.
    """

    @property
    def name(self) -> str:
        """The name in the configuration."""

    @property
    def kind(self) -> str:
        """The kind of vendor."""

    @property
    def sign(self) -> AccountSign:
        """By what its account is told from another."""

    async def named(self) -> str | None:
        """What the vendor calls the account, asked for now; None where it tells no name. By a read."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can show, take and promise, under this configuration."""

    @property
    def traffic(self) -> Traffic:
        """The counts of its transport."""

    def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Every record whose slot starts in the window (more is fine), page by page.

        Ends normally only if the listing is complete; an exception in the middle leaves what came before as partial.
        The same id may come twice (pages shift); both rows are given.
        """

    def learn(self, known: Known) -> None:
        """By what it may ask, in the listing that follows and after it, what is known of its records."""

    def needs_preparing(self, row: Row) -> bool:
        """Whether a row points to something that must be read before it can be decoded: it waits for `prepare`."""

    async def prepare(self, rows: abc.Sequence[Row], spare: int) -> abc.Sequence[Row]:
        """Read what decoding these rows of a whole listing needs besides themselves.

        At most `spare` requests are made. Returns the rows, with their fingerprints as they are
        now: one covers whatever a row only points to.
        """

    def decode(self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()) -> Record:
        """The record of a list row. `hint` is what is known of it: it decides an ambiguous local time.

        `guests` are the names of parts that are another appointment's: it is read without them.

        It has the row's fingerprint, unless the row is to be looked at anew however it looks.
        Raises `Malformed` for a row that cannot be read as an appointment.
        """

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The record by id, whole. `Absent` only for the vendor's own "not found". Raises `Malformed` too."""

    async def create(self, target: Appointment, token: str, replaces: str | None = None) -> WriteResult:
        """Make a record. `token` goes into an internal note where the vendor has one. Never retried.

        `replaces` is the id of the appointment's former record there, which has ended: what no field tells of that,
        and makes it as long as it was, may be taken over.
        """

    async def write(self, record: Record, target: Appointment, fields: frozenset[Field]) -> WriteResult:
        """Bring `fields` of an existing record (just read by id) to the target's values.

        `fields` lie within one group of `capabilities.together`. What stands in it `of_guests` stays as it is.
        """

    async def cancel(self, record: Record) -> WriteResult:
        """Cancel a record (just read by id), but for what stands in it `of_guests`.

        It is deleted where the vendor knows no other way.
        """

    async def blocked(self, known: abc.Set[str]) -> abc.Sequence[Block]:
        """The blocked time that carries syncd's mark; of these `known` ids also what a listing leaves out."""

    async def block(self, target: Appointment, mark: str) -> WriteResult:
        """Block the time of an appointment in its calendar, under this mark and without anybody's name."""

    async def unblock(self, block_id: str) -> WriteResult:
        """Remove blocked time. Raises `Stale` where it is gone."""

    def owed(self, record: Record) -> str:
        """What a write takes from a record (just read by id) that must be given back after it; empty for nothing.

        Text of its own making, kept durably from before the write until `give_back` succeeded.
        """

    async def give_back(self, remote_id: str, owed: str) -> WriteResult:
        """Give a record back what writes took from it, by a request that carries nothing else and may be repeated."""

    async def check(self) -> tuple[str, ...]:
        """By reads alone: reachability, credentials, catalogue ids. Sentences on what is doubtful, if any."""

    def notices(self) -> tuple[Notice, ...]:
        """What an operator should know of it, as of its last listing. No request is made for it."""

    def recall(self, memory: str) -> None:
        """Take in what `memory` gave, perhaps in an earlier process; called before the first request, if ever.

        A text that it cannot read is as good as none.
        """

    def memory(self) -> str:
        """What it wants to know again in the next process: text of its own making, empty where there is nothing.

        It is kept with the cycle that it came from, so that a death in between loses it: it may save requests, and
        nothing may rest on it. No secrets.
        """

    async def aclose(self) -> None:
        """Close the connections."""


class Unremarkable:
    """The part of the port of a vendor that has no name for an account, and whose rows say all.

    It has nothing to remark or to remember, and its writes leave everything else as it is.
    """

    async def named(self) -> str | None:
        """It tells none."""
        return None

    def learn(self, known: Known) -> None:
        """Its records say all."""

    def needs_preparing(self, row: Row) -> bool:
        """None does."""
        return False

    async def prepare(self, rows: abc.Sequence[Row], spare: int) -> abc.Sequence[Row]:
        """Nothing is needed besides the rows."""
        return rows

    def notices(self) -> tuple[Notice, ...]:
        """None."""
        return ()

    def recall(self, memory: str) -> None:
        """Nothing is ever remembered."""

    def memory(self) -> str:
        """Nothing."""
        return ""

    async def blocked(self, known: abc.Set[str]) -> abc.Sequence[Block]:
        """It has none."""
        return ()

    async def block(self, target: Appointment, mark: str) -> WriteResult:
        """It has no blocked time, as its capabilities say."""
        raise NotImplementedError

    async def unblock(self, block_id: str) -> WriteResult:
        """It has no blocked time, as its capabilities say."""
        raise NotImplementedError

    def owed(self, record: Record) -> str:
        """Nothing."""
        return ""

    async def give_back(self, remote_id: str, owed: str) -> WriteResult:
        """There is never anything to give back."""
        return Written(remote_id=remote_id)
