"""The WordPress site of the sandbox: its catalogue, its customers, and faults on the way."""

from typing import Any

import pytest

from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Person
from tests.sandbox.amelia_client import (
    CONSULTATION,
    DESK,
    JORDAN,
    PATH,
    ROBIN,
    SHOWING,
    amelia,
    ask,
    creation,
    entered,
    get,
    ids,
    post,
)


async def test_the_catalogue_is_listed() -> None:
    """Services with their seconds, employees, locations, and `entities` by the types asked for."""
    vendor = amelia()
    services = (await get(vendor, "/api/v1/services"))["services"]
    providers = (await get(vendor, "/api/v1/users/providers"))["users"]
    locations = (await get(vendor, "/api/v1/locations"))["locations"]
    entities = await get(vendor, "/api/v1/entities", types="employees,locations,categories,coupons")
    assert {row["id"]: row["duration"] for row in services} == {1: 1800, SHOWING: 1800, CONSULTATION: 3600}
    assert [row["id"] for row in providers] == [JORDAN, ROBIN]
    assert [row["name"] for row in locations] == ["Main office", "Annex"]
    assert set(entities) == {"employees", "locations", "categories"}
    assert entities["categories"][0]["serviceList"] == services
    assert entities["employees"] == providers


async def test_customers_are_searched_by_loose_words() -> None:
    """Any word, anywhere in name or e-mail, so that a search for one address may find several."""
    vendor = amelia()
    for name in ("ann", "joann", "bea"):
        vendor.customers.add(Person(name.title(), "Smith", f"{name}@example.com"))
    found = await get(vendor, "/api/v1/users/customers", search="ann@example.com")
    assert [row["email"] for row in found["users"]] == ["ann@example.com", "joann@example.com"]
    assert (found["filteredCount"], found["totalCount"]) == (2, 4)
    assert len((await get(vendor, "/api/v1/users/customers", search="bea Smith"))["users"]) == 3
    paged = await get(vendor, "/api/v1/users/customers", page=2, limit=3)
    assert ([row["firstName"] for row in paged["users"]], paged["users"][0]["phone"]) == (["Bea"], "")


@pytest.mark.parametrize(("build", "status", "kind"), [("slim3", 200, "text/html"), ("slim4", 409, "application/json")])
async def test_an_e_mail_belongs_to_one_customer(build: str, status: int, kind: str) -> None:
    """The second is refused, whatever the case of its letters; one without an address is not."""
    vendor = amelia(build=build, errors_as_conflict=False)
    new = {"firstName": "Jane", "lastName": "Smith", "email": "jane@example.com", "phone": "+16615550101"}
    user = (await post(vendor, "/api/v1/users/customers", **new))["user"]
    assert (user["id"], user["email"], user["type"]) == (DESK + 1, "jane@example.com", "customer")
    again = await ask(vendor, "POST", "/api/v1/users/customers", {**new, "email": "JANE@example.com"})
    assert (again.status_code, again.headers["content-type"].split(";")[0]) == (status, kind)
    assert again.json() == {"message": "Email already exist.", "data": "This email already exists."}
    nameless = [(await post(vendor, "/api/v1/users/customers", **{**new, "email": ""}))["user"]["id"] for _ in range(2)]
    assert nameless == [DESK + 2, DESK + 3]
    assert (vendor.counters.writes, vendor.counters.refused, vendor.counters.creates) == (3, 1, 0)
    lacking = await ask(vendor, "POST", "/api/v1/users/customers", {"firstName": "Jane"})
    assert lacking.json() == {"message": "Mandatory fields not passed! Missing: lastName, email"}


CUSTOMERS = "/api/v1/users/customers"
NEW = {"firstName": "Jane", "lastName": "Smith", "email": "jane@example.com", "phone": "+16615550101"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"email": "jane@example"}, "Email 'jane@example' is not a valid email"),
        ({"email": "jané@example.com"}, "Email 'jané@example.com' is not a valid email"),
        ({"email": "a@example.com, b@example.com"}, "Email 'a@example.com, b@example.com' is not a valid email"),
        ({"firstName": "n" * 256}, f"Name '{'n' * 256}' must be less than 255 chars"),
        ({"lastName": "n" * 256}, f"Name '{'n' * 256}' must be less than 255 chars"),
    ],
)
async def test_a_customer_with_a_malformed_value_is_refused_with_it(change: dict[str, str], message: str) -> None:
    """The message quotes the value (measured); the longest name is taken, and an empty first name."""
    vendor = amelia()
    answer = await ask(vendor, "POST", CUSTOMERS, {**NEW, **change})
    assert (answer.status_code, answer.json()) == (500, {"message": message})
    assert len(vendor.customers) == 1
    await post(vendor, CUSTOMERS, **{**NEW, "firstName": "", "lastName": "n" * 255})


async def test_an_employees_address_is_taken() -> None:
    """409 with the words of any other address, and the search for customers does not find it (measured)."""
    vendor = amelia()
    answer = await ask(vendor, "POST", CUSTOMERS, {**NEW, "email": "Jordan@example.com"})
    assert (answer.status_code, answer.json()["message"]) == (409, "Email already exist.")
    assert (await get(vendor, CUSTOMERS, search="jordan"))["users"] == []


