"""Who wins when people change the same appointment at several vendors."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Known
from syncd.model.plan import Plan
from syncd.model.policy import Policy
from syncd.model.record import NotPolled, Record, Snapshot
from tests.reconcile.world import (
    EARLIER,
    JANE,
    MANUAL,
    NEWEST,
    NOW,
    PRIORITY,
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

NOON, THREE = slot(12), slot(15)
GONE = visit(status=Status.CANCELLED)
ALL = ("crm", "book", "office", "site")


def ago(seconds: float) -> Any:
    """A moment before NOW."""
    return NOW - timedelta(seconds=seconds)


def merged(*changed: Record, policy: Policy | None = None, before: Known | None = None) -> Plan:
    """The plan after these records changed and those of the other vendors did not."""
    everyone = policy or rules("crm", "office", "site")
    by_vendor = {one.vendor: one for one in changed}
    snapshots: list[Snapshot] = [
        listing(v.name, by_vendor[v.name]) if v.name in by_vendor else listing(v.name, unchanged={"1"})
        for v in everyone.vendors
    ]
    return plan_for(snapshots, before or known(*(mapping(v.name) for v in everyone.vendors)), policy=everyone)


def test_one_vendors_change_goes_to_the_others() -> None:
    """A moved appointment is moved at every other vendor, and each move says who moved it, from when to when."""
    plan = merged(record("crm", visit(slot=NOON), modified_at=ago(60)))
    assert told(plan) == ["move office slot", "move site slot"]
    assert plan.operations[0].reason == (
        "crm moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 12:00–12:30 UTC at 2030-03-04 07:59:01 UTC; "
        "unchanged elsewhere"
    )
    assert only(plan).provenance[Field.SLOT].vendor == "crm"


def test_different_fields_do_not_compete() -> None:
    """Moved at one vendor and noted at another, it gets both."""
    plan = merged(record("crm", visit(slot=NOON)), record("office", visit(notes="Ring")))
    assert told(plan) == ["update crm notes", "move office slot", "update site notes", "move site slot"]
    assert not plan.conflicts


def test_the_same_change_at_several_vendors_is_agreed() -> None:
    """Moved to the same time at two vendors, only the third is moved; there is no conflict."""
    plan = merged(record("crm", visit(slot=NOON)), record("office", visit(slot=NOON)))
    assert told(plan) == ["move site slot"]
    assert not plan.conflicts


def test_the_newest_change_wins_where_the_times_tell() -> None:
    """Of two moves with modification times, the later one wins; the conflict keeps both values and the rule."""
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(90)), record("office", visit(slot=THREE), modified_at=ago(30))
    )
    assert told(plan) == ["move crm slot", "move site slot"]
    [conflict] = plan.conflicts
    assert (conflict.field, conflict.winner, conflict.rule) == (Field.SLOT, "office", "newest")
    assert conflict.values == {"crm": NOON, "office": THREE}
    assert conflict.explanation.endswith("the later change wins")


def test_a_vendors_clock_is_corrected() -> None:
    """A vendor whose clock is a minute fast has not changed the record a minute later."""
    fast = listing("office", record("office", visit(slot=THREE), modified_at=ago(30)), clock_offset=60.0)
    right = listing("crm", record("crm", visit(slot=NOON), modified_at=ago(60)), clock_offset=0.0)
    plan = plan_for([right, fast], known(mapping("crm"), mapping("office")))
    assert only(plan).agreed.slot == NOON
    assert plan.conflicts[0].rule == "newest"


@pytest.mark.parametrize(("order", "winner"), [(("crm", "site"), NOON), (("site", "crm"), THREE)])
def test_times_that_overlap_decide_nothing(order: tuple[str, str], winner: Any) -> None:
    """Against a vendor that tells no modification time, the priority decides if the change may have been later."""
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(60)),
        record("site", visit(slot=THREE)),
        policy=rules(*order),
    )
    assert only(plan).agreed.slot == winner
    assert plan.conflicts[0].rule == "priority"


def test_a_change_that_was_surely_later_wins_even_without_a_modification_time() -> None:
    """A record that was still unchanged after the other vendor's change was changed later."""
    before = known(mapping("crm"), mapping("site", known_at=ago(60)))
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(70)),
        record("site", visit(slot=THREE)),
        policy=rules("crm", "site"),
        before=before,
    )
    assert only(plan).agreed.slot == THREE
    assert plan.conflicts[0].rule == "newest"


@pytest.mark.parametrize("order", list(itertools.permutations(("crm", "office", "site"))))
def test_by_priority_the_vendor_named_first_wins(order: tuple[str, ...]) -> None:
    """Under `priority` the time of a change does not matter."""
    slots = dict(zip(("crm", "office", "site"), (NOON, THREE, slot(17)), strict=True))
    changed = [record(vendor, visit(slot=when), modified_at=ago(40)) for vendor, when in slots.items()]
    plan = merged(*changed, policy=rules(*order, conflict=PRIORITY))
    assert only(plan).agreed.slot == slots[order[0]]
    assert plan.conflicts[0].winner == order[0]


