"""Rows and files that the store's tests are made of."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from syncd_state import (
    AppointmentRow,
    ConflictRow,
    HeldRow,
    JournalRow,
    MappingRow,
    ObservationRow,
    QuarantineRow,
    Store,
)

NOON = "2026-12-01T12:00:00.000000Z"
LATER = "2026-12-01T13:00:00.000000Z"


def appointment(ident: str = "a1", **changed: Any) -> AppointmentRow:
    """An appointment from 100 to 200."""
    row = AppointmentRow(
        id=ident,
        start=100.0,
        end=200.0,
        ended=False,
        pending=False,
        created_at=NOON,
        updated_at=NOON,
        agreed='{"title": "Showing"}',
        provenance='{"title": "crm"}',
    )
    return replace(row, **changed)


def mapping(remote_id: str = "7", **changed: Any) -> MappingRow:
    """A live record of `crm` that belongs to appointment a1."""
    row = MappingRow(
        appointment_id="a1",
        vendor="crm",
        remote_id=remote_id,
        start=100.0,
        live=True,
        base_at=50.0,
        base="{}",
        accepted="{}",
        fingerprint=b"\x00\xff",
        version=3,
        modified_at=NOON,
    )
    return replace(row, **changed)


def intention(**changed: Any) -> JournalRow:
    """A create at `book` that is about to be sent."""
    row = JournalRow(
        operation_id="op1",
        cycle_id="c1",
        vendor="book",
        action="create",
        appointment_id="a1",
        remote_id=None,
        intended="{}",
        reason="crm has it, book does not",
        intended_at=NOON,
    )
    return replace(row, **changed)


def refusal(key: str = "crm:7", **changed: Any) -> QuarantineRow:
    """A record of `crm` that cannot be read."""
    row = QuarantineRow(
        vendor="crm",
        key=key,
        appointment_id=None,
        remote_id="7",
        reason="ends before it starts",
        since=NOON,
        cycle_id="c1",
    )
    return replace(row, **changed)


def conflict(key: str = "a1:slot", **changed: Any) -> ConflictRow:
    """Two vendors moved appointment a1; nobody has decided."""
    row = ConflictRow(
        cycle_id="c1",
        appointment_id="a1",
        field="slot",
        values_json='{"crm": 1, "book": 2}',
        winner=None,
        rule="manual",
        key=key,
        open=True,
        seen_at=NOON,
    )
    return replace(row, **changed)


def observation(vendor: str = "crm", **changed: Any) -> ObservationRow:
    """A complete listing of one record."""
    row = ObservationRow(
        vendor=vendor,
        started_at=1.0,
        ended_at=2.0,
        window_start=0.0,
        window_end=1000.0,
        records=1,
        clock_offset=None,
        unread=0,
    )
    return replace(row, **changed)


def held(operation_id: str = "op1", **changed: Any) -> HeldRow:
    """A cancellation that the guard keeps back."""
    row = HeldRow(operation_id=operation_id, cycle_id="c1", operation="{}", reason="12 of 20 would be cancelled")
    return replace(row, **changed)


def filled(store: Store) -> Store:
    """The store with one row in every table."""
    with store.write() as tx:
        tx.upsert_appointments([appointment()])
        tx.upsert_mappings([mapping()])
        tx.journal_intend(intention())
        tx.put_quarantine(refusal())
        tx.put_conflicts([conflict()])
        tx.replace_held("c1", [held()])
        tx.put_observation(observation())
        tx.begin_cycle("c1", NOON)
        tx.put_meta("token", "1")
    return store


def url(path: Path) -> str:
    """The store URL of a file."""
    return f"sqlite:///{path}"


def dropped_by_a_crash(path: Path, folder: Path) -> Path:
    """Copies of an open store's files as a crash of the machine would leave them: the rows are in the log alone."""
    folder.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copyfile(file, folder / file.name)
    return folder / path.name


class Trace(NamedTuple):
    """What there is to see of a file from outside."""

    mode: int
    modified: int
    content: bytes


def traces(folder: Path) -> dict[str, Trace]:
    """Everything in a folder, so that two looks can be compared."""
    found = {}
    for file in sorted(folder.iterdir()):
        status = os.stat(file)
        found[file.name] = Trace(status.st_mode & 0o777, status.st_mtime_ns, file.read_bytes())
    return found


def execute(path: Path, *statements: str) -> None:
    """What somebody with the sqlite3 shell would do to a file at rest."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
