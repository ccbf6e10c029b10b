"""Records with room for one client, of appointments with several: whose they are, and what follows from them."""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.compare.people import same_person
from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.capabilities import Ability, Capabilities
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.plan import Cancel, Create, Plan
from syncd.model.policy import Guard, Policy, Traits
from syncd.model.record import Complete, Failed, Record
from syncd.reconcile import decide
from syncd.reconcile.rejection import Verdict, reject_change
from tests.reconcile.world import (
    ABLE,
    JANE,
    MANUAL,
    NEWEST,
    NOW,
    OMAR,
    PRIORITY,
    ago,
    as_shown,
    known,
    listing,
    mapping,
    only,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

ANA = Client(first_name="Ana", last_name="Lopes", email="ana@example.com", phone="5550188")
ZOE = Client(first_name="Zoe", last_name="Quist", email="zoe@example.com", phone="5550111")
GROUP = visit(clients=(JANE, OMAR, ANA))
OTHERS = visit(clients=(OMAR, ANA))

BOOK = replace(ABLE["book"], holds_clients=1)
"""Room for one client."""

SITE = replace(ABLE["site"], ends_seats=True)
"""Can be given no client, and take one out."""

FIXED = replace(ABLE["crm"], fields={**ABLE["crm"].fields, Field.CLIENTS: Ability(seen=True)})
"""A CRM that lists clients, and lets no write change them."""


def group(*vendors: str, **able: Capabilities) -> Policy:
    """A policy over these vendors, with room for one client at the booking page."""
    known_able = {"book": BOOK, "site": SITE, **able}
    policy = rules(*vendors)
    traits = [replace(one, capabilities=known_able.get(one.name, one.capabilities)) for one in policy.vendors]
    return replace(policy, vendors=tuple(traits))


def seat(who: Client = JANE, agreed: Appointment = GROUP, vendor: str = "book", **more: Any) -> Mapping:
    """The mapping of a record that is one client's, of an appointment that was agreed like this."""
    base = as_shown(vendor, agreed.with_values({Field.CLIENTS: (who,)}))
    return replace(mapping(vendor, agreed), base=base, **more)


def hers(who: Client = JANE, **values: Any) -> Record:
    """The booking page's record, as it shows it now."""
    return record("book", replace(GROUP, **{"clients": (who,), **values}))


ENDED = hers(status=Status.CANCELLED)


def in_step(*vendors: str, agreed: Appointment = GROUP) -> Known:
    """Her record at the booking page, and these vendors' with all three."""
    return known(*(mapping(name, agreed) for name in vendors), seat(agreed=agreed), agreed=agreed)


def after(
    shown: Record | None,
    *vendors: str,
    before: Known | None = None,
    others: abc.Sequence[Record] = (),
    policy: Policy | None = None,
) -> Plan:
    """The plan once the booking page shows this (None: her record as it was), and these vendors what they showed."""
    changed = {one.vendor: one for one in others}
    shots = [listing(name, changed[name]) if name in changed else listing(name, unchanged={"1"}) for name in vendors]
    book = listing("book", shown) if shown else listing("book", unchanged={"1"})
    return plan_for([*shots, book], before or in_step(*vendors), policy=policy or group(*vendors, "book"))


def next_known(plan: Plan, before: Known) -> Known:
    """What the next cycle knows, if every operation was carried out."""
    state = only(plan)
    done = {operation.vendor: operation for operation in plan.operations}
    mappings = []
    for one in state.mappings:
        operation = None if one.tombstone else done.get(one.vendor)
        if operation is None or isinstance(operation, Create):
            mappings.append(one)
            continue
        asked = {name: operation.asked.get(name) for name in operation.changes}
        stands = {name: operation.target.get(name) for name in operation.changes}
        mappings.append(
            replace(one, base=one.base.with_values(asked), acknowledged=one.acknowledged.with_values(stands))
        )
    undecided = {c.field: frozenset(c.values) for c in plan.conflicts if c.winner is None}
    return replace(
        before,
        agreed=state.agreed,
        provenance=state.provenance,
        mappings=tuple(mappings),
        undecided={name: undecided.get(name, frozenset()) for name in state.undecided},
    )


def people(plan: Plan) -> tuple[Client, ...]:
    """Who is in the appointment from now on."""
    return only(plan).agreed.clients


def gone(**more: Any) -> Complete:
    """The booking page, which says that her record does not exist."""
    return listing("book", gone={"1"}, **more)


class TestCorrected:
    """Her address was corrected elsewhere, and the site, which can be given no other one, shows her as she was."""

    NEW = replace(JANE, email="jane@work.example")
    AGREED = visit(clients=(NEW, OMAR, ANA))

    def before(self) -> Known:
        """Her record at the booking page has the new address, as is agreed."""
        site = replace(mapping("site", self.AGREED), base=as_shown("site", GROUP))
        return known(site, seat(self.NEW, self.AGREED), agreed=self.AGREED)

    def test_another_one_leaves_there_and_she_stays_as_she_is(self) -> None:
        """That says nothing of her: neither is her address put back, nor does her record end."""
        left = record("site", GROUP.with_values({Field.CLIENTS: (JANE, OMAR)}))
        plan = after(None, "site", before=self.before(), others=[left])
        assert (told(plan), plan.conflicts) == ([], ())
        assert people(plan) == (self.NEW, OMAR)

    def test_she_leaves_and_her_booking_there_ends(self) -> None:
        """She is who stands in her place at the site, whatever address it has."""
        plan = after(hers(self.NEW, status=Status.CANCELLED), "site", before=self.before())
        assert (told(plan), people(plan)) == (["update site clients"], (OMAR, ANA))


class TestItEnds:
    """Her record is cancelled or deleted where there is room for her alone."""

    @pytest.mark.parametrize("vendor", ["crm", "site", "office"])
    def test_she_leaves_and_the_appointment_stands_for_the_others(self, vendor: str) -> None:
        """One client is taken out of the group's record, and nothing is cancelled."""
        plan = after(ENDED, vendor)
        assert told(plan) == [f"update {vendor} clients"]
        assert plan.operations[0].target.clients == as_shown(vendor, OTHERS).clients if vendor == "site" else True
        assert only(plan).agreed == OTHERS
        assert plan.conflicts == ()
        assert "book cancelled one client's seat" in plan.operations[0].reason

    def test_nothing_is_left_to_do_after_that(self) -> None:
        """Nor is a record made of somebody else, who never booked there; the report says so once."""
        first = after(ENDED, "site")
        assert any("none is made" in said for said in first.remarks)
        second = after(None, "site", before=next_known(first, in_step("site")))
        assert (told(second), second.conflicts, second.remarks) == ([], (), ())
        third = after(ENDED, "site", before=next_known(second, in_step("site")))
        assert (told(third), third.conflicts, only(third).agreed) == ([], (), OTHERS)

    def test_a_record_that_is_deleted_is_hers_as_well(self) -> None:
        """By the vendor's own word; and it is made anew for nobody."""
        before = in_step("site")
        shots = [listing("site", unchanged={"1"}), gone()]
        first = plan_for(shots, before, policy=group("site", "book"))
        assert (told(first), only(first).agreed) == (["update site clients"], OTHERS)
        second = plan_for(
            [listing("site", unchanged={"1"}), listing("book")],
            next_known(first, before),
            policy=group("site", "book"),
        )
        assert (told(second), second.conflicts) == ([], ())

    def test_the_record_of_hers_elsewhere_ends_too(self) -> None:
        """Two vendors have room for one: both records are hers, and neither becomes anybody else's."""
        policy = group("crm", "book", office=replace(ABLE["office"], holds_clients=1))
        policy = replace(
            policy,
            vendors=(*policy.vendors, Traits(name="office", capabilities=replace(ABLE["office"], holds_clients=1))),
        )
        before = known(mapping("crm", GROUP), seat(), seat(vendor="office"), agreed=GROUP)
        shots = [listing("crm", unchanged={"1"}), listing("book", ENDED), listing("office", unchanged={"1"})]
        plan = plan_for(shots, before, policy=policy)
        assert sorted(told(plan)) == ["cancel office", "update crm clients"]
        [cancel] = [one for one in plan.operations if isinstance(one, Cancel)]
        assert cancel.target.clients == (JANE,)
        assert "seat" in cancel.reason

    def test_two_whose_records_end_at_once_both_leave(self) -> None:
        """Hers at the booking page, his in the office."""
        office = replace(ABLE["office"], holds_clients=1)
        policy = group("crm", "book", "office", office=office)
        before = known(mapping("crm", GROUP), seat(), seat(OMAR, vendor="office"), agreed=GROUP)
        his = record("office", replace(GROUP, clients=(OMAR,), status=Status.CANCELLED))
        shots = [listing("crm", unchanged={"1"}), listing("book", ENDED), listing("office", his)]
        plan = plan_for(shots, before, policy=policy)
        assert (told(plan), people(plan)) == (["update crm clients"], (ANA,))
        assert only(plan).agreed.status is Status.SCHEDULED

    def test_where_nobody_is_left_it_is_called_off(self) -> None:
        """Both who were in it have cancelled, each at another vendor."""
        two = visit(clients=(JANE, OMAR))
        policy = group("crm", "book", "office", office=replace(ABLE["office"], holds_clients=1))
        before = known(mapping("crm", two), seat(agreed=two), seat(OMAR, two, "office"), agreed=two)
        his = record("office", replace(two, clients=(OMAR,), status=Status.CANCELLED))
        shots = [listing("crm", unchanged={"1"}), listing("book", ENDED), listing("office", his)]
        assert told(plan_for(shots, before, policy=policy)) == ["cancel crm"]

    def test_whose_it_was_is_remembered_whatever_it_names_then(self) -> None:
        """A cancelled record says nothing else; and nobody else is booked in its place."""
        first = after(hers(ZOE, status=Status.CANCELLED), "crm")
        assert (told(first), people(first)) == (["update crm clients"], OTHERS.clients)
        before = next_known(first, in_step("crm"))
        second = after(None, "crm", before=before)
        assert (told(second), second.conflicts) == ([], ())
        zoe = record("crm", visit(clients=(OMAR, ANA, ZOE)))
        third = after(None, "crm", before=next_known(second, before), others=[zoe])
        assert (told(third), third.remarks) == ([], ())

    def test_another_who_is_taken_out_while_the_answer_is_lost_is_out_too(self) -> None:
        """To take Jane out of the site's record got no answer; it was carried out, and Omar cancelled there."""
        waits = replace(
            mapping("site", GROUP),
            in_flight=OTHERS,
            in_flight_fields=frozenset({Field.CLIENTS}),
            in_flight_since=NOW,
        )
        ended = replace(GROUP, status=Status.CANCELLED)
        book = replace(seat(), base=replace(seat().base, status=Status.CANCELLED), acknowledged=ended)
        before = known(waits, book, agreed=OTHERS)
        plan = after(None, "site", others=[record("site", visit(clients=(ANA,)))], before=before)
        assert people(plan)[0].email == ANA.email
        assert len(people(plan)) == 1

    def test_what_was_corrected_of_another_meanwhile_stands(self) -> None:
        """Omar's address at the CRM, and her seat: both are taken."""
        omar = replace(OMAR, email="omar@new.example")
        changed = record("crm", visit(clients=(JANE, omar, ANA)))
        plan = after(ENDED, "crm", "site", others=[changed])
        assert people(plan) == (omar, ANA)
        assert plan.conflicts == ()

    def test_what_was_corrected_of_her_meanwhile_goes_down_with_her_seat(self) -> None:
        """It is on record what was lost, as against any cancellation."""
        jane = replace(JANE, email="jane@new.example")
        plan = after(ENDED, "crm", others=[record("crm", visit(clients=(jane, OMAR, ANA)))])
        assert people(plan) == (OMAR, ANA)
        assert [(one.field, one.winner, one.rule) for one in plan.conflicts] == [("clients", "book", "cancel_wins")]

    def test_under_manual_a_person_decides_between_the_two(self) -> None:
        """Nothing is written meanwhile, and the question stays."""
        jane = replace(JANE, email="jane@new.example")
        policy = replace(group("crm", "book"), conflict=MANUAL, cancel_wins=False)
        changed = record("crm", visit(clients=(jane, OMAR, ANA)))
        before = in_step("crm")
        plan = after(ENDED, "crm", others=[changed], policy=policy)
        assert (told(plan), only(plan).agreed) == ([], GROUP)
        assert [(one.field, one.winner) for one in plan.conflicts] == [("clients", None)]
        second = after(ENDED, "crm", others=[changed], policy=policy, before=next_known(plan, before))
        assert (told(second), second.conflicts) == ([], plan.conflicts)

    def test_a_group_that_is_called_off_is_called_off_for_all(self) -> None:
        """At the site, for everybody; whatever her record says at the same time."""
        off = record("site", replace(GROUP, status=Status.CANCELLED))
        assert told(after(None, "crm", "site", others=[off])) == ["cancel crm", "cancel book"]
        both = after(ENDED, "crm", "site", others=[off])
        assert (told(both), both.conflicts, people(both)) == (["cancel crm"], (), GROUP.clients)

    def test_many_seats_at_once_are_held_as_cancellations(self) -> None:
        """Whatever ended them in such a number may be an accident."""
        everybody = [replace(in_step("site"), id=f"a{n}") for n in range(4)]
        everybody = [
            replace(one, mappings=tuple(replace(m, remote_id=str(n)) for m in one.mappings))
            for n, one in enumerate(everybody)
        ]
        shots = [
            listing("site", unchanged={str(n) for n in range(4)}, live=4),
            listing("book", *(replace(ENDED, remote_id=str(n)) for n in range(4))),
        ]
        plan = plan_for(shots, *everybody, policy=group("site", "book"))
        assert (told(plan), len(plan.held)) == ([], 4)
        assert "4 cancellations at site" in plan.held[0].reason

    def test_rejected_she_is_in_it_again_and_so_is_everything_of_hers(self) -> None:
        """The end of her record in the office is held: that she left was an accident."""
        office = replace(ABLE["office"], holds_clients=1)
        policy = group("site", "book", "office", office=office)
        before = known(mapping("site", GROUP), seat(), seat(vendor="office"), agreed=GROUP)
        shots = [listing("site", unchanged={"1"}), listing("book", ENDED), listing("office", unchanged={"1"})]
        plan = plan_for(shots, before, policy=policy)
        left = replace(before, agreed=only(plan).agreed, provenance=only(plan).provenance, mappings=only(plan).mappings)
        [cancel] = [one for one in plan.operations if isinstance(one, Cancel)]
        back = reject_change(left, "office", cancel.changes, Verdict("an operator", NOW))
        assert {one.email for one in back.known.agreed.clients} == {one.email for one in GROUP.clients}
        assert back.origins == {"book"}
        again = plan_for([*shots[:1], listing("book", unchanged={"1"}), shots[2]], back.known, policy=policy)
        assert told(again) == ["create book"]


class TestItStands:
    """What its vendor says of a record that is one client's says nothing of the others."""

    def test_that_she_did_not_come_is_hers_alone(self) -> None:
        """Nobody else's record says so; the report does, once."""
        before, absent = in_step("crm", "site"), hers(status=Status.NO_SHOW)
        plan = after(absent, "crm", "site")
        assert (told(plan), only(plan).agreed) == ([], GROUP)
        assert any("no_show" in said for said in plan.remarks)
        second = after(absent, "crm", "site", before=next_known(plan, before))
        assert (told(second), second.remarks) == ([], ())

    @pytest.mark.parametrize("order", [(JANE, OMAR, ANA), (OMAR, JANE, ANA), (ANA, OMAR, JANE)])
    def test_what_is_corrected_there_is_hers(self, order: tuple[Client, ...]) -> None:
        """In whichever place she stands elsewhere."""
        agreed, jane = visit(clients=order), replace(JANE, email="jane@new.example")
        plan = after(hers(jane), "crm", before=in_step("crm", agreed=agreed))
        assert people(plan) == tuple(jane if one == JANE else one for one in order)
        assert told(plan) == ["update crm clients"]

    def test_what_is_corrected_elsewhere_after_somebody_came_is_still_hers(self) -> None:
        """Her record at book had room for all until then: it is given her new address."""
        agreed, policy = visit(clients=(JANE,)), group("site", "book")
        before = known(mapping("site", agreed), seat(agreed=agreed), agreed=agreed)
        came = after(None, "site", before=before, others=[record("site", visit(clients=(JANE, ZOE)))], policy=policy)
        assert told(came) == []
        corrected = record("site", visit(clients=(replace(JANE, email="jane@new.example"), ZOE)))
        plan = after(None, "site", before=next_known(came, before), others=[corrected], policy=policy)
        assert told(plan) == ["update book clients"]
        assert not plan.conflicts
        again = after(None, "site", before=next_known(came, before), policy=policy)
        later = next_known(again, next_known(came, before))
        plan = after(None, "site", before=later, others=[corrected], policy=policy)
        assert told(plan) == ["update book clients"]

    @pytest.mark.parametrize(
        ("before", "then"),
        [
            ((JANE,), (JANE, ZOE)),
            ((OMAR, JANE, ANA), (OMAR, JANE, ANA, ZOE)),
            ((OMAR, JANE, ANA), (OMAR, JANE)),
        ],
        ids=["one comes", "one more comes", "one leaves"],
    )
    def test_a_correction_that_loses_ends_no_seat(self, before: tuple[Client, ...], then: tuple[Client, ...]) -> None:
        """Nor does anybody else get it: her address is corrected at book while the others change at the site."""
        agreed = visit(clients=before)
        policy = replace(group("site", "book"), conflict=PRIORITY)
        plan = after(
            hers(replace(JANE, email="jane@new.example")),
            "site",
            before=known(mapping("site", agreed), seat(agreed=agreed), agreed=agreed),
            others=[record("site", visit(clients=then))],
            policy=policy,
        )
        assert [one.asked.clients for one in plan.operations] == [(JANE,)]
        assert only(plan).agreed.status is Status.SCHEDULED

    @pytest.mark.parametrize("before", [(JANE,), (JANE, OMAR)])
    def test_what_is_corrected_there_goes_against_nobody_who_came_before(self, before: tuple[Client, ...]) -> None:
        """Her record has heard of the others who come, whether she was the only one until then or not."""
        policy = replace(group("site", "book"), conflict=PRIORITY)
        alone, jane = in_step("site", agreed=visit(clients=before)), replace(JANE, email="jane@new.example")
        zoe = replace(ZOE, phone="")  # as the site shows no numbers
        came = record("site", visit(clients=(*before, zoe)))
        first = after(None, "site", before=alone, others=[came], policy=policy)
        assert (told(first), people(first)) == ([], (*before, zoe))
        second = after(hers(jane), "site", before=next_known(first, alone), policy=policy)
        assert (told(second), second.conflicts) == ([], ())
        assert people(second) == (jane, *before[1:], zoe)

    def test_what_is_corrected_elsewhere_of_another_is_not_written_there(self) -> None:
        """Nor does the report say that it was."""
        omar = replace(OMAR, email="omar@new.example")
        plan = after(None, "crm", others=[record("crm", visit(clients=(JANE, omar, ANA)))])
        assert told(plan) == []

    def test_what_is_written_there_names_nobody_else(self) -> None:
        """Her new number, and not that two others are there as well."""
        jane = replace(JANE, email="jane@new.example")
        plan = after(
            None,
            "crm",
            others=[record("crm", visit(clients=(OMAR, jane, ANA)))],
            before=in_step("crm", agreed=visit(clients=(OMAR, JANE, ANA))),
        )
        assert told(plan) == ["update book clients"]
        assert plan.operations[0].changes == {Field.CLIENTS: ((JANE,), (jane,))}

    def test_what_is_edited_in_a_seat_of_which_nobody_knows_whose_it_is_is_said(self) -> None:
        """It changes nobody elsewhere: two have the name that it shows."""
        namesake = replace(ANA, email="b@example.com", phone="5550999")
        agreed, shown = visit(clients=(JANE, ANA, namesake)), Client(first_name="Ana", last_name="Lopes")
        before = known(mapping("crm", agreed), seat(shown, agreed=agreed), agreed=agreed)
        plan = after(hers(replace(shown, email="ana@new.example")), "crm", before=before)
        assert (told(plan), people(plan), plan.conflicts) == ([], agreed.clients, ())
        [said] = plan.remarks
        assert "book's record 1" in said
        assert "syncd unlink book:1" in said
        second = after(None, "crm", before=next_known(plan, before))
        assert (told(second), second.remarks) == ([], ())

    def test_a_record_that_is_made_claims_no_more_than_it_has_room_for(self) -> None:
        """The list of three goes to a vendor with one place."""
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("book")],
            known(mapping("crm", GROUP)),
            policy=group("crm", "book"),
        )
        [made] = plan.operations
        assert made.changes[Field.CLIENTS] == (None, (JANE,))
        assert "room for 1 of its 3 clients" in made.reason

    def test_a_move_is_the_appointments(self) -> None:
        """Its time is everybody's."""
        plan = after(hers(slot=slot(15)), "crm")
        assert told(plan) == ["move crm slot"]


