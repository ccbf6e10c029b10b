"""The CRM names an appointment's client by an id, and lets no write name one: who it is must be asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import syncd_state
from syncd import report
from syncd.engine.store.desk import Desk
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from syncd.model.plan import Action
from syncd.sandbox.actuallycare.server import ActuallyCare
from syncd.sandbox.frame.records import Entry, Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, JANE, OMAR, SEVERAL, World, at, of, steps

WORDS = "Buyer consultation, the Torres house"
"""A title in a person's words, which tells nothing of the client."""
AGENT = Person("Jordan", "Lee", "agent@example.com", "+1 661 555 0123")
OTHERS = ("book", "office", "site")


def crm(world: World) -> ActuallyCare:
    """The CRM itself."""
    server = world.servers["crm"]
    assert isinstance(server, ActuallyCare)
    return server


def asked(world: World) -> list[str]:
    """The requests for clients that the CRM got in the last cycle."""
    return [path.partition("/v1")[2] for path in paths(world) if "/clients" in path]


def paths(world: World) -> list[str]:
    """Method and target of each of its requests in the last cycle."""
    found: list[str] = []
    for event in reversed(world.servers["crm"].log):
        if event["event"] == "mark":
            break
        if event["event"] == "request":
            found.append(f"{event['method']} {event['target']}")
    return found[::-1]


def entered(world: World, who: Person | None = JANE, hour: float = 15, **values: Any) -> Entry:
    """A person enters an appointment at the CRM, under a title of their own."""
    return world.enter("crm", at(hour), who, title=WORDS, **values)


def people_at(world: World, entry: Entry, name: str) -> list[str]:
    """The addresses of those whom another vendor's record of it shows."""
    return [one.email for one in world.the("crm", entry.id, name).people]


def lose_the_store(world: World, **configured: Any) -> None:
    """Start syncd with an empty store."""
    world.ledger.store.close()
    world.ledger = Ledger(syncd_state.open_store("sqlite://"), world.clock, run=at_once)
    world.desk = Desk(world.ledger)
    world.start_syncd(**configured)


def last_notes(world: World, vendor: str) -> list[str | None]:
    """What was remarked of the creates of the last cycle at a vendor."""
    return [step.error for step in steps(world.results[-1], Action.CREATE, vendor)]


# -- who the client is --------------------------------------------------------------------------------------------


async def test_an_appointment_that_two_vendors_have_is_one_whatever_its_title(world: World) -> None:
    """Same start and client at the CRM, by an id, and at Acuity, by name: linked, and made at the other two alone."""
    entry = entered(world)
    other = world.enter("book", at(15))
    result = await world.cycle()
    assert world.twin("crm", entry.id, "book") == other
    assert {step.operation.vendor for step in steps(result, Action.CREATE)} == {"office", "site"}
    assert world.calendars() == [[at(15)]]


async def test_the_client_whom_an_id_names_reaches_every_vendor(world: World) -> None:
    """No stand-in, and no walk-in customer, where the CRM knows who comes."""
    entry = entered(world)
    await world.cycle()
    assert [people_at(world, entry, name) for name in OTHERS] == [[JANE.email]] * 3


async def test_an_appointment_without_a_client_has_none(world: World) -> None:
    """Then the stand-in takes the place where a vendor needs somebody, as before."""
    entry = entered(world, None)
    result = await world.cycle()
    assert result.exit_code == 0
    assert people_at(world, entry, "book") == ["desk@example.com"]
    assert asked(world) == []


async def test_a_changed_client_is_a_change_of_its_appointments_within_the_hour(world: World) -> None:
    """The row stays as it is; the clients are read again once an hour, and the cycle after that sees it."""
    entry = entered(world)
    await world.settle()
    crm(world).edit_client(crm(world).clients.id_of(JANE), email="jane@new.example")
    await world.cycle()
    assert people_at(world, entry, "book") == [JANE.email]
    await world.cycle(minutes=60)
    await world.settle()
    assert people_at(world, entry, "book") == ["jane@new.example"]
    assert people_at(world, entry, "office") == ["jane@new.example"]


@pytest.mark.parametrize(("every", "early", "late"), [("10m", 7, 3), ("3h", 175, 5)])
async def test_a_changed_client_is_seen_as_often_as_is_configured(
    worlds: Worlds, every: str, early: int, late: int
) -> None:
    """Sooner or later than once an hour: by the file's own `clients_every`."""
    world = worlds(options={"crm": {"clients_every": every}})
    entry = entered(world)
    await world.cycle()
    await world.cycle(minutes=0)
    crm(world).edit_client(crm(world).clients.id_of(JANE), email="jane@new.example")
    await world.cycle(minutes=early)
    assert people_at(world, entry, "book") == [JANE.email]
    await world.cycle(minutes=late)
    await world.settle()
    assert people_at(world, entry, "book") == ["jane@new.example"]


