"""What syncd remembers of a record after a cycle, and what it takes for a change of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Mapping, UnsettledCreate
from syncd.model.plan import Plan
from syncd.model.policy import Traits
from syncd.model.record import BadRow, Snapshot
from syncd.model.times import Slot
from tests.reconcile.world import (
    CRM,
    GONE,
    JANE,
    MANUAL,
    NEWEST,
    NOON,
    NOW,
    PRIORITY,
    THREE,
    WINDOW,
    again,
    ago,
    known,
    listing,
    mapping,
    merged,
    only,
    origin,
    part,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)


def kept(plan: Plan, vendor: str) -> Mapping:
    """The mapping of the plan's only appointment at a vendor."""
    [found] = [m for m in only(plan).mappings if m.vendor == vendor]
    return found


class TestABase:
    """A record of the CRM that changed."""

    def test_it_is_what_was_read(self) -> None:
        """Values, fingerprint, version and time of modification, so that the next cycle finds no news."""
        changed = visit(slot=NOON, clients=(replace(JANE, last_name="Jones"),))
        found = record("crm", changed, revision=8, modified_at=ago(60), fingerprint=b"new")
        before = known(mapping("crm", revision=7, modified_at=ago(900), fingerprint=b"old"), mapping("site"))
        made = kept(merged(found, policy=rules("crm", "site"), before=before), "crm")
        assert (made.base.slot, made.fingerprint, made.revision, made.modified_at) == (NOON, b"new", 8, ago(60))
        assert made.acknowledged.slot == NOON
        assert made.base.clients == changed.clients

    def test_what_a_reading_does_not_tell_stays(self) -> None:
        """Version and time of modification; fields that were shown before; what else the vendor had accepted."""
        found = record("crm", visit(slot=NOON), shows=frozenset({Field.SLOT}))
        before = known(mapping("crm", visit(notes="Ring"), revision=7, modified_at=ago(900)), mapping("site"))
        made = kept(merged(found, policy=rules("crm", "site"), before=before), "crm")
        assert (made.revision, made.modified_at, made.shows) == (7, ago(900), CRM.seen)
        assert made.acknowledged.notes == "Ring"

    def test_a_field_that_waits_for_a_person_stays_as_it_was(self) -> None:
        """And without a fingerprint, so that the record is looked at again although nothing changes."""
        found = record("crm", visit(slot=NOON), modified_at=ago(60), fingerprint=b"new")
        before = known(*(mapping(name, modified_at=ago(900)) for name in ("crm", "office", "site")))
        policy = rules("crm", "office", "site", conflict=MANUAL)
        plan = merged(found, record("office", visit(slot=THREE)), policy=policy, before=before)
        made = kept(plan, "crm")
        assert (made.base.slot, made.acknowledged.slot, made.fingerprint) == (slot(), slot(), None)
        assert made.modified_at == ago(900)
        assert only(plan).needs_another_cycle

    def test_an_unsettled_write_is_settled_by_a_reading(self) -> None:
        """Whether the record changed or not."""
        crm_before = mapping("crm", in_flight=visit(slot=NOON), in_flight_fields=frozenset({Field.SLOT}))
        for crm in (listing("crm", unchanged={"1"}), listing("crm", record("crm", visit(slot=NOON)))):
            before = known(crm_before, mapping("site"), agreed=visit(slot=NOON))
            plan = plan_for([crm, listing("site", unchanged={"1"})], before)
            assert kept(plan, "crm").in_flight is None

    @pytest.mark.parametrize(
        ("intended", "field", "settled"),
        [
            (GONE, Field.STATUS, False),
            (visit(notes="Ring"), Field.NOTES, False),
            (visit(notes=""), Field.NOTES, True),
        ],
    )
    def test_an_unsettled_write_stays_so_while_no_reading_shows_the_field(
        self, intended: Appointment, field: Field, settled: bool
    ) -> None:
        """Seen later, what it brought about would be taken for a person's doing. An emptied text may never show."""
        crm = mapping("crm", in_flight=intended, in_flight_fields=frozenset({field}))
        found = record("crm", visit(slot=NOON), shows=CRM.seen - {field}, fingerprint=b"new")
        made = kept(merged(found, policy=rules("crm", "site"), before=known(crm, mapping("site"))), "crm")
        assert (made.in_flight is None, made.fingerprint) == ((True, b"new") if settled else (False, None))

    def test_a_text_that_a_vendor_dropped_from_an_unsettled_write_is_emptied_nowhere(self) -> None:
        """It was confirmed, and could not be read back: that there is nothing now is the vendor's doing."""
        agreed = visit(notes="Ring")
        believed = mapping("office", agreed, in_flight=agreed, in_flight_fields=frozenset({Field.NOTES}))
        before = known(believed, mapping("site", agreed), agreed=agreed)
        plan = merged(record("office", visit(notes="")), policy=rules("office", "site"), before=before)
        assert not plan.operations
        assert only(plan).agreed.notes == "Ring"
        assert (kept(plan, "office").base.notes, kept(plan, "office").acknowledged.notes) == ("", "Ring")

    def test_another_text_in_its_place_is_a_persons(self) -> None:
        """Nothing that a vendor makes of a note is another note: it goes to the others."""
        agreed = visit(notes="Ring")
        written = mapping("office", visit(), in_flight=agreed, in_flight_fields=frozenset({Field.NOTES}))
        before = known(written, mapping("site", agreed), agreed=agreed)
        plan = merged(record("office", visit(notes="Knock")), policy=rules("office", "site"), before=before)
        assert told(plan) == ["update site notes"]
        assert only(plan).agreed.notes == "Knock"

    def test_an_own_cancellation_that_shows_late_is_nobodys_against_a_revival(self) -> None:
        """The appointment was revived elsewhere while no reading told whether our cancellation had been carried out."""
        crm = mapping("crm", in_flight=GONE, in_flight_fields=frozenset({Field.STATUS}))
        before = known(crm, mapping("site", GONE), agreed=GONE)
        policy = rules("crm", "site")
        blind = record("crm", visit(), shows=CRM.seen - {Field.STATUS})
        revived = plan_for([listing("crm", blind), listing("site", record("site", visit()))], before, policy=policy)
        assert only(revived).agreed.status is Status.SCHEDULED
        after = again(revived)
        late = plan_for([listing("crm", record("crm", GONE)), listing("site", unchanged={"1"})], after, policy=policy)
        assert only(late).agreed.status is Status.SCHEDULED
        assert told(late) == ["update crm status"]

    def test_only_what_was_asked_for_has_landed(self) -> None:
        """A person's note, which only resembles what is agreed, is theirs: it goes out."""
        agreed = visit(slot=NOON, notes="Ring twice")
        crm = mapping("crm", in_flight=agreed, in_flight_fields=frozenset({Field.SLOT}))
        before = known(crm, mapping("site", agreed), agreed=agreed, provenance={Field.NOTES: origin("site")})
        found = record("crm", visit(slot=NOON, notes="Ring"), modified_at=ago(30))
        plan = plan_for([listing("crm", found), listing("site", unchanged={"1"})], before)
        assert [conflict.field for conflict in plan.conflicts] == [Field.NOTES]
        assert told(plan) == ["update site notes"]

    def test_a_deleted_record_is_remembered_as_cancelled(self) -> None:
        """Base and accepted value alike, with nothing unsettled: should it come back, that is a revival."""
        crm = mapping("crm", in_flight=visit(slot=NOON), in_flight_fields=frozenset({Field.SLOT}))
        made = kept(
            plan_for([listing("crm", gone={"1"}), listing("site", unchanged={"1"})], known(crm, mapping("site"))), "crm"
        )
        assert made.base.status is made.acknowledged.status is Status.CANCELLED
        assert made.in_flight is None
        assert made.tombstone == "crm says that it no longer exists"


