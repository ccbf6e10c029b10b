"""A write of syncd's that was never settled: what of a reading is its doing, and what is a person's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Known
from syncd.model.plan import Plan
from syncd.model.times import Slot
from syncd.reconcile import decide
from tests.reconcile.world import (
    GONE,
    JANE,
    NOON,
    NOW,
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


def unsettled(asked: Slot = NOON, version: int | None = 7) -> Known:
    """An appointment that the site moved, and whose move at the CRM got no answer."""
    agreed = visit(slot=asked)
    slots = frozenset({Field.SLOT})
    crm = mapping("crm", revision=version, in_flight=agreed, in_flight_fields=slots, in_flight_since=ago(600))
    return known(crm, mapping("site", agreed), agreed=agreed, provenance={Field.SLOT: origin("site", minutes_ago=20)})


def seen_as(shown: Slot, before: Known, **more: Any) -> Plan:
    """The plan when the CRM shows the record so."""
    found = record("crm", visit(slot=shown), modified_at=ago(30), **more)
    return plan_for([listing("crm", found), listing("site", unchanged={"1"})], before, policy=rules("crm", "site"))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (NOON, NOON),
        (slot(12, minutes=22), slot(12, minutes=20)),
        (slot(12, minutes=22), slot(12, minutes=25)),
        (slot(12, minutes=22), slot(12, minutes=30)),
        (slot(12, 7, minutes=30), slot(12, minutes=30)),
    ],
)
def test_a_slot_that_landed_is_nobody_s_change(asked: Slot, shown: Slot) -> None:
    """As asked, or with a rounded start or end."""
    plan = seen_as(shown, unsettled(asked), revision=8)
    assert told(plan) == []
    assert only(plan).agreed.slot == asked
    assert not plan.conflicts


@pytest.mark.parametrize(("phone", "kept"), [("5550199", "5550199"), ("", "")])
def test_a_number_beside_a_name_that_was_being_written_is_a_person_s(phone: str, kept: str) -> None:
    """No write of ours gave one, and the record had none."""
    nameless = replace(JANE, phone="")
    renamed = replace(nameless, last_name="Jones")
    agreed, before = visit(clients=(renamed,)), visit(clients=(nameless,))
    book = mapping("book", before, in_flight=agreed, in_flight_fields=frozenset({Field.CLIENTS}))
    memory = known(book, mapping("office", agreed), agreed=agreed, provenance={Field.CLIENTS: origin("office")})
    found = record("book", visit(clients=(replace(renamed, phone=phone),)))
    plan = plan_for(
        [listing("book", found), listing("office", unchanged={"1"})], memory, policy=rules("book", "office")
    )
    assert only(plan).agreed.clients == (replace(renamed, phone=kept),)
    assert not plan.conflicts


def test_a_number_that_a_write_of_ours_erased_was_erased_by_nobody_else() -> None:
    """The write landed: what another vendor's people give meanwhile goes against nothing."""
    agreed = visit(clients=(replace(JANE, phone=""),))
    book = mapping("book", visit(clients=(replace(JANE, phone="5550199"),)), in_flight=agreed)
    book = replace(book, in_flight_fields=frozenset({Field.CLIENTS}))
    memory = known(book, mapping("crm", agreed), agreed=agreed, provenance={Field.CLIENTS: origin("crm")})
    given = visit(clients=(replace(JANE, phone="5550188"),))
    plan = plan_for([listing("book", record("book", agreed)), listing("crm", record("crm", given))], memory)
    assert not plan.conflicts
    assert only(plan).agreed == given


