"""The thread that works on the store."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime

import pytest

import syncd_state
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import WriterThread

NOW = datetime(2026, 9, 14, 11, 0, tzinfo=UTC)


def test_a_store_is_closed_once_nobody_works_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is cancelled while the thread is within a transaction: that ends first, and as it should."""
    runner = WriterThread()
    ledger = Ledger(syncd_state.open_store("sqlite://"), lambda: NOW, run=runner)
    begun, may_end = threading.Event(), threading.Event()
    told: list[str | None] = []

    def slow(tx: syncd_state.Transaction) -> None:
        begun.set()
        assert may_end.wait(60)
        tx.put_meta("night", "quiet")
        told.append(tx.get_meta("night"))

    async def stopped() -> None:
        asked = asyncio.ensure_future(ledger.write(slow))
        await asyncio.to_thread(begun.wait, 60)
        asked.cancel()
        with suppress(asyncio.CancelledError):
            await asked

    wait = WriterThread.close

    def waiting(runner: WriterThread) -> None:
        may_end.set()
        wait(runner)

    def closing(_store: syncd_state.Store) -> None:
        told.append("closed")
        may_end.set()

    with monkeypatch.context() as patched:
        patched.setattr(WriterThread, "close", waiting)
        patched.setattr(syncd_state.Store, "close", closing)
        asyncio.run(stopped())
        ledger.close()
        waiting(runner)
    assert told == ["quiet", "closed"]
    ledger.close()
