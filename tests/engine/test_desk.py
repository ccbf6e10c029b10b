"""What the operator's desk hands out, and what the command line reaches for: never the store's own
rows.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from syncd.engine.store.desk import Desk
from tests.project.sources import modules

METHODS = [name for name, _ in inspect.getmembers(Desk, inspect.isfunction) if not name.startswith("_")]


def kinds_in(annotation: Any, seen: set[type] | None = None) -> set[type]:
    """Every class that a value of this annotation may hold, fields of dataclasses included."""
    found = set[type]() if seen is None else seen
    for part in get_args(annotation):
        kinds_in(part, found)
    if isinstance(annotation, type) and annotation not in found:
        found.add(annotation)
        if is_dataclass(annotation) or hasattr(annotation, "_fields"):
            for field in get_type_hints(annotation).values():
                kinds_in(field, found)
    return found


def stores_asked_for(path: Path) -> list[str]:
    """Where a module of the command line asks something for its `store`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return [ast.unparse(node) for node in nodes if node.attr == "store"]


@pytest.mark.parametrize("method", METHODS)
def test_the_desk_hands_out_no_row_of_the_store(method: str) -> None:
    """What a method takes and returns is made of the engine's and the model's values, to the last
    field.
    """
    hints = get_type_hints(getattr(Desk, method))
    kinds = set[type]().union(*(kinds_in(hint) for hint in hints.values()))
    assert {kind for kind in kinds if kind.__module__.startswith("syncd_state")} == set()


def test_a_row_would_be_found_wherever_it_hides() -> None:
    """The ledger holds the store itself, so that following its fields must come upon it."""
    names = {kind.__module__.partition(".")[0] for kind in kinds_in(list[tuple[int, Desk]])}
    assert "syncd_state" in names


@pytest.mark.parametrize("path", modules("syncd/cli"), ids=lambda path: path.name)
def test_the_command_line_reaches_through_no_ledger_into_its_store(path: Path) -> None:
    """It asks the desk and the ledger; neither a column nor a transaction is its business."""
    assert stores_asked_for(path) == []
