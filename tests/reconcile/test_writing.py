"""What is asked of a vendor: only what it can take, in the fewest writes, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.plan import Plan, Reschedule
from syncd.model.policy import Policy
from syncd.model.record import Failed, Record, Snapshot
from syncd.model.times import Slot
from tests.reconcile.world import (
    ABLE,
    JANE,
    OMAR,
    again,
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

NOON = visit(slot=slot(12))


def after(change: Appointment, *vendors: str, policy: Policy | None = None) -> Plan:
    """The plan after crm's record became this, everything else unchanged."""
    others = [listing(vendor, unchanged={"1"}) for vendor in vendors]
    everyone = known(mapping("crm"), *(mapping(vendor) for vendor in vendors))
    return plan_for([listing("crm", record("crm", change)), *others], everyone, policy=policy)


def with_ability(vendor: str, **more: Any) -> Policy:
    """crm, and a vendor with some capability otherwise."""
    able: Capabilities = replace(ABLE[vendor], **more)
    return rules("crm", replace(rules(vendor).vendors[0], capabilities=able))


class TestFewestWrites:
    """One write carries what one write can."""

    def test_fields_go_together_where_the_vendor_takes_them_together(self) -> None:
        """Moved, noted and renamed, office needs one write, book two, and site two."""
        change = visit(slot=slot(12), notes="Ring", title="Other", clients=(replace(JANE, last_name="Jones"),))
        plan = after(change, "book", "office", "site")
        assert told(plan) == [
            "update book notes clients",
            "move book slot",
            "move office slot title notes clients",
            "update site notes",
            "move site slot",
        ]

    def test_a_field_outside_every_group_is_a_write_of_its_own(self) -> None:
        """Where a vendor does not say what goes together, each field is written alone."""
        plan = after(visit(slot=slot(12), notes="Ring"), "office", policy=with_ability("office", together=()))
        assert told(plan) == ["update office notes", "move office slot"]

    def test_a_vendor_that_is_in_step_is_not_written(self) -> None:
        """Nothing changed, nothing is planned, and nothing needs another look."""
        plan = after(visit(), "book", "office", "site")
        assert not plan.operations
        assert not only(plan).needs_another_cycle


