"""Creates that got no answer and are carried out late: while syncd waits for them, and for a day after it has not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Status
from syncd.model.memory import Known, UnsettledCreate
from syncd.model.plan import Action, Plan
from syncd.model.policy import Policy
from syncd.model.record import Complete, Failed, Record, Snapshot
from tests.reconcile.world import (
    OMAR,
    again,
    ago,
    known,
    left_alone,
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

GONE = visit(status=Status.CANCELLED)
SETTLE = timedelta(minutes=2)


def sent(vendor: str, seconds: float = 240, missed: int = 0, intended: Appointment | None = None) -> UnsettledCreate:
    """A create that was sent so long ago."""
    wanted = intended or visit()
    return UnsettledCreate(
        operation="o1", vendor=vendor, intended=wanted, token="mark", intended_at=ago(seconds), missed=missed
    )


def patient(*names: str) -> Policy:
    """Vendors of which a listing counts two minutes after a write."""
    policy = rules(*names)
    return replace(policy, vendors=tuple(replace(traits, settle=SETTLE) for traits in policy.vendors))


def begun(vendor: str, seconds_ago: float, *records: Record) -> Complete:
    """A complete listing that began then."""
    found = listing(vendor, *records)
    return replace(found, started_at=ago(seconds_ago), ended_at=ago(seconds_ago - 1))


def plan_after(listed: Complete, create: UnsettledCreate) -> Plan:
    """The plan when crm is as it was, and its create elsewhere got no answer."""
    before = known(mapping("crm"), unsettled=(create,))
    return plan_for([listing("crm", unchanged={"1"}), listed], before, policy=patient("crm", create.vendor))


@pytest.mark.parametrize("vendor", ["book", "site"])
def test_a_listing_that_began_too_early_shows_nothing_by_what_it_lacks(vendor: str) -> None:
    """Sent at 07:59, and 120 seconds are waited: until 08:01. The plan says until when."""
    plan = plan_after(begun(vendor, 5), sent(vendor, seconds=60))
    assert not plan.operations
    assert (only(plan).missed, only(plan).given_up, only(plan).needs_another_cycle) == ((), (), True)
    assert plan.waiting == (f"1 create(s) at {vendor} put off: waits until 08:01 UTC: its answer was lost",)


def test_a_create_that_was_sent_long_after_it_was_begun_is_waited_for_from_then_on() -> None:
    """Begun at 07:58:00, and sent at 07:58:22: what began at 08:00:05 shows nothing by what it lacks."""
    create = replace(sent("site", seconds=120, missed=1), sent_by=ago(98))
    plan = plan_after(begun("site", -5), create)
    assert not plan.operations
    assert (only(plan).missed, only(plan).given_up) == ((), ())


def test_what_it_shows_counts_at_once() -> None:
    """A record that is there is there, however early."""
    assert told(plan_after(begun("book", 5, record("book")), sent("book", seconds=60))) == ["adopt book"]


def test_the_second_listing_that_began_late_enough_allows_another_try() -> None:
    """The first is counted, and the second settles it."""
    first = plan_after(begun("book", 5), sent("book"))
    assert not first.operations
    assert (only(first).missed, only(first).given_up) == (("o1",), ())
    assert "waits for one more complete listing" in first.waiting[0]
    second = plan_after(begun("book", 5), sent("book", missed=1))
    assert told(second) == ["create book"]
    assert (only(second).missed, only(second).given_up) == ((), ("o1",))


def late(vendor: str, known_before: Known, *records: Record, **more: Any) -> Plan:
    """The plan when a create that was given up has been carried out: these records are new at its vendor."""
    before = replace(known_before, late=(sent(vendor, 3600, missed=2),))
    mine = {m.remote_id for m in known_before.mappings if m.vendor == vendor and m.tombstone is None}
    snapshots = [listing("crm", unchanged={"1"}), listing(vendor, *records, unchanged=mine), listing("office")]
    return plan_for(snapshots, before, policy=rules("crm", vendor, "office"), **more)


def new(vendor: str, marked: bool) -> Record:
    """What a create made, with our mark or without."""
    return record(vendor, visit(), "9", token="mark" if marked else None)


@pytest.mark.parametrize(("vendor", "marked"), [("site", True), ("book", False)])
def test_one_whose_place_is_free_is_linked(vendor: str, marked: bool) -> None:
    """Nothing was made in its place yet."""
    plan = late(vendor, known(mapping("crm"), mapping("office")), new(vendor, marked))
    assert f"adopt {vendor}" in told(plan)
    assert f"create {vendor}" not in told(plan)


def test_one_that_carries_our_mark_is_ended_where_another_has_its_place() -> None:
    """It was made again; the first one is never the appointment's, nor anybody's new booking."""
    plan = late("site", known(mapping("crm"), mapping("site"), mapping("office")), new("site", True))
    assert [(o.vendor, o.action, o.remote_id) for o in plan.operations] == [("site", Action.CANCEL, "9")]
    [extra] = [m for m in only(plan).mappings if m.remote_id == "9"]
    assert extra.surplus
    assert extra.tombstone


def test_one_that_carries_our_mark_is_ended_where_the_appointment_was_called_off() -> None:
    """With a record of it there that ended, or without any."""
    for ended in ((), (mapping("site", GONE),)):
        plan = late("site", known(mapping("crm", GONE), *ended, agreed=GONE), new("site", True))
        assert [(o.vendor, o.action, o.remote_id) for o in plan.operations if o.action is not Action.ADOPT] == [
            ("site", Action.CANCEL, "9")
        ]
        assert only(plan).agreed.status is Status.CANCELLED


def test_what_is_ended_is_ended_until_it_has_ended() -> None:
    """A vendor that refuses does not make it the appointment's; once it is gone nothing is sent any more."""
    first = late("site", known(mapping("crm", GONE), mapping("site", GONE), agreed=GONE), new("site", True))
    shots = [listing("crm", unchanged={"1"}), listing("site", unchanged={"1", "9"}), listing("office")]
    later = plan_for(shots, again(first), policy=rules("crm", "site", "office"))
    assert told(later) == ["cancel site"]
    noted = record("site", visit(notes="Ring"), "9", token="mark")
    edited = plan_for([shots[0], listing("site", noted, unchanged={"1"}), shots[2]], again(first))
    assert told(edited) == ["cancel site"]
    assert only(edited).agreed.status is Status.CANCELLED
    shown = record("site", GONE, "9")
    done = plan_for([shots[0], listing("site", shown, unchanged={"1"}), shots[2]], again(first))
    assert told(done) == []
    assert only(done).agreed.status is Status.CANCELLED


