"""The configuration as the rest of syncd reads it: frozen, complete, every default filled in.

Holds values only; `loading` makes them and refuses what is wrong.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, SecretStr

from syncd.model.catalogue import Catalogue, Lengths
from syncd.model.policy import ConflictRule, Guard
from syncd.vendors.settings import VendorSettings

if TYPE_CHECKING:
    from syncd.vendors.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """`[sync]`. `priority` names every vendor, first wins."""

    interval: timedelta
    past: timedelta
    future: timedelta
    conflict: ConflictRule
    priority: tuple[str, ...]
    cancel_wins: bool
    notify_clients: bool
    lengths: Lengths = Lengths.EXACT
    region: str | None = None


class Listen(NamedTuple):
    """Where the web server listens: a host name or address without brackets, and a port (0: any free one)."""

    host: str
    port: int


class ConfiguredVendor(NamedTuple):
    """One `[vendors.NAME]` section; `settings` is an instance of `kind.settings`."""

    name: str
    kind: Kind
    settings: VendorSettings


class Exposed(NamedTuple):
    """Secrets that stand in a configuration as text, which others on this machine may read.

    `sign` differs where the file's mode or one of the secrets does, and is too short to guess a secret by.
    """

    sentence: str
    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A whole syncd.toml. `state_url` is `sqlite:///` and an absolute path; `vendors` stand in the file's order.

    What is over is kept in the store for `keep`, which is a week longer than `sync.past` at least.
    `files` were read for it beside itself: secrets, and whom to trust.
    """

    path: Path
    folder: Path
    sync: Sync
    guard: Guard
    state_url: str
    keep: timedelta
    listen: Listen | None
    vendors: tuple[ConfiguredVendor, ...]
    catalogue: Catalogue
    files: tuple[Path, ...] = ()
    exposed: Exposed | None = None

    def vendor(self, name: str) -> ConfiguredVendor:
        """The section of one vendor; KeyError for another name."""
        for vendor in self.vendors:
            if vendor.name == name:
                return vendor
        raise KeyError(name)

    @property
    def idle(self) -> tuple[str, ...]:
        """What is configured and does nothing, in a sentence each: the file, the key, and the way out."""
        catalogue = self.catalogue
        marked = [place for place, row in enumerate(catalogue.services) if row.generic]
        if not marked or catalogue.lengths is Lengths.COVER:
            return ()
        keys = ", ".join(f"services[{place}].generic" for place in marked)
        return (f'{self.path}: {keys}: does nothing unless [sync] has lengths = "cover": set that, or take it out',)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth knowing of it and no fault."""
        return (*self.idle, *(() if self.exposed is None else (self.exposed.sentence,)))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret of every vendor, for whoever must keep them out of what it writes."""
        return tuple(dict.fromkeys(secret for vendor in self.vendors for secret in _secrets(vendor.settings)))


def _secrets(value: Any) -> abc.Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from _secrets(getattr(value, name))
        case abc.Mapping():
            for part in value.values():
                yield from _secrets(part)
        case list() | tuple():
            for part in value:
                yield from _secrets(part)
        case _:
            return
