"""`syncd --once`: one cycle, its report, its exit code, and what goes to which stream."""

from __future__ import annotations

import re
import signal
import stat
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.command import eventually
from tests.e2e.cli.world import ALL, HOUR, World, person


@pytest.fixture(params=[False, True], ids=["kind", "unkind"])
def unkind(request: pytest.FixtureRequest) -> bool:
    """Once at vendors as they are by default, and once as they give least and take it least kindly."""
    return bool(request.param)


def test_once_brings_the_vendors_in_step_and_a_second_run_writes_nothing(world: World) -> None:
    """What some vendors have, all have after one cycle; the next has nothing to do."""
    world.book(0, 1)
    world.book(2, at=("crm",))
    world.book(3, at=("office", "site"))
    first = world.syncd("--once", cold=True)
    assert (first.code, first.told) == (0, "")
    assert world.in_step()
    assert len(world.starts("crm")) == 4
    writes = world.writes
    second = world.syncd("--once")
    assert second.code == 0
    assert "nothing to do, all in step (exit 0)" in second.out
    assert world.writes == writes


def test_standard_output_carries_the_report_alone_and_logs_are_json_lines_elsewhere(world: World) -> None:
    """A script can read the one and a log collector the other."""
    world.book(0, at=("crm",))
    done = world.syncd("--log-level", "debug", "--once", "--report", "json")
    schema.check(done.report)
    assert done.events
    assert done.told == ""
    assert all({"timestamp", "level", "logger", "event"} <= set(line) for line in done.events)


