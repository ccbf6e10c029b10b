"""`syncd` without a command: polls until it is asked to stop, and stops without leaving anything half done."""

from __future__ import annotations

import functools
import os
import signal
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from syncd.sandbox.frame.faults import Fault
from tests.e2e.cli.command import Finished, eventually
from tests.e2e.cli.world import ALL, World

QUICK = {"interval": "0.2s"}


def assert_ended_well(done: Finished) -> None:
    """Exit 0, nothing on standard output, nothing but log lines on standard error, `daemon_stopped` among them."""
    assert (done.code, done.out, done.told) == (0, "", "")
    assert [line["event"] for line in done.events].count("daemon_stopped") == 1
    assert not [line for line in done.events if line["level"] in ("error", "critical")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_polls_picks_an_edit_up_and_ends_when_asked(world: World, number: signal.Signals) -> None:
    """Both signals mean: stop now, and that is success."""
    world.configure(sync=QUICK)
    world.book(0, 1, at=("crm",))
    daemon = world.daemon(cold=number is signal.SIGTERM)
    eventually(world.in_step, "the first cycle")
    moved = world.move("site", 0)
    eventually(lambda: all(moved in world.starts(name) for name in ALL), "the move")
    eventually(lambda: daemon.said("cycle_finished") >= 3)
    assert_ended_well(daemon.stop(number))
    assert [len(world.starts(name)) for name in ALL] == [2, 2, 2, 2]


def test_an_idle_daemon_sends_listings_alone(world: World) -> None:
    """Each vendor is polled again and again; nothing is written twice."""
    world.configure(sync=QUICK)
    world.book(0, 1)
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    lists = {name: vendor.counters.lists for name, vendor in world.vendors.items()}
    eventually(lambda: all(v.counters.lists >= lists[n] + 3 for n, v in world.vendors.items()), "polling")
    assert_ended_well(daemon.stop())
    assert world.asked_to_write == []


def test_a_signal_ends_a_long_wait_at_once(world: World) -> None:
    """Between two cycles an hour apart nothing keeps it."""
    world.configure(sync={"interval": "1h"})
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    assert_ended_well(daemon.stop())


def test_a_signal_ends_a_reading_that_hangs(world: World) -> None:
    """What only reads is given up; nothing was half done."""
    world.configure(sync=QUICK)
    fault = world.fault("office", "hang", operation="list")
    daemon = world.daemon()
    eventually(lambda: fault.fired, "the hanging listing")
    assert_ended_well(daemon.stop())
    assert world.asked_to_write == []


@pytest.mark.parametrize(("kind", "timeout"), [("hang", "60s"), ("hang", "0.5s"), ("hang_after", "0.5s")])
def test_a_signal_while_a_write_hangs_waits_no_longer_than_the_settle_time(
    world: World, kind: str, timeout: str
) -> None:
    """The write is settled as unknown, or given up after ten seconds; the next run finds out and doubles nothing."""
    world.configure(options={"office": {"timeout": timeout}})
    world.book(0, 1, at=("crm",))
    fault = world.fault("office", kind, operation="create", times=1)
    daemon = world.daemon()
    eventually(lambda: fault.fired, "the hanging create")
    assert_ended_well(daemon.stop())
    assert world.vendors["office"].counters.creates == (kind == "hang_after")
    world.configure(options={})
    if kind == "hang":  # it is looked for twice
        looked = world.syncd("--once")
        assert (looked.code, "its answer was lost" in looked.out) == (3, True)
    again = world.syncd("--once", "--report", "json")
    assert again.code == 0
    assert world.in_step()
    assert [len(world.starts(name)) for name in ALL] == [2, 2, 2, 2]


def test_a_vendor_that_is_away_for_a_while_stops_nothing(world: World) -> None:
    """The others go on, and it catches up when it is back."""
    world.configure(sync=QUICK)
    world.book(0)
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"), "the first cycle")
    fault = world.fault("book", "status", code=401)
    eventually(lambda: fault.fired >= 2, "the outage")
    moved = world.move("crm", 0)
    eventually(lambda: moved in world.starts("site") and moved in world.starts("office"), "the move at the others")
    world.vendors["book"].faults.clear()
    eventually(world.in_step, "the move at the vendor that was away")
    assert_ended_well(daemon.stop())
    assert [len(world.starts(name)) for name in ALL] == [1, 1, 1, 1]


def test_a_vendor_that_is_away_from_the_start_doubles_nothing(world: World) -> None:
    """Its record is at the time that the appointment had when nobody could read it: a person is asked."""
    world.configure(sync=QUICK)
    world.book(0)
    fault = world.fault("book", "status", code=401)
    daemon = world.daemon()
    eventually(lambda: fault.fired >= 2, "the outage")
    moved = world.move("crm", 0)
    eventually(lambda: moved in world.starts("site") and moved in world.starts("office"), "the move at the others")
    world.vendors["book"].faults.clear()
    eventually(lambda: "was moved before this record could be read" in world.syncd("quarantine").out, "the question")
    assert_ended_well(daemon.stop())
    assert [len(world.starts(name)) for name in ALL] == [1, 1, 1, 1]


FAR = "Fri, 31 Dec 9999 23:59:59 GMT"
ABSURD: tuple[tuple[str, dict[str, object]], ...] = (
    ("bad_value", {"field": "version", "body": 2**63, "record": "*"}),
    ("bad_value", {"field": "start_time", "body": 2**63, "record": "*"}),
    ("date_header", {"value": FAR}),
    ("endless_list", {"value": 1 << 20}),
    ("retry_after", {"value": FAR}),
)


def test_a_vendor_that_answers_absurdly_stops_nothing(world: World) -> None:
    """Numbers beyond every column, and headers in the year 9999: the daemon goes on with the others, and lives."""
    world.configure(sync=QUICK)
    world.book(0)
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"), "the first cycle")
    for kind, given in ABSURD:
        fault = world.fault("crm", kind, operation="list", **given)
        eventually(functools.partial(_has_fired, fault, 2 if kind != "retry_after" else 1), f"{kind}, in listings")
        moved = world.move("office", 0)
        eventually(functools.partial(_is_there, world, moved), f"a move beside {kind}")
        world.vendors["crm"].faults.clear()
        if kind != "retry_after":  # for a while it is not asked
            eventually(world.in_step, f"the CRM after {kind}")
    done = daemon.stop()
    assert done.code == 0
    assert "Traceback" not in done.err
    assert [len(world.starts(name)) for name in ALL] == [1, 1, 1, 1]


def _has_fired(fault: Fault, times: int) -> bool:
    return fault.fired >= times


def _is_there(world: World, start: datetime) -> bool:
    return all(start in world.starts(name) for name in ("book", "site"))


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening


def test_systemd_is_told_of_readiness_life_and_the_end(world: World, systemd: socket.socket) -> None:
    """READY=1 once, then WATCHDOG=1 as cycles progress, STOPPING=1 last."""
    world.configure(sync=QUICK)
    address = systemd.getsockname()
    daemon = world.daemon(environ={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"})
    heard = [systemd.recv(100).decode() for _ in range(4)]
    assert heard == ["READY=1", *["WATCHDOG=1"] * 3]
    daemon.send(signal.SIGTERM)
    while (last := systemd.recv(100).decode()) == "WATCHDOG=1":
        pass
    assert last == "STOPPING=1"
    assert_ended_well(daemon.wait())


def test_a_signal_before_the_first_cycle_ends_it_as_well(world: World) -> None:
    """Whenever it comes after the process has taken its lock, the end is 0."""
    world.book(0, at=("crm",))
    daemon = world.daemon()
    eventually((world.state.parent / "state.db.lock").exists)
    done = daemon.stop()
    assert done.code == 0
    assert "Traceback" not in done.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("arguments", "code"), [((), 0), (("--once",), 3), (("status",), 3), (("sandbox",), 0), (("demo",), 3)]
)
def test_a_signal_while_it_loads_ends_it_before_it_begins(
    world: World, number: signal.Signals, arguments: tuple[str, ...], code: int
) -> None:
    """The process has just begun: the end is the same as later."""
    (world.folder / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == 'syncd.engine': os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Watch())\n"
    )
    done = world.syncd(*arguments, cold=True, environ={"PYTHONPATH": str(world.folder)})
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    assert ("interrupted" in done.err) == (code == 3)
    assert world.requests == 0


def test_a_daemon_whose_logs_go_nowhere_goes_on(world: World) -> None:
    """A log collector that is gone is no reason to stop syncing."""
    world.configure(sync=QUICK)
    reading, writing = os.pipe()
    daemon = world.daemon(err=writing)
    os.close(writing)
    os.close(reading)
    world.book(0, at=("crm",))
    eventually(world.in_step)
    assert daemon.stop().code == 0


def test_report_options_make_no_sense_for_a_daemon(world: World) -> None:
    """It has no single report: wrong usage, and nothing is started."""
    for arguments in (["--report", "json"], ["--output", "report.txt"]):
        assert world.syncd(*arguments).code == 2
    assert world.requests == 0
