"""Acuity's API as typed calls: paths and parameters, bytes of rows in and out.

Whether an answer is a clear yes, a clear no, or none is `answers`' to say; what a body means is the codec's, what to
send the adapter's.
"""

from __future__ import annotations

import base64
from collections import abc
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

import msgspec
from pydantic import TypeAdapter, ValidationError

from syncd.vendors.acuity.answers import fault, refusal, says_not_found, unreadable
from syncd.vendors.acuity.listing import MOST, PAGE, Days, Slice
from syncd.vendors.acuity.schemas import (
    APPOINTMENT_TYPES,
    BLOCK,
    CALENDARS,
    WEBHOOKS,
    AppointmentType,
    BlockRow,
    Calendar,
    Glance,
    Webhook,
)
from syncd.vendors.acuity.settings import RATE, Settings
from syncd.vendors.payloads import plain_id, read_as
from syncd.vendors.port import Row, Uncertain
from syncd.vendors.transport import Answer, Surroundings, Transport

CONNECTIONS = 10
"""Half of what Acuity allows an IP address, as other accounts and programs share it."""

_NEW = ("/appointments", "/blocks")
"""The paths to which what is not there yet is sent."""
_LOOK = msgspec.json.Decoder(Glance)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])

T = TypeVar("T")


def transport_of(name: str, settings: Settings, surroundings: Surroundings) -> Transport:
    """The connections to a configured account. HTTP Basic goes in UTF-8."""
    api_key = settings.api_key.get_secret_value()
    token = base64.b64encode(f"{settings.user_id.get_secret_value()}:{api_key}".encode()).decode("ascii")
    return Transport(
        vendor=name,
        base_url=settings.base_url,
        headers={"authorization": f"Basic {token}"},
        timeout=settings.timeout,
        rate=settings.rate or RATE,
        ca_file=settings.ca_file,
        max_connections=CONNECTIONS,
        surroundings=surroundings,
        secrets=(api_key, token),
    )


