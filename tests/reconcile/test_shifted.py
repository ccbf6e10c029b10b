"""When nearly everything of a vendor is at another time at once: whose doing it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Aspect, Known
from syncd.model.plan import Found, Plan
from syncd.model.record import Failed, NotPolled, Snapshot
from syncd.model.times import Slot
from syncd.reconcile import whose_time
from tests.reconcile.world import (
    again,
    as_shown,
    known,
    listing,
    mapping,
    origin,
    part,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

ZONES = ("office", "site")


def plan_of(*minutes: int, live: int | None = None, by: str = "crm", shifted: frozenset[str] = frozenset()) -> Plan:
    """The plan when a vendor's records are so many minutes later each, of so many live ones; the site has them too."""
    keys = [f"{number:03}" for number in range(len(minutes))]
    appointments = [known(mapping(by, None, key), mapping("site", None, key), id=key) for key in keys]
    start = visit().slot.start
    moved = [
        record(
            by, visit(slot=Slot(start=start + timedelta(minutes=m), end=visit().slot.end + timedelta(minutes=m))), key
        )
        for key, m in zip(keys, minutes, strict=True)
    ]
    seen = [
        listing(by, *moved, live=live or len(minutes)),
        listing("site", unchanged=set(keys), live=live or len(minutes)),
    ]
    return plan_for(seen, *appointments, policy=rules(by, "site"), shifted=shifted)


@pytest.mark.parametrize(
    ("minutes", "live", "asked"),
    [
        ([60] * 5, 5, True),
        ([60] * 4, 4, False),
        ([60] * 9 + [0], 10, True),
        ([60] * 8 + [0, 0], 10, False),
        ([60] * 5, 6, False),
        ([60] * 9, 10, True),
        ([60] * 9 + [90], 10, True),
        ([330] * 5, 5, True),
        ([20] * 5, 5, False),
        ([60, 60, 60, 90, 90, 90], 6, False),
        ([27 * 60] * 5, 5, False),
    ],
)
def test_five_at_least_and_nine_in_ten_by_one_whole_offset(minutes: list[int], live: int, asked: bool) -> None:
    """Anything less is what people do; a zone's is by quarters of an hour, and by no more than the world is round."""
    plan = plan_of(*minutes, live=live)
    assert plan.shifted == (frozenset({"crm"}) if asked else frozenset())
    if asked:
        assert not [one for one in plan.operations if one.vendor == "crm"]
        alike = [one for one in plan.conflicts if one.found is Found.ZONE_DATA]
        assert len(alike) == minutes.count(max(set(minutes), key=minutes.count))


def test_one_that_somebody_moved_otherwise_meanwhile_waits_for_the_answer() -> None:
    """Nine by an hour, and one by an hour and a half: when that one is now, the zone says. Then its move goes on."""
    assert plan_of(*[60] * 9, 90).operations == ()
    assert plan_of(90, shifted=frozenset({"crm"})).operations == ()
    [move] = plan_of(90).operations
    assert (move.vendor, set(move.changes)) == ("site", {Field.SLOT})


@given(st.lists(st.sampled_from([0, 15, 60, 120, 25]), min_size=1, max_size=12))
def test_while_a_vendor_is_asked_about_no_time_is_written_there_nor_carried_on(minutes: list[int]) -> None:
    """Whatever its records show, and whether the question is new or old."""
    plan = plan_of(*minutes, shifted=frozenset({"crm"}))
    assert "crm" in plan.shifted
    assert (plan.operations, plan.held) == ((), ())


@pytest.mark.parametrize("asked", [frozenset[str](), frozenset({"crm"})], ids=["before", "asked"])
def test_a_move_elsewhere_waits_for_the_answer(asked: frozenset[str]) -> None:
    """What the site's people did goes to the CRM only while nobody asks about that one's clock."""
    seen = [listing("crm", unchanged={"1"}), listing("site", record("site", visit(slot=slot(15))))]
    plan = plan_for(seen, known(mapping("crm"), mapping("site")), policy=rules("crm", "site"), shifted=asked)
    assert len(plan.operations) == (0 if asked else 1)
    assert plan.waiting == (("1 change(s) at crm put off: a person is asked about the zone of crm",) if asked else ())
    assert [one.needs_another_cycle for one in plan.next_states] == [bool(asked)]


@pytest.mark.parametrize("moved", [False, True])
def test_what_is_no_time_is_written_to_the_vendor_in_question(moved: bool) -> None:
    """A name and a note of the site's go to the CRM, though a move of the same appointment waits."""
    edited = visit(notes="Ring twice", slot=slot(15 if moved else 10))
    seen = [listing("crm", unchanged={"1"}), listing("site", record("site", edited))]
    crm_and_site = known(mapping("crm"), mapping("site"))
    plan = plan_for(seen, crm_and_site, policy=rules("crm", "site"), shifted=frozenset({"crm"}))
    [update] = plan.operations
    assert (update.vendor, set(update.changes)) == ("crm", {Field.NOTES})


