"""What looks like an accident is held until an operator approves it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.compare.identity import until_stirred
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Known, Quarantine
from syncd.model.plan import Plan
from syncd.model.policy import Guard, Limit, Traits
from syncd.model.wallclock import WallClock
from tests.reconcile.world import CRM, SITE, known, listing, mapping, plan_for, record, rules, slot, visit, waiting

GONE = visit(status=Status.CANCELLED)
LATER = visit(slot=slot(15))
NOTED = visit(notes="Ring")


def many(
    *changed: Appointment,
    live: int = 40,
    guard: Guard | None = None,
    site: Capabilities = SITE,
    clock: WallClock | None = None,
    **memory: Any,
) -> Plan:
    """The plan when crm changed the first so many of its appointments, each known to site as well."""
    keys = [f"{number:03}" for number in range(len(changed))]
    appointments: list[Known] = [known(mapping("crm", None, key), mapping("site", None, key), id=key) for key in keys]
    policy = rules(Traits(name="crm", capabilities=CRM, clock=clock), Traits(name="site", capabilities=site))
    policy = replace(policy, guard=guard or Guard())
    snapshots = [
        listing("crm", *(record("crm", content, key) for key, content in zip(keys, changed, strict=True))),
        listing("site", unchanged=set(keys), live=live),
    ]
    return plan_for(snapshots, *appointments, policy=policy, **memory)


@pytest.mark.parametrize(
    ("content", "count", "live", "holds"),
    [
        (GONE, 10, 21, False),
        (GONE, 11, 54, True),
        (GONE, 11, 55, False),
        (GONE, 11, 11, True),
        (LATER, 10, 10, False),
        (LATER, 11, 21, True),
        (LATER, 11, 22, False),
        (NOTED, 11, 11, True),
    ],
)
def test_more_than_the_count_and_more_than_the_share_is_held(
    content: Appointment, count: int, live: int, holds: bool
) -> None:
    """Both thresholds must be exceeded: ten and a fifth for cancellations, ten and a half for other changes."""
    plan = many(*[content] * count, live=live)
    assert len(plan.held) == (count if holds else 0)
    assert len(plan.operations) == (0 if holds else count)


@pytest.mark.parametrize(
    ("count", "live", "deletes", "holds"),
    [
        (2, 2, False, False),
        (2, 2, True, False),
        (3, 6, False, True),
        (3, 7, False, False),
        (3, 12, True, True),
        (3, 13, True, False),
        (7, 8, False, True),
        (10, 20, False, True),
        (10, 21, False, False),
    ],
)
def test_in_a_small_account_a_share_counts_alone(count: int, live: int, deletes: bool, holds: bool) -> None:
    """Three or more that are half, or a quarter where the vendor deletes for good; one or two never."""
    able = replace(SITE, soft_cancel=not deletes)
    plan = many(*[GONE] * count, live=live, site=able)
    assert (len(plan.held), len(plan.operations)) == ((count, 0) if holds else (0, count))
    share = "at least 25 %, and site deletes for good" if deletes else "at least 50 %"
    why = f"{count} cancellations at site in one cycle, of {live} live records: at least 3 and {share}"
    assert {h.reason.partition(" (")[0] for h in plan.held} == ({why} if holds else set())


def test_a_share_of_moves_does_not_count_alone() -> None:
    """A move can be moved back: all of a small account's may go."""
    assert not many(*[LATER] * 10, live=10).held


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (GONE, "Tue 2030-03-05 11:00–11:30 Europe/Belgrade"),
        (LATER, "Tue 2030-03-05 11:00–11:30 → Tue 2030-03-05 16:00–16:30 Europe/Belgrade"),
    ],
)
def test_what_is_held_says_when_it_is_by_the_clock_on_the_wall(changed: Appointment, told: str) -> None:
    """Of the vendor, or the first that is known: whoever decides need not reckon; a move says both times."""
    plan = many(*[changed] * 12, clock=WallClock("Europe/Belgrade"), live=20)
    assert {h.local for h in plan.held} == {told}
    assert plan.held[0].summary == f"{plan.held[0].operation.summary} ({told})"
    assert many(*[changed] * 12, live=20).held[0].summary == plan.held[0].operation.summary


def test_only_what_is_concerned_is_held() -> None:
    """Too many cancellations hold the cancellations; moves at the same vendor go on."""
    plan = many(*[GONE] * 12, *[LATER] * 3)
    assert len(plan.held) == 12
    assert len(plan.operations) == 3


def test_moves_and_updates_are_counted_together() -> None:
    """Six moves and five updates are eleven changes."""
    assert len(many(*[LATER] * 6, *[NOTED] * 5, live=12).held) == 11


def test_the_reason_names_the_rule_and_the_way_out() -> None:
    """An operator reads how many, of how many, and by which setting."""
    reason = many(*[GONE] * 12, live=20).held[0].reason
    assert reason == (
        "12 cancellations at site in one cycle, of 20 live records: more than 10 and more than 20 % "
        "(guard.max_cancels); 'syncd approve' releases it, 'syncd reject' takes back what led to it"
    )


def test_a_vendor_without_a_listing_has_no_share() -> None:
    """The thresholds are the operator's own."""
    strict = Guard(max_cancels=Limit(count=0, percent=0))
    assert len(many(GONE, guard=strict).held) == 1


def test_creates_and_adoptions_are_not_counted() -> None:
    """A first run creates as much as there is."""
    records = [record("crm", visit(slot=slot(minute=number)), str(number)) for number in range(30)]
    plan = plan_for([listing("crm", *records), listing("site", live=0)])
    assert len(plan.operations) == 30
    assert not plan.held


