"""Reads a syncd.toml into a `Configuration`, or says everything that is wrong with it.

Each section is checked by its own shape, then what several sections say of each other: priorities, the catalogue's
vendors. A vendor's section is checked by its kind; nothing here knows one kind from another. No request is sent.
"""

from __future__ import annotations

import re
from collections import abc
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from syncd.config.elsewhere import sections_with
from syncd.config.exposure import exposed
from syncd.config.places import read_toml, state_url
from syncd.config.problems import Location, Problems, meant
from syncd.config.sections import GuardSection, HttpSection, ServiceRow, StaffRow, StateSection, SyncSection
from syncd.config.values import Configuration, ConfiguredVendor, Sync
from syncd.config.wording import report
from syncd.model.catalogue import Catalogue, Entry, Lengths
from syncd.model.policy import ConflictRule
from syncd.vendors import KINDS
from syncd.vendors.settings import Origin, duration_of

if TYPE_CHECKING:
    from syncd.vendors.kind import Kind

_Model = TypeVar("_Model", bound=BaseModel)
_KEYS = ("sync", "guard", "state", "http", "vendors", "services", "staff")
_MARGIN = timedelta(days=7)
"""So much longer than its window reaches back syncd remembers what is over."""
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def load(path: Path, environ: abc.Mapping[str, str], kinds: abc.Mapping[str, Kind] = KINDS) -> Configuration:
    """The configuration in `path`. `environ` gives secrets and `$STATE_DIRECTORY`; `kinds` is the registry.

    Raises `ConfigurationError`: a line for each fault, naming the key.
    """
    origin = Origin(environ=environ, folder=path.absolute().parent)
    return _Reading(path, read_toml(path), origin, kinds).configuration()


