"""What a plan says of a conflict, a quarantine, an operation, a held one: whole, and each under its appointment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.model.appointment import Field, Status
from syncd.model.memory import Quarantine
from syncd.model.policy import Guard, Limit, Traits
from syncd.model.record import BadRow, NotPolled, Snapshot
from tests.reconcile.test_guard import many
from tests.reconcile.world import (
    ABLE,
    GONE,
    JANE,
    MANUAL,
    NEWEST,
    NOON,
    OMAR,
    PRIORITY,
    SITE,
    THREE,
    ago,
    known,
    listing,
    mapping,
    merged,
    only,
    origin,
    plan_for,
    record,
    rules,
    told,
    visit,
)


class TestAConflict:
    """Conflicts are recorded whole, each under its appointment."""

    def test_it_names_its_appointment(self) -> None:
        """However it came about."""
        moved = record("office", visit(slot=NOON), modified_at=ago(30))
        for rule in (NEWEST, PRIORITY, MANUAL):
            policy = rules("crm", "office", "site", conflict=rule)
            for other in (record("crm", visit(slot=THREE)), record("crm", GONE)):
                for wins in (True, False):
                    plan = merged(other, moved, policy=replace(policy, cancel_wins=wins))
                    assert {conflict.appointment for conflict in plan.conflicts} == {"a"}

    def test_conflicts_of_several_appointments_are_all_recorded(self) -> None:
        """The second does not replace the first."""
        both = [known(mapping("crm", None, key), mapping("office", None, key), id=key) for key in ("1", "2")]
        snapshots = [
            listing("crm", *(record("crm", visit(slot=NOON), key) for key in ("1", "2"))),
            listing("office", *(record("office", visit(slot=THREE), key) for key in ("1", "2"))),
        ]
        plan = plan_for(snapshots, *both)
        assert sorted(conflict.appointment for conflict in plan.conflicts) == ["1", "2"]

    def test_several_fields_wait_together(self) -> None:
        """Time and notes: neither is written, and the rest of the record goes on."""
        policy = rules("crm", "office", "site", conflict=MANUAL)
        plan = merged(
            record("crm", visit(slot=NOON, notes="Ring")),
            record("office", visit(slot=THREE, notes="Knock", title="Call")),
            policy=policy,
        )
        assert told(plan) == []
        assert {conflict.field for conflict in plan.conflicts} == {Field.SLOT, Field.NOTES}

    def test_a_winner_that_shows_less_keeps_the_rest(self) -> None:
        """The site wins with a new name and shows no numbers: the agreed number stays."""
        policy = rules("site", "crm", "office", conflict=PRIORITY)
        policy = replace(policy, vendors=(Traits(name="site", capabilities=SITE), *policy.vendors[1:]))
        plan = merged(
            record("site", visit(clients=(replace(JANE, last_name="Doe"),))),
            record("crm", visit(clients=(replace(JANE, last_name="Roe"),))),
            policy=policy,
        )
        assert only(plan).agreed.clients == (replace(JANE, last_name="Doe"),)

    def test_a_status_that_another_gave_it_wins_over_a_cancellation(self) -> None:
        """Completed after it was cancelled, where cancellations do not win: it is completed, and not scheduled."""
        policy = rules("crm", "office", "site", cancel_wins=False)
        done = record("office", visit(status=Status.COMPLETED), modified_at=ago(30))
        plan = merged(record("crm", GONE, modified_at=ago(60)), done, policy=policy)
        assert only(plan).agreed.status is Status.COMPLETED
        assert told(plan) == ["update crm status"]

    def test_an_edit_that_wins_over_a_cancellation_keeps_the_status(self) -> None:
        """Pending it was, and pending it is again."""
        pending = visit(status=Status.PENDING)
        before = known(mapping("site", pending), mapping("crm", pending), agreed=pending)
        policy = rules("site", "crm", cancel_wins=False)
        plan = merged(
            record("site", replace(GONE, notes=""), modified_at=ago(60)),
            record("crm", replace(pending, slot=NOON), modified_at=ago(30)),
            policy=policy,
            before=before,
        )
        assert only(plan).agreed.status is Status.PENDING
        assert only(plan).agreed.slot == NOON
        assert only(plan).provenance[Field.STATUS].vendor == "crm"

    def test_a_cancellation_that_waits_replaces_nothing(self) -> None:
        """Cancelled where nothing can be revived, moved elsewhere, and nobody has decided: no record is given up."""
        policy = rules("book", "office", conflict=MANUAL, cancel_wins=False)
        plan = merged(record("book", GONE), record("office", visit(slot=NOON)), policy=policy)
        assert not plan.operations
        assert plan.waiting == ()
        assert [m.tombstone for m in only(plan).mappings] == [None, None]

    def test_what_was_edited_on_a_cancelled_appointment_is_remembered(self) -> None:
        """A cancellation wins, and the new time counts should it be revived."""
        plan = merged(record("crm", GONE), record("office", visit(slot=NOON)))
        assert only(plan).agreed.slot == NOON
        assert not only(plan).agreed.status.live


class TestAQuarantine:
    """What is left alone says what it is about."""

    def test_a_refused_operation_names_all_that_it_is_about(self) -> None:
        """Vendor, record and appointment, with the vendor's reason, and that it is no news."""
        operation = merged(record("crm", visit(slot=NOON)), policy=rules("crm", "site")).operations[0]
        entry = Quarantine(vendor="site", key=operation.id, reason="taken", appointment="a", remote_id="1")
        snapshots = [listing("crm", record("crm", visit(slot=NOON))), listing("site", unchanged={"1"})]
        plan = plan_for(snapshots, known(mapping("crm"), mapping("site")), quarantines=(entry,))
        [left] = plan.quarantined
        assert (left.vendor, left.appointment, left.remote_id, left.reason, left.new) == (
            "site",
            "a",
            "1",
            "taken",
            False,
        )
        assert left.operation is not None
        assert left.operation.id == operation.id

    def test_quarantines_of_several_appointments_are_all_reported(self) -> None:
        """The second does not replace the first."""
        both = [known(mapping("crm", None, key), mapping("site", None, key), id=key) for key in ("1", "2")]
        snapshots = [
            listing("crm", *(record("crm", visit(slot=NOON), key) for key in ("1", "2"))),
            listing("site", unchanged={"1", "2"}),
        ]
        first = plan_for(snapshots, *both)
        entries = tuple(Quarantine(vendor="site", key=o.id, reason="taken") for o in first.operations)
        plan = plan_for(snapshots, *both, quarantines=entries)
        assert sorted(str(left.appointment) for left in plan.quarantined) == ["1", "2"]
        assert [next_state.needs_another_cycle for next_state in plan.next_states] == [True, True]

    def test_a_bad_row_names_vendor_record_and_reason(self) -> None:
        """Also where another vendor was not polled at all."""
        row = BadRow(vendor="office", remote_id="7", reason="its date is missing", fingerprint=b"x")
        snapshots: list[Snapshot] = [NotPolled(vendor="crm"), listing("office", bad_rows=(row,))]
        [left] = plan_for(snapshots).quarantined
        assert (left.vendor, left.remote_id, left.reason, left.new) == ("office", "7", "its date is missing", True)

    def test_a_bad_row_is_told_apart_by_its_bytes_or_else_its_reason(self) -> None:
        """The same row for another reason is the same; without any bytes, the reason is all there is."""

        def key(fingerprint: bytes, reason: str) -> str:
            row = BadRow(vendor="office", remote_id="7", reason=reason, fingerprint=fingerprint)
            return plan_for([listing("office", bad_rows=(row,))]).quarantined[0].key

        assert key(b"x", "no date") == key(b"x", "no start")
        assert key(b"x", "no date") != key(b"y", "no date")
        assert key(b"", "no date") != key(b"", "no start")

    def test_an_objection_is_reported_with_its_create_and_looked_at_again(self) -> None:
        """The appointment, the reason, a name of its own for each, and another look whatever the vendors do."""
        able = replace(SITE, objection=lambda appointment: f"no service fits {appointment.title}")
        policy = rules("crm", Traits(name="site", capabilities=able))
        both = [known(mapping("crm", visit(title=key), key), id=key) for key in ("1", "2")]
        plan = plan_for([listing("crm", unchanged={"1", "2"}), listing("site")], *both, policy=policy)
        assert {(left.appointment, left.reason) for left in plan.quarantined} == {
            ("1", "no service fits 1"),
            ("2", "no service fits 2"),
        }
        assert len({left.key for left in plan.quarantined}) == 2
        assert [next_state.needs_another_cycle for next_state in plan.next_states] == [True, True]


