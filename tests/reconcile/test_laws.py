"""Laws that hold whatever people do and whatever fails."""

from __future__ import annotations

import itertools
from collections import Counter, abc

from hypothesis import given
from hypothesis import strategies as st

from syncd.compare.sameness import same_value
from syncd.model.appointment import Field
from syncd.model.plan import Adopt, Cancel, Conflict, Plan, Step
from syncd.model.policy import Policy
from tests.reconcile.people import CHANGES, ENDINGS, REVIVALS, SEEDS, VENDORS, Edit, edited, edits, seeded
from tests.reconcile.play import Luck, Weather, World, cycle
from tests.reconcile.world import NEWEST, PRIORITY, rules

POLICY = rules(*VENDORS)
ANYTHING = st.one_of(CHANGES, ENDINGS, REVIVALS)
LUCK = st.lists(st.sampled_from(Luck), min_size=1, max_size=9)
WEATHER = st.dictionaries(st.sampled_from(VENDORS), st.sampled_from(Weather))


def settled(seeds: list[set[str]]) -> World:
    """A world in which all vendors have been brought in step."""
    world = seeded(seeds)
    for _ in range(2):
        world, _ = cycle(world, POLICY)
    return world


def writes(plan: Plan) -> list[Step]:
    """What a plan would send to vendors."""
    return [operation for operation in plan.operations if not isinstance(operation, Adopt)]


def in_turn(lucks: list[Luck]) -> abc.Callable[[Step], Luck]:
    """One operation after the other has its luck."""
    turn = itertools.cycle(lucks)
    return lambda _: next(turn)


def doubled(world: World) -> list[tuple[str, str]]:
    """Clients who have more than one live record at a vendor."""
    live = [one for one in world.records.values() if one.content.status.live]
    count = Counter((one.vendor, client.email) for one in live for client in one.content.clients)
    return [key for key, number in count.items() if number > 1]


@given(SEEDS)
def test_an_agreed_world_leaves_nothing_to_do(seeds: list[set[str]]) -> None:
    """Once every vendor has what the others have, a cycle plans nothing, holds nothing and finds no conflict."""
    _, plan = cycle(settled(seeds), POLICY)
    assert not plan.operations
    assert not [*plan.held, *plan.conflicts, *plan.quarantined]


@given(SEEDS, edits(ANYTHING))
def test_one_cycle_after_the_edits_everything_is_done(seeds: list[set[str]], wanted: list[Edit]) -> None:
    """A cycle after people's edits brings all vendors in step; the next one finds nothing to write."""
    world, _ = edited(settled(seeds), wanted)
    world, _ = cycle(world, POLICY)
    _, plan = cycle(world, POLICY)
    assert not writes(plan)


@given(SEEDS, edits(ANYTHING), LUCK, WEATHER)
def test_whatever_failed_is_made_up_for(
    seeds: list[set[str]], wanted: list[Edit], lucks: list[Luck], weather: dict[str, Weather]
) -> None:
    """Where operations failed and vendors were away, good cycles make up for it, and no client is booked twice."""
    world, _ = edited(settled(seeds), wanted)
    world, _ = cycle(world, POLICY, weather, in_turn(lucks))
    world, _ = cycle(world, POLICY)
    world, _ = cycle(world, POLICY)
    _, plan = cycle(world, POLICY)
    assert not writes(plan)
    assert not doubled(world)


@given(SEEDS, edits(CHANGES), LUCK, st.lists(WEATHER, max_size=3))
def test_nothing_is_cancelled_unless_somebody_cancels(
    seeds: list[set[str]], wanted: list[Edit], lucks: list[Luck], days: list[dict[str, Weather]]
) -> None:
    """Whatever fails and whoever is away: without a cancellation by a person, nothing is cancelled or held."""
    world, luck = seeded(seeds), in_turn(lucks)
    for number, weather in enumerate([*days, {}, {}]):
        world, plan = cycle(world, POLICY, weather, luck)
        assert not any(isinstance(operation, Cancel) for operation in plan.operations)
        assert not plan.held
        if number == 0:
            world, _ = edited(world, wanted)


@given(SEEDS, edits(CHANGES))
def test_every_edited_value_survives(seeds: list[set[str]], wanted: list[Edit]) -> None:
    """What a person wrote stands at some vendor afterwards, or in a recorded conflict."""
    world, done = edited(settled(seeds), wanted)
    shown = [(edit, world.records[old.vendor, old.remote_id].content) for edit, old in done]
    conflicts: list[Conflict] = []
    for _ in range(2):
        world, plan = cycle(world, POLICY)
        conflicts += plan.conflicts
    for edit, content in shown:
        part = edit.kind in ("last_name", "phone")
        field = Field.CLIENTS if part else Field(edit.kind)
        value = content.get(field)
        held = [one.content.get(field) for one in world.records.values() if field in one.shows]
        held += [one for conflict in conflicts if conflict.field is field for one in conflict.values.values()]
        if part:  # a client is merged part by part
            survives = any(getattr(value[0], edit.kind) == getattr(one, edit.kind) for other in held for one in other)
        else:
            survives = any(same_value(field, value, other) for other in held)
        assert survives, (edit, value)


POLICIES = st.builds(
    lambda order, conflict, wins: rules(*order, conflict=conflict, cancel_wins=wins),
    st.permutations(VENDORS),
    st.sampled_from((NEWEST, PRIORITY)),
    st.booleans(),
)
ROUNDS = st.lists(st.tuples(edits(ANYTHING, 4), LUCK, WEATHER), min_size=1, max_size=4)


def out_of_step(world: World) -> list[str]:
    """Where a vendor shows something else than what is agreed, although it could show that."""
    found = []
    for known in world.known.values():
        for vendor in VENDORS:
            mapping = known.at(vendor)
            one = world.records.get((vendor, mapping.remote_id)) if mapping else None
            live = one is not None and one.content.status.live
            if not live and known.agreed.status.live and not known.agreed.status.open:
                continue  # what is over is created nowhere
            if live is not known.agreed.status.live:
                found.append(f"{vendor}: {one} but {known.agreed}")
            elif one is not None and live and one.content.slot.minute != known.agreed.slot.minute:
                found.append(f"{vendor}: {one.content} is not {known.agreed}")
    return found


@given(SEEDS, POLICIES, ROUNDS)
def test_after_the_storm_all_vendors_are_in_step(
    seeds: list[set[str]], policy: Policy, rounds: list[tuple[list[Edit], list[Luck], dict[str, Weather]]]
) -> None:
    """After any edits, failures and absences, three quiet cycles leave every vendor as agreed, and nobody twice."""
    world = settled(seeds)
    for wanted, lucks, weather in rounds:
        world, _ = edited(world, wanted)
        world, _ = cycle(world, policy, weather, in_turn(lucks))
    for _ in range(3):
        world, plan = cycle(world, policy)
    world, plan = cycle(world, policy)
    assert not writes(plan)
    assert not doubled(world)
    waiting = plan.held or plan.quarantined or plan.conflicts
    assert waiting or not out_of_step(world)
