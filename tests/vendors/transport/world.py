"""A vendor in memory, a clock that moves when somebody sleeps, and a transport between them."""

from __future__ import annotations

import random
from collections import abc
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from syncd.vendors.transport import Answer, Connection, Limits, Surroundings, Transport

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
SECRET = "k3y-that-nobody-may-see"

Handler = abc.Callable[[httpx.Request], abc.Awaitable[httpx.Response] | httpx.Response]


class Time:
    """A clock that only sleeping moves, and the sleeps that moved it."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def clock(self) -> datetime:
        """The time on this clock."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


class Script:
    """A vendor that answers what it is told, in order; the last for ever. Errors in the list are raised."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def surroundings(handler: Handler, time: Time, limits: Limits | None = None) -> Surroundings:
    """Surroundings in which every connection ends at the handler."""

    def connect(connection: Connection) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(handler)  # type: ignore[arg-type]

    return Surroundings(
        clock=time.clock, sleep=time.sleep, rng=random.Random(7), connect=connect, limits=limits or Limits()
    )


def transport(handler: Handler, time: Time, limits: Limits | None = None, **changes: Any) -> Transport:
    """A transport to the handler: 100 requests a second, a timeout of 20 seconds."""
    settings: dict[str, Any] = {
        "vendor": "crm",
        "base_url": "https://vendor.example/v1",
        "headers": {"X-API-Key": SECRET},
        "timeout": timedelta(seconds=20),
        "rate": (100, 1.0),
        "secrets": (SECRET,),
        "final": lambda answer: answer.body.startswith(b"handled"),
    }
    return Transport(surroundings=surroundings(handler, time, limits), **{**settings, **changes})


def ok(body: bytes = b"{}", status: int = 200, **headers: str) -> httpx.Response:
    """An answer; header names are written with underscores."""
    return httpx.Response(
        status, headers={name.replace("_", "-"): value for name, value in headers.items()}, content=body
    )


__all__ = ["SECRET", "START", "Answer", "Script", "Time", "ok", "surroundings", "transport"]
