"""The commands for a newcomer: the sandbox, the demonstration, and a first configuration."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from queue import SimpleQueue

import typer

from syncd import demo as demonstration
from syncd.assembly import system_clock
from syncd.cli import loading, stopping
from syncd.cli.failing import WrongUse, told
from syncd.cli.options import LogLevel, Setting
from syncd.cli.setting import start_logs
from syncd.config import example
from syncd.sandbox.samples import demo_vendors, fill
from syncd.sandbox.serving.server import Sandbox


@told
def sandbox(setting: Setting, config_out: Path | None, *, unkind: bool) -> None:
    """Serve the four vendors until interrupted. A configuration for them is printed, and goes to `config_out`, too."""
    loading.end()
    start_logs(setting)
    vendors = demo_vendors(system_clock, unkind=unkind)
    fill(vendors, system_clock())
    # Put from a signal's handler while the same thread waits for it: an Event would wait for its own lock then.
    stop: SimpleQueue[None] = SimpleQueue()
    stopping.heed(lambda: stop.put(None), hangup=True)
    with Sandbox(vendors) as served:
        for vendor in vendors:
            typer.echo(f"# {vendor.name} ({vendor.kind}): {served.base_url(vendor.name)}")
            typer.echo(f"#   as a person there: {served.url(vendor.name)}/_sandbox/records")
            typer.echo(f"#   what else can be done there: {served.url(vendor.name)}/_sandbox/")
        text = served.config_text(state="sqlite:///sandbox.db")
        typer.echo(
            f"# a configuration for them; save it as syncd.toml, then: syncd -c syncd.toml --dry-run\n\n{text}",
        )
        if config_out is not None:
            _write_new(config_out, text)
        stop.get()


@told
def demo(setting: Setting, *, unkind: bool) -> int:
    """The demonstration; returns the exit code."""
    stopping.heed(hangup=True)
    loading.end()
    start_logs(setting, LogLevel.WARNING)
    return demonstration.run(typer.echo, unkind=unkind)


@told
def init(path: Path) -> None:
    """Write a commented syncd.toml."""
    _write_new(path, example())
    typer.echo(f"wrote {path}; next: edit it, then 'syncd -c {path} check' and 'syncd -c {path} --dry-run'")


def _write_new(path: Path, text: str) -> None:
    """Write a file that does not exist yet, readable by its owner alone: whoever waits for it finds all of it."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.") as file:
            file.write(text)
            file.flush()
            try:
                os.link(file.name, path)
            except FileExistsError:
                raise
            except OSError:  # not every file system has links
                with os.fdopen(
                    os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
                ) as new:
                    new.write(text)
    except FileExistsError:
        raise WrongUse(f"{path} exists already, and is left as it is: name another file") from None
    except OSError as error:
        raise WrongUse(f"cannot write {path}: {error.strerror}") from None
