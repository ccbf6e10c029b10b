"""What records have otherwise than each other when they are first linked: filled, asked about, or left as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Aspect, Known, Mapping
from syncd.model.plan import Conflict, Found, Plan
from syncd.model.policy import ConflictRule, Policy, Traits
from syncd.model.times import Slot
from tests.reconcile.play import World, cycle, insert, put
from tests.reconcile.world import (
    ABLE,
    JANE,
    OMAR,
    again,
    at,
    listing,
    mapping,
    only,
    origin,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

HALF, LONGER = slot(10), slot(10, minutes=45)
EVERYBODY = rules("crm", "office", "site")


def linked(one: Appointment, other: Appointment, *vendors: str, **more: Any) -> Plan:
    """The plan of a first cycle in which two vendors have one appointment."""
    first, second = vendors or ("crm", "office")
    policy = rules(first, second, **more)
    return plan_for([listing(first, record(first, one)), listing(second, record(second, other))], policy=policy)


def asked(conflicts: tuple[Conflict, ...]) -> list[tuple[str, dict[str, Any], str | None]]:
    """What is to be decided: field, values, winner."""
    return [(one.field.value, dict(one.values), one.winner) for one in conflicts]


class TestLength:
    """Nobody can tell how long it takes: a person is asked, and both stay."""

    @pytest.mark.parametrize("rule", ConflictRule)
    def test_two_lengths_are_an_open_conflict_whatever_the_rule(self, rule: ConflictRule) -> None:
        """45 minutes here and 30 there: no write, winner null, both values."""
        plan = linked(visit(slot=LONGER), visit(slot=HALF), conflict=rule)
        assert told(plan) == ["adopt office"]
        assert asked(plan.conflicts) == [("slot", {"crm": LONGER, "office": HALF}, None)]
        assert "length" in plan.conflicts[0].explanation

    def test_a_length_that_a_vendor_cannot_set_is_no_difference(self) -> None:
        """A booking page's type says how long its records take."""
        plan = linked(visit(slot=LONGER), visit(slot=HALF), "crm", "book")
        assert plan.conflicts == ()
        [next_state] = plan.next_states
        assert next_state.agreed.slot == LONGER

    def test_what_people_gave_it_counts_more_than_a_service_that_comes_first(self) -> None:
        """The booking page comes first and shows its type's 30 minutes; somebody typed 45 at the CRM."""
        plan = linked(visit(slot=HALF), visit(slot=LONGER), "book", "crm")
        [next_state] = plan.next_states
        assert (plan.conflicts, next_state.agreed.slot) == ((), LONGER)

    def test_the_same_question_stays_while_nothing_is_said(self) -> None:
        """Looked at again, it is the same question, and still nothing is written."""
        plan = linked(visit(slot=LONGER), visit(slot=HALF))
        later = plan_for(
            [listing("crm", record("crm", visit(slot=LONGER))), listing("office", record("office", visit(slot=HALF)))],
            again(plan),
        )
        assert (told(later), asked(later.conflicts)) == ([], asked(plan.conflicts))

    def test_a_move_keeps_each_length(self) -> None:
        """Who moves the one drags it in a calendar and says nothing of how long the other takes.

        The question shows both where they are once that is done.
        """
        before = again(linked(visit(slot=LONGER), visit(slot=HALF)))
        for mover, moved, other, there in (
            ("office", slot(15), "crm", slot(15, minutes=45)),
            ("crm", slot(15, minutes=45), "office", slot(15)),
        ):
            plan = plan_for([listing(mover, record(mover, visit(slot=moved))), listing(other, unchanged={"1"})], before)
            assert told(plan) == [f"move {other} slot"]
            assert plan.operations[0].target.slot == there
            assert asked(plan.conflicts) == [("slot", {mover: moved, other: there}, None)]

    def test_two_who_move_it_to_one_time_agree(self) -> None:
        """Each with its own length: that is one move."""
        before = again(linked(visit(slot=LONGER), visit(slot=HALF)))
        plan = plan_for(
            [
                listing("crm", record("crm", visit(slot=slot(15, minutes=45)))),
                listing("office", record("office", visit(slot=slot(15)))),
            ],
            before,
        )
        assert (told(plan), [one.found for one in plan.conflicts]) == ([], [Found.AT_LINKING])

    def test_a_length_that_somebody_gives_one_of_them_goes_to_the_other(self) -> None:
        """Edited since: that decides, and the question is closed."""
        before = again(linked(visit(slot=LONGER), visit(slot=HALF)))
        hour = slot(10, minutes=60)
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("office", record("office", visit(slot=hour)))], before
        )
        assert (told(plan), plan.conflicts) == (["move crm slot"], ())
        assert plan.operations[0].target.slot == hour

    def test_one_that_is_given_the_others_length_settles_it(self) -> None:
        """The third one is told as well."""
        first = plan_for(
            [
                listing("crm", record("crm", visit(slot=LONGER))),
                listing("office", record("office", visit(slot=HALF))),
                listing("site", record("site", visit(slot=slot(10, minutes=60)))),
            ],
            policy=EVERYBODY,
        )
        assert asked(first.conflicts) == [("slot", {"crm": LONGER, "office": HALF, "site": slot(10, minutes=60)}, None)]
        plan = plan_for(
            [
                listing("crm", unchanged={"1"}),
                listing("office", record("office", visit(slot=LONGER))),
                listing("site", unchanged={"1"}),
            ],
            again(first),
            policy=EVERYBODY,
        )
        assert (told(plan), plan.conflicts) == (["move site slot"], ())
        assert plan.operations[0].target.slot == LONGER

    def test_one_that_joins_later_is_asked_about_too(self) -> None:
        """Two are in step, and a third has another length."""
        plan = plan_for(
            [
                listing("crm", unchanged={"1"}),
                listing("office", unchanged={"1"}),
                listing("site", record("site", visit(slot=LONGER))),
            ],
            known(mapping("crm"), mapping("office")),
            policy=EVERYBODY,
        )
        assert told(plan) == ["adopt site"]
        assert asked(plan.conflicts) == [("slot", {"crm": HALF, "office": HALF, "site": LONGER}, None)]

    def test_one_that_joins_while_it_is_moved_keeps_its_length(self) -> None:
        """No first cycle overwrites what a person typed: it is moved, and as long as it was."""
        plan = plan_for(
            [listing("crm", record("crm", visit(slot=slot(15)))), listing("site", record("site", visit(slot=LONGER)))],
            known(mapping("crm")),
            policy=rules("crm", "site"),
        )
        assert told(plan) == ["adopt site", "move site slot"]
        assert plan.operations[1].target.slot == slot(15, minutes=45)

    def test_a_record_that_is_made_meanwhile_is_as_long_as_the_first_says(self) -> None:
        """A third vendor lacks it: it is made, and changes nothing of the question."""
        plan = plan_for(
            [
                listing("crm", record("crm", visit(slot=LONGER))),
                listing("office", record("office", visit(slot=HALF))),
                listing("site"),
            ],
            policy=EVERYBODY,
        )
        assert told(plan) == ["adopt office", "create site"]
        assert plan.operations[1].target.slot == LONGER


