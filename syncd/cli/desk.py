"""The operator's commands: what happened, why, and the few things that a person decides.

What the guard holds has a module of its own, `held`.
"""

from __future__ import annotations

from collections import abc
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer

from syncd.assembly import open_ledger
from syncd.cli import stopping
from syncd.cli.failing import WrongUse, told
from syncd.cli.options import Setting
from syncd.cli.setting import load
from syncd.cli.who import login
from syncd.compare.atoms import named, value_of
from syncd.compare.phones import at_home_in
from syncd.config import Configuration
from syncd.engine.store.desk import Desk
from syncd.engine.store.entries import Explanation, PastCycle
from syncd.engine.store.rejecting import REJECTED
from syncd.report import one_line
from syncd.report.as_json import plain


def say(line: str) -> None:
    """A line on standard output. What people wrote at a vendor is in it."""
    typer.echo(one_line(line))


@contextmanager
def desk_at(setting: Setting, *, acting: bool = False) -> abc.Iterator[Desk]:
    """The desk of the configured store; `acting` opens it for writing."""
    stopping.heed()
    with desk_of(load(setting), acting=acting) as desk:
        yield desk


@contextmanager
def desk_of(configuration: Configuration, *, acting: bool = False) -> abc.Iterator[Desk]:
    """The same for a configuration that is read already."""
    ledger = open_ledger(configuration, readonly=not acting)
    try:
        with ledger.legible(), at_home_in(configuration.sync.region):
            yield Desk(ledger, operator=login())
    finally:
        ledger.close()


@told
def status(setting: Setting) -> None:
    """The last cycle, each vendor's last listing, and what waits."""
    stopping.heed()
    configuration = load(setting)
    with desk_of(configuration) as desk:
        tally, cycles, seen = desk.counts(), desk.cycles(1), desk.observations()
        asked, left = desk.questions()
        if not cycles:
            say("no cycle has run on this store yet")
        for cycle in cycles:
            ended = "has not ended"
            if cycle.finished_at:
                ended = f"ended {instant(cycle.finished_at)} with exit {cycle.exit_code}"
            say(f"last cycle {cycle.id} began {instant(cycle.started_at)}, {ended}")
            for line in _unread(cycle.report):
                say(line)
        for name, last in sorted(seen.items()):
            unread = f", {last.unread} not read yet" if last.unread else ""
            say(f"  {name}: listed completely {_when(last.at)}, {last.records} records{unread}")
        say(
            f"{tally.appointments} appointments "
            f"({tally.ended} ended, {tally.pending} waiting for work), "
            f"{tally.live} live records"
        )
        waiting = [
            (tally.unsettled, "operations without a known outcome: the next cycle looks for them"),
            (
                tally.held - tally.approved,
                "operations held: 'syncd approve --list' shows them, 'syncd approve' and 'syncd reject' decide",
            ),
            (tally.quarantined, "in quarantine: 'syncd quarantine' lists them"),
            (asked, "open conflicts: 'syncd conflicts' lists them"),
            (left, "text(s) differ since linking: 'syncd conflicts --at-linking' lists them"),
        ]
        for number, what in waiting:
            if number:
                say(f"{number} {what}")
    if configuration.exposed is not None:
        say(configuration.exposed.sentence)


@told
def history(setting: Setting, count: int) -> None:
    """The newest cycles, newest first, one line each."""
    with desk_at(setting) as desk:
        for cycle in desk.cycles(count):
            ending = "did not finish"
            if cycle.finished_at:
                ending = f"exit {cycle.exit_code}: {_summary(cycle)}"
            say(f"{instant(cycle.started_at)}  {cycle.id}  {ending}")


@told
def explain(setting: Setting, appointment: str) -> None:
    """Everything known of one appointment: its values and why, its records, its operations and conflicts."""
    with desk_at(setting) as desk:
        for line in _explained(desk.explain(appointment)):
            say(line)


@told
def link(setting: Setting, one: str, other: str) -> None:
    """Say that two are one appointment: the next cycle joins them."""
    with desk_at(setting, acting=True) as desk:
        kept = desk.link(one, other)
    say(f"the next cycle joins them as appointment {kept}")


@told
def unlink(setting: Setting, record: str) -> None:
    """Say that a record is not of its appointment: the next cycle makes it one of its own."""
    with desk_at(setting, acting=True) as desk:
        founded = desk.unlink(record)
    say(f"the next cycle makes it appointment {founded}, and each of both where it is lacking then")


