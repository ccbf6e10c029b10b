"""The journal knows what was intended and how it ended."""

import pytest

from syncd_state import Misused, Store
from tests.state.world import LATER, intention


def test_an_intention_comes_back_as_it_was_recorded(store: Store) -> None:
    """It is unsettled from the start, and found by its appointment."""
    with store.write() as tx:
        entry = tx.journal_intend(intention())
    recorded = intention(id=entry)
    with store.read() as tx:
        assert tx.journal_unsettled() == [recorded]
        assert tx.journal_of("a1") == [recorded]
        assert tx.journal_of("a2") == []


@pytest.mark.parametrize(
    ("state", "unsettled"), [("done", 0), ("failed", 0), ("stale", 0), ("resolved", 0), ("unknown", 1)]
)
def test_an_outcome_settles_an_entry_unless_it_is_unknown(store: Store, state: str, unsettled: int) -> None:
    """An unknown outcome is still to be looked for; every other one is final."""
    with store.write() as tx:
        entry = tx.journal_intend(intention())
        tx.journal_settle(entry, state, "what the vendor said", LATER, remote_id="55")
        assert len(tx.journal_unsettled()) == unsettled
        assert tx.journal_of("a1") == [
            intention(id=entry, state=state, error="what the vendor said", settled_at=LATER, remote_id="55")
        ]


def test_what_is_open_of_one_record_is_found_by_it(store: Store) -> None:
    """And neither another vendor's of that id, nor what has an outcome."""
    with store.write() as tx:
        [mine, done, *_] = [
            tx.journal_intend(intention(operation_id=name, vendor=vendor, remote_id=remote_id))
            for name, vendor, remote_id in (
                ("mine", "crm", "1"),
                ("done", "crm", "1"),
                ("theirs", "office", "1"),
                ("other", "crm", "2"),
                ("create", "crm", None),
            )
        ]
        tx.journal_settle(done, "done", None, LATER)
        assert [row.id for row in tx.journal_unsettled_of("crm", "1")] == [mine]


def test_what_was_interrupted_can_have_been_sent_until_that_is_noticed(store: Store) -> None:
    """What has an outcome, or got no answer before, keeps its own moment."""
    with store.write() as tx:
        entries = [tx.journal_intend(intention(operation_id=name, sent=1.0)) for name in ("done", "lost", "open")]
        tx.journal_settle(entries[0], "done", None, LATER)
        tx.journal_settle(entries[1], "unknown", "no answer", LATER, sent=2.0)
        tx.journal_interrupted(LATER, 3.0)
        assert [(row.state, row.sent) for row in tx.journal_of("a1")] == [
            ("done", 1.0),
            ("unknown", 2.0),
            ("unknown", 3.0),
        ]


def test_settling_without_a_remote_id_keeps_the_one_that_is_known(store: Store) -> None:
    """A failed change is still one of that record."""
    with store.write() as tx:
        entry = tx.journal_intend(intention(remote_id="7"))
        tx.journal_settle(entry, "done", None, LATER)
        assert tx.journal_of("a1")[0].remote_id == "7"


def test_entries_come_oldest_first(store: Store) -> None:
    """An explanation of an appointment reads in the order of events."""
    with store.write() as tx:
        entries = [tx.journal_intend(intention(operation_id=name)) for name in ("op3", "op1", "op2")]
        assert entries == sorted(entries)
        assert [row.operation_id for row in tx.journal_of("a1")] == ["op3", "op1", "op2"]


def test_settling_what_was_never_intended_is_a_misuse(store: Store) -> None:
    """An outcome without an intention means that the journal was bypassed."""
    with pytest.raises(Misused, match="no entry 5"), store.write() as tx:
        tx.journal_settle(5, "done", None, LATER)


def test_a_state_that_the_journal_does_not_know_is_a_misuse(store: Store) -> None:
    """The six states are part of the schema."""
    with pytest.raises(Misused, match="ck_journal_state"), store.write() as tx:
        tx.journal_intend(intention(state="perhaps"))


def test_a_create_that_counts_as_not_done_may_still_land(store: Store) -> None:
    """It is found as long as it was sent late enough; one with a clear answer, or that was found, is none of these."""
    with store.write() as tx:
        entries = [
            tx.journal_intend(intention(operation_id=str(number), sent=float(number), missed=0)) for number in range(5)
        ]
        old, given_up, answered, found, open_one = entries
        for entry in (old, given_up):
            tx.journal_missed(entry, 1)
            tx.journal_give_up(entry, 2, LATER)
        tx.journal_settle(answered, "failed", "refused", LATER)
        tx.journal_settle(found, "resolved", None, LATER)
        tx.journal_settle(open_one, "unknown", "no answer", LATER)
        assert [(row.id, row.missed, row.state) for row in tx.journal_late(0.0)] == [(given_up, 2, "resolved")]
        assert tx.journal_late(1.0) == []
        assert [(row.id, row.missed) for row in tx.journal_unsettled()] == [(open_one, 0)]


def test_what_was_never_intended_cannot_be_missed(store: Store) -> None:
    """Neither can it be given up."""
    with pytest.raises(Misused, match="no entry 5"), store.write() as tx:
        tx.journal_missed(5, 1)
    with pytest.raises(Misused, match="no entry 5"), store.write() as tx:
        tx.journal_give_up(5, 1, LATER)
