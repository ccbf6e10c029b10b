"""What a right configuration means."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.config import Listen
from syncd.model.catalogue import Lengths
from syncd.model.policy import ConflictRule, Guard, Limit
from tests.config.world import CRM, OFFICE, Desk


def test_one_vendor_is_enough_and_everything_else_has_a_default(desk: Desk) -> None:
    """A file with one vendor loads, with the documented defaults."""
    found = desk.load(CRM)
    assert found.sync.interval == timedelta(minutes=2)
    assert (found.sync.past, found.sync.future) == (timedelta(days=1), timedelta(days=90))
    assert found.sync.conflict is ConflictRule.NEWEST
    assert (found.sync.cancel_wins, found.sync.notify_clients, found.sync.region) == (True, False, None)
    assert found.guard == Guard()
    assert found.listen is None
    assert found.sync.priority == ("crm",)
    assert found.folder == desk.folder


def test_every_section_is_read(desk: Desk) -> None:
    """What the sections say arrives in the configuration."""
    found = desk.load(
        '[sync]\ninterval = "90s"\npast = "0s"\nfuture = "1h"\nconflict = "manual"\ncancel_wins = false\n'
        'notify_clients = true\nregion = "DE"\n'
        "[guard]\nmax_cancels = { count = 3, percent = 12.5 }\nmax_changes = { count = 1 }\n"
        '[http]\nlisten = "[::1]:8377"\n' + CRM + OFFICE
    )
    assert found.sync.interval == timedelta(seconds=90)
    assert found.sync.conflict is ConflictRule.MANUAL
    assert (found.sync.cancel_wins, found.sync.notify_clients, found.sync.region) == (False, True, "DE")
    assert found.guard == Guard(max_cancels=Limit(count=3, percent=12.5), max_changes=Limit(count=1, percent=50))
    assert found.listen == Listen("::1", 8377)
    assert [vendor.name for vendor in found.vendors] == ["crm", "office"]


def test_a_vendor_is_known_by_its_name_kind_and_settings(desk: Desk) -> None:
    """Each section becomes the settings of its kind, with the kind's default address."""
    name, kind, settings = desk.load(OFFICE).vendor("office")
    assert (name, kind.name, settings.base_url) == ("office", "clocked", "https://clocked.example.com")
    with pytest.raises(KeyError):
        desk.load(OFFICE).vendor("crm")


def test_vendors_that_the_priority_leaves_out_follow_in_the_order_of_the_file(desk: Desk) -> None:
    """A short priority is completed."""
    more = CRM.replace("crm", "desk")
    found = desk.load('[sync]\npriority = ["office"]\n' + CRM + OFFICE + more)
    assert found.sync.priority == ("office", "crm", "desk")


def test_the_catalogue_holds_its_rows_in_order(desk: Desk) -> None:
    """Services and staff are read with their ids, whatever shape these have."""
    catalogue = desk.load(
        CRM + OFFICE + '[[services]]\nname = " Showing "\nduration = "30m"\nids = { crm = "s", office = 7 }\n'
        'default = true\n[[services]]\nname = "Talk"\n[[staff]]\nname = "Jordan"\n'
        "ids = { office = { provider = 1, location = 2 } }\ndefault = true\n"
    ).catalogue
    assert [row.name for row in catalogue.services] == ["Showing", "Talk"]
    assert catalogue.services[0].ids == {"crm": "s", "office": 7}
    assert catalogue.services[0].duration == timedelta(minutes=30)
    assert catalogue.staff_name("office", {"provider": 1, "location": 2, "more": 3}) == "Jordan"


def test_rows_may_share_a_name_one_for_each_length_of_the_service(desk: Desk) -> None:
    """All of them may be the default together: which of them serves is the length's affair."""
    rows = "".join(
        f'[[services]]\nname = "Showing"\nduration = "{minutes}m"\nids = {{ crm = "s{minutes}" }}\ndefault = true\n'
        for minutes in (30, 60)
    )
    catalogue = desk.load(CRM + rows + '[[services]]\nname = "Visit"\nduration = "2h"\ngeneric = true\n').catalogue
    assert [(row.name, row.duration, row.generic) for row in catalogue.services] == [
        ("Showing", timedelta(minutes=30), False),
        ("Showing", timedelta(minutes=60), False),
        ("Visit", timedelta(hours=2), True),
    ]


