"""What absurd answers cost: `python -m benchmarks.absurd [WORD…]` writes the table of `docs/limits.md` as Markdown.

Each vendor in turn answers every listing absurdly for three cycles of the installed command, while somebody moves an
appointment at another vendor before each. It fails where the other three are not in step after every one of them, or
a vendor is not after the first cycle in which it answers well again; and, when the table is written, where a cycle took
more memory than it may, or more time than one listing has.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections import abc
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.world import clock, fill
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import demo_vendors
from syncd.sandbox.serving.server import Sandbox
from syncd.vendors.settings import ListingLimits

CYCLES = 3
NUMBER = 20
MOST_MEMORY = 300
"""MiB that the process of a cycle may take."""
MOST_SECONDS = ListingLimits().time.total_seconds()
"""A cycle may take as long as the budget of one listing: vendors are read at once, and this one alone is slow."""
LISTS = {
    "crm": re.compile(r"^/v1/appointments\?"),
    "book": re.compile(r"^/api/v1/appointments\?"),
    "office": re.compile(r"^/api/external/v1/appointments(\?|$)"),
    "site": re.compile(r"call=/api/v1/appointments&"),
}
"""Requests for listings."""

_MOMENTS = re.compile(rb"20[23]\d-")
_NUMBERS = re.compile(rb'((?<!"id)(?<!"_id)":\s*)\d+')
_LAUNCHER = """
import json, os, subprocess, sys, time
began = time.monotonic()
with open(sys.argv[1], "ab") as log:
    process = subprocess.Popen(sys.argv[2:], stdout=log, stderr=log)
    _, status, usage = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), time.monotonic() - began, usage.ru_maxrss]))
"""
"""Starts syncd from a small process: the peak of a child counts what its parent had when it was forked."""


@dataclass
class Answer:
    """An answer on its way to syncd: `pieces` follow its body without end, if there are any."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    pieces: abc.Iterator[bytes] | None = None

    def header(self, name: str, value: str) -> None:
        """Give it this header and no other of that name."""
        self.headers = [(key, old) for key, old in self.headers if key.lower() != name.lower()] + [(name, value)]


Absurd = abc.Callable[[Answer], None]


def _date(answer: Answer) -> None:
    answer.header("Date", "Fri, 31 Dec 9999 23:59:59 GMT")


def _retry(answer: Answer) -> None:
    answer.status, answer.body = 429, b"{}"
    answer.header("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")


def _no_utf8(answer: Answer) -> None:
    answer.body = re.sub(rb'":\s*"', lambda found: found[0] + b"\xff\xfe", answer.body)


def _numbers(answer: Answer) -> None:
    answer.body = _NUMBERS.sub(rb"\g<1>9223372036854775808", answer.body)


def _before_computers(answer: Answer) -> None:
    answer.body = _MOMENTS.sub(b"1970-", answer.body)


def _never_again(answer: Answer) -> None:
    answer.body = _MOMENTS.sub(b"9999-", answer.body)


def _endless(answer: Answer) -> None:
    """The last row again and again, each time with another id."""
    row = _rows(answer.body)[-1]
    head, _, _ = answer.body.rpartition(row)
    counted = re.compile(rb'("_?id":\s*"?)([^",]+)')

    def rows() -> abc.Iterator[bytes]:
        number = 0
        while True:
            block = []
            for _ in range(500):
                number += 1
                block.append(counted.sub(rb"\g<1>7%d" % number, row, count=1))
            yield b"," + b",".join(block)

    answer.body, answer.pieces = head + row, rows()


def _unreadable(answer: Answer) -> None:
    """Forty thousand rows that say nothing of when they are."""
    row = re.sub(rb"20[23]\d-\d\d-\d\d", b"soon", _rows(answer.body)[-1])
    rows = [re.sub(rb'("_?id":\s*"?)[^",]+', rb"\g<1>7%d" % number, row, count=1) for number in range(40_000)]
    head, _, tail = answer.body.rpartition(_rows(answer.body)[-1])
    answer.body = head + b",".join(rows) + tail


def _nameless(answer: Answer) -> None:
    """Forty thousand rows that have no id."""
    row = re.sub(rb'"_?id":\s*("[^"]*"|\d+),', b"", _rows(answer.body)[-1], count=1)
    head, _, tail = answer.body.rpartition(_rows(answer.body)[-1])
    answer.body = head + b",".join([row] * 40_000) + tail


def _empty(answer: Answer) -> None:
    """Rows of which there is nothing, as many as an answer may have bytes for."""
    head, _, tail = answer.body.rpartition(_rows(answer.body)[-1])
    answer.body = head + b",".join([b"{}"] * 20_000_000) + tail


