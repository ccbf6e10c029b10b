"""The three forms of the report say the same, and the JSON is the contract's."""

from __future__ import annotations

import html
import importlib.metadata
import json
import re
from html.parser import HTMLParser

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.world import HOUR, World


@pytest.fixture
def eventful(world: World) -> World:
    """Vendors whose next cycle has a create, a move, a cancellation, a conflict and something unreadable."""
    world.book(0, 1, 2, 3)
    assert world.syncd("--once").code == 0
    world.book(4, at=("site",))
    world.move("crm", 0)
    world.cancel("book", 1)
    world.move("crm", 2)
    world.move("office", 2, 2 * HOUR)
    entry = world.entry("office", 3)
    world.vendors["office"].person_edit(entry.id, extra={"startTime": "25:99"})
    return world


def test_json_is_the_contract_s_schema_to_the_letter(eventful: World) -> None:
    """With operations of every kind, a conflict and a quarantined record; dry and in earnest."""
    dry = eventful.syncd("--dry-run", "--report", "json")
    done = eventful.syncd("--once", "--report", "json")
    for run in (dry, done):
        schema.check(run.report)
        assert run.code == run.report["exit_code"] == 3
        assert {"create", "reschedule", "cancel"} <= {o["action"] for o in run.report["operations"]}
        assert len(run.report["conflicts"]) == len(run.report["quarantined"]) == 1
    assert (dry.report["dry_run"], done.report["dry_run"]) == (True, False)
    created = [o for o in done.report["operations"] if o["action"] == "create"]
    assert [o["remote_id"] in eventful.vendors[o["vendor"]].entries for o in created] == [True] * len(created)


class Page(HTMLParser):
    """The texts of a page, and the addresses that it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag in."""
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]


def words_of(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split())


@pytest.mark.parametrize(("form", "code"), [("text", "exit 3"), ("html", "exit code 3")])
def test_text_and_html_tell_of_everything_that_the_json_has(eventful: World, form: str, code: str) -> None:
    """Each operation with its reason, each conflict with its values, each vendor, the exit code: of the same run."""
    shown = eventful.syncd("plan", "--out", "plan.json", "--report", form).out
    whole = json.loads((eventful.folder / "plan.json").read_text())["report"]
    words = words_of(html.unescape(re.sub(r"<[^>]*>", " ", shown)) if form == "html" else shown)
    for operation in whole["operations"]:
        for part in (operation["summary"], operation["reason"], operation["remote_id"] or ""):
            assert words_of(part) in words
    for conflict in whole["conflicts"]:
        assert all(value in words for value in (*conflict["values"].values(), conflict["winner"], conflict["rule"]))
    for entry in whole["quarantined"]:
        assert words_of(entry["reason"]) in words
    for vendor in whole["vendors"]:
        assert f"{vendor['name']}" in words
    assert code in shown
    assert len(whole["operations"]) > len(whole["conflicts"]) == len(whole["quarantined"]) == 1


@pytest.mark.parametrize("form", ["text", "html"])
@pytest.mark.parametrize("command", [("--once",), ("--dry-run",), ("plan", "--out", "plan.json")], ids=" ".join)
def test_the_head_says_by_which_edition_of_the_zone_database_times_were_read(
    world: World, form: str, command: tuple[str, ...]
) -> None:
    """The one that is installed, 2026.2 being 2026b: two reports may differ in nothing else."""
    year, number = importlib.metadata.version("tzdata").split(".")[:2]
    named = f"{year}{chr(ord('a') + int(number) - 1)}"
    shown = world.syncd(*command, "--report", form).out
    head = shown.splitlines()[0] if form == "text" else shown.partition("<h2>")[0]
    assert f", time zones {named}" in head
    assert world.syncd("--version").out.endswith(f"(time zones {named})\n")


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_people_wrote(world: World) -> None:
    """It can be mailed; a title cannot become markup or a script."""
    world.book(0, at=("crm",))
    entry = world.entry("crm", 0)
    world.vendors["crm"].person_edit(entry.id, title="<script>alert(1)</script> & co")
    out = world.syncd("--dry-run", "--report", "html").out
    page = Page(out)
    assert page.loads == []
    assert "script" not in page.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in out


_HOSTILE = "Tea\x1b[2J\x9b31m\r\n  done: cancel at site\u202e\u2066 \x07end"


def unsafe(text: str) -> set[str]:
    """The characters in a text, besides the ends of its lines, that a terminal obeys."""
    return set(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text))


def test_what_people_wrote_can_neither_command_a_terminal_nor_forge_a_line(world: World) -> None:
    """A title with escapes, line breaks and marks of direction stays one line of text in every form and command."""
    world.book(0, at=("crm",))
    world.vendors["crm"].person_edit(world.entry("crm", 0).id, title=_HOSTILE)
    for form in ("text", "json", "html"):
        shown = world.syncd("--dry-run", "--report", form).out
        assert "end" in shown
        assert unsafe(shown) == set()
        assert not re.search("^ *done: ", shown, re.MULTILINE)
    [summary] = {operation["summary"] for operation in world.once()["operations"]}
    assert "\x1b[2J" in summary
    explained = world.syncd("explain", f"crm:{world.entry('crm', 0).id}").out
    assert r"Tea\x1b[2J\x9b31m   done: cancel at site\u202e\u2066 \x07end" in explained
    assert unsafe(explained) == set()
