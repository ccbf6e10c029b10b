"""The commands and their options, as the contract names them.

What a command does it loads when it runs, so that `--help` and `--version` wait for none of it. It is loaded before the
command begins: a stop that comes meanwhile is held (`stopping`), where one that is heeded would break an import off.
Typer reads the annotations of all commands: as texts they would each be compiled then, a tenth of what a help takes.
"""

import shutil
from collections import abc
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from syncd import __version__
from syncd.cli.ending import EXIT_USAGE, code_after_output, ended
from syncd.cli.options import (
    ConfigOption,
    LogFormat,
    LogLevel,
    NamesArgument,
    OutputOption,
    ReportFormat,
    ReportOption,
    Setting,
    UnkindOption,
    UnusedConfigOption,
    ZoneChangedOption,
    ZoneDataOption,
    setting_of,
)

app = typer.Typer(
    name="syncd",
    help="Keeps the same appointments in step across several vendors.",
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # rich takes as long as all the rest of a help
    context_settings={"help_option_names": ["-h", "--help"]},
)
NARROWEST, WIDEST = 20, 100
"""Columns of a help, whatever the terminal has."""

F = TypeVar("F", bound=abc.Callable[..., None])


def _group(name: str, says: str) -> typer.Typer:
    """Declare commands that share a name. Where those are listed that stand beside it, all that it says is shown."""
    group = typer.Typer(help=says, short_help=says, invoke_without_command=True)
    app.add_typer(group, name=name)
    return group


def _command(group: typer.Typer) -> abc.Callable[[F], F]:
    """Declare a command of a group. Where those are listed all of its docstring is shown, if need be on more lines."""
    return lambda function: group.command(short_help=function.__doc__)(function)


conflicts = _group("conflicts", "List open conflicts, or decide one.")
quarantine = _group("quarantine", "List what is left alone, release it, or end it.")
account = _group("account", "List whose accounts the records are of, or say that one is the same or moved.")


def _tell_version(wanted: bool) -> None:
    if wanted:
        from syncd.model.edition import EDITION

        typer.echo(f"syncd {__version__} (time zones {EDITION})")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option(
        "--version",
        is_eager=True,  # before other options are read, which loads pydantic
        callback=_tell_version,
        help="Print the version and exit.",
    ),
]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="One cycle, then exit.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Observe and plan; write nothing anywhere.")] = False,
    report: ReportOption = ReportFormat.TEXT,
    output: OutputOption = None,
    log_format: Annotated[
        LogFormat | None,
        typer.Option("--log-format", metavar="FORM", help="console or json; default: console on a terminal."),
    ] = None,
    log_level: Annotated[
        LogLevel | None,
        typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning or error; default: info."),
    ] = None,
    _version: VersionOption = False,
) -> None:
    """Without a command: the daemon, which polls every vendor on its interval until SIGTERM."""
    setting = Setting(config, log_format, log_level)
    context.obj = setting
    reporting = output is not None or report is not ReportFormat.TEXT
    if context.invoked_subcommand is not None:
        if once or dry_run:
            raise ended("--once and --dry-run stand alone, without a command", EXIT_USAGE)
        if reporting:
            raise ended("--report and --output belong after the command's name, where it takes them", EXIT_USAGE)
        return
    if reporting and not (once or dry_run):
        raise ended("--report and --output need --once or --dry-run: the daemon has no single report", EXIT_USAGE)
    from syncd.cli import cycles

    if once or dry_run:
        raise typer.Exit(cycles.run_once(setting, dry_run=dry_run, form=report, output=output))
    raise typer.Exit(cycles.run_daemon(setting))


@_command(app)
def status(context: typer.Context, config: ConfigOption = None) -> None:
    """The last cycle, each vendor's last listing, and what waits."""
    from syncd.cli import desk

    desk.status(setting_of(context, config))


@_command(app)
def history(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many cycles.")] = 20,
    config: ConfigOption = None,
) -> None:
    """The newest cycles, newest first, one line each."""
    from syncd.cli import desk

    desk.history(setting_of(context, config), count)


