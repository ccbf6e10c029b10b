"""What the guard holds: shown to a person, who releases it or rejects what it comes from.

Nothing is released or rejected that nobody named: without a terminal to ask at, the command line has to say what is
meant. A rejection is planned first, as a dry run on a copy of the store in which it is decided already; that plan is
what is asked about, and what the guard lets pass then.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass

from syncd import report
from syncd.cli import stopping
from syncd.cli.asking import agreed, at_a_terminal
from syncd.cli.cycles import with_works
from syncd.cli.desk import desk_of, instant, say
from syncd.cli.failing import WrongUse, told
from syncd.cli.options import Setting
from syncd.cli.setting import load
from syncd.cli.who import login
from syncd.cli.works import Works
from syncd.compare.phones import at_home_in
from syncd.config import Configuration
from syncd.daemon import once
from syncd.engine.result import CycleResult, StepResult
from syncd.engine.store.desk import Desk, not_held
from syncd.engine.store.entries import HeldEntry
from syncd.engine.store.refusals import NotRejectable
from syncd.engine.store.rejecting import Rejection
from syncd.model.appointment import Field
from syncd.model.errors import VendorError
from syncd.model.plan import Action, Outcome, Step
from syncd.model.record import Record

_NAMING = "name operations or vendors, or --all"
Choice = abc.Callable[[abc.Sequence[HeldEntry]], abc.Sequence[HeldEntry]]
"""Of all that is held, what somebody means."""


@told
def approve(setting: Setting, names: list[str], *, everything: bool, listing: bool) -> None:
    """Release what the guard holds, by operation or vendor or all of it; or with `listing` show it.

    Where nothing is named, it is shown, and asked about at a terminal.
    """
    if listing and (names or everything):
        raise WrongUse("--list shows all that is held: name nothing beside it")
    if names and everything:
        raise WrongUse(f"{_NAMING}, and not both")
    stopping.heed()
    configuration = load(setting)
    if names or everything:
        _release(configuration, _choice(configuration, names))
        return
    waiting = _listed(configuration)
    if listing:
        return
    if not at_a_terminal():
        raise WrongUse(f"nothing was released: {_NAMING}")
    if waiting and agreed(f"Release these {len(waiting)} operations?"):
        asked = {entry.operation for entry in waiting}
        _release(configuration, lambda held: [entry for entry in held if entry.operation in asked])
    elif waiting:
        say("nothing was released")


@told
def reject(setting: Setting, names: list[str], *, everything: bool, yes: bool) -> None:
    """Show what takes back the changes that held operations come from; with `yes`, or once it is asked, decide so."""
    if bool(names) == everything:
        raise WrongUse(_NAMING)
    stopping.heed()
    configuration = load(setting)
    planned = _planned(configuration, _choice(configuration, names))
    for line in planned.lines():
        say(line)
    if not planned.rejections:
        return
    if not yes and not (at_a_terminal() and agreed("Reject it, and have this written by the next cycle?")):
        say("nothing was changed: the same with --yes does it")
        return
    with desk_of(configuration, acting=True) as desk:
        done = desk.reject(planned.named, [step.operation for step in planned.steps])
    for one in done:
        for entry in (one.named, *filter(one.settles, one.others)):
            say(f"rejected {_what(entry)}")
    say("the next cycle writes what is planned")


@dataclass(frozen=True)
class _Planned:
    """What is rejected, and what takes it back."""

    rejections: abc.Sequence[Rejection]
    steps: abc.Sequence[StepResult]

    @property
    def named(self) -> list[str]:
        """The operations that were named, of each change one."""
        return [one.named.operation for one in self.rejections]

    def lines(self) -> abc.Iterator[str]:
        """The plan for a person."""
        if not self.rejections:
            yield "nothing is held"
        for one in self.rejections:
            yield f"to reject {_what(one.named)}"
            for other in one.others:
                whole = "with it" if one.settles(other) else "a part of another"
                yield f"  and {whole}, as it comes from the same change, {_what(other)}"
            for step in self.steps:
                if _is_of(step.operation, one):
                    yield from report.planned_lines(step)


def _planned(configuration: Configuration, choose: Choice) -> _Planned:
    """What a rejection comes to. Raises NotRejectable where it could not be put back."""

    async def plan(works: Works) -> _Planned:
        desk = Desk(works.ledger, operator=login())
        with works.ledger.legible(), at_home_in(configuration.sync.region):
            chosen = choose(desk.held())
            if not chosen:
                return _Planned([], [])
            rejections = desk.reject([entry.operation for entry in chosen])
            left = {entry.operation for entry in desk.held()}
        engine = (await works.begin(configuration)).engine
        await _ask_for_missing(works, rejections)
        result = await once(engine, after=stopping.remember, dry_run=True)
        steps = [step for step in result.steps if _takes_back(step, rejections) and step.operation.id not in left]
        _require_possible(configuration, rejections, steps, result)
        return _Planned(rejections, steps)

    return with_works(configuration, plan, dry_run=True)


async def _ask_for_missing(works: Works, rejections: abc.Iterable[Rejection]) -> None:
    """Nothing is made anew that a vendor has after all."""
    for one in rejections:
        for mapping in one.missing:
            where = f"record {mapping.remote_id} of {mapping.vendor}"
            try:
                answer = await works.vendors[mapping.vendor].get(mapping.remote_id, mapping.base, mapping.guests)
            except VendorError as error:
                raise NotRejectable(f"{where} cannot be made anew before it is known to be gone: {error}") from None
            if isinstance(answer, Record):
                raise NotRejectable(f"{where} is there after all: nothing has to be put back; the next cycle sees it")


def _takes_back(step: StepResult, rejections: abc.Iterable[Rejection]) -> bool:
    """Whether an operation of the plan follows from one of these."""
    undone = step.outcome in (Outcome.PLANNED, Outcome.HELD) and step.operation.action is not Action.ADOPT
    return undone and any(_is_of(step.operation, one) for one in rejections)


def _is_of(operation: Step, rejection: Rejection) -> bool:
    """Whether an operation follows from a rejection. To cancel does only where a revival is rejected: whatever else is
    to be cancelled by now, nobody has been asked about.
    """
    if operation.appointment != rejection.appointment or (operation.action is Action.CANCEL and not rejection.ends):
        return False
    return not _brings(operation).isdisjoint(rejection.fields)


def _brings(operation: Step) -> frozenset[Field]:
    """The fields that an operation writes; a record that is made says that the appointment stands."""
    made = {Field.STATUS} if operation.action is Action.CREATE else set()
    return frozenset({*operation.changes, *made})


def _require_possible(
    configuration: Configuration,
    rejections: abc.Iterable[Rejection],
    steps: abc.Sequence[StepResult],
    result: CycleResult,
) -> None:
    """Refuse where the record from which a change came would stay as it is."""
    written = {(step.operation.appointment, step.operation.vendor) for step in steps}
    for one in rejections:
        for origin in sorted(one.origins):
            if (one.appointment, origin) not in written:
                why = _why_not(configuration, one, origin, result)
                raise NotRejectable(
                    f"{one.named.operation} cannot be rejected: {origin} would not take it back: {why}; "
                    "nothing was changed"
                )


def _why_not(configuration: Configuration, rejection: Rejection, origin: str, result: CycleResult) -> str:
    vendor = next((one for one in configuration.vendors if one.name == origin), None)
    if vendor is None:
        return "it is not configured any more"
    if vendor.settings.read_only:
        return f"[vendors.{origin}] is read_only"
    read = next((one for one in result.vendors if one.name == origin), None)
    if read is not None and read.snapshot != "complete":
        return f"it was not wholly read ({read.error})"
    left = [one for one in result.quarantined if one.vendor == origin and one.appointment == rejection.appointment]
    put_off = [sentence for sentence in result.waiting if f" at {origin} put off" in sentence]
    if left or put_off:
        return left[0].reason if left else put_off[0]
    return (
        "it can neither change this back nor make the record anew, now or at all; or somebody has put it back there "
        "already, which the next cycle sees"
    )


def _release(configuration: Configuration, choose: Choice) -> None:
    with desk_of(configuration, acting=True) as desk:
        held = desk.held()
        chosen = [entry.operation for entry in choose(held)]
        released = desk.approve(chosen) if chosen else []
    for entry in held:
        if entry.operation in released:
            say(f"released {_what(entry)}")
    if not released:
        say("nothing is held that is not released already")


def _choice(configuration: Configuration, names: abc.Sequence[str]) -> Choice:
    """What these names stand for; without any, all of it."""
    return lambda held: _chosen(held, names, configuration) if names else held


def _chosen(held: abc.Sequence[HeldEntry], names: abc.Iterable[str], configuration: Configuration) -> list[HeldEntry]:
    """What is held at a vendor, or has this id, or an id that starts so. Raises NotFound."""
    vendors = {vendor.name for vendor in configuration.vendors} | {entry.vendor for entry in held}
    found: dict[str, HeldEntry] = {}
    for name in names:
        at_vendor = name in vendors
        some = [one for one in held if (one.vendor == name if at_vendor else one.operation.startswith(name))]
        if not at_vendor and len(some) != 1:
            raise not_held(name, len(some))
        found |= {one.operation: one for one in some}
    return list(found.values())


def _listed(configuration: Configuration) -> list[HeldEntry]:
    """Show all that is held; returns what nobody has released."""
    with desk_of(configuration) as desk:
        held = desk.held()
    for entry in held:
        at, by = entry.approved_at, entry.approved_by
        state = f"released at {instant(at)} by {by}" if at else "held"
        say(f"{entry.operation}  {state}: {entry.action} at {entry.vendor}: {entry.summary}")
        if entry.action not in (Action.CREATE, Action.CANCEL):
            for line in report.changed_lines(entry.changes):
                say(f"    {line}")
        say(f"    {entry.reason}")
    ways = "'syncd approve ID', a vendor's name or --all releases it; 'syncd reject ID' takes back what led to it"
    say(ways if held else "nothing is held")
    return [entry for entry in held if entry.approved_at is None]


def _what(entry: HeldEntry) -> str:
    return f"{entry.operation}: {entry.action} at {entry.vendor}: {entry.summary}"
