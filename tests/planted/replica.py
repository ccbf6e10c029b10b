"""A copy of the sources in which bugs are planted, and runs of its tests. What a run's end means is decided here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import abc
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.planted.bug import Bug

ROOT = Path(__file__).resolve().parents[2]
_PARTS = ("syncd", "state", "tests", "docs", "pyproject.toml")
_PATIENCE = 90.0
"""Seconds after which a run hangs; without a bug, the slowest selection takes a tenth of that."""

_PASSED, _FAILED = 0, 1


class Unusable(Exception):
    """A run of the tests that says nothing about a bug."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of some tests ended: `failed` is the first that failed, None where all passed."""

    failed: str | None = None
    hung: bool = False

    @property
    def passed(self) -> bool:
        """Whether no test found anything."""
        return self.failed is None and not self.hung


class Replica:
    """The sources once more, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.resolve()
        for part in _PARTS:
            if (ROOT / part).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
                shutil.copytree(ROOT / part, self.root / part, ignore=ignored)
            else:
                shutil.copy2(ROOT / part, self.root / part)

    @contextmanager
    def with_bug(self, bug: Bug) -> abc.Iterator[None]:
        """The copy with a bug in it, as long as the block lasts."""
        path = self.root / bug.file
        sound = path.read_bytes()
        planted = bug.planted(self.root)
        try:
            self._write(path, planted.encode())
            yield
        finally:
            self._write(path, sound)

    def test(self, tests: abc.Sequence[str], patience: float = _PATIENCE) -> Run:
        """Run these tests until one fails. Raises `Unusable` where they could not be run."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider"]
        command += ["-p", "tests.planted.here", f"--rootdir={self.root}", *tests]
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                said, _ = process.communicate(timeout=patience)
            except BaseException as error:
                os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    return Run(hung=True)
                raise
        if process.returncode == _PASSED:
            return Run()
        if process.returncode == _FAILED:
            return Run(failed=_first_failed(said))
        raise Unusable(f"pytest ended with {process.returncode}, so no test was run to its end:\n{said[-2000:]}")

    def _write(self, path: Path, content: bytes) -> None:
        """Compiled files are told apart by seconds and sizes, which two versions of a file may share."""
        path.write_bytes(content)
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            compiled.unlink()

    def _environment(self) -> dict[str, str]:
        """What is in the folder comes first on the path of every interpreter that the tests start."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "HYPOTHESIS_"))}
        path = os.pathsep.join((str(self.root), str(self.root / "state")))
        return {**kept, "PYTHONPATH": path}


def _first_failed(said: str) -> str:
    for line in said.splitlines():
        word, _, rest = line.partition(" ")
        if word in ("FAILED", "ERROR"):
            return rest.partition(" - ")[0]
    return "a test that pytest did not name"
