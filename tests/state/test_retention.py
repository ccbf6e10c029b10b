"""What is over is found by its end and forgotten a few rows at a time; what is still open stays."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncd_state import FIRST, Bygone, Ended, Store, Transaction, open_store
from syncd_state.retention import APPOINTMENTS_OVER, CONFLICTS_OVER, CYCLES_OVER, ENTRIES_OVER
from tests.state.test_migrations import written_by
from tests.state.world import (
    LATER,
    NOON,
    appointment,
    conflict,
    intention,
    mapping,
    refusal,
    url,
)

BYGONE = Bygone(ended=1000.0, since=LATER, sent=500.0, move="reschedule")
"""At 1000 seconds, which is LATER as a text; creates sent after 500 may still land."""
EARLY, LATE = NOON, "2026-12-01T14:00:00.000000Z"


def over(tx: Transaction, number: int = 9) -> list[str]:
    """The appointments that may be forgotten, in their order."""
    return [one.id for one in tx.appointments_over(BYGONE, FIRST, number)]


def put(tx: Transaction, ident: str = "a1", **changed: Any) -> None:
    """An appointment from 100 to 200 with a record at `crm` and one at `book`."""
    tx.upsert_appointments([replace(appointment(ident), **changed)])
    for vendor in ("crm", "book"):
        tx.upsert_mappings([mapping(f"{ident}-r", vendor=vendor, appointment_id=ident)])


def test_what_ended_before_is_over_the_oldest_first(store: Store) -> None:
    """By the end of the slot, and no more at once than were asked for; a later search goes on from
    there.
    """
    with store.write() as tx:
        for ident, end in (("a3", 300.0), ("a1", 100.0), ("a4", 1000.0), ("a2", 200.0), ("a0", 200.0)):
            put(tx, ident, end=end)
        assert over(tx) == ["a1", "a0", "a2", "a3"]
        first = tx.appointments_over(BYGONE, FIRST, 2)
        assert first == [Ended(100.0, "a1"), Ended(200.0, "a0")]
        assert tx.appointments_over(BYGONE, first[-1], 2) == [Ended(200.0, "a2"), Ended(300.0, "a3")]
        assert tx.are_over(BYGONE, ["a4", "a2", "nobody", "a1"]) == {"a1", "a2"}


REASONS: dict[str, Callable[[Transaction], object]] = {
    "work": lambda tx: tx.set_pending(["a1"], pending=True),
    "a later record": lambda tx: tx.upsert_mappings([mapping("8", start=1000.0)]),
    "a later tombstone": lambda tx: tx.upsert_mappings([mapping("8", start=1000.0, live=False, tombstone=True)]),
    "a record that starts at no known time": lambda tx: tx.upsert_mappings([mapping("8", start=None)]),
    "an open conflict": lambda tx: tx.put_conflicts([conflict()]),
    "its quarantine": lambda tx: tx.put_quarantine(refusal(appointment_id="a1", remote_id=None)),
    "a record in quarantine": lambda tx: tx.put_quarantine(refusal(remote_id="a1-r")),
    "a write that was never settled": lambda tx: tx.journal_intend(intention()),
    "a write without an answer": lambda tx: tx.journal_intend(intention(state="unknown")),
    "another's write to its record": lambda tx: tx.journal_intend(
        intention(vendor="crm", remote_id="a1-r", appointment_id="a9")
    ),
    "a create that may still land": lambda tx: tx.journal_intend(intention(state="resolved", missed=2, sent=501.0)),
    "a move since then": lambda tx: tx.journal_intend(intention(state="done", action="reschedule", intended_at=LATE)),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_is_open_keeps_an_appointment(store: Store, reason: str) -> None:
    """However long it has been over: forgetting it would lose the question, or take a record for a
    new one.
    """
    with store.write() as tx:
        put(tx)
        put(tx, "a2")
        REASONS[reason](tx)
        assert over(tx) == ["a2"]
        assert tx.are_over(BYGONE, ["a1"]) == set()


DONE_WITH: dict[str, Callable[[Transaction], object]] = {
    "a decided conflict": lambda tx: tx.put_conflicts([conflict(open=False, winner="crm")]),
    "a settled write": lambda tx: tx.journal_intend(intention(state="done", intended_at=LATE)),
    "a create that lands no more": lambda tx: tx.journal_intend(intention(state="resolved", missed=2, sent=500.0)),
    "a move before then": lambda tx: tx.journal_intend(intention(state="done", action="reschedule", intended_at=EARLY)),
    "another record in quarantine": lambda tx: tx.put_quarantine(refusal(remote_id="b9")),
    "a tombstone of then": lambda tx: tx.upsert_mappings([mapping("8", start=999.0, live=False, tombstone=True)]),
}


@pytest.mark.parametrize("what", DONE_WITH)
def test_what_is_done_with_keeps_nothing(store: Store, what: str) -> None:
    """Nothing can come of it any more."""
    with store.write() as tx:
        put(tx)
        DONE_WITH[what](tx)
        assert over(tx) == ["a1"]


def test_an_appointment_goes_with_everything_of_its_own(store: Store) -> None:
    """Mappings, journal entries and conflicts; another's stay."""
    with store.write() as tx:
        for ident in ("a1", "a2"):
            put(tx, ident)
            tx.journal_intend(intention(state="done", appointment_id=ident))
            tx.put_conflicts([conflict(ident, appointment_id=ident, open=False)])
        tx.forget_appointments(["a1", "nobody"])
        assert [row.id for row in tx.appointments(["a1", "a2"])] == ["a2"]
        assert {row.appointment_id for row in tx.mappings_of(["a1", "a2"])} == {"a2"}
        assert (tx.journal_of("a1"), tx.conflicts_of("a1")) == ([], [])
        assert [len(tx.journal_of("a2")), len(tx.conflicts_of("a2"))] == [1, 1]