class TestNobodyNamed:
    """Jane's address is changed at the book, and its write at the office gets no answer; then the office's record names
    nobody for a while.
    """

    moved = replace(JANE, email="smith@example.com")
    agreed = visit(clients=(moved,))
    policy = rules("book", "office")

    def seen(self, *clients: Client, before: Known | None = None) -> Plan:
        """The plan when the office's record names these."""
        if before is None:
            clients_alone = frozenset({Field.CLIENTS})
            office = mapping("office", in_flight=self.agreed, in_flight_fields=clients_alone, in_flight_since=ago(6000))
            by_book = {"clients/0/email": origin("book")}
            before = known(mapping("book", self.agreed), office, agreed=self.agreed, provenance=by_book)
        shown = record("office", visit(clients=clients))
        return plan_for([listing("book", unchanged={"1"}), listing("office", shown)], before, policy=self.policy)

    def test_that_does_not_show_that_it_was_written(self) -> None:
        """It is planned again."""
        plan = self.seen()
        [office] = [one for one in again(plan).mappings if one.vendor == "office"]
        assert told(plan) == ["update office clients"]
        assert (office.base.clients, office.acknowledged.clients) == ((JANE,), (JANE,))

    def test_named_as_before_again_she_was_changed_by_nobody(self) -> None:
        """Her new address stands, and is to be written still."""
        plan = self.seen(JANE, before=again(self.seen()))
        assert told(plan) == ["update office clients"]
        assert only(plan).agreed == self.agreed

    def test_a_record_that_never_had_any_shows_that_it_was_not_written(self) -> None:
        """It is as before, and nothing of it is open."""
        office = mapping("office", visit(clients=()), acknowledged=visit(clients=()), in_flight=self.agreed)
        office = replace(office, in_flight_fields=frozenset({Field.CLIENTS}), in_flight_since=ago(6000))
        plan = self.seen(before=known(mapping("book", self.agreed), office, agreed=self.agreed))
        [office] = [one for one in again(plan).mappings if one.vendor == "office"]
        assert office.in_flight is None


@pytest.mark.parametrize("shown", [slot(12, minutes=90), slot(12, minutes=47), slot(15)])
def test_a_slot_that_no_write_of_ours_makes_is_a_person_s(shown: Slot) -> None:
    """Longer by an hour, or at another time: it goes to the others."""
    plan = seen_as(shown, unsettled(), revision=9)
    assert told(plan) == ["move site slot"]
    assert only(plan).agreed.slot == shown


def test_a_rounded_time_in_a_record_that_was_written_more_often_is_still_the_vendors_doing() -> None:
    """Moved by syncd, then cancelled and revived by people: the time that it shows is what the vendor made of ours."""
    asked = slot(12, 7)
    plan = seen_as(slot(12), unsettled(asked), revision=10)
    assert not plan.operations
    assert only(plan).agreed.slot == asked


@pytest.mark.parametrize(("known_version", "version"), [(7, 8), (7, 7), (7, None), (None, 9)])
def test_a_record_as_before_that_was_written_once_at_most_was_not_put_back(
    known_version: int | None, version: int | None
) -> None:
    """The write did not land, and is planned again; where no version tells, nothing says that it did."""
    plan = seen_as(slot(), unsettled(version=known_version), revision=version)
    assert told(plan) == ["move crm slot"]
    assert not plan.conflicts


