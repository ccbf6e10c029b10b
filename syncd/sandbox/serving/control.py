"""The control surface of a sandbox vendor: what a person does there, what was counted, how it behaves, what goes wrong.

Under `/_sandbox/`, JSON, without credentials; never counted and never struck by a fault. Decides the neutral form of a
record on this surface; what an action means is the vendor's own affair (`person_…`).
"""

import re
from typing import Any

from syncd.sandbox.frame.exchange import Answer, Call
from syncd.sandbox.frame.faults import ARGUMENTS, parse_fault
from syncd.sandbox.frame.keeper import UnknownRecord
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.serving.neutral import fields_from, record_json

CONTROLS = {
    "GET records": "every record",
    "POST records": "insert one: {start, end, title, clients, service, …}",
    "POST records/bulk": "insert a list of them",
    "GET records/ID": "one record",
    "PATCH records/ID": "edit it: {start, end, title, notes, …}",
    "POST records/ID/cancel": "cancel it",
    "POST records/ID/revive": "schedule it again",
    "DELETE records/ID": "delete it for good",
    "GET reminders": "the records whose clients will be reminded",
    "GET counters": "lists, gets, writes, notifications … so far",
    "POST counters/reset": "count from nothing",
    "GET behaviour": "the switches of this vendor's behaviour",
    "PUT behaviour": "set some of them: {SWITCH: value}",
    "GET faults": "what goes wrong",
    "POST faults": "let something go wrong: {kind, method, path, operation, after, times, …}",
    "DELETE faults": "let nothing go wrong any more",
    "GET log": "requests, changes and mails",
}
"""What can be asked for under `/_sandbox/`, and what it does."""
_RECORD = re.compile(r"/_sandbox/records/(?P<id>[^/]+)(?:/(?P<action>cancel|revive))?")


def respond(vendor: SandboxVendor, call: Call) -> Answer:
    """The answer to a control request: 400 with `error` naming the key for bad input, 404, 405, 409."""
    with vendor.lock:
        vendor.catch_up()
        try:
            return _routed(vendor, call)
        except UnknownRecord as missing:
            return _error(404, f"id: no record {missing.args[0]!r}")
        except ValueError as wrong:
            return _error(400, str(wrong))


def _routed(vendor: SandboxVendor, call: Call) -> Answer:
    match call.method, call.path.removeprefix("/_sandbox/").rstrip("/"):
        case "GET", "":
            return Answer(200, {"controls": CONTROLS, "faults": {kind: list(keys) for kind, keys in ARGUMENTS.items()}})
        case "GET", "records":
            return Answer(200, [record_json(entry) for entry in vendor.entries.values()])
        case "GET", "reminders":
            return Answer(200, [record_json(entry) for entry in vendor.reminders()])
        case "POST", "records":
            return Answer(201, _inserted(vendor, _object(call)))
        case "POST", "records/bulk":
            return _bulk(vendor, call)
        case "GET", "counters":
            return Answer(200, vendor.counters.as_json())
        case "POST", "counters/reset":
            vendor.counters = type(vendor.counters)()
            return Answer(200, vendor.counters.as_json())
        case "GET", "behaviour":
            return Answer(200, vendor.behaviour)
        case "PUT", "behaviour":
            vendor.set_behaviour(**_object(call))
            return Answer(200, vendor.behaviour)
        case _, "faults":
            return _faults(vendor, call)
        case "GET", "log":
            return Answer(200, list(vendor.log))
        case _:
            return _record(vendor, call)


def _record(vendor: SandboxVendor, call: Call) -> Answer:
    found = _RECORD.fullmatch(call.path)
    if found is None:
        return _error(404, f"{call.method} {call.path}: no such control")
    record_id = found["id"]
    match call.method, found["action"]:
        case "GET", None:
            return Answer(200, record_json(vendor.existing(record_id)))
        case "PATCH", None:
            return Answer(
                200, record_json(vendor.person_edit(record_id, **fields_from(_object(call), inserting=False)))
            )
        case "DELETE", None:
            vendor.person_delete(record_id)
        case "POST", "cancel":
            vendor.person_cancel(record_id)
        case "POST", "revive":
            vendor.person_revive(record_id)
        case _:
            return _error(405, f"{call.method}: not here")
    entry = vendor.entries.get(record_id)
    return Answer(200, {"id": record_id, "deleted": True} if entry is None else record_json(entry))


def _inserted(vendor: SandboxVendor, data: dict[str, Any]) -> dict[str, Any]:
    given = fields_from(data, inserting=True)
    if given.get("id") in vendor.entries:
        raise ValueError(f"id: {given['id']!r} is taken")
    return record_json(vendor.person_insert(**given))


def _bulk(vendor: SandboxVendor, call: Call) -> Answer:
    rows = _body(call)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("a bulk insert takes a list of records")
    given = [fields_from(row, inserting=True) for row in rows]
    return Answer(201, {"inserted": [vendor.person_insert(**fields).id for fields in given]})


def _faults(vendor: SandboxVendor, call: Call) -> Answer:
    match call.method:
        case "GET":
            pass
        case "POST":
            return Answer(201, vendor.faults.add(parse_fault(_body(call))).as_json())
        case "DELETE":
            vendor.faults.clear()
        case _:
            return _error(405, f"{call.method}: not here")
    return Answer(200, [fault.as_json() for fault in vendor.faults])


def _body(call: Call) -> Any:
    try:
        return call.json()
    except ValueError:
        raise ValueError("the body is not JSON") from None


def _object(call: Call) -> dict[str, Any]:
    data = _body(call)
    if not isinstance(data, dict):
        raise ValueError("the body is not an object")
    return data


def _error(status: int, message: str) -> Answer:
    return Answer(status, {"error": message})
