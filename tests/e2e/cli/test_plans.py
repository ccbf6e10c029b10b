"""`syncd plan` and `syncd apply`: exactly what somebody has read, and of that only what still fits."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.world import ALL, HOUR, World

_STRICT = {"max_cancels": {"count": 0, "percent": 0}}


def planned(world: World, code: int = 0) -> tuple[Path, dict[str, Any]]:
    """A saved plan and its report."""
    path = world.folder / "plan.json"
    done = world.syncd("plan", "--out", path, "--report", "json")
    assert done.code == code
    schema.check(done.report)
    return path, done.report


def outcomes(report: Any) -> list[tuple[str, str, str]]:
    """Vendor, action and outcome of each operation."""
    return sorted((o["vendor"], o["action"], o["outcome"]) for o in report["operations"])


def test_a_plan_is_a_dry_run_that_is_saved(world: World) -> None:
    """It writes to no vendor and no store; the file is for its owner alone and holds what was shown."""
    world.book(0, at=("crm",))
    path, report = planned(world)
    assert world.asked_to_write == []
    assert list(world.state.parent.iterdir()) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["report"] == report
    assert report["dry_run"] is True


def test_apply_carries_out_exactly_the_plan(world: World) -> None:
    """What came up since is not touched; the cycle after does that."""
    world.book(0, 1, at=("crm",))
    path, plan = planned(world)
    world.book(2, at=("crm",))
    done = world.syncd("apply", path, "--report", "json")
    schema.check(done.report)
    assert done.code == 0
    assert [o["id"] for o in done.report["operations"]] == [o["id"] for o in plan["operations"]]
    assert {o["outcome"] for o in done.report["operations"]} == {"done"}
    assert len(world.starts("book")) == 2
    assert world.syncd("--once").code == 0
    assert world.in_step()


def test_an_operation_whose_records_moved_since_is_refused_and_the_others_go_on(world: World) -> None:
    """Exit 3; the operation is listed as stale, with the reason, in each form of the report."""
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    world.move("crm", 0)
    wanted = world.move("crm", 1)
    path, plan = planned(world)
    moved = world.move("site", 0, 2 * HOUR)
    done = world.syncd("apply", path, "--report", "json")
    schema.check(done.report)
    assert done.code == 3
    stale = [o for o in done.report["operations"] if o["outcome"] == "stale"]
    ids = [o["id"] for o in plan["operations"] if o["appointment"] == stale[0]["appointment"]]
    assert {o["id"] for o in stale} <= set(ids)
    assert "site" in {o["vendor"] for o in stale}
    assert all("moved since the plan was made" in o["error"] for o in stale)
    assert {wanted in world.starts(name) for name in ALL} == {True}
    assert moved in world.starts("site")
    assert outcomes(done.report).count(("book", "reschedule", "done")) >= 1


def test_nothing_of_an_appointment_is_carried_out_whose_records_moved_since(world: World) -> None:
    """A cancellation, and then somebody there notes that the client comes after all: none of it is done."""
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    world.cancel("crm", 0)
    world.cancel("crm", 1)
    path, _ = planned(world)
    world.vendors["office"].person_edit(world.entry("office", 0).id, notes="he comes after all")
    kept = {name: world.starts(name) for name in ("book", "office", "site")}
    done = world.syncd("apply", path, "--report", "json")
    assert (done.code, {o["outcome"] for o in done.report["operations"]}) == (3, {"stale", "done"})
    stale = {o["vendor"] for o in done.report["operations"] if o["outcome"] == "stale"}
    assert stale == {"book", "office", "site"}
    for name, before in kept.items():
        assert len(world.starts(name)) == len(before) - 1
    assert [c["field"] for c in done.report["conflicts"]] == ["notes"]
    assert {(o["action"], o["outcome"]) for o in world.once()["operations"]} == {("cancel", "done")}


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_plan_that_was_carried_out_is_refused_whole(world: World, form: str) -> None:
    """Applying twice writes once; the second time says of each operation that it no longer fits."""
    world.book(0, at=("crm",))
    path, _ = planned(world)
    assert world.syncd("apply", path).code == 0
    writes = world.writes
    again = world.syncd("apply", path, "--report", form)
    assert again.code == 3
    assert again.out.count("done or put in quarantine already") == 3
    assert world.writes == writes
    assert [len(world.starts(name)) for name in ALL] == [1, 1, 1, 1]


def test_what_a_plan_shows_as_held_is_not_carried_out(world: World) -> None:
    """It stays held, exit 4, until it is approved; the rest of the plan is done."""
    world.configure(guard=_STRICT)
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    world.cancel("crm", 0)
    moved = world.move("crm", 1)
    path, _ = planned(world, 4)
    done = world.syncd("apply", path, "--report", "json")
    assert done.code == 4
    assert sorted({outcome for _, _, outcome in outcomes(done.report)}) == ["done", "held"]
    assert [len(world.starts(name)) for name in ALL] == [1, 2, 2, 2]
    assert all(moved in world.starts(name) for name in ALL)
    assert world.syncd("approve", "--all").code == 0
    path, _ = planned(world)
    assert world.syncd("apply", path).code == 0
    assert world.in_step()


def test_an_approval_outlives_the_application_of_an_earlier_plan(world: World) -> None:
    """A plan from before the approval holds none of the released operations; the next cycle carries them out."""
    world.configure(guard=_STRICT)
    world.book(0)
    assert world.syncd("--once").code == 0
    world.cancel("crm", 0)
    path, _ = planned(world, 4)
    assert world.syncd("--once").code == 4
    assert world.syncd("approve", "--all").code == 0
    world.syncd("apply", path)
    assert world.starts("book")
    assert world.syncd("--once").code == 0
    assert world.in_step()


def test_what_the_guard_holds_by_now_is_held_and_not_called_stale(world: World) -> None:
    """A plan that the guard let pass is not carried out against a stricter guard."""
    world.book(0)
    assert world.syncd("--once").code == 0
    world.cancel("crm", 0)
    path, plan = planned(world)
    world.configure(guard=_STRICT)
    done = world.syncd("apply", path, "--report", "json")
    schema.check(done.report)
    assert done.code == 4
    assert outcomes(done.report) == [(o["vendor"], "cancel", "held") for o in sorted(plan["operations"], key=str_of)]


def str_of(operation: dict[str, Any]) -> str:
    """A key to sort operations by."""
    return str(operation["vendor"])


_ENTRY = {
    "id": "a" * 20,
    "vendor": "book",
    "action": "create",
    "appointment": "c38ed8fb-8a7d-5262-a314-4e44901e6893",
    "remote_id": None,
    "summary": "Visit",
    "changes": {"slot": ["a", "b"]},
    "reason": "because",
    "outcome": "planned",
    "error": None,
}


def saved(**entry: Any) -> str:
    """A plan of one operation, parts of which are replaced."""
    report = {"schema": "syncd.report/1", "operations": [{**_ENTRY, **entry}]}
    return json.dumps({"schema": "syncd.plan/1", "report": report})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (saved().encode()[:-20], "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no plan"),
        (b'{"schema": "syncd.plan/2", "report": {}}', "no plan"),
        (b'{"schema": "syncd.plan/1", "report": {"schema": "syncd.report/1"}}', "damaged"),
        (b'{"schema": "syncd.plan/1", "report": {"schema": "syncd.report/1", "operations": [1]}}', "damaged"),
        (saved(id=7).encode(), "damaged"),
        (saved(action="destroy").encode(), "damaged"),
        (saved(outcome="maybe").encode(), "damaged"),
        (saved(changes={"slot": ["a"]}).encode(), "damaged"),
        (saved(extra=1).encode(), "damaged"),
    ],
    ids=range(13),
)
def test_a_damaged_plan_is_wrong_usage_and_nothing_is_asked(quiet: World, content: bytes, words: str) -> None:
    """Exit 2, a message that names the file and the way out, no traceback, no request."""
    path = quiet.folder / "plan.json"
    path.write_bytes(content)
    done = quiet.syncd("apply", path)
    assert (done.code, done.out, done.events) == (2, "", [])
    assert str(path) in done.told
    assert words in done.told
    assert "syncd plan --out" in done.told
    assert quiet.requests == 0


def test_a_plan_with_an_operation_that_nobody_planned_is_refused_for_that(world: World) -> None:
    """Only what syncd itself decides again is ever carried out: a plan is a choice, no command."""
    world.book(0, at=("crm",))
    path = world.folder / "plan.json"
    path.write_text(saved())
    done = world.syncd("apply", path, "--report", "json")
    schema.check(done.report)
    assert (done.code, outcomes(done.report)) == (3, [("book", "create", "stale")])
    assert world.writes == 0


@pytest.mark.parametrize("arguments", [["plan"], ["apply"], ["apply", "none.json"], ["plan", "--out", "none/plan"]])
def test_a_missing_file_or_folder_is_wrong_usage(quiet: World, arguments: list[str]) -> None:
    """Said before anything is asked of a vendor."""
    done = quiet.syncd(*arguments)
    assert done.code == 2
    assert done.told
    assert quiet.requests == 0


@pytest.mark.parametrize("option", ["--out", "--output"])
@pytest.mark.parametrize("own", ["config", "state"])
def test_a_report_never_replaces_what_syncd_lives_on(world: World, option: str, own: str) -> None:
    """The configuration and the store are refused as its place, before anything is asked for."""
    world.book(0, at=("crm",))
    world.once()
    file, asked = getattr(world, own), world.requests
    before = file.read_bytes()
    command = ("plan",) if option == "--out" else ("--dry-run",)
    done = world.syncd(*command, option, file)
    assert (done.code, file.read_bytes()) == (2, before)
    assert f"{file} is a file that syncd needs itself" in done.err
    assert world.requests == asked


def test_a_plan_is_not_replaced_by_the_report_of_it(world: World) -> None:
    """The same file for both would leave one of them."""
    path = world.folder / "plan.json"
    assert world.syncd("plan", "--out", path, "--output", path).code == 2
    planned(world)
    assert world.syncd("apply", path, "--output", path).code == 2