class TestAChange:
    """How a change is told from what is no change, and what its time is."""

    def test_an_equal_version_is_not_stale(self) -> None:
        """Not every change of a record raises its version."""
        before = known(mapping("crm", revision=7), mapping("site"))
        plan = merged(record("crm", visit(slot=NOON), revision=7), policy=rules("crm", "site"), before=before)
        assert told(plan) == ["move site slot"]

    @pytest.mark.parametrize(
        ("age", "earlier", "expected"),
        [
            (60, 5, []),
            (899.5, 5, []),
            (900, 5, ["move site slot"]),
            (960, 5, ["move site slot"]),
            (60, 1, []),
            (60, 0.9, ["move site slot"]),
        ],
    )
    def test_an_earlier_modification_time_is_a_stale_reading_for_a_while(
        self, age: float, earlier: float, expected: list[str]
    ) -> None:
        """A copy that lags behind says nothing; a clock that was set back hides a person's change no longer than so.

        A time that is earlier by less than a second was only told with fewer digits.
        """
        last = listing("office").ended_at - timedelta(seconds=age)
        before = known(mapping("office", modified_at=last), mapping("site"))
        found = record("office", visit(slot=NOON), modified_at=last - timedelta(seconds=earlier))
        assert told(merged(found, policy=rules("office", "site"), before=before)) == expected

    @pytest.mark.parametrize("ahead", [-3600, 3600])
    def test_a_stale_reading_is_told_by_the_vendors_own_clock(self, ahead: int) -> None:
        """However far off that is, it is the age of the last modification that counts."""
        last = ago(60) + timedelta(seconds=ahead)
        found = record("office", visit(slot=NOON), modified_at=last - timedelta(seconds=5))
        snapshots = [listing("office", found, clock_offset=float(ahead)), listing("site", unchanged={"1"})]
        before = known(mapping("office", modified_at=last), mapping("site"))
        assert told(plan_for(snapshots, before, policy=rules("office", "site"))) == []

    def test_a_modification_time_that_did_not_move_tells_nothing(self) -> None:
        """The change lies between the last two readings, so that it cannot be called older than another."""
        before = known(*(mapping(name, modified_at=ago(900)) for name in ("crm", "office", "site")))
        plan = merged(
            record("crm", visit(slot=NOON), modified_at=ago(900)),
            record("office", visit(slot=THREE), modified_at=ago(30)),
            before=before,
        )
        assert [conflict.rule for conflict in plan.conflicts] == ["priority"]
        assert only(plan).agreed.slot == NOON

    @pytest.mark.parametrize(("apart", "rule"), [(1, PRIORITY), (2, PRIORITY), (4, NEWEST)])
    def test_two_clocks_are_known_to_a_second_each(self, apart: int, rule: str) -> None:
        """Changes that are less than that apart cannot be put in order."""
        plan = merged(
            record("crm", visit(slot=NOON), modified_at=ago(60)),
            record("office", visit(slot=THREE), modified_at=ago(60 - apart)),
        )
        assert [conflict.rule for conflict in plan.conflicts] == [rule]

    @pytest.mark.parametrize(("site", "crm", "winner"), [(30, 60, THREE), (60, 30, NOON)])
    def test_what_people_did_to_the_record_of_a_lost_create_has_its_own_time(
        self, site: int, crm: int, winner: Slot
    ) -> None:
        """Between the sending and the reading: it is newer or older than others' changes as its vendor says."""
        create = UnsettledCreate(operation="1", vendor="site", intended=visit(), token="mark", intended_at=ago(600))
        before = replace(known(mapping("crm", known_at=ago(600))), unsettled=(create,))
        found = record("site", visit(slot=THREE), token="mark", modified_at=ago(site))
        moved = record("crm", visit(slot=NOON), modified_at=ago(crm))
        plan = plan_for([listing("crm", moved), listing("site", found)], before, policy=rules("crm", "site"))
        assert only(plan).agreed.slot == winner
        assert [conflict.rule for conflict in plan.conflicts] == ["newest"]

    def test_why_a_value_is_what_it_is_is_remembered_with_its_time(self) -> None:
        """Vendor, interval and sentence, for changes that a vendor takes only later."""
        plan = merged(record("crm", visit(slot=NOON), modified_at=ago(60)))
        reason = only(plan).provenance[Field.SLOT]
        assert reason.vendor == "crm"
        assert (reason.when.earliest, reason.when.latest) == (ago(61), ago(59))
        assert "crm moved it" in reason.text

    def test_a_vendor_that_comes_to_the_agreed_value_by_itself_wins_nothing(self) -> None:
        """Somebody there typed what was agreed before, and others went on then: theirs is the later word."""
        agreed = visit(notes="Ring")
        before = known(
            mapping("crm", agreed),
            mapping("office"),
            mapping("site", agreed),
            agreed=agreed,
            provenance={Field.NOTES: origin("crm")},
        )
        plan = merged(
            record("crm", visit(notes="Ring twice"), modified_at=ago(60)),
            record("office", visit(notes="Ring"), modified_at=ago(90)),
            before=before,
        )
        assert not plan.conflicts
        assert only(plan).agreed.notes == "Ring twice"

    def test_of_moves_of_a_cancelled_appointment_the_last_counts(self) -> None:
        """If it is revived, it is there."""
        before = known(*(mapping(name, GONE) for name in ("crm", "office", "site")), agreed=GONE)
        plan = merged(
            record("crm", replace(GONE, slot=NOON), modified_at=ago(30)),
            record("office", replace(GONE, slot=THREE), modified_at=ago(60)),
            before=before,
        )
        assert told(plan) == []
        assert only(plan).agreed.slot == NOON

    def test_earlier_moves_of_a_cancelled_appointment_are_on_record(self) -> None:
        """With the times that lost, and why."""
        before = known(*(mapping(name, GONE) for name in ("crm", "office", "site")), agreed=GONE)
        moved = [("crm", NOON, 90), ("office", THREE, 60), ("site", slot(17), 1)]
        plan = merged(
            *(record(name, replace(GONE, slot=to), modified_at=ago(age)) for name, to, age in moved), before=before
        )
        [conflict] = plan.conflicts
        assert (conflict.appointment, conflict.field) == ("a", Field.SLOT)
        assert (conflict.winner, conflict.rule) == ("site", "newest")
        assert conflict.values == {"crm": NOON, "office": THREE, "site": slot(17)}
        first, against = conflict.explanation.split("; against that, ")
        assert first.startswith("site moved it")
        one, other = against.split("; ")
        assert one.startswith("crm moved it")
        assert other.startswith("office moved it")
        assert other.endswith(": the later change wins")

    def test_a_move_of_a_cancelled_record_that_lost_is_on_record(self) -> None:
        """Against a record that was not cancelled yet: its time is kept in the conflict, and why it lost."""
        ended = visit(status=Status.CANCELLED)
        before = known(*(mapping(name, ended) for name in ("crm", "site")), mapping("office"), agreed=ended)
        beside = replace(before, provenance={Field.STATUS: origin("crm")})
        plan = merged(
            record("site", visit(slot=NOON, status=Status.CANCELLED)),
            record("office", visit(slot=THREE)),
            before=beside,
        )
        assert only(plan).agreed.slot == THREE
        [lost] = [conflict for conflict in plan.conflicts if "site" in conflict.values]
        assert lost.values == {"site": NOON, "office": THREE}
        assert (lost.winner, lost.rule) == ("office", "cancel_wins")
        assert lost.explanation.endswith(": its record was not cancelled")

    def test_two_vendors_that_keep_seconds_agree_only_to_the_second(self) -> None:
        """Start and end, both of which both of them choose."""
        policy = rules("crm", Traits(name="office", capabilities=CRM), "site")
        for other, agreed in ((NOON, True), (slot(12, minutes=31), False), (slot(12, 1, minutes=29), False)):
            changed = record("crm", visit(slot=NOON)), record("office", visit(slot=other))
            assert (not merged(*changed, policy=policy).conflicts) is agreed


