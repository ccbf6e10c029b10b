"""What every file of the project keeps to, whatever it is about."""

import ast
import re
from pathlib import Path

from tests.project.sources import ROOT, modules, project_files

HOME = re.compile(rb"/(?:home|Users)/\w|/(?:root)/\w|[A-Z]:\\Users\\")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def named(paths: list[Path]) -> list[str]:
    """The paths as somebody who has to open them wants to read them."""
    return [str(path.relative_to(ROOT)) for path in paths]


def silent_tests(path: Path) -> list[str]:
    """The tests in a file that do not say what they show."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, Function) and node.name.startswith("test_")]
    return [f"{path.relative_to(ROOT)}: {node.name}" for node in found if not ast.get_docstring(node)]


def test_no_file_names_a_home_directory() -> None:
    """Nothing that was true only on its author's machine is part of the project."""
    assert named([path for path in project_files() if HOME.search(path.read_bytes())]) == []


def test_every_test_says_what_it_shows() -> None:
    """Each test has a docstring that reads as a sentence about the system."""
    assert [line for path in modules("tests") for line in silent_tests(path)] == []
