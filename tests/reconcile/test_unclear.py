"""Endings and revivals that may go against a write of ours without an answer: a person is asked, and decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Field, Status
from syncd.model.memory import Known, Mapping
from syncd.model.plan import Conflict, Plan
from syncd.reconcile import decide
from tests.reconcile.world import (
    GONE,
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
    told,
    visit,
)

PENDING = visit(status=Status.PENDING)
STATUS = frozenset({Field.STATUS})


def asked(vendor: str, base: Any, intended: Any, **more: Any) -> Mapping:
    """A record whose status was written ten minutes ago, and no answer came."""
    return mapping(
        vendor, base, in_flight=intended, in_flight_fields=STATUS, in_flight_since=ago(600), fingerprint=b"x", **more
    )


def decided(plan: Plan, conflict: Conflict, winner: str, before: Mapping) -> Known:
    """What is known once an operator said who is right; the write without an answer is still open."""
    values = {vendor: (Field.STATUS, value) for vendor, value in conflict.values.items()}
    after = decide(again(plan), values, winner, None, NOW)
    open_ones = {
        m.vendor: replace(m, in_flight=before.in_flight, in_flight_fields=STATUS, in_flight_since=ago(600))
        for m in after.mappings
        if m.vendor == before.vendor
    }
    return replace(after, mappings=tuple(open_ones.get(m.vendor, m) for m in after.mappings))


class TestGone:
    """The site's record was to be scheduled again, as the CRM's is, and is gone."""

    site = asked("site", GONE, visit())
    before = known(mapping("crm"), site, agreed=visit(), provenance={Field.STATUS: origin("crm", minutes_ago=20)})
    shots = (listing("crm", unchanged={"1"}), listing("site", gone={"1"}))

    def test_nobody_knows_what_was_deleted(self) -> None:
        """A revived record, or a cancelled one: nothing is written, and a person sees both readings."""
        plan = plan_for(self.shots, self.before)
        [conflict] = plan.conflicts
        assert told(plan) == []
        assert (conflict.values, conflict.winner) == (
            {"crm": Status.SCHEDULED, "site": Status.CANCELLED},
            None,
        )
        assert "tidied away" in conflict.explanation
        assert plan_for(self.shots, again(plan)).conflicts == plan.conflicts

    @pytest.mark.parametrize(("winner", "then"), [("site", ["cancel crm"]), ("crm", ["create site"])])
    def test_what_a_person_says_is_done_and_not_asked_again(self, winner: str, then: list[str]) -> None:
        """For the site it is called off; for the CRM it stands, and the site gets a record anew."""
        plan = plan_for(self.shots, self.before)
        later = plan_for(self.shots, decided(plan, plan.conflicts[0], winner, self.site))
        assert (told(later), later.conflicts) == (then, ())

    def test_a_record_that_stood_before_that_is_called_off(self) -> None:
        """What was asked for is no revival then: its deletion says what it always does."""
        site = asked("site", visit(), visit())
        plan = plan_for(self.shots, known(mapping("crm"), site))
        assert told(plan) == ["cancel crm"]


class TestChanged:
    """The site's record was to be cancelled, as the CRM's is gone, and has another status than before."""

    crm = mapping("crm", GONE, tombstone="crm says that it no longer exists")

    def plan(self, base: Any, shown: Any, **more: Any) -> Plan:
        """What follows; `more` goes into the record."""
        site = asked("site", base, GONE, **({"revision": 3} if "revision" in more else {}))
        before = known(self.crm, site, agreed=GONE, provenance={Field.STATUS: origin("crm", minutes_ago=20)})
        return plan_for([listing("crm"), listing("site", record("site", shown, **more))], before)

    def test_nobody_knows_when_it_was_changed(self) -> None:
        """Before the cancellation was carried out, or after: it stays, and a person is asked."""
        plan = self.plan(PENDING, visit())
        [conflict] = plan.conflicts
        assert (told(plan), conflict.winner) == ([], None)
        assert conflict.values == {"crm": Status.CANCELLED, "site": Status.SCHEDULED}
        assert "goes down with the cancellation" in conflict.explanation

    def test_where_the_vendor_counts_versions_they_tell(self) -> None:
        """Written once since, it was not cancelled in between; the cancellation wins over a change."""
        plan = self.plan(PENDING, visit(), revision=4)
        assert [conflict.winner for conflict in plan.conflicts] == ["crm"]

    def test_a_tag_does_not_tell(self) -> None:
        """It is another, however often the record was written."""
        plan = self.plan(PENDING, visit(), revision="another")
        assert [conflict.winner for conflict in plan.conflicts] == [None]

    def test_as_it_was_it_was_not_cancelled(self) -> None:
        """Nothing says that anybody did anything: the cancellation is written again."""
        assert told(self.plan(visit(), visit())) == ["cancel site"]

    def test_cancelled_it_is_done(self) -> None:
        """As it was asked for."""
        plan = self.plan(PENDING, GONE)
        assert (told(plan), plan.conflicts) == ([], ())

    @pytest.mark.parametrize(("winner", "then"), [("site", ["create crm"]), ("crm", ["cancel site"])])
    def test_what_a_person_says_is_done_and_not_asked_again(self, winner: str, then: list[str]) -> None:
        """For the site it is scheduled again everywhere; else its record is cancelled after all."""
        plan = self.plan(PENDING, visit())
        site = asked("site", PENDING, GONE)
        later = plan_for(
            [listing("crm"), listing("site", record("site", visit()))],
            decided(plan, plan.conflicts[0], winner, site),
            policy=rules("crm", "site"),
        )
        assert (told(later), later.conflicts) == (then, ())


class TestEndedOnceMore:
    """The CRM's record was to be cancelled, was scheduled again by somebody, and is cancelled now."""

    def plan(self, minutes_ago: float, agreed: Any = None, site: Any = None, *, cancel_wins: bool = True) -> Plan:
        """What follows, if it was scheduled again so long ago; the cancellation was sent 10 minutes ago."""
        crm = asked("crm", visit(), GONE, revision=3)
        said = {Field.STATUS: origin("crm", minutes_ago=minutes_ago)}
        before = known(crm, mapping("site"), agreed=agreed or visit(), provenance=said)
        there = listing("site", record("site", site)) if site else listing("site", unchanged={"1"})
        policy = replace(rules("crm", "site"), cancel_wins=cancel_wins)
        return plan_for([listing("crm", record("crm", GONE, revision=4)), there], before, policy=policy)

    def test_late_or_called_off_after_all_nobody_knows(self) -> None:
        """It is neither carried on nor undone."""
        plan = self.plan(5)
        [conflict] = plan.conflicts
        assert (told(plan), conflict.winner) == ([], None)
        assert "called it off after all" in conflict.explanation

    def test_where_nobody_spoke_since_it_is_our_own(self) -> None:
        """The cancellation was carried out."""
        plan = self.plan(20)
        assert plan.conflicts == ()
        assert only(plan).mappings[0].base.status is Status.CANCELLED

    def test_where_it_is_to_be_cancelled_still_it_is_our_own(self) -> None:
        """Whatever the clocks say of when that was decided."""
        assert told(self.plan(5, agreed=GONE)) == ["cancel site"]

    @pytest.mark.parametrize(("cancel_wins", "expected"), [(True, []), (False, [None])])
    def test_once_it_is_called_off_elsewhere_too_there_is_nothing_to_ask(
        self, cancel_wins: bool, expected: list[str | None]
    ) -> None:
        """Whoever ended the CRM's record: unless a cancellation may lose against who scheduled it again."""
        plan = self.plan(5, site=GONE, cancel_wins=cancel_wins)
        assert told(plan) == []
        assert [one.winner for one in plan.conflicts] == expected
        assert only(plan).agreed.status.live is not cancel_wins

    @pytest.mark.parametrize(("asked_already", "held"), [(True, []), (False, ["site"])])
    def test_what_is_asked_already_is_not_held_as_well_once_no_listing_shows_the_record(
        self, asked_already: bool, held: list[str]
    ) -> None:
        """An approval could not be followed: looked at, the record would be asked about again."""
        crm = asked("crm", visit(), GONE, revision=3)
        undecided = {Field.STATUS: frozenset({"crm", "site"})} if asked_already else {}
        said = {Field.STATUS: origin("crm", minutes_ago=5)}
        before = known(crm, mapping("site"), agreed=visit(), provenance=said, undecided=undecided)
        lacks = listing("crm", doubtful={"1": "1 of 1 live records are missing from its listing at once"})
        plan = plan_for([lacks, listing("site", unchanged={"1"})], before)
        assert (told(plan), [one.operation.vendor for one in plan.held]) == ([], held)
        assert (Field.STATUS in only(plan).undecided) is asked_already


