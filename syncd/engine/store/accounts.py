"""Which account at each vendor the store's records are of: kept as hashes, and set aside when it is
another.

What opens an account goes into an HMAC with the store's own salt, as a key cannot be guessed; what
a vendor calls it goes into scrypt, as a number of eight digits can.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import abc
from dataclasses import dataclass
from datetime import datetime

from syncd.engine.store.blocks import blocks_of, keep_blocks
from syncd.engine.store.debts import forget_all_owed
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.lookup import DECISION, VENDOR
from syncd.engine.store.quarantines import forget_vendor
from syncd.engine.store.refusals import NotFound
from syncd.engine.store.rows import Remembered, mapping_from, moment_from, text_of
from syncd.engine.store.texts import to_json
from syncd.model.memory import FORMER, Mapping
from syncd.vendors.port import AccountSign
from syncd_state import AccountRow, Transaction

_SHOWN = 6
"""So many digits of a hash tell two accounts of one vendor from each other, for people."""

COST_OF_A_GUESS = {"n": 2**14, "r": 8, "p": 1, "dklen": 16}
"""What scrypt makes of one guess at a name, and so of each name that is kept: a tenth of a second.
"""


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """The account that a vendor's records are of, as the store keeps it."""

    row: AccountRow

    @property
    def since(self) -> datetime:
        """When it was first kept."""
        return moment_from(self.row.since)

    def is_opened_by(self, sign: AccountSign) -> bool:
        """Whether address and secrets are what they were when it was told last."""
        return hmac.compare_digest(self.row.fingerprint, _fingerprint(self.row.salt, sign))

    def is_called(self, place: str, name: str) -> bool:
        """Whether that is what the vendor calls it."""
        named = self.row.name or b""
        return hmac.compare_digest(named, _named(self.row.salt, place, name))

    def tells(self, sign: AccountSign) -> bool:
        """Whether the vendor's name for it can be compared with that of a sign: it is at one
        place.
        """
        return self.row.name is not None and sign.name is not None and self.row.place == sign.place

    def __str__(self) -> str:
        return f"{self.row.place} (account {self.row.fingerprint.hex()[:_SHOWN]})"

    def other(self, sign: AccountSign) -> str:
        """How people tell the one that a sign opens from this one."""
        return f"{sign.place} (account {_fingerprint(self.row.salt, sign).hex()[:_SHOWN]})"


@dataclass(frozen=True, slots=True)
class AccountBook:
    """The accounts in a ledger's store."""

    ledger: Ledger

    async def kept(self, vendor: str) -> KeptAccount | None:
        """The account that a vendor's records are of; None where that was never told."""
        return await self.ledger.read(kept_in, vendor)

    async def keep(self, vendor: str, sign: AccountSign, salt: bytes) -> None:
        """From now on a vendor's records are of this account, by that sign of it."""
        row = _row(vendor, sign, salt, self.ledger.clock())
        await self.ledger.write(lambda tx: tx.put_account(row))

    async def has_records(self, vendor: str) -> bool:
        """Whether any record of a vendor was ever known."""
        return await self.ledger.read(lambda tx: tx.has_mappings(vendor))

    async def to_ask_for(self, vendor: str, number: int) -> list[Mapping]:
        """So many known records at most, by which an account is told: those that come next
        first.
        """
        now = self.ledger.clock().timestamp()

        def read(tx: Transaction) -> list[Mapping]:
            return [mapping_from(row, None, {}) for row in tx.mappings_to_ask(vendor, now, number)]

        return await self.ledger.read(read)


def kept_in(tx: Transaction, vendor: str) -> KeptAccount | None:
    """The account that a vendor's records are of, within a transaction."""
    row = tx.account(vendor)
    return None if row is None else KeptAccount(row)


def listed(ledger: Ledger, vendors: abc.Iterable[str]) -> dict[str, KeptAccount | None]:
    """The account that each vendor's records are of, at once, in the caller's thread."""
    with ledger.store.read() as tx:
        return {vendor: kept_in(tx, vendor) for vendor in vendors}


def moved_to(ledger: Ledger, vendor: str, sign: AccountSign) -> int:
    """Say that a vendor's appointments moved to the account that it opens now; how many records
    were in use. The next cycle links them anew.

    Raises NotFound where it opens the account that it did, or nothing of it is known.
    """
    with ledger.store.write() as tx:
        _in_doubt(tx, vendor, sign)
        return _set_aside(tx, vendor, ledger.clock())


def same_as_before(ledger: Ledger, vendor: str, sign: AccountSign, salt: bytes) -> None:
    """Say that a vendor opens the account that its known records are of: the next cycle reads it.
    `salt` is for a store that has none of it yet.

    Raises NotFound as `moved_to` does.
    """
    with ledger.store.write() as tx:
        kept = _in_doubt(tx, vendor, sign)
        row = _row(vendor, sign, kept.row.salt if kept else salt, ledger.clock())
        tx.put_account(row)


def _in_doubt(tx: Transaction, vendor: str, sign: AccountSign) -> KeptAccount | None:
    """The account that a vendor's records are of, where it may not be the one that it opens now."""
    kept = kept_in(tx, vendor)
    if not tx.has_mappings(vendor):
        raise NotFound(f"no record of {vendor} is known: nothing of it can have moved")
    if kept is not None and kept.is_opened_by(sign):
        raise NotFound(
            f"{vendor} opens {kept}, which its records are of: nothing moved. Change "
            f"[vendors.{vendor}] first"
        )
    return kept


def _set_aside(tx: Transaction, vendor: str, now: datetime) -> int:
    """Let a vendor's records be those of an account that is its own no longer.

    They stay in the store, with their tombstones, under a name that no vendor can have. Everything
    else that was known of the vendor went with them: its next listing is as the first one.
    """
    moment = text_of(now)
    reason = f"{vendor} has another account since {now:%Y-%m-%d %H:%M} UTC"
    number = tx.set_aside(vendor, f"{vendor}{FORMER}{moment}", reason, moment)
    forget_all_owed(tx, vendor)
    forget_vendor(tx, vendor)
    if blocks_of(tx, vendor):
        keep_blocks(tx, {vendor: ()})
    tx.put_meta(f"{VENDOR}{vendor}", to_json(Remembered()))
    tx.put_meta(DECISION, f"account {vendor} {moment}")
    return number


def _row(vendor: str, sign: AccountSign, salt: bytes, now: datetime) -> AccountRow:
    return AccountRow(
        vendor=vendor,
        place=sign.place,
        salt=salt,
        fingerprint=_fingerprint(salt, sign),
        name=None if sign.name is None else _named(salt, sign.place, sign.name),
        since=text_of(now),
    )


def _fingerprint(salt: bytes, sign: AccountSign) -> bytes:
    told = "\n".join((sign.place, *sign.opened_with)).encode()
    return hmac.new(salt, told, hashlib.sha256).digest()[:16]


def _named(salt: bytes, place: str, name: str) -> bytes:
    return hashlib.scrypt(f"{place}\n{name}".encode(), salt=salt, **COST_OF_A_GUESS)
