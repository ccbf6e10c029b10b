"""A store that is damaged while it is in use is told as that, whatever SQLite trips over first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from state import Corrupt, Store, StoreError, open_store
from tests.state.world import appointment, url

GARBAGE = b"garbage" * 20_000


def touch(store: Store, way: str) -> None:
    """Read or write something."""
    if way == "read":
        with store.read() as tx:
            tx.index("crm")
            tx.appointments_pending()
    else:
        with store.write() as tx:
            tx.put_meta("token", "late")


@pytest.mark.parametrize("way", ["read", "write"])
@pytest.mark.parametrize("log", ["as it was", "overwritten", "gone"])
@pytest.mark.parametrize("commits", [0, 1, 30])
def test_a_store_that_is_overwritten_is_damaged_and_no_full_disk(path: Path, commits: int, log: str, way: str) -> None:
    """With a log of the right length SQLite speaks of an input/output error: free space would be looked for in vain."""
    store = open_store(url(path))
    for number in range(commits):
        with store.write() as tx:
            tx.upsert_appointments([appointment(f"a{number}-{each}") for each in range(20)])
    path.write_bytes(GARBAGE)
    beside = Path(f"{path}-wal")
    if log == "overwritten":
        beside.write_bytes(GARBAGE)
    elif log == "gone":
        beside.unlink(missing_ok=True)
    with pytest.raises(Corrupt, match=r"state\.db is damaged.*restore a copy"):
        touch(store, way)
    with suppress(StoreError):
        store.close()
