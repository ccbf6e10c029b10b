"""Amelia's writes: what is sent in which order, who is mailed, and what an answer proves."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.errors import Misconfigured, Refused, Stale, Unreachable, VendorError
from syncd.sandbox.amelia.bookings import Appointment as SiteAppointment
from syncd.vendors.amelia.adapter import Adapter
from syncd.vendors.port import Joined, Uncertain, Written
from tests.vendors.amelia.world import (
    BUILDS,
    CATALOGUE,
    DESK,
    JANE,
    OMAR,
    SHOWING,
    World,
    answering,
    appointment,
    at,
    booking,
    customer,
    handled,
    person,
    read,
    row,
    slot,
    written,
)

EVERYTHING = frozenset({Field.SLOT, Field.NOTES})
STATUS = frozenset({Field.STATUS})


async def created(vendor: Adapter, target: Appointment) -> Written:
    """A create that was done."""
    return written(await vendor.create(target, "ab12"))


@pytest.mark.parametrize("flags", ["int", "text", "bool"])
@pytest.mark.parametrize("build", BUILDS)
async def test_a_created_appointment_reads_back_as_it_was_and_mails_nobody(build: str, flags: str) -> None:
    """Slot, status, notes, clients, service and staff arrive, with syncd's mark in the internal note."""
    world = World({"build": build, "flags": flags, "group_services": [SHOWING]})
    vendor = world.vendor()
    target = appointment(notes="Bring\nkeys", clients=(JANE, OMAR), status=Status.PENDING, slot=slot(at(8), 45))
    done = await created(vendor, target)
    record = await read(vendor, done.remote_id, target)
    assert record.content == target
    assert record.token == "ab12"
    assert done.record is not None
    assert done.record.content == target
    assert done.note == "created 2 customer(s) for it"
    assert world.site.counters.notifications == 0


@pytest.mark.parametrize("hour", [0.5, 1.5])
async def test_the_repeated_hour_is_written_as_amelia_has_it(hour: float) -> None:
    """Both half past twos can be booked: Amelia shows the one time of them, and by it the record is what we wrote."""
    world = World()
    target = appointment(slot=slot(at(hour, day=25)))
    vendor = world.vendor()
    done = await created(vendor, target)
    assert world.site.entries[done.remote_id].start == at(1.5, day=25)
    assert (await read(vendor, done.remote_id, target)).content.slot == target.slot


async def test_a_customer_is_found_by_the_exact_e_mail() -> None:
    """Amelia's search is loose: of those it brings, the one with this address is taken, whatever the case."""
    world = World({"page_size": 1})
    for address in ("jane@example.com.au", "mary.jane@example.com", "JANE@example.com"):
        world.site.customers.add(person(Client(first_name="Jane", email=address)))
    done = await created(world.vendor(), appointment(clients=(Client(first_name="Jane", email="jane@Example.com"),)))
    assert done.note is None
    assert "POST /users/customers" not in world.calls
    assert world.site.entries[done.remote_id].people[0].email == "JANE@example.com"


async def test_a_client_without_e_mail_is_found_by_name_and_phone() -> None:
    """The same name and number are the same person; the same name alone gets a customer of its own."""
    world = World()
    ann = Client(first_name="Ann", last_name="Lee", phone="+1 212 555 0188")
    first = world.site.customers.add(person(ann))
    vendor = world.vendor()
    same = await created(vendor, appointment(clients=(Client(first_name="ann", last_name="lee", phone="2125550188"),)))
    other = await created(vendor, appointment(clients=(Client(first_name="Ann", last_name="Lee"),), slot=slot(at(12))))
    assert world.bodies[0]["bookings"][0]["customerId"] == first.id
    assert same.note is None
    assert other.note == "created 1 customer(s) for it"


async def test_two_creates_at_once_make_one_customer() -> None:
    """Nobody is registered twice because two appointments of theirs are created together."""
    world = World()
    vendor = world.vendor()
    await asyncio.gather(created(vendor, appointment()), created(vendor, appointment(slot=slot(at(12)))))
    assert world.calls.count("POST /users/customers") == 1


@pytest.mark.parametrize(
    "refusal", [handled(409, "Email already exist.", data=["x"]), handled(200, None, emailError=True)]
)
async def test_an_e_mail_that_is_taken_meanwhile_is_searched_again(refusal: httpx.Response) -> None:
    """The customer that somebody else has just made is used; if there is none, the create is refused."""
    nobody = handled(users=[], filteredCount=0)
    there = handled(users=[customer(79, JANE)], filteredCount=1)
    done = await created(answering(nobody, refusal, there, handled(appointment=row())), appointment())
    assert done.remote_id == "742"
    with pytest.raises(Refused, match="creating a customer"):
        await answering(nobody, refusal, nobody).create(appointment(), "ab12")