class _Reading:
    """One reading of one file. It goes on after a fault, with the default in its place, so that all are found."""

    def __init__(self, path: Path, data: dict[str, Any], origin: Origin, kinds: abc.Mapping[str, Kind]) -> None:
        self._path = path
        self._data = data
        self._origin = origin
        self._kinds = kinds
        self._problems = Problems(path)
        sections = data.get("vendors")
        self._names: tuple[str, ...] = tuple(sections) if isinstance(sections, dict) else ()

    def configuration(self) -> Configuration:
        """The whole of it, or `ConfigurationError` with every fault."""
        for key in self._data:
            if key not in _KEYS:
                self._problems.add((key,), f"unknown section; {meant(key, _KEYS)}")
        sync = self._sync()
        guard = self._section(GuardSection, "guard") or GuardSection()
        state = self._section(StateSection, "state") or StateSection()
        url, keep = self._state_url(state), self._keep(state, sync)
        http = self._section(HttpSection, "http") if "http" in self._data else None
        vendors = self._vendors()
        services, staff = self._rows(ServiceRow, "services", vendors), self._rows(StaffRow, "staff", vendors)
        self._problems.finish()
        return Configuration(
            path=self._path,
            folder=self._origin.folder,
            sync=sync,
            guard=guard.guard(),
            state_url=url,
            keep=keep,
            listen=http.address() if http else None,
            vendors=vendors,
            catalogue=Catalogue(services, staff, sync.lengths),
            files=tuple(self._origin.files),
            exposed=exposed(self._path, self._data, vendors),
        )

    def _section(self, model: type[_Model], name: str) -> _Model | None:
        return self._shaped(model, self._data.get(name, {}), (name,))

    def _shaped(self, model: type[_Model], raw: Any, at: Location) -> _Model | None:
        try:
            return model.model_validate(raw, context=self._origin)
        except ValidationError as error:
            vendors, kinds = self._data.get("vendors"), self._kinds
            report(error, model, raw, at, self._problems, lambda key: sections_with(key, at, vendors, kinds))
            return None

    def _sync(self) -> Sync:
        section = self._section(SyncSection, "sync") or SyncSection()
        return Sync(
            interval=section.interval,
            past=section.past,
            future=section.future,
            conflict=ConflictRule(section.conflict),
            priority=self._priority(section.priority),
            cancel_wins=section.cancel_wins,
            notify_clients=section.notify_clients,
            lengths=Lengths(section.lengths),
            region=section.region,
        )

    def _priority(self, given: list[str]) -> tuple[str, ...]:
        """Every vendor, those that `priority` leaves out last."""
        for place, name in enumerate(given):
            if self._names and name not in self._names:
                self._problems.add(("sync", "priority", place), f"no vendor has this name; {meant(name, self._names)}")
            elif name in given[:place]:
                self._problems.add(("sync", "priority", place), f"{name} stands here twice: leave one")
        return tuple(dict.fromkeys([*given, *self._names]))

    def _keep(self, section: StateSection, sync: Sync) -> timedelta:
        least = sync.past + _MARGIN
        if section.keep < least:
            given, past = duration_of(section.keep), duration_of(sync.past)
            self._problems.add(
                ("state", "keep"),
                f'is "{given}", and must be a week longer than sync.past, which is "{past}": '
                f'write keep = "{duration_of(least)}" or more, or shorten sync.past',
            )
        return section.keep

    def _state_url(self, section: StateSection) -> str:
        try:
            return state_url(section.url, self._origin.folder, self._origin.environ)
        except ValueError as error:
            self._problems.add(("state", "url"), str(error))
            return ""

    def _vendors(self) -> tuple[ConfiguredVendor, ...]:
        sections = self._data.get("vendors", {})
        if not isinstance(sections, dict) or not sections:
            self._problems.add(("vendors",), "no vendor is configured: add a section [vendors.NAME] with its kind")
            return ()
        found = [self._vendor(name, section) for name, section in sections.items()]
        return tuple(vendor for vendor in found if vendor is not None)

    def _vendor(self, name: str, section: Any) -> ConfiguredVendor | None:
        at = ("vendors", name)
        if not isinstance(section, dict):
            self._problems.add(at, "must be a section: [vendors.NAME] with its kind below")
            return None
        if not _NAME.fullmatch(name):
            self._problems.add(at, "a vendor's name has only the letters a to z, digits, - and _")
        word = section.get("kind")
        if not isinstance(word, str) or word not in self._kinds:
            missing = "is required and missing" if word is None else "no such kind of vendor"
            wanted = meant(word, self._kinds) if isinstance(word, str) else f"one of: {', '.join(self._kinds)}"
            self._problems.add((*at, "kind"), f"{missing}; {wanted}")
            return None
        kind = self._kinds[word]
        settings = self._shaped(kind.settings, section, at)
        return ConfiguredVendor(name, kind, settings) if settings else None

    def _rows(self, model: type[StaffRow], name: str, vendors: abc.Sequence[ConfiguredVendor]) -> tuple[Entry, ...]:
        raw = self._data.get(name, [])
        if not isinstance(raw, list):
            self._problems.add((name,), f"must be a list of tables: write [[{name}]]")
            return ()
        rows: list[StaffRow] = []
        for place, table in enumerate(raw):
            row = self._shaped(model, table, (name, place))
            if row is not None:
                self._related(row, rows, (name, place))
                self._ids(row, vendors, (name, place))
                rows.append(row)
        return tuple(row.entry() for row in rows)

    def _ids(self, row: StaffRow, vendors: abc.Iterable[ConfiguredVendor], at: Location) -> None:
        """What the vendors' kinds say of the shape of their ids."""
        for vendor in vendors:
            if vendor.name in row.ids:
                given, settings = row.ids[vendor.name], vendor.settings
                service = isinstance(row, ServiceRow)
                fault = settings.service_fault(given) if service else settings.staff_fault(given)
                if fault:
                    self._problems.add((*at, "ids", vendor.name), f"is not what it must be: {fault}")

    def _related(self, row: StaffRow, earlier: list[StaffRow], at: Location) -> None:
        """What a catalogue row says of vendors and of the rows before it."""
        for vendor in row.ids:
            if vendor not in self._names:
                self._problems.add((*at, "ids", vendor), f"no vendor has this name; {meant(vendor, self._names)}")
        for fault in (row.same_as(other) for other in earlier if other.name == row.name):
            if fault:
                self._problems.add((*at, "name"), fault)
        if row.default and any(other.default and other.name != row.name for other in earlier):
            self._problems.add((*at, "default"), "another row is the default already: only one can be")