@_command(app)
def explain(
    context: typer.Context,
    appointment: Annotated[str, typer.Argument(help="An appointment's id (or its start), or VENDOR:REMOTE_ID.")],
    config: ConfigOption = None,
) -> None:
    """Everything known of one appointment: its values and why, its records, its operations and conflicts."""
    from syncd.cli import desk

    desk.explain(setting_of(context, config), appointment)


@_command(app)
def link(
    context: typer.Context,
    one: Annotated[str, typer.Argument(metavar="A", help="An appointment's id (or its start), or VENDOR:REMOTE_ID.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another one, or a record in quarantine.")],
    config: ConfigOption = None,
) -> None:
    """Say that two are one appointment: the next cycle joins them."""
    from syncd.cli import desk

    desk.link(setting_of(context, config), one, other)


@_command(app)
def unlink(
    context: typer.Context,
    record: Annotated[str, typer.Argument(metavar="VENDOR:REMOTE_ID", help="A record of an appointment.")],
    config: ConfigOption = None,
) -> None:
    """Say that a record is not of its appointment: the next cycle makes it one of its own."""
    from syncd.cli import desk

    desk.unlink(setting_of(context, config), record)


@_command(app)
def approve(
    context: typer.Context,
    names: NamesArgument = None,
    everything: Annotated[bool, typer.Option("--all", help="Release everything.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Show what is held, and release nothing.")] = False,
    config: ConfigOption = None,
) -> None:
    """Release what the guard holds, exactly as the last report showed it; the next cycle carries it out."""
    from syncd.cli import held

    held.approve(setting_of(context, config), names or [], everything=everything, listing=listing)


@_command(app)
def reject(
    context: typer.Context,
    names: NamesArgument = None,
    everything: Annotated[bool, typer.Option("--all", help="Reject everything.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, and do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Take back the changes that held operations come from, where they were made; the plan of that is shown first."""
    from syncd.cli import held

    held.reject(setting_of(context, config), names or [], everything=everything, yes=yes)


@_command(app)
def sandbox(
    context: typer.Context,
    config_out: Annotated[
        Path | None, typer.Option("--write-config", metavar="FILE", help="Write the ready configuration there, too.")
    ] = None,
    unkind: UnkindOption = False,
    _config: UnusedConfigOption = None,
) -> None:
    """Serve the four vendors locally, with sample data, until interrupted."""
    from syncd.cli import showing

    showing.sandbox(setting_of(context), config_out, unkind=unkind)


@_command(app)
def demo(context: typer.Context, unkind: UnkindOption = False, _config: UnusedConfigOption = None) -> None:
    """Show the whole of it: four vendors, a few cycles with edits between, all explained; leaves nothing behind."""
    from syncd.cli import showing

    raise typer.Exit(showing.demo(setting_of(context), unkind=unkind))


@_command(app)
def init(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="Where to write it; default: syncd.toml.")] = None,
    config: Annotated[Path | None, typer.Option("-c", "--config", metavar="FILE", help="The same.")] = None,
) -> None:
    """Write a commented syncd.toml."""
    from syncd.cli import showing

    showing.init(path or setting_of(context, config).config or Path("syncd.toml"))


@_command(app)
def plan(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="PLAN", help="Where to save the plan.")],
    config: ConfigOption = None,
    report: ReportOption = ReportFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Observe and plan, as --dry-run, and save the plan."""
    from syncd.cli import cycles

    raise typer.Exit(cycles.save_plan(setting_of(context, config), out, report, output))


@_command(app)
def apply(
    context: typer.Context,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan that 'syncd plan' saved.")],
    config: ConfigOption = None,
    report: ReportOption = ReportFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Carry out exactly a saved plan; an operation whose records moved since is refused, the others go on."""
    from syncd.cli import cycles

    raise typer.Exit(cycles.apply_plan(setting_of(context, config), plan, report, output))


