"""A store that is damaged while it is in use is told as that, whatever SQLite trips over first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from syncd_state import Corrupt, Store, StoreError, open_store
from tests.state.world import appointment, execute, url

GARBAGE = b"garbage" * 20_000


def touch(store: Store, way: str) -> None:
    """Read or write something."""
    if way == "read":
        with store.read() as tx:
            tx.index("crm", float("-inf"))
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


@pytest.mark.parametrize(
    ("place", "byte"), [(18, 9), (18, 0), (21, 7), (28, 0xFF)], ids=["version", "old version", "fraction", "size"]
)
@pytest.mark.parametrize("way", ["read", "write"])
def test_a_damaged_header_is_neither_a_matter_of_rights_nor_of_space(
    path: Path, place: int, byte: int, way: str
) -> None:
    """The file begins as a database does: what follows decides whether SQLite calls it read-only, or full."""
    with open_store(url(path)) as store:
        touch(store, "write")
    content = bytearray(path.read_bytes())
    content[place] = byte
    path.write_bytes(content)
    with suppress(Corrupt), open_store(url(path)) as store:
        for number in range(20):
            touch(store, way)
            with store.write() as tx:
                tx.upsert_appointments([appointment(f"a{number}-{each}", agreed="x" * 900) for each in range(20)])


def test_a_text_that_is_none_is_damage_and_not_repeated(path: Path) -> None:
    """The driver's own words repeat it, and it may be a client's."""
    with open_store(url(path)) as store:
        with store.write() as tx:
            tx.upsert_appointments([appointment()])
        execute(path, "UPDATE appointment SET agreed = CAST(x'4a616e65ff' AS TEXT)")
        with pytest.raises(Corrupt, match="a text in it is none") as caught, store.read() as tx:
            tx.appointments(["a1"])
        assert "Jane" not in str(caught.value)
