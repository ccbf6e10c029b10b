"""The vendor packages are built alike: who has read one finds the same thing under the same name in the next."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

import pytest

from syncd.vendors import KINDS
from tests.project.sources import ROOT

TEMPLATE = {
    "account": (),
    "adapter": ("Adapter",),
    "answers": (),
    "capabilities": ("capabilities_of",),
    "check": ("doubts",),
    "client": ("ApiClient", "transport_of"),
    "codec": ("Codec",),
    "listing": ("Listing",),
    "schemas": ("AppointmentRow", "read_row"),
    "settings": ("EXAMPLE", "NAME", "RATE", "Settings"),
    "slots": ("read_slot",),
}
"""The files of every vendor package, and the names in each; a package may have more of both."""
PACKAGES = sorted(path.parent.name for path in (ROOT / "syncd" / "vendors").glob("*/adapter.py"))
EACH_PACKAGE = pytest.mark.parametrize("kind", PACKAGES)


def module(kind: str, name: str) -> ModuleType:
    """A module of a package."""
    return importlib.import_module(f"syncd.vendors.{kind}.{name}")


def parameters(thing: Any) -> list[str]:
    """The names of what a function or a class takes."""
    return list(inspect.signature(thing).parameters)


def test_every_package_is_in_the_registry() -> None:
    """And the registry names no other."""
    assert list(KINDS) == PACKAGES


@EACH_PACKAGE
def test_a_package_has_the_files_and_names_of_the_template(kind: str) -> None:
    """All of them, by these names."""
    for name, wanted in TEMPLATE.items():
        assert set(wanted) <= set(vars(module(kind, name))), name


@EACH_PACKAGE
def test_what_every_package_has_is_made_alike(kind: str) -> None:
    """An adapter of the same four things, a client of a name and a transport, and the calls by the same words."""
    adapter, client = module(kind, "adapter").Adapter, module(kind, "client").ApiClient
    assert KINDS[kind].build is adapter
    assert KINDS[kind].settings is module(kind, "settings").Settings
    assert parameters(adapter) == ["name", "settings", "catalogue", "surroundings"]
    assert parameters(module(kind, "client").transport_of) == ["name", "settings", "surroundings"]
    assert parameters(client)[:2] == ["vendor", "transport"]
    assert {"page", "get", "create", "update", "aclose"} <= set(vars(client))
    assert parameters(module(kind, "schemas").read_row) == ["raw"]
    assert parameters(module(kind, "slots").read_slot)[0] == "row"
    assert {"write_slot", "write_start"} & set(vars(module(kind, "slots")))


def test_contributing_names_the_template() -> None:
    """Whoever adds a vendor learns the names there."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name, wanted in TEMPLATE.items():
        for word in (f"{name}.py", *wanted):
            assert f"`{word}`" in text, word
