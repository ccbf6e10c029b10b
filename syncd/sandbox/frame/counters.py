"""What a sandbox vendor's API was asked for."""

from collections import deque
from dataclasses import dataclass, field, fields
from typing import Any

from syncd.sandbox.frame.keeper import RECENT


@dataclass(slots=True)
class Counters:
    """What the API was asked for. Neither a person's actions nor control requests count."""

    lists: int = 0
    gets: int = 0
    writes: int = 0
    """Writing requests that the vendor accepted, even when they changed nothing."""
    creates: int = 0
    """Those of them that asked for a new appointment."""
    refused: int = 0
    """Writing requests that the vendor turned down, and any request without valid credentials or over the rate."""
    notifications: int = 0
    """Mails to clients that the vendor would have sent."""
    staff_notifications: int = 0
    """Mails to the vendor's own staff, which nothing in a request may be able to stop."""
    faulted: int = 0
    """Requests that a fault answered, or dropped, before the vendor saw them."""
    requests: deque[str] = field(default_factory=lambda: deque(maxlen=RECENT))
    """The most recent as `METHOD path`, oldest first."""

    def as_json(self) -> dict[str, Any]:
        """All counts, and the recent requests."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "requests"} | {
            "requests": list(self.requests)
        }
