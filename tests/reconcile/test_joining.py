"""What a link between records leaves behind: filled values, mappings, adoptions, and what is left to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.plan import Adopt
from syncd.model.policy import Traits
from tests.reconcile.world import (
    GONE,
    JANE,
    NOW,
    OFFICE,
    OMAR,
    again,
    ago,
    known,
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

UNNAMED = visit(clients=(), title="Visit, Jane Smith")


class TestARecordThatJoins:
    """An appointment that the CRM has, and a record at the office that turns up."""

    def test_it_fills_what_was_empty(self) -> None:
        """Notes, location, e-mail and number that only the joining record has go to those that can take them."""
        bare = visit(clients=(Client(first_name="Jane", last_name="Smith"),))
        full = visit(notes="Ring", location="8 Oak Lane", clients=(replace(JANE, phone=""),))
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("office", record("office", full))], known(mapping("crm", bare))
        )
        assert told(plan) == ["adopt office", "update crm notes clients"]
        agreed = only(plan).agreed
        assert (agreed.notes, agreed.location, agreed.clients) == ("Ring", "8 Oak Lane", full.clients)
        assert [(m.acknowledged.notes, m.acknowledged.location) for m in only(plan).mappings] == [
            ("", "8 Oak Lane"),  # of which it is told, and which it cannot be given
            ("Ring", "8 Oak Lane"),
        ]

    def test_it_brings_its_clients_where_there_were_none(self) -> None:
        """Linked by the title alone, the appointment has a client from now on."""
        snapshots = [listing("crm", unchanged={"1"}), listing("office", record("office"))]
        plan = plan_for(snapshots, known(mapping("crm", visit(clients=()))))
        assert told(plan) == ["adopt office"]
        assert only(plan).agreed.clients == (JANE,)

    def test_it_renames_nobody(self) -> None:
        """The same person by e-mail under another name: the name that was agreed stays."""
        found = record("office", visit(clients=(replace(JANE, first_name="Janet", phone=""),)))
        plan = plan_for([listing("crm", unchanged={"1"}), listing("office", found)], known(mapping("crm")))
        assert told(plan) == ["adopt office", "update office clients"]  # with the number that it lacks
        assert only(plan).agreed.clients == (JANE,)
        assert plan.operations[1].target.clients == (replace(JANE, first_name="Janet"),)

    def test_it_is_known_by_the_title_that_syncd_gives_its_client(self) -> None:
        """A vendor that holds no client has the client's name for a title, whatever the appointment is called."""
        found = record("office", visit(title="Jane Smith", clients=()))
        plan = plan_for([listing("crm", record("crm")), listing("office", found)])
        assert told(plan)[0] == "adopt office"

    def test_it_is_known_by_a_short_number_with_or_without_its_zero(self) -> None:
        """`0 555 010` and `555 010` are one extension."""
        one, other = (visit(title=phone, clients=(Client(phone=phone),)) for phone in ("0555010", "555010"))
        plan = plan_for([listing("crm", record("crm", one)), listing("office", record("office", other))])
        assert told(plan) == ["adopt office"]

    def test_it_overrides_nothing_that_is_there(self) -> None:
        """A filled value stays, whatever the joining record has."""
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("office", record("office", visit(notes="Ring", title="Call")))],
            known(mapping("crm", visit(notes="Knock"))),
        )
        assert told(plan) == ["adopt office"]
        assert (only(plan).agreed.notes, only(plan).agreed.title) == ("Knock", "Visit")

    def test_a_listed_service_takes_the_place_of_a_foreign_id(self) -> None:
        """A vendor's own id says nothing to others; a name of the catalogue does, and no id replaces that."""
        for mine, theirs, agreed in (("#9", "Showing", "Showing"), ("Showing", "#9", "Showing"), ("#9", "#8", "#9")):
            plan = plan_for(
                [listing("crm", unchanged={"1"}), listing("site", record("site", visit(service=theirs)))],
                known(mapping("crm", visit(service=mine))),
            )
            assert only(plan).agreed.service == agreed

    def test_a_title_that_looks_like_an_id_is_not_replaced(self) -> None:
        """`#9` is an id among services alone."""
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("office", record("office", visit(title="Visit")))],
            known(mapping("crm", visit(title="#9"))),
        )
        assert only(plan).agreed.title == "#9"

    def test_its_mapping_is_as_it_was_read(self) -> None:
        """Fingerprint, version, time of modification, and the moment of the listing."""
        found = record("crm", revision=7, modified_at=ago(900), fingerprint=b"now")
        snapshot = listing("crm", found)
        plan = plan_for([snapshot, listing("office", unchanged={"1"})], known(mapping("office")))
        [made] = [m for m in only(plan).mappings if m.vendor == "crm"]
        assert (made.fingerprint, made.revision, made.modified_at) == (b"now", 7, ago(900))
        assert made.known_at == snapshot.started_at
        assert made.base == found.content

    def test_it_is_adopted_under_a_name_of_its_own(self) -> None:
        """The adoption names record, appointment and content; another record's has another name."""
        plans = [
            plan_for([listing("crm", unchanged={"1"}), listing("office", found)], known(mapping("crm")))
            for found in (record("office"), record("office", remote_id="2"), record("office", visit(notes="Ring")))
        ]
        adoptions = [plan.operations[0] for plan in plans]
        assert len({adopt.id for adopt in adoptions}) == 3
        desk = Traits(name="desk", capabilities=OFFICE)
        equal = record("office"), replace(record("office"), vendor="desk")
        listed = [listing(one.vendor, one) for one in equal]
        both = plan_for(listed, known(mapping("crm")), policy=rules("office", desk))
        assert len({adopt.id for adopt in both.operations}) == 2
        first = adoptions[0]
        assert isinstance(first, Adopt)
        assert (first.vendor, first.remote_id, first.appointment) == ("office", "1", "a")
        assert first.expected == record("office")
        assert first.target == record("office").content


