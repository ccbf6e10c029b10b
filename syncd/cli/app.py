"""The commands and their options, as the contract names them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncd import __version__
from syncd.cli import cycles, desk, showing
from syncd.cli.failing import WrongUse, code_after_output, told
from syncd.cli.output import ReportFormat
from syncd.cli.setting import ConfigOption, LogFormat, LogLevel, Setting, setting_of
from syncd.model.wallclock import EDITION

app = typer.Typer(
    name="syncd",
    help="Keeps the same appointments in step across several vendors.",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(desk.conflicts, name="conflicts")
app.add_typer(desk.quarantine, name="quarantine")
app.command("status")(desk.status)
app.command("history")(desk.history)
app.command("explain")(desk.explain)
app.command("approve")(desk.approve)
app.command("sandbox")(showing.sandbox)
app.command("demo")(showing.demo)
app.command("init")(showing.init)

ReportOption = Annotated[ReportFormat, typer.Option("--report", help="How to show the cycle or the plan.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Where to put the report; default: standard output.")
]


@app.callback(invoke_without_command=True)
@told
def root(
    context: typer.Context,
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="One cycle, then exit.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Observe and plan; write nothing anywhere.")] = False,
    report: ReportOption = ReportFormat.TEXT,
    output: OutputOption = None,
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="Default: console on a terminal.")
    ] = None,
    log_level: Annotated[LogLevel | None, typer.Option("--log-level", help="Default: info.")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Without a command: the daemon, which polls every vendor on its interval until SIGTERM."""
    setting = Setting(config, log_format, log_level)
    context.obj = setting
    if version:
        typer.echo(f"syncd {__version__} (time zones {EDITION})")
        raise typer.Exit
    reporting = output is not None or report is not ReportFormat.TEXT
    if context.invoked_subcommand is not None:
        if once or dry_run:
            raise WrongUse("--once and --dry-run stand alone, without a command")
        if reporting:
            raise WrongUse("--report and --output belong after the command's name, where it takes them")
        return
    if once or dry_run:
        raise typer.Exit(cycles.run_once(setting.load(), dry_run=dry_run, form=report, output=output))
    if reporting:
        raise WrongUse("--report and --output need --once or --dry-run: the daemon has no single report")
    raise typer.Exit(cycles.run_daemon(setting.load(), setting.load))


@app.command()
@told
def plan(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="PLAN", help="Where to save the plan.")],
    config: ConfigOption = None,
    report: ReportOption = ReportFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Observe and plan, as --dry-run, and save the plan."""
    configuration = setting_of(context).load(config)
    raise typer.Exit(cycles.save_plan(configuration, out, report, output))


@app.command()
@told
def apply(
    context: typer.Context,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan that 'syncd plan' saved.")],
    config: ConfigOption = None,
    report: ReportOption = ReportFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Carry out exactly a saved plan; an operation whose records moved since is refused, the others go on."""
    configuration = setting_of(context).load(config)
    raise typer.Exit(cycles.apply_plan(configuration, plan, report, output))


@app.command()
@told
def check(context: typer.Context, config: ConfigOption = None) -> None:
    """Check configuration, credentials and reachability of each vendor, by reads alone."""
    raise typer.Exit(cycles.check(setting_of(context).load(config)))


def run() -> None:
    """Do what the command line asks, and print it whole. Raises SystemExit."""
    try:
        app(prog_name="syncd")
    except SystemExit as ended:
        raise SystemExit(code_after_output(ended.code)) from None