async def test_another_client_of_an_appointment_is_a_change_at_once(world: World) -> None:
    """Its row names another id."""
    entry = entered(world)
    await world.settle()
    world.servers["crm"].person_edit(entry.id, people=[replace(OMAR)])
    await world.settle()
    assert people_at(world, entry, "book") == [OMAR.email]


async def test_an_idle_cycle_asks_for_no_client(world: World) -> None:
    """Neither in the same process nor in the next one, which remembers what they were like; once an hour it does."""
    entered(world)
    await world.settle()
    for _ in range(2):
        world.start_syncd()
        await world.cycle()
        assert dict(world.sent("crm")) == {"list": 1}
    await world.cycle(minutes=61)
    assert len(asked(world)) == 1
    await world.cycle()
    assert dict(world.sent("crm")) == {"list": 1}


async def test_a_process_that_remembers_nothing_takes_no_row_for_changed(world: World) -> None:
    """A death may lose what was remembered: nothing is written for it."""
    entered(world)
    await world.settle()
    world.start_syncd()
    world.vendors["crm"].recall = lambda memory: None  # type: ignore[method-assign]
    for _ in range(3):
        result = await world.cycle()
        assert (steps(result), result.exit_code) == ([], 0)


async def test_many_clients_are_read_as_a_list_and_few_by_their_ids(world: World) -> None:
    """Whichever is fewer requests."""
    for number in range(120):
        crm(world).clients.add(first_name="Client", last_name=str(number))
    entered(world)
    await world.cycle()
    assert asked(world) == [f"/clients/{crm(world).clients.id_of(JANE)}"]
    for number in range(5):
        entered(world, Person("New", str(number), f"new{number}@example.com"), hour=9 + number)
    await world.cycle()
    assert asked(world) == ["/clients?page=1&limit=100", "/clients?page=2&limit=100"]


# -- who cannot be told -------------------------------------------------------------------------------------------


async def test_a_key_without_the_right_makes_nothing_and_says_so(world: World) -> None:
    """Exit 3 once; then a standing line. Nothing is made of the record, and no create stands in its place."""
    crm(world).set_behaviour(clients="forbidden")
    entered(world)
    there, elsewhere = world.enter("book", at(15), OMAR), world.enter("book", at(17), OMAR)
    result = await world.cycle()
    assert result.exit_code == 3
    assert "the key may not read clients (403 INSUFFICIENT_SCOPE)" in str(of(result, "crm").error)
    assert world.starts("crm") == [at(15), at(17)]
    assert world.twin("book", there.id, "crm") is None
    assert world.the("book", elsewhere.id, "crm").start == at(17)
    assert [world.starts(name) for name in OTHERS] == [[at(15), at(17)]] * 3
    for _ in range(2):
        again = await world.cycle()
        assert (again.exit_code, of(again, "crm").error, steps(again)) == (0, None, [])
        assert 'clients = "stand-in" in [vendors.crm]' in " ".join(of(again, "crm").notices)
        assert "1 record(s) whose client cannot be told: the key may not read clients" in report.text(again)
    world.start_syncd()
    assert (await world.cycle()).exit_code == 0


async def test_with_the_right_given_later_the_record_finds_its_like(world: World) -> None:
    """It is asked again within the hour, or at the next start."""
    crm(world).set_behaviour(clients="forbidden")
    entry = entered(world)
    other = world.enter("book", at(15))
    await world.cycle()
    crm(world).set_behaviour(clients="readable")
    await world.cycle(minutes=60)
    assert world.twin("crm", entry.id, "book") == other
    await world.settle()
    assert world.calendars() == [[at(15)]]


async def test_a_right_that_is_taken_away_changes_no_appointment(world: World) -> None:
    """Moves still go everywhere; who the client is stays as it was known, and is no conflict later."""
    entry = entered(world)
    await world.settle()
    crm(world).set_behaviour(clients="forbidden")
    world.start_syncd()
    world.move("crm", entry.id, at(18))
    result = await world.cycle()
    assert {step.outcome.value for step in steps(result)} == {"done"}
    assert world.calendars() == [[at(18)]]
    crm(world).set_behaviour(clients="readable")
    world.start_syncd()
    await world.cycle(minutes=61)
    result = await world.settle()
    assert (result.conflicts, people_at(world, entry, "book")) == ((), [JANE.email])