async def test_a_customer_whose_making_is_unclear_is_searched_again() -> None:
    """No second customer is made; where none is found, the appointment was surely not created."""
    nobody, lost = handled(users=[], filteredCount=0), httpx.Response(502)
    there = handled(users=[customer(79, JANE)], filteredCount=1)
    done = await created(answering(nobody, lost, there, handled(appointment=row())), appointment())
    assert done.remote_id == "742"
    with pytest.raises(Unreachable, match="the appointment was not"):
        await answering(nobody, lost, nobody).create(appointment(), "ab12")


async def test_an_appointment_without_a_client_gets_the_placeholder() -> None:
    """The configured customer stands in, and reads back as no client."""
    world = World()
    vendor = world.vendor(customer_id=DESK)
    target = appointment(clients=(Client(),))
    done = await created(vendor, target)
    assert world.bodies[-1]["bookings"][0]["customerId"] == DESK
    assert (await read(vendor, done.remote_id)).content.clients == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"clients": ()}, "set customer_id"),
        ({"clients": (Client(),)}, "set customer_id"),
        ({"service": "Repair"}, "no id for site"),
        ({"service": "#9"}, r"in no \[\[services\]\] row"),
        ({"staff": "Kim"}, "no id for site"),
        ({"slot": slot(at(8), 30 * 60)}, "whole days"),
        ({"slot": slot(at(8), 30.5)}, "whole number of minutes"),
        ({"service": "Odd"}, "is no number"),
        ({"staff": "Odd"}, "provider = 1"),
    ],
)
async def test_what_cannot_be_created_is_objected_to(changes: dict[str, Any], why: str) -> None:
    """The objection names the way out; a create that is asked for all the same sends nothing."""
    odd = Entry(name="Odd", ids={"site": "first"})
    world = World()
    vendor = world.vendor(catalogue=Catalogue((*CATALOGUE.services, odd), (*CATALOGUE.staff, odd)))
    target = appointment(**changes)
    objection = vendor.capabilities.objection(target)
    assert objection is not None
    with pytest.raises(Refused, match=why):
        await vendor.create(target, "ab12")
    assert world.seen == []


@pytest.mark.parametrize(
    ("field", "changes", "holds"),
    [
        (Field.SLOT, {}, True),
        (Field.SLOT, {"slot": slot(at(8), 25 * 60)}, False),
        (Field.CLIENTS, {"clients": ()}, False),
        (Field.CLIENTS, {}, True),
        (Field.SERVICE, {}, True),
        (Field.SERVICE, {"service": None}, False),
        (Field.SERVICE, {"service": "Repair"}, False),
        (Field.STAFF, {"staff": "Robin"}, True),
        (Field.STAFF, {"staff": "Kim"}, False),
        (Field.STAFF, {"staff": None}, False),
        (Field.NOTES, {}, True),
    ],
)
def test_what_a_site_holds_depends_on_the_catalogue(field: Field, changes: dict[str, Any], holds: bool) -> None:
    """A value that the site has no id for cannot be there."""
    assert World().vendor().capabilities.holds(field, appointment(**changes)) is holds


async def test_staff_may_be_a_provider_alone() -> None:
    """A catalogue row without a location creates without one."""
    world = World()
    done = await created(world.vendor(), appointment(staff="Robin"))
    assert world.site.entries[done.remote_id].staff == {"provider": 2, "location": None}


async def test_a_group_service_may_join_an_appointment_which_is_said() -> None:
    """The id is the existing one's, the record has everybody in it, and the note tells of the others."""
    world = World({"group_services": [SHOWING]})
    kept = world.enter(people=[person(OMAR)])
    vendor = world.vendor()
    done = await created(vendor, appointment())
    assert done.remote_id == kept.id
    assert done.note is not None
    assert "beside others" in done.note
    entry = world.site.entries[kept.id]
    assert isinstance(entry, SiteAppointment)
    number = entry.bookings[-1].id
    assert done.joined == Joined(f"booking {number}", others_stand=True, names=(str(number),))
    assert (await read(vendor, kept.id)).content.clients == (OMAR, JANE)


