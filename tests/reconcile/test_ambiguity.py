"""Records that fit more than one appointment, or appointments that more than one record fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Client, Status
from syncd.model.memory import Assigned, Known, Quarantine
from syncd.model.plan import Plan
from tests.reconcile.world import (
    JANE,
    NOON,
    NOW,
    OMAR,
    again,
    known,
    left_alone,
    listing,
    mapping,
    only,
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


LEE = Client(first_name="Ann", last_name="Lee", email="desk@example.com", phone="5550143")
TOM = replace(LEE, first_name="Tom")


class TestOneAddressForTwo:
    """Two people whom one e-mail address stands for."""

    def test_they_are_paired_by_first_name(self) -> None:
        """Their number is one, too, and each vendor lists them in another order."""
        plan = plan_for(
            [
                listing("crm", *(record("crm", visit(clients=(who,)), who.first_name) for who in (LEE, TOM))),
                listing(
                    "office", record("office", visit(clients=(TOM,)), "1"), record("office", visit(clients=(LEE,)), "2")
                ),
            ]
        )
        assert told(plan) == ["adopt office", "adopt office"]
        paired = {tuple(m.base.clients[0].first_name for m in one.mappings) for one in plan.next_states}
        assert paired == {("Ann", "Ann"), ("Tom", "Tom")}

    @pytest.mark.parametrize("fields", [{"title": ("Check-up", "Cleaning")}, {"notes": ("Bring X-rays", "New client")}])
    def test_one_person_twice_is_paired_by_what_else_both_sides_tell(self, fields: dict[str, tuple[str, str]]) -> None:
        """By a title or a note, say."""
        [(name, values)] = fields.items()
        one, other = (visit(**{name: value}) for value in values)
        plan = plan_for(
            [
                listing("crm", record("crm", one, "1"), record("crm", other, "2")),
                listing("office", record("office", other, "3"), record("office", one, "4")),
            ]
        )
        assert told(plan) == ["adopt office", "adopt office"]
        assert {tuple(m.remote_id for m in state.mappings) for state in plan.next_states} == {("1", "4"), ("2", "3")}

    def test_what_is_left_once_one_is_told_apart_belongs_together(self) -> None:
        """Only one of the two has a title at both."""
        plan = plan_for(
            [
                listing(
                    "crm", record("crm", visit(title="Check-up"), "1"), record("crm", visit(title="Old title"), "2")
                ),
                listing(
                    "office",
                    record("office", visit(title="New title"), "3"),
                    record("office", visit(title="Check-up"), "4"),
                ),
            ]
        )
        assert told(plan) == ["adopt office", "adopt office"]
        assert {tuple(m.remote_id for m in state.mappings) for state in plan.next_states} == {("1", "4"), ("2", "3")}

    def test_a_cancellation_of_one_is_none_of_the_other(self) -> None:
        """Ann cancels; Omar, who is known by the same address alone, keeps his appointment."""
        omar = replace(OMAR, email=LEE.email)
        before = [
            listing("crm", record("crm", visit(clients=(LEE,)))),
            listing("office", record("office", visit(clients=(omar,)))),
        ]
        first = plan_for(before, policy=rules("crm", "office"))
        assert told(first) == []
        [entry] = first.quarantined
        cancelled = record("crm", visit(clients=(LEE,), status=Status.CANCELLED))
        then = [listing("crm", cancelled), before[1]]
        known_ones = [again(first, state) for state in first.next_states]
        plan = plan_for(then, *known_ones, policy=rules("crm", "office"), quarantines=left_alone(first.quarantined))
        assert told(plan) == []
        assert [(one.vendor, one.key) for one in plan.quarantined] == [("office", entry.key)]

    def test_neither_gets_what_the_other_one_has(self) -> None:
        """Both are in one record; what it lacks of Ann, it is not given of Omar, who shares her address."""
        omar = replace(OMAR, email=LEE.email)
        without = (replace(LEE, phone=""), replace(JANE, phone=""))
        plan = plan_for(
            [
                listing("crm", record("crm", visit(clients=without))),
                listing("office", record("office", visit(clients=(omar, JANE)))),
            ]
        )
        assert {one.phone for state in plan.next_states for one in state.agreed.clients} == {"", JANE.phone}


class TestOnceAmbiguous:
    """A record that was ambiguous, whose appointment is at another time now."""

    records = (record("office", visit(notes="x")), record("office", visit(notes="y"), "2"))

    def later(self, *, remembered: bool = True, paired: bool = False) -> Plan:
        """A cycle found two records that fit one appointment, which was moved by the next; this is the one after."""
        first = plan_for([listing("crm", record("crm")), listing("office", *self.records)])
        moved = visit(slot=NOON)
        there = [mapping("crm", moved), *([mapping("office", moved, "3")] if paired else [])]
        return plan_for(
            [listing("crm", unchanged={"1"}), listing("office", *self.records, unchanged={"3"} if paired else set())],
            known(*there, id=only(first).id),
            quarantines=left_alone(first.quarantined) if remembered else (),
        )

    def test_it_founds_none_while_that_has_no_record_there(self) -> None:
        """Moved meanwhile at its vendor: neither of both is doubled, and nothing is made there."""
        plan = self.later()
        assert told(plan) == []
        assert [(entry.remote_id, entry.new) for entry in plan.quarantined] == [("1", False), ("2", False)]

    def test_it_founds_one_as_soon_as_a_person_releases_it(self) -> None:
        """Then nothing of it is remembered."""
        assert sorted(told(self.later(remembered=False))) == ["create crm", "create crm", "create office"]

    def test_it_founds_one_once_that_has_a_record_there(self) -> None:
        """Then it is of neither."""
        assert sorted(told(self.later(paired=True))) == ["create crm", "create crm"]


class TestDoubtfulClient:
    """Name and phone number of a known client at that time, and another e-mail address: hers, or somebody else's."""

    corrected = record("office", visit(clients=(replace(JANE, email="jane@new.example.com"),)))

    def plan(self, before: Known, *, crm: Any = None, **memory: Any) -> Plan:
        """What follows once the office is read for the first time, or again."""
        crm = listing("crm", unchanged={"1"}) if crm is None else crm
        return plan_for([crm, listing("office", self.corrected), listing("site")], before, **memory)

    def test_it_is_neither_linked_nor_doubled(self) -> None:
        """It founds nothing, and nothing is made at its vendor; the others get what they lack."""
        plan = self.plan(known(mapping("crm")))
        [entry] = plan.quarantined
        assert told(plan) == ["create site"]
        assert (entry.vendor, entry.remote_id, entry.appointment, entry.key) == ("office", "1", "a", "doubt:1")
        assert "correct one of the addresses" in entry.reason

    def test_it_waits_for_a_person_also_once_the_other_is_elsewhere(self) -> None:
        """Moved meanwhile, or called off and out of sight, hers still has no record at the office."""
        doubt = Quarantine(vendor="office", key="doubt:1", reason="r", appointment="a", remote_id="1", since=NOW)
        moved = known(mapping("crm", visit(slot=NOON)))
        assert told(self.plan(moved, quarantines=(doubt,))) == ["create site"]
        assert told(plan_for([listing("office", self.corrected), listing("crm")], quarantines=(doubt,))) == []

    def test_once_the_other_has_a_record_there_it_is_somebody_elses(self) -> None:
        """Then it is an appointment of its own."""
        doubt = Quarantine(vendor="office", key="doubt:1", reason="r", appointment="a", remote_id="1", since=NOW)
        paired = known(mapping("crm", visit(slot=NOON)), mapping("office", visit(slot=NOON), "2"))
        crm = listing("crm", unchanged={"1"})
        office = listing("office", self.corrected, unchanged={"2"})
        assert told(plan_for([crm, office], paired, quarantines=(doubt,))) == ["create crm"]

    def test_called_somebody_elses_it_goes_to_the_others(self) -> None:
        """A person released it."""
        plan = self.plan(known(mapping("crm")), said={("office", "1"): False})
        assert sorted(told(plan)) == ["create crm", "create office", "create site", "create site"]
        assert not plan.quarantined

    def test_who_has_no_number_or_another_one_is_told_apart(self) -> None:
        """Two of three parts must agree; a name is anybody's."""
        for phone in ("", "5550166"):
            other = record("office", visit(clients=(replace(JANE, email="jane@new.example.com", phone=phone),)))
            plan = plan_for([listing("crm", unchanged={"1"}), listing("office", other)], known(mapping("crm")))
            assert sorted(told(plan)) == ["create crm", "create office"]


