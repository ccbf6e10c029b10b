"""Cycles, observations, single values and counts."""

import pytest

from syncd_state import Counts, CycleRow, Misused, Store
from tests.state.world import LATER, NOON, appointment, filled, mapping, observation


def test_a_cycle_has_a_beginning_and_an_end(store: Store) -> None:
    """A cycle that did not finish shows as such."""
    with store.write() as tx:
        tx.begin_cycle("c1", NOON)
        assert tx.last_cycles(1) == [CycleRow("c1", NOON, None, None, None)]
        tx.finish_cycle("c1", finished_at=LATER, exit_code=3, report="{}")
        assert tx.last_cycles(1) == [CycleRow("c1", NOON, LATER, 3, "{}", idle=False)]
        tx.finish_cycle("c1", finished_at=LATER, exit_code=0, report="{}", idle=True)
        assert tx.last_cycles(1) == [CycleRow("c1", NOON, LATER, 0, "{}", idle=True)]


def test_a_cycle_begins_once(store: Store) -> None:
    """A second cycle of the same id is the caller's mistake."""
    with store.write() as tx:
        tx.begin_cycle("c1", NOON)
    with pytest.raises(Misused), store.write() as tx:
        tx.begin_cycle("c1", LATER)


def test_a_cycle_that_never_began_cannot_end(store: Store) -> None:
    """Finishing an unknown cycle is the caller's mistake."""
    with pytest.raises(Misused, match="no cycle c2"), store.write() as tx:
        tx.finish_cycle("c2", finished_at=LATER, exit_code=0, report=None)


def test_the_newest_cycles_come_first(store: Store) -> None:
    """By their start; as many as were asked for."""
    with store.write() as tx:
        for number in (2, 5, 1, 4, 3):
            tx.begin_cycle(f"c{number}", f"2026-12-0{number}T12:00:00.000000Z")
        assert [row.id for row in tx.last_cycles(3)] == ["c5", "c4", "c3"]
        assert len(tx.last_cycles(9)) == 5


def test_of_idle_cycles_one_report_is_kept(store: Store) -> None:
    """The others' go, and no cycle; those of cycles that had something to tell stay."""
    with store.write() as tx:
        for number in range(1, 7):
            tx.begin_cycle(f"c{number}", f"2026-12-0{number}T12:00:00.000000Z")
            report = None if number == 4 else f"report {number}"
            idle = number not in (2, 5)
            tx.finish_cycle(f"c{number}", finished_at=LATER, exit_code=0, report=report, idle=idle)
        assert [tx.drop_idle_reports(but="c6"), tx.drop_idle_reports(but="c6")] == [2, 0]
        kept = ["report 6", "report 5", None, None, "report 2", None]
        assert [row.report for row in tx.last_cycles(9)] == kept
        assert tx.drop_idle_reports(but="c5") == 1


def test_the_last_observation_of_each_vendor_is_kept(store: Store) -> None:
    """A later observation replaces the earlier one of its vendor alone."""
    with store.write() as tx:
        tx.put_observation(observation("crm"))
        tx.put_observation(observation("book", records=9))
        tx.put_observation(observation("crm", started_at=10.0, clock_offset=-1.5, unread=4))
        assert tx.observations() == {
            "crm": observation("crm", started_at=10.0, clock_offset=-1.5, unread=4),
            "book": observation("book", records=9),
        }


def test_a_single_value_is_replaced(store: Store) -> None:
    """A value that was never put is None."""
    with store.write() as tx:
        assert tx.get_meta("token") is None
        tx.put_meta("token", "1")
        tx.put_meta("token", "2")
        assert tx.get_meta("token") == "2"


def test_an_empty_store_counts_nothing(store: Store) -> None:
    """All numbers of the status line are there from the start."""
    with store.read() as tx:
        assert tx.counts() == Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_the_status_line_counts_what_is_there(store: Store) -> None:
    """Each number counts its own condition."""
    with filled(store).write() as tx:
        tx.upsert_appointments([appointment("a2", pending=True), appointment("a3", ended=True, pending=True)])
        tx.upsert_mappings([mapping("8"), mapping("9", live=False, tombstone=True)])
        tx.approve(["op1"], approved_at=NOON, approved_by="ann")
    with store.read() as tx:
        assert tx.counts() == Counts(
            appointments=3,
            ended=1,
            pending=2,
            mappings=3,
            live=2,
            tombstones=1,
            quarantined=1,
            conflicts_open=1,
            held=1,
            approved=1,
            unsettled=1,
        )
