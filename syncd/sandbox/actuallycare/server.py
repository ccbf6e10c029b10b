"""ActuallyCare as a server: `/v1/appointments` by the reference, `/v1/clients` and `/v1/webhooks` by its pages.

Where they are silent or differ from what is known of the live service, a switch decides (`switches`). It mails nobody:
no page of the vendor's speaks of mails to clients. `service` is the appointment type; there is no staff. The first of
an entry's people is its client, whom rows name by `client_id`; a write by the API cannot name one.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, ClassVar

from syncd.sandbox.actuallycare import clients, requests
from syncd.sandbox.actuallycare.clients import UNDOCUMENTED, Client, Clients
from syncd.sandbox.actuallycare.requests import Invalid, Listing
from syncd.sandbox.actuallycare.switches import SWITCHES, UNKIND
from syncd.sandbox.actuallycare.webhooks import Webhooks
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import Answer, Call, Row, SandboxVendor, Switch, UnknownRecord, stamp

DEMO_KEY = "5a" * 32
DEMO_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYWRtaW4ifQ.c2FuZGJveA"
"""The JWT of an admin, which may have webhooks; an API key may not."""

_COLLECTION = "/v1/appointments"
_CLIENTS = "/v1/clients"
_WEBHOOKS = "/v1/webhooks"
_AGENT = Person("Jordan", "Lee", "agent@example.com", "+1 661 555 0123")
"""The reference's only attendee: somebody of the agency's own."""
_USER = "0b7c1f0e-52a4-4e0b-9c56-1d2f6f0a7e11"
_WORDLESS = ("pending",)
"""What an appointment is elsewhere, and the reference has no word for."""
_CODES = {
    400: ("VALIDATION_ERROR", "Invalid request data"),
    401: ("UNAUTHORIZED", "Authentication required"),
    403: ("INSUFFICIENT_SCOPE", "This key may not do that"),
    404: ("NOT_FOUND", "Resource not found"),
    409: ("VERSION_CONFLICT", "The record was changed by someone else"),
    429: ("RATE_LIMIT_EXCEEDED", "Too many requests, please try again later"),
    500: ("INTERNAL_SERVER_ERROR", "Internal server error"),
    503: ("SERVICE_UNAVAILABLE", "Service temporarily unavailable"),
}


class ActuallyCare(SandboxVendor):
    """The CRM. Instants in UTC, a version and a modification time for each record."""

    kind = "actuallycare"
    base_path = "/v1"
    window_slides = False
    nullable = ("location", "client_id", "description", "notes", "attendees")
    unkind: ClassVar[Mapping[str, Any]] = UNKIND
    switches: ClassVar[Mapping[str, Switch]] = SWITCHES

    api_key: str = DEMO_KEY
    admin_token: str = DEMO_TOKEN
    _kept: tuple[tuple[object, ...], list[Entry]] | None = None

    def __init__(self, name: str, **given: Any) -> None:
        self.clients = Clients()
        self.webhooks = Webhooks(self.new_id)
        super().__init__(name, **given)

    def settings(self) -> dict[str, Any]:
        """An API key of 64 hex digits."""
        return {"api_key": self.api_key}

    def new_id(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def completed(self, entry: Entry) -> Entry:
        """A record has a type; `other` where none was chosen. Raises `ValueError` for a status without a word here."""
        if entry.status in _WORDLESS:
            raise ValueError(f"status: {entry.status!r}: ActuallyCare has {', '.join(requests.STATUSES)}")
        if entry.service is None:
            entry.service = "other"
        return entry

    # -- requests -----------------------------------------------------------------------------------------------

    def classify(self, call: Call) -> None:
        """`PUT` is a cancellation, a reschedule or a status by what its body says."""
        if call.path == _COLLECTION:
            call.operation = {"GET": "list", "POST": "create"}.get(call.method)
            page = call.query.get("page", "1")
            call.page = int(page) if page.isdecimal() and int(page) else 1
        elif call.path.startswith(_COLLECTION + "/"):
            call.record_id = call.path.removeprefix(_COLLECTION + "/")
            call.operation = {"GET": "get", "DELETE": "delete"}.get(call.method)
            if call.method == "PUT":
                call.operation = requests.kind_of_update(call)

    def authenticate(self, call: Call) -> Answer | None:
        """The key in `X-API-Key`, or a JWT; 401 otherwise. Webhooks are for the JWT alone."""
        if call.headers.get("authorization") == f"Bearer {self.admin_token}":
            return None
        if call.headers.get("x-api-key") != self.api_key:
            return self.failure(401)
        return self.failure(403) if call.path.startswith(_WEBHOOKS) else None

    def headers(self, call: Call) -> dict[str, str]:
        """The state of the rate limit."""
        state = self.rate_state()
        if state is None:
            return {}
        limit, remaining, reset = state
        return {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(remaining), "RateLimit-Reset": str(reset)}

    def respond(self, call: Call) -> Answer:
        """Appointments, clients and webhooks; 404 for any other path."""
        try:
            if call.path == _CLIENTS or call.path.startswith(_CLIENTS + "/"):
                return self._about_clients(call)
            if call.path == _WEBHOOKS or call.path.startswith(_WEBHOOKS + "/"):
                return self._about_webhooks(call)
            return self._respond(call)
        except Invalid as wrong:
            return self._failure(400, *_CODES[400], [{"field": wrong.key, "message": wrong.message}])

    def _respond(self, call: Call) -> Answer:
        if call.operation == "list":
            return self._list(call)
        if call.operation == "create":
            return self._create(requests.json_object(call))
        entry = self.find(call)
        if call.operation is None or entry is None:
            return self.failure(404)
        match call.operation:
            case "get":
                return self._success(200, self.row(entry, self._get_shape()))
            case "delete":
                return self._delete(entry)
            case _:
                return self._update(entry, requests.json_object(call))

    def _get_shape(self) -> str:
        if self.behaviour["get_rows"] == "full":
            return "full"
        return "attended" if self.behaviour["attendees_in_get"] else "versioned"

    def _list(self, call: Call) -> Answer:
        asked = requests.listing(call.query)
        found = self._found(call, asked)
        shape = "full" if self.behaviour["list_rows"] == "full" else "listed"
        rows = [self.row(entry, shape) for entry in self.page_of(call, found, asked.limit)]
        pages = -(-len(found) // asked.limit)
        meta = {"page": asked.page, "limit": asked.limit, "total": len(found), "totalPages": pages}
        return self._success(200, {"appointments": rows, "meta": {**meta, "hasMore": asked.page < pages}})

    def _found(self, call: Call, asked: Listing) -> list[Entry]:
        """The matching records in order: kept from page to page, until something changes."""
        key = (self.revision, call.view, asked.appointment_type, asked.status, asked.start_date)
        if self._kept is None or self._kept[0] != key:
            found = [entry for entry in self.visible(call) if self._is_listed(entry, asked)]
            if self.behaviour["order"] != "insertion":
                found.sort(key=lambda entry: entry.start, reverse=self.behaviour["order"] == "desc")
            self._kept = (key, found)
        return self._kept[1]

    def _is_listed(self, entry: Entry, asked: Listing) -> bool:
        if asked.appointment_type not in (None, entry.service) or asked.status not in (None, entry.status):
            return False
        if asked.status is None and entry.is_cancelled and not self.behaviour["cancelled_listed"]:
            return False
        if asked.start_date is None or self.behaviour["start_date"] == "ignored":
            return True
        day = entry.start.astimezone(UTC).date()
        return day == asked.start_date if self.behaviour["start_date"] == "exact_day" else day >= asked.start_date

    def _create(self, body: dict[str, Any]) -> Answer:
        now = self.now()
        entry = Entry(id=self.new_id(), created_at=now, modified_at=now, **requests.creation(body))
        row = self.row(self.insert(entry), "created")
        return self._success(201, row, message="Appointment created successfully")

    def _update(self, entry: Entry, body: dict[str, Any]) -> Answer:
        version = requests.version(body)
        if version not in (None, entry.version) and self.behaviour["stale_version"] != "ignored":
            return self._stale(entry, version)
        changes = requests.changes(body, entry.start, entry.end)
        return self._success(200, self.row(self.amend(entry, **changes), "full"))

    def _delete(self, entry: Entry) -> Answer:
        if self.behaviour["delete"] == "soft":
            self.amend(entry, status="cancelled")
        else:
            self.remove(entry.id)
        return self._success(200, {})

    # -- clients and webhooks -----------------------------------------------------------------------------------

    def _about_clients(self, call: Call) -> Answer:
        if self.behaviour["clients"] == "forbidden":
            return self.failure(403)
        body = requests.json_object(call) if call.method in ("POST", "PUT") else {}
        path = call.path.removeprefix(_CLIENTS).strip("/")
        answered = clients.respond(self.clients, call.method, path, call.query, body, self.edit_client)
        if answered is None:
            return self.failure(404)
        status, data, message = answered
        return self._success(status, data, **({} if message is None else {"message": message}))

    def _about_webhooks(self, call: Call) -> Answer:
        answered = self.webhooks.respond(call.method, call.path.removeprefix(_WEBHOOKS), requests.json_object(call))
        return self.failure(404) if answered is None else self._success(*answered, message=UNDOCUMENTED)

    def insert(self, entry: Entry, *, by: str = "api") -> Entry:
        """As everywhere; whoever is entered as its client is a client from then on."""
        return self._with_client(super().insert(entry, by=by))

    def amend(self, entry: Entry, *, by: str = "api", **changes: Any) -> Entry:
        """The same."""
        return self._with_client(super().amend(entry, by=by, **changes))

    def _with_client(self, entry: Entry) -> Entry:
        if entry.people:
            self.clients.id_of(entry.people[0])
        return entry

    def edit_client(self, client_id: str, **values: str) -> Client:
        """A person changes a client, who keeps the id; no appointment of the client counts as changed.

        Raises `UnknownRecord`, and `ValueError` where another client has these names, e-mail and phone.
        """
        if self.clients.find(client_id) is None:
            raise UnknownRecord(client_id)
        theirs = [e for e in self.entries.values() if e.people and self.clients.id_of(e.people[0]) == client_id]
        changed = self.clients.edit(client_id, **values)
        for entry in theirs:
            unchanged = {"version": entry.version, "modified_at": entry.modified_at}
            self.amend(entry, by="person", people=[changed.person, *entry.people[1:]], **unchanged)
        return changed

    # -- answers ------------------------------------------------------------------------------------------------

    def render(self, entry: Entry, shape: str) -> dict[str, Any]:
        """`listed`, `created`, `versioned`, `attended` and `full`: the keys of the reference's examples."""
        row: dict[str, Any] = {
            "id": entry.id,
            "title": entry.title,
            "appointment_type": entry.service,
            "start_time": stamp(entry.start),
            "end_time": stamp(entry.end),
            "location": entry.location or None,
            "client_id": self.clients.id_of(entry.people[0]) if entry.people else None,
            "status": entry.status,
        }
        if shape == "created":
            del row["client_id"]
        if shape != "listed":
            row["version"] = entry.version
        if shape in ("attended", "full"):
            row["attendees"] = [_attendee(person) for person in self._attending(entry)]
            row["notes"] = entry.notes or None
        if shape == "full":
            row |= {"user_id": _USER, "description": None, "listing_id": None, "escrow_id": None}
            row |= {"reminder_sent": False, "created_at": stamp(entry.created_at, milliseconds=True)}
            row["updated_at"] = stamp(entry.modified_at, milliseconds=True)
        return {**row, **entry.extra}

    def _attending(self, entry: Entry) -> list[Person]:
        match self.behaviour["attendees"]:
            case "everybody":
                return entry.people
            case "others":
                return entry.people[1:]
            case _:
                return [_AGENT, *entry.people[1:]]

    def map_rows(self, body: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
        """Rows stand under `data.appointments`, a single one is `data`."""
        data = body.get("data")
        if isinstance(data, Row):
            return {**body, "data": change([data])[0]}
        if isinstance(data, dict) and "appointments" in data:
            return {**body, "data": {**data, "appointments": change(data["appointments"])}}
        return body

    def _success(self, status: int, data: Any, **more: Any) -> Answer:
        now = stamp(self.now(), milliseconds=True)
        return Answer(status, {"success": True, "data": data, **more, "timestamp": now})

    def failure(self, status: int) -> Answer:
        """The standard envelope."""
        code, message = _CODES.get(status, ("ERROR", "Something went wrong"))
        return self._failure(status, code, message, None)

    def _failure(self, status: int, code: str, message: str, details: Any) -> Answer:
        now = self.now()
        error = {
            "code": code,
            "message": message,
            "errorId": f"ERR_{int(now.timestamp())}_{self.rng.getrandbits(24):06x}",
            "correlationId": self.new_id(),
            "details": details,
        }
        return Answer(status, {"success": False, "error": error, "timestamp": stamp(now, milliseconds=True)})

    def _stale(self, entry: Entry, version: int | None) -> Answer:
        details = {"currentVersion": entry.version, "providedVersion": version}
        if self.behaviour["stale_version"] == "400":
            return self._failure(400, "VERSION_MISMATCH", "The version is not current", details)
        return self._failure(409, *_CODES[409], details)


def _attendee(person: Person) -> dict[str, str]:
    return {"name": person.name, "email": person.email, "phone": person.phone}