class ApiClient:
    """The calls for one account. `quiet` keeps Acuity from mailing clients about what is written. `seated` are types of
    which several bookings at one time are one class, as those with a `classID` are.

    Every call raises what the transport raises, `Misconfigured` for 401 and 403, and `Unreadable` for an answer that
    is not Acuity's.
    """

    def __init__(self, vendor: str, transport: Transport, *, quiet: bool, seated: abc.Container[str] = ()) -> None:
        self._vendor = vendor
        self._transport = transport
        self._seated = seated
        self._write_params = {"admin": "true", **({"noEmail": "true"} if quiet else {})}
        self.zones: dict[str, str] = {}
        """The zone of each calendar (by id) that any answer has shown."""

    async def page(self, days: Days, number: int, calendar_ids: tuple[str, ...] | None) -> Slice:
        """One page of the appointments on some days, cancelled ones included; of other calendars only the ids."""
        params = {
            "minDate": days.first.isoformat(),
            "maxDate": days.last.isoformat(),
            "showall": "true",
            "direction": "DESC" if days.newest else "ASC",
            "excludeForms": "true",
            "max": MOST,
            "limit": PAGE,
            "page": number,
        }
        if calendar_ids is not None and len(calendar_ids) == 1:
            params["calendarID"] = calendar_ids[0]
        answer = await self._read("/appointments", params, heavy=True)
        try:
            return self._slice(_ROWS.decode(answer.body), calendar_ids)
        except (msgspec.DecodeError, RecursionError):
            self._unreadable("GET /appointments", "the answer is no JSON list")

    async def get(self, remote_id: str) -> bytes | None:
        """An appointment's JSON; None for Acuity's own "not found"."""
        path = _path(remote_id)
        answer = await self._one(path)
        if answer is None:
            return None
        body = answer.body
        if plain_id(_glance(body).id) != remote_id:
            self._unreadable(f"GET {path}", "the answer is not that appointment")
        return body

    async def create(self, body: abc.Mapping[str, Any]) -> bytes | Uncertain:
        """Book as the admin, whatever the availability. The answer's JSON."""
        return await self._write("POST", "/appointments", body)

    async def update(self, remote_id: str, body: abc.Mapping[str, Any]) -> bytes | Uncertain:
        """Change client and notes; Acuity silently ignores all else here."""
        return await self._write("PUT", _path(remote_id), body)

    async def reschedule(self, remote_id: str, body: abc.Mapping[str, Any]) -> bytes | Uncertain:
        """Move to another time or calendar; the id stays."""
        return await self._write("PUT", f"{_path(remote_id)}/reschedule", body)

    async def cancel(self, remote_id: str, *, no_show: bool | None) -> bytes | Uncertain:
        """Cancel, or say of a cancelled one whether it is a no-show. None: it is as it was, which by itself is none."""
        body = {} if no_show is None else {"noShow": no_show}
        return await self._write("PUT", f"{_path(remote_id)}/cancel", body)

    async def calendars(self) -> list[Calendar]:
        """Every calendar of the account."""
        found = await self._objects("/calendars", CALENDARS)
        self.zones |= {row.id: row.timezone for row in found if row.id and row.timezone}
        return found

    async def appointment_types(self) -> list[AppointmentType]:
        """Every appointment type of the account, inactive ones included."""
        return await self._objects("/appointment-types", APPOINTMENT_TYPES)

    async def me(self) -> Any:
        """The account, as it is: no document at hand shows the shape."""
        return await self._raw("/me")

    async def clients(self, search: str = "") -> Any:
        """The client list, or those that a word finds, as they are: no document at hand shows the shape."""
        return await self._raw("/clients", {"search": search} if search else None)

    async def blocks(self, calendar_id: str | None = None) -> Any:
        """Times that are blocked off, as they are: no document at hand shows the shape. Their ids exceed 2^32."""
        return await self._raw("/blocks", None if calendar_id is None else {"calendarID": calendar_id})

    async def block(self, block_id: str) -> BlockRow | None:
        """One block; None for Acuity's own "not found"."""
        answer = await self._one(f"/blocks/{quote(block_id, safe='')}")
        return None if answer is None else read_as(BLOCK, answer.body)

    async def add_block(self, body: abc.Mapping[str, Any]) -> bytes | Uncertain:
        """Block time off (`start`, `end`, `calendarID`, `notes`). The answer's JSON. Nothing keeps it from being done
        twice.
        """
        return await self._write("POST", "/blocks", body, {})

    async def remove_block(self, block_id: str) -> bytes | Uncertain:
        """Open that time again. Raises `Stale` where there is no such block."""
        return await self._write("DELETE", f"/blocks/{quote(block_id, safe='')}", None, {})

    async def free_dates(self, month: str, type_id: str, calendar_id: str | None = None) -> Any:
        """Days of a month (`2026-10`) with a free start of a type, as `{"date"}` rows. syncd books without asking."""
        params = {"month": month, "appointmentTypeID": type_id, "calendarID": calendar_id}
        return await self._raw("/availability/dates", params)

    async def free_times(self, day: str, type_id: str, calendar_id: str | None = None) -> Any:
        """Free starts of a type on a day (`2026-10-22`), as rows with `time`, and `slotsAvailable` where recorded."""
        params = {"date": day, "appointmentTypeID": type_id, "calendarID": calendar_id}
        return await self._raw("/availability/times", params)

    async def check_time(self, start: str, type_id: str, calendar_id: str | None = None) -> Any:
        """Whether a start (with its offset) is free: `valid` as recorded, `available` by the reference."""
        body = {"datetime": start, "appointmentTypeID": int(type_id)}
        body |= {} if calendar_id is None else {"calendarID": int(calendar_id)}
        tried = "POST /availability/check-times"
        answer = await self._transport.read("POST", "/availability/check-times", json=body)
        return self._decoded(self._good(answer, tried), tried)

    async def webhooks(self) -> list[Webhook]:
        """The dynamic webhooks of this key."""
        return await self._objects("/webhooks", WEBHOOKS)

    async def add_webhook(self, event: str, target: str) -> bytes | Uncertain:
        """Ask for calls to `target` (https) at an event such as `appointment.changed`: at most 25 (the reference).

        The answer's JSON. Nothing keeps it from being asked for twice: look at `webhooks` first.
        """
        body = {"event": event, "target": target}
        return await self._write("POST", "/webhooks", body, {})

    async def remove_webhook(self, hook_id: str) -> bytes | Uncertain:
        """End such calls. Raises `Stale` where there are none."""
        return await self._write("DELETE", f"/webhooks/{quote(hook_id, safe='')}", None, {})

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def _slice(self, raws: list[msgspec.Raw], calendar_ids: tuple[str, ...] | None) -> Slice:
        rows, ids, nameless, days = list[Row](), set[str](), list[bytes](), list[str]()
        for part in raws:
            raw = bytes(part)
            glance = _glance(raw)
            seat = glance.class_id is not None or plain_id(glance.type_id) in self._seated
            row, calendar = Row.of(plain_id(glance.id), raw, seat=seat), plain_id(glance.calendar_id)
            zone = glance.zone or glance.reference_zone
            if calendar and isinstance(zone, str):
                self.zones[calendar] = zone
            days += _day(glance)
            ours = calendar_ids is None or not calendar or calendar in calendar_ids
            if row.remote_id:
                ids.add(row.remote_id)
            if ours and row.remote_id:
                rows.append(row)
            elif ours:
                nameless.append(row.fingerprint)
        return Slice(tuple(rows), frozenset(ids), len(raws), tuple(nameless), tuple(days))

    async def _one(self, path: str) -> Answer | None:
        """What is at a path; None for Acuity's own "not found"."""
        answer = await self._transport.read("GET", path)
        if says_not_found(answer):
            return None
        return self._good(answer, f"GET {path}")

    async def _read(self, path: str, params: abc.Mapping[str, Any] | None = None, *, heavy: bool = False) -> Answer:
        answer = await self._transport.read("GET", path, params=params, heavy=heavy)
        return self._good(answer, f"GET {path}")

    async def _objects(self, path: str, adapter: TypeAdapter[T]) -> T:
        answer = await self._read(path)
        try:
            return adapter.validate_json(answer.body)
        except ValidationError:
            self._unreadable(f"GET {path}", "the answer is no list of the expected objects")

    async def _raw(self, path: str, params: abc.Mapping[str, Any] | None = None) -> Any:
        return self._decoded(await self._read(path, params), f"GET {path}")

    def _decoded(self, answer: Answer, tried: str) -> Any:
        try:
            return msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, RecursionError):
            self._unreadable(tried, "the answer is no JSON")

    async def _write(
        self,
        method: str,
        path: str,
        body: abc.Mapping[str, Any] | None,
        params: abc.Mapping[str, Any] | None = None,
    ) -> bytes | Uncertain:
        params = self._write_params if params is None else params
        answer = await self._transport.write(method, path, params=params, json=body)
        if isinstance(answer, Uncertain):
            return answer
        tried = f"{method} {path}"
        if 200 <= answer.status < 300:
            return answer.body
        raise refusal(self._vendor, tried, answer, record=path not in _NEW)

    def _good(self, answer: Answer, tried: str) -> Answer:
        if failed := fault(self._vendor, tried, answer):
            raise failed
        return answer

    def _unreadable(self, tried: str, what: str) -> NoReturn:
        raise unreadable(self._vendor, tried, what)


def _path(remote_id: str) -> str:
    return f"/appointments/{quote(remote_id, safe='')}"


def _glance(raw: bytes) -> Glance:
    try:
        return _LOOK.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Glance()


def _day(glance: Glance) -> tuple[str, ...]:
    """The day on which a row starts, on its calendar's clock, if it shows a time with a date."""
    shown = next((time for time in (glance.start, glance.time) if isinstance(time, str) and time[10:11] == "T"), "")
    return (shown[:10],) if shown else ()
