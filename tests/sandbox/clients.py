"""Clients of sandbox vendors in memory, with a clock that stands still until it is moved."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from syncd.sandbox.actuallycare.server import ActuallyCare
from syncd.sandbox.aivapad.server import Aivapad
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.serving.asgi import Application

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The time, as the test says."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


def actuallycare(clock: Clock | None = None, **behaviour: Any) -> ActuallyCare:
    """An empty CRM."""
    return ActuallyCare("crm", clock=clock or Clock(), behaviour=behaviour)


def aivapad(clock: Clock | None = None, **behaviour: Any) -> Aivapad:
    """An empty back office."""
    return Aivapad("office", clock=clock or Clock(), behaviour=behaviour)


def credentials(vendor: SandboxVendor) -> dict[str, str]:
    """The headers that the vendor wants."""
    match vendor:
        case ActuallyCare():
            return {"X-API-Key": vendor.api_key}
        case Aivapad():
            return {"Authorization": f"Bearer {vendor.token}"}
        case _:
            raise TypeError(vendor.kind)


def api(vendor: SandboxVendor) -> httpx.AsyncClient:
    """A client of the vendor's API with valid credentials; paths are relative to the API's base."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(Application(vendor)),
        base_url=f"http://vendor.test{vendor.base_path}",
        headers=credentials(vendor),
    )


def control(vendor: SandboxVendor) -> httpx.AsyncClient:
    """A client of its control surface."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(Application(vendor)), base_url="http://vendor.test/_sandbox")


def at(hour: float, day: int = 10) -> datetime:
    """An instant of December 2026."""
    return datetime(2026, 12, day, tzinfo=UTC) + timedelta(hours=hour)