class TestItIsAnothers:
    """The record is given to somebody else there."""

    def test_who_comes_takes_her_place_and_nobody_elses(self) -> None:
        """With nothing of hers, whose number that vendor would not show."""
        plan = after(hers(ZOE), "crm")
        assert told(plan) == ["update crm clients"]
        assert people(plan) == (ZOE, OMAR, ANA)

    def test_where_the_group_cannot_be_given_another_a_person_is_asked(self) -> None:
        """Nothing is written meanwhile, and the next cycle asks the same."""
        before = in_step("site")
        plan = after(hers(ZOE), "site")
        [asked] = plan.conflicts
        assert (told(plan), only(plan).agreed) == ([], GROUP)
        assert asked.values == {"site": GROUP.clients, "book": (ZOE, OMAR, ANA)}
        assert (asked.field, asked.winner, asked.rule) == (Field.CLIENTS, None, "manual")
        second = after(hers(ZOE), "site", before=next_known(plan, before))
        assert (told(second), second.conflicts) == ([], plan.conflicts)

    def test_given_to_another_of_the_group_a_person_is_asked(self) -> None:
        """Whether Omar has two seats, or she gave hers up, nobody knows."""
        plan = after(hers(OMAR), "crm")
        assert (told(plan), only(plan).agreed) == ([], GROUP)
        assert [(one.field, one.winner) for one in plan.conflicts] == [("clients", None)]