@pytest.mark.parametrize("moved", [False, True])
def test_a_record_is_revived_there_where_the_appointment_still_is(moved: bool) -> None:
    """Nobody books it again at a time from which it was moved."""
    cancelled = visit(status=Status.CANCELLED)
    again = visit(slot=slot(15 if moved else 10))
    seen = [listing("crm", unchanged={"1"}), listing("site", record("site", again))]
    ended = known(mapping("crm", cancelled), mapping("site", cancelled), agreed=cancelled)
    plan = plan_for(seen, ended, policy=rules("crm", "site"), shifted=frozenset({"crm"}))
    assert [(one.vendor, set(one.changes)) for one in plan.operations] == ([] if moved else [("crm", {Field.STATUS})])


def test_nothing_is_made_at_the_vendor_in_question() -> None:
    """At what time, nobody could say; it is made once that is answered."""
    seen = [listing("crm"), listing("site", record("site", visit()))]
    plan = plan_for(seen, known(mapping("site")), policy=rules("crm", "site"), shifted=frozenset({"crm"}))
    assert (plan.operations, plan.next_states[0].needs_another_cycle) == ((), True)
    assert plan.waiting == ("1 create(s) at crm put off: a person is asked about the zone of crm",)


@pytest.mark.parametrize("moved_to", [None, 15], ids=["asked", "moved"])
def test_what_is_at_two_times_by_a_zone_is_made_nowhere_else(moved_to: int | None) -> None:
    """The CRM has it at ten, and the office at eleven, as its zone changed: the site gets it once one of them is right.

    Somebody's move says so as well.
    """
    unlike = frozenset({Aspect.START})
    office = replace(mapping("office", unlike=unlike), base=as_shown("office", visit(slot=slot(11))))
    crm = listing("crm", record("crm", visit(slot=slot(moved_to)))) if moved_to else listing("crm", unchanged={"1"})
    seen = [crm, listing("office", unchanged={"1"}), listing("site")]
    before = known(mapping("crm", unlike=unlike), office)
    plan = plan_for(seen, before, policy=rules("crm", *ZONES), shifted=frozenset({"office"}))
    made = [(one.vendor, one.target.slot) for one in plan.operations]
    assert made == ([("site", slot(moved_to))] if moved_to else [])
    assert plan.next_states[0].needs_another_cycle
    if not moved_to:
        assert plan.waiting == ("1 create(s) at site put off: a conflict about it waits for a person",)


@pytest.mark.parametrize(
    ("moved_at", "made", "others", "right"),
    [
        ("office", {}, 10, "office"),
        ("crm", {}, 10, "crm"),
        (None, {"crm": 1, "site": 1}, 10, "office"),
        (None, {"office": 1, "site": 1}, 10, "crm"),
        (None, {"office": 1}, 10, "crm"),
        (None, {"site": 1}, 10, None),
        (None, {}, 10, None),
        (None, {"office": 1, "site": 1}, 11, None),
        ("nobody", {}, 10, "crm"),
        ("nobody", {}, 11, None),
    ],
)
def test_whose_time_an_appointment_has(
    moved_at: str | None, made: dict[str, int], others: int, right: str | None
) -> None:
    """Of whoever moved it last, else of where alone people entered it; what is not told is nobody's."""
    mappings = [mapping(name) for name in ("crm", "office", "site")]
    moved = {"slot": origin(moved_at)} if moved_at else {}
    starts = {"crm": slot(10), "office": slot(9), "site": slot(others)}
    assert whose_time(known(*mappings, provenance=moved), starts, "office", made) == right


def test_what_is_new_there_founds_nothing() -> None:
    """Nor is it linked: nobody knows when it is."""
    new = listing("crm", record("crm", visit(), "77"), live=5)
    plan = plan_for([new, listing("site")], policy=rules("crm", "site"), shifted=frozenset({"crm"}))
    assert (plan.operations, plan.next_states) == ((), ())


def test_a_vendor_that_moved_a_record_of_its_own_at_the_same_time_is_no_zone_of_the_others() -> None:
    """Two vendors whose records moved alike: each is asked about, and neither is written."""
    keys = [f"{number:03}" for number in range(5)]
    appointments = [known(*(mapping(name, None, key) for name in ("crm", *ZONES)), id=key) for key in keys]
    later = visit(slot=slot(11))
    seen = [listing(name, *(record(name, later, key) for key in keys), live=5) for name in ZONES]
    seen.append(listing("crm", unchanged=set(keys), live=5))
    plan = plan_for(seen, *appointments, policy=rules("crm", *ZONES))
    assert plan.shifted == frozenset(ZONES)
    assert plan.operations == ()


HOUR_LATER = visit(slot=slot(11))
SIX = [f"{number:03}" for number in range(6)]


def six(*moved: str) -> list[Known]:
    """Six appointments at the CRM and the site, of which those at the CRM were last seen an hour later."""
    return [
        known(mapping("crm", HOUR_LATER if key in moved else None, key), mapping("site", None, key), id=key)
        for key in SIX
    ]


