"""Amelia as a server: the WordPress plugin behind `admin-ajax.php`, by its reference, its source and measurements.

Decides what WordPress and the plugin's router answer before anything is looked at, and which endpoint a request is for.
What it does there is decided by `listing`, `writing`, `register` and `people` (a person's entries) on one `Site`. An
appointment has no title, version or modification time: its title is its service's name, and its clients are customers
of the site. `service` is the service's id, `staff` is `{"provider": id, "location": id}`.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from syncd.sandbox.amelia import answers, listing, register, requests, writing
from syncd.sandbox.amelia.bookings import Appointment, length
from syncd.sandbox.amelia.catalogue import Catalogue
from syncd.sandbox.amelia.customers import Customers, customer_row
from syncd.sandbox.amelia.people import entered, joining
from syncd.sandbox.amelia.requests import Handled, Thrown, Unserved
from syncd.sandbox.amelia.rows import Form
from syncd.sandbox.amelia.settings import settings_json
from syncd.sandbox.amelia.site import Site
from syncd.sandbox.amelia.switches import SWITCHES
from syncd.sandbox.frame.records import Entry
from syncd.sandbox.frame.vendor import Answer, Call, Row, SandboxVendor, Switch

_FIRST = "action=wpamelia_api&call=/"
"""What the raw query begins with where Slim 3 cuts the route out of it: unescaped, nothing before it (measured)."""


class Amelia(SandboxVendor):
    """The WordPress site. Wall-clock times of the site's zone, no versions and no modification times."""

    kind = "amelia"
    base_path = "/wp-admin/admin-ajax.php"
    nullable = ("internalNotes", "locationId", "notifyParticipants")
    unkind: ClassVar[Mapping[str, Any]] = {
        "generation": "2.1.3",
        "list_shape": "by_date",
        "by_id": "reference",
        "bad_key": "empty",
        "settings": "403",
        "error_messages": False,
        "shuffle_ties": True,
        "max_rows_unpaged": 5000,
        "slot_step": 30,
        "hours": ("06:00", "22:00"),
    }
    switches: ClassVar[Mapping[str, Switch]] = SWITCHES

    api_key: str = "3d" * 22

    def __init__(self, name: str, **given: Any) -> None:
        self.site = Site(self)
        self._orders = listing.Orders()
        super().__init__(name, **given)

    def settings(self) -> dict[str, Any]:
        """The API key and the site's zone."""
        return {"api_key": self.api_key, "timezone": self.behaviour["zone"]}

    @property
    def catalogue(self) -> Catalogue:
        """What the site offers."""
        return self.site.catalogue

    @property
    def customers(self) -> Customers:
        """The site's customers."""
        return self.site.customers

    def set_behaviour(self, **changes: Any) -> None:
        """As everywhere; the group services may be a set."""
        if isinstance(changes.get("group_services"), set | frozenset):
            changes["group_services"] = sorted(changes["group_services"])
        super().set_behaviour(**changes)

    # -- records --------------------------------------------------------------------------------

    def new_id(self) -> str:
        """The next number."""
        return self.site.new_id()

    def kept(self, entry: Entry) -> Appointment:
        """A stored record as what it is here."""
        return self.site.kept(entry)

    def reminders(self) -> Iterable[Entry]:
        """Those whose stored flag is on: the queries for reminders take no others (measured)."""
        now = self.now()
        return [each for each in self.site.appointments() if each.notify and each.is_live and each.start > now]

    def completed(self, entry: Entry) -> Entry:
        """A record that a person enters or edits: with bookings, and with its service's title. Raises `ValueError`."""
        return self.site.named(entered(self.site, entry))

    def person_book(self, **neutral: Any) -> Entry:
        """A client books online: into the record that a create would join, if there is one. Raises `ValueError`."""
        now = self.now()
        filled = {"created_at": now, "modified_at": now, "end": neutral["start"], **neutral}
        entry = self.kept(self.completed(Entry(id=self.new_id(), **filled)))
        there = self.site.joinable(entry)
        if there is None:
            return self.insert(entry, by="person")
        try:
            writing.check_customers(self.site, there, entry.bookings)
        except Handled as refusal:
            raise ValueError(f"people: {refusal}") from None
        return self.amend(there, by="person", **joining(self.site, there, entry))

    def person_edit(self, record_id: str, **neutral: Any) -> Entry:
        """A new start without an end keeps the length. Raises `UnknownRecord`, `ValueError`."""
        entry = self.kept(self.existing(record_id))
        given = dict(neutral)
        if "start" in given and "end" not in given:
            given["end"] = given["start"] + length(entry.bookings)
        edited = self.completed(dataclasses.replace(entry, **given))
        names = [item.name for item in dataclasses.fields(Appointment)]
        old, new = ({name: getattr(each, name) for name in names} for each in (entry, edited))
        changes = {name: new[name] for name in names if name in neutral or new[name] != old[name]}
        return self.amend(entry, by="person", **changes)

    def person_rebook(self, record_id: str, number: int, **values: Any) -> Entry:
        """One booking of a record, by its place, gets other values: `status="canceled"` takes a client out.

        Raises `UnknownRecord`.
        """
        entry = self.kept(self.existing(record_id))
        booked = [dataclasses.replace(one, **values) if n == number else one for n, one in enumerate(entry.bookings)]
        return self.amend(entry, by="person", **self.site.derived(entry.start, booked))

    def words(self, record_id: str) -> list[str]:
        """The words of a record's bookings, in order. Raises `UnknownRecord`."""
        return [booking.status for booking in self.kept(self.existing(record_id)).bookings]

    # -- requests -------------------------------------------------------------------------------

    def classify(self, call: Call) -> None:
        """By the query parameter `call`, and for updates by what they make of the record."""
        requests.classify(call)
        if call.operation == "update" and call.record_id in self.entries:
            entry = self.kept(self.entries[call.record_id])
            call.operation = requests.change_of_status(requests.body_of(call), entry) or "update"

    def describe(self, call: Call) -> str:
        """The path of every request is the same: `call` tells them apart."""
        return f"{call.method} {requests.path_of(call)}"

    def authenticate(self, call: Call) -> Answer | None:
        """What WordPress answers by itself (404, the body `0`), the router, and the plugin to a wrong key."""
        if call.path != self.base_path:
            page = b"<!DOCTYPE html>\n<title>Page not found</title>\n"
            return Answer(404, page, media_type=answers.HTML)
        if self.behaviour["plugin_off"] or call.query.get("action") != "wpamelia_api":
            status = 200 if self.site.framework == "slim3" else 400
            return Answer(status, b"0", media_type=answers.HTML, refused=True)
        if self._is_unrouted(call):
            return answers.no_route(self.site)
        if call.headers.get("amelia") == self.api_key:
            return None
        status = 403 if self.behaviour["bad_key"] == "403" else 200
        return Answer(status, b"", media_type=answers.HTML, refused=True)

    def _is_unrouted(self, call: Call) -> bool:
        cuts_query = self.site.generation.framework == "slim3"
        misled = cuts_query and not call.raw_query.startswith(_FIRST)
        return misled or self.behaviour["licence"] == "no_api"

    def respond(self, call: Call) -> Answer:
        """Appointments, customers, the catalogue and settings; no route to any other endpoint."""
        try:
            return self._respond(call)
        except Thrown as thrown:
            return answers.thrown(self.site, str(thrown))
        except Handled as handled:
            return answers.handled(self.site, handled)
        except Unserved as unserved:
            return Answer(400, {"message": str(unserved)}, media_type=answers.JSON)

    def _respond(self, call: Call) -> Answer:
        if call.operation == "list":
            return listing.answer(self.site, self._orders, call)
        if call.operation == "create":
            return writing.create(self.site, requests.body_of(call))
        if call.record_id is None:
            return self._elsewhere(call)
        path = requests.path_of(call)
        return self._one(call, path.removeprefix("/api/v1/appointments/").partition("/")[0])

    def _one(self, call: Call, action: str) -> Answer:
        if action == "time" and not self.behaviour["time_endpoint"]:
            return answers.no_route(self.site)
        if call.operation is None:
            return answers.no_route(self.site, known=True)
        found = self.find(call)
        if found is None:
            raise Thrown(f"Invalid key {call.record_id}.")
        entry, body = self.kept(found), requests.body_of(call)
        if call.operation == "get":
            data = {"appointment": self.row(entry, Form("one").name), "recurring": []}
            return answers.success("Successfully retrieved appointment", data)
        match action:
            case "status":
                return writing.set_status(self.site, entry, body)
            case "time":
                return writing.move(self.site, entry, body)
            case "delete":
                return writing.delete(self.site, entry)
            case _:
                return writing.update(self.site, entry, body)

    def _elsewhere(self, call: Call) -> Answer:
        path = requests.path_of(call)
        if path.startswith(register.PATH):
            return register.answer(self.site, call) or answers.no_route(self.site)
        if path == "/api/v1/appointments":
            return answers.no_route(self.site, known=True)
        if call.method != "GET":
            return answers.no_route(self.site)
        return self._told(path, call) or answers.no_route(self.site)

    def _told(self, path: str, call: Call) -> Answer | None:
        catalogue = self.catalogue
        match path:
            case "/api/v1/services":
                return answers.success("Successfully retrieved services.", catalogue.services_json())
            case "/api/v1/users/providers":
                return answers.success("Successfully retrieved users.", catalogue.providers_json())
            case "/api/v1/locations":
                data = catalogue.locations_json()
                return answers.success("Successfully retrieved locations.", data)
            case "/api/v1/entities":
                everybody = [customer_row(each) for each in self.customers]
                data = catalogue.entities_json(everybody, call.query.get("types", ""))
                return answers.success("Successfully retrieved entities", data)
            case "/api/v1/settings":
                return self._settings()
            case _:
                return None

    def _settings(self) -> Answer | None:
        match self.behaviour["settings"]:
            case "403":
                return Answer(403, {"message": "You are not allowed to perform this action."}, media_type=answers.JSON)
            case "404":
                return None
            case _:
                return answers.success("Successfully retrieved settings", settings_json(self.site))

    # -- answers --------------------------------------------------------------------------------

    def render(self, entry: Entry, shape: str) -> dict[str, Any]:
        """`shape` is the name of a `Form`."""
        return self.site.rendered(entry, Form.named(shape))

    def with_status(self, row: dict[str, Any], word: str) -> dict[str, Any]:
        """The bookings have it too."""
        bookings = [{**booking, "status": word} for booking in row["bookings"]]
        return {**row, "status": word, "bookings": bookings}

    def map_rows(self, body: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
        """Rows stand under `data.appointments`, by date or as a list; a single one under `data.appointment`."""
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            return body
        if isinstance(data.get("appointment"), Row):
            return {**body, "data": {**data, "appointment": change([data["appointment"]])[0]}}
        if "appointments" in data:
            changed = listing.changed(data["appointments"], change)
            return {**body, "data": {**data, "appointments": changed}}
        return body

    def failure(self, status: int) -> Answer:
        """An error page of WordPress or the web server; a 403 has no body."""
        page = b"" if status == 403 else f"<!DOCTYPE html>\n<title>Error {status}</title>\n".encode()
        return Answer(status, page, media_type=answers.HTML)