class TestStatus:
    """Two words of which each vendor has both: a person is asked."""

    def test_two_words_are_an_open_conflict(self) -> None:
        """Completed here and scheduled there, where both are known."""
        plan = linked(visit(status=Status.COMPLETED), visit())
        assert told(plan) == ["adopt office"]
        assert asked(plan.conflicts) == [("status", {"crm": Status.COMPLETED, "office": Status.SCHEDULED}, None)]

    def test_nobody_came_is_said_against_any_other_word(self) -> None:
        """The one that has no word for "completed" says "no show", which is something else."""
        plan = linked(visit(status=Status.COMPLETED), visit(status=Status.NO_SHOW), "crm", "book")
        assert asked(plan.conflicts) == [("status", {"crm": Status.COMPLETED, "book": Status.NO_SHOW}, None)]

    @pytest.mark.parametrize(
        ("one", "other", "vendors"),
        [
            (Status.COMPLETED, Status.SCHEDULED, ("crm", "site")),  # it has no such word
            (Status.SCHEDULED, Status.PENDING, ("crm", "site")),  # nor has the other one of this
        ],
    )
    def test_a_word_that_the_other_does_not_have_is_no_difference(
        self, one: Status, other: Status, vendors: tuple[str, str]
    ) -> None:
        """What it shows instead says nothing against it."""
        assert linked(visit(status=one), visit(status=other), *vendors).conflicts == ()

    def test_it_is_left_until_somebody_says_a_word(self) -> None:
        """A move goes on meanwhile; a word decides."""
        before = again(linked(visit(status=Status.COMPLETED), visit()))
        moved = plan_for(
            [listing("crm", unchanged={"1"}), listing("office", record("office", visit(slot=slot(15))))], before
        )
        assert told(moved) == ["move crm slot"]
        assert moved.operations[0].target.status is Status.COMPLETED
        ended = plan_for([listing("crm", record("crm", visit())), listing("office", unchanged={"1"})], before)
        assert (told(ended), ended.conflicts) == ([], ())
        cancelled = plan_for([listing("crm", unchanged={"1"}), listing("office", gone={"1"})], before)
        assert (told(cancelled), cancelled.conflicts) == (["cancel crm"], ())