class TestWhatAVendorCannotTake:
    """A difference that a vendor cannot hold is no operation."""

    @pytest.mark.parametrize("vendor", ["crm", "book", "site"])
    def test_a_title_is_not_written_where_titles_do_not_change(self, vendor: str) -> None:
        """Vendors that set titles on create alone, or never, are not asked, in this cycle or the next."""
        snapshots = [listing("office", record("office", visit(title="Other"))), listing(vendor, unchanged={"1"})]
        plan = plan_for(snapshots, known(mapping("office"), mapping(vendor)))
        assert not plan.operations
        quiet = [listing("office", unchanged={"1"}), listing(vendor, unchanged={"1"})]
        assert not plan_for(quiet, again(plan)).operations

    def test_a_status_that_it_does_not_know_is_not_written(self) -> None:
        """Pending again is no word of crm or office."""
        plan = plan_for(
            [listing("site", record("site", visit(status=Status.PENDING))), *quiet("crm", "office")],
            known(mapping("crm"), mapping("office"), mapping("site")),
        )
        assert not plan.operations
        assert only(plan).agreed.status is Status.PENDING

    def test_a_value_that_it_could_not_hold_is_not_written(self) -> None:
        """A vendor that says it cannot hold a value is not asked to."""
        policy = with_ability("office", holds=lambda field, one: one.slot != NOON.slot)
        assert not after(NOON, "office", policy=policy).operations

    def test_a_foreign_id_of_a_service_goes_nowhere(self) -> None:
        """A service that a vendor shows by an id without a row in the catalogue is no other vendor's business."""
        every = dict.fromkeys(Field, ABLE["office"].ability(Field.SLOT))
        policy = with_ability("office", fields=every, together=(frozenset(Field),))
        office = replace(mapping("office"), shows=frozenset(Field))
        snapshots = [listing("crm", record("crm", visit(service="#17"))), listing("office", unchanged={"1"})]
        plan = plan_for(snapshots, known(mapping("crm"), office), policy=policy)
        assert not plan.operations
        assert only(plan).agreed.service == "#17"

    def test_a_title_that_begins_like_an_id_is_a_title(self) -> None:
        """A hash in a title means nothing."""
        plan = plan_for(
            [listing("crm", record("crm", visit(title="#1 visit"))), listing("office", unchanged={"1"})],
            known(mapping("crm"), mapping("office")),
        )
        assert told(plan) == ["update office title"]

    def test_a_part_of_a_client_that_it_does_not_show_is_not_written(self) -> None:
        """A new phone number is nothing to a vendor that shows none."""
        able = {**ABLE["site"].fields, Field.CLIENTS: ABLE["crm"].ability(Field.CLIENTS)}
        policy = with_ability("site", fields=able)
        assert not after(visit(clients=(replace(JANE, phone="999"),)), "site", policy=policy).operations
        assert told(after(visit(clients=(OMAR,)), "site", policy=policy)) == ["update site clients"]

    def test_another_end_is_not_written_where_the_vendor_sets_it(self) -> None:
        """Longer at the same start is nothing to a vendor that sets the end itself."""
        plan = after(visit(slot=slot(minutes=90)), "book", "office")
        assert told(plan) == ["move office slot"]

    @pytest.mark.parametrize(("seconds", "operations"), [(40, []), (60, ["move site slot"])])
    def test_seconds_are_not_written_where_they_are_dropped(self, seconds: int, operations: list[str]) -> None:
        """Some seconds later is the same minute to a vendor that keeps whole minutes."""
        late = timedelta(seconds=seconds)
        moved = Slot(start=slot().start + late, end=slot().end + late)
        assert told(after(visit(slot=moved), "site")) == operations

    @pytest.mark.parametrize(("vendor", "operations"), [("site", []), ("office", ["move office slot"])])
    def test_whole_days_are_written_where_they_are_known(self, vendor: str, operations: list[str]) -> None:
        """The same stretch of time as a whole day is a change to a vendor that sets whole days, and to no other."""
        day = Slot(start=slot().start, end=slot().end, all_day=True)
        assert told(after(visit(slot=day), vendor)) == operations

    def test_a_read_only_vendor_is_never_written(self) -> None:
        """Its own changes go out; it is neither moved, cancelled, nor given anything new."""
        locked = replace(rules("site").vendors[0], read_only=True)
        policy = rules("crm", locked)
        assert not after(NOON, "site", policy=policy).operations
        assert not after(visit(status=Status.CANCELLED), "site", policy=policy).operations
        assert not plan_for([listing("crm", record("crm")), listing("site")], policy=policy).operations
        moved = [listing("site", record("site", NOON)), listing("crm", unchanged={"1"})]
        assert told(plan_for(moved, known(mapping("crm"), mapping("site")), policy=policy)) == ["move crm slot"]


def quiet(*vendors: str) -> list[Snapshot]:
    """Listings in which nothing changed."""
    return [listing(vendor, unchanged={"1"}) for vendor in vendors]


