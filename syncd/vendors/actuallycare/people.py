"""Who the clients of an account are: appointments name them by an id, and `/clients` says who that is (field-notes).

It decides which clients are read, when and in which way, and never more than the rate leaves beside the listings of
appointments. An appointment's row stays as it is when its client gets another e-mail: that is seen by reading the
clients again, once in `every`. What a client was like is remembered as a digest, from process to process, so that a
row is known to be unchanged although nobody has read its client yet.
"""

from __future__ import annotations

import json
import math
from collections import abc
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from syncd.model import appointment as model
from syncd.model.errors import BudgetSpent, Malformed, VendorError
from syncd.vendors.actuallycare.client import PAGE_SIZE, ApiClient, Denied, client_of, row_id
from syncd.vendors.actuallycare.schemas import read_client
from syncd.vendors.port import Notice

_GONE = ""
"""The digest of a client that the vendor no longer has."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Nobody can say who a client is; `reason` says why for good, None means that it is not read yet."""

    reason: str | None = None


_NOT_THERE = Untold("the vendor no longer has the client whom it names")
_UNREADABLE = Untold("the client whom it names cannot be read")


class _Stop(Exception):
    """The vendor does not let clients be read."""


@dataclass(slots=True)
class _Purse:
    """How many requests may still be sent."""

    left: int