class TestTexts:
    """What people typed stays where they typed it, and is counted."""

    @pytest.mark.parametrize(
        ("one", "other", "field"),
        [
            ({"title": "Cut"}, {"title": "Colour"}, "title"),
            ({"notes": "Ring"}, {"notes": "Knock"}, "notes"),
            ({"location": "Desk 1"}, {"location": "Room 2"}, "location"),
            ({}, {"clients": (replace(JANE, first_name="Janet"),)}, "clients"),
            ({}, {"clients": (replace(JANE, phone="5550199"),)}, "clients"),
            ({}, {"clients": (JANE, OMAR)}, "clients"),
            ({}, {"clients": ()}, "clients"),
        ],
    )
    def test_what_differs_is_left_and_counted(self, one: dict[str, Any], other: dict[str, Any], field: str) -> None:
        """No write, no open conflict; what each has is kept to be looked up."""
        plan = linked(visit(**one), visit(**other))
        assert (told(plan), plan.conflicts) == (["adopt office"], ())
        assert [(each.field.value, sorted(each.values)) for each in plan.unlike] == [(field, ["crm", "office"])]
        [remark] = plan.remarks
        assert remark.startswith(f"1 text(s) of records that are linked now differ ({field} 1)")

    @pytest.mark.parametrize(
        ("one", "other", "vendors"),
        [
            ({"title": "Consultation"}, {"title": "Consult"}, ("crm", "office")),  # cut short
            ({"notes": "Ring "}, {"notes": "ring"}, ("crm", "office")),
            ({"title": "Cut"}, {"title": "Colour"}, ("crm", "book")),  # made up of its service, and never written
            ({"title": "Cut"}, {"title": "Colour"}, ("crm", "site")),  # it shows none
            ({}, {"clients": (replace(JANE, email="JANE@example.com"),)}, ("crm", "office")),
            ({}, {"clients": (replace(JANE, phone="+1 555 0100"),)}, ("crm", "office")),
        ],
    )
    def test_what_a_vendor_makes_of_a_text_is_no_difference(
        self, one: dict[str, Any], other: dict[str, Any], vendors: tuple[str, str]
    ) -> None:
        """Cut, re-cased, shown and never taken: nobody typed that."""
        assert linked(visit(**one), visit(**other), *vendors).unlike == ()

    def test_a_text_that_somebody_edits_goes_to_all(self) -> None:
        """And no other text that differs."""
        start = linked(visit(title="Cut", notes="Ring"), visit(title="Colour", notes="Knock"))
        edited = visit(title="Colour", notes="Knock twice")
        plan = plan_for([listing("crm", unchanged={"1"}), listing("office", record("office", edited))], again(start))
        assert told(plan) == ["update crm notes"]
        assert [one.field for one in plan.unlike] == [Field.TITLE]

    def test_a_number_that_somebody_edits_renames_nobody(self) -> None:
        """The same person by e-mail, under two names: a new number goes to both, each name stays."""
        janet = replace(JANE, first_name="Janet")
        start = linked(visit(), visit(clients=(janet,)))
        edited = visit(clients=(replace(JANE, phone="5550199"),))
        plan = plan_for([listing("crm", record("crm", edited)), listing("office", unchanged={"1"})], again(start))
        assert told(plan) == ["update office clients"]
        assert plan.operations[0].target.clients == (replace(janet, phone="5550199"),)
        named = visit(clients=(replace(JANE, first_name="Joan"),))
        plan = plan_for([listing("crm", record("crm", named)), listing("office", unchanged={"1"})], again(start))
        assert told(plan) == ["update office clients"]
        assert (plan.operations[0].target.clients, plan.unlike) == ((replace(JANE, first_name="Joan"),), ())


