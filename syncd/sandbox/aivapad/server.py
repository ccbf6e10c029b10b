"""Aivapad as a server: `/api/external/v1/appointments` by the vendor's reference.

Where the reference is silent, a switch decides (`switches`). Records have no service and no staff; a client's phone
number is not part of this API. A record without a client's e-mail mails nobody.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from syncd.sandbox.aivapad import requests
from syncd.sandbox.aivapad.requests import Invalid
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import Answer, Call, Row, SandboxVendor, Switch, stamp

DEMO_TOKEN = "aiva_demo_5d8f2c71b6a94e03"

_COLLECTION = "/api/external/v1/appointments"
_CONFLICT = _COLLECTION + "/check-conflict"
_ERRORS = {
    400: "Dados inválidos",
    403: "Token inválido, expirado ou sem permissão",
    404: "Agendamento não encontrado",
    429: "Muitas requisições, tente novamente mais tarde",
    500: "Erro interno do servidor",
}
_USUAL = timedelta(hours=1)
_WORDS = {"scheduled": "default", "pending": "default", "completed": "success"}
_NEUTRAL = {"default": "scheduled", "success": "completed"}


def is_zone(value: Any) -> bool:
    """For a switch that takes a time zone's name."""
    try:
        return bool(ZoneInfo(value).key)
    except (KeyError, TypeError, ValueError, OSError):
        return False