class TestWhatAVendorMadeOfIt:
    """A vendor that keeps something else than it was given has taken what it was given."""

    long = visit(title="A very long title")

    def trimmed(self, **more: Any) -> Mapping:
        """office has taken the long title and shows a short one."""
        return mapping("office", self.long, base=replace(self.long, title="A very l"), **more)

    def test_a_trimmed_title_is_not_written_again(self) -> None:
        """As long as nobody changes the title, the trimmed one is what office shows for it."""
        before = known(mapping("crm", self.long), self.trimmed())
        for office in (
            listing("office", unchanged={"1"}),
            listing("office", record("office", replace(self.long, title="A very l"))),
        ):
            plan = plan_for([listing("crm", unchanged={"1"}), office], before)
            assert not plan.operations
            assert only(plan).agreed.title == "A very long title"

    def test_another_change_does_not_carry_the_trimmed_title(self) -> None:
        """Moved at the vendor that trims, the others are moved and keep the long title."""
        moved = record("office", replace(self.long, title="A very l", slot=slot(12)))
        plan = plan_for([*quiet("crm"), listing("office", moved)], known(mapping("crm", self.long), self.trimmed()))
        assert told(plan) == ["move crm slot"]
        assert only(plan).agreed.title == "A very long title"

    def test_a_title_that_a_person_gives_it_there_goes_out(self) -> None:
        """A title that is another than the trimmed one is a change."""
        titled = record("office", replace(self.long, title="Other"))
        policy = rules("office", replace(rules("office").vendors[0], name="desk"))
        before = known(self.trimmed(), replace(self.trimmed(), vendor="desk", remote_id="9"))
        plan = plan_for([listing("office", titled), listing("desk", unchanged={"9"})], before, policy=policy)
        assert told(plan) == ["update desk title"]

    def test_an_end_of_its_own_is_not_corrected(self) -> None:
        """A vendor that sets the end itself is neither written for it nor taken as having changed it."""
        before = known(mapping("crm"), mapping("book", base=visit(slot=slot(minutes=50), title="")))
        own = record("book", visit(slot=slot(minutes=50), title=""))
        plan = plan_for([*quiet("crm"), listing("book", own)], before)
        assert not plan.operations
        assert only(plan).agreed.slot == slot()

    def test_moved_at_such_a_vendor_it_keeps_the_length_that_was_agreed(self) -> None:
        """A move there says a start: how long its record takes is its service's, and was no different before."""
        before = known(mapping("crm"), mapping("book", base=visit(slot=slot(minutes=50), title="")))
        moved = record("book", visit(slot=slot(12, minutes=50), title=""))
        plan = plan_for([*quiet("crm"), listing("book", moved)], before)
        assert only(plan).agreed.slot == slot(12)
        [operation] = plan.operations
        assert (operation.vendor, operation.target.slot) == ("crm", slot(12))

    def test_longer_at_such_a_vendor_it_takes_longer(self) -> None:
        """Somebody gave it another type or an add-on there: that says a length, moved with it or not."""
        before = known(mapping("crm"), mapping("book", base=visit(slot=slot(minutes=50), title="")))
        for start in (10, 12):
            longer = record("book", visit(slot=slot(start, minutes=65), title=""))
            plan = plan_for([*quiet("crm"), listing("book", longer)], before)
            assert only(plan).agreed.slot == slot(start, minutes=65)


