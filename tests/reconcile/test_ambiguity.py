"""Records that fit more than one appointment, or appointments that more than one record fits."""

from __future__ import annotations

from tests.reconcile.world import (
    JANE,
    OMAR,
    known,
    left_alone,
    listing,
    mapping,
    plan_for,
    record,
    rules,
    told,
    visit,
)


def test_fits_that_something_tells_apart_are_ambiguous() -> None:
    """Two records that fit one appointment and differ are named, not guessed, and not created anywhere either."""
    plan = plan_for(
        [
            listing("crm", record("crm")),
            listing("office", record("office", visit(notes="x")), record("office", visit(notes="y"), "2")),
            listing("site"),
        ],
        policy=rules("crm", "office", "site"),
    )
    assert told(plan) == ["create site"]
    assert [(entry.vendor, entry.remote_id) for entry in plan.quarantined] == [("office", "1"), ("office", "2")]
    assert "nothing says which belongs to which" in plan.quarantined[0].reason


def test_a_record_that_shows_client_and_title_unites_those_that_show_one() -> None:
    """One vendor has the title alone, another the client alone: the record that shows both belongs to both."""
    titled, named = visit(title="Visit", clients=()), visit(title="")
    plan = plan_for(
        [
            listing("crm", record("crm", titled)),
            listing("office", record("office", named)),
            listing("site"),
            listing("book", record("book")),
        ],
        policy=rules("crm", "office", "book", "site"),
    )
    assert told(plan) == ["adopt office", "adopt book", "update office title", "create site"]
    assert len(plan.next_states) == 1


def test_two_clients_at_one_time_are_united_by_nothing() -> None:
    """A record that shows two clients fits the appointments of both, and belongs to neither for certain."""
    both = visit(clients=(JANE, OMAR))
    plan = plan_for(
        [
            listing("crm", record("crm")),
            listing("office", record("office", visit(clients=(OMAR,)))),
            listing("book", record("book", both)),
        ],
        policy=rules("crm", "office", "book"),
    )
    assert [entry.vendor for entry in plan.quarantined] == ["book"]
    assert not plan.operations


def test_one_that_is_known_and_one_that_is_new_may_turn_out_to_be_one() -> None:
    """As long as a record could be of both, neither is created where the other has its own."""
    plan = plan_for(
        [
            listing("crm", unchanged={"1"}),
            listing("office", record("office", visit(clients=(OMAR,)))),
            listing("book", record("book", visit(clients=(JANE, OMAR)))),
        ],
        known(mapping("crm")),
        policy=rules("crm", "office", "book"),
    )
    assert [entry.vendor for entry in plan.quarantined] == ["book"]
    assert not plan.operations


def test_an_ambiguity_does_not_reach_beyond_its_own_records() -> None:
    """Another client's record at the same time is linked all the same."""
    plan = plan_for(
        [
            listing("crm", record("crm"), record("crm", visit(clients=(OMAR,)), "2")),
            listing(
                "office",
                record("office", visit(notes="x")),
                record("office", visit(notes="y"), "2"),
                record("office", visit(clients=(OMAR,)), "3"),
            ),
        ]
    )
    assert told(plan) == ["adopt office"]
    assert len(plan.quarantined) == 2


def test_an_ambiguity_is_new_once() -> None:
    """An ambiguity that was reported before is reported as known."""
    snapshots = [
        listing("crm", record("crm")),
        listing("office", record("office", visit(notes="x")), record("office", visit(notes="y"), "2")),
    ]
    first = plan_for(snapshots)
    second = plan_for(snapshots, quarantines=left_alone(first.quarantined))
    assert [entry.new for entry in first.quarantined] == [True, True]
    assert [entry.new for entry in second.quarantined] == [False, False]


def test_of_two_that_are_known_each_is_made_where_it_lacks_whatever_could_be_either() -> None:
    """Both were told apart before: a record of office's that fits both keeps them from office alone."""
    one, other = visit(notes="Back door"), visit(notes="Front door")
    before = (
        known(mapping("book", one), mapping("crm", one), mapping("site", one)),
        known(mapping("book", other, "2"), mapping("site", other, "2"), id="b"),
    )
    snapshots = [
        listing("crm", unchanged={"1"}),
        listing("book", unchanged={"1", "2"}),
        listing("site", unchanged={"1", "2"}),
        listing("office", record("office", visit(notes="Side door"), "9")),
    ]
    plan = plan_for(snapshots, *before)
    assert [(operation.vendor, operation.appointment) for operation in plan.operations] == [("crm", "b")]
    assert [entry.remote_id for entry in plan.quarantined] == ["9"]