def test_what_is_to_be_ended_revives_nothing_while_it_stands() -> None:
    """It could not be ended yet, somebody types into it, and its vendor has no other record of the appointment."""
    before = known(mapping("crm", GONE), mapping("site", GONE, "8", tombstone="deleted"), agreed=GONE)
    first = late("site", before, new("site", True))
    noted = record("site", visit(notes="Ring"), "9", token="mark")
    shots = [listing("crm", unchanged={"1"}), listing("site", noted), listing("office")]
    plan = plan_for(shots, again(first), policy=rules("crm", "site", "office"))
    assert told(plan) == ["cancel site"]
    assert only(plan).agreed.status is Status.CANCELLED


def test_one_without_a_mark_is_a_question_where_the_appointment_was_called_off() -> None:
    """Ours, late, or booked anew: neither ended, nor linked, nor carried on to office."""
    plan = late("book", known(mapping("crm", GONE), agreed=GONE), new("book", False))
    assert not plan.operations
    [question] = plan.quarantined
    assert (question.vendor, question.remote_id, question.key) == ("book", "9", "late:9")
    assert "a create of ours" in question.reason
    assert "a new booking" in question.reason


def test_one_without_a_mark_is_probably_ours_twice_where_another_has_its_place() -> None:
    """It is named, and nothing third is made of it."""
    plan = late("book", known(mapping("crm"), mapping("book"), mapping("office")), new("book", False))
    assert not plan.operations
    [question] = plan.quarantined
    assert "probably ours, twice" in question.reason
    assert "syncd quarantine end" in question.reason