class TestUnsettled:
    """A write to a record whose outcome is not known."""

    def pending(self, intended: Appointment, fields: set[Field], **more: Any) -> Mapping:
        """A mapping at office with a write that may or may not have landed."""
        return mapping("office", in_flight=intended, in_flight_fields=frozenset(fields), **more)

    def seen(self, office: Record | None, before: Mapping, agreed: Appointment) -> Plan:
        """The plan when office shows this record, or its old one."""
        shot = listing("office", office) if office else listing("office", unchanged={"1"})
        return plan_for([*quiet("crm"), shot], known(mapping("crm", agreed), before, agreed=agreed))

    def test_what_landed_is_not_taken_for_a_persons_change(self) -> None:
        """The record shows what was intended: it is done."""
        plan = self.seen(record("office", NOON), self.pending(NOON, {Field.SLOT}), NOON)
        assert not plan.operations
        assert [m.in_flight for m in only(plan).mappings] == [None, None]

    def test_what_landed_trimmed_is_done(self) -> None:
        """The record shows what the vendor made of it: it is done, and the long title stays agreed."""
        titled = visit(title="A very long title")
        plan = self.seen(record("office", visit(title="A very l")), self.pending(titled, {Field.TITLE}), titled)
        assert not plan.operations
        assert only(plan).agreed.title == "A very long title"

    def test_an_end_that_nobody_asked_for_is_a_persons(self) -> None:
        """The record was moved as intended and does not end as it or the intention did: a person resized it."""
        longer = slot(12, minutes=45)
        plan = self.seen(record("office", visit(slot=longer)), self.pending(NOON, {Field.SLOT}), NOON)
        assert told(plan) == ["move crm slot"]
        assert only(plan).agreed.slot == longer

    def test_an_end_that_the_vendor_made_of_it_is_its_own(self) -> None:
        """Moved, but as long as it was before, or rounded: that is what the vendor made of the intention."""
        wanted = visit(slot=slot(12, minutes=47))
        for minutes in (30, 45):
            shown = record("office", visit(slot=slot(12, minutes=minutes)))
            plan = self.seen(shown, self.pending(wanted, {Field.SLOT}), wanted)
            assert not plan.operations
            assert only(plan).agreed.slot == wanted.slot

    def test_what_did_not_land_is_planned_again(self) -> None:
        """The record is as it was: the write is planned again."""
        for unlanded in (None, record("office")):
            plan = self.seen(unlanded, self.pending(NOON, {Field.SLOT}), NOON)
            assert told(plan) == ["move office slot"]

    @pytest.mark.parametrize(
        ("field", "old", "new"),
        [
            (Field.NOTES, "Ring", "Ring twice"),
            (Field.CLIENTS, (JANE,), (replace(JANE, phone="999"),)),
            (Field.SLOT, slot(), slot(minutes=90)),
        ],
    )
    def test_an_old_value_is_not_taken_for_a_new_one_that_resembles_it(self, field: Field, old: Any, new: Any) -> None:
        """A note that only grew, a number that changed, an end that moved: unlanded, they are planned again."""
        before, after = visit().with_values({field: old}), visit().with_values({field: new})
        pending = replace(mapping("office", before), in_flight=after, in_flight_fields=frozenset({field}))
        plan = self.seen(record("office", before), pending, after)
        assert len(plan.operations) == 1
        assert plan.operations[0].vendor == "office"

    def test_a_persons_change_of_the_same_field_is_theirs(self) -> None:
        """Neither the old value nor the intended one: a person was there, and that is a conflict."""
        own = visit(clients=(replace(JANE, phone="777"),))
        intended = visit(clients=(replace(JANE, phone="999"),))
        plan = self.seen(record("office", own), self.pending(intended, {Field.CLIENTS}), intended)
        assert told(plan) == ["update crm clients"]
        assert only(plan).agreed.clients == own.clients

    @pytest.mark.parametrize(("version", "expected"), [(3, ["move crm slot"]), (4, ["move crm slot"]), (5, [])])
    def test_what_a_person_perhaps_put_back_is_asked(self, version: int, expected: list[str]) -> None:
        """Written twice and as before, ours had landed and was undone, perhaps. Written once, it was another's."""
        pending = mapping("crm", revision=3, in_flight=NOON, in_flight_fields=frozenset({Field.SLOT}))
        before = known(pending, mapping("site", NOON), agreed=NOON)
        nameless = record("crm", visit(clients=()), revision=version)  # which says nothing of its client
        plan = plan_for([listing("crm", nameless), *quiet("site")], before)
        assert [step for step in told(plan) if step.endswith("crm slot")] == expected
        assert only(plan).agreed.slot == NOON.slot
        asked = [one.field for one in plan.conflicts if one.winner is None]
        assert asked == ([] if expected else [Field.SLOT])

    @pytest.mark.parametrize("version", [4, 5])
    def test_a_third_value_does_not_prove_that_our_write_was_there(self, version: int) -> None:
        """Somebody moved it elsewhere, and perhaps wrote twice: what was agreed meanwhile stays in the record."""
        elsewhere = visit(slot=slot(15))
        pending = mapping("crm", revision=3, in_flight=NOON, in_flight_fields=frozenset({Field.SLOT}))
        origins = {Field.SLOT: origin("site")}
        before = known(pending, mapping("site", NOON), agreed=NOON, provenance=origins)
        plan = plan_for([listing("crm", record("crm", elsewhere, revision=version)), *quiet("site")], before)
        [conflict] = plan.conflicts
        assert conflict.field is Field.SLOT
        assert {NOON.slot, elsewhere.slot} <= set(conflict.values.values())

    @pytest.mark.parametrize(("version", "asked"), [(4, False), (5, True)])
    def test_whether_a_person_revived_it_in_another_status_is_asked(self, version: int, asked: bool) -> None:
        """Completed, then cancelled by us, then scheduled by somebody there: written twice, that may be a revival."""
        done, ended = visit(status=Status.COMPLETED), visit(status=Status.CANCELLED)
        pending = mapping("crm", done, revision=3, in_flight=ended, in_flight_fields=frozenset({Field.STATUS}))
        before = known(pending, mapping("site", ended), agreed=ended, provenance={Field.STATUS: origin("site")})
        plan = plan_for([listing("crm", record("crm", visit(), revision=version)), *quiet("site")], before)
        assert not only(plan).agreed.status.live
        assert [one.winner for one in plan.conflicts] == ([None] if asked else ["site"])

    def test_an_absence_is_what_a_deletion_brings(self) -> None:
        """A record that is gone after an unsettled cancel was deleted by it: nobody else did."""
        ended = visit(status=Status.CANCELLED)
        plan = plan_for(
            [*quiet("crm"), listing("office", gone={"1"}, unchanged={"2"})],
            known(mapping("crm", ended), self.pending(ended, {Field.STATUS}), agreed=ended),
        )
        assert not plan.operations
        assert not plan.conflicts

    def test_unseen_it_stays_unsettled(self) -> None:
        """While the vendor cannot be read, or shows an older version, the write stays unsettled."""
        stale = record("crm", revision=2)
        pending = mapping("crm", revision=3, in_flight=NOON, in_flight_fields=frozenset({Field.SLOT}))
        for snapshot in (Failed(vendor="crm", reason="down"), listing("crm", stale)):
            plan = plan_for([snapshot, *quiet("site")], known(pending, mapping("site", NOON), agreed=NOON))
            assert not plan.operations
            assert [m.in_flight for m in only(plan).mappings if m.vendor == "crm"] == [NOON]