@pytest.mark.parametrize("minutes", [30, 60])
@pytest.mark.parametrize("build", BUILDS)
async def test_an_appointment_moves_with_all_its_bookings(build: str, minutes: float) -> None:
    """Start and length change together with the notes; clients and syncd's mark stay; nobody is mailed."""
    world = World({"build": build, "group_services": [SHOWING]})
    vendor = world.vendor()
    done = await created(vendor, appointment(clients=(JANE, OMAR), notes="Old"))
    record = await read(vendor, done.remote_id)
    target = record.content.with_values({Field.SLOT: slot(at(13), minutes), Field.NOTES: "New"})
    answer = await vendor.write(record, target, EVERYTHING)
    assert isinstance(answer, Written)
    assert answer.record is not None
    assert answer.record.shows == {Field.SLOT, Field.NOTES}
    assert (answer.record.content.slot, answer.record.content.notes) == (target.slot, target.notes)
    again = await read(vendor, done.remote_id)
    assert (again.content, again.token) == (target, "ab12")
    assert ("bookings" in world.bodies[-1]) is (minutes == 60)
    assert world.site.counters.notifications == 0


async def test_notes_alone_do_not_touch_the_time() -> None:
    """Neither the start nor `utc` is sent, which alone would move the appointment."""
    world = World()
    kept = world.enter()
    vendor = world.vendor()
    record = await read(vendor, kept.id)
    await vendor.write(record, record.content.with_values({Field.NOTES: "New"}), EVERYTHING)
    assert world.bodies == [{"internalNotes": "New", "notifyParticipants": 0}]
    assert world.site.entries[kept.id].start == at(8)


async def test_nothing_is_sent_where_nothing_differs() -> None:
    """A record that is already as wanted counts as written."""
    world = World()
    kept = world.enter()
    vendor = world.vendor()
    record = await read(vendor, kept.id)
    assert await vendor.write(record, record.content, EVERYTHING) == Written(remote_id=kept.id)
    assert world.bodies == []


async def test_mails_go_out_where_the_operator_wants_them() -> None:
    """With `notify_clients` flags are set, and no stored flag is switched off."""
    world = World()
    vendor = world.vendor(notify_clients=True)
    done = await created(vendor, appointment())
    written(await vendor.cancel(await read(vendor, done.remote_id)))
    assert world.site.counters.notifications == 2


@pytest.mark.parametrize("behaviour", [{}, {"errors_as_conflict": False}, {"error_messages": False}])
@pytest.mark.parametrize("build", BUILDS)
async def test_a_taken_time_is_a_refusal_in_every_build(build: str, behaviour: dict[str, Any]) -> None:
    """A handled error is a no, whether it comes as 200, 409 or 500, with or without a message."""
    world = World({"build": build} | behaviour)
    world.enter(people=[person(OMAR)])
    vendor = world.vendor()
    with pytest.raises(Refused, match="not free"):
        await vendor.create(appointment(), "ab12")
    gone = world.enter(at(8), status="cancelled")
    with pytest.raises(Refused, match="not free"):
        await vendor.write(await read(vendor, gone.id), appointment(), STATUS)
    assert world.calls.count("POST /appointments") == 1


@pytest.mark.parametrize(
    "kind", ["html", "empty", "truncate", "not_json", "reset", "reset_after", "hang", "hang_after"]
)
@pytest.mark.parametrize("operation", ["create", "reschedule", "cancel"])
async def test_a_write_without_a_clear_answer_is_uncertain(operation: str, kind: str) -> None:
    """It is sent once, and the outcome is a value that says so and names nobody."""
    world = World()
    kept = world.enter(at(15), notify=False)
    vendor = world.vendor()
    record = await read(vendor, kept.id)
    world.fault(kind, operation=operation)
    before = len(world.seen)
    if operation == "create":
        result = await vendor.create(appointment(), "ab12")
    elif operation == "reschedule":
        result = await vendor.write(record, appointment(), EVERYTHING)
    else:
        result = await vendor.cancel(record)
    assert isinstance(result, Uncertain)
    assert "site" in result.reason
    assert "Jane" not in result.reason
    assert sum(call.startswith("POST /appointments") for call in world.calls[before:]) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403), Misconfigured),
        (handled(200, None, reauthorize=True), Misconfigured),
        (httpx.Response(200, text="0"), Unreachable),
        (httpx.Response(404, text="<h1>Nothing</h1>"), Misconfigured),
        (httpx.Response(413, text="<h1>Too large</h1>"), Refused),
        (handled(500, "Mandatory fields not passed!"), Refused),
        (handled(200, "Unable to save"), Refused),
        (handled(200, None, appointment=row(), maximumCapacityReached=True), Refused),
        (handled(500, "Invalid key 742."), Stale),
        (handled(500, "Invalid key 10."), Refused),
    ],
)
async def test_a_clear_no_says_what_to_do(answer: httpx.Response, error: type[VendorError]) -> None:
    """What Amelia did not do raises by the caller's next move."""
    quiet = handled(appointment=row(notifyParticipants=0))
    vendor = answering(quiet, answer)
    record = await read(vendor, "742")
    with pytest.raises(error) as caught:
        await vendor.cancel(record)
    assert str(caught.value).startswith("site: ")