def test_the_first_vendor_wins_with_whoever_agrees_with_it() -> None:
    """Two vendors that made the same change stand together, under the better priority of the two."""
    plan = merged(
        record("crm", visit(slot=NOON)),
        record("office", visit(slot=THREE)),
        record("site", visit(slot=NOON)),
        policy=rules("crm", "office", "site", conflict=PRIORITY),
        before=known(mapping("crm"), mapping("office"), mapping("site", known_at=ago(20))),
    )
    assert told(plan) == ["move office slot"]
    assert plan.conflicts[0].winner == "crm"


def test_the_losers_record_gets_the_winners_value() -> None:
    """A vendor that lost is brought in step; what it had is in the conflict."""
    plan = merged(
        record("crm", visit(notes="one")), record("office", visit(notes="two")), policy=rules("crm", "office")
    )
    assert told(plan) == ["update office notes"]
    assert plan.conflicts[0].values == {"crm": "one", "office": "two"}


def test_a_value_that_the_loser_cannot_take_is_not_written() -> None:
    """A vendor that changes no titles keeps the title that lost, and is not asked again."""
    policy = rules("office", "crm", conflict=PRIORITY)
    plan = merged(record("crm", visit(title="Two")), record("office", visit(title="One")), policy=policy)
    assert told(plan) == []
    assert only(plan).agreed.title == "One"
    assert [conflict.field for conflict in plan.conflicts] == [Field.TITLE]


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
        assert only(plan).pending

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


class TestCancelling:
    """A cancellation against other changes."""

    def test_it_goes_everywhere(self) -> None:
        """Cancelled at one vendor and unchanged at the others, it is cancelled everywhere."""
        plan = merged(record("crm", GONE))
        assert told(plan) == ["cancel office", "cancel site"]
        assert "crm cancelled it" in plan.operations[0].reason

    def test_it_wins(self) -> None:
        """By default a cancellation wins over any other change, and the conflict keeps what was changed."""
        plan = merged(record("crm", GONE), record("site", visit(slot=NOON, notes="Ring")))
        assert told(plan) == ["cancel office", "cancel site"]
        assert {c.field: c.values["site"] for c in plan.conflicts} == {Field.SLOT: NOON, Field.NOTES: "Ring"}

    def test_it_does_not_win_if_it_must_not(self) -> None:
        """Without cancel_wins the later change wins: the appointment stands, and is revived where it was cancelled."""
        plan = merged(
            record("crm", GONE, modified_at=ago(90)),
            record("office", visit(slot=NOON), modified_at=ago(30)),
            policy=rules("crm", "office", "site", cancel_wins=False),
        )
        assert told(plan) == ["move crm slot status", "move site slot"]
        assert plan.conflicts[0].rule == "newest"

    def test_without_the_rule_it_may_win_all_the_same(self) -> None:
        """Without cancel_wins a cancellation that came later wins like any other change."""
        plan = merged(
            record("crm", GONE, modified_at=ago(30)),
            record("office", visit(slot=NOON), modified_at=ago(90)),
            policy=rules("crm", "office", "site", cancel_wins=False),
        )
        assert told(plan) == ["cancel office", "cancel site"]

    def test_what_else_became_of_the_cancelled_record_concerns_nobody(self) -> None:
        """A cancelled record's other changes are no changes of the appointment."""
        ended = visit(status=Status.CANCELLED, notes="No longer", slot=slot(minutes=1))
        plan = merged(record("site", ended))
        assert told(plan) == ["cancel crm", "cancel office"]
        assert only(plan).agreed == GONE

    def test_completed_goes_to_those_that_can_say_so(self) -> None:
        """An appointment that took place is completed at the vendors that know the word."""
        plan = merged(record("crm", visit(status=Status.COMPLETED)), policy=rules(*ALL))
        assert told(plan) == ["update office status"]

    def test_no_show_goes_to_those_that_can_say_so(self) -> None:
        """A no-show likewise."""
        plan = merged(record("crm", visit(status=Status.NO_SHOW)), policy=rules(*ALL))
        assert told(plan) == ["update book status", "update site status"]