class TestStale:
    """A record with a version."""

    def test_an_older_version_says_nothing(self) -> None:
        """A stale read changes nothing, and the record is not written on the strength of it."""
        snapshots = [listing("crm", record("crm", NOON, revision=2)), listing("site", record("site", visit(notes="x")))]
        plan = plan_for(snapshots, known(mapping("crm", revision=3), mapping("site")))
        assert not plan.operations
        assert only(plan).agreed == visit(notes="x")
        assert only(plan).needs_another_cycle

    def test_a_newer_version_is_remembered(self) -> None:
        """The operation on a record carries the version that was seen."""
        snapshots = [listing("crm", record("crm", revision=4)), listing("site", record("site", NOON))]
        [move] = plan_for(snapshots, known(mapping("crm", revision=3), mapping("site"))).operations
        assert isinstance(move, Reschedule)
        assert move.mapping
        assert move.mapping.revision == 4
        assert move.expected == record("crm", revision=4)


def test_a_local_time_that_means_two_instants_is_the_one_it_was() -> None:
    """A record read as the earlier instant has not moved if its base says the later one."""
    late = visit(slot=slot(11))
    shown = record("office", visit(notes="Ring"), other_readings=(slot(11),))
    plan = plan_for([*quiet("crm"), listing("office", shown)], known(mapping("crm", late), mapping("office", late)))
    assert told(plan) == ["update crm notes"]
    assert only(plan).agreed.slot == slot(11)


def test_a_local_time_that_means_two_instants_is_the_one_that_an_unsettled_write_intended() -> None:
    """What syncd wrote itself is nobody's move to the other reading, be it another end or another start."""
    wanted = visit(slot=slot(14, 0, minutes=30))
    row = mapping("office", in_flight=wanted, in_flight_fields=frozenset({Field.SLOT}))
    misread = visit(slot=slot(14, minutes=24 * 60 + 30))
    shown = record("office", misread, other_readings=(slot(13), wanted.slot))
    plan = plan_for([*quiet("crm"), listing("office", shown)], known(mapping("crm", wanted), row, agreed=wanted))
    assert told(plan) == []
    assert only(plan).agreed.slot == wanted.slot


def test_a_field_that_was_never_shown_before_is_no_change() -> None:
    """A record that is read whole for the first time has not changed in the client that its list row lacked."""
    row = mapping("office", base=visit(clients=()), shows=frozenset({Field.SLOT, Field.STATUS}))
    whole = listing("office", record("office", visit(clients=(replace(JANE, last_name="Miller"),))))
    plan = plan_for([*quiet("crm"), whole], known(mapping("crm"), row))
    assert not plan.operations
    renamed = listing("office", record("office", visit(clients=(replace(JANE, last_name="Millar"),))))
    assert told(plan_for([*quiet("crm"), renamed], again(plan))) == ["update crm clients"]


def test_a_text_that_was_left_out_was_empty() -> None:
    """A vendor that shows no notes where there are none has changed them when it shows some."""
    row = mapping("office", shows=ABLE["office"].seen - {Field.NOTES})
    plan = plan_for(
        [*quiet("crm"), listing("office", record("office", visit(notes="Ring")))], known(mapping("crm"), row)
    )
    assert told(plan) == ["update crm notes"]


def test_an_appointment_without_client_or_title_has_a_name_in_reports() -> None:
    """Every operation can be recognised by one line."""
    plan = plan_for([listing("crm", record("crm", Appointment(slot=slot(), clients=(Client(),)))), listing("site")])
    assert plan.operations[0].summary == "Appointment, 2030-03-05 10:00–10:30 UTC"
