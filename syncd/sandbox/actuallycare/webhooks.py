"""The CRM's webhook subscriptions. By its page: a JWT of an admin alone may have them, an event is `entity.action`, a
secret has at least ten characters. The shapes are documented nowhere: these are made up, and every answer says so.
"""

from collections.abc import Callable
from typing import Any

from syncd.sandbox.actuallycare.requests import Invalid

EVENTS = tuple(f"appointment.{action}" for action in ("created", "updated", "cancelled", "deleted"))
_SECRET = 10


class Webhooks:
    """The subscriptions, by id. Nothing is ever delivered."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._rows: dict[str, dict[str, Any]] = {}

    def respond(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any] | None:
        """Status and data of a request for what stands behind `/webhooks`; None: not found. Raises `Invalid`."""
        match method, path.strip("/").split("/"):
            case "GET", [""]:
                return 200, {"webhooks": list(self._rows.values())}
            case "POST", [""]:
                return 201, self._put(self._new_id(), {"is_active": True, **_given(body, ("url", "events", "secret"))})
            case "GET", ["events"]:
                return 200, {"events": list(EVENTS)}
            case "GET", ["events", "categories"]:
                return 200, {"categories": ["appointment"]}
            case "GET", [key, "logs"] if key in self._rows:
                return 200, {"logs": []}
            case "PUT", [key] if key in self._rows:
                return 200, self._put(key, {**self._rows[key], **_given(body, ())})
            case "DELETE", [key] if key in self._rows:
                return 200, self._put(key, {**self._rows[key], "is_active": False})
            case _:
                return None

    def _put(self, key: str, values: dict[str, Any]) -> dict[str, Any]:
        self._rows[key] = {"id": key, **{name: value for name, value in values.items() if name != "secret"}}
        return self._rows[key]


def _given(body: dict[str, Any], needed: tuple[str, ...]) -> dict[str, Any]:
    for key in needed:
        if key not in body:
            raise Invalid(key, "Required")
    if "events" in body and not set(body["events"]) <= {*EVENTS, "appointment.*"}:
        raise Invalid("events", "Unknown event")
    if "secret" in body and len(str(body["secret"])) < _SECRET:
        raise Invalid("secret", f"At least {_SECRET} characters")
    return {key: body[key] for key in ("url", "events", "secret") if key in body}
