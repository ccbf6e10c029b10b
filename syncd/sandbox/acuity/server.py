"""Acuity as a server: `/api/v1` by the vendor's reference, or as recordings of the live service show it.

Where the two differ a switch decides (`acuity_switches`). An appointment has no title and no length of its own: both
are its type's, and its status knows live, canceled and no-show alone. `service` is the appointment type's id, `staff`
the calendar's.
"""

import base64
import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from syncd.sandbox.acuity import listing, requests
from syncd.sandbox.acuity.account import AccountData
from syncd.sandbox.acuity.availability import Availability, Taken
from syncd.sandbox.acuity.catalogue import (
    CALENDARS,
    CLASSES,
    TYPES,
    AppointmentType,
    addons_json,
    asked_addons,
    asked_type,
    calendars_json,
    known_calendar,
    length,
    types_json,
)
from syncd.sandbox.acuity.envelope import failure, problem, unavailable
from syncd.sandbox.acuity.requests import Invalid, Listing, Slot, flag
from syncd.sandbox.acuity.rows import OFF, Form, appointment
from syncd.sandbox.acuity.switches import SWITCHES, UNKIND
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import Answer, Call, Refused, Row, SandboxVendor, Switch

_APPOINTMENT = re.compile(r"/api/v1/appointments(?:/(?P<id>[^/]+)(?:/(?P<action>cancel|reschedule))?)?")
_OPERATIONS = {
    ("GET", False, None): "list",
    ("POST", False, None): "create",
    ("GET", True, None): "get",
    ("PUT", True, None): "update",
    ("PUT", True, "cancel"): "cancel",
    ("PUT", True, "reschedule"): "reschedule",
}
_RESOURCES = ("appointment-types", "appointment-addons", "calendars", "me", "clients", "blocks", "webhooks")