@pytest.mark.parametrize("word", ["exact", "cover"])
def test_what_is_said_of_lengths_reaches_the_catalogue(desk: Desk, word: str) -> None:
    """By default they must be exact."""
    found = desk.load(f'[sync]\nlengths = "{word}"\n' + CRM)
    assert (found.sync.lengths, found.catalogue.lengths) == (Lengths(word), Lengths(word))
    assert desk.load(CRM).catalogue.lengths is Lengths.EXACT


def test_a_configuration_cannot_be_changed(desk: Desk) -> None:
    """The values are frozen."""
    found = desk.load(CRM)
    with pytest.raises(FrozenInstanceError):
        found.state_url = "elsewhere"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("section", "environ", "expected"),
    [
        ("", {}, "sqlite:///{folder}/syncd.db"),
        ("", {"STATE_DIRECTORY": "/var/lib/syncd"}, "sqlite:////var/lib/syncd/syncd.db"),
        ("", {"STATE_DIRECTORY": "/var/lib/syncd:/var/lib/more"}, "sqlite:////var/lib/syncd/syncd.db"),
        ('url = "sqlite:///state.db"', {"STATE_DIRECTORY": "/var/lib/syncd"}, "sqlite:///{folder}/state.db"),
        ('url = "sqlite:///data/state.db"', {}, "sqlite:///{folder}/data/state.db"),
        ('url = "sqlite:////srv/state.db"', {}, "sqlite:////srv/state.db"),
    ],
)
def test_the_state_lies_where_it_is_said_or_else_in_the_usual_place(
    desk: Desk, section: str, environ: dict[str, str], expected: str
) -> None:
    """Relative paths count from the configuration's folder; systemd's state directory comes before it."""
    desk.environ.update(environ)
    assert desk.load(f"[state]\n{section}\n{CRM}").state_url == expected.format(folder=desk.folder)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", 400),
        ('[state]\nkeep = "30d"\n', 30),
        ('[state]\nkeep = "8d"\n', 8),
        ('[sync]\npast = "393d"\n', 400),
    ],
)
def test_what_is_over_is_kept_for_as_long_as_is_said(desk: Desk, text: str, days: int) -> None:
    """More than a year by default, and a week longer than the window at least."""
    assert desk.load(text + CRM).keep == timedelta(days=days)


def test_a_relative_path_to_the_configuration_gives_an_absolute_state(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store does not move when the daemon changes its folder."""
    monkeypatch.chdir(desk.folder)
    folder, desk.path = desk.folder, Path("syncd.toml")
    assert desk.load(CRM).state_url == f"sqlite:///{folder}/syncd.db"


def test_secrets_are_listed_for_redaction_and_shown_nowhere(desk: Desk) -> None:
    """The composition root can ask for all secrets; the configuration's own text has none."""
    found = desk.load(CRM + OFFICE)
    assert found.secrets == ("key-of-crm", "token-of-office")
    assert "key-of-crm" not in repr(found)


def test_secrets_come_from_environment_file_and_credential(desk: Desk) -> None:
    """All three sources are read, without the newline that an editor leaves."""
    (desk.folder / "key").write_text("from-a-file\n")
    (desk.folder / "key").chmod(0o600)
    (desk.folder / "given").write_text("from-systemd")
    desk.environ.update(KEY="from-the-environment", CREDENTIALS_DIRECTORY=str(desk.folder))
    sections = [
        f'[vendors.{name}]\nkind = "plain"\napi_key = {source}\n'
        for name, source in {"a": '{ env = "KEY" }', "b": '{ file = "key" }', "c": '{ credential = "given" }'}.items()
    ]
    assert desk.load("".join(sections)).secrets == ("from-the-environment", "from-a-file", "from-systemd")


def test_a_byte_order_mark_and_windows_lines_do_not_matter(desk: Desk) -> None:
    """A file saved by another system's editor loads."""
    assert desk.load("\ufeff" + CRM.replace("\n", "\r\n")).vendors[0].name == "crm"


def test_a_listing_has_its_budget_by_default(desk: Desk) -> None:
    """What one listing may take, as `docs/limits.md` says."""
    _, _, settings = desk.load(CRM).vendor("crm")
    assert (settings.listing.bytes, settings.listing.time) == (128 * 1024 * 1024, timedelta(minutes=15))