@pytest.mark.parametrize(
    "content", [visit(clients=(OMAR,)), visit(slot=slot(15)), replace(visit(), service="Consultation")]
)
def test_what_does_not_equal_it_is_somebodys_booking(content: Appointment) -> None:
    """Another client, another time or another service: carried on at once."""
    before = known(mapping("crm"), mapping("book"), mapping("office"), agreed=replace(visit(), service="Showing"))
    shown = record("book", content, "9")
    create = sent("book", 3600, 2, replace(visit(), service="Showing"))
    shots = [listing("crm", unchanged={"1"}), listing("book", shown, unchanged={"1"}), listing("office")]
    plan = plan_for(shots, replace(before, late=(create,)), policy=rules("crm", "book", "office"))
    assert not [entry for entry in plan.quarantined if entry.key.startswith("late:")]
    assert [next_state.id for next_state in plan.next_states if next_state.id != before.id]


def test_a_question_stays_one_until_somebody_answers() -> None:
    """Also when the day is over, and the create itself is long forgotten."""
    first = late("book", known(mapping("crm", GONE), agreed=GONE), new("book", False))
    shots = [listing("crm", unchanged={"1"}), listing("book", new("book", False)), listing("office")]
    policy = rules("crm", "book", "office")
    before, asked = again(first), left_alone(first.quarantined)
    later = plan_for(shots, before, policy=policy, quarantines=asked)
    assert not later.operations
    assert [(entry.key, entry.new) for entry in later.quarantined] == [("late:9", False)]
    ours = plan_for(shots, before, policy=policy, quarantines=asked, said={("book", "9"): True})
    assert [(o.action, o.remote_id) for o in ours.operations] == [(Action.CANCEL, "9")]
    theirs = plan_for(shots, before, policy=policy, quarantines=asked, said={("book", "9"): False})
    assert sorted(told(theirs)) == ["create crm", "create office"]
    assert not theirs.quarantined


def test_called_a_new_booking_it_is_one_though_the_day_is_not_over() -> None:
    """The create is not taken for it a second time."""
    plan = late("book", known(mapping("crm", GONE), agreed=GONE), new("book", False), said={("book", "9"): False})
    assert sorted(told(plan)) == ["create crm", "create office"]


def test_an_open_create_of_a_cancelled_appointment_is_a_question_too() -> None:
    """It was called off while the answer was waited for, and somebody of that name has it again."""
    before = known(mapping("crm", GONE), agreed=GONE, unsettled=(sent("book"),))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("book", new("book", False))], before)
    assert not plan.operations
    assert [entry.key for entry in plan.quarantined] == ["late:9"]


def test_a_vendor_that_is_away_settles_nothing() -> None:
    """Until it is listed, the create waits."""
    before = known(mapping("crm"), unsettled=(sent("book", 60),))
    shots: list[Snapshot] = [listing("crm", unchanged={"1"}), Failed(vendor="book", reason="down")]
    plan = plan_for(shots, before, policy=patient("crm", "book"))
    assert not plan.operations
    assert only(plan).needs_another_cycle


def test_a_late_one_without_a_client_is_asked_about_too() -> None:
    """Its vendor was given a stand-in, or can be given no client: the time and the service are all that is equal."""
    nobody = visit(clients=())
    shown = record("book", replace(nobody, title="Haircut"), "9")
    before = known(
        mapping("crm", nobody), mapping("book", nobody), late=(sent("book", 3600, missed=2, intended=nobody),)
    )
    plan = plan_for([listing("crm", unchanged={"1"}), listing("book", shown, unchanged={"1"})], before)
    assert told(plan) == []
    [asked] = plan.quarantined
    assert (asked.remote_id, asked.key) == ("9", "late:9")