async def test_a_change_of_client_while_the_right_is_lacking_is_seen_afterwards(world: World) -> None:
    """09:00 Jane is known; 10:00 the right is gone and a person names Omar; 11:00 the right is back."""
    entry = entered(world)
    entered(world, OMAR, hour=9)
    await world.settle()
    crm(world).set_behaviour(clients="forbidden")
    world.start_syncd()
    world.servers["crm"].person_edit(entry.id, people=[replace(OMAR)])
    await world.cycle()
    crm(world).set_behaviour(clients="readable")
    world.start_syncd()
    await world.cycle()
    await world.settle()
    assert people_at(world, entry, "book") == [OMAR.email]


async def test_a_client_who_was_deleted_makes_nothing_either(world: World) -> None:
    """The record still names somebody whom the vendor no longer has. That is said, and is no failure."""
    entered(world)
    crm(world).clients.remove(crm(world).clients.id_of(JANE))
    there = world.enter("book", at(15), OMAR)
    result = await world.cycle()
    assert result.exit_code == 0
    assert "no longer has the client" in " ".join(result.waiting)
    assert world.twin("book", there.id, "crm") is None
    await world.cycle()
    assert asked(world) == []


async def test_who_books_again_is_no_question_because_of_another_record_whose_client_is_gone(world: World) -> None:
    """That one is never read to its end; the CRM has been seen whole all the same."""
    entered(world, OMAR, hour=9)
    crm(world).clients.remove(crm(world).clients.id_of(OMAR))
    world.enter("book", at(15), status="cancelled")
    await world.cycle()
    await world.cycle()
    again = entered(world)
    result = await world.cycle()
    assert (result.exit_code, result.conflicts) == (0, ())
    assert people_at(world, again, "book") == [JANE.email]


async def test_a_record_that_is_told_at_last_is_nobodys_second_booking(world: World) -> None:
    """Its like was called off meanwhile: it stood there all the time, so that a person is asked which is true."""
    crm(world).set_behaviour(clients="forbidden")
    entered(world)
    other = world.enter("book", at(15))
    await world.cycle()
    world.call_off("book", other.id)
    await world.cycle()
    crm(world).set_behaviour(clients="readable")
    result = await world.cycle(minutes=60)
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.values["crm"]) == (None, "scheduled")
    await world.cycle()
    assert [world.starts(name) for name in ALL] == [[at(15)], [], [], []]


async def test_a_deleted_client_stays_the_appointments_client(world: World) -> None:
    """Somebody tidied up at the CRM; the appointment still is with whom it was."""
    entry = entered(world)
    await world.settle()
    crm(world).clients.remove(crm(world).clients.id_of(JANE))
    await world.cycle(minutes=61)
    result = await world.settle()
    assert result.conflicts == ()
    assert people_at(world, entry, "book") == [JANE.email]


@pytest.mark.parametrize("why", ["forbidden", "gone"])
async def test_a_stand_in_takes_their_place_where_the_operator_says_so(worlds: Worlds, why: str) -> None:
    """Both are off then: the appointment is made with the stand-in, and nothing is kept back."""
    shapes = {"list_rows": "reference", "get_rows": "reference"}
    world = worlds(switches={"crm": shapes}, options={"crm": {"clients": "stand-in"}})
    entry = entered(world)
    if why == "gone":
        crm(world).clients.remove(crm(world).clients.id_of(JANE))
    else:
        crm(world).set_behaviour(clients="forbidden")
    result = await world.cycle()
    assert (result.exit_code, of(result, "crm").error) == (0, None)
    assert people_at(world, entry, "book") == ["desk@example.com"]
    crm(world).set_behaviour(clients="readable")
    world.start_syncd()
    await world.cycle(minutes=61)
    await world.settle()
    assert people_at(world, entry, "book") == [JANE.email if why == "forbidden" else "desk@example.com"]


async def test_clients_that_cannot_be_read_now_are_waited_for(world: World) -> None:
    """A failing endpoint makes the cycle end in part; nothing is made until it answers."""
    entry = entered(world)
    world.fault("crm", "status", path="/clients", code=500)
    result = await world.cycle()
    assert result.exit_code == 3
    assert steps(result) == []
    world.mend()
    await world.settle()
    assert people_at(world, entry, "book") == [JANE.email]


# -- what we make there -------------------------------------------------------------------------------------------