class TestSeveralThatFit:
    """Records and appointments of one start and client."""

    def test_two_known_appointments_get_a_record_each(self) -> None:
        """Twins that are known already: each is linked, and no appointment is founded."""
        twins = [known(mapping("crm", remote_id=key), id=key) for key in ("1", "2")]
        found = [record("office", remote_id=key) for key in ("8", "9")]
        plan = plan_for([listing("crm", unchanged={"1", "2"}), listing("office", *found)], *twins)
        assert told(plan) == ["adopt office", "adopt office"]
        assert {next_state.id for next_state in plan.next_states} == {"1", "2"}

    @pytest.mark.parametrize(("status", "twins"), [(Status.SCHEDULED, "12"), (Status.CANCELLED, "1")])
    def test_a_clock_time_that_may_mean_two_is_read_as_the_others_have_it(self, status: Status, twins: str) -> None:
        """Among twins as alone, and where one side is cancelled as where both stand."""
        mine = [record("crm", visit(slot=slot(11)), key) for key in twins]
        shown = visit(slot=slot(10), status=status)
        theirs = [record("office", shown, key, other_readings=(slot(11),)) for key in twins]
        plan = plan_for([listing("crm", *mine), listing("office", *theirs)])
        assert told(plan) == ["adopt office"] * len(twins)
        assert {m.base.slot for next_state in plan.next_states for m in next_state.mappings} == {slot(11)}

    def test_others_are_not_forgotten_over_a_third_twin(self) -> None:
        """Two equal records for one appointment, and somebody else's: the second and the other are new."""
        found = [
            record("office", visit(clients=(OMAR,)), "1"),
            record("office", None, "2"),
            record("office", None, "3"),
        ]
        plan = plan_for([listing("crm", unchanged={"1"}), listing("office", *found)], known(mapping("crm")))
        assert sorted(told(plan)) == ["adopt office", "create crm", "create crm"]

    def test_two_ambiguities_are_both_reported(self) -> None:
        """Each with its own records."""
        mornings = [record("crm", visit(notes=text), text) for text in ("a", "b")]
        evenings = [record("crm", visit(slot=slot(18), notes=text), f"late {text}") for text in ("a", "b")]
        other = [record("office", visit(notes="c"), "c"), record("office", visit(slot=slot(18), notes="c"), "d")]
        plan = plan_for([listing("crm", *mornings, *evenings), listing("office", *other)])
        assert {entry.remote_id for entry in plan.quarantined} == {"c", "d"}

    def test_what_is_ambiguous_at_two_vendors_is_created_at_neither(self) -> None:
        """The second ambiguity does not lift the first."""
        mine = [record("crm", visit(notes=text), text) for text in ("a", "b")]
        snapshots = [listing(name, record(name, visit(notes="c"), "c")) for name in ("office", "site")]
        plan = plan_for([listing("crm", *mine), *snapshots])
        assert {entry.vendor for entry in plan.quarantined} == {"office", "site"}
        assert not plan.operations

    def test_what_unites_two_keeps_the_known_one(self) -> None:
        """Known by its title alone, joined by one that shows client and title, with one that shows a client."""
        policy = rules("site", "crm", "office")
        snapshots = [
            listing("site", record("site", visit(title=""))),
            listing("crm", unchanged={"1"}),
            listing("office", record("office", visit(title="Open house"))),
        ]
        plan = plan_for(snapshots, known(mapping("crm", visit(title="Open house", clients=()))), policy=policy)
        assert [next_state.id for next_state in plan.next_states] == ["a"]
        assert {m.vendor for m in only(plan).mappings} == {"site", "crm", "office"}

    def test_two_known_appointments_are_never_united(self) -> None:
        """A record that shows the client of one and the title of the other is left to a person."""
        titled = known(mapping("crm", visit(title="Open house", clients=())), id="titled")
        named = known(mapping("site", visit(title="")), id="named")
        snapshots = [
            listing("crm", unchanged={"1"}),
            listing("office", record("office", visit(title="Open house"))),
            listing("site", unchanged={"1"}),
        ]
        plan = plan_for(snapshots, titled, named)
        assert {next_state.id for next_state in plan.next_states} == {"titled", "named"}
        assert [entry.remote_id for entry in plan.quarantined] == ["1"]