class TestGlimpsed:
    """The site's record was to be cancelled, and no answer came; its row showed that, and by id it was not read."""

    crm = mapping("crm", GONE, tombstone="crm says that it no longer exists")
    policy = rules("crm", "site")

    def before(self) -> Known:
        """What is known then."""
        said = {Field.STATUS: origin("crm", minutes_ago=20)}
        return known(self.crm, asked("site", visit(), GONE), agreed=GONE, provenance=said)

    def then(self, row: Any, shown: Any) -> Plan:
        """What follows when the record is read at last."""
        glimpse = plan_for([listing("crm"), listing("site", unread={"1": record("site", row)})], self.before())
        assert (glimpse.operations, glimpse.conflicts) == ((), ())
        after = again(glimpse)
        return plan_for([listing("crm"), listing("site", record("site", shown))], self.in_flight(after))

    def in_flight(self, after: Known) -> Known:
        """As the store has it: the write is open still, and the row's word is kept."""
        sent = {"in_flight": GONE, "in_flight_fields": STATUS, "in_flight_since": ago(600)}
        return replace(
            after, mappings=tuple(replace(m, **(sent if m.vendor == "site" else {})) for m in after.mappings)
        )

    def test_that_it_stands_again_is_somebody_s_word_or_an_old_list_s(self) -> None:
        """Nobody knows: a person is asked, and nothing is cancelled."""
        plan = self.then(GONE, visit())
        [conflict] = plan.conflicts
        assert (told(plan), conflict.winner) == ([], None)
        assert "that listing was an old one" in conflict.explanation
        assert conflict.values == {"crm": Status.CANCELLED, "site": Status.SCHEDULED}

    @pytest.mark.parametrize(("row", "shown", "then"), [(visit(), visit(), ["cancel site"]), (GONE, GONE, [])])
    def test_a_row_that_shows_what_the_record_shows_asks_nothing(self, row: Any, shown: Any, then: list[str]) -> None:
        """Not carried out, it is written again; carried out, it is done."""
        plan = self.then(row, shown)
        assert (told(plan), plan.conflicts) == (then, ())

    @pytest.mark.parametrize(("winner", "then"), [("site", ["create crm"]), ("crm", ["cancel site"])])
    def test_what_a_person_says_is_done_and_not_asked_again(self, winner: str, then: list[str]) -> None:
        """Scheduled again everywhere, or cancelled after all."""
        plan = self.then(GONE, visit())
        after = decided(plan, plan.conflicts[0], winner, self.in_flight(again(plan)).mappings[1])
        later = plan_for([listing("crm"), listing("site", record("site", visit()))], after, policy=self.policy)
        assert (told(later), later.conflicts) == (then, ())

    def test_who_confirms_what_stood_there_all_the_time_says_nothing_of_it(self) -> None:
        """The office never heard of the cancellation: what its people call it does not answer the question."""
        glimpse = plan_for([listing("crm"), listing("site", unread={"1": record("site", GONE)})], self.before())
        after = self.in_flight(again(glimpse))
        after = replace(after, mappings=(*after.mappings, mapping("office")))
        completed = record("office", visit(status=Status.COMPLETED))
        plan = plan_for([listing("crm"), listing("site", record("site", visit())), listing("office", completed)], after)
        assert [conflict.winner for conflict in plan.conflicts] == [None]
        assert [one for one in told(plan) if "site" in one] == []

    @pytest.mark.parametrize("revision", [3, 4])
    def test_where_the_vendor_counts_versions_they_tell(self, revision: int) -> None:
        """Written once since, or not at all: the row was an old one, and it is cancelled now."""
        site = asked("site", visit(), GONE, revision=3, glimpsed=STATUS)
        before = replace(self.before(), mappings=(self.crm, site))
        plan = plan_for([listing("crm"), listing("site", record("site", visit(), revision=revision))], before)
        assert (told(plan), plan.conflicts) == (["cancel site"], ())

    def test_who_schedules_it_again_elsewhere_says_it_for_all(self) -> None:
        """The office had taken the cancellation, and its people take it back: whatever the site did, it stands."""
        glimpse = plan_for([listing("crm"), listing("site", unread={"1": record("site", GONE)})], self.before())
        after = self.in_flight(again(glimpse))
        after = replace(after, mappings=(*after.mappings, mapping("office", GONE)))
        shots = [listing("crm"), listing("site", record("site", visit())), listing("office", record("office", visit()))]
        plan = plan_for(shots, after)
        assert (told(plan), plan.conflicts) == (["create crm"], ())
        assert only(plan).agreed.status.live