class TestModifiedSince:
    """No version tells how often the CRM's record was written since a write without an answer; a time tells when."""

    policy = rules("crm", "site")

    def before(self, base: Appointment, intended: Appointment, name: Field) -> Known:
        """What is known: the site's people gave the field its value, and the CRM's record was to have it."""
        sent = {"in_flight": intended, "in_flight_fields": frozenset({name}), "in_flight_since": ago(600)}
        crm = mapping("crm", base, modified_at=ago(3_600), **sent)
        site = mapping("site", intended)
        return known(crm, site, agreed=intended, provenance={name: origin("site", minutes_ago=20)})

    def seen(self, shown: Appointment, before: Known, modified: float = 599) -> Plan:
        """What follows if the CRM's record is so, and was modified so many seconds ago."""
        found = record("crm", shown, modified_at=ago(modified))
        return plan_for([listing("crm", found), listing("site", unchanged={"1"})], before, policy=self.policy)

    @pytest.mark.parametrize(
        ("base", "intended", "name"),
        [(GONE, visit(), Field.STATUS), (visit(), GONE, Field.STATUS), (visit(), visit(slot=NOON), Field.SLOT)],
    )
    def test_whether_a_record_as_before_was_put_back_is_asked(
        self, base: Appointment, intended: Appointment, name: Field
    ) -> None:
        """It is not written again; and what a person says is done, and not asked again."""
        plan = self.seen(base, self.before(base, intended, name))
        [conflict] = plan.conflicts
        assert (told(plan), conflict.field, conflict.winner) == ([], name, None)
        assert conflict.values == {"crm": base.get(name), "site": intended.get(name)}
        assert "put it back" in conflict.explanation
        assert self.seen(base, again(plan)).conflicts == plan.conflicts
        values = {vendor: (name, value) for vendor, value in conflict.values.items()}
        for winner in ("crm", "site"):
            later = self.seen(base, decide(again(plan), values, winner, None, NOW))
            [step] = later.operations
            assert (step.vendor, later.conflicts) == ("site" if winner == "crm" else "crm", ())
            assert only(later).agreed.get(name) == values[winner][1]

    @pytest.mark.parametrize("modified", [3_600, 3_599.5])
    def test_one_that_was_not_modified_is_written_again(self, modified: float) -> None:
        """Our write was not carried out; a list that shows more digits of the time says nothing else."""
        plan = self.seen(GONE, self.before(GONE, visit(), Field.STATUS), modified)
        assert (told(plan), plan.conflicts) == (["update crm status"], ())

    @pytest.mark.parametrize("shown", [visit(notes="Ring"), visit(clients=(replace(JANE, last_name="Jones"),))])
    def test_what_a_person_edited_beside_it_explains_the_time(self, shown: Appointment) -> None:
        """Whoever did that had 10:00 before their eyes: it is moved now, and nobody is asked."""
        plan = self.seen(shown, self.before(visit(), visit(slot=NOON), Field.SLOT))
        assert ("move crm slot" in told(plan), plan.conflicts) == (True, ())

    def test_what_landed_of_the_same_write_explains_nothing(self) -> None:
        """The note that was written with the time is there: so the write was carried out, and somebody put it back."""
        sent = visit(slot=NOON, notes="Ring")
        known_before = self.before(visit(), sent, Field.SLOT)
        crm, site = known_before.mappings
        fields = frozenset({Field.SLOT, Field.NOTES})
        before = replace(known_before, mappings=(replace(crm, in_flight_fields=fields), site))
        plan = self.seen(visit(notes="Ring"), before)
        assert (told(plan), [one.field for one in plan.conflicts]) == ([], [Field.SLOT])

    def test_what_was_asked_is_not_answered_by_another_edit(self) -> None:
        """Asked at once, and still so when somebody edits the notes; never asked, they explain when it was modified."""
        before = self.before(visit(), visit(slot=NOON), Field.SLOT)
        asked = self.seen(visit(), before)
        undecided = {Field.SLOT: frozenset(asked.conflicts[0].values)}
        later = self.seen(visit(notes="Ring"), replace(again(asked), undecided=undecided), modified=300)
        assert "move crm slot" not in told(later)
        assert [one.field for one in later.conflicts if one.winner is None] == [Field.SLOT]
        assert "move crm slot" in told(self.seen(visit(notes="Ring"), before, modified=300))

    def test_a_record_that_was_to_be_deleted_and_stands_was_not(self) -> None:
        """The office's was modified by what came before that: its clients were to hear nothing of it."""
        sent = {"in_flight": GONE, "in_flight_fields": frozenset({Field.STATUS}), "in_flight_since": ago(600)}
        office = mapping("office", modified_at=ago(3_600), **sent)
        before = known(office, mapping("site", GONE), agreed=GONE, provenance={Field.STATUS: origin("site")})
        shots = [listing("office", record("office", modified_at=ago(599))), listing("site", unchanged={"1"})]
        plan = plan_for(shots, before)
        assert (told(plan), plan.conflicts) == (["cancel office"], ())

    def test_what_a_vendor_rounds_to_the_time_of_before_is_its_doing(self) -> None:
        """10:07 was asked for, and it keeps full quarters of an hour."""
        plan = self.seen(visit(), self.before(visit(), visit(slot=slot(10, 7)), Field.SLOT))
        assert plan.conflicts == ()

    def test_a_text_that_a_vendor_dropped_is_no_question(self) -> None:
        """Modified by our own write, it has no note, as before."""
        plan = self.seen(visit(), self.before(visit(), visit(notes="Ring"), Field.NOTES))
        assert (told(plan), plan.conflicts) == (["update crm notes"], ())


