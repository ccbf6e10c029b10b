"""Conflicts that wait for a person."""

from __future__ import annotations

from dataclasses import replace

from syncd.model.appointment import Field, Status
from syncd.model.plan import Plan
from syncd.model.record import NotPolled, Snapshot
from tests.reconcile.world import (
    GONE,
    MANUAL,
    NOON,
    THREE,
    again,
    ago,
    known,
    listing,
    mapping,
    merged,
    only,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)


class TestManual:
    """Under `manual`, a person decides."""

    policy = rules("crm", "office", "site", conflict=MANUAL)

    def conflicting(self) -> Plan:
        """A plan with two different moves."""
        return merged(record("crm", visit(slot=NOON)), record("office", visit(slot=THREE)), policy=self.policy)

    def test_nothing_is_written_for_the_field(self) -> None:
        """Two moves wait; nobody is moved, and the agreed time stays."""
        plan = self.conflicting()
        assert told(plan) == []
        assert only(plan).agreed.slot == slot()
        assert (plan.conflicts[0].winner, plan.conflicts[0].rule) == (None, "manual")
        assert only(plan).needs_another_cycle

    def test_the_conflict_is_there_again_next_time(self) -> None:
        """Both values are found again in the next cycle: nothing of a waiting conflict is lost."""
        first = self.conflicting()
        second = merged(
            record("crm", visit(slot=NOON)),
            record("office", visit(slot=THREE)),
            policy=self.policy,
            before=again(first),
        )
        assert second.conflicts[0].values == first.conflicts[0].values
        assert {m.fingerprint for m in only(first).mappings if m.vendor != "site"} == {None}

    def test_other_fields_go_on(self) -> None:
        """Notes that were changed meanwhile are brought to everybody, the vendors of the conflict included."""
        plan = merged(
            record("crm", visit(slot=NOON)),
            record("office", visit(slot=THREE)),
            record("site", visit(notes="Ring")),
            policy=self.policy,
        )
        assert told(plan) == ["update crm notes", "update office notes"]

    def test_a_status_that_waits_stops_no_other_field(self) -> None:
        """Completed here and a no-show there: the notes go on, the status waits."""
        plan = merged(
            record("crm", visit(status=Status.COMPLETED)),
            record("site", visit(status=Status.NO_SHOW, notes="Ring")),
            policy=self.policy,
        )
        assert told(plan) == ["update crm notes", "update office notes"]

    def test_another_rule_decides_it_by_the_times_of_the_changes(self) -> None:
        """Once the operator lets the newest win, a conflict that waited is decided as if it had just been seen."""
        changed = (
            record("crm", visit(slot=NOON), modified_at=ago(90)),
            record("office", visit(slot=THREE), modified_at=ago(30)),
        )
        first = merged(*changed, policy=self.policy)
        plan = merged(*changed, policy=rules("crm", "office", "site"), before=again(first))
        assert told(plan) == ["move crm slot", "move site slot"]
        assert plan.conflicts[0].rule == "newest"

    def test_it_ends_when_the_vendors_agree(self) -> None:
        """When one of the two takes the other's value, that is the agreed one."""
        first = self.conflicting()
        plan = merged(
            record("crm", visit(slot=NOON)), record("office", visit(slot=NOON)), policy=self.policy, before=again(first)
        )
        assert told(plan) == ["move site slot"]
        assert not plan.conflicts

    def test_it_ends_when_one_side_is_taken_back(self) -> None:
        """When one vendor goes back to what was agreed, the other's change stands alone."""
        first = self.conflicting()
        plan = merged(
            record("crm", visit(slot=NOON)), record("office", visit()), policy=self.policy, before=again(first)
        )
        assert told(plan) == ["move office slot", "move site slot"]

    def test_it_creates_nothing(self) -> None:
        """An appointment that waits for a person is created nowhere."""
        policy = rules("crm", "office", "site", conflict=MANUAL)
        snapshots = [
            listing("crm", record("crm", visit(slot=NOON))),
            listing("office", record("office", visit(slot=THREE))),
            listing("site"),
        ]
        plan = plan_for(snapshots, known(mapping("crm"), mapping("office")), policy=policy)
        assert told(plan) == []
        assert plan.waiting == ("1 create(s) at site put off: a conflict about it waits for a person",)

    def test_a_cancellation_ends_it(self) -> None:
        """Of an appointment that is cancelled meanwhile, nobody has to decide the time."""
        plan = merged(
            record("crm", visit(slot=NOON)),
            record("office", visit(slot=THREE)),
            record("site", GONE),
            policy=self.policy,
        )
        assert told(plan) == ["cancel crm", "cancel office"]
        assert {(c.winner, c.rule) for c in plan.conflicts} == {("site", "cancel_wins")}
        assert plan.conflicts[0].values == {"crm": NOON, "office": THREE, "site": Status.CANCELLED}

    def test_a_cancellation_that_does_not_win_waits_too(self) -> None:
        """Without cancel_wins, cancelled here and moved there is a question as well: nothing is written."""
        plan = merged(
            record("crm", visit(slot=NOON)), record("site", GONE), policy=replace(self.policy, cancel_wins=False)
        )
        assert told(plan) == []
        assert only(plan).agreed == visit()
        assert plan.conflicts[0].values == {"crm": NOON, "site": Status.CANCELLED}

    def test_a_cancellation_that_waits_replaces_no_record(self) -> None:
        """Book could only make a new record: until somebody decides, the cancelled one is the appointment's."""
        policy = rules("crm", "book", conflict=MANUAL, cancel_wins=False)
        plan = merged(record("crm", visit(slot=NOON)), record("book", GONE), policy=policy)
        assert told(plan) == []
        assert [m.tombstone for m in only(plan).mappings] == [None, None]