class TestWhatAPersonSaid:
    """Whose a record is, by somebody's word."""

    def plan(self, said: Assigned, *others: Known) -> Plan:
        """Jane's appointment is at the CRM; a record of Omar's at the office is assigned."""
        hers = known(mapping("crm"), id="hers")
        snapshots = [
            listing("crm", unchanged={"1"}),
            listing("office", record("office", visit(clients=(OMAR,)), "9"), unchanged={"2"}),
        ]
        return plan_for(snapshots, *(others or (hers,)), whose={("office", "9"): said})

    def test_it_is_linked_whatever_it_tells(self) -> None:
        """And so is its time: it is her appointment's from now on."""
        plan = self.plan(Assigned(appointment="hers"))
        assert told(plan) == ["adopt office"]
        assert plan.operations[0].reason == "office and crm have the same appointment: somebody said so"

    def test_it_founds_the_one_that_was_named(self) -> None:
        """By that id."""
        plan = self.plan(Assigned(appointment="his", founds=True))
        assert {state.id for state in plan.next_states} == {"hers", "his"}

    def test_it_waits_where_that_has_another_record_by_now(self) -> None:
        """A create was quicker than the word."""
        plan = self.plan(
            Assigned(appointment="hers"), known(mapping("crm"), mapping("office", remote_id="2"), id="hers")
        )
        [entry] = plan.quarantined
        assert "which has another record here by now: say it again" in entry.reason
        assert told(plan) == []

    def test_it_waits_where_nobody_knows_that_one_any_more(self) -> None:
        """Forgotten meanwhile, it is not founded by another's word."""
        [entry] = self.plan(Assigned(appointment="gone")).quarantined
        assert "which is not known any more" in entry.reason