class TestCancelledAndLive:
    """A first run, in which some records are cancelled."""

    def test_cancelled_records_are_one_appointment_too(self) -> None:
        """Linked, agreed to be cancelled, and nothing is written."""
        plan = plan_for([listing("crm", record("crm", GONE)), listing("office", record("office", GONE))])
        assert told(plan) == ["adopt office"]
        assert not only(plan).agreed.status.live
        assert not plan.conflicts

    @pytest.mark.parametrize("first", [GONE, visit()])
    def test_a_contradiction_is_one_appointment_that_is_left_to_a_person(self, first: Appointment) -> None:
        """Whichever of the two vendors comes first."""
        second = visit() if first is GONE else GONE
        plan = plan_for([listing("crm", record("crm", first)), listing("office", record("office", second))])
        assert told(plan) == ["adopt office"]
        assert [conflict.field for conflict in plan.conflicts] == [Field.STATUS]

    def test_of_several_cancelled_likes_one_is_in_question_and_the_others_are_history(self) -> None:
        """Booked, cancelled, booked and cancelled again at one vendor, standing at another."""
        old = [record("office", GONE, key) for key in ("1", "2", "3")]
        plan = plan_for([listing("crm", record("crm")), listing("office", *old)])
        assert len(plan.conflicts) == 1
        assert len(plan.next_states) == 3
        assert not plan.quarantined

    def test_somebody_else_s_record_is_not_forgotten_over_a_contradiction(self) -> None:
        """Jane's visit is cancelled at the office and stands at the CRM; Omar's is new there, and is created."""
        office = listing("office", record("office", visit(clients=(OMAR,))), record("office", GONE, "2"))
        plan = plan_for([listing("crm", record("crm")), office])
        assert told(plan) == ["adopt office", "create crm"]
        assert len(plan.conflicts) == 1

    def test_a_cancelled_record_that_may_be_either_of_two_keeps_both_from_being_created(self) -> None:
        """Nobody can tell which of them it contradicts, so neither is made beside it."""
        two = [record("crm", visit(notes=text), text) for text in ("a", "b")]
        plan = plan_for([listing("crm", *two), listing("office", record("office", GONE))])
        assert not plan.operations
        assert [entry.vendor for entry in plan.quarantined] == ["office"]
        assert "of office" in plan.quarantined[0].reason

    def test_of_several_live_likes_none_is_guessed(self) -> None:
        """Two that stand, and one cancelled elsewhere: which of them it contradicts nobody can tell."""
        live = [record("office", None, key) for key in ("1", "2")]
        snapshots = [listing("crm", record("crm", GONE)), listing("office", *live, read_before=False)]
        plan = plan_for(snapshots)
        assert {entry.remote_id for entry in plan.quarantined} == {"1", "2"}
        assert not plan.operations


