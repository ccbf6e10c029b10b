"""What a vendor is given from outside: time, chance, connections, shared limits. A simulation replaces all of it."""

from __future__ import annotations

import random
from collections import abc
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from syncd.vendors.transport.lean import httpx
from syncd.vendors.transport.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a connection to one vendor needs to be made: for whom, where to, whom to trust, how many at once."""

    vendor: str
    base_url: str
    ca_file: Path | None
    max_connections: int
    timeout: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Given by the composition root to every vendor that it builds.

    `clock` gives aware UTC. `connect` replaces real sockets; None keeps them. `monotonic` (seconds from any origin)
    measures deadlines and rates where the wall clock may be set; None measures them by `clock`, which is what a
    simulated clock needs. `notify_clients` lets vendors mail their clients about what syncd writes. `past` and `future`
    are the window of the cycles, for what is checked outside of one.
    """

    clock: abc.Callable[[], datetime]
    sleep: abc.Callable[[float], abc.Awaitable[None]]
    rng: random.Random
    connect: abc.Callable[[Connection], httpx.AsyncBaseTransport] | None = None
    limits: Limits = field(default_factory=Limits)
    notify_clients: bool = False
    monotonic: abc.Callable[[], float] | None = None
    past: timedelta = timedelta(days=1)
    future: timedelta = timedelta(days=90)

    def seconds(self) -> float:
        """The time in seconds, for measuring how long something took."""
        return self.clock().timestamp() if self.monotonic is None else self.monotonic()