def test_journal_conflicts_and_cycles_go_by_their_age(store: Store) -> None:
    """Those of an appointment that stays too; what is open stays whatever its age, and a few go at
    a time.
    """
    with store.write() as tx:
        put(tx, end=9999.0)
        for moment in (EARLY, LATE):
            for state in ("done", "unknown"):
                tx.journal_intend(intention(state=state, intended_at=moment))
            for key in ("open", "closed"):
                tx.put_conflicts([conflict(f"{key} {moment}", seen_at=moment, open=key == "open")])
            tx.begin_cycle(f"c {moment}", moment)
        tx.journal_intend(intention(state="resolved", missed=2, sent=501.0, intended_at=EARLY))
        tx.put_conflicts([conflict("decided lately", seen_at=EARLY, open=False, resolved_at=LATE)])
        assert tx.is_anything_before(BYGONE)
        assert tx.forget_before(BYGONE, 5) == 3
        assert not tx.is_anything_before(BYGONE)
        kept = [(row.state, row.intended_at) for row in tx.journal_of("a1")]
        assert kept == [("unknown", EARLY), ("done", LATE), ("unknown", LATE), ("resolved", EARLY)]
        keys = {row.key for row in tx.conflicts_of("a1")}
        assert keys == {f"open {EARLY}", f"open {LATE}", f"closed {LATE}", "decided lately"}
        assert [row.id for row in tx.last_cycles(9)] == [f"c {LATE}"]


def test_no_more_goes_at_once_than_was_asked_for(store: Store) -> None:
    """So that no transaction is a long one."""
    with store.write() as tx:
        for number in range(7):
            tx.begin_cycle(f"c{number}", EARLY)
        assert [tx.forget_before(BYGONE, 3) for _ in range(4)] == [3, 3, 1, 0]


def test_shared_records_are_found(store: Store) -> None:
    """Those in which another appointment has a part."""
    with store.write() as tx:
        put(tx)
        tx.upsert_mappings([mapping("8", shared=True)])
        assert [row.remote_id for row in tx.mappings_shared()] == ["8"]


@pytest.mark.parametrize(
    ("sql", "search"),
    [
        (APPOINTMENTS_OVER, "SEARCH a USING INDEX ix_appointment_end"),
        (ENTRIES_OVER, "SEARCH journal USING INDEX ix_journal_intended_at"),
        (CONFLICTS_OVER, "SEARCH conflict USING INDEX ix_conflict_seen_at"),
        (CYCLES_OVER, "SEARCH cycle USING COVERING INDEX ix_cycle_started_at"),
    ],
)
def test_what_is_over_is_found_without_looking_at_what_is_not(store: Store, sql: str, search: str) -> None:
    """Every cycle asks, also where years are kept: an index on the time leads to the few rows,
    already in order.
    """
    parameters = {**BYGONE._asdict(), **FIRST._asdict(), "number": 5}
    with store.read() as tx:
        plan = [row[-1] for row in tx._read(f"EXPLAIN QUERY PLAN {sql}", **parameters)]
    assert re.match(search, plan[0])
    assert not any("TEMP B-TREE" in step or "SCAN a" in step for step in plan)


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_an_upgrade_finds_shared_records_and_keeps_open_entries(path: Path, revision: str) -> None:
    """A store of an earlier schema tells of guests in its JSON alone; what was never settled is
    open as before.
    """
    written_by(revision, path)
    guests = '{"values":{},"guests":{"31":"a2"},"notes":"\\\\"guests\\\\":{\\\\"x"}'
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE mapping SET base = ?", (guests,))
        connection.execute(
            "INSERT INTO mapping (appointment_id, vendor, remote_id, live, tombstone, base_at, base, accepted) "
            "VALUES ('a1', 'book', '8', 1, 0, 0, ?, '{}')",
            ('{"guests":{},"title":"\\\\"guests\\\\":{\\\\"31"}',),
        )
        connection.commit()
    with open_store(url(path)) as store, store.read() as tx:
        assert [row.remote_id for row in tx.mappings_shared()] == ["7"]
        assert [row.state for row in tx.journal_unsettled()] == ["intended"]
        assert over(tx) == []
        assert tx.last_cycles(1)[0].idle is False