class Aivapad(SandboxVendor):
    """The back office. Wall-clock times without a zone, a modification time, no version."""

    kind = "aivapad"
    base_path = "/api/external/v1"
    nullable = ("clientFirstName", "clientLastName", "clientEmail", "location", "notes")
    unkind: ClassVar[Mapping[str, Any]] = {
        "envelope": "bare",
        "answers": "partial",
        "id_key": "id",
        "all_day_times": "absent",
        "equal_times": "kept",
    }
    switches: ClassVar[dict[str, Switch]] = {
        "zone": Switch("America/Los_Angeles", "the account's time zone", check=is_zone),
        "envelope": Switch("wrapped", "answers under success and data, or bare", choices=("wrapped", "bare")),
        "answers": Switch("partial", "what POST and PUT answer with", choices=("partial", "full")),
        "enforce_conflicts": Switch(False, "POST and PUT turn down an overlap", choices=(False, True)),
        "paged": Switch(False, "a list has pages of page_size, with page and hasMore", choices=(False, True)),
        "page_size": Switch(50, "rows of a page", check=lambda value: type(value) is int and value > 0),
        "id_key": Switch("_id", "the key of the id", choices=("_id", "id")),
        "strict_dates": Switch(True, "date and times are required, YYYY-MM-DD and HH:MM", choices=(True, False)),
        "all_day_times": Switch(
            "midnights", "the times of an all-day record", choices=("midnights", "empty", "absent")
        ),
        "equal_times": Switch("refused", "an endTime that equals startTime: no length", choices=("refused", "kept")),
        "cancelled_status": Switch(
            None, "the status word that means cancelled, or null", check=lambda value: value is None or bool(value)
        ),
        "can_write": Switch(True, "the token has the scope appointments:write", choices=(True, False)),
    }

    token: str = DEMO_TOKEN

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return ZoneInfo(self.behaviour["zone"])

    def settings(self) -> dict[str, Any]:
        """The token and the account's zone."""
        return {"token": self.token, "timezone": self.behaviour["zone"]}

    def new_id(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def completed(self, entry: Entry) -> Entry:
        """All-day records take the whole local day. One that ends before it starts takes an hour, and so does one that
        ends as it starts, unless the account keeps those."""
        kept = entry.end == entry.start and self.behaviour["equal_times"] == "kept"
        if entry.all_day:
            entry.start, entry.end = requests.whole_day(entry.start.astimezone(self.zone).date(), self.zone)
        elif entry.end <= entry.start and not kept:
            entry.end = entry.start + _USUAL
        return entry

    def person_insert(self, **neutral: Any) -> Entry:
        """One without an end takes an hour."""
        ends = {"end": neutral["start"] + _USUAL} if "start" in neutral else {}
        return super().person_insert(**{**ends, **neutral})

    def person_cancel(self, record_id: str) -> None:
        """People cancel by deleting, unless the account has a word for it. Raises `UnknownRecord`."""
        if self.behaviour["cancelled_status"] is None:
            self.person_delete(record_id)
        else:
            super().person_cancel(record_id)

    # -- requests -----------------------------------------------------------------------------------------------

    def classify(self, call: Call) -> None:
        """A conflict check is no operation on a record. `PUT` is what its body speaks of."""
        if call.path == _COLLECTION:
            call.operation = {"GET": "list", "POST": "create"}.get(call.method)
            page = call.query.get("page", "1")
            call.page = int(page) if self.behaviour["paged"] and page.isdecimal() and int(page) else 1
        elif call.path.startswith(_COLLECTION + "/") and call.path != _CONFLICT:
            call.record_id = call.path.removeprefix(_COLLECTION + "/")
            call.operation = {"GET": "get", "DELETE": "delete"}.get(call.method)
            if call.method == "PUT":
                call.operation = _kind_of_update(call)

    def authenticate(self, call: Call) -> Answer | None:
        """The bearer token, with the scope that the request needs; 403 for anything else."""
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return self.failure(403)
        reads = call.operation in ("list", "get") or call.path == _CONFLICT
        return None if reads or self.behaviour["can_write"] else self.failure(403)

    def respond(self, call: Call) -> Answer:
        """The six appointment endpoints; 404 for any other path."""
        try:
            return self._respond(call)
        except Invalid as wrong:
            return _refusal(400, str(wrong))

    def _respond(self, call: Call) -> Answer:
        known = {"page"} if self.behaviour["paged"] and call.operation == "list" else set[str]()
        requests.refuse_unknown(call.query.keys() - known)
        if call.operation == "list":
            return self._list(call)
        if call.operation == "create":
            return self._create(_object(call))
        if (call.method, call.path) == ("POST", _CONFLICT):
            return self._check_conflict(_object(call))
        entry = self.find(call)
        if call.operation is None or entry is None:
            return self.failure(404)
        match call.operation:
            case "get":
                return self._success(200, self.row(entry, "full"))
            case "delete":
                return self._delete(entry)
            case _:
                return self._update(entry, _object(call))

    def _list(self, call: Call) -> Answer:
        found = list(self.visible(call))
        if not self.behaviour["paged"]:
            return self._success(200, [self.row(entry, "full") for entry in found])
        size = self.behaviour["page_size"]
        rows = [self.row(entry, "full") for entry in self.page_of(call, found, size)]
        more = {"page": call.page, "hasMore": call.page * size < len(found)}
        if self.behaviour["envelope"] == "bare":
            return Answer(200, {"data": rows, **more})
        return Answer(200, {"success": True, "data": rows, **more})

    def _create(self, body: dict[str, Any]) -> Answer:
        now = self.now()
        given = {**requests.fields(body, None), **self._status(body), **self._slot(body, None)}
        self._refuse_conflict(given, None)
        entry = self.insert(Entry(id=self.new_id(), created_at=now, modified_at=now, **given))
        self._mail(entry)
        return self._success(201, self.row(entry, "full" if self.behaviour["answers"] == "full" else "created"))

    def _update(self, entry: Entry, body: dict[str, Any]) -> Answer:
        changes = {**requests.fields(body, entry), **self._status(body)}
        if requests.moves(body):
            changes |= self._slot(body, entry)
            self._refuse_conflict(changes, entry.id)
        entry = self.amend(entry, **changes)
        self._mail(entry)
        return self._success(200, self.row(entry, "full" if self.behaviour["answers"] == "full" else "updated"))

    def _delete(self, entry: Entry) -> Answer:
        self.remove(entry.id)
        self._mail(entry)
        return Answer(200, {"success": True})

    def _mail(self, entry: Entry) -> None:
        if entry.notify and entry.people and entry.people[0].email:
            self.notify(entry)

    # -- times, conflicts, statuses -----------------------------------------------------------------------------

    def _slot(self, body: dict[str, Any], old: Entry | None) -> dict[str, Any]:
        today = self.now().astimezone(self.zone).date()
        empty = self.behaviour["equal_times"] == "kept"
        return requests.slot(body, old, self.zone, today, strict=self.behaviour["strict_dates"], empty=empty)

    def _check_conflict(self, body: dict[str, Any]) -> Answer:
        """What stands in `conflictingAppointments` no document shows but when it is empty: here, ids alone."""
        requests.refuse_unknown(body.keys() - {"date", "startTime", "endTime", "excludeId"})
        if not isinstance(body.get("excludeId", ""), str):
            raise Invalid("O campo excludeId deve ser texto")
        given = requests.slot({**body, "allDay": False}, None, self.zone, self.now().date(), strict=True)
        found = self._overlapping(given["start"], given["end"], body.get("excludeId"))
        rows = [{self.behaviour["id_key"]: entry.id} for entry in found]
        return self._success(200, {"hasConflict": bool(rows), "conflictingAppointments": rows})

    def _refuse_conflict(self, given: dict[str, Any], but: str | None) -> None:
        if self.behaviour["enforce_conflicts"] and self._overlapping(given["start"], given["end"], but):
            raise Invalid("Já existe um agendamento neste horário")

    def _overlapping(self, start: datetime, end: datetime, but: str | None) -> list[Entry]:
        return [
            entry
            for entry in self.entries.values()
            if entry.id != but and not entry.is_cancelled and entry.start < end and start < entry.end
        ]

    def _status(self, body: dict[str, Any]) -> dict[str, Any]:
        word = body.get("status")
        if word is None:
            return {}
        if not isinstance(word, str):
            raise Invalid("O campo status é inválido")
        if word == self.behaviour["cancelled_status"]:
            return {"status": "cancelled"}
        return {"status": _NEUTRAL.get(word, word)}

    def _word(self, status: str) -> str:
        if status == "cancelled" and self.behaviour["cancelled_status"] is not None:
            return str(self.behaviour["cancelled_status"])
        return _WORDS.get(status, status)

    # -- answers ------------------------------------------------------------------------------------------------

    def render(self, entry: Entry, shape: str) -> dict[str, Any]:
        """`full`; `created` and `updated` are the reference's partial answers."""
        key = self.behaviour["id_key"]
        if shape == "created":
            return {key: entry.id, "title": entry.title}
        if shape == "updated":
            return {key: entry.id, "status": self._word(entry.status)}
        client = entry.people[0] if entry.people else Person()
        row: dict[str, Any] = {
            key: entry.id,
            "title": entry.title,
            **self._times(entry),
            "status": self._word(entry.status),
        }
        row |= {
            "clientFirstName": client.first_name,
            "clientLastName": client.last_name,
            "clientEmail": client.email,
            "location": entry.location,
            "notificationEnabled": entry.notify,
            "allDay": entry.all_day,
            "createdAt": stamp(entry.created_at, milliseconds=True),
            "updatedAt": stamp(entry.modified_at, milliseconds=True),
        }
        if entry.notes:
            row["notes"] = entry.notes
        return {**row, **entry.extra}

    def _times(self, entry: Entry) -> dict[str, str]:
        wall = requests.wall_of(entry, self.zone)
        times = {"startTime": wall.begins.isoformat("minutes"), "endTime": wall.ends.isoformat("minutes")}
        if entry.all_day and self.behaviour["all_day_times"] == "empty":
            times = {"startTime": "", "endTime": ""}
        elif entry.all_day and self.behaviour["all_day_times"] == "absent":
            times = {}
        return {"date": wall.day.isoformat(), **times}

    def map_rows(self, body: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
        """Rows stand under `data`, or are the body."""
        match body:
            case Row():
                return change([body])[0]
            case list():
                return change(body)
            case {"data": Row() | list() as data}:
                return {**body, "data": self.map_rows(data, change)}
            case _:
                return body

    def _success(self, status: int, data: Any) -> Answer:
        return Answer(status, data if self.behaviour["envelope"] == "bare" else {"success": True, "data": data})

    def failure(self, status: int) -> Answer:
        """`success: false` and a text, no code."""
        return _refusal(status, _ERRORS.get(status, "Erro"))


def _refusal(status: int, text: str) -> Answer:
    return Answer(status, {"success": False, "error": text})


def _object(call: Call) -> dict[str, Any]:
    try:
        data = call.json() if "application/json" in call.headers.get("content-type", "") else {}
    except ValueError:
        raise Invalid("JSON inválido") from None
    if not isinstance(data, dict):
        raise Invalid(_ERRORS[400])
    return data


def _kind_of_update(call: Call) -> str:
    try:
        body = _object(call)
    except Invalid:
        return "update"
    if requests.moves(body):
        return "reschedule"
    return "status" if "status" in body else "update"
