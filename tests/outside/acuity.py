"""Acuity's own npm client against the sandbox: `python -m tests.outside.acuity`.

Needs node and npm, and installs the client into a temporary folder from wherever npm is configured to. What is compared
is in `acuity.js`. Exits with 0 if every call was answered as that client expects it, else with 1 and what was unlike.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from syncd.assembly import system_clock
from syncd.sandbox.acuity.server import Acuity
from syncd.sandbox.serving.server import Sandbox

CLIENT = "acuityscheduling@0.1.9"
SCRIPT = Path(__file__).with_name("acuity.js")


def main() -> int:
    """Install, serve, run; the script's exit code."""
    if missing := [name for name in ("node", "npm") if shutil.which(name) is None]:
        sys.stderr.write(f"{' and '.join(missing)} must be installed first\n")
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", name, CLIENT]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        script = shutil.copy(SCRIPT, folder)
        vendor = Acuity("book", clock=system_clock, behaviour={"rate": None})
        with Sandbox([vendor]) as served:
            run = ["node", str(script), served.url("book"), vendor.user_id, vendor.api_key]
            return subprocess.run(run, check=False, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())
