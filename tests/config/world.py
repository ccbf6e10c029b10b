"""Invented kinds of vendor, and a folder in which a configuration is written and loaded."""

from __future__ import annotations

from collections import abc
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from syncd.config import Configuration, ConfigurationError, load
from syncd.model.catalogue import Catalogue
from syncd.vendors.kind import Kind
from syncd.vendors.port import Vendor
from syncd.vendors.settings import Secret, VendorSettings, Zone
from syncd.vendors.transport import Surroundings


class Person(BaseModel):
    """A nested table of a kind's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    first_name: str
    email: str = ""


class PlainSettings(VendorSettings):
    """The settings of a kind with one secret."""

    kind: Literal["plain"]
    base_url: str = "https://plain.example.com"
    api_key: Secret
    client: Person | None = None
    rooms: tuple[int, ...] = ()


class ClockedSettings(VendorSettings):
    """The settings of a kind with a wall clock."""

    kind: Literal["clocked"]
    base_url: str = "https://clocked.example.com"
    token: Secret
    timezone: Zone = Field(description='add the zone of its clock, such as timezone = "Europe/Belgrade"')


def _build(_name: str, _settings: Any, _catalogue: Catalogue, _surroundings: Surroundings) -> Vendor:
    raise AssertionError("loading a configuration builds no vendor")


KINDS = {
    "plain": Kind(
        name="plain",
        settings=PlainSettings,
        build=_build,
        example='[vendors.{name}]\nkind = "plain"\napi_key = { env = "PLAIN_KEY" }',
    ),
    "clocked": Kind(
        name="clocked",
        settings=ClockedSettings,
        build=_build,
        example='[vendors.{name}]\nkind = "clocked"\ntoken = { env = "TOKEN" }\ntimezone = "Europe/Belgrade"',
    ),
}

CRM = '[vendors.crm]\nkind = "plain"\napi_key = "key-of-crm"\n'
OFFICE = '[vendors.office]\nkind = "clocked"\ntoken = "token-of-office"\ntimezone = "Europe/Belgrade"\n'


class Desk:
    """An operator's folder: writes a configuration, loads it, reads what was wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "syncd.toml"
        self.environ: dict[str, str] = {}

    def load(self, text: str, kinds: abc.Mapping[str, Kind] = KINDS) -> Configuration:
        """The configuration that `text` makes."""
        self.path.write_text(text, encoding="utf-8")
        return load(self.path, self.environ, kinds)

    def faults(self, text: str) -> list[str]:
        """The lines of the error that `text` makes, without the file's name."""
        try:
            self.load(text)
        except ConfigurationError as error:
            return [line.removeprefix(f"{self.path}: ") for line in error.lines]
        return []
