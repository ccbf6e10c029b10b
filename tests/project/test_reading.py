"""The floors that decide can be read: no line, comprehension or function says too much at once."""

import ast
from pathlib import Path

import pytest

from tests.project.sources import ROOT, modules

FLOORS = ("syncd/reconcile", "syncd/compare", "syncd/engine")
FILES = modules(*FLOORS)
WIDTH, LENGTH = 100, 50
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Function = ast.FunctionDef | ast.AsyncFunctionDef

EACH_FILE = pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])


def crowded(source: str) -> list[int]:
    """The lines of comprehensions with more than one `for`, or more than one `if`."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, Comprehension)]
    return [
        node.lineno for node in found if len(node.generators) > 1 or sum(len(one.ifs) for one in node.generators) > 1
    ]


def lengthy(source: str) -> list[str]:
    """The functions that take more lines than fit on a page, their docstrings included."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, Function)]
    return [node.name for node in found if (node.end_lineno or 0) - node.lineno >= LENGTH]


@EACH_FILE
def test_a_line_fits_beside_another(path: Path) -> None:
    """Two files side by side, or a diff with a remark."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > WIDTH] == []


@EACH_FILE
def test_a_comprehension_says_one_thing(path: Path) -> None:
    """One `for` and at most one `if`; what needs more is a loop, or has a name."""
    assert crowded(path.read_text(encoding="utf-8")) == []


@EACH_FILE
def test_a_function_fits_on_a_page(path: Path) -> None:
    """What is longer does a second thing."""
    assert lengthy(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("floor", FLOORS)
def test_the_formatter_keeps_to_the_same_width(floor: str) -> None:
    """A floor has its own settings, on top of the project's; what the formatter caches is no part of a package."""
    said = (ROOT / floor / "ruff.toml").read_text(encoding="utf-8")
    assert said.splitlines() == [
        'extend = "../../pyproject.toml"',
        f"line-length = {WIDTH}",
        'cache-dir = "../../.ruff_cache"',
    ]


def test_what_says_too_much_is_found() -> None:
    """Two `for`, two `if`, and a function of 51 lines; one of each, and 50 lines, are not."""
    assert crowded("a = [x for y in z for x in y]\nb = {x for x in y if x if x > 1}\n") == [1, 2]
    assert crowded("a = {x: 1 for x in y if x}\nb = any(x for x in y if x and x > 1)\n") == []
    page = "def f():\n" + "    x = 1\n" * (LENGTH - 1)
    assert lengthy(page) == []
    assert lengthy(page + "    x = 1\n") == ["f"]
