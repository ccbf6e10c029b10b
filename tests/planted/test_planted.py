"""The list of planted bugs fits the sources and the suite, and a share of it is planted and caught."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.planted.bug import Bug, Misplaced
from tests.planted.bugs import BUGS
from tests.planted.replica import ROOT, Replica, Unusable

LEAST = 100
"""So many different mistakes are worth a list."""
SHARE = ("newest-swapped", "unknown-settled-as-failed", "unknown-is-settled", "post-repeated")
"""One of each list, planted in every run of the suite."""

EACH_BUG = pytest.mark.parametrize("bug", BUGS, ids=[bug.id for bug in BUGS])


def test_every_bug_has_a_name_of_its_own() -> None:
    """And there are enough of them."""
    assert len({bug.id for bug in BUGS}) == len(BUGS) >= LEAST
    assert len({(bug.file, bug.old, bug.new) for bug in BUGS}) == len(BUGS)


@EACH_BUG
def test_a_bug_can_be_planted(bug: Bug) -> None:
    """Its old text occurs exactly once, and the file with the bug in it is another program that can be compiled."""
    planted = bug.planted(ROOT)
    sound = (ROOT / bug.file).read_text(encoding="utf-8")
    assert ast.dump(ast.parse(planted)) != ast.dump(ast.parse(sound))


@EACH_BUG
def test_the_tests_that_must_catch_it_exist(bug: Bug) -> None:
    """Every file, class and function that a bug names."""
    assert bug.tests
    for test in bug.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), file
        assert not name or name in defined(file), test


@cache
def defined(file: str) -> frozenset[str]:
    """The classes and functions of a test's file, as pytest names them."""
    found = set[str]()
    for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.add(node.name)
            case ast.ClassDef():
                functions = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
                found |= {node.name, *(f"{node.name}::{function.name}" for function in functions)}
            case _:
                pass
    return frozenset(found)


@pytest.mark.parametrize("name", SHARE)
def test_a_planted_bug_is_caught(tmp_path: Path, name: str) -> None:
    """In a copy of the sources: a test fails with the bug in it. How the whole list fares, `__main__` tells."""
    [bug] = [bug for bug in BUGS if bug.id == name]
    replica = Replica(tmp_path)
    with replica.with_bug(bug):
        run = replica.test(bug.tests)
    assert run.failed is not None
    assert run.failed.partition("::")[0] in {test.partition("::")[0] for test in bug.tests}
    assert (tmp_path / bug.file).read_bytes() == (ROOT / bug.file).read_bytes()


def test_a_list_that_does_not_fit_any_more_says_what_to_do(tmp_path: Path) -> None:
    """Too often, or not at all: an entry that is never planted would count as caught for ever."""
    (tmp_path / "some.py").write_text("one = 1\ntwo = 1\n", encoding="utf-8")
    for old in ("1", "3"):
        bug = Bug(id="stray", says="It.", file="some.py", old=old, new="2", tests=("tests",))
        with pytest.raises(Misplaced, match="give the entry the text that stands there now"):
            bug.planted(tmp_path)


def test_tests_that_cannot_be_run_catch_nothing(tmp_path: Path) -> None:
    """A selection that does not exist is an error, and no failure of a test."""
    with pytest.raises(Unusable, match="not found"):
        Replica(tmp_path).test(["tests/planted/test_planted.py::test_nothing_of_that_name"])
