"""The operator's commands: what happened, why, and the few things that a person decides."""

from __future__ import annotations

from collections import abc
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from syncd.assembly import open_ledger
from syncd.cli import stopping
from syncd.cli.failing import WrongUse, told
from syncd.cli.setting import ConfigOption, setting_of
from syncd.config import Configuration, meant
from syncd.engine.store.desk import Desk, Explanation
from syncd.engine.store.texts import parsed
from syncd.model.times import LONG_AGO
from syncd.report import one_line
from syncd.report.as_json import plain

conflicts = typer.Typer(help="List open conflicts, or decide one.", invoke_without_command=True)
quarantine = typer.Typer(help="List what is left alone, release it, or end it.", invoke_without_command=True)


def _say(line: str) -> None:
    """A line on standard output. What people wrote at a vendor is in it."""
    typer.echo(one_line(line))


@contextmanager
def _desk(context: typer.Context, config: Path | None, *, acting: bool = False) -> abc.Iterator[Desk]:
    stopping.heed()
    with _desk_of(setting_of(context).load(config), acting=acting) as desk:
        yield desk


@contextmanager
def _desk_of(configuration: Configuration, *, acting: bool = False) -> abc.Iterator[Desk]:
    ledger = open_ledger(configuration, readonly=not acting)
    try:
        with ledger.legible():
            yield Desk(ledger)
    finally:
        ledger.store.close()


@told
def status(context: typer.Context, config: ConfigOption = None) -> None:
    """The last cycle, each vendor's last listing, and what waits."""
    stopping.heed()
    configuration = setting_of(context).load(config)
    with _desk_of(configuration) as desk:
        counts, cycles, seen = desk.counts(), desk.cycles(1), desk.observations()
        asked, left = desk.questions()
        if not cycles:
            _say("no cycle has run on this store yet")
        for cycle in cycles:
            ended = f"ended {cycle.finished_at} with exit {cycle.exit_code}" if cycle.finished_at else "has not ended"
            _say(f"last cycle {cycle.id} began {cycle.started_at}, {ended}")
            for line in _unread(cycle.report):
                _say(line)
        for name, row in sorted(seen.items()):
            unread = f", {row.unread} not read yet" if row.unread else ""
            _say(f"  {name}: listed completely {_when(row.started_at)}, {row.records} records{unread}")
        _say(
            f"{counts.appointments} appointments ({counts.ended} ended, {counts.pending} waiting for work), "
            f"{counts.live} live records"
        )
        waiting = [
            (counts.unsettled, "operations without a known outcome: the next cycle looks for them"),
            (
                counts.held - counts.approved,
                "operations held: 'syncd approve --list' shows, 'syncd approve' releases them",
            ),
            (counts.quarantined, "in quarantine: 'syncd quarantine' lists them"),
            (asked, "open conflicts: 'syncd conflicts' lists them"),
            (left, "text(s) differ since linking: 'syncd conflicts --at-linking' lists them"),
        ]
        for number, what in waiting:
            if number:
                _say(f"{number} {what}")
    if configuration.exposed is not None:
        _say(configuration.exposed.sentence)


@told
def history(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many cycles.")] = 20,
    config: ConfigOption = None,
) -> None:
    """The newest cycles, newest first, one line each."""
    with _desk(context, config) as desk:
        for cycle in desk.cycles(count):
            ending = f"exit {cycle.exit_code}: {_summary(cycle.report)}" if cycle.finished_at else "did not finish"
            _say(f"{cycle.started_at}  {cycle.id}  {ending}")


@told
def explain(
    context: typer.Context,
    appointment: Annotated[str, typer.Argument(help="An appointment's id (or its start), or VENDOR:REMOTE_ID.")],
    config: ConfigOption = None,
) -> None:
    """Everything known of one appointment: its values and why, its records, its operations and conflicts."""
    with _desk(context, config) as desk:
        for line in _explained(desk.explain(appointment)):
            _say(line)


@told
def approve(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Operation ids, or their starts; none: all.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Show what is held, and release nothing.")] = False,
    config: ConfigOption = None,
) -> None:
    """Release what the guard holds, exactly as the last report showed it; the next cycle carries it out."""
    if listing:
        if ids:
            raise WrongUse("--list shows all that is held: name no operation")
        _list_held(context, config)
        return
    with _desk(context, config, acting=True) as desk:
        held = {row.operation_id: operation for row, operation in desk.held()}
        released = desk.approve(ids or [])
        for key in released:
            operation = held[key]
            _say(f"released {key}: {operation['action']} at {operation['vendor']}: {operation['summary']}")
    if not released:
        _say("nothing is held that is not released already")


def _list_held(context: typer.Context, config: Path | None) -> None:
    with _desk(context, config) as desk:
        held = desk.held()
        for row, operation in held:
            state = f"released at {row.approved_at}" if row.approved_at else "held"
            _say(f"{row.operation_id}  {state}: {operation['action']} at {operation['vendor']}: {operation['summary']}")
            _say(f"    {row.reason}")
        _say("'syncd approve' releases all of it, 'syncd approve ID' one" if held else "nothing is held")


