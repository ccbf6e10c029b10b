"""An older store is brought to this version's schema whole, or left as it was."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect

from syncd_state import MigrationFailed, Misused, Store, Unwritable, open_store, rows, tables
from syncd_state.columns import HEAD
from syncd_state.schema import SHIPPED, Schema, upgrade_file
from syncd_state.upgrading import revisions
from tests.state.test_opening import largest_file
from tests.state.world import (
    appointment,
    conflict,
    dropped_by_a_crash,
    held,
    intention,
    mapping,
    observation,
    refusal,
    traces,
    url,
)

SCHEMAS = Path(__file__).parent / "schemas"

REVISION = '''
"""A revision that only the tests have."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision}", "{follows}"


def upgrade() -> None:
    {steps}
'''

REBUILD = """
    with op.batch_alter_table("appointment") as table:
        table.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="red"))
        table.alter_column("pending", existing_type=sa.Boolean(), nullable=True)
"""


def revised(folder: Path, *steps: str) -> Schema:
    """The shipped schema and one more revision for each of the steps."""
    folder.mkdir(exist_ok=True)
    head = HEAD
    for number, step in enumerate(steps, start=9001):
        text = REVISION.format(revision=number, follows=head, steps=step.strip())
        head = str(number)
        (folder / f"{head}_test.py").write_text(text)
    return Schema(folder, head=head)


def written_by(revision: str, path: Path) -> Path:
    """A store as the version with that revision left it, with a row in every table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / f"{revision}.sql").read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
    return path


def columns(path: Path, table: str) -> list[str]:
    """The names of a table's columns on the disk."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def contents(store: Store) -> dict[str, Any]:
    """One row of every table, as the store's user gets them."""
    with store.read() as tx:
        return {
            "appointment": tx.appointments(["a1"]),
            "mapping": tx.mappings_of(["a1"]),
            "quarantine": tx.quarantines(),
            "journal": tx.journal_unsettled(),
            "conflict": tx.conflicts_open(),
            "cycle": [row.id for row in tx.last_cycles(9)],
            "observation": tx.observations(),
            "held": tx.held(),
            "meta": tx.get_meta("token"),
        }


CONTENTS = {
    "appointment": [appointment()],
    "mapping": [mapping(id=1)],
    "quarantine": [refusal(id=1)],
    "journal": [intention(id=1)],
    "conflict": [conflict(id=1)],
    "cycle": ["c1"],
    "observation": {"crm": observation()},
    "held": [held()],
    "meta": "1",
}


def test_the_migrations_end_at_the_tables(path: Path) -> None:
    """A new store has exactly the tables, columns, indexes and constraints that the classes declare."""
    open_store(url(path)).close()
    engine = create_engine(url(path))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        found = inspect(connection)
        for table in tables.metadata.tables.values():
            assert [column["name"] for column in found.get_columns(table.name)] == [column.name for column in table.c]
    engine.dispose()


def constraints(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """The named constraints of each table, and whether its ids are never given twice."""
    found = inspect(connection)
    schema = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")
    sql = {row.name: row.sql for row in schema}
    return {
        name: (
            found.get_pk_constraint(name),
            sorted(check["name"] or "" for check in found.get_check_constraints(name)),
            sorted(unique["name"] or "" for unique in found.get_unique_constraints(name)),
            sorted(key["name"] or "" for key in found.get_foreign_keys(name)),
            "AUTOINCREMENT" in sql[name],
        )
        for name in tables.metadata.tables
    }


def test_the_migrations_keep_every_constraint_and_its_name(path: Path) -> None:
    """Alembic's comparison does not look at checks, names and AUTOINCREMENT; a rebuilt table easily loses them."""
    open_store(url(path)).close()
    migrated, declared = create_engine(url(path)), create_engine("sqlite://")
    with migrated.connect() as ours, declared.begin() as theirs:
        tables.metadata.create_all(theirs)
        assert constraints(ours) == constraints(theirs)
    migrated.dispose()
    declared.dispose()


def test_the_newest_revision_is_the_one_that_the_tables_name() -> None:
    """Forgetting to raise the number would leave older stores without their migration."""
    assert max(revisions()) == HEAD


@pytest.mark.parametrize("revision", sorted(revisions()))
def test_a_store_of_every_revision_keeps_its_data(path: Path, revision: str) -> None:
    """Each revision has a store that was written by it, and what it holds is read by this version."""
    with open_store(url(written_by(revision, path))) as store:
        assert contents(store) == CONTENTS
    upgraded = set(traces(path.parent)) - {"state.db"}
    assert upgraded == (set() if revision == HEAD else {f"state.db.backup-{revision}-1"})


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (rows.AppointmentRow, tables.Appointment),
        (rows.MappingRow, tables.Mapping),
        (rows.QuarantineRow, tables.Quarantine),
        (rows.JournalRow, tables.Journal),
        (rows.ConflictRow, tables.Conflict),
        (rows.CycleRow, tables.Cycle),
        (rows.ObservationRow, tables.Observation),
        (rows.HeldRow, tables.Held),
        (rows.AccountRow, tables.Account),
    ],
)
def test_a_row_has_the_columns_of_its_table(row: type[Any], table: type[Any]) -> None:
    """No column is lost on the way in or out, and its type is the same."""
    declared = {name: field.annotation for name, field in table.model_fields.items()}
    assert {field.name: field.type for field in fields(row)} == declared


def test_an_upgrade_keeps_the_data_and_a_copy_of_the_file(path: Path, tmp_path: Path) -> None:
    """Rebuilding a table that others refer to loses no row; the copy opens with the version that wrote it."""
    schema = revised(tmp_path / "revisions", REBUILD, "op.create_table('extra', sa.Column('id', sa.Integer()))")
    with open_store(url(written_by("0001", path)), schema=schema) as store:
        assert contents(store) == CONTENTS
    assert "colour" in columns(path, "appointment")
    assert columns(path, "extra") == ["id"]
    copy = path.with_name("state.db.backup-0001-1")
    assert {name: trace.mode for name, trace in traces(path.parent).items()} == {"state.db": 0o600, copy.name: 0o600}
    with open_store(url(copy)) as store:
        assert contents(store) == CONTENTS


def test_an_upgrade_takes_along_what_only_the_log_holds(path: Path, tmp_path: Path) -> None:
    """A store whose last version crashed is upgraded with its last transactions, and so is its copy."""
    with open_store(url(written_by("0001", path))) as store:
        with store.write() as tx:
            tx.put_meta("token", "late")
        left = dropped_by_a_crash(path, tmp_path / "crashed")
    with open_store(url(left), schema=revised(tmp_path / "revisions", REBUILD)) as store:
        assert contents(store)["meta"] == "late"
    with open_store(url(left.with_name(f"state.db.backup-{HEAD}-1"))) as store:
        assert contents(store)["meta"] == "late"


def test_an_upgraded_store_is_not_upgraded_again(path: Path, tmp_path: Path) -> None:
    """Opening it a second time makes no second copy; an earlier copy is never overwritten."""
    path.with_name("state.db.backup-0001-1").write_text("an earlier copy")
    schema = revised(tmp_path / "revisions", REBUILD)
    for _ in range(2):
        with open_store(url(path if path.exists() else written_by("0001", path)), schema=schema) as store:
            assert contents(store) == CONTENTS
    assert list(traces(path.parent)) == ["state.db", "state.db.backup-0001-1", "state.db.backup-0001-2"]
    assert path.with_name("state.db.backup-0001-1").read_text() == "an earlier copy"


def test_of_two_processes_that_upgrade_one_does(path: Path, tmp_path: Path) -> None:
    """The one that had to wait for the write lock finds nothing left to do, and makes no copy."""
    schema = revised(tmp_path / "revisions", REBUILD)
    open_store(url(written_by("0001", path)), schema=schema).close()
    upgrade_file(path, "0001", schema, timeout=0)
    assert list(traces(path.parent)) == ["state.db", "state.db.backup-0001-1"]


@pytest.mark.parametrize(
    "failing",
    [
        "raise RuntimeError('not today')",
        "op.execute('INSERT INTO nowhere VALUES (1)')",
        "op.execute('DELETE FROM appointment')",
    ],
)
def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, tmp_path: Path, failing: str) -> None:
    """All revisions are one transaction; failing at the last undoes the first, and no copies pile up."""
    written_by("0001", path).chmod(0o600)
    before = traces(path.parent)
    schema = revised(tmp_path / "revisions", REBUILD, failing)
    for _ in range(2):
        with pytest.raises(MigrationFailed, match=r"state\.db could not be brought.*holds what it held before"):
            open_store(url(path), schema=schema)
        assert traces(path.parent) == before
    with open_store(url(path)) as store:
        assert contents(store) == CONTENTS


def test_an_upgrade_without_space_leaves_the_file_as_it_was(path: Path, tmp_path: Path) -> None:
    """A disk that cannot take the copy takes no migration either, and the half copy is removed."""
    written_by("0001", path).chmod(0o600)
    before = traces(path.parent)
    with largest_file(100_000), pytest.raises(Unwritable, match="free space"):
        open_store(url(path), schema=revised(tmp_path / "revisions", REBUILD))
    assert traces(path.parent) == before


def test_readonly_upgrades_its_copy_alone(path: Path, tmp_path: Path) -> None:
    """A dry run of a new version shows what it would do without touching the store of the old one."""
    written_by("0001", path)
    before = traces(path.parent)
    with open_store(url(path), schema=revised(tmp_path / "revisions", REBUILD), readonly=True) as store:
        assert contents(store) == CONTENTS
        with store.read() as tx:
            assert tx._tuples("SELECT colour FROM appointment") == [("red",)]
    assert traces(path.parent) == before


def test_references_hold_again_after_an_upgrade(path: Path, tmp_path: Path) -> None:
    """Migrations run with references unchecked; the store that they leave checks them."""
    schema = revised(tmp_path / "revisions", REBUILD)
    with open_store(url(written_by("0001", path)), schema=schema) as store, pytest.raises(Misused), store.write() as tx:
        tx.upsert_mappings([mapping(appointment_id="nobody")])


@pytest.mark.parametrize("place", [lambda path: "sqlite://", url])
def test_a_new_store_has_the_newest_schema(path: Path, place: Callable[[Path], str]) -> None:
    """In a file and in memory alike, without a copy of anything."""
    with open_store(place(path)) as store, store.read() as tx:
        assert tx._tuples("SELECT version_num FROM alembic_version") == [(SHIPPED.head,)]
    assert len(list(path.parent.iterdir())) <= 1