class TestFilling:
    """What one side lacks it is given, and nothing else is touched."""

    def test_each_side_is_given_what_it_lacks(self) -> None:
        """Notes from the one, a place and a number from the other."""
        plan = linked(
            visit(location="8 Oak Lane"), visit(notes="Ring", clients=(replace(JANE, phone=""),)), "office", "crm"
        )
        assert told(plan) == ["adopt crm", "update office notes", "update crm clients"]
        fills = plan.operations[1:]
        assert [operation.changes for operation in fills] == [
            {Field.NOTES: ("", "Ring")},
            {Field.CLIENTS: ((replace(JANE, phone=""),), (JANE,))},
        ]
        assert fills[0].reason == "crm has more of its notes; office lacks that"
        assert (plan.conflicts, plan.unlike) == ((), ())

    def test_a_name_that_differs_stays_when_a_number_is_filled(self) -> None:
        """Who lacks the number keeps the name."""
        janet = replace(JANE, first_name="Janet", phone="")
        plan = linked(visit(), visit(clients=(janet,)))
        assert told(plan) == ["adopt office", "update office clients"]
        assert plan.operations[1].target.clients == (replace(janet, phone=JANE.phone),)
        assert [one.field for one in plan.unlike] == [Field.CLIENTS]

    def test_a_client_is_given_to_a_record_that_names_them(self) -> None:
        """A visit may be anybody's; a "Jane Smith" is hers."""
        plan = linked(visit(), visit(title="Jane Smith", clients=()))
        assert told(plan) == ["adopt office", "update office clients"]
        plan = linked(visit(), visit(clients=()))
        assert told(plan) == ["adopt office"]

    def test_a_client_whom_no_record_shows_now_is_given_to_none_that_does_not_name_them(self) -> None:
        """Known from a record that is gone: nobody's is compared, and "Visit" may still be anybody's."""
        shown = mapping("crm")
        remembered = replace(shown, shows=shown.shows - {Field.CLIENTS})
        for title, written in (("Visit", []), ("Jane Smith", ["update office clients"])):
            agreed = visit(title=title)
            plan = plan_for(
                [listing("crm", unchanged={"1"}), listing("office", record("office", visit(title=title, clients=())))],
                known(replace(remembered, base=replace(remembered.base, title=title), acknowledged=agreed)),
            )
            assert told(plan) == ["adopt office", *written]

    def test_what_a_row_does_not_tell_is_not_lacking(self) -> None:
        """A list row without clients, or one that a reading by id would complete."""
        bare = record("office", visit(notes="", clients=(replace(JANE, phone=""),)))
        for shown in (
            replace(bare, whole=False),
            replace(bare, shows=bare.shows - {Field.NOTES, Field.CLIENTS}),
        ):
            plan = plan_for([listing("crm", record("crm", visit(notes="Ring"))), listing("office", shown)])
            assert not [o for o in plan.operations if o.vendor == "office" and o.changes]

    def test_it_fills_those_that_were_there_before(self) -> None:
        """The third one brings notes that no other had."""
        plan = plan_for(
            [
                listing("crm", unchanged={"1"}),
                listing("office", unchanged={"1"}),
                listing("site", record("site", visit(notes="Ring"))),
            ],
            known(mapping("crm"), mapping("office")),
            policy=EVERYBODY,
        )
        assert told(plan) == ["adopt site", "update crm notes", "update office notes"]

    def test_a_read_only_vendor_is_given_nothing(self) -> None:
        """Its own goes out all the same."""
        policy = rules("crm", "office")
        policy = replace(policy, vendors=(policy.vendors[0], replace(policy.vendors[1], read_only=True)))
        full, bare = record("office", visit(location="Here")), record("crm", visit(notes="Ring"))
        plan = plan_for([listing("crm", bare), listing("office", full)], policy=policy)
        assert told(plan) == ["adopt office"]

    def test_a_first_run_that_fills_much_is_not_held(self) -> None:
        """Twenty records lack a note: what overwrites nothing is no accident."""
        hours = [slot(9, day=day) for day in range(1, 21)]
        ours = [record("crm", visit(slot=one, notes="Ring"), str(number)) for number, one in enumerate(hours)]
        theirs = [record("office", visit(slot=one), str(number)) for number, one in enumerate(hours)]
        plan = plan_for([listing("crm", *ours, live=20), listing("office", *theirs, live=20)])
        assert (plan.held, told(plan).count("update office notes")) == ((), 20)

    def test_filled_once_it_is_left_alone(self) -> None:
        """Nor does a vendor that drops it get it again."""
        world = World(records={})
        world = insert(world, "crm", visit(notes="Ring"))
        world = insert(world, "office", visit())
        world, first = cycle(world, rules("crm", "office"))
        assert told(first) == ["adopt office", "update office notes"]
        world, second = cycle(world, rules("crm", "office"))
        assert told(second) == []


