"""The first run of a newer version dies while it upgrades the state store; the next one upgrades it and goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from syncd_state.columns import HEAD
from syncd_state.schema import Schema
from tests.kills import newer
from tests.kills.history import KILLED, History
from tests.kills.moments import HOOK, Moment, Place
from tests.state.test_migrations import REBUILD, columns, revised

AT_ONCE = "import os; os.kill(os.getpid(), 9)"
AT = "from tests.kills.inside import die_at; die_at({!r})"


def options(revisions: Path) -> dict[str, Any]:
    """How to start the newer version."""
    return {"environ": {newer.VARIABLE: str(revisions)}, "imports": (newer.__name__,)}


def schema_of(store: Path) -> str:
    """The revision of a sound database."""
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def upgraded(story: History, folder: Path) -> None:
    """The newer version, undisturbed, upgrades the store, does what there is to do, and keeps a copy of the old one."""
    revised(folder, REBUILD)
    story.schema = Schema(folder, head=newer.HEAD)
    finished = story.world.syncd("--once", **options(folder))
    story.after(finished, "the newer version")
    assert finished.code == 0, finished.err
    assert story.people.missing() == []
    assert story.left_open() == []
    assert schema_of(story.world.state) == newer.HEAD
    assert "colour" in columns(story.world.state, "appointment")
    copies = list(story.world.state.parent.glob("state.db.backup-*"))
    assert {schema_of(copy) for copy in copies} == {HEAD}


@pytest.mark.parametrize(
    "step",
    [
        f"{AT_ONCE}{REBUILD}",
        f"{REBUILD}    {AT.format('pwrite')}",
        f"{REBUILD}    {AT.format('fsync')}",
        f"{REBUILD}    {AT.format('unlink')}",
    ],
    ids=["before", "pwrite", "fsync", "unlink"],
)
def test_a_death_in_a_migration_leaves_the_old_schema_or_the_new(story: History, tmp_path: Path, step: str) -> None:
    """Before it, in its commit, and when the log of that was moved into the file."""
    story.begin(4)
    story.put_right()
    story.act(4)
    revised(tmp_path / "deadly", step)
    finished = story.world.syncd("--once", **options(tmp_path / "deadly"))
    story.after(finished, "the newer version, killed in its migration")
    assert finished.code in KILLED, finished.err
    assert schema_of(story.world.state) in (HEAD, newer.HEAD)
    upgraded(story, tmp_path / "sound")


@pytest.mark.parametrize("name", ["pwrite", "fsync", "unlink"])
def test_a_death_while_the_copy_is_made_leaves_the_old_schema(story: History, tmp_path: Path, name: str) -> None:
    """Nothing was changed yet."""
    story.begin(4)
    story.put_right()
    story.act(4)
    revised(tmp_path / "revisions", REBUILD)
    given = options(tmp_path / "revisions")
    moment = Moment(place=Place.SYSTEM_CALL, number=0, after=True, name=name)
    given |= {"environ": {**given["environ"], **moment.environ}, "imports": (*given["imports"], HOOK)}
    finished = story.world.syncd("--once", **given)
    story.after(finished, f"the newer version, {moment}")
    assert finished.code in KILLED, finished.err
    assert schema_of(story.world.state) == HEAD
    upgraded(story, tmp_path / "sound")