def test_the_report_goes_to_a_file_that_only_its_owner_reads(world: World) -> None:
    """With --output nothing is on standard output; an earlier report is replaced whole."""
    world.book(0, at=("crm",))
    target = world.folder / "report.json"
    target.write_text("an older report, which was longer" * 1000)
    done = world.syncd("--once", "--report", "json", "--output", target)
    assert (done.code, done.out) == (0, "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert '"dry_run": false' in target.read_text()
    assert sorted(path.name for path in world.folder.iterdir()) == ["report.json", "state", "syncd.toml"]


def test_files_that_a_cycle_makes_are_for_their_owner_alone(world: World) -> None:
    """Database and lock hold clients' appointments, whatever the umask is."""
    world.book(0, at=("crm",))
    assert world.syncd("--once").code == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in world.state.parent.iterdir()}
    assert set(modes) >= {"state.db", "state.db.lock"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("kind", "keys"),
    [("status", {"code": 401}), ("html", {}), ("not_json", {}), ("truncate", {}), ("empty", {})],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_vendor_that_cannot_be_read_is_exit_3_and_changes_nothing_there(
    world: World, kind: str, keys: dict[str, int]
) -> None:
    """The others are brought in step meanwhile; nobody's appointment counts as deleted."""
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    world.fault("office", kind, **keys)
    moved = world.move("crm", 0)
    done = world.syncd("--once", "--report", "json")
    schema.check(done.report)
    assert (done.code, done.report["exit_code"]) == (3, 3)
    [office] = [vendor for vendor in done.report["vendors"] if vendor["name"] == "office"]
    assert office["snapshot"] == "failed"
    assert office["error"].startswith("office: ")
    assert moved in world.starts("book")
    assert {len(world.starts(name)) for name in ALL} == {2}


def test_a_failed_operation_is_exit_3_and_stops_no_other(world: World) -> None:
    """One vendor turns a create down; the report says so, and the rest is done."""
    world.book(0, 1, at=("crm",))
    world.fault("office", "status", operation="create", code=400, after=1)
    done = world.syncd("--once", "--report", "json")
    schema.check(done.report)
    assert done.code == 3
    outcomes = [operation["outcome"] for operation in done.report["operations"]]
    assert sorted(set(outcomes)) == ["done", "quarantined"]
    assert len(world.starts("office")) == 1
    assert len(world.starts("site")) == len(world.starts("book")) == 2


def test_what_is_in_quarantine_from_before_is_no_failure_of_this_cycle(world: World) -> None:
    """Exit 3 once, when it happened; then 0, with the entry still listed."""
    world.book(0, at=("crm",))
    world.fault("office", "status", operation="create", code=400)
    assert world.syncd("--once").code == 3
    again = world.syncd("--once", "--report", "json")
    assert again.code == 0
    assert [entry["vendor"] for entry in again.report["quarantined"]] == ["office"]


def test_a_key_that_may_not_read_clients_is_exit_3_once_and_then_a_line(world: World) -> None:
    """From cron, each time a new process; nothing is made of appointments whose clients nobody can tell."""
    world.vendors["crm"].set_behaviour(clients="forbidden")
    world.book(0, at=("crm",))
    first = world.syncd("--once", "--report", "json")
    [crm] = [vendor for vendor in first.report["vendors"] if vendor["name"] == "crm"]
    assert (first.code, first.report["operations"]) == (3, [])
    assert "the key may not read clients (403 INSUFFICIENT_SCOPE)" in crm["error"]
    for _ in range(2):
        again = world.syncd("--once")
        assert (again.code, len(world.starts("book"))) == (0, 0)
        assert "the key may not read clients (403 INSUFFICIENT_SCOPE)" in again.out
    world.vendors["crm"].set_behaviour(clients="readable")
    assert world.syncd("--once").code == 0
    assert world.in_step()


@pytest.fixture
def unanswered(world: World) -> tuple[World, set[str]]:
    """A create that got no answer an hour before it is given up, and the minutes at one of which that is."""
    world.configure(options={"office": {"timeout": "0.5s", "settle": "1h"}})
    world.book(0, at=("crm",))
    fault = world.fault("office", "hang", operation="create", times=1)
    first = datetime.now(UTC)
    assert world.syncd("--once").code == 3
    assert fault.fired == 1
    past = int((datetime.now(UTC) - first).total_seconds())
    return world, {f"{first + HOUR + timedelta(seconds=number):%H:%M}" for number in range(past + 2)}


def told_minutes(text: str) -> list[str]:
    """The times until which a text says that something waits."""
    return re.findall(r"1 create\(s\) at office put off: waits until (\d\d:\d\d) UTC: its answer was lost", text)


def test_a_create_without_an_answer_is_exit_3_until_it_is_settled_and_the_report_says_when(
    unanswered: tuple[World, set[str]],
) -> None:
    """From cron: each run that may not repeat it yet says so, and until when; it asks for nothing but listings."""
    world, minutes = unanswered
    asked = world.asked_to_write
    for form in ("text", "html"):
        done = world.syncd("--once", "--report", form)
        assert (done.code, done.told) == (3, "")
        [minute] = told_minutes(done.out)
        assert minute in minutes
    assert world.asked_to_write == asked
    assert len(world.starts("office")) == 0


@pytest.mark.parametrize("form", ["--once", "--dry-run"])
def test_what_is_put_off_is_a_warning_where_the_report_has_no_field_for_it(
    unanswered: tuple[World, set[str]], form: str
) -> None:
    """The JSON keeps its schema, and exit 3 does not stand there without a reason. It names no client."""
    world, minutes = unanswered
    done = world.syncd(form, "--report", "json")
    schema.check(done.report)
    assert (done.code, done.report["operations"], done.told) == (3, [], "")
    [line] = [line for line in done.events if line["event"] == "put_off"]
    assert line["level"] == "warning"
    assert line["cycle"] == done.report["cycle"]
    [minute] = told_minutes(line["what"])
    assert minute in minutes
    client = person(0)
    assert not [part for part in (client.first_name, client.email, client.phone) if part in done.err]


def test_a_report_that_says_what_is_put_off_needs_no_warning_beside_it(unanswered: tuple[World, set[str]]) -> None:
    """Text and page tell it themselves."""
    world, _ = unanswered
    for form in ("text", "html"):
        assert "put_off" not in [line["event"] for line in world.syncd("--once", "--report", form).events]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_single_cycle_after_the_write_in_flight(world: World, number: signal.Signals) -> None:
    """Exit 3: the report tells what is unknown and what was not begun; the next run finishes it, nothing doubled."""
    world.configure(options={"office": {"timeout": "0.5s"}})
    world.book(*range(4), at=("crm",))
    fault = world.fault("office", "hang_after", operation="create", times=1)
    run = world.daemon("--once", "--report", "json")
    eventually(lambda: fault.fired, "the hanging create")
    done = run.stop(number)
    assert (done.code, done.told) == (3, "")
    schema.check(done.report)
    outcomes = {o["outcome"] for o in done.report["operations"] if o["vendor"] == "office"}
    assert "planned" in outcomes
    assert outcomes & {"unknown", "done"}
    world.configure(options={})
    assert world.syncd("--once").code == 0
    assert world.in_step()
    assert [len(world.starts(name)) for name in ALL] == [4, 4, 4, 4]


def test_a_signal_while_it_only_reads_ends_it_at_once(world: World) -> None:
    """Exit 3 with a word on standard error, and no report: there is nothing to report."""
    fault = world.fault("office", "hang", operation="list")
    run = world.daemon("--once")
    eventually(lambda: fault.fired, "the hanging listing")
    done = run.stop()
    assert (done.code, done.out) == (3, "")
    assert "interrupted" in done.told
