"""The world that a history plays in: a clock, four vendors, the wire to them, a store that outlives the process.

Nothing here is real: no socket, no thread, no time. The engine, `reconcile` and the vendor packages are the real ones.
What people and faults do, and what is right, are other modules' affairs: they hang on `Hooks`.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import httpx

import syncd_state
from syncd.assembly import build_engine, build_vendors
from syncd.config import Configuration, load
from syncd.engine.cycle import Engine
from syncd.engine.store.desk import Desk
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from syncd.sandbox import KINDS
from syncd.sandbox.frame.exchange import Answer, Call
from syncd.sandbox.frame.faults import ConnectionDropped, NoAnswer
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.serving.config import configuration
from syncd.vendors.transport import Connection, Surroundings
from tests.cheap import names_cost_nothing
from tests.simulation.looks import tell_looks_apart

names_cost_nothing()
tell_looks_apart()

NAMES = {"crm": "actuallycare", "book": "acuity", "office": "aivapad", "site": "amelia"}
"""The vendors: name and kind."""

MOST_OF_A_LISTING = 256 * 1024
"""Bytes that a listing may have: many times what the appointments of a history take."""

TIMEOUT = 20.0
"""Seconds after which a request without an answer is given up: the default of the configuration."""


class Died(BaseException):
    """The process is gone, here and now. No `except Exception` may see it, as none would see a power cut."""


class Clock:
    """The only time there is. It stands still unless it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and others run."""
        self.advance(seconds)
        await asyncio.sleep(0)


class Hooks(Protocol):
    """What a history hangs into the world."""

    def before_request(self, vendor: SandboxVendor, call: Call) -> None:
        """A request has been sent and was not handled yet. May raise `Died` or an httpx error."""

    def handled(self, vendor: SandboxVendor, call: Call, answer: Answer | None) -> None:
        """A request was handled; None where no answer comes. May raise `Died`."""

    def before_commit(self) -> None:
        """The store is about to commit. May raise `Died` or a `syncd_state.StoreError`."""

    def after_commit(self) -> None:
        """The store has committed. May raise `Died`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """How the vendors behave, how far their clocks are off, and the operator's rules."""

    start: datetime
    behaviour: abc.Mapping[str, abc.Mapping[str, Any]]
    skew: abc.Mapping[str, timedelta]
    sync: abc.Mapping[str, Any]
    pages: int = 100
    """The most rows that the CRM gives on a page, whatever is asked for."""
    in_file: bool = False
    """Whether the store is a file, opened again after each death of the process."""
    guard: abc.Mapping[str, Any] = field(default_factory=dict)
    """The operator's limits, as keys of `[guard]`."""
    options: abc.Mapping[str, abc.Mapping[str, Any]] = field(default_factory=dict)
    """Further keys of vendors' tables, by name."""


