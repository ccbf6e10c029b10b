"""Names that are the same for the same situation: of appointments, operations, quarantined rows.

A dry run and the run after it, or a plan and its application, recognise each other's operations by
them.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import abc
from typing import Any

from syncd.model.appointment import Appointment, Client, Field
from syncd.model.memory import Mapping
from syncd.model.plan import Action, Changes
from syncd.model.record import BadRow, Record
from syncd.model.times import Slot

LATE = "late:"
"""Begins the key under which a person is asked whether syncd made a record: the id of the record
follows.
"""

DOUBT = "doubt:"
"""The same where what its client tells contradicts what is known of one, and agrees with it too."""

AMONG = "among:"
"""The same where it fits several appointments, or one of several records fits: the ids of those
follow that of the record.
"""

LOST = "lost:"
"""The same where it may be what became of a create without an answer, and somebody changed it
since: the ids of the appointments of such creates follow that of the record.
"""

ABOUT_WHOSE = (LATE, DOUBT, AMONG, LOST)
"""What begins the keys under which a person is asked whose a record is: every kind of question."""

MAY_BE_OURS = (LATE, LOST)
"""Those of a record that syncd may have made."""

MAY_BE_NEW = (LATE, DOUBT, LOST)
"""Those of a record that may be a booking of its own: to release it says that it is."""

OF_SEVERAL = (AMONG, LOST)
"""Those whose key names the appointments of which the record may be (`among`)."""

NOT_KEPT = "not kept:"
"""Begins the key under which a record is left alone that did not keep its status: the id of its
appointment follows.
"""

ELSEWHERE = "elsewhere:"
"""Begins the key under which a record is not moved that was found at another time than was written.
"""

_FOR_ROOM = ":time"
"""Ends the key of what waits for room."""

_NAMESPACE = uuid.UUID("5f3b1c1e-6d0e-5a5a-9c55-7a1d9a1f6c11")


def appointment_id(vendor: str, remote_id: str) -> str:
    """The id of the appointment that this record founds."""
    return str(uuid.uuid5(_NAMESPACE, f"{vendor}\n{remote_id}"))


def among_key(remote_id: str, appointments: abc.Iterable[str]) -> str:
    """The key under which a record is left alone that may be of some appointments."""
    return f"{AMONG}{json.dumps([remote_id, *sorted(appointments)])}"


def lost_key(remote_id: str, appointments: abc.Iterable[str]) -> str:
    """The key under which a record is left alone that some appointments' creates may have made."""
    return f"{LOST}{json.dumps([remote_id, *sorted(appointments)])}"


def among(key: str) -> tuple[str, ...]:
    """The appointments that such a key names, or one of `among_key` (`OF_SEVERAL`)."""
    return tuple(json.loads(key.partition(":")[2])[1:])


def operation_id(
    action: Action,
    vendor: str,
    appointment: str,
    changes: Changes,
    mapping: Mapping | None,
    expected: Record | None,
) -> str:
    """The id of an operation: another target, record or state of that record gives another id."""
    seen = mapping.base if mapping else expected.content if expected else None
    state = None if seen is None else content_key(seen)
    situation = [
        action.value,
        vendor,
        appointment,
        mapping.remote_id if mapping else expected.remote_id if expected else None,
        sorted((field.value, plain(new)) for field, (_, new) in changes.items()),
        state,
        mapping.revision if mapping else None,
    ]
    return digest(situation)


def until_stirred(key: str) -> str:
    """The name under which a write is left alone that was refused for its time: until the records
    around change.
    """
    return key if key.endswith(_FOR_ROOM) else f"{key}{_FOR_ROOM}"


def until_corrected(key: str) -> str:
    """The name under which a create is left alone that was refused for whom its client would be
    there: until that is another, as far as its vendor shows.
    """
    return f"{key}:client"


def until_otherwise(appointment: str) -> str:
    """The name under which a vendor's record of an appointment is left alone that did not keep the
    status that was written there: whatever else is to be written, and under whatever id it is by
    then.
    """
    return f"{NOT_KEPT}{appointment}"


def until_elsewhere(appointment: str, shown: Slot) -> str:
    """The name under which a vendor's record of an appointment is not moved that was found at this
    time right after it was written to another: until it is elsewhere, whatever else is to be
    written with that.
    """
    return f"{ELSEWHERE}{digest([appointment, plain(shown)])}"


def content_key(appointment: Appointment) -> str:
    """One text for everything that can be told of an appointment: equal texts cannot be
    told apart.
    """
    return json.dumps([plain(appointment.get(field)) for field in Field], sort_keys=True)


def row_key(row: BadRow) -> str:
    """The identity of a row that cannot be read: it changes when the row does."""
    return digest(
        [
            "row",
            row.vendor,
            row.remote_id,
            row.fingerprint.hex(),
            "" if row.fingerprint else row.reason,
        ]
    )


def digest(value: Any) -> str:
    """A short stable name for any JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:20]


def plain(value: Any) -> Any:
    """A field's value as JSON."""
    match value:
        case Slot():
            return [value.start.isoformat(), value.end.isoformat(), value.all_day]
        case Client():
            return [value.first_name, value.last_name, value.email, value.phone]
        case tuple():
            return [plain(part) for part in value]
        case None:
            return None
        case _:
            return str(value)