class TestAPersonIsAsked:
    """The group's vendor lists clients, and can neither be given others nor end one seat."""

    POLICY = group("crm", "book", crm=FIXED)

    def asked(self, shown: Record = ENDED) -> tuple[Known, Plan]:
        """The question, and what is known beside it."""
        before = in_step("crm")
        plan = after(shown, "crm", policy=self.POLICY)
        return next_known(plan, before), plan

    def decided(self, winner: str, shown: Record = ENDED) -> Known:
        """What is known once a person decided for that vendor."""
        before, plan = self.asked(shown)
        [conflict] = plan.conflicts
        values = {vendor: (Field.CLIENTS, value) for vendor, value in conflict.values.items()}
        return replace(decide(before, values, winner, None, NOW), undecided={})

    def test_both_values_are_shown_and_nothing_is_written(self) -> None:
        """Omar and Ana, or all three."""
        before, plan = self.asked()
        [conflict] = plan.conflicts
        assert conflict.values == {"crm": GROUP.clients, "book": OTHERS.clients}
        assert (told(plan), only(plan).agreed) == ([], GROUP)
        assert "crm cannot be told so" in conflict.explanation
        again = after(ENDED, "crm", policy=self.POLICY, before=before)
        assert (told(again), again.conflicts) == ([], plan.conflicts)

    def test_it_is_closed_where_she_stands_again(self) -> None:
        """Or where the CRM's people take her out by hand."""
        before, _ = self.asked()
        back = after(hers(), "crm", policy=self.POLICY, before=before)
        assert (told(back), back.conflicts, only(back).undecided) == ([], (), frozenset())
        out = after(ENDED, "crm", others=[record("crm", OTHERS)], policy=self.POLICY, before=before)
        assert (told(out), out.conflicts, people(out)) == ([], (), OTHERS.clients)

    def test_decided_for_the_seat_she_is_out_and_the_others_stand(self) -> None:
        """The CRM lists her until somebody takes her out there."""
        before = self.decided("book")
        plan = after(ENDED, "crm", policy=self.POLICY, before=before)
        assert (told(plan), plan.conflicts, only(plan).agreed) == ([], (), OTHERS)

    def test_decided_for_the_group_her_record_is_made_again(self) -> None:
        """She stays in it, and the booking page cannot un-cancel."""
        before = self.decided("crm")
        plan = after(ENDED, "crm", policy=self.POLICY, before=before)
        assert (told(plan), plan.conflicts, only(plan).agreed) == (["create book"], (), GROUP)
        assert plan.operations[0].target.clients[0] == JANE

    def test_decided_for_who_came_in_her_place(self) -> None:
        """Zoe is in it; her record stays as it is."""
        before = self.decided("book", hers(ZOE))
        plan = after(hers(ZOE), "crm", policy=self.POLICY, before=before)
        assert (told(plan), plan.conflicts, people(plan)) == ([], (), (ZOE, OMAR, ANA))

    def test_decided_against_who_came_in_her_place(self) -> None:
        """Whoever it is was never in it: that record ends, and says nothing of the three."""
        before = self.decided("crm", hers(ZOE))
        plan = after(hers(ZOE), "crm", policy=self.POLICY, before=before)
        assert (told(plan), plan.conflicts, people(plan)) == (["cancel book"], (), GROUP.clients)

    def test_where_she_is_the_only_one_in_the_sites_record(self) -> None:
        """To take her out would end the record as a whole."""
        before = known(mapping("site", visit(clients=(JANE,))), mapping("crm", GROUP), seat(), agreed=GROUP)
        before = replace(before, mappings=tuple(replace(m, acknowledged=GROUP) for m in before.mappings))
        plan = after(ENDED, "site", "crm", before=before)
        assert told(plan) == []
        assert [(one.field, one.winner) for one in plan.conflicts] == [("clients", None)]

    def test_a_seat_that_stands_again_of_what_was_called_off_revives_nobody_else(self) -> None:
        """Whether the others come as well, a person has to say."""
        off = replace(GROUP, status=Status.CANCELLED)
        able = replace(BOOK, uncancels=True, statuses=frozenset(Status))
        before = in_step("crm", agreed=off)
        plan = after(hers(), "crm", before=before, policy=group("crm", "book", book=able))
        assert (told(plan), only(plan).agreed.status) == ([], Status.CANCELLED)
        assert [(one.field, one.winner) for one in plan.conflicts] == [("status", None)]


