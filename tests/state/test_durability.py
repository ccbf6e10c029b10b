"""A commit is on the disk when it returns: what was journalled before an operation survives a power cut."""

from pathlib import Path

from syncd_state import open_store
from tests.state.world import url

SQLITE_FULL = 2
"""`PRAGMA synchronous`: every commit waits until its log is on the disk."""


def test_every_commit_of_a_file_waits_for_the_disk(path: Path) -> None:
    """SQLite's own setting, where writing is done. The end of a process shows no difference, a power cut does."""
    with open_store(url(path)) as store, store.write() as tx:
        assert tx._tuples("PRAGMA synchronous") == [(SQLITE_FULL,)]
        assert tx._tuples("PRAGMA journal_mode") == [("wal",)]
