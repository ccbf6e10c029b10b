"""What an operator is told about a wrong configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.config import ConfigurationError, load
from syncd.model.errors import SyncdError
from tests.config.world import CRM, KINDS, OFFICE, Desk

_ROW = '[[services]]\nname = "Showing"\n'
_HALF_HOUR = _ROW + 'duration = "30m"\n'


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("", "vendors", "[vendors.NAME]"),
        ("vendors = 3\n", "vendors", "[vendors.NAME]"),
        ('[vendors]\nkind = "plain"\n', "vendors.kind", "[vendors.NAME]"),
        ("[vendors.crm]\n", "vendors.crm.kind", "plain, clocked"),
        ('[vendors.crm]\nkind = "plane"\n', "vendors.crm.kind", "did you mean plain?"),
        ("[vendors.crm]\nkind = 3\n", "vendors.crm.kind", "plain, clocked"),
        (CRM.replace("vendors.crm", 'vendors."my crm"'), 'vendors."my crm"', "letters"),
        (CRM + 'api_kee = "x"\n', "vendors.crm.api_kee", "did you mean api_key?"),
        (CRM + "client = { first_nam = 1, first_name = 'A' }\n", "vendors.crm.client.first_nam", "first_name?"),
        (CRM + "client = { email = 'a@example.com' }\n", "vendors.crm.client.first_name", "missing"),
        (CRM + 'rooms = [1, "x"]\n', "vendors.crm.rooms[1]", "whole number"),
        (CRM + 'read_only = "maybe"\n', "vendors.crm.read_only", "true or false"),
        (CRM + 'read_only = "yes"\n', "vendors.crm.read_only", "true or false"),
        (CRM + "read_only = 1\n", "vendors.crm.read_only", "true or false"),
        (CRM + 'base_url = "http://[::1]plain.example.com"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'base_url = "https://[plain.example.com"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'base_url = "https://plain.example.com]"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'base_url = "https://[plain]:80"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'base_url = "https://plain.example.com:99x"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'base_url = "https://plain.example.com:99999"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'timeout = "20"\n', "vendors.crm.timeout", '"90s"'),
        (CRM + 'rate = "ten/s"\n', "vendors.crm.rate", '"500/15m"'),
        (CRM + 'rate = "10/00s"\n', "vendors.crm.rate", '"500/15m"'),
        (CRM + 'listing = { bytes = "256" }\n', "vendors.crm.listing.bytes", '"256M"'),
        (CRM + 'listing = { bytes = "0M" }\n', "vendors.crm.listing.bytes", '"256M"'),
        (CRM + 'listing = { time = "0s" }\n', "vendors.crm.listing.time", "1 second"),
        (CRM + "listing = { page = 3 }\n", "vendors.crm.listing.page", ""),
        (CRM + 'base_url = "http://plain.example.com"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'base_url = "https://plain .example.com"\n', "vendors.crm.base_url", "https://"),
        (CRM + 'own_addresses = ["agency.example"]\n', "vendors.crm.own_addresses[0]", '"@agency.example"'),
        (
            CRM + 'own_addresses = ["*@agency.example"]\n',
            "vendors.crm.own_addresses[0]",
            '"@agency.example" (without *)',
        ),
        (CRM + 'own_addresses = ["agent@*.example"]\n', "vendors.crm.own_addresses[0]", '"@agency.example"'),
        (CRM + 'own_addresses = "@agency.example"\n', "vendors.crm.own_addresses", "list"),
        (CRM + 'ca_file = "none.pem"\n', "vendors.crm.ca_file", "not a file"),
        (CRM + 'ca_file = "syncd.toml"\n', "vendors.crm.ca_file", "PEM"),
        (OFFICE.replace("Europe/Belgrade", "Europe/Belgrad"), "vendors.office.timezone", "'Europe/Belgrade'"),
        (OFFICE.replace("timezone", "timzone"), "vendors.office.timezone", "Europe/Belgrade"),
        ("[snyc]\n" + CRM, "snyc", "did you mean sync?"),
        ('[sync]\nintervall = "2m"\n' + CRM, "sync.intervall", "did you mean interval?"),
        ('[sync]\ninterval = "0s"\n' + CRM, "sync.interval", "longer than nothing"),
        ('[sync]\nconflict = "newst"\n' + CRM, "sync.conflict", "did you mean 'newest'?"),
        ('[sync]\ncancel_wins = "yes"\n' + CRM, "sync.cancel_wins", "true or false"),
        ('[sync]\nregion = "de"\n' + CRM, "sync.region", "did you mean DE?"),
        ('[sync]\nregion = "Germany"\n' + CRM, "sync.region", "two capital letters"),
        ("[sync]\nregion = 49\n" + CRM, "sync.region", "text"),
        ('[sync]\npriority = "crm"\n' + CRM, "sync.priority", "must be a list"),
        ('[sync]\npriority = ["crm", "crn"]\n' + CRM, "sync.priority[1]", "did you mean crm?"),
        ('[sync]\npriority = ["crm", "crm"]\n' + CRM, "sync.priority[1]", "twice"),
        ("[guard]\nmax_cancels = 3\n" + CRM, "guard.max_cancels", "must be a table"),
        ("[guard]\nmax_cancels = { count = -1 }\n" + CRM, "guard.max_cancels.count", "at least 0"),
        ("[guard]\nmax_changes = { percent = 120 }\n" + CRM, "guard.max_changes.percent", "at most 100"),
        ("[guard]\nmax_changes = { percent = nan }\n" + CRM, "guard.max_changes.percent", "number"),
        ("[guard]\nmax_changes = { percnt = 1 }\n" + CRM, "guard.max_changes.percnt", "did you mean percent?"),
        ('[state]\nurl = "postgresql://u:hidden@h/d"\n' + CRM, "state.url", "only SQLite"),
        ('[state]\nurl = "sqlite://"\n' + CRM, "state.url", "only SQLite"),
        ('[state]\nurl = "sqlite:///"\n' + CRM, "state.url", "name a file"),
        ('[state]\nurl = "sqlite:///:memory:"\n' + CRM, "state.url", "name a file"),
        ('[state]\nurl = "sqlite:///."\n' + CRM, "state.url", "is a folder"),
        ('[state]\nurl = "sqlite:///s.db?mode=ro"\n' + CRM, "state.url", "question mark"),
        ("[http]\n" + CRM, "http.listen", "127.0.0.1:8377"),
        ('[http]\nlisten = ":8377"\n' + CRM, "http.listen", "127.0.0.1:8377"),
        ('[http]\nlisten = "127.0.0.1:83770"\n' + CRM, "http.listen", "127.0.0.1:8377"),
        (CRM + '[services]\nname = "Showing"\n', "services", "[[services]]"),
        (CRM + '[[services]]\nduration = "30m"\n', "services[0].name", "missing"),
        (CRM + '[[services]]\nname = "#7"\n', "services[0].name", "must not start with #"),
        (CRM + _ROW + 'duration = "half an hour"\n', "services[0].duration", '"2m"'),
        (CRM + _ROW + "ids = { crn = 1 }\n", "services[0].ids.crn", "did you mean crm?"),
        (CRM + _ROW + "ids = { crm = true }\n", "services[0].ids.crm", "an id is"),
        (CRM + _ROW + "ids = { crm = [1] }\n", "services[0].ids.crm", "an id is"),
        (CRM + _ROW + _ROW, "services[1].name", "another row without a duration"),
        (CRM + _HALF_HOUR + _HALF_HOUR, "services[1].name", "another row of 30 minutes"),
        (CRM + _HALF_HOUR + 'generic = "yes"\n', "services[0].generic", "true or false"),
        (CRM + _ROW + 'group = "all"\n', "services[0].group", "'seats' or 'one'"),
        (CRM + _HALF_HOUR + 'group = "one"\n' + _ROW, "services[1].name", "give both the same"),
        (CRM + '[[staff]]\nname = "Jo"\ngeneric = true\n', "staff[0].generic", "unknown key"),
        (CRM + 2 * '[[staff]]\nname = "Jo"\n', "staff[1].name", "another row is called Jo"),
        ('[sync]\nlengths = "covers"\n' + CRM, "sync.lengths", "did you mean 'cover'?"),
        ('[sync]\nlength = "cover"\n' + CRM, "sync.length", "did you mean lengths?"),
        (CRM + 'lengths = "cover"\n', "vendors.crm.lengths", "a key of [sync]"),
        (CRM + 'duration = "1h"\n', "vendors.crm.duration", "a key of [[services]]"),
        (CRM + OFFICE + "rooms = [1]\n", "vendors.office.rooms", "a key of [vendors.crm]"),
        (CRM + 'timezone = "UTC"\n', "vendors.crm.timezone", "a key of [vendors.NAME] of the kind clocked"),
        ("[sync]\nrooms = [1]\n" + CRM, "sync.rooms", "a key of [vendors.crm]"),
        ("[sync]\nread_only = true\n" + CRM, "sync.read_only", "a key of [vendors.NAME]"),
        ("[state]\nkeep = 400\n" + CRM, "state.keep", "a duration is written as"),
        (
            '[state]\nkeep = "7d"\n' + CRM,
            "state.keep",
            'than sync.past, which is "1d": write keep = "8d"',
        ),
        ('[sync]\npast = "12h"\n[state]\nkeep = "90m"\n' + CRM, "state.keep", 'is "90m", and must be a week longer'),
        ('[sync]\npast = "12h"\n[state]\nkeep = "90m"\n' + CRM, "state.keep", 'write keep = "180h" or more'),
        ('[sync]\npast = "394d"\n' + CRM, "state.keep", 'keep = "401d" or more, or shorten sync.past'),
        ('[http]\nlisten = "127.0.0.1:1"\ninterval = "2m"\n' + CRM, "http.interval", "a key of [sync]"),
        (CRM + "[guard]\nmax_cancels = { interval = 3 }\n", "guard.max_cancels.interval", "known here: count"),
        (
            CRM + _ROW + "default = true\n" + _ROW.replace("S", "s") + "default = true\n",
            "services[1].default",
            "only one",
        ),
        (CRM + '[[staff]]\nname = "Jo"\nduration = "1h"\n', "staff[0].duration", "unknown key"),
    ],
)
def test_a_fault_is_named_by_its_key_with_the_way_out(desk: Desk, text: str, key: str, words: str) -> None:
    """One line says where the fault lies, and what to write instead."""
    [fault] = [line for line in desk.faults(text) if line.startswith(f"{key}: ")]
    assert words in fault
    assert "hidden" not in fault


def test_all_faults_of_a_file_are_reported_together(desk: Desk) -> None:
    """An operator mends a file once, not once for each fault."""
    faults = desk.faults(
        '[sync]\nconflict = "none"\n[vendors.crm]\nkind = "plain"\n'
        '[vendors.office]\nkind = "clocked"\ntoken = "t"\ntimezone = "Nowhere"\n' + _ROW + "ids = { site = 1 }\n"
    )
    assert [fault.partition(": ")[0] for fault in faults] == [
        "sync.conflict",
        "vendors.crm.api_key",
        "vendors.office.timezone",
        "services[0].ids.site",
    ]


def test_a_file_without_vendors_is_told_that_alone(desk: Desk) -> None:
    """What else names a vendor is not wrong because of it."""
    assert desk.faults('[sync]\npriority = ["crm", "book"]\n') == [
        "vendors: no vendor is configured: add a section [vendors.NAME] with its kind"
    ]


def test_each_line_names_the_file(desk: Desk) -> None:
    """The lines can be read apart from each other."""
    with pytest.raises(ConfigurationError) as caught:
        desk.load(CRM + "a = 1\nb = 2\n")
    assert [line.startswith(f"{desk.path}: vendors.crm.") for line in str(caught.value).splitlines()] == [True, True]
    assert isinstance(caught.value, SyncdError)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (CRM + "timeout 20s\n", "line 4, column 9"),
        (CRM + "timeout = 20s\n", "line 4, column 13"),
        (CRM + 'timeout = "20s', "line 4, column 15"),
        (CRM + CRM, "line 4, column "),
    ],
)
def test_a_slip_in_the_syntax_is_shown_by_line_and_column(desk: Desk, text: str, place: str) -> None:
    """An editor finds the place."""
    assert [f"{desk.path}, {place}" in fault and ": not TOML" in fault for fault in desk.faults(text)] == [True]


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_a_file_that_breaks_the_parser_is_a_fault_of_the_file(desk: Desk, text: str) -> None:
    """Absurd nesting and numbers are no crash."""
    assert "not TOML" in desk.faults(text)[0]


def test_a_file_in_another_encoding_is_named_with_its_line(desk: Desk) -> None:
    """Latin-1 is not guessed at."""
    desk.path.write_bytes(CRM.encode() + "# für\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="line 4: not UTF-8"):
        load(desk.path, {}, KINDS)


@pytest.mark.parametrize(
    ("name", "words"), [("folder", "a folder"), ("none.toml", "No such file"), ("a\0b", "not a path")]
)
def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, name: str, words: str) -> None:
    """A folder, a missing file and a nonsensical path each have their sentence."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError, match=words):
        load(tmp_path / name, {}, KINDS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_said_to_be_unreadable(desk: Desk) -> None:
    """Permissions are named."""
    desk.path.write_text(CRM)
    desk.path.chmod(0)
    with pytest.raises(ConfigurationError, match="Permission denied"):
        load(desk.path, {}, KINDS)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{ env = "CRM_KEY" }', "CRM_KEY is not set"),
        ('{ env = "EMPTY" }', "EMPTY is empty"),
        ('{ env = "canary-4711" }', "that env = … names is not set"),
        ('{ text = "canary-4711" }', "'text' is no source"),
        ('{ env = "A", file = "canary-4711" }', "exactly one of"),
        ('{ file = "none" }', "No such file"),
        ('{ file = "open" }', "chmod 600"),
        ('{ file = "." }', "cannot read"),
        ('{ file = "binary" }', "not text"),
        ('{ credential = "key" }', "LoadCredential="),
        ('"canary-4711\\u0001"', "no HTTP header"),
        ('"  "', "is empty"),
        ("4711", "text in quotes"),
    ],
)
def test_a_secret_that_cannot_be_had_is_named_and_never_shown(desk: Desk, source: str, words: str) -> None:
    """The line says which source failed; the value, even in the wrong place, is not in it."""
    (desk.folder / "open").write_text("canary-4711")
    (desk.folder / "open").chmod(0o644)
    (desk.folder / "binary").write_bytes(b"canary-4711\xff")
    (desk.folder / "binary").chmod(0o600)
    desk.environ["EMPTY"] = " "
    [fault] = desk.faults(f'[vendors.crm]\nkind = "plain"\napi_key = {source}\n')
    assert fault.startswith("vendors.crm.api_key: ")
    assert words in fault
    assert "canary" not in fault


def test_a_secret_under_a_wrong_key_is_not_shown(desk: Desk) -> None:
    """A misspelt key does not print what stands behind it."""
    faults = desk.faults('[vendors.crm]\nkind = "plain"\napi-key = "canary-4711"\nbase_url = "https://u:canary@h"\n')
    assert len(faults) == 3
    assert "canary" not in "".join(faults)
