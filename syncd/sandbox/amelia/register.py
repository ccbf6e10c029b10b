"""The endpoints of the site's customers: list, add, change, delete.

An e-mail belongs to one person, employees included, whatever the case of its letters; a change is no merge, what is not
sent is lost; a customer who has appointments cannot be deleted (measured).
"""

from typing import Any

from syncd.sandbox.amelia import answers, requests
from syncd.sandbox.amelia.customers import Customer, customer_json, customer_row
from syncd.sandbox.amelia.requests import Handled, Thrown
from syncd.sandbox.amelia.site import Site
from syncd.sandbox.amelia.values import check_email, check_name
from syncd.sandbox.frame.exchange import Answer, Call
from syncd.sandbox.frame.records import Person

PATH = "/api/v1/users/customers"
_KEYS = ("firstName", "lastName", "email", "phone")


def answer(site: Site, call: Call) -> Answer | None:
    """The answer to a request below `PATH`; None where there is no such endpoint. Raises `Handled`, `Thrown`."""
    path = requests.path_of(call).removeprefix(PATH)
    body = requests.body_of(call)
    match call.method, path.strip("/").split("/"):
        case "GET", [""]:
            return _listed(site, call)
        case "POST", [""]:
            return _added(site, body)
        case "POST", [number]:
            return _changed(site, _existing(site, number), body)
        case "POST", ["delete", number]:
            return _deleted(site, _existing(site, number))
        case _:
            return None


def _listed(site: Site, call: Call) -> Answer:
    found = site.customers.search(call.query.get("search", ""))
    limit, size = call.query.get("limit", ""), site.behaviour["page_size"]
    if limit.isdecimal() and int(limit):
        size = int(limit)
    page = call.query.get("page", "")
    first = (int(page) - 1) * size if page.isdecimal() and int(page) else None
    shown = found if first is None else found[first : first + size]
    rows = [customer_row(each) for each in shown]
    data = {"users": rows, "filteredCount": len(found), "totalCount": len(site.customers)}
    return answers.success("Successfully retrieved users.", data)


def _added(site: Site, body: dict[str, Any]) -> Answer:
    requests.check_mandatory(body, ("firstName", "lastName", "email"))
    person = _person(site, body, None)
    data = {"user": customer_json(site.customers.add(person))}
    return answers.success("Successfully added new user.", data)


def _changed(site: Site, customer: Customer, body: dict[str, Any]) -> Answer:
    changed = site.customers.change(customer, _person(site, body, customer))
    for entry in list(site.appointments()):
        if any(booking.customer_id == changed.id for booking in entry.bookings):
            people = [site.customers[booking.customer_id].person for booking in entry.bookings]
            site.amend(entry, people=people)
    return answers.success("Successfully updated user.", {"user": customer_json(changed)})


def _deleted(site: Site, customer: Customer) -> Answer:
    for entry in site.appointments():
        if any(booking.customer_id == customer.id for booking in entry.bookings):
            raise Handled("Could not delete user.", [], conflict=True)
    site.customers.remove(customer)
    return answers.success("Successfully deleted user.", {"user": customer_json(customer)})


def _existing(site: Site, number: str) -> Customer:
    if not number.isdecimal() or int(number) not in site.customers:
        raise Thrown(f"Invalid key {number}.")
    return site.customers[int(number)]


def _person(site: Site, body: dict[str, Any], customer: Customer | None) -> Person:
    person = Person(*(str(body.get(key) or "").strip() for key in _KEYS))
    for name in (person.first_name, person.last_name):
        check_name(name)
    check_email(person.email)
    if person.email and _is_taken(site, person, customer):
        raise Handled("Email already exist.", "This email already exists.", conflict=True)
    return person


def _is_taken(site: Site, person: Person, customer: Customer | None) -> bool:
    email = person.email.lower()
    if any(row.email.lower() == email for row in site.catalogue.providers.values()):
        return True
    found = site.customers.same(person)
    return found is not None and (customer is None or found.id != customer.id)