class TestWhoIsTakenOutElsewhere:
    """The group's people take her out, or let her in again."""

    @pytest.mark.parametrize("left", [(OMAR, ANA), (OMAR,)])
    def test_her_record_ends_and_becomes_nobody_elses(self, left: tuple[Client, ...]) -> None:
        """Also where the other one would have room in it."""
        fewer = visit(clients=left)
        plan = after(None, "crm", others=[record("crm", fewer)])
        assert told(plan) == ["cancel book"]
        assert plan.operations[0].target.clients == (JANE,)
        before = next_known(plan, in_step("crm"))
        for shown in (None, ENDED):
            second = after(shown, "crm", before=before)
            assert (told(second), second.conflicts, only(second).agreed) == ([], (), fewer)

    def test_she_comes_again_and_has_a_record_again(self) -> None:
        """Hers, though the others stand before her by now."""
        first = after(None, "crm", others=[record("crm", OTHERS)])
        before = next_known(first, in_step("crm"))
        back = record("crm", visit(clients=(OMAR, ANA, JANE)))
        plan = after(None, "crm", others=[back], before=before)
        assert told(plan) == ["create book"]
        assert plan.operations[0].target.clients[0] == JANE

    def test_her_record_stands_again_and_she_is_in_again(self) -> None:
        """Where a vendor can do that; she alone."""
        able = replace(BOOK, uncancels=True, statuses=frozenset(Status))
        policy = group("crm", "book", book=able)
        first = after(ENDED, "crm", policy=policy)
        before = next_known(first, in_step("crm"))
        plan = after(hers(), "crm", before=before, policy=policy)
        assert (told(plan), people(plan)) == (["update crm clients"], (OMAR, ANA, JANE))

    def test_one_of_the_others_is_taken_out_and_hers_stays(self) -> None:
        """It is none of his."""
        plan = after(None, "crm", others=[record("crm", visit(clients=(JANE, ANA)))])
        assert told(plan) == []


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Janet", ""]),
        "last_name": st.sampled_from(["Miller", ""]),
        "email": st.sampled_from(["jane@new.example", OMAR.email, ""]),
        "phone": st.sampled_from(["5550999", OMAR.phone, ""]),
    },
)
CLIENT = st.one_of(PARTS.map(lambda parts: replace(JANE, **parts)), st.sampled_from([ZOE, OMAR, Client()]))
SHOWN = st.one_of(
    st.none(),
    st.builds(
        lambda who, status, at: hers(who, status=status, slot=at),
        CLIENT,
        st.sampled_from(Status),
        st.sampled_from([GROUP.slot, slot(15)]),
    ),
)
ORDER = st.permutations([JANE, OMAR, ANA]).flatmap(
    lambda order: st.sampled_from([tuple(order), tuple(one for one in order if one is not ANA)])
)
RULES = [NEWEST, PRIORITY, MANUAL]
GROUPS = st.lists(st.sampled_from(["crm", "site", "office", "fixed"]), min_size=1, unique=True)