def _wide(answer: Answer) -> None:
    """A text of thirty million letters in each of the last rows."""
    row = _rows(answer.body)[-1]
    head, _, tail = answer.body.rpartition(row)
    text = b'"' + b"x" * 30_000_000 + b'"'
    answer.body = head + row[:-1] + b',"notes":' + text + b',"internalNotes":' + text + b"}" + tail


def _deep(answer: Answer) -> None:
    answer.body = b'{"data":' + b"[" * 2_000_000


def _twice_packed(answer: Answer) -> None:
    answer.body = gzip.compress(gzip.compress(b" " * 300_000_000, 9), 9)
    answer.header("Content-Encoding", "gzip, gzip")


def _packed(answer: Answer) -> None:
    answer.body = gzip.compress(b" " * 500_000_000, 1)
    answer.header("Content-Encoding", "gzip")


ANSWERS: dict[str, Absurd] = {
    "`Date` in the year 9999": _date,
    "429 with `Retry-After` in the year 9999": _retry,
    "texts, ids and dates that are no UTF-8": _no_utf8,
    "every number but the ids 2^63": _numbers,
    "every date in 1970": _before_computers,
    "every date in 9999": _never_again,
    "rows without end": _endless,
    "40,000 rows without a time": _unreadable,
    "40,000 rows without an id": _nameless,
    "20 million rows without anything": _empty,
    "texts of 30 million letters": _wide,
    "two million brackets": _deep,
    "300 MB packed twice": _twice_packed,
    "500 MB packed": _packed,
}


def _rows(body: bytes) -> list[bytes]:
    """The rows of a listing as they stand in it."""
    value = json.loads(body)
    found: list[bytes] = []

    def walk(node: object) -> None:
        if (
            isinstance(node, dict)
            and {"id", "_id"} & node.keys()
            and {"start_time", "datetime", "date", "bookingStart"} & node.keys()
        ):
            for form in (
                json.dumps(node, separators=(",", ":"), ensure_ascii=False),
                json.dumps(node, ensure_ascii=False),
            ):
                if form.encode() in body:
                    found.append(form.encode())
                    return
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(child)

    walk(value)
    if not found:
        raise SystemExit(f"no rows are found in {body[:200]!r}")
    return found


