"""What an installation brings, and that it gets along with a module `state` of somebody else's."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import syncd
from tests.project.sources import ROOT

_SYNCD = "import sys; from syncd.cli import main; sys.argv = ['syncd', '--version']; main()"
_BOTH = "import syncd.assembly, syncd_state, state; print(state.MINE, syncd_state.open_store.__name__)"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as it is built from the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    _build(ROOT, folder, "sdist")
    [archive] = folder.glob("*.tar.gz")
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
    _build(folder / archive.name.removesuffix(".tar.gz"), folder, "wheel")
    [built] = folder.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder in which a user has a module of their own, called `state`."""
    (tmp_path / "state.py").write_text("MINE = 'theirs'\n", encoding="utf-8")
    return tmp_path


def test_an_installation_brings_two_names_and_neither_is_anybody_elses(wheel: zipfile.ZipFile) -> None:
    """`syncd` and `syncd_state`, whole: types, templates and the migrations."""
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in names} == {"syncd", "syncd_state"}
    sources = {
        str(path.relative_to(folder))
        for folder in (ROOT, ROOT / "state")
        for package in ("syncd", "syncd_state")
        for path in (folder / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name != "ruff.toml"
    }
    assert names == sources


def test_an_installed_store_finds_its_migrations(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """A new store is opened with nothing but the wheel's files, from any folder."""
    wheel.extractall(tmp_path)
    opened = "import syncd_state as s; s.open_store('sqlite:///new.db').close(); print(s.__file__)"
    said = _python(opened, tmp_path, "-P", path=tmp_path)
    assert said == str(tmp_path / "syncd_state" / "__init__.py")
    assert (tmp_path / "new.db").is_file()


def test_a_users_module_called_state_does_not_break_the_command(beside: Path) -> None:
    """Where the current directory, as Python has it first, holds a `state.py`."""
    assert _python(_SYNCD, beside).startswith(f"syncd {syncd.__version__}")


@pytest.mark.parametrize("late", [False, True], ids=["first on the path", "last on the path"])
def test_an_installed_syncd_does_not_break_a_users_module_called_state(beside: Path, late: bool) -> None:
    """Both are imported by one program, wherever the user's folder stands on the path."""
    first = "import sys; sys.path.append(sys.path.pop(0)); " if late else ""
    assert _python(first + _BOTH, beside) == "theirs open_store"


def _build(source: Path, folder: Path, target: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder), "--target", target]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


def _python(program: str, folder: Path, *options: str, path: Path | None = None) -> str:
    """What a program says that runs in a folder, with the folder first on its path unless `-P` is
    given.
    """
    environ = {} if path is None else {"PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, *options, "-c", program], cwd=folder, env=environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