@given(SHOWN, ORDER, GROUPS, st.sampled_from(RULES), st.booleans())
def test_whatever_one_seats_vendor_does_the_others_stand(
    shown: Record | None, order: tuple[Client, ...], groups: list[str], rule: Any, cancel_wins: bool
) -> None:
    """No status, correction, other client or deletion there calls the appointment off, or changes anybody else."""
    names = sorted({"crm" if name == "fixed" else name for name in groups})
    able = {"crm": FIXED} if "fixed" in groups else {}
    policy = replace(group(*names, "book", **able), conflict=rule, cancel_wins=cancel_wins)
    policy = replace(policy, guard=Guard())
    agreed = visit(clients=order)
    before = in_step(*names, agreed=agreed)
    others = [one for one in order if one is not JANE]
    for _ in range(2):
        shots = [listing(name, unchanged={"1"}) for name in names]
        plan = plan_for([*shots, gone() if shown is None else listing("book", shown)], before, policy=policy)
        state = only(plan)
        assert state.agreed.status.live
        assert [one for one in state.agreed.clients if one in others] == others
        for operation in plan.operations:
            assert operation.vendor == "book" or not isinstance(operation, Cancel)
            if operation.vendor != "book" and Field.CLIENTS in operation.changes:
                new = operation.changes[Field.CLIENTS][1]
                assert all(any(same_person(one, other) for one in new) for other in others)
            if operation.vendor == "book" and Field.CLIENTS in operation.changes:
                assert operation.changes[Field.CLIENTS][1][0] not in others
        before = next_known(plan, before)


def grown(order: tuple[Client, ...], names: abc.Sequence[str], policy: Policy, *, down: bool = False) -> Known:
    """A group with her record at the booking page, who was alone in it until the first of its vendors listed all;
    `down`: the booking page did not answer then.
    """
    alone = visit(clients=(JANE,))
    before = in_step(*names, agreed=alone)
    came = record(names[0], visit(clients=order))
    book = Failed(vendor="book", reason="book does not answer") if down else listing("book", unchanged={"1"})
    others = [listing(name, unchanged={"1"}) for name in names[1:]]
    for _ in range(2):
        plan = plan_for([listing(names[0], came), *others, book], before, policy=policy)
        assert not any(one.vendor == "book" for one in plan.operations)
        before = next_known(plan, before)
    return before


def shown_twice(old: Client, new: Client, order: abc.Sequence[int]) -> tuple[Known, list[Plan]]:
    """The CRM shows its client as she was and as she is, as its clients and its rows are read one after the other, and
    then as she is; what is known after that, and the plans.
    """
    both = tuple((old, new)[place] for place in order)
    policy = replace(group("crm", "book"), guard=Guard())
    before, plans = in_step("crm", agreed=visit(clients=(old,))), []
    before = replace(before, mappings=(before.mappings[0], seat(old, visit(clients=(old,)))))
    for crm in (both, (new,), None):
        others = [] if crm is None else [record("crm", visit(clients=crm))]
        plans.append(after(None, "crm", others=others, before=before, policy=policy))
        before = next_known(plans[-1], before)
    return before, plans


NAMED = Client(first_name="Jane", last_name="Smith")
MAILED = replace(JANE, phone="")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (JANE, replace(JANE, email="jane@new.example")),
        (JANE, replace(JANE, phone="5550199")),
        (MAILED, replace(MAILED, email="jane@new.example")),
        (JANE, replace(MAILED, email="jane@new.example")),
        (JANE, replace(JANE, last_name="Smyth")),
        (JANE, replace(JANE, last_name="Miller")),
        (JANE, replace(JANE, last_name="Miller", email="jane@new.example")),
        (JANE, replace(JANE, last_name="")),
        (replace(NAMED, phone=JANE.phone), JANE),
    ],
    ids=[
        "e-mail",
        "number",
        "e-mail alone",
        "no number more",
        "slip",
        "married",
        "but her number",
        "first name alone",
        "told more",
    ],
)
def test_who_is_shown_twice_while_she_is_corrected_is_one(old: Client, new: Client, order: tuple[int, int]) -> None:
    """Her record at book is hers, and follows."""
    before, plans = shown_twice(old, new, order)
    assert not any(isinstance(one, (Cancel, Create)) for plan in plans for one in plan.operations)
    assert before.agreed.clients == (new,)
    [book] = [one for one in before.mappings if one.vendor == "book"]
    assert (book.base.clients, book.base.status) == ((new,), Status.SCHEDULED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (JANE, replace(JANE, email="jane@new.example", phone="5550199")),
        (NAMED, replace(NAMED, last_name="Smyth")),
    ],
    ids=["all but her name", "a slip in a name alone"],
)
def test_where_nothing_tells_that_from_another_of_her_name_hers_stays(old: Client, new: Client) -> None:
    """It is neither ended nor given to that one, and the report says so once."""
    _, plans = shown_twice(old, new, (0, 1))
    assert [one for plan in plans for one in told(plan)] == []
    assert ["nothing tells any more" in " ".join(plan.remarks) for plan in plans] == [False, True, False]


def test_a_near_namesake_with_another_address_and_number_is_another() -> None:
    """Anna Lopez and Ana Lopes come together: that one of them is taken out ends her record."""
    anna = Client(first_name="Anna", last_name="Lopez", email="anna@example.com", phone="5550122")
    agreed = visit(clients=(ANA, anna))
    before = known(mapping("crm", agreed), seat(ANA, agreed=agreed), agreed=agreed)
    plan = after(None, "crm", others=[record("crm", visit(clients=(anna,)))], before=before)
    assert told(plan) == ["cancel book"]


