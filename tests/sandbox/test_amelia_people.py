"""The WordPress site of the sandbox: what a person enters and edits there in neutral terms."""

from dataclasses import replace
from typing import Any

import pytest

from syncd.sandbox.frame.records import Person
from tests.sandbox.amelia_client import (
    CONSULTATION,
    DESK,
    JANE,
    PATH,
    ROBIN,
    SHOWING,
    amelia,
    entered,
    get,
    stored,
)
from tests.sandbox.clients import at, control


def test_what_is_left_out_follows_from_the_catalogue() -> None:
    """The service from the length, the first employee, the desk for a client, and the service's name for a title."""
    vendor = amelia()
    hour = stored(vendor, vendor.person_insert(start=at(10), end=at(11)).id)
    bare = stored(vendor, vendor.person_insert(start=at(12), title="x").id)
    assert (hour.service, hour.title, hour.staff) == (CONSULTATION, "Consultation", {"provider": 1, "location": 1})
    assert (bare.service, bare.title, bare.end) == (1, "Viewing", at(12.5))
    assert (bare.location, bare.bookings[0].customer_id) == ("Main office", DESK)


def test_a_client_is_the_customer_who_has_the_address() -> None:
    """Two appointments of one person have one customer; someone without an address is known by name and phone."""
    vendor = amelia()
    nameless = Person("Ada", "Marsh", "", "555-0100")
    first = [entered(vendor, number).bookings[0].customer_id for number in range(2)]
    second = [entered(vendor, number, people=[nameless]).bookings[0].customer_id for number in range(2)]
    assert (first, second) == ([DESK + 1] * 2, [DESK + 2] * 2)


def test_a_client_books_into_the_record_that_a_create_would_join() -> None:
    """A cancelled one in the oldest generation, with the notes of both; the same client is not taken twice."""
    ada = Person("Ada", "Marsh", "ada@example.com")
    for generation, ids in (("1.x", 1), ("2.4", 2)):
        vendor = amelia(generation=generation)
        entry = entered(vendor, notes="hers")
        vendor.person_cancel(entry.id)
        booked = vendor.kept(vendor.person_book(start=at(10), service=SHOWING, people=[ada], notes="his"))
        assert len(vendor.entries) == ids
        assert (booked.id == entry.id, booked.status) == (ids == 1, "scheduled")
        assert booked.notes == ("hers\n\nhis" if ids == 1 else "his")
        assert [one.status for one in booked.bookings][-1] == "approved"
    vendor = amelia(generation="1.x")
    vendor.person_cancel(entered(vendor).id)
    with pytest.raises(ValueError, match="already booked"):
        vendor.person_book(start=at(10), service=SHOWING, people=[JANE])


def test_moving_a_start_keeps_the_length() -> None:
    """A new end changes it, and with it the bookings."""
    vendor = amelia()
    entry = entered(vendor, end=at(11.5))
    vendor.person_edit(entry.id, start=at(14))
    assert (stored(vendor, entry.id).start, stored(vendor, entry.id).end) == (at(14), at(15.5))
    vendor.person_edit(entry.id, end=at(15))
    assert (stored(vendor, entry.id).end, stored(vendor, entry.id).bookings[0].duration) == (at(15), 3600)


async def test_statuses_are_set_for_all_bookings() -> None:
    """In Amelia's words; a raw word stays as it is."""
    vendor = amelia()
    entry = entered(vendor, people=[JANE, Person("Ada", "Marsh", "ada@example.com")])
    for status, word in (("cancelled", "canceled"), ("pending", "pending"), ("on_hold", "on_hold")):
        vendor.person_edit(entry.id, status=status)
        row = (await get(vendor, f"{PATH}/{entry.id}"))["appointment"]
        assert [row["status"], *(item["status"] for item in row["bookings"])] == [word] * 3
    assert [item.id for item in stored(vendor, entry.id).bookings] == [item.id for item in entry.bookings]


async def test_a_customers_new_details_show_in_all_appointments() -> None:
    """A customer is one record: an edit in one place is seen everywhere, in listings too."""
    vendor = amelia()
    first, second = entered(vendor), entered(vendor, 14)
    await get(vendor)
    vendor.person_edit(first.id, people=[replace(JANE, phone="+16615550199")])
    rows = (await get(vendor, asArray="true"))["appointments"]
    assert {row["bookings"][0]["customer"]["phone"] for row in rows} == {"+16615550199"}
    assert stored(vendor, second.id).people[0].phone == "+16615550199"
    assert len(vendor.customers) == 2


@pytest.mark.parametrize(
    ("person", "same"),
    [
        (replace(JANE, last_name="Jones"), True),
        (replace(JANE, email="jane.smith@example.com"), True),
        (Person("Ada", "Marsh", "ada@example.com"), False),
        (Person("Ada", "Marsh"), False),
    ],
)
def test_an_edit_is_told_from_another_client(person: Person, same: bool) -> None:
    """The address or the name says who it is."""
    vendor = amelia()
    entry = entered(vendor)
    vendor.person_edit(entry.id, people=[person])
    kept = stored(vendor, entry.id)
    assert kept.people == [person]
    assert (kept.bookings[0].customer_id == entry.bookings[0].customer_id) is same


def test_the_desk_is_nobodys_details() -> None:
    """An appointment that had no client gets one, and the desk stays the desk."""
    vendor = amelia()
    entry = vendor.person_insert(start=at(10))
    vendor.person_edit(entry.id, people=[replace(vendor.customers[DESK].person, phone="1"), JANE])
    assert vendor.customers[DESK].person.phone == "5550100"
    assert len(stored(vendor, entry.id).bookings) == 2


def test_phones_are_written_the_sites_way() -> None:
    """In the register as in the record."""
    vendor = amelia(reformat_phone="digits")
    entry = entered(vendor)
    assert (entry.people[0].phone, vendor.customers[DESK + 1].person.phone) == ("16615550101",) * 2


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"service": 77}, "service"),
        ({"staff": 9}, "staff"),
        ({"staff": {"provider": 1, "location": 9}}, "staff"),
        ({"staff": {"room": 1}}, "staff"),
        ({"staff": "Jordan"}, "staff"),
        ({"id": "abc"}, "id"),
        ({"status": "completed"}, "status"),
    ],
)
async def test_a_person_cannot_enter_what_the_site_cannot_hold(given: dict[str, Any], key: str) -> None:
    """400 on the control surface, naming the key."""
    async with control(amelia()) as person:
        answer = await person.post("/records", json={"start": "2026-12-10T15:00:00Z", **given})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{key}:")


async def test_a_person_edits_and_no_client_hears_of_it() -> None:
    """Through the control surface, in neutral terms."""
    vendor = amelia()
    async with control(vendor) as person:
        new = {"start": "2026-12-10T10:00:00Z", "service": SHOWING, "staff": ROBIN, "notes": "n"}
        record = (await person.post("/records", json=new)).json()
        edited = (await person.patch(f"/records/{record['id']}", json={"start": "2026-12-10T12:00:00Z"})).json()
    assert (record["end"], record["staff"]) == ("2026-12-10T10:30:00Z", {"provider": ROBIN, "location": None})
    assert (edited["end"], edited["version"]) == ("2026-12-10T12:30:00Z", 2)
    assert (vendor.counters.writes, vendor.counters.notifications) == (0, 0)


def test_ids_are_never_given_twice() -> None:
    """Not even where a person entered one that was to come."""
    vendor = amelia()
    entered(vendor, id="743")
    assert [entered(vendor, number).id for number in (12, 14)] == ["742", "744"]