@dataclass
class Proxy:
    """Stands between syncd and one vendor."""

    name: str
    target: str
    absurd: Absurd | None = None
    server: socketserver.ThreadingTCPServer = field(init=False)

    def __post_init__(self) -> None:
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                proxy.serve(self)

        socketserver.ThreadingTCPServer.daemon_threads = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where syncd finds it."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def serve(self, handler: socketserver.StreamRequestHandler) -> None:
        """One request, and the end of its connection."""
        line = handler.rfile.readline().decode("latin-1").split()
        if len(line) < 2:
            return
        headers = {}
        while (text := handler.rfile.readline().strip().decode("latin-1")) != "":
            key, _, value = text.partition(":")
            headers[key.lower()] = value.strip()
        body = handler.rfile.read(int(headers.get("content-length", "0")))
        answer = self._asked(line[0], line[1], headers, body)
        if self.absurd is not None and line[0] == "GET" and LISTS[self.name].search(line[1]):
            self.absurd(answer)
        head = [
            f"HTTP/1.1 {answer.status} X",
            *(f"{key}: {value}" for key, value in answer.headers),
            "Connection: close",
        ]
        if answer.pieces is None:
            head.append(f"Content-Length: {len(answer.body)}")
        try:
            handler.wfile.write("\r\n".join(head).encode() + b"\r\n\r\n" + answer.body)
            for piece in answer.pieces or ():
                handler.wfile.write(piece)
        except OSError:
            return  # syncd has had enough

    def _asked(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        where = urlsplit(self.target)
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
        passed = {key: value for key, value in headers.items() if key not in ("connection", "host", "accept-encoding")}
        connection.request(method, path, body or None, passed)
        given = connection.getresponse()
        dropped = ("content-length", "transfer-encoding", "connection", "content-encoding")
        kept = [(key, value) for key, value in given.getheaders() if key.lower() not in dropped]
        return Answer(given.status, kept, given.read())


@dataclass
class Place:
    """A folder with a configuration, the vendors behind their proxies, and the installed command."""

    folder: Path
    sandbox: Sandbox
    proxies: dict[str, Proxy]
    days: abc.Iterator[int] = field(default_factory=lambda: count(1))

    def once(self) -> tuple[int, float, float]:
        """One cycle: its exit code, its seconds and its peak memory in MiB."""
        command = [str(Path(sys.executable).with_name("syncd")), "-c", str(self.folder / "syncd.toml"), "--once"]
        launcher = [sys.executable, "-c", _LAUNCHER, str(self.folder / "log"), *command]
        done = subprocess.run(launcher, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        code, seconds, peak = json.loads(done.stdout)
        return code, seconds, peak / 1024

    def starts(self, name: str) -> list[datetime]:
        """When a vendor's live records start."""
        entries = self.sandbox.vendor(name).entries.values()
        return sorted(entry.start for entry in entries if not entry.is_cancelled)

    def move(self, name: str) -> None:
        """Somebody moves one of a vendor's appointments to a day of its own."""
        vendor, number = self.sandbox.vendor(name), next(self.days)
        entries = sorted(vendor.entries.values(), key=lambda one: (one.is_cancelled, one.start))
        entry = entries[number % NUMBER]
        start = clock().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=20 + number)
        vendor.person_edit(entry.id, start=start, end=start + (entry.end - entry.start))


def main() -> None:
    """Every vendor with every answer. Fails where somebody else was kept out of step."""
    vendors: list[SandboxVendor] = [*demo_vendors(clock)]
    for vendor in vendors:
        if "rate" in vendor.all_switches():
            vendor.set_behaviour(rate=None)
    first = clock().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
    fill(vendors, NUMBER, first, everywhere=True)
    with Sandbox(vendors) as sandbox, tempfile.TemporaryDirectory(prefix="syncd-absurd-") as name:
        text = sandbox.config_text("sqlite:///state.db", rate="100000/s", sync={"future": "600d"})
        proxies = {}
        for vendor in vendors:
            [address] = set(re.findall(rf"\[vendors\.{vendor.name}\][^\[]*?base_url = \"(http://[^/\"]+)", text))
            proxies[vendor.name] = Proxy(vendor.name, address)
            text = text.replace(address, proxies[vendor.name].address)
        path = Path(name) / "syncd.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        measure(Place(Path(name), sandbox, proxies))


def over_budget(name: str, what: str, peak: float, seconds: float) -> list[str]:
    """What a vendor's answers took that they may not, in sentences; `peak` in MiB."""
    said = []
    if peak > MOST_MEMORY:
        said.append(f"{name}, {what}: a cycle took {peak:.0f} MiB, and may take {MOST_MEMORY}")
    if seconds > MOST_SECONDS:
        said.append(f"{name}, {what}: a cycle took {seconds:.0f} s, and a listing may take {MOST_SECONDS:.0f}")
    return said


def measure(place: Place) -> None:
    """The table, line by line. Fails after the last one where something was over its budget."""
    names = list(place.proxies)
    for _ in range(2):
        place.once()
    _say("answer", *names)
    _say("---", *("---:" for _ in names))
    chosen, over = sys.argv[1:], list[str]()
    for what, absurd in ANSWERS.items():
        if chosen and not any(word in what for word in chosen):
            continue
        cells = []
        for name in names:
            codes, peak, seconds = _tried(place, name, absurd)
            cells.append(f"exit {codes}, {peak:.0f} MiB, {seconds:.1f} s")
            over += over_budget(name, what, peak, seconds)
        _say(what, *cells)
    if over:
        raise SystemExit("\n".join(over))


def _tried(place: Place, name: str, absurd: Absurd) -> tuple[str, float, float]:
    """The exit codes, the highest memory in MiB and the longest cycle in seconds."""
    others = [other for other in place.proxies if other != name]
    codes, seconds, peaks = set(), [], []
    place.proxies[name].absurd = absurd
    for number in range(CYCLES):
        place.move(others[number % len(others)])
        code, lasted, peak = place.once()
        codes.add(code)
        seconds.append(lasted)
        peaks.append(peak)
        starts = [place.starts(other) for other in others]
        if any(one != starts[0] for one in starts):
            log = (place.folder / "log").read_text()[-4000:]
            raise SystemExit(f"{name} kept the others out of step, exit {code}: {starts} {log}")
    place.proxies[name].absurd = None
    ended = [place.once()[0] for _ in range(2)]
    if ended[-1] != 0 or place.starts(name) != place.starts(others[0]):
        raise SystemExit(f"{name} is not in step again, exit {ended}: {(place.folder / 'log').read_text()[-3000:]}")
    return "/".join(map(str, sorted(codes))), max(peaks), max(seconds)


def _say(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