def known(*mappings: Any) -> Known:
    """A known appointment that these vendors have in step."""
    return Known(id="a", agreed=mappings[0].acknowledged, mappings=mappings)


def test_two_worlds_of_lengths_live_on_for_weeks() -> None:
    """Linked, moved here and there, edited: each cycle leaves each its own until one is given another length."""
    policy = rules("crm", "office")
    world = insert(insert(World(records={}), "crm", visit(slot=LONGER)), "office", visit(slot=HALF))
    world, _ = cycle(world, policy)
    for mover, other, hour in (("crm", "office", 12), ("office", "crm", 13), ("crm", "office", 14)):
        own = world.records[mover, f"{mover[0]}{0 if mover == 'crm' else 1}"]
        length = int(own.content.slot.duration.total_seconds() // 60)
        world = put(world, own, own.content.with_values({Field.SLOT: slot(hour, minutes=length)}))
        world, plan = cycle(world, policy)
        assert told(plan) == [f"move {other} slot"]
        world, plan = cycle(world, policy)
        assert (told(plan), len(plan.conflicts) <= 1) == ([], True)
        lengths = sorted(one.content.slot.duration.total_seconds() / 60 for one in world.records.values())
        assert lengths == [30, 45]
    own = world.records["crm", "c0"]
    world = put(world, own, own.content.with_values({Field.SLOT: slot(14, minutes=20)}))
    world, plan = cycle(world, policy)
    assert (told(plan), plan.conflicts) == (["move office slot"], ())
    assert {one.content.slot for one in world.records.values()} == {slot(14, minutes=20)}
    _, plan = cycle(world, policy)
    assert (told(plan), plan.conflicts) == ([], ())


def test_a_client_who_has_no_name_at_one_vendor_is_named() -> None:
    """The e-mail alone tells who it is; the name is lacking there."""
    nameless = Client(email=JANE.email, phone=JANE.phone)
    plan = linked(visit(), visit(clients=(nameless,)))
    assert told(plan) == ["adopt office", "update office clients"]
    assert plan.operations[1].target.clients == (JANE,)


ONE_PLACE = replace(ABLE["office"], holds_clients=1)


def cramped(*vendors: str) -> Policy:
    """These vendors, of which the office has room for one client in a record."""
    policy = rules(*vendors)
    traits = [replace(one, capabilities=ONE_PLACE) if one.name == "office" else one for one in policy.vendors]
    return replace(policy, vendors=tuple(traits))


class TestWhoseTheyAre:
    """What is filled is the record's own client, and nothing that somebody typed of them."""

    def test_a_record_with_one_place_keeps_whose_it_is(self) -> None:
        """Omar stands first elsewhere: her record lacks an address, and does not become his."""
        both, hers = visit(clients=(OMAR, JANE)), visit(clients=(replace(JANE, email=""),))
        policy = cramped("crm", "office")
        plan = plan_for([listing("crm", record("crm", both)), listing("office", record("office", hers))], policy=policy)
        assert told(plan) == ["adopt office", "update office clients"]
        assert plan.operations[1].target.clients == (JANE,)

    def test_an_edit_of_one_of_two_does_not_bring_the_other_there(self) -> None:
        """Her address changes where both are; her record elsewhere stays hers, and the next cycle writes nothing."""
        both, hers = visit(clients=(OMAR, JANE)), visit(clients=(JANE,))
        policy = cramped("crm", "office")
        shots = [listing("crm", record("crm", both)), listing("office", record("office", hers))]
        start = again(plan_for(shots, policy=policy))
        jane = replace(JANE, email="jane@new.example")
        edited = record("crm", visit(clients=(OMAR, jane)))
        plan = plan_for([listing("crm", edited), listing("office", unchanged={"1"})], start, policy=policy)
        assert told(plan) == ["update office clients"]
        assert plan.operations[0].target.clients[0] == jane

    @pytest.mark.parametrize(
        ("first", "other", "filled"),
        [
            (JANE, replace(JANE, last_name="Smith-Jones", phone=""), replace(JANE, last_name="Smith-Jones")),
            (replace(JANE, last_name=""), replace(JANE, phone=""), JANE),
            (JANE, replace(JANE, email="jane@example.com, j@work.example", phone=""), None),
            (replace(JANE, phone="+1 212 555 0100"), replace(JANE, email="", phone="5550100"), JANE),
        ],
    )
    def test_nothing_that_is_there_is_written_over(self, first: Client, other: Client, filled: Client | None) -> None:
        """A longer name, a second address, a number in another form: all of it stays."""
        plan = linked(visit(clients=(first,)), visit(clients=(other,)))
        [write] = [one for one in plan.operations if one.vendor == "office" and one.changes]
        assert write.target.clients == (replace(other, phone=JANE.phone) if filled is None else filled,)
        assert write.fills

    def test_a_last_name_that_the_first_one_lacks_is_filled(self) -> None:
        """Whichever vendor comes first."""
        plan = linked(visit(clients=(replace(JANE, last_name=""),)), visit())
        assert [one.target.clients for one in plan.operations if one.vendor == "crm"] == [(JANE,)]


class TestWhatIsForgotten:
    """A question is closed only by people, or where there is nothing left to ask."""

    def test_what_has_not_arrived_yet_is_no_difference_to_a_record_that_joins(self) -> None:
        """A rename that the office has not taken; a third one brings a number: the office is renamed all the same."""
        renamed = visit(clients=(replace(JANE, last_name="Miller", phone=""),))
        old = visit(clients=(replace(JANE, phone=""),))
        behind = replace(mapping("office", old), acknowledged=old)
        before = Known(
            id="a",
            agreed=renamed,
            mappings=(mapping("crm", renamed), behind),
            provenance={Field.CLIENTS: origin("crm")},
        )
        joins = record("book", visit(clients=(replace(JANE, last_name="Miller"),)))
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("office", unchanged={"1"}), listing("book", joins)],
            before,
            policy=rules("crm", "office", "book"),
        )
        [write] = [one for one in plan.operations if one.vendor == "office"]
        assert write.target.clients[0].last_name == "Miller"
        assert plan.unlike == ()

    def test_a_move_that_has_not_arrived_yet_is_not_forgotten_for_a_length(self) -> None:
        """One that people give a length joins two whose type decides theirs, while one of them is still to be moved."""
        moved, old = visit(slot=slot(15)), visit()
        policy = rules("book", Traits(name="book2", capabilities=ABLE["book"]), "office")
        behind = replace(mapping("book", old), vendor="book2", acknowledged=old)
        before = Known(
            id="a", agreed=moved, mappings=(mapping("book", moved), behind), provenance={Field.SLOT: origin("book")}
        )
        joins = record("office", visit(slot=slot(15, minutes=45)))
        plan = plan_for(
            [listing("book", unchanged={"1"}), listing("book2", unchanged={"1"}), listing("office", joins)],
            before,
            policy=policy,
        )
        assert told(plan) == ["adopt office", "move book2 slot"]

    def test_a_vendor_that_is_not_configured_for_a_while_is_asked_about_again(self) -> None:
        """Its record keeps its own meanwhile, and the question is there when it is."""
        start = again(linked(visit(slot=LONGER), visit(slot=HALF)))
        away = plan_for([listing("crm", record("crm", visit(slot=LONGER, notes="x")))], start, policy=rules("crm"))
        back = plan_for([listing("crm", unchanged={"1"}), listing("office", unchanged={"1"})], again(away))
        assert asked(back.conflicts) == [("slot", {"crm": LONGER, "office": HALF}, None)]

    def test_the_only_one_left_says_what_is_right(self) -> None:
        """The other was deleted and is made anew: as long as the one that somebody gave its length."""
        start = again(linked(visit(slot=HALF), visit(slot=LONGER), "office", "crm"))
        gone = plan_for([listing("office", gone={"1"}), listing("crm", unchanged={"1"})], start)
        assert told(gone) == ["cancel crm"]
        ended = replace(again(gone), mappings=tuple(_cancelled(m) for m in again(gone).mappings))
        revived = record("crm", visit(slot=LONGER), revision=3)
        plan = plan_for([listing("office"), listing("crm", revived)], ended, policy=rules("office", "crm"))
        [made] = plan.operations
        assert (made.vendor, made.target.slot) == ("office", LONGER)

    @pytest.mark.parametrize("presence", [{"unchanged": {"1"}}, {}])
    def test_a_record_without_a_client_takes_nobodys_from_the_appointment(self, presence: dict[str, Any]) -> None:
        """Linked beside the CRM's, which lets none be named, the office's is deleted: it was Jane's all the time."""
        own = frozenset({Aspect.PEOPLE})
        crm = replace(mapping("crm", visit(clients=(), title="Consultation")), acknowledged=visit(), unlike=own)
        before = known(crm, replace(mapping("office"), unlike=own), mapping("book"))
        shots = [listing("office", gone={"1"}), listing("book", unchanged={"1"})]
        shots += [listing("crm", **presence)] if presence else []
        plan = plan_for(shots, before, policy=rules("crm", "office", "book"))
        assert not only(plan).agreed.status.live
        assert only(plan).agreed.clients == (JANE,)

    def test_what_is_alike_by_now_is_asked_about_no_more(self) -> None:
        """Moved to another day, what was all day somewhere takes the other's length: one cycle later nobody asks."""
        midnight = slot(0)
        whole = Slot(start=at(0), end=at(0) + timedelta(days=1), all_day=True)
        world = insert(insert(World(records={}), "crm", visit(slot=midnight)), "office", visit(slot=whole))
        world, _ = cycle(world, rules("crm", "office"))
        own = world.records["crm", "c0"]
        world = put(world, own, own.content.with_values({Field.SLOT: slot(15)}))
        world, first = cycle(world, rules("crm", "office"))
        own = world.records["crm", "c0"]
        world, second = cycle(put(world, own, own.content), rules("crm", "office"))  # looked at again
        assert [one.found for one in first.conflicts] == [Found.AT_LINKING]
        assert second.conflicts == ()

    def test_a_record_that_is_cancelled_says_nothing_of_the_length(self) -> None:
        """Somebody moves and shortens it: the two that stand keep theirs."""
        start = again(linked(visit(slot=LONGER), visit(slot=HALF)))
        ended = visit(status=Status.CANCELLED)
        third = replace(mapping("site", ended), acknowledged=visit())
        before = replace(start, mappings=(*start.mappings, third))
        moved = record("site", replace(ended, slot=slot(15, minutes=15)))
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("office", unchanged={"1"}), listing("site", moved)],
            before,
            policy=EVERYBODY,
        )
        assert not [one for one in plan.operations if one.vendor == "office"]
        assert [one.found for one in plan.conflicts if one.field is Field.SLOT] == [Found.AT_LINKING]


def _cancelled(mapping: Mapping) -> Mapping:
    """A mapping whose record was cancelled as planned."""
    ended = mapping.base.with_values({Field.STATUS: Status.CANCELLED})
    return mapping if mapping.tombstone else replace(mapping, base=ended, acknowledged=ended)