class Wire(httpx.AsyncBaseTransport):
    """The way to one vendor: a request is handed over as it is, and the answer comes back or does not."""

    def __init__(self, world: World, vendor: SandboxVendor) -> None:
        self._world = world
        self._vendor = vendor

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request. Raises the httpx error that a socket would."""
        world, vendor = self._world, self._vendor
        for _ in range(world.rng.choice((1, 1, 2, 4))):
            await asyncio.sleep(0)
        world.live()
        world.clock.advance(world.rng.uniform(0.01, 0.3))
        call = _call(request, world.cast.pages)
        world.hooks.before_request(vendor, call)
        try:
            answer = vendor.handle(call)
        except ConnectionDropped:
            world.hooks.handled(vendor, call, None)
            raise httpx.ReadError("reset", request=request) from None
        except NoAnswer:
            world.hooks.handled(vendor, call, None)
            world.clock.advance(TIMEOUT)
            raise httpx.ReadTimeout("no answer", request=request) from None
        world.hooks.handled(vendor, call, None if answer.cut_off else answer)
        return _response(answer, request)


@dataclass(slots=True)
class World:
    """Everything there is. `engine` is the running process; it is None while there is none."""

    cast: Cast
    rng: random.Random
    hooks: Hooks
    clock: Clock = field(init=False)
    vendors: dict[str, SandboxVendor] = field(init=False)
    store: syncd_state.Store | None = None
    engine: Engine | None = None
    dead: bool = False
    step: timedelta = timedelta()
    """How far the clock of syncd's machine is set ahead of the true time."""
    used_cells: set[tuple[int, datetime]] = field(default_factory=set)
    zones: tuple[ZoneInfo, ...] = ()
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Keys of vendors' tables that were changed since, by name: a process that starts then has them."""
    rows: str = ""
    """Rows that were added to the configuration since, as its text."""
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def __post_init__(self) -> None:
        self.clock = Clock(self.cast.start)
        self.vendors = {
            name: KINDS[kind](
                name,
                clock=self.clock,
                rng=random.Random(self.rng.getrandbits(64)),
                skew=self.cast.skew.get(name, timedelta()),
                behaviour={"rate": None, **self.cast.behaviour.get(name, {})},
            )
            for name, kind in NAMES.items()
        }
        shown = [v.behaviour.get("zone") or v.behaviour.get("calendar_zone") for v in self.vendors.values()]
        self.zones = tuple(ZoneInfo(name) for name in shown if name and "/" in name)

    def system_clock(self) -> datetime:
        """What the clock of syncd's machine says."""
        return self.clock() + self.step

    def seconds(self) -> float:
        """What nobody sets."""
        return self.clock().timestamp()

    @property
    def running(self) -> Engine:
        """The process, started if there is none."""
        if self.engine is None:
            self._start()
        assert self.engine is not None
        return self.engine

    @property
    def ledger(self) -> Ledger:
        """The process's memory."""
        return self.running.ledger

    @property
    def desk(self) -> Desk:
        """The operator's desk."""
        return Desk(self.ledger)

    def live(self) -> None:
        """Nothing goes on in a dead process."""
        if self.dead:
            raise Died

    def died(self) -> None:
        """The process is gone, with all that it had in memory. What was committed is there still."""
        self.engine = None
        self.dead = False
        if self.cast.in_file and self.store is not None:
            self.store.close()
            self.store = None

    def close(self) -> None:
        """Put everything away."""
        if self.store is not None:
            self.store.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _start(self) -> None:
        if self.store is None:
            self.store = self._open()
        surroundings = Surroundings(
            clock=self.system_clock,
            monotonic=self.seconds,
            sleep=self.clock.sleep,
            rng=random.Random(self.rng.getrandbits(64)),
            connect=self._connect,
        )
        settings = _configuration(_settings(self.cast, list(self.vendors.values()), self.options) + self.rows)
        vendors = build_vendors(settings, surroundings)
        ledger = Ledger(self.store, self.system_clock, at_once, monotonic=self.seconds)
        self.engine = build_engine(settings, ledger, vendors, surroundings)

    def _open(self) -> syncd_state.Store:
        return syncd_state.open_store(
            self._url(), before_commit=self.hooks.before_commit, after_commit=self.hooks.after_commit
        )

    def _connect(self, connection: Connection) -> httpx.AsyncBaseTransport:
        return Wire(self, self.vendors[connection.vendor])

    def _url(self) -> str:
        if not self.cast.in_file:
            return "sqlite://"
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="syncd-simulation-", dir=_fastest_folder())
        return f"sqlite:///{self._folder.name}/state.db"


def _call(request: httpx.Request, pages: int) -> Call:
    query = request.url.query.decode("ascii")
    if pages < 100 and request.url.path == "/v1/appointments":
        query = query.replace("limit=100", f"limit={pages}")
    return Call(
        method=request.method,
        path=request.url.path,
        raw_query=query,
        headers={name.decode().lower(): value.decode() for name, value in request.headers.raw},
        body=request.content,
    )


def _response(answer: Answer, request: httpx.Request) -> httpx.Response:
    headers = {"content-type": answer.media_type, **answer.headers}
    body = answer.encoded()
    if answer.cut_off:
        return httpx.Response(answer.status, headers=headers, stream=_Cut(body[: len(body) // 2], request))
    return httpx.Response(answer.status, headers=headers, content=body)


class _Cut(httpx.AsyncByteStream):
    """Half of a body, then a lost connection."""

    def __init__(self, half: bytes, request: httpx.Request) -> None:
        self._half = half
        self._request = request

    async def __aiter__(self) -> abc.AsyncIterator[bytes]:
        yield self._half
        raise httpx.ReadError("reset in the middle of the body", request=self._request)


def _settings(cast: Cast, vendors: list[SandboxVendor], changed: abc.Mapping[str, abc.Mapping[str, Any]]) -> str:
    addresses = {vendor.name: f"http://127.0.0.1:{9001 + number}" for number, vendor in enumerate(vendors)}
    word = cast.behaviour.get("office", {}).get("cancelled_status")
    options = {name: {**cast.options.get(name, {}), **changed.get(name, {})} for name in NAMES}
    options["office"].setdefault("cancelled_status", word)
    for keys in options.values():
        keys.setdefault("listing", {"bytes": MOST_OF_A_LISTING})
    return configuration(
        addresses,
        vendors,
        "sqlite:///unused.db",
        rate="1000/s",
        sync=cast.sync,
        guard=cast.guard or None,
        options=options,
    )


@lru_cache(maxsize=512)
def _configuration(text: str) -> Configuration:
    """The configuration that an operator would write, read as it is always read."""
    with tempfile.TemporaryDirectory(prefix="syncd-simulation-") as folder:
        path = Path(folder) / "syncd.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return load(path, {})


def _fastest_folder() -> str | None:
    memory = Path("/dev/shm")  # noqa: S108 - the folder in memory, where there is one; the name below it is random
    return str(memory) if memory.is_dir() else None


def parse_moment(text: str) -> datetime:
    """An instant written as `2026-03-02 08:00` in UTC."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
