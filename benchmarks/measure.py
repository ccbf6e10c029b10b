"""One cycle in this process, and what it took: `python -m benchmarks.measure FOLDER/syncd.toml` writes a line of JSON.

Bodies go into a file while the cycle runs, and are parsed when it is over; the time of writing them is not counted.
"""

from __future__ import annotations

import asyncio
import json
import resource
import struct
import sys
import tempfile
import time
from collections import abc, defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

import httpx

from syncd import logs
from syncd.assembly import build_engine, build_vendors, open_ledger, real_surroundings
from syncd.cli import loading
from syncd.config import load
from syncd.engine.result import CycleResult
from syncd.vendors.transport import Connection

_HEAD = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of CPU of the cycle, and of parsing the same bodies once; bytes of those bodies; memory in MiB.

    `before` is the peak with everything imported and opened, `peak` the peak of the whole process.
    """

    cpu: float
    parsing: float
    bodies: int
    requests: int
    writes: int
    steps: int
    exit_code: int
    before: float
    peak: float


class Recorder:
    """Bodies of answers, in the order in which their pieces come, and the seconds that keeping them took."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._answers = 0
        self.seconds = 0.0

    def answer(self) -> int:
        """A new answer's number."""
        self._answers += 1
        return self._answers

    def keep(self, answer: int, piece: bytes) -> None:
        """A piece of an answer's body."""
        began = time.thread_time()
        self._file.write(_HEAD.pack(answer, len(piece)))
        self._file.write(piece)
        self.seconds += time.thread_time() - began

    def bodies(self) -> list[bytes]:
        """Every body, whole."""
        found: dict[int, list[bytes]] = defaultdict(list)
        self._file.seek(0)
        while head := self._file.read(_HEAD.size):
            number, size = _HEAD.unpack(head)
            found[number].append(self._file.read(size))
        return [b"".join(pieces) for pieces in found.values()]


class _Copied(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder
        # By this name the transport finds the connection behind an answer, and keeps it open.
        self._httpcore_stream = getattr(inner, "_httpcore_stream", None)

    async def __aiter__(self) -> abc.AsyncIterator[bytes]:
        number = self._recorder.answer()
        async for piece in self._inner:
            self._recorder.keep(number, piece)
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Wire(httpx.AsyncHTTPTransport):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__(trust_env=False)
        self._recorder = recorder

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Copied(response.stream, self._recorder)
        return response


async def _cycle(path: Path, recorder: Recorder) -> tuple[CycleResult, float, float]:
    """The cycle, its seconds of CPU, and the peak of memory before it in MiB."""
    configuration = load(path, {})

    def connect(_: Connection) -> httpx.AsyncBaseTransport:
        return _Wire(recorder)

    surroundings = replace(real_surroundings(configuration), connect=connect)
    vendors = build_vendors(configuration, surroundings)
    ledger = open_ledger(configuration)
    try:
        engine = build_engine(configuration, ledger, vendors, surroundings)
        before, began = _peak(), time.process_time()
        result = await engine.cycle()
        return result, time.process_time() - began - recorder.seconds, before
    finally:
        ledger.store.close()
        for vendor in vendors.values():
            await vendor.aclose()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _parsing(bodies: list[bytes]) -> float:
    """Seconds of CPU to parse them once, the best of three."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        for body in bodies:
            json.loads(body)
        seconds.append(time.process_time() - began)
    return min(seconds)


def main(path: str) -> None:
    """Run the cycle and write its figures."""
    logs.configure("json")
    loading.begin()
    loading.end()
    with tempfile.TemporaryFile() as file:
        recorder = Recorder(file)
        result, cpu, before = asyncio.run(_cycle(Path(path), recorder))
        peak = _peak()
        bodies = [body for body in recorder.bodies() if body]
    figures = Figures(
        cpu=cpu,
        parsing=_parsing(bodies),
        bodies=sum(map(len, bodies)),
        requests=sum(vendor.requests for vendor in result.vendors),
        writes=result.writes,
        steps=len(result.steps),
        exit_code=result.exit_code,
        before=before,
        peak=peak,
    )
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