class People:
    """The clients whom the appointments of one account name.

    `every` is how often all of them are read again, `stand_in` says that the operator lets those who cannot be told
    pass for no client.
    """

    def __init__(
        self, vendor: str, client: ApiClient, clock: abc.Callable[[], datetime], every: timedelta, *, stand_in: bool
    ) -> None:
        self._vendor = vendor
        self._client = client
        self._clock = clock
        self._every = every
        self.stand_in = stand_in
        self._known: dict[str, model.Client | Untold] = {}
        self._digests: dict[str, str] = {}
        self._named: abc.Set[str] = frozenset()
        self._total: int | None = None
        self._read_at: datetime | None = None
        self._denied: Denied | None = None
        self._asked_at: datetime | None = None
        self._crowded: int | None = None
        self._memory: str | None = ""

    def who(self, client_id: str) -> model.Client | Untold:
        """The client of that id, as far as it is known by now."""
        known = self._known.get(client_id)
        if known is not None:
            return known
        if self._denied is not None:
            return Untold(f"the key may not read clients ({self._denied.said})")
        return _NOT_THERE if self._digests.get(client_id) == _GONE else Untold()

    def beside(self, client_id: str) -> bytes:
        """What tells a row from what it was besides its own bytes: the digest of its client, where it was ever read."""
        digest = self._digests.get(client_id) if client_id else None
        return b"" if digest is None else b"\0" + digest.encode()

    def listed(self, named: abc.Set[str]) -> None:
        """These are all clients whom the account's appointments name; others are forgotten."""
        if self._named == named:
            return
        self._named = named
        self._known = {key: one for key, one in self._known.items() if key in named}
        self._digests = {key: digest for key, digest in self._digests.items() if key in named}
        self._memory = None

    async def prepare(self, needed: abc.Set[str], spare: int) -> None:
        """Read who these are, and everybody again if it is time, by at most `spare` requests.

        Raises `Unreachable`, `Misconfigured` or `Unreadable`; what was read until then is known.
        """
        now, purse = self._clock(), _Purse(spare)
        if self._denied is not None and self._asked_at is not None and now - self._asked_at < self._every:
            return
        try:
            if self._named and (self._read_at is None or now - self._read_at >= self._every):
                await self._renew(now, purse)
            await self._read({key for key in needed if self._may_be_read(key)}, purse)
        except (_Stop, BudgetSpent):
            return

    async def meet(self, client_id: str) -> None:
        """Read one client whom nobody has asked for yet; if that cannot be done now, it stays untold."""
        if not client_id or self.who(client_id) != Untold():
            return
        try:
            await self._one(client_id, urgent=True)
        except (_Stop, VendorError):
            return

    def notices(self) -> tuple[Notice, ...]:
        """That the key may not read clients; that there is no room to read them again."""
        found = []
        if self._denied is not None and self._named:
            found.append(self._notice_of_denial(self._denied))
        if self._crowded is not None:
            text = (
                f"{self._vendor}: reading its clients again takes {self._crowded} requests, for which its rate leaves "
                "no room beside the listings: what changes in a client is not seen; lengthen sync.interval"
            )
            found.append(Notice(key="clients-crowded", text=text))
        return tuple(found)

    def denial(self, denied: Denied) -> str:
        """What an operator can do about a key that may not read clients."""
        return (
            f"{self._vendor}: the key may not read clients ({denied.said}), by whose ids its appointments name them: "
            "give it the scope for clients, or let the stand-in take their place with "
            f'clients = "stand-in" in [vendors.{self._vendor}]'
        )

    def memory(self) -> str:
        """The digests, and when all were read last; empty where no appointment names anybody."""
        if self._memory is None:
            kept = {
                "read_at": None if self._read_at is None else self._read_at.isoformat(),
                "total": self._total,
                "digests": self._digests,
            }
            self._memory = json.dumps(kept) if self._named else ""
        return self._memory

    def recall(self, memory: str) -> None:
        """Take in what `memory` gave."""
        try:
            kept = json.loads(memory)
            digests = {str(key): str(digest) for key, digest in kept["digests"].items()}
            read_at = None if kept["read_at"] is None else datetime.fromisoformat(kept["read_at"])
            total = None if kept["total"] is None else int(kept["total"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        if read_at is not None and (read_at.utcoffset() is None or read_at > self._clock()):
            read_at = None
        self._digests, self._read_at, self._total = digests, read_at, total
        self._named, self._memory = frozenset(digests), memory

    # -- reading ------------------------------------------------------------------------------------------------

    def _may_be_read(self, client_id: str) -> bool:
        """Whether it is neither known nor known to be gone."""
        return client_id not in self._known and self._digests.get(client_id) != _GONE

    async def _renew(self, now: datetime, purse: _Purse) -> None:
        cost = min(len(self._named), self._pages)
        self._crowded = cost if cost > purse.left else None
        if self._crowded is None and await self._read(self._named, purse):
            self._read_at, self._memory = now, None

    async def _read(self, wanted: abc.Set[str], purse: _Purse) -> bool:
        """Read these clients in the way that takes fewer requests; False where they were not enough for all."""
        left = set(wanted)
        number = 0
        while 0 < self._pages - number < len(left) and self._pages - number <= purse.left:
            number += 1
            found = await self._page(number, purse)
            left -= found
        for key in sorted(left):
            if purse.left <= 0:
                return False
            purse.left -= 1
            await self._one(key)
        return True

    @property
    def _pages(self) -> int:
        """How many pages all clients take, as far as that is known."""
        return 1 if self._total is None else max(1, math.ceil(self._total / PAGE_SIZE))

    async def _page(self, number: int, purse: _Purse) -> set[str]:
        purse.left -= 1
        page = self._let(await self._client.clients_page(number))
        if self._total != page.total:
            self._total, self._memory = page.total, None
        rows = {key: raw for raw in page.rows if (key := row_id(raw)) is not None}
        for key in rows.keys() & self._named:
            self._take(key, rows[key])
        return set(rows)

    async def _one(self, client_id: str, *, urgent: bool = False) -> None:
        self._take(client_id, self._let(await self._client.client(client_id, urgent=urgent)))

    def _let(self, answer: Any) -> Any:
        self._asked_at = self._clock()
        self._denied = answer if isinstance(answer, Denied) else None
        if self._denied is not None:
            raise _Stop
        return answer

    def _take(self, client_id: str, raw: bytes | None) -> None:
        found = _NOT_THERE if raw is None else _read_as(raw)
        said = _GONE if raw is None else _digest(found, raw)
        self._known[client_id] = found
        if self._digests.get(client_id) != said:
            self._digests[client_id], self._memory = said, None

    def _notice_of_denial(self, denied: Denied) -> Notice:
        if not self.stand_in:
            return Notice(key="clients-denied", text=self.denial(denied), grave=True)
        text = f"{self._vendor}: the key may not read clients ({denied.said}); the stand-in takes their place"
        return Notice(key="clients-stand-in", text=text)


def named_by(rows: abc.Iterable[bytes]) -> set[str]:
    """The ids of the clients whom these rows name."""
    return {key for key in map(client_of, rows) if key}


def _read_as(raw: bytes) -> model.Client | Untold:
    try:
        row = read_client(raw)
    except Malformed:
        return _UNREADABLE
    return model.Client(
        first_name=" ".join(row.first_name.split()),
        last_name=" ".join(row.last_name.split()),
        email=row.email.strip(),
        phone=row.phone.strip(),
    )


def _digest(found: model.Client | Untold, raw: bytes) -> str:
    """What tells a client from what it was; of one that cannot be read, its JSON."""
    if isinstance(found, Untold):
        return blake2b(raw, digest_size=8).hexdigest()
    parts = (found.first_name, found.last_name, found.email, found.phone)
    return blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()
