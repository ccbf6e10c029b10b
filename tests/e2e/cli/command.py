"""The installed command as an operator starts it: runs to their end, and runs that go on.

A run is a process of its own either way. `cold` starts the console script itself; otherwise `forker` does, which saves
the imports. Nothing here waits for a fixed time: `eventually` asks until something holds, or fails at a deadline.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

SYNCD = str(Path(sys.executable).with_name("syncd"))
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90.0
"""Seconds after which something that should have happened counts as not happening."""

T = TypeVar("T")


def eventually(ask: Callable[[], T], what: str = "it") -> T:
    """The first true answer. Fails after `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while not (answer := ask()):
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.01)
    return answer


@contextmanager
def typed(answer: str) -> Iterator[int]:
    """A terminal at which somebody types this."""
    person, terminal = pty.openpty()
    try:
        os.write(person, f"{answer}\n".encode())
        yield terminal
    finally:
        os.close(terminal)
        with suppress(OSError):
            os.close(person)


@dataclass(frozen=True)
class Finished:
    """How a run ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log lines on standard error."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def told(self) -> str:
        """What standard error says to a person: everything but log lines."""
        return "\n".join(line for line in self.err.splitlines() if not line.startswith("{"))


class _Process(Protocol):
    pid: int

    def ended(self) -> int | None:
        """The exit status, once it is known."""


class _Cold:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def ended(self) -> int | None:
        return self._process.poll()


class _Forked:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._status: int | None = None
        self.pid = int(connection.recv(32))
        connection.setblocking(False)

    def ended(self) -> int | None:
        if self._status is None:
            try:
                self._status = int(self._connection.recv(32))
            except BlockingIOError:
                return None
            self._connection.close()
        return self._status


@dataclass
class Run:
    """A run that may still go on; its output goes to files."""

    process: _Process
    folder: Path

    @property
    def out(self) -> str:
        """Standard output so far."""
        return (self.folder / "out").read_text(encoding="utf-8", errors="surrogateescape")

    @property
    def err(self) -> str:
        """Standard error so far."""
        return (self.folder / "err").read_text(encoding="utf-8", errors="surrogateescape")

    def said(self, event: str) -> int:
        """How many log lines so far tell of this event."""
        return self.err.count(f'"event": "{event}"')

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.process.pid, number)

    def wait(self) -> Finished:
        """Its end."""
        eventually(lambda: self.process.ended() is not None, f"the end of the run\n{self.err[-3000:]}")
        code = self.process.ended()
        assert code is not None
        return Finished(code, self.out, self.err)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Finished:
        """Send a signal, and wait for the end."""
        self.send(number)
        return self.wait()

    def kill(self) -> None:
        """End it whatever it does."""
        if self.process.ended() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.wait()


@dataclass
class Commands:
    """Starts runs. Those that are still going on when it is closed are killed."""

    folder: Path
    runs: list[Run] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _forker: subprocess.Popen[bytes] | None = None

    def start(
        self,
        *arguments: str | Path,
        folder: Path,
        environ: Mapping[str, str] | None = None,
        cold: bool = False,
        imports: tuple[str, ...] = (),
        terminal: int | None = None,
        out: int | None = None,
        err: int | None = None,
    ) -> Run:
        """Start the command in a folder, with no environment but PATH and what is given.

        `terminal` is a descriptor to read from, `out` and `err` are those to write to instead of files. `imports` are
        modules that a forked run loads first: that is how a test breaks something inside.
        """
        place = self.folder / f"run{next(self._numbers)}"
        place.mkdir()
        argv = [SYNCD, *map(str, arguments)]
        given = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **(environ or {})}
        with open(os.devnull, "rb") as nothing, (place / "out").open("wb") as o, (place / "err").open("wb") as e:
            given_in = nothing.fileno() if terminal is None else terminal
            streams = (given_in, o.fileno() if out is None else out, e.fileno() if err is None else err)
            if cold:
                process: _Process = _Cold(
                    subprocess.Popen(argv, cwd=folder, env=given, stdin=given_in, stdout=streams[1], stderr=streams[2])
                )
            else:
                request = {"argv": argv, "folder": str(folder), "environ": given, "imports": imports}
                process = self._forked(request, streams)
        self.runs.append(Run(process, place))
        return self.runs[-1]

    def run(self, *arguments: str | Path, folder: Path, **options: Any) -> Finished:
        """Run the command to its end."""
        return self.start(*arguments, folder=folder, **options).wait()

    def forget(self) -> None:
        """Kill what still runs."""
        for run in self.runs:
            run.kill()
        self.runs.clear()

    def close(self) -> None:
        """End everything that was started."""
        self.forget()
        if self._forker is not None:
            assert self._forker.stdin is not None
            assert self._forker.stdout is not None
            self._forker.stdin.close()
            self._forker.wait()
            self._forker.stdout.close()

    def _forked(self, request: dict[str, Any], streams: tuple[int, ...]) -> _Process:
        if self._forker is None:
            self._forker = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-m", "tests.e2e.cli.forker", str(self.folder / "forker")],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            ready: IO[bytes] | None = self._forker.stdout
            assert ready is not None
            assert ready.readline() == b"ready\n"
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.connect(str(self.folder / "forker"))
        socket.send_fds(connection, [json.dumps(request).encode()], streams)
        return _Forked(connection)