class TestOperations:
    """An operation carries what is needed to carry it out and to know it again."""

    def test_a_change_names_record_and_appointment(self) -> None:
        """And the values that the vendor should hold."""
        [move, *_] = merged(record("crm", visit(slot=NOON))).operations
        assert (move.vendor, move.appointment, move.remote_id) == ("office", "a", "1")
        assert move.target.slot == NOON

    def test_creates_carry_every_value_that_the_vendor_takes(self) -> None:
        """And no other: nothing empty, nothing that can only be shown. Two vendors' creates are two operations."""
        appointment = visit(location="8 Oak Lane", notes="")
        plan = plan_for(
            [listing("office", unchanged={"1"}), listing("crm"), listing("site")], known(mapping("office", appointment))
        )
        creates = {operation.vendor: operation for operation in plan.operations}
        assert set(creates["crm"].changes) == {Field.SLOT, Field.TITLE, Field.LOCATION, Field.CLIENTS}
        assert set(creates["site"].changes) == {Field.SLOT, Field.STATUS, Field.CLIENTS}
        assert {create.appointment for create in creates.values()} == {"a"}
        assert creates["crm"].id != creates["site"].id

    def test_the_same_create_at_two_vendors_is_two(self) -> None:
        """Vendors of one kind: an approval, or a refusal, of the one is none of the other."""
        policy = rules("crm", "office", Traits(name="second", capabilities=ABLE["office"]))
        plan = plan_for(
            [listing("crm", unchanged={"1"}), listing("office"), listing("second")],
            known(mapping("crm")),
            policy=policy,
        )
        assert told(plan) == ["create office", "create second"]
        assert len({operation.id for operation in plan.operations}) == 2

    def test_only_the_value_that_a_vendor_cannot_hold_is_left_out(self) -> None:
        """It is asked for each field by itself."""
        able = replace(ABLE["office"], holds=lambda field, appointment: field is not Field.TITLE, together=())
        policy = rules("crm", Traits(name="office", capabilities=able))
        changed = record("crm", visit(title="Call", notes="Ring"))
        assert told(merged(changed, policy=policy)) == ["update office notes"]

    def test_the_same_create_for_two_appointments_is_two(self) -> None:
        """Twins that a vendor lacks are made both, each under its own name."""
        both = [known(mapping("crm", None, key), id=key) for key in ("1", "2")]
        plan = plan_for([listing("crm", unchanged={"1", "2"}), listing("office")], *both)
        assert told(plan) == ["create office", "create office"]
        assert len({operation.id for operation in plan.operations}) == 2

    def test_a_record_that_moved_on_makes_another_operation(self) -> None:
        """By its version, even where its values are the same: an approval counts for what was seen."""

        def moved(version: int) -> str:
            before = known(mapping("crm", revision=version), mapping("site"))
            site = listing("site", record("site", visit(slot=NOON)))
            return plan_for([listing("crm", unchanged={"1"}), site], before).operations[0].id

        assert moved(7) == moved(7)
        assert moved(7) != moved(8)