@conflicts.callback()
@told
def list_conflicts(
    context: typer.Context,
    at_linking: Annotated[
        bool, typer.Option("--at-linking", help="List what records had otherwise when they were linked.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """List the conflicts that wait for a person."""
    if context.invoked_subcommand is not None:
        context.obj = setting_of(context)
        context.obj.config = config or context.obj.config
        return
    with _desk(context, config) as desk:
        rows = desk.differences() if at_linking else desk.conflicts()
        for row in rows:
            values = "; ".join(f"{vendor}: {_short(value)}" for vendor, value in parsed(row.values_json).items())
            _say(f"{row.id}  {row.field} of {row.appointment_id}: {values}")
    nothing = "no linked records differ" if at_linking else "no open conflicts"
    _say("'syncd conflicts resolve ID --winner VENDOR' decides one" if rows else nothing)


@conflicts.command("resolve")
@told
def resolve(
    context: typer.Context,
    winner: Annotated[str, typer.Option("--winner", help="The vendor whose value is right.")],
    entry: Annotated[int | None, typer.Argument(metavar="ID", help="The number that 'syncd conflicts' shows.")] = None,
    zone_data: Annotated[
        bool, typer.Option("--zone-data", help="Decide all that another edition of the zone database brought.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Decide a conflict: the winner's value goes to the others in the next cycle."""
    if (entry is None) is not zone_data:
        raise WrongUse("name the conflict to decide, or --zone-data")
    stopping.heed()
    configuration = setting_of(context).load(config)
    with _desk_of(configuration, acting=True) as desk:
        numbers = desk.of_zone_data(winner) if entry is None else [entry]
        names = [vendor.name for vendor in configuration.vendors]
        if not numbers and winner not in names:
            raise WrongUse(f"--winner {winner}: no vendor has this name; {meant(winner, names)}")
        for number in numbers:
            row = desk.resolve(number, winner)
            _say(f"conflict {number} ({row.field} of {row.appointment_id}) is decided for {winner}")
    if not numbers:
        _say(f"no open conflict of {winner} comes from the zone database")


@quarantine.callback()
@told
def list_quarantine(context: typer.Context, config: ConfigOption = None) -> None:
    """List what is left alone, and why."""
    if context.invoked_subcommand is not None:
        context.obj = setting_of(context)
        context.obj.config = config or context.obj.config
        return
    with _desk(context, config) as desk:
        rows = desk.quarantines()
    for row in rows:
        what = row.remote_id or row.appointment_id or "a record"
        _say(f"{row.id}  {row.vendor} [{what}] since {row.since}: {row.reason}")
    _say("'syncd quarantine release ID' tries one again" if rows else "nothing is in quarantine")


@quarantine.command("release")
@told
def release(
    context: typer.Context,
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="ID...", help="Numbers that 'syncd quarantine' shows.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Release everything.")] = False,
    config: ConfigOption = None,
) -> None:
    """Release entries: the next cycle tries them again."""
    if bool(ids) == everything:
        raise WrongUse("name the entries to release, or --all")
    with _desk(context, config, acting=True) as desk:
        released = desk.release(ids or [])
        for row in released:
            _say(f"released {row.id}: {row.vendor} [{row.remote_id or row.appointment_id or 'a record'}]")
        asked = [row.id for row in desk.quarantines()] if everything else []
    for number in asked:
        _say(f"{number} asks what a record is: 'syncd quarantine release {number}' takes it for a new booking")
    if not released and not asked:
        _say("nothing is in quarantine")


@quarantine.command("end")
@told
def end(
    context: typer.Context,
    entry: Annotated[int, typer.Argument(metavar="ID", help="The number that 'syncd quarantine' shows.")],
    config: ConfigOption = None,
) -> None:
    """Say that syncd made a record about which it asks: the next cycle ends it at its vendor."""
    with _desk(context, config, acting=True) as desk:
        row = desk.end(entry)
        _say(f"the next cycle ends {row.vendor} [{row.remote_id}]")


def _unread(report: str | None) -> abc.Iterator[str]:
    for vendor in parsed(report)["vendors"] if report is not None else ():
        if vendor["snapshot"] != "complete":
            yield f"  {vendor['name']} was not wholly read then ({vendor['snapshot']}): {vendor['error']}"


def _summary(report: str | None) -> str:
    if report is None:
        return "its report is no longer kept"
    told = parsed(report)
    said = [f"{number} {name}" for name, number in told["summary"].items() if number]
    said += [f"{vendor['name']} not wholly read" for vendor in told["vendors"] if vendor["snapshot"] != "complete"]
    return ", ".join(said) or "nothing to do"


def _explained(found: Explanation) -> abc.Iterator[str]:
    known = found.known
    yield f"appointment {known.id}: {known.agreed.summary()}"
    yield f"  status {known.agreed.status}"
    for name, origin in sorted(known.provenance.items()):
        yield f"  {name} is {_short(plain(known.agreed.get(name)))}: {origin.text}"
    for mapping in known.mappings:
        state = f"no longer used ({mapping.tombstone})" if mapping.tombstone else mapping.base.status.value
        version = "" if mapping.version is None else f", version {mapping.version}"
        yield f"  at {mapping.vendor} [{mapping.remote_id}]: {mapping.base.slot}, {state}{version}"
    for row in found.journal:
        ending = f"{row.state} {row.settled_at}" if row.settled_at else row.state
        error = f" ({row.error})" if row.error else ""
        yield f"  {row.intended_at} {row.action} at {row.vendor}: {ending}{error}, because {row.reason}"
    for conflict in found.conflicts:
        closed = "open" if conflict.open else conflict.resolution
        how = f"{conflict.winner} won ({conflict.rule})" if conflict.winner else closed
        yield f"  {conflict.seen_at} conflict about {conflict.field}: {how}"
    for entry in found.quarantines:
        yield f"  in quarantine at {entry.vendor} since {entry.since}: {entry.reason}"


def _short(value: Any) -> str:
    if isinstance(value, dict) and "start" in value:
        return f"{value['start']} to {value['end']}"
    if isinstance(value, list):
        return ", ".join(_short(part) for part in value) or "none"
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part)
    return "none" if value in (None, "") else str(value)


def _when(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"at {moment:%Y-%m-%d %H:%M:%S} UTC" if moment > LONG_AGO else "before the clock was set back"