class TestAway:
    """A vendor was away while the others agreed on something."""

    policy = rules("site", "crm", "office")

    def behind(self, **more: Any) -> Known:
        """Moved to noon by crm an hour ago; office has taken it, site has not."""
        agreed = visit(slot=NOON)
        taken = [mapping(vendor, agreed) for vendor in ("crm", "office")]
        provenance = {Field.SLOT: origin("crm", text="crm moved it to noon")}
        return replace(known(*taken, mapping("site"), agreed=agreed, provenance=provenance), **more)

    def test_it_gets_what_it_missed(self) -> None:
        """Back again and unchanged, it is moved, for the reason that crm moved it."""
        plan = merged(policy=self.policy, before=self.behind())
        assert told(plan) == ["move site slot"]
        assert plan.operations[0].reason == "crm moved it to noon"

    def test_its_own_change_does_not_overrule_unseen(self) -> None:
        """Where its own people moved it too, that is a conflict with what the others had agreed on."""
        before = self.behind(provenance={Field.SLOT: origin("crm", minutes_ago=1, text="crm moved it to noon")})
        policy = rules("crm", "office", "site")
        plan = merged(record("site", visit(slot=THREE)), policy=policy, before=before)
        [conflict] = plan.conflicts
        assert conflict.values == {"crm": NOON, "site": THREE}
        assert told(plan) == ["move site slot"]

    def test_its_own_change_wins_if_it_was_later(self) -> None:
        """A move that was surely made after the agreed one wins."""
        before = self.behind(provenance={Field.SLOT: origin("crm", minutes_ago=5)})
        plan = merged(record("site", visit(slot=THREE)), policy=self.policy, before=before)
        assert only(plan).agreed.slot == THREE
        assert plan.conflicts[0].rule == "newest"
        assert before.provenance[Field.SLOT].when.latest < EARLIER

    def test_another_field_does_not_compete(self) -> None:
        """Notes that its people took meanwhile go to the others, and it is moved."""
        plan = merged(record("site", visit(notes="Ring")), policy=self.policy, before=self.behind())
        assert told(plan) == ["move site slot", "update crm notes", "update office notes"]
        assert not plan.conflicts

    def test_a_cancellation_that_it_missed_wins_over_its_changes(self) -> None:
        """Cancelled while it was away, its people's notes are in the conflict, and it is cancelled there."""
        before = known(
            mapping("crm", GONE),
            mapping("site"),
            agreed=GONE,
            provenance={Field.STATUS: origin("crm", text="crm cancelled it")},
        )
        plan = merged(record("site", visit(notes="Ring")), policy=rules("crm", "site"), before=before)
        assert told(plan) == ["cancel site"]
        assert plan.conflicts[0].values == {"site": "Ring", "crm": Status.CANCELLED}

    def test_what_was_agreed_and_then_changed_again_competes_no_more(self) -> None:
        """An agreed move that crm, which had it, has moved further is past; only the two new moves compete."""
        before = self.behind(provenance={Field.SLOT: origin("office", text="office moved it to noon")})
        changed = [record("crm", visit(slot=slot(17)), modified_at=ago(60)), record("site", visit(slot=THREE))]
        plan = merged(*changed, policy=rules("office", "crm", "site", conflict=PRIORITY), before=before)
        assert plan.conflicts[0].values == {"crm": slot(17), "site": THREE}
        assert only(plan).agreed.slot == slot(17)

    def test_a_revival_is_not_undone_by_the_cancellation_before_it(self) -> None:
        """Cancelled while site was away and then scheduled again at crm, it is not cancelled by the notes of site."""
        before = known(
            mapping("crm", GONE),
            mapping("office", GONE, tombstone="deleted"),
            mapping("site"),
            agreed=GONE,
            provenance={Field.STATUS: origin("office", text="office deleted it")},
        )
        plan = merged(
            record("crm", visit()), record("site", visit(notes="Ring")), policy=rules("crm", "site"), before=before
        )
        assert told(plan) == ["update crm notes"]
        assert only(plan).agreed == visit(notes="Ring")

    def test_a_value_that_it_cannot_take_does_not_compete(self) -> None:
        """A title that crm never takes is no rival of the title that crm's people give it."""
        before = known(
            mapping("crm"),
            mapping("office", visit(title="New")),
            agreed=visit(title="New"),
            provenance={Field.TITLE: origin("office")},
        )
        plan = merged(record("crm", visit(title="Newer")), policy=rules("crm", "office"), before=before)
        assert told(plan) == ["update office title"]
        assert not plan.conflicts

    def test_an_unpolled_vendor_changes_nothing(self) -> None:
        """A vendor that was not due is neither written nor taken as changed."""
        snapshots: list[Snapshot] = [listing("crm", record("crm", visit(slot=NOON))), NotPolled(vendor="site")]
        plan = plan_for(snapshots, known(mapping("crm"), mapping("site")))
        assert told(plan) == []
        assert only(plan).agreed.slot == NOON


