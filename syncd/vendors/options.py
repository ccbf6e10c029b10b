"""What an account is made of for a program: keys and names, to settings, a catalogue and surroundings.

The keys are those of the configuration, and are checked as there. Those that say what a sync does (`read_only`,
`settle`, `listing`) are none of a program's.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import abc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

from pydantic import ValidationError

from syncd.model.catalogue import Catalogue, Entry
from syncd.model.errors import Misconfigured
from syncd.vendors.payloads import first_fault
from syncd.vendors.settings import VendorSettings
from syncd.vendors.transport import Limits, Surroundings

_LIMITS = Limits()
"""Of all accounts of this process: a vendor's rate is that of an address, not of an account."""
_NO_KEYS = frozenset({"name", "services", "staff", "notify_clients", "surroundings"})
"""Options that are no keys of a vendor's section."""


class Options(TypedDict, total=False):
    """What an account of every vendor may be given besides its own keys.

    `timeout`, `rate`, `ca_file` and `own_addresses` are the keys of the configuration, as text or as the value itself.
    `services` and `staff` say by which names a program calls what the vendor calls by an id. `name` stands in errors
    and records; by default it is the kind's. `notify_clients` lets the vendor mail its clients about what is written.
    `surroundings` replaces clock, chance and sockets, for tests; its own `notify_clients` counts then.
    """

    name: str
    timeout: timedelta | str
    rate: tuple[int, float] | str
    ca_file: Path | str
    own_addresses: abc.Sequence[str]
    services: abc.Mapping[str, Any]
    staff: abc.Mapping[str, Any]
    notify_clients: bool
    surroundings: Surroundings


def settings_of(
    name: str, shape: type[VendorSettings], keys: abc.Mapping[str, Any], options: Options
) -> VendorSettings:
    """The section of a configuration that these make; a key that is None was not given.

    Raises `Misconfigured`, naming the key and never a value.
    """
    given = {**keys, **{key: value for key, value in options.items() if key not in _NO_KEYS}}
    try:
        return shape.model_validate({key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        fault = first_fault(error)
        raise Misconfigured(name, f"{name}: {fault.key}: {fault.message.removeprefix('Value error, ')}") from None


def catalogue_of(name: str, settings: VendorSettings, options: Options) -> Catalogue:
    """What is called by names. Where there is one alone, nobody need say which. Raises `Misconfigured`."""
    services, staff = options.get("services", {}), options.get("staff", {})
    for table, ids, fault_of in (
        ("services", services, settings.service_fault),
        ("staff", staff, settings.staff_fault),
    ):
        for called, remote in ids.items():
            if fault := fault_of(remote):
                raise Misconfigured(name, f"{name}: {table}: the id of '{called}' must be {fault}")
    return Catalogue(services=_entries(name, services), staff=_entries(name, staff))


def surroundings_of(options: Options) -> Surroundings:
    """Those that were given, else the world outside: this machine's clocks, real sockets, unpredictable randomness."""
    return options.get("surroundings") or Surroundings(
        clock=lambda: datetime.now(UTC),
        sleep=asyncio.sleep,
        rng=random.SystemRandom(),
        monotonic=time.monotonic,
        limits=_LIMITS,
        notify_clients=options.get("notify_clients", False),
    )


def _entries(name: str, ids: abc.Mapping[str, Any]) -> tuple[Entry, ...]:
    return tuple(Entry(name=called, ids={name: remote}, default=len(ids) == 1) for called, remote in ids.items())
