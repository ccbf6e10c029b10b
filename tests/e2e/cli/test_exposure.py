"""Secrets in files: others that may read them are said, and no report replaces one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.cli.world import World

ELSEWHERE = "https://0.0.0.0:1/v1"
"""No loopback address as a configuration goes, and nobody is there."""


def written(world: World, *, key: str = '"plain-key-of-crm"', mode: int = 0o644, base_url: str = ELSEWHERE) -> None:
    """Write the configuration with another address and key of `crm`, and this mode."""
    world.configure(options={"crm": {"timeout": "0.2s", "settle": "1s"}})
    kept, section = [], ""
    for line in world.config.read_text(encoding="utf-8").splitlines():
        section = line if line.startswith("[") else section
        ours = {"api_key": key, "base_url": base_url and f'"{base_url}"'} if section == "[vendors.crm]" else {}
        name = line.partition("=")[0].strip()
        kept.append(f"{name} = {ours[name]}" if ours.get(name) else line)
    world.config.write_text("\n".join(kept), encoding="utf-8")
    world.config.chmod(mode)


def warned(world: World) -> list[str]:
    """What a cycle warns of."""
    done = world.syncd("--once")
    assert done.code == 3, done.err
    return [line["problem"] for line in done.events if line["event"] == "secrets_exposed"]


def test_plain_secrets_that_others_may_read_are_said_and_refused_in_no_case(world: World) -> None:
    """`check` and `status` say it each time; a run warns when it is new, or the mode or a secret is another one."""
    written(world)
    said = f"{world.config}: others may read what stands in it as text (vendors.crm.api_key): chmod 600 {world.config}"
    assert warned(world) == [said]
    assert warned(world) == []
    for command in ("check", "status"):
        assert said in world.syncd(command).out.splitlines()
    written(world, key='"another-key-of-crm"')
    assert warned(world) == [said]
    world.config.chmod(0o640)
    assert warned(world) == [said]
    assert warned(world) == []
    world.config.chmod(0o600)
    assert warned(world) == []
    assert "chmod" not in world.syncd("status").out
    world.config.chmod(0o640)
    assert warned(world) == [said]
    assert b"key-of-crm" not in world.state.read_bytes()


@pytest.mark.parametrize("way", ["loopback", "environment"])
def test_what_others_may_read_without_harm_is_not_spoken_of(world: World, way: str) -> None:
    """A key of a vendor on this machine, and the name of a variable."""
    if way == "loopback":
        written(world, base_url="", key=f'"{world.vendors["crm"].kind}"')
    else:
        written(world, key='{ env = "CRM_KEY" }')
    assert "chmod" not in world.syncd("status", environ={"CRM_KEY": "k"}).out


@pytest.mark.parametrize("through", ["its name", "a link", "another folder"])
def test_a_report_or_plan_replaces_no_file_that_holds_a_secret(quiet: World, through: str) -> None:
    """Wrong usage, before anything is asked."""
    secret = quiet.folder / "crm_key"
    secret.write_text("key", encoding="utf-8")
    secret.chmod(0o600)
    written(quiet, key='{ file = "crm_key" }', base_url="", mode=0o600)
    (quiet.folder / "deeper").mkdir()
    name = {"its name": Path("crm_key"), "a link": Path("link"), "another folder": Path("deeper/../crm_key")}[through]
    (quiet.folder / "link").symlink_to("crm_key")
    for arguments in (["--once", "--output"], ["--dry-run", "--output"], ["plan", "--out"]):
        before = quiet.requests
        done = quiet.syncd(*arguments, name)
        assert (done.code, "needs itself" in done.told, quiet.requests) == (2, True, before), done.err
    assert secret.read_text(encoding="utf-8") == "key"


def test_a_report_replaces_no_credential(quiet: World) -> None:
    """As systemd hands them over."""
    credential = quiet.folder / "credentials" / "crm_key"
    credential.parent.mkdir()
    credential.write_text("key", encoding="utf-8")
    written(quiet, key='{ credential = "crm_key" }', base_url="", mode=0o600)
    environ = {"CREDENTIALS_DIRECTORY": str(credential.parent)}
    assert quiet.syncd("--once", "--output", credential, environ=environ).code == 2
    assert credential.read_text(encoding="utf-8") == "key"