@pytest.mark.parametrize("version", [9, 12])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("shown", [visit(), visit(notes="Ring"), visit(clients=(replace(JANE, last_name="Jones"),))])
def test_whether_a_record_that_was_written_twice_was_put_back_is_asked(
    version: int, whole: bool, shown: Appointment
) -> None:
    """By the unsettled write and by a person; or twice by people, as far as any row shows: nothing is written."""
    found = record("crm", shown, revision=version, whole=whole, modified_at=ago(30))
    shots = [listing("crm", found), listing("site", unchanged={"1"})]
    plan = plan_for(shots, unsettled(), policy=rules("crm", "site"))
    [conflict] = plan.conflicts
    assert (told(plan), conflict.field, conflict.winner) == ([], Field.SLOT, None)
    assert conflict.values == {"crm": slot(), "site": slot(12)}
    assert "put it back" in conflict.explanation
    assert plan_for(shots, again(plan), policy=rules("crm", "site")).conflicts == plan.conflicts


@pytest.mark.parametrize(
    ("winner", "then", "agreed"), [("crm", "move site slot", slot()), ("site", "move crm slot", slot(12))]
)
def test_what_a_person_says_of_it_is_done_and_not_asked_again(winner: str, then: str, agreed: Slot) -> None:
    """The edit beside it, which waited, goes out as well."""
    found = record("crm", visit(notes="Ring"), revision=9, modified_at=ago(30))
    shots = [listing("crm", found), listing("site", unchanged={"1"})]
    plan = plan_for(shots, unsettled(), policy=rules("crm", "site"))
    values = {vendor: (Field.SLOT, value) for vendor, value in plan.conflicts[0].values.items()}
    after = decide(again(plan), values, winner, None, NOW)
    later = plan_for(shots, after, policy=rules("crm", "site"))
    assert sorted(told(later)) == sorted([then, "update site notes"])
    assert only(later).agreed == visit(slot=agreed, notes="Ring")
    assert not later.conflicts


LONGER, AS_LONG = slot(12, minutes=60), slot(12, minutes=30)


@pytest.mark.parametrize(("version", "known_version"), [(8, 7), (9, 7), (None, 7), (9, None)])
def test_moved_as_asked_and_as_long_as_before_is_asked(version: int | None, known_version: int | None) -> None:
    """Somebody set the length again, or an earlier move alone was carried out: nothing is written."""
    policy, before = rules("crm", "site"), unsettled(LONGER, version=known_version)
    found = record("crm", visit(slot=AS_LONG), revision=version, modified_at=ago(30))
    shots = [listing("crm", found), listing("site", unchanged={"1"})]
    plan = plan_for(shots, before, policy=policy)
    [conflict] = plan.conflicts
    assert (told(plan), conflict.field, conflict.winner) == ([], Field.SLOT, None)
    assert conflict.values == {"crm": AS_LONG, "site": LONGER}
    assert plan_for(shots, again(plan), policy=policy).conflicts == plan.conflicts
    values = {vendor: (Field.SLOT, value) for vendor, value in conflict.values.items()}
    for winner, expected in (("crm", "move site slot"), ("site", "move crm slot")):
        later = plan_for(shots, decide(again(plan), values, winner, None, NOW), policy=policy)
        assert (told(later), later.conflicts) == ([expected], ())


def test_where_a_type_says_how_long_it_takes_that_is_no_question() -> None:
    """At book a record is as long as its type, whatever is asked for."""
    mappings = (
        mapping("crm", visit(slot=LONGER)),
        mapping("book", in_flight=visit(slot=LONGER), in_flight_fields=frozenset({Field.SLOT})),
    )
    before = known(*mappings, agreed=visit(slot=LONGER), provenance={Field.SLOT: origin("crm")})
    shots = [listing("crm", unchanged={"1"}), listing("book", record("book", visit(slot=AS_LONG)))]
    plan = plan_for(shots, before, policy=rules("crm", "book"))
    assert (told(plan), plan.conflicts) == ([], ())