def test_one_who_is_entered_twice_is_called_off_as_one() -> None:
    """Two entries of the very same client at the site, and her record at book is cancelled."""
    before = in_step("site", agreed=visit(clients=(JANE,)))
    plan = after(None, "site", others=[record("site", visit(clients=(JANE, JANE)))], before=before)
    second = after(ENDED, "site", before=next_known(plan, before))
    assert (told(second), only(second).agreed.status) == (["cancel site"], Status.CANCELLED)


@pytest.mark.parametrize("order", [(JANE, OMAR), (OMAR, JANE), (OMAR, JANE, ANA)])
@pytest.mark.parametrize("shown", [ENDED, None], ids=["cancelled", "deleted"])
@pytest.mark.parametrize("revives", [False, True])
@pytest.mark.parametrize("down", [False, True])
def test_a_seat_of_a_group_that_grew_ends_and_is_nobody_elses(
    order: tuple[Client, ...], shown: Record | None, revives: bool, down: bool
) -> None:
    """Hers was the only one until the others came, of which book may not have heard: it is hers still, and is neither
    given to them nor revived.
    """
    names = ["site", "crm"]
    able = replace(BOOK, uncancels=True, statuses=frozenset(Status)) if revives else BOOK
    policy = replace(group(*names, "book", book=able), guard=Guard())
    before = grown(order, names, policy, down=down)
    others = [one for one in order if one is not JANE]
    for _ in range(3):
        book = gone() if shown is None else listing("book", shown)
        plan = plan_for([*(listing(name, unchanged={"1"}) for name in names), book], before, policy=policy)
        assert only(plan).agreed.status.live
        assert [one.first_name for one in people(plan)] == [one.first_name for one in others]
        assert not any(one.vendor == "book" for one in plan.operations)
        assert not any(isinstance(one, Cancel) for one in plan.operations)
        before = next_known(plan, before)


@pytest.mark.parametrize("down", [False, True])
def test_a_record_of_one_of_two_is_ended_and_not_given_to_the_other(down: bool) -> None:
    """Whether book has heard that the other came, or was down then: she leaves elsewhere, who was the first one."""
    policy = replace(group("crm", "book"), guard=Guard())
    before = grown((JANE, OMAR), ["crm"], policy, down=down)
    plan = after(None, "crm", others=[record("crm", visit(clients=(OMAR,)))], before=before, policy=policy)
    assert (told(plan), people(plan)) == (["cancel book"], (OMAR,))
    second = after(ENDED, "crm", before=next_known(plan, before), policy=policy)
    assert (told(second), people(second)) == ([], (OMAR,))


LATER = st.sampled_from(
    [
        lambda order: order,
        lambda order: tuple(one for one in order if one is not OMAR),
        lambda order: tuple(one for one in order if one is not JANE),
        lambda order: tuple(replace(JANE, email="jane@new.example") if one is JANE else one for one in order),
        lambda order: (*order, ZOE),
    ]
)


@given(SHOWN, ORDER, LATER, st.sampled_from([[], ["office"]]), st.sampled_from(RULES))
def test_a_group_that_grew_is_as_one_from_the_start(
    shown: Record | None, order: tuple[Client, ...], later: Any, names: list[str], rule: Any
) -> None:
    """Whatever her record says then, or the CRM's: she was alone when hers was made, which makes it no other's."""
    vendors = ["crm", *names]
    policy = replace(group(*vendors, "book"), conflict=rule, guard=Guard())
    both = [in_step(*vendors, agreed=visit(clients=order)), grown(order, vendors, policy)]
    crm = record("crm", visit(clients=later(order)))
    for number in range(2):
        shots = [listing(name, unchanged={"1"}) for name in names]
        shots.append(listing("crm", unchanged={"1"}) if number or later(order) == order else listing("crm", crm))
        shots.append(gone() if shown is None else listing("book", shown))
        plans = [plan_for(shots, before, policy=policy) for before in both]
        one, other = (
            (told(plan), [who.email for who in people(plan)], only(plan).agreed.status, len(plan.conflicts))
            for plan in plans
        )
        assert one == other
        both = [next_known(plan, before) for plan, before in zip(plans, both, strict=True)]


TOM = Client(first_name="Tom", last_name="Smith", email="tom@example.com", phone=JANE.phone)
"""Shares her number, so that it is a doubt whether he is she."""

MOVED = replace(JANE, email="jane@elsewhere.example")
"""Has her name and her number, and another address: she, or another of that name in one house."""

REVIVES = replace(BOOK, uncancels=True, statuses=frozenset(Status))


def shots_of(book: Record | Complete | None, crm: abc.Sequence[Client] | None) -> list[Complete]:
    """What the two vendors show: the CRM these clients, the booking page this record (None: as before)."""
    shown = listing("crm", record("crm", visit(clients=tuple(crm)))) if crm else listing("crm", unchanged={"1"})
    if isinstance(book, Record):
        return [shown, listing("book", book)]
    return [shown, listing("book", unchanged={"1"}) if book is None else book]


ENDS = pytest.mark.parametrize("deleted", [False, True], ids=["cancelled", "deleted"])


