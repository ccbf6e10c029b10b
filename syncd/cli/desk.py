"""The operator's commands: what happened, why, and the few things that a person decides."""

from __future__ import annotations

from collections import abc
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import typer

from syncd.assembly import open_ledger
from syncd.cli import stopping
from syncd.cli.failing import WrongUse, told
from syncd.cli.options import Setting
from syncd.cli.setting import load
from syncd.compare.atoms import named, value_of
from syncd.config import Configuration, meant
from syncd.engine.store.desk import Desk, Explanation
from syncd.engine.store.texts import parsed
from syncd.model.times import LONG_AGO
from syncd.report import one_line
from syncd.report.as_json import plain


def _say(line: str) -> None:
    """A line on standard output. What people wrote at a vendor is in it."""
    typer.echo(one_line(line))


@contextmanager
def _desk(setting: Setting, *, acting: bool = False) -> abc.Iterator[Desk]:
    stopping.heed()
    with _desk_of(load(setting), acting=acting) as desk:
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
def status(setting: Setting) -> None:
    """The last cycle, each vendor's last listing, and what waits."""
    stopping.heed()
    configuration = load(setting)
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
def history(setting: Setting, count: int) -> None:
    """The newest cycles, newest first, one line each."""
    with _desk(setting) as desk:
        for cycle in desk.cycles(count):
            ending = f"exit {cycle.exit_code}: {_summary(cycle.report)}" if cycle.finished_at else "did not finish"
            _say(f"{cycle.started_at}  {cycle.id}  {ending}")


@told
def explain(setting: Setting, appointment: str) -> None:
    """Everything known of one appointment: its values and why, its records, its operations and conflicts."""
    with _desk(setting) as desk:
        for line in _explained(desk.explain(appointment)):
            _say(line)


@told
def approve(setting: Setting, ids: list[str], *, listing: bool) -> None:
    """Release what the guard holds, all of it where `ids` is empty; or with `listing` show it."""
    if listing:
        if ids:
            raise WrongUse("--list shows all that is held: name no operation")
        _list_held(setting)
        return
    with _desk(setting, acting=True) as desk:
        held = {row.operation_id: operation for row, operation in desk.held()}
        released = desk.approve(ids)
        for key in released:
            operation = held[key]
            _say(f"released {key}: {operation['action']} at {operation['vendor']}: {operation['summary']}")
    if not released:
        _say("nothing is held that is not released already")


def _list_held(setting: Setting) -> None:
    with _desk(setting) as desk:
        held = desk.held()
        for row, operation in held:
            state = f"released at {row.approved_at}" if row.approved_at else "held"
            _say(f"{row.operation_id}  {state}: {operation['action']} at {operation['vendor']}: {operation['summary']}")
            _say(f"    {row.reason}")
        _say("'syncd approve' releases all of it, 'syncd approve ID' one" if held else "nothing is held")


@told
def list_conflicts(setting: Setting, *, at_linking: bool) -> None:
    """The conflicts that wait for a person; or with `at_linking` what records had otherwise when they were linked."""
    with _desk(setting) as desk:
        rows = desk.differences() if at_linking else desk.conflicts()
        for row in rows:
            values = "; ".join(f"{vendor}: {_short(value)}" for vendor, value in parsed(row.values_json).items())
            _say(f"{row.id}  {row.field} of {row.appointment_id}: {values}")
    nothing = "no linked records differ" if at_linking else "no open conflicts"
    _say("'syncd conflicts resolve ID --winner VENDOR' decides one" if rows else nothing)


@told
def resolve(setting: Setting, winner: str, entry: int | None, *, zone_data: bool) -> None:
    """Decide a conflict, or with `zone_data` all that another edition of the zone database brought."""
    if (entry is None) is not zone_data:
        raise WrongUse("name the conflict to decide, or --zone-data")
    stopping.heed()
    configuration = load(setting)
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


@told
def list_quarantine(setting: Setting) -> None:
    """What is left alone, and why."""
    with _desk(setting) as desk:
        rows = desk.quarantines()
    for row in rows:
        what = row.remote_id or row.appointment_id or "a record"
        _say(f"{row.id}  {row.vendor} [{what}] since {row.since}: {row.reason}")
    _say("'syncd quarantine release ID' tries one again" if rows else "nothing is in quarantine")


@told
def release(setting: Setting, ids: list[int], *, everything: bool) -> None:
    """Release entries, or with `everything` all of them: the next cycle tries them again."""
    if bool(ids) == everything:
        raise WrongUse("name the entries to release, or --all")
    with _desk(setting, acting=True) as desk:
        released = desk.release(ids)
        for row in released:
            _say(f"released {row.id}: {row.vendor} [{row.remote_id or row.appointment_id or 'a record'}]")
        asked = [row.id for row in desk.quarantines()] if everything else []
    for number in asked:
        _say(f"{number} asks what a record is: 'syncd quarantine release {number}' takes it for a new booking")
    if not released and not asked:
        _say("nothing is in quarantine")


@told
def end(setting: Setting, entry: int) -> None:
    """Say that syncd made a record about which it asks: the next cycle ends it at its vendor."""
    with _desk(setting, acting=True) as desk:
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
    for key, origin in sorted(known.provenance.items()):
        yield f"  {key} is {_short(plain(value_of(known.agreed, named(key))))}: {origin.text}"
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