def seen_of(crm: Snapshot, *appointments: Known) -> Plan:
    """The plan where the site shows nothing new."""
    site = listing("site", unchanged=set(SIX), live=6)
    return plan_for([crm, site], *appointments, policy=rules("crm", "site"))


def test_three_and_three_in_two_listings_are_moves() -> None:
    """What counts is one interval between two whole looks: half of six in each is what people do, and is carried on."""
    for now, before in ((SIX[:3], ()), (SIX[3:], tuple(SIX[:3]))):
        crm = listing("crm", *(record("crm", HOUR_LATER, key) for key in now), unchanged={*SIX} - {*now}, live=6)
        plan = seen_of(crm, *six(*before))
        assert plan.shifted == frozenset()
        assert {one.appointment for one in plan.operations} >= {*now}


@pytest.mark.parametrize("failed", [Failed(vendor="crm", reason="503"), NotPolled(vendor="crm")])
def test_what_moved_around_a_listing_that_failed_is_one_interval(failed: Snapshot) -> None:
    """Three before it and three after it: nobody looked in between, so that all six moved at once."""
    first = seen_of(failed, *six())
    assert (first.operations, first.shifted) == ((), frozenset())
    plan = seen_of(listing("crm", *(record("crm", HOUR_LATER, key) for key in SIX), live=6), *six())
    assert (plan.operations, plan.shifted) == ((), frozenset({"crm"}))


@pytest.mark.parametrize(
    ("arrived", "steady", "waits"), [(6, 0, True), (5, 0, True), (4, 0, False), (5, 1, False)], ids=str
)
def test_what_moved_as_far_as_a_listing_went_waits_for_a_whole_one(arrived: int, steady: int, waits: bool) -> None:
    """Nothing is asked of half a listing, and nothing carried on that may be the beginning of a zone's change.

    The next whole one shows all of them against what they were before, and tells.
    """
    moved = [record("crm", HOUR_LATER, key) for key in SIX[:arrived]]
    cut = part("crm", *moved, unchanged={*SIX[arrived : arrived + steady]}, live=6)
    plan = seen_of(cut, *six())
    assert plan.shifted == frozenset()
    assert len(plan.operations) == (0 if waits else arrived)
    assert any("waits for a whole one" in remark for remark in plan.remarks) is waits
    if waits:
        assert all(one == as_shown("crm", visit()) for one in bases(plan))


def bases(plan: Plan) -> list[Appointment]:
    """What the CRM's records are remembered to show."""
    return [one.base for state in plan.next_states for one in state.mappings if one.vendor == "crm"]


def test_a_record_that_is_read_once_more_is_no_beginning_of_a_shift() -> None:
    """What a second look within a cycle shows is single records: those that moved were moved."""
    again = part("crm", *(record("crm", HOUR_LATER, key) for key in SIX), live=6, again=True)
    assert len(seen_of(again, *six()).operations) == 6


def test_what_is_moved_meanwhile_is_so_there_too_after_the_answer() -> None:
    """While the CRM is asked about no time is written there, and the appointment is looked at again until it is."""
    moved = visit(slot=slot(17))
    seen = [listing("crm", unchanged={"1"}), listing("site", record("site", moved))]
    before = known(mapping("crm"), mapping("site"))
    asked = plan_for(seen, before, policy=rules("crm", "site"), shifted=frozenset({"crm"}))
    [left] = asked.next_states
    assert (asked.operations, left.needs_another_cycle) == ((), True)
    later = [listing("crm", unchanged={"1"}), listing("site", unchanged={"1"})]
    answered = plan_for(later, again(asked), policy=rules("crm", "site"))
    assert told(answered) == ["move crm slot"]


@pytest.mark.parametrize(("minute", "asked"), [(5, 0), (3, 1)], ids=["rounded", "another"])
def test_a_zone_that_was_put_right_leaves_no_question_where_a_vendor_rounds_times(minute: int, asked: int) -> None:
    """The office keeps 10:05 of 10:07; an hour later by a wrong zone, and back again, it is at one time with the site.

    At 10:03 it is not: nobody rounds to that.
    """
    agreed = visit(slot=slot(10, 7))
    shown, wrong = visit(slot=slot(10, minute)), visit(slot=slot(11, minute))
    unlike = frozenset({Aspect.START})
    office = mapping("office", agreed, unlike=unlike, wall="2026a Europe/Berlin 2030-03-05T11:05")
    before = known(
        replace(office, base=as_shown("office", wrong)), mapping("site", agreed, unlike=unlike), agreed=agreed
    )
    right = record("office", shown, wall="2026a Europe/London 2030-03-05T11:05")
    plan = plan_for(
        [listing("office", right), listing("site", unchanged={"1"})], before, policy=rules("office", "site")
    )
    assert [one.found for one in plan.conflicts] == [Found.ZONE_DATA] * asked
    assert plan.operations == ()