class TestReturns:
    """Records that were replaced or deleted once."""

    @pytest.mark.parametrize(("old", "new"), [("1", "2"), ("9", "2")])
    def test_a_replaced_record_that_is_back_does_not_take_the_place_of_the_new_one(self, old: str, new: str) -> None:
        """Whatever their ids: the record that the vendor has now stays the appointment's."""
        both = mapping("office", GONE, old, tombstone="replaced"), mapping("office", None, new)
        appointment = known(mapping("crm"), *sorted(both, key=lambda one: one.remote_id))
        snapshots = [listing("crm", unchanged={"1"}), listing("office", record("office", None, old), unchanged={new})]
        plan = plan_for(snapshots, appointment)
        assert told(plan) == []
        live = [m.remote_id for m in only(plan).mappings if m.vendor == "office" and m.tombstone is None]
        assert live == [new]

    def test_a_deleted_record_is_made_anew_and_not_revived(self) -> None:
        """What its vendor said does not exist cannot be written, even where others could be revived."""
        appointment = known(mapping("crm"), mapping("site", GONE, tombstone="deleted"), agreed=visit())
        plan = plan_for([listing("crm", unchanged={"1"}), listing("site")], appointment)
        assert told(plan) == ["create site"]

    def test_a_record_by_hand_takes_the_place_of_a_deleted_one(self) -> None:
        """The appointment still stands elsewhere: the new record is linked, and none is made beside it."""
        appointment = known(mapping("crm"), mapping("office", GONE, "1", tombstone="deleted"), agreed=visit())
        snapshots = [listing("crm", unchanged={"1"}), listing("office", record("office", None, "2"))]
        assert told(plan_for(snapshots, appointment)) == ["adopt office"]

    def test_our_own_deletion_does_not_compete_with_a_revival(self) -> None:
        """It was cancelled and deleted at the office without an answer; who schedules it again finds no conflict."""
        office = mapping("office", None, in_flight=GONE, in_flight_fields=frozenset({Field.STATUS}))
        appointment = known(mapping("crm", GONE), office, agreed=GONE)
        plan = plan_for([listing("crm", record("crm")), listing("office", gone={"1"})], appointment)
        assert told(plan) == ["create office"]
        assert not plan.conflicts

    @pytest.mark.parametrize(("asked", "operations"), [(GONE, ["create office"]), (visit(notes="x"), ["cancel crm"])])
    def test_only_our_own_deletion_ends_nothing(self, asked: Appointment, operations: list[str]) -> None:
        """Deleted there by us before it was revived, it is made anew; deleted by others, it is called off."""
        fields = frozenset({Field.NOTES if asked.status.live else Field.STATUS})
        appointment = known(mapping("crm"), mapping("office", in_flight=asked, in_flight_fields=fields))
        plan = plan_for([listing("crm", unchanged={"1"}), listing("office", gone={"1"}, unchanged={"2"})], appointment)
        assert told(plan) == operations

    def test_a_cancellation_that_did_not_land_is_planned_again(self) -> None:
        """The record is as it was: it is no absence, and the vendor is still behind."""
        office = mapping("office", None, in_flight=GONE, in_flight_fields=frozenset({Field.STATUS}))
        appointment = known(mapping("crm", GONE), office, agreed=GONE)
        plan = plan_for([listing("crm", unchanged={"1"}), listing("office", unchanged={"1"})], appointment)
        assert told(plan) == ["cancel office"]


