"""Starts the installed command again and again without paying for its imports each time.

A process that has imported them forks for every run. The child gets argv, environment, folder and descriptors as from
a shell, runs the console script, and ends as an interpreter ends; a supervisor beside it reports pid and status. The
whole of it ends with the process that started it. What a guess at an account's name costs is spared as well.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
from typing import Any

import typer

import syncd.cli
import syncd_state
from syncd.cli.app import app
from syncd.vendors import KINDS
from tests.cheap import names_cost_nothing


def serve(path: str) -> None:
    """Answer requests on the socket `path` until standard input ends: whoever started this is gone then."""
    _warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(path)
        server.listen(16)
        os.write(1, b"ready\n")
        while True:
            ready, _, _ = select.select([server.fileno(), 0], [], [])
            if 0 in ready:
                return
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _supervise(connection)
            connection.close()


def _warm_up() -> None:
    """Load and work out what every run needs first."""
    for module in pkgutil.iter_modules(syncd.cli.__path__, "syncd.cli."):
        importlib.import_module(module.name)
    typer.main.get_command(app)
    for kind in KINDS:
        assert KINDS[kind].name == kind
    syncd_state.open_store("sqlite://").close()
    names_cost_nothing()
    gc.freeze()


def _supervise(connection: socket.socket) -> None:
    """Run one command; send its pid and then its exit status. Returns in the child alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, descriptors, _, _ = socket.recv_fds(connection, 1 << 18, 3)
    request = json.loads(message)
    child = os.fork()
    if child == 0:
        connection.close()
        _become(request, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    connection.send(str(child).encode())
    pid = os.pidfd_open(child)
    ready, _, _ = select.select([pid, connection.fileno()], [], [])
    if pid not in ready:  # nobody waits for it any more
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: dict[str, Any], descriptors: list[int]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored, as nohup does
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    # As an interpreter makes them that finds these descriptors at its start.
    encoding = request["environ"].get("PYTHONIOENCODING", "utf-8")
    for name, number in (("stdout", 1), ("stderr", 2)):
        file = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
        errors = "backslashreplace" if number == 2 else "strict"
        setattr(sys, name, io.TextIOWrapper(file, encoding, errors, line_buffering=number == 2))
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    for name in request["imports"]:
        importlib.import_module(name)
    sys.argv = request["argv"]
    runpy.run_path(sys.argv[0], run_name="__main__")
    sys.exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