class TestNobodyElses:
    """A record that was one client's is given to nobody else, revived for nobody and made for nobody, whatever becomes
    of the others.
    """

    @pytest.fixture(params=[BOOK, REVIVES], ids=["for good", "revives"])
    def policy(self, request: pytest.FixtureRequest) -> Policy:
        """The CRM and a booking page with room for one."""
        return replace(group("crm", "book", book=request.param), guard=Guard())

    def ended(self, agreed: tuple[Client, ...], policy: Policy, *, deleted: bool) -> Known:
        """What is known once her record ended at the booking page, and she is out of it."""
        before = in_step("crm", agreed=visit(clients=agreed))
        for book in (gone() if deleted else ENDED, listing("book") if deleted else ENDED):
            plan = plan_for(shots_of(book, None), before, policy=policy)
            assert people(plan) == agreed[1:]
            before = next_known(plan, before)
        return before

    def stays(self, crm: tuple[Client, ...], before: Known, policy: Policy, *, deleted: bool) -> tuple[Known, Plan]:
        """The plan of the cycle in which the CRM shows these: nothing is done at the booking page, nor later."""
        book = listing("book") if deleted else ENDED
        first = plan_for(shots_of(book, crm), before, policy=policy)
        assert (told(first), first.conflicts, people(first)) == ([], (), crm)
        after_it = next_known(first, before)
        second = plan_for(shots_of(book, None), after_it, policy=policy)
        assert (told(second), second.conflicts, second.remarks, people(second)) == ([], (), (), crm)
        return next_known(second, after_it), first

    @ENDS
    @pytest.mark.parametrize("who", [TOM, MOVED], ids=["of her number", "of her name and number"])
    @pytest.mark.parametrize("first", [False, True])
    def test_who_may_be_she_gets_no_record(self, policy: Policy, deleted: bool, who: Client, first: bool) -> None:
        """Nor does anybody else of the group; a line in the report says that it cannot be told."""
        before = self.ended((JANE, OMAR), policy, deleted=deleted)
        crm = (who, OMAR) if first else (OMAR, who)
        _, plan = self.stays(crm, before, policy, deleted=deleted)
        [said] = plan.remarks
        assert "nothing tells any more which of them" in said

    @ENDS
    def test_another_whose_address_is_corrected_gets_none(self, policy: Policy, deleted: bool) -> None:
        """Whom that leaves in doubt: he is not she."""
        before = self.ended((JANE, OMAR), policy, deleted=deleted)
        omar = replace(OMAR, email="omar@new.example")
        before, _ = self.stays((omar,), before, policy, deleted=deleted)
        before, _ = self.stays((omar, ZOE), before, policy, deleted=deleted)
        self.stays((ZOE,), before, policy, deleted=deleted)

    @ENDS
    def test_who_comes_later_gets_none_once_the_others_left(self, policy: Policy, deleted: bool) -> None:
        """Zoe came to Omar, of whom the booking page has nothing either."""
        before = self.ended((JANE, OMAR), policy, deleted=deleted)
        before, _ = self.stays((OMAR, ZOE), before, policy, deleted=deleted)
        self.stays((ZOE,), before, policy, deleted=deleted)

    def test_she_leaves_as_another_is_corrected(self, policy: Policy) -> None:
        """By one edit: her record ends, and is not his."""
        omar = replace(OMAR, email="omar@new.example")
        before = in_step("crm", agreed=visit(clients=(JANE, OMAR)))
        plan = plan_for(shots_of(None, [omar]), before, policy=policy)
        assert (told(plan), people(plan)) == (["cancel book"], (omar,))
        second = plan_for(shots_of(ENDED, None), next_known(plan, before), policy=policy)
        assert (told(second), people(second)) == ([], (omar,))

    def test_who_came_while_its_vendor_was_down(self, policy: Policy) -> None:
        """Also where she left before it was up again."""
        before = in_step("crm", agreed=visit(clients=(JANE,)))
        down = Failed(vendor="book", reason="book does not answer")
        for crm in ((JANE, OMAR), (OMAR,)):
            plan = plan_for([shots_of(None, crm)[0], down], before, policy=policy)
            before = next_known(plan, before)
        plan = plan_for(shots_of(None, None), before, policy=policy)
        assert (told(plan), people(plan)) == (["cancel book"], (OMAR,))

    @pytest.mark.parametrize("ends", [False, True])
    def test_whose_create_got_no_answer_before_another_came(self, policy: Policy, ends: bool) -> None:
        """Her record is found as she leaves, there or at the CRM: it was made for her alone, and is not his."""
        two = visit(clients=(JANE, OMAR))
        sent = UnsettledCreate(
            operation="o", vendor="book", intended=visit(clients=(JANE,)), token="t", intended_at=ago(1800)
        )
        before = known(mapping("crm", two), agreed=two, unsettled=(sent,))
        over = record("book", visit(clients=(JANE,), status=Status.CANCELLED), token="t")
        found = over if ends else record("book", visit(clients=(JANE,)), token="t")
        plan = plan_for(shots_of(found, None if ends else (OMAR,)), before, policy=policy)
        assert told(plan) == ["adopt book", "update crm clients" if ends else "cancel book"]
        for _ in range(2):
            before = replace(next_known(plan, before), unsettled=())
            plan = plan_for(shots_of(over, None), before, policy=policy)
            assert (told(plan), plan.conflicts, people(plan)) == ([], (), (OMAR,))

    def test_the_last_of_her_records_counts(self, policy: Policy) -> None:
        """The one before it was of the time when she was alone; both are known since the same moment."""
        two = visit(clients=(JANE, OMAR))
        ended = replace(as_shown("book", visit(clients=(JANE,))), status=Status.CANCELLED)
        old = replace(seat(agreed=visit(clients=(JANE,)), tombstone="replaced"), base=ended)
        last = replace(seat(agreed=two, tombstone="deleted"), base=ended, remote_id="2")
        alone = visit(clients=(OMAR,))
        before = known(mapping("crm", alone), old, last, agreed=alone)
        assert told(plan_for(shots_of(listing("book"), None), before, policy=policy)) == []

    @pytest.mark.parametrize("down", [False, True])
    def test_decided_for_the_seat_of_a_group_that_grew(self, policy: Policy, down: bool) -> None:
        """Whether its vendor has heard of him who came, or was down then."""
        able = policy.able("book")
        policy = replace(group("crm", "book", crm=FIXED, book=able), guard=Guard())
        alone, came = in_step("crm", agreed=visit(clients=(JANE,))), shots_of(None, (JANE, OMAR))
        book = Failed(vendor="book", reason="down") if down else came[1]
        before = next_known(plan_for([came[0], book], alone, policy=policy), alone)
        self.decided_for_the_seat(before, shots_of(ENDED, None), policy)

    def test_decided_for_the_seat_beside_somebody_who_comes(self, policy: Policy) -> None:
        """He is agreed on first, and then a person is asked of her."""
        policy = replace(group("crm", "book", crm=FIXED, book=policy.able("book")), guard=Guard())
        alone = in_step("crm", agreed=visit(clients=(JANE,)))
        plan = plan_for(shots_of(ENDED, (JANE, OMAR)), alone, policy=policy)
        assert (told(plan), plan.conflicts, people(plan)) == ([], (), (JANE, OMAR))
        self.decided_for_the_seat(next_known(plan, alone), shots_of(ENDED, None), policy)

    def decided_for_the_seat(self, before: Known, shots: list[Complete], policy: Policy) -> None:
        """Asked and decided, she is out, and he has no record."""
        plan = plan_for(shots, before, policy=policy)
        [asked] = plan.conflicts
        assert asked.values == {"crm": (JANE, OMAR), "book": (OMAR,)}
        before = next_known(plan, before)
        values = {vendor: (Field.CLIENTS, value) for vendor, value in asked.values.items()}
        before = replace(decide(before, values, "book", None, NOW), undecided={})
        for _ in range(2):
            plan = plan_for(shots, before, policy=policy)
            assert (told(plan), plan.conflicts, people(plan)) == ([], (), (OMAR,))
            before = next_known(plan, before)

    @pytest.mark.parametrize("cancel_wins", [False, True])
    @ENDS
    def test_her_record_ends_as_another_comes(self, policy: Policy, cancel_wins: bool, deleted: bool) -> None:
        """In one cycle: she leaves, and he comes; her record in the office ends, too."""
        office = replace(ABLE["office"], holds_clients=1)
        able = {"book": policy.able("book"), "office": office}
        policy = replace(group("crm", "book", "office", **able), guard=Guard(), cancel_wins=cancel_wins)
        agreed = visit(clients=(JANE,))
        before = known(*(mapping(name, agreed) for name in ("crm", "book", "office")), agreed=agreed)
        shots = shots_of(gone() if deleted else ENDED, (JANE, OMAR))
        plan = plan_for([*shots, listing("office", unchanged={"1"})], before, policy=policy)
        assert sorted(told(plan)) == ["cancel office", "update crm clients"]
        assert (people(plan), plan.conflicts) == ((OMAR,), ())
        book = listing("book") if deleted else listing("book", ENDED)
        over = listing("office", record("office", visit(clients=(JANE,), status=Status.CANCELLED)))
        second = plan_for([listing("crm", unchanged={"1"}), book, over], next_known(plan, before), policy=policy)
        assert (told(second), second.conflicts, people(second)) == ([], (), (OMAR,))

    @pytest.mark.parametrize("leaves", [False, True])
    def test_rejected_she_comes_back_beside_those_who_came_since(self, leaves: bool) -> None:
        """The end of her record in the office is held; Zoe comes meanwhile, and Omar may leave."""
        two = visit(clients=(JANE, OMAR))
        policy = replace(group("crm", "book", "office", office=replace(ABLE["office"], holds_clients=1)), guard=Guard())
        before = known(mapping("crm", two), seat(agreed=two), seat(agreed=two, vendor="office"), agreed=two)
        same = listing("office", unchanged={"1"})
        plan = plan_for([*shots_of(ENDED, None), same], before, policy=policy)
        [cancel] = [one for one in plan.operations if isinstance(one, Cancel)]
        for crm in [(OMAR, ZOE), *([(ZOE,)] if leaves else [])]:
            state = only(plan)
            before = replace(before, agreed=state.agreed, provenance=state.provenance, mappings=state.mappings)
            done = mapping("crm", before.agreed)
            before = replace(before, mappings=tuple(done if m.vendor == "crm" else m for m in before.mappings))
            plan = plan_for([*shots_of(None, crm), same], before, policy=policy)
        state = only(plan)
        before = replace(before, agreed=state.agreed, provenance=state.provenance, mappings=state.mappings)
        back = reject_change(before, "office", cancel.changes, Verdict("an operator", NOW))
        assert back.known.agreed.clients == ((JANE, ZOE) if leaves else (JANE, OMAR, ZOE))


