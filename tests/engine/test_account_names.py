"""How the store keeps what a vendor calls an account."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest

import syncd_state
from syncd.engine.store import accounts
from syncd.engine.store.accounts import AccountBook
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from syncd.vendors.port import AccountSign
from tests.cheap import REAL_COST

NOW = datetime(2026, 9, 14, 11, 0, tzinfo=UTC)
SALT = bytes(range(16))


def test_a_name_is_kept_at_the_cost_of_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user id of eight digits is guessed in no time by whoever has the store, unless each guess takes its time."""
    assert (REAL_COST["n"], REAL_COST["r"], REAL_COST["p"]) == (2**14, 8, 1)
    monkeypatch.setitem(accounts.COST_OF_A_GUESS, "n", REAL_COST["n"])
    ledger = Ledger(syncd_state.open_store("sqlite://"), lambda: NOW, run=at_once)
    sign = AccountSign(place="book.example", opened_with=("20481234", "key"), name="20481234")
    asyncio.run(AccountBook(ledger).keep("book", sign, SALT))
    with ledger.store.read() as tx:
        row = tx.account("book")
    assert row is not None
    assert row.name == hashlib.scrypt(b"book.example\n20481234", salt=SALT, **REAL_COST)
    ledger.close()