class TestUndecided:
    """A field about which a person was asked, while a vendor that differs cannot be seen."""

    policy = rules("crm", "office", "site", conflict=MANUAL)

    def planned(
        self, *snapshots: Snapshot, field: Field = Field.SLOT, vendors: tuple[str, ...] = ("crm", "office")
    ) -> Plan:
        """Where crm and office, or others, were found to differ in a field, and nobody has decided."""
        before = known(mapping("crm"), mapping("office"), mapping("site"), undecided={field: frozenset(vendors)})
        return plan_for(list(snapshots), before, policy=self.policy)

    def test_the_change_that_is_left_decides_nothing(self) -> None:
        """Nobody is moved, the agreed time stays, and the change is found again when both are there."""
        plan = self.planned(
            listing("crm", record("crm", visit(slot=NOON))),
            NotPolled(vendor="office"),
            listing("site", unchanged={"1"}),
        )
        assert told(plan) == []
        assert only(plan).agreed.slot == slot()
        assert {m.vendor: m.base.slot for m in only(plan).mappings}["crm"] == slot()
        assert only(plan).needs_another_cycle

    def test_a_record_that_may_be_gone_is_not_seen_either(self) -> None:
        """It is missing from its listing, and its vendor has not said why."""
        plan = self.planned(
            listing("crm", record("crm", visit(slot=NOON))),
            listing("office", doubtful={"1": "not asked for"}),
            listing("site", unchanged={"1"}),
        )
        assert not [line for line in told(plan) if "slot" in line]
        assert only(plan).agreed.slot == slot()

    def test_other_fields_go_on(self) -> None:
        """Notes have nothing to do with it."""
        changed = visit(slot=NOON, notes="Ring")
        plan = self.planned(
            listing("crm", record("crm", changed)), NotPolled(vendor="office"), listing("site", unchanged={"1"})
        )
        assert told(plan) == ["update site notes"]

    def test_where_all_that_differ_are_seen_it_is_merged_as_ever(self) -> None:
        """Office came to agree by itself: there is nothing to decide."""
        plan = self.planned(
            listing("crm", record("crm", visit(slot=NOON))),
            listing("office", unchanged={"1"}),
            NotPolled(vendor="site"),
        )
        assert only(plan).agreed.slot == slot(12)

    def test_a_cancellation_waits_as_well(self) -> None:
        """It was one of the two things that a person was asked about."""
        plan = self.planned(
            listing("crm", record("crm", visit(status=Status.CANCELLED))),
            NotPolled(vendor="office"),
            listing("site", unchanged={"1"}),
            field=Field.STATUS,
        )
        assert told(plan) == []
        assert only(plan).agreed.status is Status.SCHEDULED

    def test_a_time_waits_with_the_status_of_an_appointment_that_may_stand_again(self) -> None:
        """Called off, revived by crm and set to pending by site, which both moved it: both are asked about."""
        before = known(mapping("crm", GONE), mapping("office", GONE), mapping("site"), agreed=GONE)
        plan = plan_for(
            [
                listing("crm", record("crm", visit(slot=NOON))),
                listing("office", unchanged={"1"}),
                listing("site", record("site", visit(slot=THREE, status=Status.PENDING))),
            ],
            before,
            policy=self.policy,
        )
        assert {conflict.field for conflict in plan.conflicts if conflict.winner is None} == {Field.STATUS, Field.SLOT}
        assert {m.vendor: m.base.slot for m in only(plan).mappings} == {"crm": slot(), "office": slot(), "site": slot()}