class TestStillHers:
    """Whose a record is, is told as long as it can be."""

    NAMESAKE = replace(JANE, email="other@example.com", phone="5550999")
    SHOWN = Client(first_name=JANE.first_name, last_name=JANE.last_name)
    POLICY = replace(
        group("crm", "book", book=replace(BOOK, client_parts=frozenset({"first_name", "last_name"}))), guard=Guard()
    )

    def before(self) -> Known:
        """The booking page shows names alone, and has hers; a namesake of hers came since."""
        alone = visit(clients=(JANE,))
        known_now = known(mapping("crm", alone), seat(self.SHOWN, alone), agreed=alone)
        for crm in ((JANE, self.NAMESAKE), None):
            plan = plan_for(shots_of(None, crm), known_now, policy=self.POLICY)
            assert (told(plan), plan.conflicts, plan.remarks) == ([], (), ())
            known_now = next_known(plan, known_now)
        return known_now

    @ENDS
    def test_her_record_ends_after_a_namesake_came(self, deleted: bool) -> None:
        """It is hers, and nobody is asked; nor is one made for the other one."""
        before = self.before()
        over = hers(self.SHOWN, status=Status.CANCELLED)
        for book in (gone() if deleted else over, listing("book") if deleted else over):
            plan = plan_for(shots_of(book, None), before, policy=self.POLICY)
            assert not any(one.vendor == "book" for one in plan.operations)
            assert (people(plan), plan.conflicts) == ((self.NAMESAKE,), ())
            before = next_known(plan, before)

    def test_a_namesake_leaves(self) -> None:
        """The record is still hers."""
        before = self.before()
        plan = plan_for(shots_of(None, [JANE]), before, policy=self.POLICY)
        assert (told(plan), plan.remarks) == ([], ())
        renamed = replace(JANE, last_name="Miller")
        second = plan_for(shots_of(None, [renamed]), next_known(plan, before), policy=self.POLICY)
        assert told(second) == ["update book clients"]

    def test_she_leaves_after_a_namesake_came(self) -> None:
        """Her record ends, and does not become the namesake's."""
        before = self.before()
        plan = plan_for(shots_of(None, [self.NAMESAKE]), before, policy=self.POLICY)
        assert told(plan) == ["cancel book"]
        over = hers(self.SHOWN, status=Status.CANCELLED)
        second = plan_for(shots_of(over, None), next_known(plan, before), policy=self.POLICY)
        assert (told(second), people(second)) == ([], (self.NAMESAKE,))

    def test_what_is_corrected_of_her_after_a_namesake_came(self) -> None:
        """It reaches her record."""
        renamed = replace(JANE, last_name="Miller")
        plan = plan_for(shots_of(None, (renamed, self.NAMESAKE)), self.before(), policy=self.POLICY)
        assert told(plan) == ["update book clients"]
        assert plan.operations[0].asked.clients[0].last_name == "Miller"

    def test_what_is_corrected_there_goes_against_no_namesake_who_came(self) -> None:
        """Her record has heard of her, too, though she is not remembered as one of its group."""
        renamed = hers(replace(self.SHOWN, last_name="Miller"))
        policy = replace(self.POLICY, conflict=PRIORITY)
        plan = plan_for(shots_of(renamed, None), self.before(), policy=policy)
        assert (told(plan), plan.conflicts) == (["update crm clients"], ())
        assert people(plan) == (replace(JANE, last_name="Miller"), self.NAMESAKE)

    def test_one_of_two_namesakes_leaves_and_nobody_knows_whose_record_it_is(self) -> None:
        """Both were in it from the start: the one who stays is not given it, and the report says so."""
        two = visit(clients=(JANE, self.NAMESAKE))
        before = known(mapping("crm", two), seat(self.SHOWN, two), agreed=two)
        plan = plan_for(shots_of(None, [JANE]), before, policy=self.POLICY)
        assert told(plan) == []
        [said] = plan.remarks
        assert "book has no room for all of its clients" in said
        second = plan_for(shots_of(None, None), next_known(plan, before), policy=self.POLICY)
        assert (told(second), second.remarks) == ([], ())

    def test_one_of_two_in_a_record_leaves_as_the_other_is_corrected(self) -> None:
        """By one edit: he is out of the record, and her address is the new one."""
        able = replace(BOOK, holds_clients=2)
        policy = replace(group("crm", "book", book=able), guard=Guard())
        pair = as_shown("book", visit(clients=(JANE, OMAR)))
        before = known(mapping("crm", GROUP), replace(mapping("book", GROUP), base=pair), agreed=GROUP)
        plan = plan_for(shots_of(None, (MOVED, ANA)), before, policy=policy)
        assert told(plan) == ["update book clients"]
        assert plan.operations[0].asked.clients == (MOVED, ANA)

    def test_she_is_corrected_in_her_place_so_that_she_may_be_another(self) -> None:
        """By her number she is the one who was renamed, as in a record of her alone."""
        renamed = replace(JANE, first_name="Tom", email="")
        plan = after(None, "crm", others=[record("crm", visit(clients=(renamed, OMAR, ANA)))])
        assert told(plan) == ["update book clients"]
        assert plan.operations[0].asked.clients == (renamed,)