async def test_a_change_of_a_customer_is_no_merge() -> None:
    """What is not sent is lost (measured); their appointments show it, and their own address is not taken."""
    vendor = amelia()
    entry = entered(vendor)
    number = entry.bookings[0].customer_id
    user = (await post(vendor, f"{CUSTOMERS}/{number}", firstName="Ann", email="JANE@example.com"))["user"]
    assert (user["firstName"], user["lastName"], user["phone"]) == ("Ann", "", None)
    assert vendor.entries[entry.id].people[0].first_name == "Ann"
    taken = await ask(vendor, "POST", f"{CUSTOMERS}/{DESK}", {"email": "jane@example.com"})
    assert taken.status_code == 409


async def test_a_customer_who_has_appointments_cannot_be_deleted() -> None:
    """409 (measured); without one they go."""
    vendor = amelia()
    entry = entered(vendor)
    number = entry.bookings[0].customer_id
    kept = await ask(vendor, "POST", f"{CUSTOMERS}/delete/{number}", {})
    assert (kept.status_code, number in vendor.customers) == (409, True)
    vendor.person_delete(entry.id)
    await post(vendor, f"{CUSTOMERS}/delete/{number}")
    assert number not in vendor.customers
    unknown = await ask(vendor, "POST", f"{CUSTOMERS}/{number}", NEW)
    assert unknown.json() == {"message": f"Invalid key {number}."}


@pytest.mark.parametrize("as_array", ["true", "false"])
@pytest.mark.parametrize(("kind", "expected"), [("half_list", 2), ("duplicate_row", 5), ("empty_list", 0)])
async def test_faults_know_the_rows_of_both_shapes(kind: str, expected: int, as_array: str) -> None:
    """Rows go missing or come twice, while the totals say what is there."""
    vendor = amelia(empty_as_array=False)
    for number in range(4):
        entered(vendor, 24 * number)
    vendor.faults.add(Fault(kind))
    data = await get(vendor, asArray=as_array)
    shown = data["appointments"]
    rows = shown if as_array == "true" else [row for day in shown.values() for row in day["appointments"]]
    assert len(rows) == expected
    assert data["total"] == (0 if kind == "empty_list" else 4)


async def test_faults_change_what_a_row_says() -> None:
    """An unknown status reaches the bookings; a row without its start still stands under its day."""
    vendor = amelia()
    entry = entered(vendor)
    for fault in (Fault("unknown_status"), Fault("missing_field", field="bookingStart"), Fault("null_fields")):
        fault.times = 1
        vendor.faults.add(fault)
    unknown = (await get(vendor, f"{PATH}/{entry.id}"))["appointment"]
    without = (await get(vendor))["appointments"]["2026-12-10"]["appointments"][0]
    emptied = (await get(vendor, f"{PATH}/{entry.id}"))["appointment"]
    assert (unknown["status"], unknown["bookings"][0]["status"]) == ("on_hold", "on_hold")
    assert "bookingStart" not in without
    assert (emptied["internalNotes"], emptied["locationId"]) == (None, None)


async def test_a_stale_read_shows_what_was_there_before() -> None:
    """Also where the record is gone by now."""
    vendor = amelia()
    created = (await post(vendor, PATH, **creation()))["appointment"]
    await post(vendor, f"{PATH}/delete/{created['id']}")
    vendor.faults.add(Fault("stale"))
    assert await ids(vendor) == [created["id"]]


@pytest.mark.parametrize(
    ("operation", "method", "path", "body"),
    [
        ("list", "GET", PATH, None),
        ("get", "GET", f"{PATH}/7", None),
        ("create", "POST", PATH, {}),
        ("update", "POST", f"{PATH}/7", {"internalNotes": ""}),
        ("reschedule", "POST", f"{PATH}/7", {"bookingStart": "2026-12-10 11:00"}),
        ("reschedule", "POST", f"{PATH}/time/7", {}),
        ("status", "POST", f"{PATH}/status/7", {"status": "approved"}),
        ("cancel", "POST", f"{PATH}/status/7", {"status": "canceled"}),
        ("delete", "POST", f"{PATH}/delete/7", {}),
        ("customer", "POST", "/api/v1/users/customers", {}),
    ],
)
async def test_faults_know_the_operations(operation: str, method: str, path: str, body: Any) -> None:
    """By endpoint, and for updates and statuses by what the body says."""
    vendor = amelia()
    vendor.faults.add(Fault("status", operation=operation, code=503))
    assert (await ask(vendor, method, path, body)).status_code == 503
    assert (await ask(vendor, "GET", "/api/v1/services")).status_code == 200


@pytest.mark.parametrize(
    ("operation", "status"),
    [("cancel", "canceled"), ("status", "no-show"), ("update", "approved")],
)
async def test_faults_know_an_update_that_is_about_a_status(operation: str, status: str) -> None:
    """By what its bookings make of the stored ones."""
    vendor = amelia()
    entry = entered(vendor)
    vendor.faults.add(Fault("status", operation=operation, code=503))
    body = {"bookings": [{"id": entry.bookings[0].id, "status": status}]}
    assert (await ask(vendor, "POST", f"{PATH}/{entry.id}", body)).status_code == 503
