"""The two commands that set everything up: `make` with its complaints, `.ci/run` from anywhere."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project.sources import ROOT

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def executable(path: Path, script: str) -> Path:
    """Writes a shell script that stands for a program."""
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without what a calling make passes on to the makes that it starts."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return inherited | extra


@needs_make
@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param("exit 1", "old-python is not", id="too old"),
        pytest.param(None, "old-python is not", id="missing"),
    ],
)
def test_a_python_that_is_too_old_is_named(tmp_path: Path, script: str | None, words: str) -> None:
    """Set-up with an interpreter older than 3.11, or none, says which version it needs and how to name another."""
    for name in ("Makefile", "pyproject.toml", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    if script is not None:
        executable(tmp_path / "old-python", script)
    command = ["make", "setup", f"PYTHON={tmp_path / 'old-python'}"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Python 3.11 or newer" in done.stderr
    assert words in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_ci_runs_the_tests_from_any_directory(tmp_path: Path) -> None:
    """`.ci/run` calls `make test` in the project's folder, wherever it is called from, and passes its exit code on."""
    executable(tmp_path / "make", 'pwd; echo "$@"; exit 7')
    environment = clean_environment(PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(
        [ROOT / ".ci" / "run"], cwd=tmp_path, env=environment, check=False, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [str(ROOT), "test"]
    assert done.returncode == 7
