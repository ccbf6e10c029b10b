"""The commands for a newcomer: the sandbox, the demonstration, and a first configuration."""

from __future__ import annotations

import os
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import typer

from syncd import demo as demonstration
from syncd.assembly import system_clock
from syncd.cli import stopping
from syncd.cli.failing import WrongUse, told
from syncd.cli.setting import LogLevel, setting_of
from syncd.config import example
from syncd.sandbox.samples import demo_vendors, fill
from syncd.sandbox.serving.server import Sandbox

UnusedConfigOption = Annotated[Path | None, typer.Option("-c", "--config", hidden=True)]
"""`-c` may stand after any command's name; these bring a configuration of their own."""
UnkindOption = Annotated[
    bool, typer.Option("--unkind", help="The vendors at their least kind, as measured or documented.")
]


@told
def sandbox(
    context: typer.Context,
    config_out: Annotated[
        Path | None, typer.Option("--write-config", metavar="FILE", help="Write the ready configuration there, too.")
    ] = None,
    unkind: UnkindOption = False,
    _config: UnusedConfigOption = None,
) -> None:
    """Serve the four vendors locally, with sample data, until interrupted."""
    setting_of(context).start_logs(())
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
def demo(
    context: typer.Context,
    unkind: UnkindOption = False,
    _config: UnusedConfigOption = None,
) -> None:
    """Show the whole of it: four vendors, a few cycles with edits between, all explained; leaves nothing behind."""
    stopping.heed(hangup=True)
    setting_of(context).start_logs((), LogLevel.WARNING)
    raise typer.Exit(demonstration.run(typer.echo, unkind=unkind))


@told
def init(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="Where to write it; default: syncd.toml.")] = None,
    config: Annotated[Path | None, typer.Option("-c", "--config", metavar="FILE", help="The same.")] = None,
) -> None:
    """Write a commented syncd.toml."""
    path = path or config or setting_of(context).config or Path("syncd.toml")
    _write_new(path, example())
    typer.echo(f"wrote {path}; next: edit it, then 'syncd -c {path} check' and 'syncd -c {path} --dry-run'")


def _write_new(path: Path, text: str) -> None:
    """Write a file that does not exist yet, readable by its owner alone."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise WrongUse(f"{path} exists already, and is left as it is: name another file") from None
    except OSError as error:
        raise WrongUse(f"cannot write {path}: {error.strerror}") from None
