"""pyproject.toml: bounded dependencies, one version, and contracts that know every dependency."""

import ast
import importlib.metadata
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import syncd
from tests.project.sources import ROOT, modules, pyproject

FIRST_PARTY = {"syncd": "syncd", "syncd_state": "state/syncd_state"}
"""The packages that an installation brings, each with its folder."""


def every_requirement() -> list[str]:
    """All requirement lines of pyproject.toml: run time, build and development."""
    content = pyproject()
    grouped = [line for group in content["dependency-groups"].values() for line in group]
    return [*content["project"]["dependencies"], *content["build-system"]["requires"], *grouped]


def imported_packages() -> set[str]:
    """The third-party packages that the project's own code imports."""
    names: set[str] = set()
    for path in modules(*FIRST_PARTY.values()):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import():
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                case ast.ImportFrom(module=str(module), level=0):
                    names.add(module.partition(".")[0])
                case _:
                    pass
    return names - FIRST_PARTY.keys() - sys.stdlib_module_names


@pytest.mark.parametrize("line", every_requirement())
def test_a_dependency_is_bounded_on_both_sides(line: str) -> None:
    """No release that nobody has seen, and none that is too old, can be chosen for any dependency."""
    operators = {specifier.operator for specifier in Requirement(line).specifier}
    assert "==" in operators or {">=", "<"} <= operators


def test_the_build_backend_is_locked() -> None:
    """What builds the package is in the lock files too, so that an installation downloads nothing without a hash."""
    content = pyproject()
    assert content["build-system"]["requires"] == content["dependency-groups"]["build"]


def test_what_the_code_imports_is_declared() -> None:
    """The code relies on no package that only happens to be there because another one needs it."""
    declared = {canonicalize_name(Requirement(line).name) for line in pyproject()["project"]["dependencies"]}
    providers = importlib.metadata.packages_distributions()
    undeclared = {
        name
        for name in imported_packages()
        if declared.isdisjoint(canonicalize_name(provider) for provider in providers.get(name, []))
    }
    assert undeclared == set()


@pytest.mark.parametrize("source", ["syncd.model", "syncd.reconcile", "syncd.compare"])
def test_the_pure_floors_are_kept_free_of_every_dependency(source: str) -> None:
    """Model and decisions may import no third-party package; a new dependency is forbidden there from its first day."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    (contract,) = (one for one in contracts if source in one.get("source_modules", []))
    packages = {Requirement(line).name.replace("-", "_") for line in pyproject()["project"]["dependencies"]}
    assert packages - set(contract["forbidden_modules"]) == set()


def test_the_changelog_knows_this_version() -> None:
    """Whoever upgrades finds the version that `syncd --version` names in the changelog."""
    assert f"\n## [{syncd.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", sorted(FIRST_PARTY.values()))
def test_a_package_says_that_it_is_typed(folder: str) -> None:
    """Type checkers of code that uses the project follow its annotations."""
    assert (ROOT / folder / "py.typed").is_file()
