"""What waits for a person stays until that person, or a change, releases it."""

from syncd_state import Store
from tests.state.world import LATER, NOON, conflict, held, refusal


def test_a_quarantine_keeps_since_when_it_lasts(store: Store) -> None:
    """The same refusal in a later cycle is the same entry, with the newest reason."""
    with store.write() as tx:
        tx.put_quarantine(refusal(since=NOON))
        tx.put_quarantine(refusal(since=LATER, reason="no client", cycle_id="c2"))
        tx.put_quarantine(refusal(vendor="book"))
    with store.read() as tx:
        first, second = tx.quarantines()
    assert first == refusal(since=NOON, reason="no client", cycle_id="c2", id=first.id)
    assert second == refusal(vendor="book", id=second.id)


def test_a_quarantine_is_released_by_its_key(store: Store) -> None:
    """Releasing says whether there was something to release."""
    with store.write() as tx:
        tx.put_quarantine(refusal("crm:7"))
        assert [tx.drop_quarantine("crm", "crm:7"), tx.drop_quarantine("crm", "crm:7")] == [True, False]
        assert tx.quarantines() == []


def test_the_number_of_a_quarantine_is_never_used_again(store: Store) -> None:
    """A number that an operator has read means that entry or none."""
    with store.write() as tx:
        tx.put_quarantine(refusal("crm:7"))
        first = tx.quarantines()[0].id
        tx.drop_quarantine("crm", "crm:7")
        tx.put_quarantine(refusal("crm:8"))
        assert tx.quarantines()[0].id != first


def test_conflicts_say_which_of_them_are_new(store: Store) -> None:
    """A conflict that is seen again is refreshed, not repeated."""
    with store.write() as tx:
        assert tx.put_conflicts([conflict("k1"), conflict("k2")]) == {"k1", "k2"}
        assert tx.put_conflicts([conflict("k2", cycle_id="c2", seen_at=LATER), conflict("k3")]) == {"k3"}
        assert tx.put_conflicts([]) == set()
        assert [(row.key, row.cycle_id, row.seen_at) for row in tx.conflicts_open()] == [
            ("k1", "c1", NOON),
            ("k2", "c2", LATER),
            ("k3", "c1", NOON),
        ]


def test_a_conflict_comes_back_as_it_was_put(store: Store) -> None:
    """With all values, the winner and the rule; decided ones are found by their appointment."""
    with store.write() as tx:
        tx.put_conflicts([conflict("k1", winner="crm", rule="newest", open=False)])
        (row,) = tx.conflicts_of("a1")
        assert row == conflict("k1", winner="crm", rule="newest", open=False, id=row.id)
        assert row.id is not None
        assert tx.conflict(row.id) == row
        assert tx.conflict(row.id + 1) is None
        assert tx.conflicts_open() == []
        assert tx.conflicts_of("a2") == []


def test_a_conflict_is_resolved_once(store: Store) -> None:
    """Resolving it twice changes nothing; the same values against each other are another conflict later."""
    with store.write() as tx:
        tx.put_conflicts([conflict("k1")])
        number = tx.conflicts_open()[0].id
        assert number is not None
        assert tx.resolve_conflict(number, resolution="take crm", resolved_at=LATER, winner="crm")
        assert not tx.resolve_conflict(number, resolution="take book", resolved_at=LATER)
        assert not tx.resolve_conflict(number + 1, resolution="take book", resolved_at=LATER)
        assert tx.conflicts_open() == []
        resolved = conflict(
            f"k1/{number}", winner="crm", open=False, resolved_at=LATER, resolution="take crm", id=number
        )
        assert tx.conflict(number) == resolved
        assert tx.put_conflicts([conflict("k1", cycle_id="c9")]) == {"k1"}
        assert [row.id for row in tx.conflicts_open()] == [number + 1]
        assert tx.conflict(number) == resolved


def test_resolving_without_a_winner_keeps_the_one_that_was_recorded(store: Store) -> None:
    """An operator may close a conflict without overruling it."""
    with store.write() as tx:
        tx.put_conflicts([conflict("k1", winner="book")])
        number = tx.conflicts_open()[0].id
        assert number is not None
        tx.resolve_conflict(number, resolution="fine", resolved_at=LATER)
        assert tx.conflicts_of("a1")[0].winner == "book"


def test_what_is_held_is_what_the_last_plan_held(store: Store) -> None:
    """A new plan replaces the held operations; an approval stays with the operation that it was given to."""
    with store.write() as tx:
        tx.replace_held("c1", [held("op1"), held("op2")])
        assert tx.approve(["op2", "op9"], approved_at=NOON, approved_by="ann") == ["op2"]
        assert tx.approve(["op2"], approved_at=LATER, approved_by="bob") == []
        tx.replace_held("c2", [held("op2", reason="13 of 20"), held("op3")])
        assert tx.held() == [
            held("op2", cycle_id="c2", reason="13 of 20", approved_at=NOON, approved_by="ann"),
            held("op3", cycle_id="c2"),
        ]
        tx.replace_held("c3", [])
        assert tx.held() == []
