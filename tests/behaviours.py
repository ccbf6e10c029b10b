"""Every end-to-end case in every behaviour of the vendors: `python -m tests.behaviours [--jobs N] [--time SECONDS]`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections import abc
from pathlib import Path

from tests.share import EACH_CASE_ONCE

ROOT = Path(__file__).resolve().parents[1]
_INTERRUPTED = 2
"""What pytest ends with when it is interrupted; with the first failure it ends at once, and otherwise."""


def main(arguments: abc.Sequence[str]) -> int:
    """0 if all that was tried held."""
    parser = argparse.ArgumentParser(prog="python -m tests.behaviours", description="Every case in every behaviour.")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--time", type=float, metavar="SECONDS", help="end after that, wherever it is")
    given = parser.parse_args(arguments)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        str(given.jobs),
        "--dist",
        "worksteal",
        "tests/e2e/behaviour",
    ]
    environment = {name: value for name, value in os.environ.items() if name != EACH_CASE_ONCE}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as running:
        try:
            return running.wait(given.time)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)
            code = running.wait()
    return 0 if code == _INTERRUPTED else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
