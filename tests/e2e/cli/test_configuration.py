"""Which configuration is read, and what a wrong one gets: the key's name, exit 78, and not one request."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.cli.world import World

COMMANDS: dict[str, list[str]] = {
    "status": [],
    "history": [],
    "conflicts": [],
    "quarantine": [],
    "approve": ["--list"],
    "reject": ["--all"],
    "check": [],
    "plan": ["--out", "plan.json"],
}


def test_the_configuration_may_be_named_before_or_after_the_command(world: World) -> None:
    """`syncd -c FILE status`, `syncd status -c FILE`, `syncd status --config FILE`; the nearer one counts."""
    config = str(world.config.rename(world.folder / "other.toml"))
    for command, more in COMMANDS.items():
        for arguments in (
            ["-c", config, command, *more],
            [command, *more, "--config", config],
            ["--config", "none.toml", command, "-c", config, *more],
        ):
            done = world.commands.run(*arguments, folder=world.folder)
            assert (done.code, done.told) == (0, ""), arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "FILE", "conflicts", "resolve", "1", "--winner", "crm"],
        ["conflicts", "-c", "FILE", "resolve", "1", "--winner", "crm"],
        ["conflicts", "resolve", "1", "--winner", "crm", "-c", "FILE"],
        ["quarantine", "-c", "FILE", "release", "1"],
        ["quarantine", "release", "-c", "FILE", "1"],
        ["explain", "-c", "FILE", "abcdef"],
        ["apply", "-c", "FILE", "plan.json"],
    ],
    ids=" ".join,
)
def test_commands_with_arguments_take_the_configuration_in_any_place(quiet: World, arguments: list[str]) -> None:
    """They find the configuration, and then not what they were asked for: exit 2 instead of 78."""
    config = str(quiet.config.rename(quiet.folder / "other.toml"))
    done = quiet.commands.run(*(config if a == "FILE" else a for a in arguments), folder=quiet.folder)
    assert (done.code, "no configuration" in done.told) == (2, False)


def test_without_a_name_the_environment_counts_and_then_the_folder(quiet: World) -> None:
    """-c before $SYNCD_CONFIG before ./syncd.toml; none of them is replaced by the next where it is wrong."""
    folder = quiet.folder
    named = {"SYNCD_CONFIG": str(folder / "none.toml")}
    run = quiet.commands.run
    assert run("status", folder=folder).code == 0
    wrong = run("status", folder=folder, environ=named)
    assert (wrong.code, "none.toml: no such file (named by $SYNCD_CONFIG)" in wrong.told) == (78, True)
    assert run("status", "-c", "syncd.toml", folder=folder, environ=named).code == 0
    assert run("status", folder=folder / "state", environ={"SYNCD_CONFIG": str(quiet.config)}).code == 0


@pytest.mark.skipif(Path("/etc/syncd/syncd.toml").exists(), reason="this machine has a configuration of its own")
@pytest.mark.parametrize("arguments", [["--once"], [], ["status"], ["apply", "plan.json"]], ids=str)
def test_where_no_configuration_is_found_the_places_are_listed(quiet: World, arguments: list[str]) -> None:
    """Exit 78, and how to write one."""
    done = quiet.commands.run(*arguments, folder=quiet.state.parent)
    assert done.code == 78
    for place in ("$SYNCD_CONFIG", str(quiet.state.parent / "syncd.toml"), "/etc/syncd/syncd.toml", "syncd init"):
        assert place in done.told


def rewritten(text: str, table: str, key: str, value: str | None) -> str:
    """A configuration with one key of one table replaced, added, or (None) taken out. A table may have an index."""
    name, _, place = table.partition("#")
    parts = re.split(r"(?m)^(?=\[)", text)
    heads = [n for n, part in enumerate(parts) if part.startswith((f"[{name}]", f"[[{name}]]"))]
    if not heads:
        return f"{text}\n[{name}]\n{key} = {value}\n"
    chosen = heads[int(place or 0)]
    lines = [line for line in parts[chosen].splitlines() if not line.startswith(f"{key} =")]
    parts[chosen] = "\n".join([*lines, *([] if value is None else [f"{key} = {value}"])]) + "\n"
    return "".join(parts)


WRONG: list[tuple[str, str, str | None, str]] = [
    ("sync", "intervall", '"2m"', "sync.intervall"),
    ("sync", "interval", '"2 minutes"', "sync.interval"),
    ("sync", "interval", "120", "sync.interval"),
    ("sync", "interval", '"0s"', "sync.interval"),
    ("sync", "past", '"-1d"', "sync.past"),
    ("sync", "future", '"0d"', "sync.future"),
    ("sync", "conflict", '"latest"', "sync.conflict"),
    ("sync", "priority", '["crm", "shop"]', "sync.priority[1]"),
    ("sync", "priority", '"crm"', "sync.priority"),
    ("sync", "cancel_wins", '"yes"', "sync.cancel_wins"),
    ("sync", "notify_clients", "1", "sync.notify_clients"),
    ("guard", "max_cancels", "{ count = -1 }", "guard.max_cancels.count"),
    ("guard", "max_cancels", "10", "guard.max_cancels"),
    ("guard", "max_changes", "{ percent = 101 }", "guard.max_changes.percent"),
    ("guard", "max_deletes", "{ count = 1 }", "guard.max_deletes"),
    ("state", "url", '"postgresql://db/x"', "state.url"),
    ("state", "url", '"sqlite://"', "state.url"),
    ("http", "listen", '"8377"', "http.listen"),
    ("http", "port", "8377", "http.port"),
    ("webhooks", "secret", '"canary-4711"', "webhooks"),
    ("vendors.shop", "kind", '"shopify"', "vendors.shop.kind"),
    ("vendors.crm", "kind", None, "vendors.crm.kind"),
    ("vendors.crm", "api_key", None, "vendors.crm.api_key"),
    ("vendors.crm", "api_key", '{ env = "SYNCD_NO_SUCH" }', "vendors.crm.api_key"),
    ("vendors.crm", "api_key", '{ file = "none.key" }', "vendors.crm.api_key"),
    ("vendors.crm", "api_key", '{ file = "open.key" }', "vendors.crm.api_key"),
    ("vendors.crm", "api_key", '{ credential = "crm" }', "vendors.crm.api_key"),
    ("vendors.crm", "api_key", '{ text = "canary-4711" }', "vendors.crm.api_key"),
    ("vendors.crm", "apikey", '"canary-4711"', "vendors.crm.apikey"),
    ("vendors.crm", "base_url", '"http://api.example.com/v1"', "vendors.crm.base_url"),
    ("vendors.crm", "base_url", '"https://u:canary-4711@example.com"', "vendors.crm.base_url"),
    ("vendors.crm", "base_url", '"api.example.com"', "vendors.crm.base_url"),
    ("vendors.crm", "timeout", '"0s"', "vendors.crm.timeout"),
    ("vendors.crm", "rate", '"fast"', "vendors.crm.rate"),
    ("vendors.crm", "ca_file", '"none.pem"', "vendors.crm.ca_file"),
    ("vendors.crm", "read_only", '"perhaps"', "vendors.crm.read_only"),
    ("vendors.book", "user_id", None, "vendors.book.user_id"),
    ("vendors.book", "calendar_ids", "[]", "vendors.book.calendar_ids"),
    ("vendors.book", "client", '{ first_name = "A" }', "vendors.book.client.last_name"),
    ("vendors.office", "timezone", None, "vendors.office.timezone"),
    ("vendors.office", "timezone", '"Los Angeles"', "vendors.office.timezone"),
    ("vendors.office", "statuses", '{ x = "done" }', "vendors.office.statuses.x"),
    ("vendors.site", "base_url", None, "vendors.site.base_url"),
    ("vendors.site", "timezone", '"Europe/Belgrad"', "vendors.site.timezone"),
    ("vendors.site", "customer_id", "0", "vendors.site.customer_id"),
    ("services#0", "name", None, "services[0].name"),
    ("services#0", "duration", '"half an hour"', "services[0].duration"),
    ("services#1", "default", "true", "services[1].default"),
    ("services#1", "ids", "{ shop = 1 }", "services[1].ids.shop"),
    ("services#0", "ids", '{ book = "showing" }', "services[0].ids.book"),
    ("services#0", "ids", "{ crm = 7 }", "services[0].ids.crm"),
    ("services#1", "ids", '{ site = "two" }', "services[1].ids.site"),
    ("staff#0", "ids", "{ book = [1] }", "staff[0].ids.book"),
    ("staff#0", "ids", '{ book = "Jo" }', "staff[0].ids.book"),
    ("staff#0", "ids", "{ site = { prov = 1 } }", "staff[0].ids.site"),
    ("staff#0", "ids", '{ site = { provider = "x" } }', "staff[0].ids.site"),
    ("staff#0", "nick", '"Jo"', "staff[0].nick"),
]


@pytest.mark.parametrize(("table", "key", "value", "named"), WRONG, ids=[f"{w[3]}={w[2]}" for w in WRONG])
def test_a_mistake_is_named_by_its_key_and_nothing_is_asked(
    quiet: World, table: str, key: str, value: str | None, named: str
) -> None:
    """Exit 78 with file and key on standard error; no request, no file, no secret shown."""
    (quiet.folder / "open.key").write_text("canary-4711")
    (quiet.folder / "open.key").chmod(0o644)
    quiet.config.write_text(rewritten(quiet.config.read_text(), table, key, value))
    done = quiet.syncd("--once")
    assert (done.code, done.out, done.events) == (78, "", [])
    assert f"{quiet.config}: {named}: " in done.told
    assert "canary" not in done.err
    assert quiet.requests == 0
    assert list(quiet.state.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vendors: no vendor is configured"),
        (b"[sync\n", "line 1"),
        (b'[sync]\ninterval = "2m"\ninterval = "3m"\n', "line 3"),
        (b"# caf\xe9\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_configuration_is_said_to_be_none(quiet: World, content: bytes, words: str) -> None:
    """With the place where it goes wrong."""
    quiet.config.write_bytes(content)
    done = quiet.syncd("--dry-run")
    assert (done.code, done.out) == (78, "")
    assert str(quiet.config) in done.told
    assert words in done.told


@pytest.mark.parametrize("arguments", [[], ["--dry-run"], *([c, *more] for c, more in COMMANDS.items())], ids=str)
def test_every_command_refuses_a_wrong_configuration(quiet: World, arguments: list[str]) -> None:
    """The daemon and the dry run, looking and acting: all of them 78."""
    quiet.config.write_text(rewritten(quiet.config.read_text(), "sync", "conflict", '"latest"'))
    done = quiet.syncd(*arguments)
    assert (done.code, "sync.conflict" in done.told) == (78, True)
    assert quiet.requests == 0


def test_several_mistakes_are_named_at_once(quiet: World) -> None:
    """An operator mends a file once."""
    text = rewritten(quiet.config.read_text(), "sync", "conflict", '"latest"')
    quiet.config.write_text(rewritten(text, "vendors.crm", "api_key", None))
    done = quiet.syncd("--once")
    assert done.code == 78
    assert [line.split(": ")[2] for line in done.told.splitlines()] == ["sync.conflict", "vendors.crm.api_key"]


def test_secrets_come_from_the_environment_from_files_and_from_systemd(world: World) -> None:
    """Each source works with the command as it is run by cron, a shell or a unit."""
    text = world.config.read_text()
    keys = {"CRM": world.vendors["crm"].settings()["api_key"], "OFFICE": world.vendors["office"].settings()["token"]}
    text = rewritten(text, "vendors.crm", "api_key", '{ env = "CRM" }')
    text = rewritten(text, "vendors.office", "token", '{ file = "office.key" }')
    text = rewritten(text, "vendors.site", "api_key", '{ credential = "site_key" }')
    world.config.write_text(text)
    (world.folder / "office.key").write_text(keys["OFFICE"] + "\n")
    (world.folder / "office.key").chmod(0o600)
    (world.folder / "given").mkdir()
    (world.folder / "given" / "site_key").write_text(world.vendors["site"].settings()["api_key"])
    environ = {"CRM": keys["CRM"], "CREDENTIALS_DIRECTORY": str(world.folder / "given")}
    assert world.syncd("check", environ=environ).code == 0


def test_without_a_state_url_the_store_is_where_systemd_says_or_beside_the_configuration(world: World) -> None:
    """$STATE_DIRECTORY/syncd.db, else syncd.db in the configuration's folder, wherever the command is run."""
    world.config.write_text(rewritten(world.config.read_text(), "state", "url", None))
    run = world.commands.run
    assert run("-c", world.config, "--once", folder=world.state.parent).code == 0
    assert (world.folder / "syncd.db").exists()
    elsewhere = world.folder / "elsewhere"
    elsewhere.mkdir()
    assert run("-c", world.config, "--once", folder=world.folder, environ={"STATE_DIRECTORY": str(elsewhere)}).code == 0
    assert (elsewhere / "syncd.db").exists()
