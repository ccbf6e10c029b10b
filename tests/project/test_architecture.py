"""docs/architecture.md names what there is: files, functions, floors, and the words of the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import syncd.reconcile.stages
from syncd.model.memory import Mapping
from syncd.reconcile.diff.observation import Presence

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FOLDERS = (ROOT, ROOT / "syncd", ROOT / "syncd" / "reconcile", ROOT / "syncd" / "model")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w/]+\.py)`", PAGE))))
def test_a_file_that_it_names_is_there(name: str) -> None:
    """A stranger who follows it finds the file."""
    assert any((folder / name).is_file() for folder in FOLDERS)


@pytest.mark.parametrize(("path", "name"), re.findall(r"`([\w/]+\.py)` \(`(\w+)`\)", PAGE))
def test_a_function_that_it_names_is_there(path: str, name: str) -> None:
    """In the file that it names."""
    [found] = [folder / path for folder in FOLDERS if (folder / path).is_file()]
    assert f"def {name}(" in found.read_text(encoding="utf-8")


def test_it_knows_every_floor() -> None:
    """Those of the import contract, each once."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    [floors] = [one["layers"] for one in contracts if one["name"] == "imports only go down"]
    names = {name.strip() for layer in floors for name in layer.split("|")} - {"logs"}
    rows = re.findall(
        r"^\| ((?:`[\w/]+`(?:, )?)+) \|", PAGE.split("## Floors")[1].split("## One cycle")[0], re.MULTILINE
    )
    said = {name for row in rows for name in re.findall(r"`([\w/]+)`", row)}
    assert said == names | {"state/"}


def test_its_words_are_the_codes() -> None:
    """Presence by presence, and what a mapping keeps."""
    words = ", ".join(one.name.lower().replace("_", " ") for one in Presence)
    [told] = re.findall(r"with what this cycle sees of it: (.*?) \|", PAGE)
    assert sorted(told.replace("out of the window", "out of window").split(", ")) == sorted(words.split(", "))
    assert {"base", "acknowledged", "in_flight", "tombstone"} <= set(Mapping.__dataclass_fields__)


def test_the_entry_reads_as_the_list_of_stages() -> None:
    """The same four stages stand in the function's own words."""
    told = syncd.reconcile.stages.reconcile.__doc__ or ""
    assert re.findall(r"^ +([A-Z]{4,5}) ", told, re.MULTILINE) == ["LINK", "CASE", "PLAN", "GUARD"]
