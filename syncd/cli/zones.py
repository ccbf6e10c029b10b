"""The answer to a vendor whose zone changed: shown as a plan first, which is what is asked about.

It is planned as a rejection is, by a dry run on a copy of the store in which the answer is given already.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass

from syncd import report
from syncd.cli import stopping
from syncd.cli.asking import agreed, at_a_terminal
from syncd.cli.cycles import with_works
from syncd.cli.desk import desk_of, say
from syncd.cli.failing import WrongUse, told
from syncd.cli.options import Setting
from syncd.cli.setting import load
from syncd.cli.who import login
from syncd.cli.works import Works
from syncd.compare.phones import at_home_in
from syncd.config import Configuration, meant
from syncd.daemon import once
from syncd.engine.result import CycleResult, StepResult
from syncd.engine.store.desk import Desk
from syncd.engine.store.rezoning import Timed
from syncd.model.appointment import Field
from syncd.model.plan import Outcome
from syncd.model.wording import zone_in_question

_UNTOLD = "people entered it at several vendors and nobody ever moved it, so that nothing tells whose time is right"


@dataclass(frozen=True)
class _Planned:
    """The answers, what will be written for them, and what of that is put off."""

    answers: abc.Sequence[Timed]
    steps: abc.Sequence[StepResult] = ()
    waiting: abc.Sequence[str] = ()

    def lines(self) -> abc.Iterator[str]:
        """The plan for a person."""
        for one in self.answers:
            what = _what(one)
            if one.winner is None:
                yield f"left open: {what}: {_UNTOLD}: 'syncd conflicts resolve {one.conflict.id} --winner VENDOR'"
                continue
            yield f"to decide for {one.winner}: {what}"
            for step in self.steps:
                if step.operation.appointment == one.conflict.appointment:
                    yield from report.planned_lines(step)
        yield from self.waiting


@told
def answer(setting: Setting, vendor: str, *, moved: bool, yes: bool) -> None:
    """Decide all that a changed zone of a vendor brought: for its own times, where all of it was `moved`, else for
    those of the vendor from which each appointment has its time. With `yes`, or once it is asked.
    """
    stopping.heed()
    configuration = load(setting)
    names = [one.name for one in configuration.vendors]
    planned = with_works(configuration, lambda works: _plan(works, configuration, vendor, moved=moved), dry_run=True)
    if not planned.answers:
        if vendor not in names:
            raise WrongUse(f"{vendor}: no vendor has this name; {meant(vendor, names)}")
        say(f"no open conflict of {vendor} comes from a zone")
        return
    for line in planned.lines():
        say(line)
    given = [one for one in planned.answers if one.winner is not None]
    if not given:
        return
    if not yes and not (at_a_terminal() and agreed("Decide so, and have this written by the next cycle?")):
        say("nothing was changed: the same with --yes does it")
        return
    with desk_of(configuration, acting=True) as desk:
        desk.say_times(given, [step.operation for step in planned.steps])
    for one in given:
        say(f"{_what(one)} is decided for {one.winner}")
    say("the next cycle writes what is planned")


async def _plan(works: Works, configuration: Configuration, vendor: str, *, moved: bool) -> _Planned:
    desk = Desk(works.ledger, operator=login())
    with works.ledger.legible(), at_home_in(configuration.sync.region):
        answers = desk.timed(vendor, moved=moved)
        if not any(one.winner for one in answers):
            return _Planned(answers)
        desk.say_times(answers)
    result = await once((await works.begin(configuration)).engine, after=stopping.remember, dry_run=True)
    _require_read(result)
    appointments = {one.conflict.appointment for one in answers if one.winner}
    steps = [step for step in result.steps if _moves(step) and step.operation.appointment in appointments]
    return _Planned(answers, steps, [line for line in result.waiting if zone_in_question(vendor) in line])


def _what(one: Timed) -> str:
    return f"conflict {one.conflict.id} ({one.conflict.field} of {one.conflict.appointment})"


def _moves(step: StepResult) -> bool:
    return Field.SLOT in step.operation.changes and step.outcome in (Outcome.PLANNED, Outcome.HELD)


def _require_read(result: CycleResult) -> None:
    """What will be written can be shown only as far as every vendor was read."""
    for one in result.vendors:
        if one.snapshot != "complete":
            raise WrongUse(f"{one.name} was not wholly read ({one.error}): nothing was changed; try again later")