@pytest.mark.parametrize("why", ["unread", "bad row", "left out of half a listing", "not listed although it should be"])
def test_a_record_that_could_not_be_read_is_not_written(why: str) -> None:
    """What it is now nobody knows: its vendor gets the change once it is seen."""
    base = slot(10, day=200) if why == "bad row" else slot()
    before = known(mapping("crm", visit(slot=base)), mapping("office", visit(slot=base)))
    offices: dict[str, Snapshot] = {
        "unread": listing("office", unread={"1": record("office", whole=False)}),
        "bad row": listing("office", bad_rows=(BadRow(vendor="office", remote_id="1", reason="no date"),)),
        "left out of half a listing": part("office"),
        "not listed although it should be": listing("office"),
    }
    plan = plan_for([listing("crm", record("crm", visit(slot=NOON))), offices[why]], before)
    assert told(plan) == []
    assert only(plan).needs_another_cycle
    assert only(plan).agreed.slot == NOON


def test_another_bad_row_does_not_stop_a_write() -> None:
    """Only the record that cannot be read is left alone."""
    far = visit(slot=slot(10, day=200))
    row = BadRow(vendor="office", remote_id="2", reason="no date")
    plan = plan_for(
        [listing("crm", record("crm", visit(slot=NOON))), listing("office", bad_rows=(row,))],
        known(mapping("crm", far), mapping("office", far)),
    )
    assert told(plan) == ["move office slot"]


def test_the_next_cycle_has_nothing_to_remember_anew() -> None:
    """What is remembered is the same again when nothing happens."""
    first = merged(record("crm", visit(slot=NOON), modified_at=ago(60)), policy=rules("crm", "site"))
    held_on = [listing("crm", unchanged={"1"}), listing("site", unchanged={"1"})]
    second = plan_for(held_on, again(first), now=NOW)
    assert only(second).agreed == only(first).agreed
    assert only(second).provenance == only(first).provenance
    assert slot().start in WINDOW