class TestApproving:
    """`syncd approve` releases exactly what was held."""

    held = tuple(h.operation.id for h in many(*[GONE] * 12).held)

    def test_everything_approved_goes(self) -> None:
        """All twelve approved, all twelve are carried out."""
        plan = many(*[GONE] * 12, approved=frozenset(self.held))
        assert [operation.id for operation in plan.operations] == list(self.held)
        assert not plan.held

    def test_the_approved_part_goes_and_the_rest_stays(self) -> None:
        """Eight of twelve approved: the other four are fewer than the threshold, and stay held all the same."""
        first = waiting(many(*[GONE] * 20))
        left = {key: first[key] for key in self.held[8:]}
        plan = many(*[GONE] * 12, approved=frozenset(self.held[:8]), held=left)
        assert [operation.id for operation in plan.operations] == list(self.held[:8])
        assert [h.operation.id for h in plan.held] == list(self.held[8:])
        assert all(h.reason.startswith("20 cancellations") for h in plan.held)

    def test_what_was_held_stays_held_when_the_rest_of_it_is_gone(self) -> None:
        """Four of twelve are left, and four alone would go: nobody has approved them, and they say of how many."""
        plan = many(*[GONE] * 4, held=waiting(many(*[GONE] * 12)))
        assert not plan.operations
        assert [h.operation.id for h in plan.held] == list(self.held[:4])
        assert {h.reason for h in plan.held} == {
            "12 cancellations at site in one cycle, of 40 live records: more than 10 and more than 20 % "
            "(guard.max_cancels); 'syncd approve' releases it, 'syncd reject' takes back what led to it"
        }
        assert many(*[GONE] * 4).held == ()

    def test_what_is_left_of_a_held_operation_waits_as_well(self) -> None:
        """A move and a note in one write: the note is taken back, and the move alone is another operation."""
        both, able = replace(LATER, notes="Ring"), replace(SITE, together=(frozenset({Field.SLOT, Field.NOTES}),))
        strict = Guard(max_changes=Limit(count=0, percent=0))
        held = waiting(many(both, guard=strict, site=able))
        [left] = many(LATER, site=able, held=held).held
        assert left.operation.id not in held
        assert left.reason.startswith("1 reschedules and updates at site")
        assert not many(visit(slot=slot(16)), site=able, held=held).held

    def test_who_released_it_is_a_part_of_why(self) -> None:
        """The report and the journal say so, for as long as they are kept."""
        by = {self.held[0]: "ann on 2026-11-03 10:00 UTC"}
        plan = many(*[GONE] * 12, approved=frozenset(self.held), released=by)
        assert [o.reason.endswith("; released by ann on 2026-11-03 10:00 UTC") for o in plan.operations] == [
            o.id in by for o in plan.operations
        ]

    def test_what_came_later_is_not_released_with_it(self) -> None:
        """An approval is for the operations that were held: eleven more are held on their own account."""
        plan = many(*[GONE] * 23, live=50, approved=frozenset(self.held))
        assert len(plan.operations) == 12
        assert len(plan.held) == 11

    def test_a_few_that_came_later_count_with_the_approved_ones(self) -> None:
        """One more beside twelve that were approved: it makes thirteen in one cycle, and nobody has read it."""
        plan = many(*[GONE] * 13, live=50, approved=frozenset(self.held))
        assert [operation.id for operation in plan.operations] == list(self.held)
        assert [h.reason.startswith("13 cancellations") for h in plan.held] == [True]

    def test_an_operation_whose_record_moved_since_is_another(self) -> None:
        """Approved and then edited at the vendor, the cancellation has another name and is not released."""
        appointments = [
            known(mapping("crm", None, f"{n:03}"), mapping("site", NOTED, f"{n:03}"), id=f"{n:03}") for n in range(12)
        ]
        snapshots = [
            listing("crm", *(record("crm", GONE, f"{n:03}") for n in range(12))),
            listing("site", unchanged={f"{n:03}" for n in range(12)}, live=40),
        ]
        plan = plan_for(snapshots, *appointments, policy=rules("crm", "site"), approved=frozenset(self.held))
        assert not plan.operations
        assert len(plan.held) == 12


def test_moves_that_are_tried_again_count_as_any_others() -> None:
    """Twenty moves were refused for their time; then somebody makes room that day: together they are held."""
    able = replace(SITE, calendar_day=lambda one: (one.slot.start.date(), "Jordan"))
    policy = rules("crm", Traits(name="site", capabilities=able))
    keys = [f"{number:03}" for number in range(20)]
    behind = [known(mapping("crm", LATER, key), mapping("site", None, key), id=key, agreed=LATER) for key in keys]
    unchanged = [listing("crm", unchanged=set(keys)), listing("site", unchanged=set(keys), live=21)]
    moves = plan_for(unchanged, *behind, policy=policy).held
    refused = tuple(
        Quarantine(vendor="site", key=until_stirred(one.operation.id), reason="taken", appointment=one.operation.id)
        for one in moves
    )
    resting = plan_for(unchanged, *behind, policy=policy, quarantines=refused)
    assert (resting.held, len(resting.quarantined)) == ((), 20)
    moved = record("site", visit(slot=slot(13)), "other")
    stirred = plan_for(
        [unchanged[0], listing("site", moved, unchanged=set(keys), live=21)],
        *behind,
        known(mapping("site", visit(slot=slot(12)), "other"), id="other"),
        policy=policy,
        quarantines=refused,
    )
    assert {one.operation.id for one in stirred.held} == {one.operation.id for one in moves}
    assert stirred.quarantined == ()