class Acuity(SandboxVendor):
    """The booking page. Times with offset in the calendar's zone, no versions and no modification times."""

    kind = "acuity"
    base_path = "/api/v1"
    nullable = ("phone", "email", "location", "notes", "labels", "certificate", "category", "confirmationPage")
    unkind: ClassVar[Mapping[str, Any]] = UNKIND
    switches: ClassVar[Mapping[str, Switch]] = SWITCHES

    user_id: str = "18274655"
    api_key: str = "5b" * 16

    def __init__(self, name: str, **given: Any) -> None:
        self.types = {kind.id: kind for kind in TYPES}
        self.calendars = {calendar.id: calendar for calendar in CALENDARS}
        self.account = AccountData()
        self._last_id = 2_311_000_000
        self._kept: tuple[tuple[object, ...], list[Entry]] | None = None
        super().__init__(name, **given)
        self.availability = Availability(
            self.types, self.calendars, self.entries, self.now, self.zone, self.behaviour, self.account.blocked
        )

    def settings(self) -> dict[str, Any]:
        """User id and key."""
        return {"user_id": self.user_id, "api_key": self.api_key}

    def new_id(self) -> str:
        """Rising, with gaps, and beyond 31 bits."""
        while True:
            self._last_id += self.rng.randint(1, 40)
            if str(self._last_id) not in self.entries:
                return str(self._last_id)

    def set_behaviour(self, **changes: Any) -> None:
        """Turn switches; with `classes` the account's types change, too."""
        super().set_behaviour(**changes)
        for kind in CLASSES:
            if self.behaviour["classes"]:
                self.types.setdefault(kind.id, kind)
            elif not any(entry.service == kind.id for entry in self.entries.values()):
                self.types.pop(kind.id, None)

    def zone(self, calendar_id: int | None = None) -> ZoneInfo:
        """The zone of a calendar, or of the account."""
        calendar = self.calendars.get(calendar_id) if calendar_id is not None else None
        own = calendar.zone if calendar is not None and self.behaviour["calendar_zones"] == "own" else ""
        return ZoneInfo(own or self.behaviour["calendar_zone"])

    def completed(self, entry: Entry) -> Entry:
        """A record has a type and a calendar; type and add-ons give its end, the type its title. Raises `ValueError`.

        Add-ons stand in `extra` as the vendor shows them: `addonIDs`.
        """
        minutes = (entry.end - entry.start) / timedelta(minutes=1)
        fitting = [kind for kind in self.types.values() if kind.minutes == minutes and kind.class_size is None]
        kind = self.types.get(entry.service) if entry.service is not None else (fitting or [*self.types.values()])[0]
        if kind is None:
            raise ValueError(f"service: {entry.service!r} is none of {', '.join(map(str, self.types))}")
        staff = next(iter(self.calendars)) if entry.staff is None else entry.staff
        if staff not in self.calendars:
            raise ValueError(f"staff: {staff!r} is none of {', '.join(map(str, self.calendars))}")
        if len(entry.people) > 1:
            raise ValueError("clients: an appointment has one client here")
        if not entry.id.isdecimal():
            raise ValueError(f"id: {entry.id!r} is not a number")
        if entry.status not in ("scheduled", *OFF):
            raise ValueError(f"status: {entry.status!r} cannot be said here; only scheduled, cancelled, no_show")
        return self._of_type(dataclasses.replace(entry, staff=staff), kind)

    def _of_type(self, entry: Entry, kind: AppointmentType) -> Entry:
        end = entry.start + timedelta(minutes=_minutes(entry, kind))
        return dataclasses.replace(entry, service=kind.id, title=kind.name.strip(), end=end)

    # -- requests -----------------------------------------------------------------------------------------------

    def classify(self, call: Call) -> None:
        """By method and path alone. `page` is taken note of even where the vendor ignores it."""
        found = _APPOINTMENT.fullmatch(call.path)
        if found is None:
            return
        call.record_id = found["id"]
        call.operation = _OPERATIONS.get((call.method, found["id"] is not None, found["action"]))
        page = call.query.get("page", "1")
        call.page = int(page) if page.isdecimal() and int(page) else 1

    def authenticate(self, call: Call) -> Answer | None:
        """HTTP Basic: 401, or 403 where the plan has no API."""
        scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
        right = base64.b64encode(f"{self.user_id}:{self.api_key}".encode()).decode()
        if scheme.lower() != "basic" or encoded.strip() != right:
            return self.failure(401)
        return None if self.behaviour["plan_has_api"] else self.failure(403)

    def too_many(self, seconds: int) -> Answer:
        """`Retry-After` may be absent (field-notes)."""
        return super().too_many(seconds) if self.behaviour["retry_after_header"] else self.failure(429)

    def respond(self, call: Call) -> Answer:
        """Appointments, availability and the catalogue; 404 for other paths, 405 for other methods."""
        try:
            return self._respond(call)
        except Invalid as wrong:
            return problem(400, wrong.code, wrong.message)

    def _respond(self, call: Call) -> Answer:
        match call.operation:
            case "list":
                return self._list(call)
            case "create":
                return self._create(call)
            case None:
                return self._elsewhere(call)
            case "get":
                return self._answer(self._named(call))
            case "update":
                return self._update(call, self._named(call))
            case "reschedule":
                return self._reschedule(call, self._named(call))
            case _:
                return self._cancel(call, self._named(call))

    def _elsewhere(self, call: Call) -> Answer:
        answer = self.account.respond(call, self.entries.values(), self._me(), self.zone)
        if answer is not None:
            return answer
        match call.method, call.path.removeprefix("/api/v1/"):
            case "GET", "appointment-types":
                return Answer(200, types_json(self.types.values(), self.calendars.values()))
            case "GET", "appointment-addons":
                return Answer(200, addons_json())
            case "GET", "calendars":
                zones = {each: str(self.zone(each)) for each in self.calendars}
                return Answer(200, calendars_json(self.calendars.values(), zones))
            case "GET", "availability/dates":
                return Answer(200, self.availability.free_days(call.query))
            case "GET", "availability/times":
                return Answer(200, self.availability.free_times(call.query))
            case "POST", "availability/check-times":
                return Answer(200, self.availability.checked(call))
            case _, known if known in _RESOURCES or _APPOINTMENT.fullmatch(call.path):
                return self.failure(405)
            case _:
                return self.failure(404)

    def _me(self) -> dict[str, Any]:
        zone = self.behaviour["calendar_zone"]
        return {"id": int(self.user_id), "timezone": zone, "firstDayOfWeek": 0, "timeFormat": "ampm"}

    def _named(self, call: Call) -> Entry:
        assert call.record_id is not None
        if not call.record_id.isdecimal():
            raise Invalid("bad_request", "The appointment id must be a number.")
        entry = self.find(call)
        if entry is None:
            code = "appointment_not_found" if self.behaviour["refusal"] == "reference" else "not_found"
            raise Refused(problem(404, code, f"The appointment {call.record_id} does not exist."))
        return entry

    # -- reading ------------------------------------------------------------------------------------------------

    def _list(self, call: Call) -> Answer:
        paged = self.behaviour["paging"] == "reference"
        asked = requests.listing(call.query, self.zone(), reference=paged)
        if paged and asked == dataclasses.replace(asked, first=None, last=None, since=None, until=None):
            asked = dataclasses.replace(asked, since=self.now())
        most = min((each for each in (asked.most, self.behaviour["row_cap"]) if each is not None), default=None)
        found = self._found(call, asked)[:most]
        shown = self.page_of(call, found, asked.limit) if paged else found
        shape = "|".join(("list", "" if asked.forms else "bare", str(asked.zone or "")))
        return Answer(200, [self.row(entry, shape) for entry in shown])

    def _found(self, call: Call, asked: Listing) -> list[Entry]:
        """The matching records in order, kept from page to page until something changes."""
        key = (self.revision, call.view, asked)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, listing.found(self.visible(call), asked, self.zone))
        return self._kept[1]

    # -- writing ------------------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Answer:
        body, admin = requests.json_object(call), flag(call.query, "admin")
        slot = requests.slot(body, self.zone)
        kind, addons = asked_type(self.types, body), asked_addons(body)
        person = requests.client(body, optional=self._optional(admin=admin))
        if admin and slot.calendar_id is None:
            raise Invalid("required_calendar", 'The parameter "calendarID" is required when booking as an admin.')
        calendar = self._place(call, slot, kind, length(kind, addons))
        now = self.now()
        entry = Entry(id=self.new_id(), start=slot.start, end=slot.start, created_at=now, modified_at=now)
        entry = dataclasses.replace(entry, people=[person], staff=calendar)
        if addons:
            entry = dataclasses.replace(entry, extra={"addonIDs": addons})
        if admin and isinstance(body.get("notes"), str):
            entry = dataclasses.replace(entry, notes=body["notes"])
        entry = self.insert(self._of_type(entry, kind))
        self._mail(call, entry)
        return self._answer(entry, self.behaviour["create_status"])

    def _update(self, call: Call, entry: Entry) -> Answer:
        body, lenient = requests.json_object(call), self.behaviour["update"] == "reference"
        changes: dict[str, Any] = {}
        needed = {"firstName", "lastName", "email", "phone"} - self._optional(admin=flag(call.query, "admin"))
        if person := requests.changed_client(body, needed=needed):
            known = entry.people[0] if entry.people else Person()
            changes["people"] = [dataclasses.replace(known, **person)]
        if (lenient or flag(call.query, "admin")) and isinstance(body.get("notes"), str):
            changes["notes"] = body["notes"]
        if lenient and (calendar := requests.identifier(body, "calendarID", "bad_request")) is not None:
            changes["staff"] = known_calendar(self.calendars, calendar)
        return self._answer(self.amend(entry, **changes) if changes else entry)

    def _reschedule(self, call: Call, entry: Entry) -> Answer:
        body = requests.json_object(call)
        slot = requests.slot({"calendarID": entry.staff, **body}, self.zone)
        kind = self.types[entry.service]
        if entry.status in OFF or kind.form == "series":
            raise Refused(
                self._unavailable(f"reschedule_{'canceled' if entry.status in OFF else 'series'}", moving=True)
            )
        calendar = self._place(call, slot, kind, _minutes(entry, kind), moving=entry)
        end = slot.start + timedelta(minutes=_minutes(entry, kind))
        entry = self.amend(entry, start=slot.start, end=end, staff=calendar)
        self._mail(call, entry)
        return self._answer(entry)

    def _cancel(self, call: Call, entry: Entry) -> Answer:
        """`noShow` is an admin's; of a cancelled one it keeps its value where it is not given (the vendor's page)."""
        body = requests.json_object(call) if call.body.strip() else {}
        given = body.get("noShow") if flag(call.query, "admin") else None
        status = "no_show" if given is True else "cancelled"
        if entry.status not in OFF:
            entry = self.amend(entry, status=status)
            self._mail(call, entry)
        elif isinstance(given, bool) and entry.status != status:
            entry = self.amend(entry, status=status)
        return self._answer(entry)

    def _optional(self, *, admin: bool) -> set[str]:
        """What a client may lack; of an admin's booking the e-mail, too, unless the account insists on it."""
        email = {"email"} if admin and not self.behaviour["email_required"] else set()
        return email if self.behaviour["phone_required"] else email | {"phone"}

    def _place(
        self, call: Call, slot: Slot, kind: AppointmentType, minutes: int, *, moving: Entry | None = None
    ) -> int:
        """The calendar that takes the slot; an admin's booking asks for no room. Raises `Refused`."""
        if flag(call.query, "admin") and slot.calendar_id is not None:
            return known_calendar(self.calendars, slot.calendar_id)
        try:
            return self.availability.calendar(slot, kind, minutes, skip=moving.id if moving else None)
        except Taken as taken:
            raise Refused(self._unavailable(taken.code, moving=moving is not None)) from None

    def _unavailable(self, code: str, *, moving: bool) -> Answer:
        return unavailable(code, moving=moving, documented=self.behaviour["refusal"] == "doc")

    def _mail(self, call: Call, entry: Entry) -> None:
        if not flag(call.query, "noEmail"):
            self.notify(entry)

    # -- answers ------------------------------------------------------------------------------------------------

    def render(self, entry: Entry, shape: str) -> dict[str, Any]:
        """`full`, or `list|bare|ZONE`, where the last two may be empty."""
        kind, _, rest = shape.partition("|")
        bare, _, zone = rest.partition("|")
        own = self.zone(entry.staff)
        form = Form(
            times=self.behaviour["times"],
            hours=self.behaviour["hours"],
            zone=ZoneInfo(zone) if zone else own,
            calendar_zone=str(own),
            full=kind == "full",
            forms=not bare,
        )
        return appointment(entry, self.types[entry.service], self.calendars[entry.staff], form)

    def map_rows(self, body: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
        """A listing is a bare array, a single appointment a bare object."""
        if isinstance(body, Row):
            return change([body])[0]
        return change(body) if isinstance(body, list) and all(isinstance(row, Row) for row in body) else body

    def _answer(self, entry: Entry, status: int = 200) -> Answer:
        return Answer(status, self.row(entry, "full"))

    def failure(self, status: int) -> Answer:
        """The standard envelope."""
        return failure(status)


def _minutes(entry: Entry, kind: AppointmentType) -> int:
    return length(kind, entry.extra.get("addonIDs", ()))