async def test_a_record_that_we_make_names_no_client_and_that_is_said(world: World) -> None:
    """No client is made at the CRM, none is named, and nobody is taken to have removed one."""
    other = world.enter("book", at(15))
    await world.cycle()
    [note] = last_notes(world, "crm")
    assert note == "the record carries no client: crm lets none be named in a write"
    assert world.the("book", other.id, "crm").people == []
    assert len(crm(world).clients) == 0
    assert not [path for path in crm(world).counters.requests if path.startswith("POST /v1/clients")]
    for _ in range(2):
        result = await world.cycle()
        assert (steps(result), result.conflicts) == ([], ())


async def test_after_a_lost_store_what_we_made_is_found_by_start_and_title(worlds: Worlds) -> None:
    """It has no client to be told by."""
    world = worlds(names=("crm", "book", "office"))
    for hour, who in ((15, JANE), (15, OMAR), (17, JANE)):
        world.enter("book", at(hour), who)
    await world.settle()
    before = {name: world.starts(name) for name in world.servers}
    lose_the_store(world)
    result = await world.cycle()
    assert [step.operation.summary for step in steps(result)] == []
    assert {name: world.starts(name) for name in world.servers} == before


@pytest.mark.parametrize("how", ["reset_after", "status_after"])
async def test_what_we_made_is_recognised_although_the_answer_was_lost(world: World, how: str) -> None:
    """By its start and title: linked, and not made again."""
    world.fault("crm", how, "create", times=1)
    other = world.enter("book", at(15))
    await world.cycle()
    await world.settle()
    assert world.starts("crm") == [at(15)]
    assert world.the("book", other.id, "crm").start == at(15)


async def test_a_client_whom_a_person_names_there_later_takes_nothing_away(world: World) -> None:
    """The CRM's card of the same person has no phone number: nobody took it away elsewhere."""
    other = world.enter("book", at(15))
    await world.settle()
    made = world.the("book", other.id, "crm")
    world.servers["crm"].person_edit(made.id, people=[replace(JANE, phone="")])
    await world.settle()
    assert world.servers["book"].entries[other.id].people == [JANE]
    assert world.the("book", other.id, "site").people[0].phone == JANE.phone


async def test_another_client_whom_a_person_names_there_is_the_client(world: World) -> None:
    """The record had none; the one that it has now is that person's doing."""
    other = world.enter("book", at(15))
    await world.settle()
    made = world.the("book", other.id, "crm")
    world.servers["crm"].person_edit(made.id, people=[replace(OMAR)])
    await world.settle()
    assert [one.email for one in world.servers["book"].entries[other.id].people] == [OMAR.email]


# -- our own people -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ours", [["@example.com"], ["agent@example.com"]])
async def test_an_agent_who_attends_is_not_the_client(worlds: Worlds, ours: list[str]) -> None:
    """Where no id names a client, an attendee of our own is nobody: the stand-in takes the place."""
    world = worlds(
        switches={"crm": {"get_rows": "full", "attendees": "agent"}}, options={"crm": {"own_addresses": ours}}
    )
    entry = entered(world, None)
    await world.cycle()
    assert people_at(world, entry, "book") == ["desk@example.com"]
    assert [one for one in world.the("crm", entry.id, "site").people if one.email == AGENT.email] == []


async def test_the_client_comes_before_whoever_attends(worlds: Worlds) -> None:
    """The id names the client; ours are left out; the other one has a booking where there is a place for it."""
    options = {"crm": {"own_addresses": [AGENT.email]}}
    shown = {**SEVERAL["crm"], "get_rows": "full", "attendees": "agent"}
    world = worlds(switches={**SEVERAL, "crm": shown}, options=options)
    entry = entered(world, JANE)
    world.servers["crm"].person_edit(entry.id, people=[replace(JANE), replace(OMAR)])
    await world.cycle()
    assert people_at(world, entry, "book") == [JANE.email]
    assert people_at(world, entry, "site") == [JANE.email, OMAR.email]
    assert [note for name in ("book", "office") for note in last_notes(world, name)] == [
        f"{name} has a place for 1 client(s): 1 further one(s) are not in its record" for name in ("book", "office")
    ]
    for _ in range(2):
        assert steps(await world.cycle()) == []


@pytest.mark.parametrize("name", OTHERS)
async def test_our_own_people_are_nobodys_client_at_any_vendor(worlds: Worlds, name: str) -> None:
    """Whoever holds a slot in the agency's own name brings no client to the others."""
    world = worlds(options={name: {"own_addresses": ["@example.com"]}})
    entry = world.enter(name, at(15), AGENT)
    await world.cycle()
    for other in ALL:
        if other != name:
            assert AGENT.email not in [one.email for one in world.the(name, entry.id, other).people]
    assert [one.email for one in world.servers[name].entries[entry.id].people] == [AGENT.email]
    assert steps(await world.cycle()) == []