@pytest.mark.parametrize("answer", [handled(appointment={"bookings": []}), handled(appointment=[])])
async def test_a_create_that_shows_no_id_is_uncertain(answer: httpx.Response) -> None:
    """Success without an id cannot be followed up: the listing will tell."""
    there = handled(users=[customer(79, JANE)], filteredCount=1)
    assert isinstance(await answering(there, answer).create(appointment(), "ab12"), Uncertain)


@pytest.mark.parametrize("changes", [{"bookingStart": "soon"}, {"bookings": [booking(980, None)]}])
async def test_a_create_whose_answer_is_no_whole_record_is_done_and_read_later(changes: dict[str, Any]) -> None:
    """The id counts: what the record shows is left to a read."""
    there = handled(users=[customer(79, JANE)], filteredCount=1)
    done = await created(answering(there, handled(appointment=row(**changes))), appointment())
    assert (done.remote_id, done.record) == ("742", None)


async def test_a_move_that_is_refused_and_done_all_the_same_is_done() -> None:
    """Some builds write before they find the time taken: the record alone decides."""
    there, taken = handled(appointment=row()), handled(200, None, timeSlotUnavailable=True)
    moved = handled(appointment=row(bookingStart="2026-10-22 11:00:00", bookingEnd="2026-10-22 11:30:00"))
    target = appointment(slot=slot(at(9)))
    vendor = answering(there, taken, moved)
    done = written(await vendor.write(await read(vendor, "742"), target, EVERYTHING))
    assert done.note is not None
    assert "moved all the same" in done.note
    vendor = answering(there, taken, httpx.Response(502))
    assert isinstance(await vendor.write(await read(vendor, "742"), target, EVERYTHING), Uncertain)
    elsewhere = handled(appointment=row(bookingStart="2026-10-22 10:55:00", bookingEnd="2026-10-22 11:25:00"))
    vendor = answering(there, taken, elsewhere)
    unclear = await vendor.write(await read(vendor, "742"), target, EVERYTHING)
    assert isinstance(unclear, Uncertain)
    assert "another time" in unclear.reason
    vendor = answering(there, taken, there)
    with pytest.raises(Refused, match="not free"):
        await vendor.write(await read(vendor, "742"), target, EVERYTHING)


async def test_a_length_that_the_bookings_cannot_take_is_refused() -> None:
    """Nothing is sent where extras alone take as long."""
    seen: list[httpx.Request] = []
    vendor = answering(handled(appointment=row(bookings=[booking(duration=600)])), seen=seen)
    record = await read(vendor, "742")
    with pytest.raises(Refused, match="extras"):
        await vendor.write(record, appointment(slot=slot(at(8), 15)), EVERYTHING)
    assert len(seen) == 1


async def test_a_status_that_amelia_lacks_is_refused() -> None:
    """Nothing is sent for a status that cannot be said there."""
    vendor = answering(handled(appointment=row()))
    record = await read(vendor, "742")
    with pytest.raises(Refused, match="completed"):
        await vendor.write(record, appointment(status=Status.COMPLETED), STATUS)


async def test_the_key_goes_in_its_header_and_in_nothing_else() -> None:
    """The key is in `Amelia:`; addresses and errors do not hold it, even where the site repeats it."""
    seen: list[httpx.Request] = []
    key = "f00dfeed" * 5
    vendor = answering(handled(200, f"key {key}"), seen=seen, api_key=key)
    with pytest.raises(VendorError) as caught:
        await vendor.get("742")
    assert seen[0].headers["amelia"] == key
    assert key not in str(seen[0].url)
    assert key not in str(caught.value)


async def test_a_deletion_is_for_good() -> None:
    """It is answered with the appointment; a second one finds nothing. No cycle asks for it."""
    world = World()
    entry = world.enter()
    client = world.vendor().api
    assert isinstance(await client.delete(entry.id), bytes)
    assert entry.id not in world.site.entries
    with pytest.raises(Stale):
        await client.delete(entry.id)
