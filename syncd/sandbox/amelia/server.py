"""Amelia as a server: the WordPress plugin behind `admin-ajax.php`, by its reference and its published source.

Decides what WordPress answers before the plugin is reached, how errors come out in the two kinds of build, and what a
listing holds; writes are `amelia_writing`'s affair, a person's entries `amelia_people`'s. An appointment has no title,
version or modification time: its title is its service's name, and its clients are customers of the site. `service` is
the service's id, `staff` is `{"provider": id, "location": id}`.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, ClassVar, cast

from syncd.sandbox.amelia import listing, requests, slots, writing
from syncd.sandbox.amelia.bookings import Appointment, Booking
from syncd.sandbox.amelia.catalogue import Catalogue
from syncd.sandbox.amelia.customers import Customers, customer_json, customer_row
from syncd.sandbox.amelia.people import entered
from syncd.sandbox.amelia.requests import Handled, Thrown
from syncd.sandbox.amelia.rows import Form, Site, appointment_row
from syncd.sandbox.amelia.switches import SWITCHES
from syncd.sandbox.amelia.times import zone_of
from syncd.sandbox.frame.normalise import normalised
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import Answer, Call, Row, SandboxVendor, Switch

_JSON = "application/json;charset=utf-8"
_HTML = "text/html; charset=UTF-8"


class Amelia(SandboxVendor):
    """The WordPress site. Wall-clock times of the site's zone, no versions and no modification times."""

    kind = "amelia"
    base_path = "/wp-admin/admin-ajax.php"
    nullable = ("internalNotes", "locationId", "notifyParticipants")
    unkind: ClassVar[Mapping[str, Any]] = {
        "build": "slim3",
        "list_shape": "by_date",
        "flags": "text",
        "bad_key": "empty",
        "error_messages": False,
        "shuffle_ties": True,
    }
    switches: ClassVar[Mapping[str, Switch]] = SWITCHES

    api_key: str = "3d" * 22

    def __init__(self, name: str, **given: Any) -> None:
        self.catalogue = Catalogue()
        self.customers = Customers(self._reworded)
        self._last_id = 741
        self._last_booking = 978
        self.orders = listing.Orders()
        super().__init__(name, **given)

    def settings(self) -> dict[str, Any]:
        """The API key and the site's zone."""
        return {"api_key": self.api_key, "timezone": self.behaviour["zone"]}

    @property
    def zone(self) -> tzinfo:
        """The site's zone."""
        return zone_of(self.behaviour["zone"])

    def set_behaviour(self, **changes: Any) -> None:
        """As everywhere; the group services may be a set."""
        if isinstance(changes.get("group_services"), set | frozenset):
            changes["group_services"] = sorted(changes["group_services"])
        super().set_behaviour(**changes)

    def new_id(self) -> str:
        """The next number."""
        self._last_id += 1
        while str(self._last_id) in self.entries:
            self._last_id += 1
        return str(self._last_id)

    def fresh_booking(self, like: Booking | None = None) -> Booking:
        """A booking with a number of its own, made now, otherwise like the one given."""
        self._last_booking += 1
        if like is not None:
            return dataclasses.replace(like, id=self._last_booking, created_at=self.now())
        return Booking(id=self._last_booking, customer_id=0, status="approved", duration=0, created_at=self.now())

    def site(self) -> Site:
        """What rows need to know of the site."""
        return Site(self.zone, self.catalogue, self.customers, self.behaviour["flags"])

    # -- records ------------------------------------------------------------------------------------------------

    def kept(self, entry: Entry) -> Appointment:
        """A stored record as what it is here."""
        assert isinstance(entry, Appointment)
        return entry

    def appointments(self) -> Iterable[Appointment]:
        """All records."""
        return cast(Iterable[Appointment], self.entries.values())

    def named(self, entry: Appointment) -> Appointment:
        """With the title and the location that follow from service and place."""
        place = None if entry.place is None else self.catalogue.locations.get(entry.place)
        title = self.catalogue.services[entry.service].name
        return dataclasses.replace(entry, title=title, location=place.name if place else "")

    def joinable(self, service: int, provider: int, start: datetime) -> Appointment | None:
        """The appointment that a create would join."""
        if service not in self.behaviour["group_services"]:
            return None
        return slots.joined(self.appointments(), service, provider, start)

    def is_free(self, entry: Appointment) -> bool:
        """Whether the appointment can take its time."""
        if not slots.on_grid(entry.start, self.zone, self.behaviour["slot_grid"]):
            return False
        return not self.behaviour["enforce_slots"] or slots.employee_is_free(entry, self.appointments())

    def clashes(self, entry: Appointment) -> bool:
        """Whether one of its customers is elsewhere at that time."""
        return not slots.customers_are_free(entry, self.appointments())

    def completed(self, entry: Entry) -> Entry:
        """A record that a person enters or edits: with bookings, and with its service's title. Raises `ValueError`."""
        return self.named(entered(self, entry))

    def person_edit(self, record_id: str, **neutral: Any) -> Entry:
        """A new start without an end keeps the length. Raises `UnknownRecord`, `ValueError`."""
        entry = self.kept(self.existing(record_id))
        given = dict(neutral)
        if "start" in given and "end" not in given:
            given["end"] = given["start"] + (entry.end - entry.start)
        edited = self.completed(dataclasses.replace(entry, **given))
        names = [item.name for item in dataclasses.fields(Appointment)]
        old, new = ({name: getattr(each, name) for name in names} for each in (entry, edited))
        changes = {name: new[name] for name in names if name in neutral or new[name] != old[name]}
        return self.amend(entry, by="person", **changes)

    def _reworded(self, person: Person) -> Person:
        now = self.now()
        stand_in = Entry(id="", start=now, end=now, created_at=now, modified_at=now, people=[person])
        return normalised(stand_in, self.behaviour).people[0]

    # -- requests -----------------------------------------------------------------------------------------------

    def classify(self, call: Call) -> None:
        """By the query parameter `call`, and for updates by what the body says."""
        requests.classify(call)

    def describe(self, call: Call) -> str:
        """The path of every request is the same: `call` tells them apart."""
        return f"{call.method} {requests.path_of(call)}"

    def authenticate(self, call: Call) -> Answer | None:
        """What WordPress answers by itself (404, the body `0`), and the plugin to a wrong key."""
        if call.path != self.base_path:
            return Answer(404, b"<!DOCTYPE html>\n<title>Page not found</title>\n", media_type=_HTML)
        if self.behaviour["plugin_off"] or call.query.get("action") != "wpamelia_api":
            status = 200 if self.behaviour["build"] == "slim3" else 400
            return Answer(status, b"0", media_type=_HTML, refused=True)
        if call.headers.get("amelia") == self.api_key:
            return None
        return Answer(403 if self.behaviour["bad_key"] == "403" else 200, b"", media_type=_HTML, refused=True)

    def respond(self, call: Call) -> Answer:
        """Appointments, customers and the catalogue; a page of HTML for any other endpoint."""
        try:
            return self._respond(call)
        except Thrown as thrown:
            return Answer(500, {"message": str(thrown)}, media_type=_JSON)
        except Handled as handled:
            return self._handled(handled)

    def _handled(self, error: Handled) -> Answer:
        body = {"message": error.message if self.behaviour["error_messages"] else None, "data": error.data}
        if self.behaviour["build"] == "slim3":
            return Answer(200, body, media_type=_HTML, refused=True)
        return Answer(409 if error.conflict or self.behaviour["errors_as_conflict"] else 500, body, media_type=_JSON)

    def _respond(self, call: Call) -> Answer:
        if call.operation == "list":
            return listing.answer(self, call)
        if call.operation == "create":
            return writing.create(self, requests.body_of(call))
        if call.record_id is None:
            return self._elsewhere(call)
        return self._one(call, requests.path_of(call).removeprefix("/api/v1/appointments/").partition("/")[0])

    def _one(self, call: Call, action: str) -> Answer:
        if call.operation is None or (action == "time" and not self.behaviour["time_endpoint"]):
            return self.failure(404)
        found = self.find(call)
        if found is None:
            raise Thrown(f"Invalid key {call.record_id}.")
        entry, body = self.kept(found), requests.body_of(call)
        if call.operation == "get":
            data = {"appointment": self.row(entry, Form("one").name), "recurring": []}
            return self.success("Successfully retrieved appointment", data)
        match action:
            case "status":
                return writing.set_status(self, entry, body)
            case "time":
                return writing.move(self, entry, body)
            case "delete":
                return writing.delete(self, entry)
            case _:
                return writing.update(self, entry, body)

    def _elsewhere(self, call: Call) -> Answer:
        catalogue = self.catalogue
        match call.method, requests.path_of(call):
            case "GET", "/api/v1/users/customers":
                return self._list_customers(call)
            case "POST", "/api/v1/users/customers":
                return self._add_customer(requests.body_of(call))
            case "GET", "/api/v1/services":
                return self.success("Successfully retrieved services.", catalogue.services_json())
            case "GET", "/api/v1/users/providers":
                return self.success("Successfully retrieved users.", catalogue.providers_json())
            case "GET", "/api/v1/locations":
                return self.success("Successfully retrieved locations.", catalogue.locations_json())
            case "GET", "/api/v1/entities":
                everybody = [customer_row(each) for each in self.customers]
                data = catalogue.entities_json(everybody, call.query.get("types", ""))
                return self.success("Successfully retrieved entities", data)
            case _:
                return self.failure(404)

    # -- customers ----------------------------------------------------------------------------------------------

    def _list_customers(self, call: Call) -> Answer:
        found = self.customers.search(call.query.get("search", ""))
        limit, size = call.query.get("limit", ""), self.behaviour["page_size"]
        if limit.isdecimal() and int(limit):
            size = int(limit)
        page = call.query.get("page", "")
        first = (int(page) - 1) * size if page.isdecimal() and int(page) else None
        shown = found if first is None else found[first : first + size]
        rows = [customer_row(each) for each in shown]
        data = {"users": rows, "filteredCount": len(found), "totalCount": len(self.customers)}
        return self.success("Successfully retrieved users.", data)

    def _add_customer(self, body: dict[str, Any]) -> Answer:
        requests.check_mandatory(body, ("firstName", "lastName", "email"))
        texts = [str(body.get(key) or "").strip() for key in ("firstName", "lastName", "email", "phone")]
        person = Person(*texts)
        if person.email and self.customers.same(person):
            raise Handled("Email already exist.", "This email already exists.", conflict=True)
        return self.success("Successfully added new user.", {"user": customer_json(self.customers.add(person))})

    # -- answers ------------------------------------------------------------------------------------------------

    def success(self, message: str, data: dict[str, Any]) -> Answer:
        """The plugin's envelope."""
        return Answer(200, {"message": message, "data": data}, media_type=_JSON)

    def shown(self, entry: Appointment, answer: str) -> Row:
        """The record as the answer to a write has it."""
        return Row(self.render(entry, Form(answer).name))

    def render(self, entry: Entry, shape: str) -> dict[str, Any]:
        """`shape` is the name of a `Form`."""
        return appointment_row(self.kept(entry), Form.named(shape), self.site())

    def with_status(self, row: dict[str, Any], word: str) -> dict[str, Any]:
        """The bookings have it too."""
        return {**row, "status": word, "bookings": [{**booking, "status": word} for booking in row["bookings"]]}

    def map_rows(self, body: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
        """Rows stand under `data.appointments`, by date or as a list; a single one under `data.appointment`."""
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            return body
        if isinstance(data.get("appointment"), Row):
            return {**body, "data": {**data, "appointment": change([data["appointment"]])[0]}}
        if "appointments" in data:
            return {**body, "data": {**data, "appointments": listing.changed(data["appointments"], change)}}
        return body

    def failure(self, status: int) -> Answer:
        """An error page of WordPress or the web server; a 403 has no body."""
        page = b"" if status == 403 else f"<!DOCTYPE html>\n<title>Error {status}</title>\n".encode()
        return Answer(status, page, media_type=_HTML)