def test_a_record_that_is_called_off_is_not_asked_about() -> None:
    """Whoever put it back, or nobody: it is cancelled, and so is the other."""
    found = record("crm", visit(status=Status.CANCELLED), revision=9, modified_at=ago(30))
    plan = plan_for([listing("crm", found), listing("site", unchanged={"1"})], unsettled())
    assert (told(plan), plan.conflicts) == (["cancel site"], ())


@pytest.mark.parametrize("cancel_wins", [True, False])
@pytest.mark.parametrize("before", [True, False])
def test_nor_is_one_whose_appointment_is_called_off_elsewhere(cancel_wins: bool, before: bool) -> None:
    """The cancellation does not wait for a question about its time, whether it comes now or came earlier."""
    ended = visit(slot=NOON, status=Status.CANCELLED)
    crm, policy = record("crm", visit(), revision=9), replace(rules("crm", "site"), cancel_wins=cancel_wins)
    known_before = unsettled()
    if before:
        mappings = (known_before.mappings[0], mapping("site", ended))
        known_before = replace(known_before, agreed=ended, mappings=mappings)
    plan = plan_for([listing("crm", crm), listing("site", record("site", ended))], known_before, policy=policy)
    assert told(plan) == ["cancel crm"]
    assert [one for one in plan.conflicts if one.winner is None] == []


def test_a_vendor_that_keeps_odd_minutes_rounds_nothing() -> None:
    """It shows 10:07 to 10:38 as it was given: that a move ends two minutes earlier than asked is somebody's doing."""
    asked = visit(slot=slot(12, minutes=47))
    odd = visit(slot=slot(10, 7, minutes=31))
    crm = mapping("crm", odd, revision=7, in_flight=asked, in_flight_fields=frozenset({Field.SLOT}))
    before = known(crm, mapping("site", asked), agreed=asked, provenance={Field.SLOT: origin("site")})
    plan = seen_as(slot(12, minutes=45), before, revision=8)
    assert told(plan) == ["move site slot"]
    assert only(plan).agreed.slot == slot(12, minutes=45)


@pytest.mark.parametrize(("version", "asked"), [(9, True), (8, False)])
def test_a_status_beside_a_third_time_may_have_been_put_back(version: int, asked: bool) -> None:
    """People moved it twice, or one saw our no-show and undid that as well: a person is asked."""
    ended = visit(status=Status.NO_SHOW, slot=NOON)
    fields = frozenset({Field.SLOT, Field.STATUS})
    crm = mapping("crm", revision=7, in_flight=ended, in_flight_fields=fields)
    memory = known(
        crm,
        mapping("site", ended),
        agreed=ended,
        provenance={Field.STATUS: origin("site"), Field.SLOT: origin("site")},
    )
    plan = seen_as(slot(17), memory, revision=version)
    assert only(plan).agreed.status is Status.NO_SHOW
    assert ("update crm status" in told(plan)) is not asked
    statuses = [one for one in plan.conflicts if one.field is Field.STATUS]
    assert [(one.winner, one.values) for one in statuses] == (
        [(None, {"crm": Status.SCHEDULED, "site": Status.NO_SHOW})] if asked else []
    )