@_command(app)
def check(context: typer.Context, config: ConfigOption = None) -> None:
    """Check configuration, credentials and reachability of each vendor, by reads alone."""
    from syncd.cli import cycles

    raise typer.Exit(cycles.check(setting_of(context, config)))


@conflicts.callback()
def list_conflicts(
    context: typer.Context,
    at_linking: Annotated[
        bool, typer.Option("--at-linking", help="List what records had otherwise when they were linked.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """List the conflicts that wait for a person."""
    setting = setting_of(context, config)
    if context.invoked_subcommand is None:
        from syncd.cli import desk

        desk.list_conflicts(setting, at_linking=at_linking)


@_command(conflicts)
def resolve(
    context: typer.Context,
    entry: Annotated[int | None, typer.Argument(metavar="ID", help="The number that 'syncd conflicts' shows.")] = None,
    winner: Annotated[str | None, typer.Option("--winner", help="The vendor whose value is right.")] = None,
    zone_data: ZoneDataOption = False,
    zone_changed: ZoneChangedOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Of a zone: do it, and do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Decide a conflict: the winner's value goes to the others in the next cycle. Of a zone the plan is shown first."""
    setting = setting_of(context, config)
    if [entry is not None, zone_data, zone_changed is not None].count(True) != 1 or bool(winner) is bool(zone_changed):
        raise ended("name a conflict or --zone-data, and its --winner; or --zone-changed", EXIT_USAGE)
    if entry is not None:
        from syncd.cli import desk

        desk.resolve(setting, entry, winner or "")
    else:
        from syncd.cli import zones

        zones.answer(setting, zone_changed or winner or "", moved=zone_data, yes=yes)


@quarantine.callback()
def list_quarantine(context: typer.Context, config: ConfigOption = None) -> None:
    """List what is left alone, and why."""
    setting = setting_of(context, config)
    if context.invoked_subcommand is None:
        from syncd.cli import desk

        desk.list_quarantine(setting)


@_command(quarantine)
def release(
    context: typer.Context,
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="ID...", help="Numbers that 'syncd quarantine' shows.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Release everything.")] = False,
    config: ConfigOption = None,
) -> None:
    """Release entries: the next cycle tries them again."""
    from syncd.cli import desk

    desk.release(setting_of(context, config), ids or [], everything=everything)


@_command(quarantine)
def end(
    context: typer.Context,
    entry: Annotated[int, typer.Argument(metavar="ID", help="The number that 'syncd quarantine' shows.")],
    config: ConfigOption = None,
) -> None:
    """Say that syncd made a record about which it asks: the next cycle ends it at its vendor."""
    from syncd.cli import desk

    desk.end(setting_of(context, config), entry)


@account.callback()
def list_accounts(context: typer.Context, config: ConfigOption = None) -> None:
    """List the account at each vendor that the records in the store are of."""
    setting = setting_of(context, config)
    if context.invoked_subcommand is None:
        from syncd.cli import accounts

        accounts.list_accounts(setting)


@_command(account)
def moved(
    context: typer.Context,
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="The vendor, by its name in the configuration.")],
    config: ConfigOption = None,
) -> None:
    """Say that a vendor's appointments moved to the account that it opens now: the next cycle links them anew."""
    from syncd.cli import accounts

    accounts.moved(setting_of(context, config), vendor)


@_command(account)
def same(
    context: typer.Context,
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="The vendor, by its name in the configuration.")],
    config: ConfigOption = None,
) -> None:
    """Say that a vendor opens the account that its known records are of: the next cycle reads it."""
    from syncd.cli import accounts

    accounts.same(setting_of(context, config), vendor)


def run() -> None:
    """Do what the command line asks, and print it whole. Raises SystemExit."""
    columns = shutil.get_terminal_size().columns
    try:
        app(prog_name="syncd", terminal_width=min(max(columns, NARROWEST), WIDEST))
    except SystemExit as ended_with:
        raise SystemExit(code_after_output(ended_with.code)) from None
