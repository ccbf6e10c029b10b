"""The composition root: a configuration, a store and the surroundings, made into an engine.

Time, randomness, HTTP and the store are passed in here and nowhere else, so that a simulation can own them all.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import abc
from datetime import UTC, datetime
from pathlib import Path

import syncd_state
from syncd.config import Configuration
from syncd.engine.cycle import Engine, Rules
from syncd.engine.fence import Allowance, Fenced
from syncd.engine.store.ledger import Ledger
from syncd.model.policy import Policy, Traits
from syncd.model.times import Window
from syncd.model.wallclock import WallClock
from syncd.report import kept_text
from syncd.vendors.classes import Seated
from syncd.vendors.port import Vendor
from syncd.vendors.settings import VendorSettings
from syncd.vendors.transport import Surroundings

StoreError = syncd_state.StoreError
Locked = syncd_state.Locked
BadUrl = syncd_state.BadUrl
Misused = syncd_state.Misused


def real_surroundings(configuration: Configuration) -> Surroundings:
    """The world outside: the system's clocks, real sockets, unpredictable randomness."""
    return Surroundings(
        clock=system_clock,
        sleep=asyncio.sleep,
        rng=random.SystemRandom(),
        notify_clients=configuration.sync.notify_clients,
        monotonic=time.monotonic,
        past=configuration.sync.past,
        future=configuration.sync.future,
    )


def system_clock() -> datetime:
    """Now, as an aware UTC instant."""
    return datetime.now(UTC)


def open_ledger(configuration: Configuration, *, readonly: bool = False) -> Ledger:
    """The configured store, opened. A read-only one changes no file, and need not exist.

    Raises syncd_state.StoreError.
    """
    store = syncd_state.open_store(configuration.state_url, readonly=readonly)
    return Ledger(store, system_clock, monotonic=time.monotonic)


def state_file(configuration: Configuration) -> Path:
    """The file of the configured store."""
    path = syncd_state.database_path(configuration.state_url)
    if path is None:
        raise AssertionError("a configured store is a file")
    return path


def instance_lock(configuration: Configuration) -> syncd_state.InstanceLock:
    """The kernel lock that lets one instance write to the configured store."""
    return syncd_state.InstanceLock(state_file(configuration))


def build_vendors(configuration: Configuration, surroundings: Surroundings) -> dict[str, Vendor]:
    """Every configured vendor by its name, in the order of the file, each behind its fence."""
    found: dict[str, Vendor] = {}
    for vendor in configuration.vendors:
        built = vendor.kind.build(vendor.name, vendor.settings, configuration.catalogue, surroundings)
        listing = vendor.settings.listing
        # Only these may have a record for each participant of a class.
        if built.capabilities.holds_clients == 1:
            built = Seated(built, configuration.catalogue.seated)
        allowance = Allowance.at(built.traffic.rate, listing.bytes, listing.time.total_seconds())
        found[vendor.name] = Fenced(built, allowance, surroundings.seconds)
    return found


def _clock_of(settings: VendorSettings) -> WallClock | None:
    return None if settings.zone is None else WallClock(settings.zone)


def build_engine(
    configuration: Configuration,
    ledger: Ledger,
    vendors: abc.Mapping[str, Vendor],
    surroundings: Surroundings,
    *,
    progress: abc.Callable[[str], None] | None = None,
) -> Engine:
    """An engine over these vendors and this ledger."""
    sync = configuration.sync
    traits = tuple(
        Traits(
            name=name,
            capabilities=vendors[name].capabilities,
            read_only=configuration.vendor(name).settings.read_only,
            settle=configuration.vendor(name).settings.settles_after,
            clock=_clock_of(configuration.vendor(name).settings),
            busy=configuration.vendor(name).settings.busy,
        )
        for name in sync.priority
    )

    busy = frozenset(row.name for row in configuration.catalogue.services if row.busy)
    walls = [one for one in traits if one.capabilities.wall_clock]
    ledger.on_the_wall = {one.name: one.clock.name for one in walls if one.clock is not None}

    def policy(window: Window) -> Policy:
        return Policy(
            vendors=traits,
            window=window,
            conflict=sync.conflict,
            cancel_wins=sync.cancel_wins,
            guard=configuration.guard,
            region=sync.region,
            busy_services=busy,
        )

    return Engine(
        vendors=vendors,
        rules=Rules(
            policy=policy,
            past=sync.past,
            future=sync.future,
            interval=sync.interval,
            keep=configuration.keep,
        ),
        ledger=ledger,
        clock=surroundings.clock,
        token=lambda: f"{surroundings.rng.getrandbits(128):032x}",
        render=kept_text,
        progress=progress,
    )