class TestInFlight:
    """A move at a vendor without versions got no answer a minute ago, and may be carried out for another minute."""

    policy = replace(
        rules("book", "site"),
        vendors=tuple(replace(one, settle=timedelta(minutes=2)) for one in rules("book", "site").vendors),
    )

    def plan(self, shown: Slot, agreed: Slot = NOON, sent: float = 60, base: Slot | None = None) -> Plan:
        """The plan when book was to be moved to noon, and shows the record so."""
        asked = visit(slot=NOON)
        book = mapping("book", visit(slot=base or slot()), in_flight=asked, in_flight_fields=frozenset({Field.SLOT}))
        site = mapping("site", visit(slot=agreed))
        before = known(
            replace(book, in_flight_since=ago(sent)),
            site,
            agreed=visit(slot=agreed),
            provenance={Field.SLOT: origin("site")},
        )
        shots = [listing("book", record("book", visit(slot=shown))), listing("site", unchanged={"1"})]
        return plan_for(shots, before, policy=self.policy)

    def pending(self, plan: Plan) -> bool:
        """Whether what was asked of book still counts as unsettled."""
        return next(m for m in only(plan).mappings if m.vendor == "book").in_flight is not None

    def test_it_is_not_sent_again_while_it_may_still_come(self) -> None:
        """The plan says until when, and what was agreed stays."""
        plan = self.plan(slot())
        assert told(plan) == []
        assert plan.waiting == (
            "1 change(s) at book put off: waits until 08:01 UTC: the answer to the last write was lost",
        )
        assert (plan.unanswered, only(plan).needs_another_cycle, self.pending(plan)) == (True, True, True)

    def test_nor_is_another_time_that_was_agreed_since(self) -> None:
        """Written at once, the move that comes late would undo it."""
        assert told(self.plan(slot(), agreed=slot(17))) == []

    def test_once_it_shows_it_is_settled(self) -> None:
        """What was agreed since follows at once."""
        plan = self.plan(NOON, agreed=slot(17))
        assert told(plan) == ["move book slot"]
        assert not self.pending(plan)

    def test_once_it_can_come_no_more_it_is_sent_again(self) -> None:
        """More than two minutes had passed when the listing began."""
        plan = self.plan(slot(), sent=180)
        assert told(plan) == ["move book slot"]
        assert not self.pending(plan)

    def test_what_a_person_did_meanwhile_goes_to_the_others_and_is_not_undone_by_it(self) -> None:
        """Moved to 17:00 there; then the move to noon is carried out: 17:00 is written again."""
        first = self.plan(slot(17))
        assert told(first) == ["move site slot"]
        assert self.pending(first)
        second = self.plan(NOON, agreed=slot(17), base=slot(17))
        assert told(second) == ["move book slot"]
        assert only(second).agreed.slot == slot(17)


def test_a_move_that_was_sent_long_after_it_was_begun_is_waited_for_from_then_on() -> None:
    """Begun 130 seconds ago, and sent at the latest 100 seconds ago: nothing is written there yet."""
    book = mapping("book", visit(), in_flight=visit(slot=NOON), in_flight_fields=frozenset({Field.SLOT}))
    shots = [listing("book", record("book", visit())), listing("site", unchanged={"1"})]
    for sent_by, done in ((None, ["move book slot"]), (ago(100), [])):
        before = known(
            replace(book, in_flight_since=ago(130), in_flight_sent_by=sent_by),
            mapping("site", visit(slot=NOON)),
            agreed=visit(slot=NOON),
            provenance={Field.SLOT: origin("site")},
        )
        assert told(plan_for(shots, before, policy=TestInFlight.policy)) == done


def test_where_a_vendor_has_versions_a_move_is_sent_again_at_once_and_known_if_it_comes_late() -> None:
    """The first one still carries the version that the record has: what it brings about is nobody's edit."""
    crm = mapping("crm", revision=7, in_flight=visit(slot=NOON), in_flight_fields=frozenset({Field.SLOT}))
    before = known(
        replace(crm, in_flight_since=ago(60)),
        mapping("site", visit(slot=NOON)),
        agreed=visit(slot=NOON),
        provenance={Field.SLOT: origin("site")},
    )
    policy = rules("crm", "site")
    patient = replace(policy, vendors=tuple(replace(one, settle=timedelta(minutes=2)) for one in policy.vendors))
    shots = [listing("crm", record("crm", visit(), revision=7)), listing("site", unchanged={"1"})]
    plan = plan_for(shots, before, policy=patient)
    assert told(plan) == ["move crm slot"]
    assert next(m for m in only(plan).mappings if m.vendor == "crm").in_flight is not None