@told
def list_conflicts(setting: Setting, *, at_linking: bool) -> None:
    """The conflicts that wait for a person; or with `at_linking` what records had otherwise when they were linked."""
    with desk_at(setting) as desk:
        found = desk.differences() if at_linking else desk.conflicts()
        for one in found:
            values = "; ".join(f"{vendor}: {_short(value)}" for vendor, value in one.values.items())
            say(f"{one.id}  {one.field} of {one.appointment}: {values}")
    nothing = "no linked records differ" if at_linking else "no open conflicts"
    say("'syncd conflicts resolve ID --winner VENDOR' decides one" if found else nothing)


@told
def resolve(setting: Setting, entry: int, winner: str) -> None:
    """Decide a conflict."""
    with desk_at(setting, acting=True) as desk:
        one = desk.resolve(entry, winner)
        say(f"conflict {entry} ({one.field} of {one.appointment}) is decided for {winner}")


@told
def list_quarantine(setting: Setting) -> None:
    """What is left alone, and why."""
    with desk_at(setting) as desk:
        entries = desk.quarantines()
    for entry in entries:
        since = instant(entry.since)
        say(f"{entry.id}  {entry.vendor} [{entry.what}] since {since}: {entry.reason}")
    say("'syncd quarantine release ID' tries one again" if entries else "nothing is in quarantine")


@told
def release(setting: Setting, ids: list[int], *, everything: bool) -> None:
    """Release entries, or with `everything` all of them: the next cycle tries them again."""
    if bool(ids) == everything:
        raise WrongUse("name the entries to release, or --all")
    with desk_at(setting, acting=True) as desk:
        released = desk.release(ids)
        for entry in released:
            say(f"released {entry.id}: {entry.vendor} [{entry.what}]")
        asked = [entry.id for entry in desk.quarantines()] if everything else []
    for number in asked:
        say(f"{number} asks what a record is: 'syncd quarantine release {number}' takes it for a new booking")
    if not released and not asked:
        say("nothing is in quarantine")


@told
def end(setting: Setting, entry: int) -> None:
    """Say that syncd made a record about which it asks: the next cycle ends it at its vendor."""
    with desk_at(setting, acting=True) as desk:
        found = desk.end(entry)
        say(f"the next cycle ends {found.vendor} [{found.remote_id}]")


def _unread(report: abc.Mapping[str, Any] | None) -> abc.Iterator[str]:
    for vendor in report["vendors"] if report is not None else ():
        if vendor["snapshot"] != "complete":
            yield f"  {vendor['name']} was not wholly read then ({vendor['snapshot']}): {vendor['error']}"


def _summary(cycle: PastCycle) -> str:
    report = cycle.report
    if report is None and cycle.idle:
        return "as the cycle before it" if cycle.exit_code else "nothing to do"
    if report is None:
        return "its report is no longer kept"
    said = [f"{number} {name}" for name, number in report["summary"].items() if number]
    unread = [one["name"] for one in report["vendors"] if one["snapshot"] != "complete"]
    said += [f"{name} not wholly read" for name in unread]
    return ", ".join(said) or "nothing to do"


def _explained(found: Explanation) -> abc.Iterator[str]:
    known = found.known
    yield f"appointment {known.id}: {known.agreed.summary()}"
    yield f"  status {known.agreed.status}"
    for key, origin in sorted(known.provenance.items()):
        yield f"  {key} is {_short(plain(value_of(known.agreed, named(key))))}: {origin.text}"
    for mapping in known.mappings:
        state = f"no longer used ({mapping.tombstone})" if mapping.tombstone else mapping.base.status.value
        version = "" if mapping.revision is None else f", version {mapping.revision}"
        yield f"  at {mapping.vendor} [{mapping.remote_id}]: {mapping.base.slot}, {state}{version}"
    for sent in found.journal:
        ending = f"{sent.state} {instant(sent.settled_at)}" if sent.settled_at else sent.state
        error = f" ({sent.error})" if sent.error else ""
        what = f"{instant(sent.intended_at)} {sent.action} at {sent.vendor}"
        yield f"  {what}: {ending}{error}, because {sent.reason}"
    for conflict in found.conflicts:
        won = f"{conflict.winner} won ({conflict.rule})" if conflict.winner else None
        how = conflict.resolution if conflict.rule == REJECTED else won
        how = how or conflict.resolution or "open"
        yield f"  {instant(conflict.seen_at)} conflict about {conflict.field}: {how}"
    for entry in found.quarantines:
        yield f"  in quarantine at {entry.vendor} since {instant(entry.since)}: {entry.reason}"


def _short(value: Any) -> str:
    if isinstance(value, dict) and "start" in value:
        return f"{value['start']} to {value['end']}"
    if isinstance(value, list):
        return ", ".join(_short(part) for part in value) or "none"
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part)
    return "none" if value in (None, "") else str(value)


def _when(moment: datetime | None) -> str:
    return f"at {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "before the clock was set back"


def instant(moment: datetime) -> str:
    """A moment as the store has it, to the microsecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
