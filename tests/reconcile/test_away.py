"""A vendor that was away while the others agreed on something."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Field, Status
from syncd.model.memory import Known
from syncd.model.record import NotPolled, Snapshot
from tests.reconcile.world import (
    EARLIER,
    GONE,
    NOON,
    PRIORITY,
    THREE,
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

    def test_a_move_at_a_vendor_that_cannot_show_an_end_does_not_hide_a_lost_resize(self) -> None:
        """An agreed end that book cannot show, so that its people never knew it, is a rival where site lacks it."""
        longer = visit(slot=slot(minutes=90))
        before = known(
            mapping("office", longer),
            mapping("book"),
            mapping("site"),
            agreed=longer,
            provenance={Field.SLOT: origin("office", text="office resized it")},
        )
        changed = [record("book", visit(slot=slot(17))), record("site", visit(slot=THREE))]
        plan = merged(*changed, policy=rules("site", "book", "office", conflict=PRIORITY), before=before)
        assert plan.conflicts[0].values == {"site": THREE, "book": slot(17), "office": slot(minutes=90)}

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

    @pytest.mark.parametrize(("cancel_wins", "done"), [(True, ["cancel crm"]), (False, ["create book"])])
    def test_a_cancellation_goes_against_a_revival_that_its_vendor_did_not_hear_of(
        self, cancel_wins: bool, done: list[str]
    ) -> None:
        """Cancelled and revived at crm while book was away, it was cancelled there too: a conflict, decided by rule."""
        why = {Field.STATUS: origin("crm", minutes_ago=1, text="crm scheduled it again")}
        before = known(mapping("crm"), mapping("book"), agreed=visit(), provenance=why)
        policy = rules("crm", "book", conflict=PRIORITY, cancel_wins=cancel_wins)
        plan = merged(record("book", GONE), policy=policy, before=before)
        assert told(plan) == done
        assert plan.conflicts[0].values == {"crm": Status.SCHEDULED, "book": Status.CANCELLED}

    @pytest.mark.parametrize("gone", [True, False])
    @pytest.mark.parametrize(("cancel_wins", "done"), [(True, ["cancel office", "cancel site"]), (False, ["book"])])
    def test_a_deletion_that_was_in_doubt_goes_against_what_was_agreed_on_meanwhile(
        self, gone: bool, cancel_wins: bool, done: list[str]
    ) -> None:
        """Its record was missing; office's note, agreed on then, is newer than the deletion, or may be."""
        noted, why = visit(notes="Ring"), {Field.NOTES: origin("office", minutes_ago=1, text="office noted that")}
        before = known(
            mapping("book", missing=True),
            *(mapping(vendor, noted) for vendor in ("office", "site")),
            agreed=noted,
            provenance=why,
        )
        policy = rules("office", "site", "book", conflict=PRIORITY, cancel_wins=cancel_wins)
        ended = listing("book", gone={"1"}) if gone else listing("book", record("book", GONE))
        others = [listing(vendor, unchanged={"1"}) for vendor in ("office", "site")]
        plan = plan_for([ended, *others], before, policy=policy)
        assert plan.conflicts[0].values == {"office": "Ring", "book": Status.CANCELLED}
        assert told(plan) == (done if cancel_wins else ["create book"])
        at_once = replace(before, mappings=(replace(before.mappings[0], missing=False), *before.mappings[1:]))
        assert plan_for([ended, *others], at_once, policy=policy).conflicts == ()

    def untaken(self) -> Known:
        """Office has given it another title, which crm never takes."""
        return known(
            mapping("crm"),
            mapping("office", visit(title="New")),
            agreed=visit(title="New"),
            provenance={Field.TITLE: origin("office", minutes_ago=1)},
        )

    def test_a_value_that_it_cannot_take_competes_until_it_was_seen_beside_it(self) -> None:
        """A title that crm's people gave it before crm was read again goes against the one of office: a conflict."""
        plan = merged(record("crm", visit(title="Newer")), policy=rules("crm", "office"), before=self.untaken())
        assert told(plan) == ["update office title"]
        assert plan.conflicts[0].values == {"crm": "Newer", "office": "New"}

    def test_a_value_that_it_cannot_take_does_not_compete_any_more_once_it_was_seen_beside_it(self) -> None:
        """A title that crm never takes is no rival of the title that crm's people give it later."""
        policy = rules("office", "crm", conflict=PRIORITY)
        seen = only(merged(policy=policy, before=self.untaken()))
        before = replace(self.untaken(), mappings=seen.mappings)
        plan = merged(record("crm", visit(title="Newer")), policy=policy, before=before)
        assert told(plan) == ["update office title"]
        assert not plan.conflicts

    def test_it_is_looked_at_again_as_long_as_a_value_that_it_cannot_take_was_not_seen_beside_it(self) -> None:
        """As where crm was not read: the appointment waits for the cycle in which it is."""
        snapshots: list[Snapshot] = [NotPolled(vendor="crm"), listing("office")]
        policy = rules("crm", "office")
        assert only(plan_for(snapshots, self.untaken(), policy=policy)).needs_another_cycle
        assert not only(merged(policy=policy, before=self.untaken())).needs_another_cycle

    def test_a_second_look_within_a_cycle_is_none_by_which_a_vendor_hears_of_it(self) -> None:
        """Crm's record, read again in the cycle that agreed on a title, shows nothing that its people could know."""
        policy = rules("crm", "office")
        again: list[Snapshot] = [part("crm", record("crm"), again=True), listing("office", unchanged={"1"})]
        first = only(plan_for(again, self.untaken(), policy=policy))
        assert first.needs_another_cycle
        before = replace(self.untaken(), mappings=first.mappings)
        plan = merged(record("crm", visit(title="Newer")), policy=policy, before=before)
        assert plan.conflicts[0].values == {"crm": "Newer", "office": "New"}

    def unshown(self) -> Known:
        """Office has made it longer, which book cannot show."""
        longer = visit(slot=slot(minutes=90))
        why = {Field.SLOT: origin("office", minutes_ago=1)}
        return known(mapping("book"), mapping("office", longer), agreed=longer, provenance=why)

    def test_a_status_that_it_cannot_say_competes_until_it_was_seen_beside_it(self) -> None:
        """Pending at site, which crm has no word for: that crm's people say no-show is a conflict at first."""
        pending = visit(status=Status.PENDING)
        why = {Field.STATUS: origin("site", minutes_ago=1)}
        before = known(mapping("crm"), mapping("site", pending), agreed=pending, provenance=why)
        policy, missed = rules("crm", "site"), record("crm", visit(status=Status.NO_SHOW))
        plan = merged(missed, policy=policy, before=before)
        assert plan.conflicts[0].values == {"crm": Status.NO_SHOW, "site": Status.PENDING}
        seen = only(merged(policy=policy, before=before))
        assert not seen.needs_another_cycle
        later = merged(missed, policy=policy, before=replace(before, mappings=seen.mappings))
        assert told(later) == ["update site status"]
        assert not later.conflicts

    def test_an_end_that_it_cannot_show_competes_until_it_was_seen_beside_it(self) -> None:
        """A move that book's people made before book was read again goes against the longer time: a conflict."""
        snapshots: list[Snapshot] = [NotPolled(vendor="book"), listing("office", unchanged={"1"})]
        policy = rules("book", "office")
        assert only(plan_for(snapshots, self.unshown(), policy=policy)).needs_another_cycle
        plan = merged(record("book", visit(slot=slot(17))), policy=policy, before=self.unshown())
        assert plan.conflicts[0].values == {"book": slot(17), "office": slot(minutes=90)}

    def test_an_end_that_it_cannot_show_does_not_compete_any_more_once_it_was_seen_beside_it(self) -> None:
        """A later move at book is the newest word on the time, and goes against nobody."""
        policy = rules("book", "office")
        seen = only(merged(policy=policy, before=self.unshown()))
        assert not seen.needs_another_cycle
        plan = merged(
            record("book", visit(slot=slot(17))), policy=policy, before=replace(self.unshown(), mappings=seen.mappings)
        )
        assert told(plan) == ["move office slot"]
        assert not plan.conflicts

    def test_an_unpolled_vendor_changes_nothing(self) -> None:
        """A vendor that was not due is neither written nor taken as changed."""
        snapshots: list[Snapshot] = [listing("crm", record("crm", visit(slot=NOON))), NotPolled(vendor="site")]
        plan = plan_for(snapshots, known(mapping("crm"), mapping("site")))
        assert told(plan) == []
        assert only(plan).agreed.slot == NOON