class TestHeld:
    """The guard's word."""

    def test_a_limit_and_a_doubt_are_told_apart(self) -> None:
        """What is missing without its vendor's word is held even if approved; what exceeds a limit is not."""
        assert {entry.doubtful for entry in many(*[GONE] * 11, live=20).held} == {False}
        snapshots = [listing("crm", doubtful={"1": "no answer"}), listing("site", unchanged={"1"})]
        assert [entry.doubtful for entry in plan_for(snapshots, known(mapping("crm"), mapping("site"))).held] == [True]

    def test_both_limits_hold_at_once(self) -> None:
        """Too many cancellations and too many moves at one vendor: all of them wait."""
        guard = Guard(max_cancels=Limit(count=1, percent=1), max_changes=Limit(count=1, percent=1))
        plan = many(GONE, GONE, visit(slot=NOON), visit(slot=NOON), guard=guard)
        assert len(plan.held) == 4
        assert not plan.operations

    def test_a_vendor_that_lost_its_only_record_lost_everything(self) -> None:
        """One expected and none listed is as doubtful as a hundred."""
        snapshots = [listing("crm", gone={"1"}, expected=1, listed=0), listing("site", unchanged={"1"})]
        plan = plan_for(snapshots, known(mapping("crm"), mapping("site")))
        assert [entry.doubtful for entry in plan.held] == [True]
        assert not plan.operations


