"""ActuallyCare as a server: `/v1/appointments` by the vendor's reference.

Where the reference is silent or differs from what is known of the live service, a switch decides (`switches`). It mails
nobody: no page of the vendor's speaks of mails to clients. `service` is the appointment type; there is no staff.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, ClassVar

from syncd.sandbox.actuallycare import requests
from syncd.sandbox.actuallycare.requests import Invalid, Listing
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import Answer, Call, Row, SandboxVendor, Switch, rate_switch, stamp

DEMO_KEY = "5a" * 32

_COLLECTION = "/v1/appointments"
_USER = "0b7c1f0e-52a4-4e0b-9c56-1d2f6f0a7e11"
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
    unkind: ClassVar[Mapping[str, Any]] = {
        "list_rows": "reference",
        "stale_version": "400",
        "order": "desc",
        "start_date": "exact_day",
        "delete": "soft",
    }
    switches: ClassVar[dict[str, Switch]] = {
        "rate": rate_switch((500, 900)),
        "list_rows": Switch("reference", "list rows: the reference's keys, or all", choices=("reference", "full")),
        "get_rows": Switch(
            "reference", "answers by id: the reference's keys with version, or all", choices=("reference", "full")
        ),
        "attendees_in_get": Switch(True, "answers by id also carry attendees and notes", choices=(True, False)),
        "start_date": Switch(
            "lower_bound", "what the filter start_date means", choices=("lower_bound", "exact_day", "ignored")
        ),
        "order": Switch("asc", "the order of a list, by start_time", choices=("asc", "desc", "insertion")),
        "stale_version": Switch("409", "what a stale version gets", choices=("409", "400", "ignored")),
        "delete": Switch("hard", "soft: DELETE leaves a cancelled record", choices=("hard", "soft")),
        "cancelled_listed": Switch(True, "a list without a status filter has cancelled ones", choices=(True, False)),
    }

    api_key: str = DEMO_KEY
    _kept: tuple[tuple[object, ...], list[Entry]] | None = None

    def settings(self) -> dict[str, Any]:
        """An API key of 64 hex digits."""
        return {"api_key": self.api_key}

    def new_id(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def completed(self, entry: Entry) -> Entry:
        """A record has a type; `other` where none was chosen."""
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
        """The key in `X-API-Key`; 401 otherwise."""
        return None if call.headers.get("x-api-key") == self.api_key else self.failure(401)

    def headers(self, call: Call) -> dict[str, str]:
        """The state of the rate limit."""
        state = self.rate_state()
        if state is None:
            return {}
        limit, remaining, reset = state
        return {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(remaining), "RateLimit-Reset": str(reset)}

    def respond(self, call: Call) -> Answer:
        """The five appointment endpoints; 404 for any other path."""
        try:
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
            "client_id": _client_id(entry.people),
            "status": entry.status,
        }
        if shape == "created":
            del row["client_id"]
        if shape != "listed":
            row["version"] = entry.version
        if shape in ("attended", "full"):
            row["attendees"] = [_attendee(person) for person in entry.people]
            row["notes"] = entry.notes or None
        if shape == "full":
            row |= {"user_id": _USER, "description": None, "listing_id": None, "escrow_id": None}
            row |= {"reminder_sent": False, "created_at": stamp(entry.created_at, milliseconds=True)}
            row["updated_at"] = stamp(entry.modified_at, milliseconds=True)
        return {**row, **entry.extra}

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


def _client_id(people: list[Person]) -> str | None:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, people[0].email or people[0].name)) if people else None


def _attendee(person: Person) -> dict[str, str]:
    return {"name": person.name, "email": person.email, "phone": person.phone}
