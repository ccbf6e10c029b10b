"""Who a client is: by evidence; and another person takes nothing of the one before."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.compare.people import is_another, pairs
from syncd.model.appointment import Client, Field, Status
from syncd.model.memory import Aspect
from syncd.model.policy import ConflictRule
from syncd.reconcile import decide
from tests.reconcile.play import Luck, Weather, World, cycle, insert, put
from tests.reconcile.test_laws import in_turn
from tests.reconcile.world import ABLE, JANE, OMAR, as_shown, known, mapping, merged, only, record, rules, told, visit


class TestEvidence:
    """What says that two descriptions are of one person."""

    @pytest.mark.parametrize(
        ("one", "other", "another"),
        [
            (JANE, OMAR, True),
            (JANE, replace(JANE, last_name="Jones"), False),
            (JANE, replace(JANE, email="jane@new.example.com"), False),
            (JANE, replace(JANE, last_name="Smyth", email="jane@new.example.com", phone=""), False),
            (JANE, replace(OMAR, phone=JANE.phone), False),  # two parts against one: that is a doubt, not two people
            (JANE, replace(OMAR, phone=""), True),
            (JANE, replace(JANE, last_name="Jones", email="jones@example.com", phone=""), False),  # married, or not she
            (JANE, Client(), False),
            (JANE, Client(first_name="Jane", last_name="Jones"), False),
            (Client(first_name="Jane", last_name="Smith"), Client(first_name="Jane", last_name="Jones"), False),
            (Client(first_name="Jane", last_name="Smith"), Client(first_name="Omar", last_name="Haddad"), True),
            (Client(email="jane@example.com"), Client(email="omar@example.com"), True),
        ],
    )
    def test_nothing_that_both_tell_agrees(self, one: Client, other: Client, another: bool) -> None:
        """Then they are two people; whichever is asked about."""
        assert (is_another(one, other), is_another(other, one)) == (another, another)

    def test_who_stands_in_the_same_place_is_the_same_unless_something_contradicts_that(self) -> None:
        """An address alone, beside a name alone, may be hers; Omar is not she."""
        named, reached = Client(first_name="Jane", last_name="Smith"), Client(email="jane@example.com")
        assert pairs((named,), (reached,)) == {0: 0}
        assert pairs((JANE,), (OMAR,)) == {}
        assert pairs((OMAR, JANE), (JANE, OMAR)) == {0: 1, 1: 0}
        assert pairs((JANE, OMAR), (JANE,)) == {0: 0}


class TestAnother:
    """Somebody else in the place of a client."""

    def test_takes_no_number_of_the_one_before(self) -> None:
        """The site shows no numbers: nobody there knew hers, and it is not his."""
        his = replace(OMAR, phone="")
        plan = merged(record("site", visit(clients=(his,))), policy=rules("site", "crm", "office"))
        assert only(plan).agreed.clients == (his,)
        assert told(plan) == ["update crm clients", "update office clients"]
        assert {operation.target.clients for operation in plan.operations} == {(his,)}

    def test_takes_nothing_that_a_record_keeps_for_itself(self) -> None:
        """The office was linked with another number of hers, which stays there; it is none of his."""
        hers = visit(clients=(replace(JANE, phone="5550999"),))
        before = known(
            mapping("site"), mapping("office", visit(), base=hers, unlike=frozenset({Aspect.PHONE})), agreed=visit()
        )
        his = replace(OMAR, phone="")
        plan = merged(record("site", visit(clients=(his,))), policy=rules("site", "office"), before=before)
        [operation] = plan.operations
        assert operation.target.clients == (his,)


class TestPlaces:
    """Whose part it is, where records have the clients in other orders."""

    def test_a_correction_is_hers_wherever_she_stands(self) -> None:
        """The CRM put Omar first, which the office has not heard of yet; there she gets another address."""
        corrected = replace(JANE, email="jane@new.example.com")
        before = known(
            mapping("crm", visit(clients=(OMAR, JANE))),
            mapping("office", visit(clients=(JANE, OMAR))),
            agreed=visit(clients=(OMAR, JANE)),
        )
        plan = merged(record("office", visit(clients=(corrected, OMAR))), policy=rules("crm", "office"), before=before)
        assert only(plan).agreed.clients == (OMAR, corrected)
        [office] = [one for one in only(plan).mappings if one.vendor == "office"]
        assert office.acknowledged.clients == (corrected, OMAR)


NAMES = ("Ann", "Bob", "Cyd")


def person(who: int, number: int) -> Client:
    """One of three people, of whom each part tells who it is of; `number` tells apart what she had when."""
    first = NAMES[who]
    return Client(
        first_name=first,
        last_name=f"{first}son",
        email=f"{first.casefold()}{number}@example.com",
        phone=f"555{who}{number:03}",
    )


def of(client: Client) -> set[int]:
    """Whose the parts of a client are."""
    parts = (client.first_name, client.last_name, client.email)
    found = {who for who, name in enumerate(NAMES) for part in parts if part.casefold().startswith(name.casefold())}
    return found | ({int(client.digits[3])} if client.digits else set())


@dataclass(frozen=True)
class Deed:
    """What a person does at a vendor: gives the record to somebody, in part or in whole; calls it off, or back."""

    vendor: str
    what: str
    who: int
    number: int
    parts: frozenset[str]


VENDORS = ("crm", "book", "office", "site")
DEEDS = st.builds(
    Deed,
    vendor=st.sampled_from(VENDORS),
    what=st.sampled_from(("gives", "gives", "corrects", "calls off", "calls back")),
    who=st.integers(0, 2),
    number=st.integers(0, 999),
    parts=st.frozensets(st.sampled_from(("email", "phone"))),
)
ROUNDS = st.lists(
    st.tuples(
        st.lists(DEEDS, max_size=3),
        st.lists(st.sampled_from(Luck), min_size=1, max_size=4),
        st.dictionaries(st.sampled_from(VENDORS), st.sampled_from(Weather)),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=4,
)


def after(world: World, deed: Deed) -> World:
    """The world once somebody did that to the record there, if there is one."""
    there = sorted(world.at(deed.vendor).items())
    if not there:
        return world
    old = there[-1][1]
    content = old.content
    match deed.what:
        case "gives":
            content = replace(content, clients=(person(deed.who, deed.number),))
        case "corrects" if content.clients and len(of(content.clients[0])) == 1:
            [who] = of(content.clients[0])
            hers = {part: getattr(person(who, deed.number), part) for part in deed.parts}
            content = replace(content, clients=(replace(content.clients[0], **hers),))
        case "calls off":
            content = replace(content, status=Status.CANCELLED)
        case "calls back" if ABLE[deed.vendor].uncancels:
            content = replace(content, status=Status.SCHEDULED)
        case _:
            return world
    return put(world, old, as_shown(deed.vendor, content))


def decided(world: World, conflicts: abc.Iterable[Any], turn: int) -> World:
    """The world once an operator decided what waits, for this vendor or that."""
    for conflict in conflicts:
        if conflict.winner is None and conflict.appointment in world.known:
            values = {
                vendor: (Field.STATUS, value)
                if isinstance(value, Status) and conflict.field is not Field.STATUS
                else (conflict.field, value)
                for vendor, value in conflict.values.items()
            }
            winner = sorted(values)[turn % len(values)]
            before = world.known[conflict.appointment]
            after = decide(before, values, winner, conflict.found, world.now)
            world = replace(world, known={**world.known, before.id: after})
    return world


@given(ROUNDS, st.sampled_from(ConflictRule))
def test_nobody_has_anything_of_another_person(rounds: list[Any], rule: ConflictRule) -> None:
    """Merged, revived, late, decided by an operator: what is agreed of a client, and what a record shows, is one's."""
    policy = rules(*VENDORS, conflict=rule)
    world = World(records={})
    for vendor in VENDORS:
        world = insert(world, vendor, as_shown(vendor, visit(clients=(person(0, 0),))))
    world, _ = cycle(world, policy)
    for deeds, lucks, weather, turn in rounds:
        for deed in deeds:
            world = after(world, deed)
        world, plan = cycle(world, policy, weather, in_turn(lucks))
        world = decided(world, plan.conflicts, turn)
        written = [operation.target for operation in plan.operations]
        agreed = [one.agreed for one in world.known.values()]
        shown = [one.content for one in world.records.values()]
        for content in (*written, *agreed, *shown):
            assert all(len(of(client)) <= 1 for client in content.clients)