def test_clients_are_filled_one_by_one() -> None:
    """Each from the same person; a name is one part, and nobody's number goes to another."""
    mine = (Client(email="jane@example.com"), Client(first_name="Omar", last_name="Haddad"))
    snapshots = [
        listing("crm", record("crm", visit(clients=mine))),
        listing("office", record("office", visit(clients=(OMAR, JANE)))),
    ]
    assert only(plan_for(snapshots)).agreed.clients == (JANE, OMAR)


def test_a_text_that_a_vendor_made_up_gives_way_to_one_that_people_gave() -> None:
    """A vendor that only shows titles has the service's name there; one that can be given a title has the people's."""
    policy = rules("book", "office")
    titles = {"book": "30 minute showing", "office": "Visit to the mill"}
    plan = plan_for([listing(name, record(name, visit(title=title))) for name, title in titles.items()], policy=policy)
    assert only(plan).agreed.title == "Visit to the mill"
    alone = plan_for([listing("book", record("book", visit(title="30 minute showing")))], policy=rules("book"))
    assert only(alone).agreed.title == "30 minute showing"


def test_the_founded_appointment_keeps_its_name() -> None:
    """The same record founds the same appointment in every first run, on whatever day."""
    first, again = (plan_for([listing("crm", record("crm"))], now=now) for now in (NOW, ago(60)))
    assert only(first).id == only(again).id
    assert only(first).id != only(plan_for([listing("crm", record("crm", remote_id="2"))])).id
    assert only(first).id != only(plan_for([listing("office", record("office"))])).id


class TestARecordThatTellsItsClientInPart:
    """The office's row lacked the key of the address when its record was linked, and has it now."""

    NAMED = visit(clients=(Client(first_name="Jane", last_name="Smith"),))
    HELD_BACK = mapping("office", NAMED, shows=OFFICE.seen - {Field.CLIENTS})

    def test_what_it_tells_at_last_goes_to_those_that_lack_it(self) -> None:
        """Nobody changed anything; it is agreed, and where a person enters another one later, all are given that."""
        row = record("office", visit(clients=(replace(JANE, phone=""),)))
        snapshots = [listing("office", row), listing("book", unchanged={"1"})]
        plan = plan_for(snapshots, known(self.HELD_BACK, mapping("book", self.NAMED)))
        assert told(plan) == ["update book clients"]
        assert only(plan).agreed.clients == (replace(JANE, phone=""),)
        assert plan.conflicts == ()

        corrected = record("book", visit(clients=(replace(JANE, email="js@example.com", phone=""),)))
        plan = plan_for([listing("office", unchanged={"1"}), listing("book", corrected)], again(plan))
        assert told(plan) == ["update office clients"]
        assert plan.operations[0].target.clients == corrected.content.clients

    def test_what_was_taken_out_meanwhile_stays_out(self) -> None:
        """Somebody emptied her address at book: the office tells of the old one only now."""
        row = record("office", visit(clients=(replace(JANE, phone=""),)))
        before = known(self.HELD_BACK, mapping("book", self.NAMED), provenance={"clients/0/email": origin("book")})
        plan = plan_for([listing("office", row), listing("book", unchanged={"1"})], before)
        assert only(plan).agreed.clients == self.NAMED.clients
        assert "update book clients" not in told(plan)

    def test_what_was_agreed_meanwhile_stays(self) -> None:
        """An address that people entered elsewhere is not replaced by one that is only heard of late."""
        row = record("office", visit(clients=(replace(JANE, email="old@example.com"),)))
        before = known(self.HELD_BACK, mapping("book"), agreed=visit())
        plan = plan_for([listing("office", row), listing("book", unchanged={"1"})], before)
        assert only(plan).agreed.clients == (JANE,)
        assert "update book clients" not in told(plan)
