"""`busy = true` through the command: what is blocked is planned, done, and taken back."""

from __future__ import annotations

from datetime import timedelta

from syncd.sandbox.acuity.server import Acuity
from tests.e2e.cli import schema
from tests.e2e.cli.world import HOUR, World, start_of


def test_days_that_are_taken_elsewhere_are_blocked_on_the_booking_page(world: World) -> None:
    """A dry run shows it, a cycle does it, and it ends with what it came from; a wrong value is refused."""
    world.configure(options={"crm": {"busy": True}})
    crm, book = world.vendors["crm"], world.vendors["book"]
    assert isinstance(book, Acuity)
    start = start_of(0) - 8 * HOUR
    fair = crm.person_insert(start=start, end=start + timedelta(days=2), title="Fair")
    world.book(3, at=("crm",))
    told = world.syncd("--dry-run").out
    assert [name for name in ("office", "site") if f"{name} has no blocked time" in told] == ["office", "site"]
    planned = world.syncd("--dry-run", "--report", "json")
    schema.check(planned.report)
    done = world.syncd("--once", "--report", "json")
    schema.check(done.report)
    for report, outcome in ((planned.report, "planned"), (done.report, "done")):
        blocks = [one for one in report["operations"] if one["vendor"] == "book" and one["changes"].keys() == {"slot"}]
        assert [(one["action"], one["outcome"], one["reason"].endswith("is blocked there")) for one in blocks] == [
            ("create", outcome, True)
        ]
    assert (planned.code, done.code, len(book.account.blocks)) == (0, 0, 1)
    assert done.report["summary"]["create"] == 4
    assert world.syncd("--once").code == 0
    crm.person_cancel(fair.id)
    text = world.syncd("--once")
    assert (text.code, book.account.blocks) == (0, [])
    assert "done: cancel at book" in text.out
    world.configure(options={"crm": {"busy": "often"}})
    wrong = world.syncd("check")
    assert (wrong.code, "vendors.crm.busy" in wrong.told) == (78, True)