def test_a_late_one_of_a_service_that_its_vendor_does_not_have_is_asked_about_too() -> None:
    """It was told nothing of a foreign id, and calls the record's service by a word of its own."""
    wanted = visit(service="#31")
    shown = record("book", visit(service="#other"), "9")
    before = known(mapping("crm", wanted), mapping("book", wanted), late=(sent("book", 3600, 2, wanted),))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("book", shown, unchanged={"1"})], before)
    assert told(plan) == []
    assert [one.key for one in plan.quarantined] == ["late:9"]


@pytest.mark.parametrize("late", [True, False])
def test_one_that_shows_the_client_as_corrected_since_is_known_all_the_same(late: bool) -> None:
    """Some vendors keep one client for all records: what is carried out later has the new address."""
    moved = visit(clients=(replace(visit().clients[0], email="jane.new@example.com"),))
    create = sent("book", 3600, missed=2) if late else sent("book", 60)
    before = known(mapping("crm", moved), *([mapping("book", moved, "2")] if late else []))
    before = replace(before, late=(create,)) if late else replace(before, unsettled=(create,))
    shown = listing("book", record("book", moved, "9"), unchanged={"2"} if late else ())
    plan = plan_for([listing("crm", unchanged={"1"}), shown], before)
    assert told(plan) == ([] if late else ["adopt book"])
    assert [one.key for one in plan.quarantined] == (["late:9"] if late else [])


def test_scheduled_again_it_is_not_made_beside_a_record_that_may_be_its_own() -> None:
    """Called off, its late create was asked about; revived and moved elsewhere, it waits for what a person says."""
    before = known(mapping("crm", GONE), late=(sent("office", 3600, missed=2),))
    asked = plan_for([listing("crm", unchanged={"1"}), listing("office", record("office"))], before)
    revived = visit(slot=slot(15))
    plan = plan_for(
        [listing("crm", record("crm", revived)), listing("office", record("office"))],
        before,
        quarantines=left_alone(asked.quarantined),
    )
    assert told(plan) == []
    assert plan.waiting == (
        "1 create(s) at office put off: record 1 there may be its own, which a person has to say: see 'syncd "
        "quarantine'",
    )


def test_of_two_that_got_no_answer_the_last_one_is_waited_for() -> None:
    """One record is there, of the first or the second: the second may still land, for a day from when it was sent."""
    before_her_wedding = visit(clients=(replace(visit().clients[0], last_name="Miller"),))
    first = replace(sent("office", 3600, 2, before_her_wedding), operation="first", token="one")
    second = replace(sent("office", 60), operation="second", token="two")
    before = known(mapping("crm"), unsettled=(second,), late=(first,))
    plan = plan_for(
        [listing("crm", unchanged={"1"}), begun("office", 1, record("office"))], before, policy=patient("crm", "office")
    )
    assert told(plan) == ["adopt office"]
    assert (only(plan).settled, only(plan).given_up) == (("first",), ("second",))


def test_of_two_for_clients_of_other_names_both_are_waited_for() -> None:
    """Whichever made the record: what may come yet has the one name or the other."""
    renamed = visit(clients=(replace(visit().clients[0], first_name="Tom"),))
    first = replace(sent("office", 3600, 2, renamed), operation="first", token="one")
    second = replace(sent("office", 60), operation="second", token="two")
    before = known(mapping("crm"), unsettled=(second,), late=(first,))
    plan = plan_for(
        [listing("crm", unchanged={"1"}), begun("office", 1, record("office"))], before, policy=patient("crm", "office")
    )
    assert told(plan) == ["adopt office"]
    assert (only(plan).settled, only(plan).given_up) == ((), ("second",))


def test_what_equals_the_last_one_alone_is_the_last_ones() -> None:
    """The title was changed between the two: the record has the new one, and the first may still land with the old."""
    first = replace(sent("office", 3600, 2, visit(title="Talk")), operation="first", token="one")
    second = replace(sent("office", 60), operation="second", token="two")
    before = known(mapping("crm"), unsettled=(second,), late=(first,))
    plan = plan_for(
        [listing("crm", unchanged={"1"}), begun("office", 1, record("office"))], before, policy=patient("crm", "office")
    )
    assert told(plan) == ["adopt office"]
    assert (only(plan).settled, only(plan).given_up) == (("second",), ())