class TestParts:
    """Vendors that show a part of a value decide that part alone."""

    policy = rules("site", "book", "crm", "office")

    def test_hidden_parts_of_a_client_stay(self) -> None:
        """A vendor that shows no phone numbers renames the client, and the number is kept everywhere."""
        renamed = replace(JANE, last_name="Jones")
        plan = merged(record("site", visit(clients=(renamed,))), policy=self.policy)
        assert only(plan).agreed.clients == (renamed,)
        assert told(plan) == ["update book clients", "update crm clients", "update office clients"]

    def test_the_same_renaming_at_two_vendors_is_agreed(self) -> None:
        """Renamed where phone numbers show and where they do not, it is one change."""
        renamed = replace(JANE, last_name="Jones")
        plan = merged(*(record(v, visit(clients=(renamed,))) for v in ("site", "crm")), policy=self.policy)
        assert not plan.conflicts
        assert only(plan).agreed.clients == (renamed,)

    def test_a_renamed_client_keeps_the_number_as_others_write_it(self) -> None:
        """A vendor that formats numbers its own way is not written to for the number when it renames the client."""
        agreed = visit(clients=(replace(JANE, phone="+1 555-0100"),))
        shown = mapping("office", agreed, base=visit(clients=(replace(JANE, phone="5550100"),)))
        plan = merged(
            record("office", visit(clients=(replace(JANE, phone="5550100", last_name="Jones"),))),
            policy=rules("crm", "office"),
            before=known(mapping("crm", agreed), shown),
        )
        assert told(plan) == ["update crm clients"]
        assert only(plan).agreed.clients[0].phone == "+1 555-0100"

    def test_clients_that_change_places_keep_their_numbers(self) -> None:
        """Where two clients are shown in another order, nobody gets the other's number."""
        tom = Client(first_name="Tom", last_name="Berg", email="tom@example.com", phone="5550122")
        two = visit(clients=(JANE, tom))
        plan = merged(
            record("site", visit(clients=(tom, JANE))),
            policy=rules("crm", "site"),
            before=known(mapping("crm", two), mapping("site", two)),
        )
        assert only(plan).agreed.clients == (tom, JANE)

    def test_an_end_that_a_vendor_cannot_choose_decides_nothing(self) -> None:
        """Moved to the same start where the end is chosen and where it is not: the chosen end counts, no conflict."""
        plan = merged(
            record("book", visit(slot=slot(12, minutes=50))), record("crm", visit(slot=NOON)), policy=self.policy
        )
        assert only(plan).agreed.slot == NOON
        assert told(plan) == ["move site slot", "move office slot"]
        assert not plan.conflicts

    def test_the_winner_stands_for_all_who_agree_with_it(self) -> None:
        """The latest move was made where no end is chosen; the end comes from who moved it there as well."""
        before = known(*(mapping(v) for v in ("site", "crm", "office")), mapping("book", known_at=ago(20)))
        plan = merged(
            record("book", visit(slot=slot(12, minutes=50))),
            record("crm", visit(slot=NOON), modified_at=ago(90)),
            record("office", visit(slot=THREE), modified_at=ago(60)),
            policy=self.policy,
            before=before,
        )
        assert plan.conflicts[0].winner == "book"
        assert only(plan).agreed.slot == NOON

    def test_two_chosen_ends_conflict_whatever_a_third_vendor_shows(self) -> None:
        """A vendor that chooses no end does not make two different ends one."""
        plan = merged(
            record("book", visit(slot=slot(12, minutes=50))),
            record("crm", visit(slot=NOON)),
            record("office", visit(slot=slot(12, minutes=90))),
            policy=self.policy,
        )
        assert plan.conflicts[0].values == {
            "book": slot(12, minutes=50),
            "crm": NOON,
            "office": slot(12, minutes=90),
        }

    def test_seconds_that_a_vendor_drops_are_no_conflict(self) -> None:
        """The same minute, with seconds and without, is one time: the one with seconds."""
        exact = replace(NOON, start=NOON.start + timedelta(seconds=20), end=NOON.end + timedelta(seconds=20))
        plan = merged(record("crm", visit(slot=exact)), record("office", visit(slot=NOON)), policy=self.policy)
        assert not plan.conflicts
        assert only(plan).agreed.slot == exact
        assert told(plan) == ["move site slot", "move book slot"]


@pytest.mark.parametrize("rule", [NEWEST, PRIORITY, MANUAL])
def test_blanks_case_of_an_address_and_the_look_of_a_number_are_no_change(rule: Any) -> None:
    """A text with other blanks around it, an address in capitals and a number with hyphens change nothing."""
    same: Appointment = visit(title=" Visit ", clients=(replace(JANE, email="JANE@example.com", phone="555-01 00"),))
    plan = merged(record("crm", same), record("office", same), policy=rules("crm", "office", conflict=rule))
    assert not plan.operations
    assert not plan.conflicts