@pytest.mark.parametrize("missed", ["cancelled", "moved"])
def test_what_a_vendor_missed_competes_under_its_own_reason(missed: str) -> None:
    """The conflict tells who decided it then, and why; the vendor's own later change is the other value."""
    agreed = visit(slot=NOON) if missed == "moved" else GONE
    field = Field.SLOT if missed == "moved" else Field.STATUS
    before = known(
        mapping("crm", agreed),
        mapping("office"),
        agreed=agreed,
        provenance={field: origin("crm", minutes_ago=1, text="crm decided it")},
    )
    found = record("office", visit(slot=THREE), modified_at=ago(90))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("office", found)], before)
    [conflict] = plan.conflicts
    assert "crm decided it" in conflict.explanation
    assert conflict.values["office"] == THREE
    assert only(plan).agreed.status is agreed.status


def test_a_status_that_a_vendor_missed_does_not_compete_with_its_other_changes() -> None:
    """Completed elsewhere while it was away, and noted here: both."""
    agreed = visit(status=Status.COMPLETED)
    before = known(mapping("crm", agreed), mapping("office"), agreed=agreed, provenance={Field.STATUS: origin("crm")})
    plan = plan_for([listing("crm", unchanged={"1"}), listing("office", record("office", visit(notes="Ring")))], before)
    assert not plan.conflicts
    assert told(plan) == ["update crm notes", "update office status"]


class TestClients:
    """Two clients, at vendors that show them in another order or only in part."""

    def test_a_rename_goes_to_the_right_person(self) -> None:
        """The site has them the other way round, and shows no numbers."""
        site = mapping("site", visit(clients=(OMAR, JANE)))
        before = known(mapping("crm", visit(clients=(JANE, OMAR))), site, agreed=visit(clients=(JANE, OMAR)))
        renamed = visit(clients=(replace(OMAR, last_name="Hadad"), JANE))
        plan = merged(record("site", renamed), policy=rules("crm", "site"), before=before)
        assert only(plan).agreed.clients == (JANE, replace(OMAR, last_name="Hadad"))

    def test_a_person_whom_a_vendor_calls_otherwise_is_told_by_the_place(self) -> None:
        """As many clients as agreed, and one of them under a name of the vendor's own."""
        site = mapping("site", visit(clients=(JANE, OMAR)))
        strange = replace(site.base, clients=(replace(JANE, phone="", first_name="J.", email=""), site.base.clients[1]))
        before = known(
            mapping("crm", visit(clients=(JANE, OMAR))),
            replace(site, base=strange),
            agreed=visit(clients=(JANE, OMAR)),
        )
        found = replace(strange, clients=(replace(strange.clients[0], email="new@example.com"), strange.clients[1]))
        plan = merged(record("site", found), policy=rules("crm", "site"), before=before)
        assert only(plan).agreed.clients == (replace(JANE, email="new@example.com"), OMAR)

    def test_a_new_person_brings_nobody_else_s_number(self) -> None:
        """Somebody takes the place of somebody else: what the site cannot show of them is not known."""
        ana = replace(OMAR, first_name="Ana", last_name="Lopes", email="ana@example.com", phone="")
        before = known(mapping("crm"), mapping("site"))
        plan = merged(record("site", visit(clients=(JANE, ana))), policy=rules("crm", "site"), before=before)
        assert only(plan).agreed.clients == (JANE, ana)
