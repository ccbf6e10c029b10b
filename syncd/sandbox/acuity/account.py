"""The account behind the appointments: webhooks by the reference, `/me`, `/clients` and `/blocks` as far as is known.

No document at hand shows what the last three answer. They answer with something of the right kind, and every such
answer says in the header `X-Sandbox-Shape` that its shape is the sandbox's own: no client may rely on it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.acuity import requests
from syncd.sandbox.acuity.envelope import problem
from syncd.sandbox.acuity.requests import Invalid
from syncd.sandbox.acuity.rows import offset_stamp
from syncd.sandbox.frame.exchange import Answer, Call
from syncd.sandbox.frame.records import Entry

UNDOCUMENTED = {"X-Sandbox-Shape": "invented: no document at hand shows it"}
_EVENTS = tuple(f"appointment.{word}" for word in ("scheduled", "rescheduled", "canceled", "changed"))
_MOST_HOOKS = 25
_HOOK = re.compile(r"webhooks/(\d+)")
_BLOCK = re.compile(r"blocks/(\d+)")
_PARTS = {"first_name": "firstName", "last_name": "lastName", "email": "email", "phone": "phone"}


@dataclass(frozen=True, slots=True)
class Hook:
    """A dynamic webhook as the vendor shows it. The sandbox keeps it and calls nobody."""

    id: int
    event: str
    target: str
    status: str = "active"


@dataclass(slots=True)
class AccountData:
    """What the account has besides appointments. `blocks` are rows as they are served."""

    hooks: dict[int, Hook] = field(default_factory=dict)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    last_hook: int = 0
    last_block: int = 2**33

    def respond(
        self, call: Call, entries: Iterable[Entry], me: Mapping[str, Any], zone: Callable[[int | None], ZoneInfo]
    ) -> Answer | None:
        """The answer to one of these endpoints; None where the path is none of them. Raises `Invalid`."""
        path = call.path.removeprefix("/api/v1/")
        match call.method, path:
            case "GET", "me":
                return Answer(200, dict(me), headers=UNDOCUMENTED)
            case "GET", "clients":
                return Answer(200, _clients(call.query, entries), headers=UNDOCUMENTED)
            case "GET", "blocks":
                return Answer(200, self._blocks(call.query), headers=UNDOCUMENTED)
            case "POST", "blocks":
                return Answer(200, self._block(requests.json_object(call), zone), headers=UNDOCUMENTED)
            case method, _ if method in ("GET", "DELETE") and (one := _BLOCK.fullmatch(path)):
                return self._one_block(int(one[1]), remove=method == "DELETE")
            case "GET", "webhooks":
                return Answer(200, [asdict(hook) for hook in self.hooks.values()])
            case "POST", "webhooks":
                return Answer(200, asdict(self._hooked(requests.json_object(call))))
            case "DELETE", _ if found := _HOOK.fullmatch(path):
                return self._unhooked(int(found[1]))
            case _:
                return None

    def _hooked(self, body: Mapping[str, Any]) -> Hook:
        event, target = body.get("event"), body.get("target")
        if event not in _EVENTS:
            raise Invalid("bad_request", f'The parameter "event" must be one of {", ".join(_EVENTS)}.')
        if not isinstance(target, str) or not target.startswith("https://"):
            raise Invalid("bad_request", 'The parameter "target" must be an HTTPS URL.')
        if len(self.hooks) >= _MOST_HOOKS:
            raise Invalid("bad_request", f"An account has at most {_MOST_HOOKS} webhooks.")
        self.last_hook += 1
        self.hooks[self.last_hook] = Hook(self.last_hook, event, target)
        return self.hooks[self.last_hook]

    def _unhooked(self, number: int) -> Answer | None:
        return None if self.hooks.pop(number, None) is None else Answer(204, b"")

    def blocked(self, calendar: int, start: datetime, end: datetime) -> bool:
        """Whether somebody blocked any of this time in a calendar: nobody can book it online."""
        mine = (block for block in self.blocks if block.get("calendarID") == calendar and "start" in block)
        times = ((datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])) for one in mine)
        return any(begins < end and ends > start for begins, ends in times)

    def _block(self, body: Mapping[str, Any], zone: Callable[[int | None], ZoneInfo]) -> dict[str, Any]:
        calendar = requests.identifier(body, "calendarID", "invalid_calendar")
        if calendar is None:
            raise Invalid("required_calendar", 'The parameter "calendarID" is required.')
        begins, ends = (requests.instant(body.get(key), key, zone(calendar)) for key in ("start", "end"))
        if begins is None or ends is None or ends <= begins:
            raise Invalid("bad_request", "A block ends after it starts.")
        self.last_block += 1
        clock = zone(calendar)
        times = {"start": offset_stamp(begins.astimezone(clock)), "end": offset_stamp(ends.astimezone(clock))}
        row = {"id": self.last_block, "calendarID": calendar, **times, "notes": str(body.get("notes") or "")}
        self.blocks.append(row)
        return row

    def _one_block(self, number: int, *, remove: bool) -> Answer:
        found = next((block for block in self.blocks if block.get("id") == number), None)
        if found is None:
            return problem(404, "not_found", f"The block {number} does not exist.")
        if not remove:
            return Answer(200, found, headers=UNDOCUMENTED)
        self.blocks.remove(found)
        return Answer(204, b"")

    def _blocks(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        calendar = requests.identifier(query, "calendarID", "invalid_calendar")
        _only(query, "calendarID")
        return [block for block in self.blocks if calendar in (None, block.get("calendarID"))]


def _clients(query: Mapping[str, str], entries: Iterable[Entry]) -> list[dict[str, Any]]:
    _only(query, "search")
    wanted = query.get("search", "").casefold()
    people = {(person.name, person.email, person.phone): person for entry in entries for person in entry.people}
    rows = [{theirs: getattr(person, ours) for ours, theirs in _PARTS.items()} for person in people.values()]
    return [{**row, "notes": ""} for row in rows if any(wanted in value.casefold() for value in row.values())]


def _only(query: Mapping[str, str], *known: str) -> None:
    for key in query:
        if key not in known:
            raise Invalid("bad_request", f'The sandbox does not know what the filter "{key}" would do.')
