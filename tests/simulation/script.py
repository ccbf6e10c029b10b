"""A history as it is written before it is played: who is cast, what people do when, what goes wrong.

Everything follows from the seed. `LEVELS` names what may happen: for finding bugs, the poorer worlds come first.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.sandbox import KINDS as SERVERS
from tests.simulation.faults import Death, Mishap, absurd, any_death, any_mishap, late_create, too_late
from tests.simulation.people import KINDS, Act
from tests.simulation.plays import drawn
from tests.simulation.world import NAMES, Cast

LEVELS = ("edits", "races", "faults", "deaths")
"""What may happen, each with all before it: edits between cycles, and during them, faults on the way, sudden ends."""

EDITS, FAULTS, CYCLES = 20, 5, 8
"""The least of each in a history."""

_ROUNDS = (6, 9)
"""How many rounds follow the first; two cycles at least come after them, when people and faults have stopped."""
_RESERVE = 8

_WEIGHTS = {
    "move": 24,
    "resize": 4,
    "notes": 9,
    "title": 5,
    "location": 4,
    "name": 4,
    "email": 3,
    "phone": 3,
    "cancel": 11,
    "delete": 7,
    "revive": 9,
    "complete": 1,
    "no_show": 1,
    "pend": 1,
    "create": 10,
    "untwin": 1,
}
_UNKIND = 0.35
"""The share of histories in which every vendor is at its least kind; in the others each switch is drawn by itself."""
_TOO_LATE, _STEPPED, _ABSURD, _EDITION, _NEW_RULES = 0.3, 0.08, 0.25, 0.08, 0.15
"""The shares of histories in which a create may be carried out too late, in which syncd's clock is set, in which a
vendor answers absurdly, in which a new edition of the zone database comes, and in which one changes the rules."""
_LATE_CREATE = 0.15
"""The share in which one more create may be carried out late, while syncd still waits for it."""
_STARTS = ("2026-03-02", "2026-03-20", "2026-06-10", "2026-10-19", "2026-12-21")


@dataclass(frozen=True, slots=True)
class Interrupt:
    """An act in the middle of a cycle: at the `number`th request, or just before or after the `number`th write.

    `here`: at that request's vendor and on that very appointment, whatever the act says.
    """

    trigger: str
    number: int
    act: Act
    here: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What people do, how long nothing happens, and then a cycle with what befalls it. `due`: only those are polled."""

    acts: tuple[Act, ...] = ()
    wait: float = 120.0
    mishaps: tuple[Mishap, ...] = ()
    interrupts: tuple[Interrupt, ...] = ()
    death: Death | None = None
    due: frozenset[str] | None = None
    operator: bool = False
    """Whether an operator looks in before the cycle: approves what is held, and decides open conflicts."""
    stop: int = 0
    """The request at which the process is asked to stop, as by SIGTERM; 0: none."""
    step: float = 0.0
    """By so many seconds somebody sets the clock of syncd's machine before the cycle."""
    edition: bool = False
    """Whether syncd is started again before the cycle with another edition of the zone database, of the same rules."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing befalls its cycle: then a dry run before it plans what it will do."""
        return not (self.mishaps or self.interrupts or self.death or self.stop) and self.due is None


@dataclass(frozen=True, slots=True)
class Script:
    """A whole history. `reserve` are rounds that are played only if too little happened in the others.

    `new_rules`: when all is at rest, a new edition of the zone database changes the rules of some zones.
    """

    seed: int
    cast: Cast
    rounds: tuple[Round, ...]
    reserve: tuple[Round, ...] = ()
    new_rules: bool = False
    play: str | None = None
    """What befalls an account as a whole in the end: see `plays`."""


def write(seed: int, level: str = LEVELS[-1]) -> Script:
    """The history of a seed."""
    rng = random.Random(f"history {seed}")
    most = LEVELS.index(level)
    cast = _cast(rng)
    first = Round(acts=_births(rng), wait=rng.uniform(1, 600))
    rounds = [first, *(_round(rng, most) for _ in range(rng.randint(*_ROUNDS)))]
    if most >= LEVELS.index("faults"):
        rounds = _with_faults(rng, rounds)
        rounds = _with_steps(rng, rounds)
        rounds = _with_absurd_answers(rng, rounds)
        rounds = _with_an_edition(rng, rounds)
        rounds = _with_a_late_create(random.Random(f"late create {seed}"), rounds)
    reserve = [_round(rng, 0) for _ in range(_RESERVE)]
    if most >= LEVELS.index("faults"):
        reserve = [replace(one, mishaps=(_sure_mishap(rng), _sure_mishap(rng))) for one in reserve]
    reserve += [_round(rng, 0) for _ in range(4 * _RESERVE)]
    return Script(seed, cast, tuple(rounds), tuple(reserve), rng.random() < _NEW_RULES, drawn(seed))


def _births(rng: random.Random) -> tuple[Act, ...]:
    born = [Act("create", rng.choice(KINDS["create"]), 0, rng.getrandbits(30)) for _ in range(rng.randint(2, 5))]
    if rng.random() < 0.15:
        born.append(Act("twins", rng.choice(KINDS["twins"]), 0, rng.getrandbits(30)))
    return tuple(born)


def _round(rng: random.Random, most: int) -> Round:
    acts: list[Act] = []
    for _ in range(rng.choice((1, 2, 2, 3))):
        acts += _rivals(rng) if rng.random() < 0.35 else [_act(rng)]
    races = most >= LEVELS.index("races") and rng.random() < 0.55
    dies = most >= LEVELS.index("deaths") and rng.random() < 0.3
    return Round(
        acts=tuple(acts),
        wait=rng.choice((5, 60, 120, 120, 900, 7200)) * rng.uniform(0.7, 1.3),
        interrupts=tuple(_interrupt(rng) for _ in range(rng.randint(1, 3))) if races else (),
        death=any_death(rng) if dies else None,
        due=frozenset(rng.sample(sorted(NAMES), rng.randint(1, 2))) if rng.random() < 0.1 else None,
        operator=rng.random() < 0.2,
        stop=rng.randint(1, 40) if dies and rng.random() < 0.15 else 0,
    )


def _with_faults(rng: random.Random, rounds: list[Round]) -> list[Round]:
    """Faults strewn over all rounds but mostly not the first: some come together, some last for several cycles."""
    made = list(rounds)
    for _ in range(rng.randint(FAULTS + 1, FAULTS + 6)):
        mishap = any_mishap(rng)
        place = rng.randrange(len(made))
        for number in range(place, min(len(made), place + rng.choice((1, 1, 1, 2, 4)))):
            made[number] = replace(made[number], mishaps=(*made[number].mishaps, mishap))
    if rng.random() < _TOO_LATE:
        mishap, place = too_late(rng), rng.choice((0, 0, 0, 1, 2, 3))
        for number in range(place, min(len(made), place + rng.choice((1, 2, 4)))):
            made[number] = replace(made[number], mishaps=(*made[number].mishaps, mishap))
    return made


def _with_a_late_create(rng: random.Random, rounds: list[Round]) -> list[Round]:
    """In some histories a create is carried out late but in time. Drawn by itself: the others stay as they were."""
    if rng.random() >= _LATE_CREATE:
        return rounds
    mishap, place = late_create(rng), rng.choice((0, 0, 1, 2, 3))
    return [
        replace(one, mishaps=(*one.mishaps, mishap)) if number == place else one for number, one in enumerate(rounds)
    ]


def _with_steps(rng: random.Random, rounds: list[Round]) -> list[Round]:
    """In some histories somebody sets the clock of syncd's machine, mostly back."""
    if rng.random() >= _STEPPED:
        return rounds
    made = list(rounds)
    for _ in range(rng.randint(1, 2)):
        place, back = rng.randrange(1, len(made)), rng.choice((-1, -1, 1))
        made[place] = replace(made[place], step=back * rng.choice((30, 300, 3_600, 10_800)) * rng.uniform(0.5, 1))
    return made


def _with_absurd_answers(rng: random.Random, rounds: list[Round]) -> list[Round]:
    """In some histories vendors answer as nobody would foresee, some of them for several cycles."""
    if rng.random() >= _ABSURD:
        return rounds
    made = list(rounds)
    for _ in range(rng.randint(1, 3)):
        mishap, place = absurd(rng), rng.randrange(len(made))
        for number in range(place, min(len(made), place + rng.choice((1, 1, 3)))):
            made[number] = replace(made[number], mishaps=(*made[number].mishaps, mishap))
    return made


def _with_an_edition(rng: random.Random, rounds: list[Round]) -> list[Round]:
    """In some histories syncd gets a new edition of the zone database, whose rules are the same here."""
    if rng.random() >= _EDITION:
        return rounds
    place = rng.randrange(1, len(rounds))
    return [replace(one, edition=one.edition or number == place) for number, one in enumerate(rounds)]


def _sure_mishap(rng: random.Random) -> Mishap:
    """A fault that befalls any cycle: at a listing, which there always is."""
    vendor, kind = rng.choice(sorted(NAMES)), rng.choice(("refused", "html", "truncate", "hang", "reset_body"))
    return Mishap(kind, vendor, "list")


def _act(rng: random.Random) -> Act:
    kind = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    return Act(kind, rng.choice(KINDS[kind]), rng.randrange(1000), rng.getrandbits(30))


def _rivals(rng: random.Random) -> list[Act]:
    """Two people at two vendors with the same appointment before them."""
    one, other = _act(rng), _act(rng)
    places = [place for place in KINDS[other.kind] if place != one.vendor] or [other.vendor]
    return [one, replace(other, vendor=rng.choice(places), who=one.who)]


def _interrupt(rng: random.Random) -> Interrupt:
    trigger = rng.choice(("request", "before_write", "after_write"))
    number = rng.randint(1, 60) if trigger == "request" else rng.randint(1, 8)
    return Interrupt(trigger, number, _act(rng), here=trigger != "request" and rng.random() < 0.7)


# -- the cast -----------------------------------------------------------------------------------------------------


def _cast(rng: random.Random) -> Cast:
    start = datetime.strptime(rng.choice(_STARTS), "%Y-%m-%d").replace(tzinfo=UTC)
    rule = rng.choices(("newest", "priority", "manual"), (62, 20, 18))[0]
    unkind = rng.random() < _UNKIND
    drawn = {"crm": _crm, "book": _book, "office": _office, "site": _site}
    return Cast(
        start=start + timedelta(minutes=rng.randrange(24 * 60), seconds=rng.uniform(0, 60)),
        behaviour={
            name: _common(rng) | draw(rng) | dict(SERVERS[NAMES[name]].unkind if unkind else {})
            for name, draw in drawn.items()
        },
        skew={name: timedelta(seconds=rng.choice((0, rng.uniform(-600, 600)))) for name in NAMES},
        sync={
            "conflict": rule,
            "cancel_wins": rng.random() < 0.8,
            "priority": rng.sample(sorted(NAMES), len(NAMES)),
            "interval": "2m",
        },
        pages=rng.choice((100, 3)),
        in_file=rng.random() < 0.02,
        guard=_guard(rng),
    )


def _guard(rng: random.Random) -> dict[str, Any]:
    """The limits of a careful operator, now and then: fewer appointments are cast than the usual ones let pass."""
    if rng.random() < 0.8:
        return {}
    return {
        "max_cancels": {"count": rng.choice((0, 1, 2)), "percent": rng.choice((0, 20))},
        "max_changes": {"count": rng.choice((1, 3, 10)), "percent": rng.choice((0, 50))},
    }


def _common(rng: random.Random) -> dict[str, Any]:
    return {
        "trim_title": rng.choice((None, None, None, 12)),
        "round_minutes": rng.choice((None, None, None, 5, 15)),
        "drop_notes": rng.random() < 0.08,
    }


def _crm(rng: random.Random) -> dict[str, Any]:
    return {
        "list_rows": rng.choice(("reference", "full")),
        "get_rows": rng.choice(("reference", "full")),
        "attendees_in_get": rng.random() < 0.85,
        "attendees": rng.choice(("agent", "others", "everybody")),
        "order": rng.choice(("asc", "desc", "insertion")),
        "stale_version": rng.choice(("409", "409", "400", "ignored")),
        "cancelled_listed": rng.random() < 0.8,
    }


def _book(rng: random.Random) -> dict[str, Any]:
    return {
        "times": rng.choice(("recorded", "reference", "mixed")),
        "hours": rng.choice(("12h", "24h")),
        "paging": rng.choice(("doc", "reference")),
        "create_status": rng.choice((200, 201)),
        "refusal": rng.choice(("doc", "reference")),
        "retry_after_header": rng.random() < 0.5,
        "calendar_zone": rng.choice(("America/New_York", "Europe/Berlin", "Asia/Kolkata")),
    }


def _office(rng: random.Random) -> dict[str, Any]:
    return {
        "zone": rng.choice(("America/Los_Angeles", "America/Sao_Paulo", "Europe/London")),
        "envelope": rng.choice(("wrapped", "bare")),
        "answers": rng.choice(("partial", "full")),
        "id_key": rng.choice(("_id", "id")),
        "strict_dates": rng.random() < 0.5,
        "cancelled_status": rng.choice((None, None, "canceled")),
        "enforce_conflicts": rng.random() < 0.05,
    }


def _site(rng: random.Random) -> dict[str, Any]:
    return {
        "generation": rng.choice(("1.x", "2.0", "2.1.3", "2.4")),
        "errors_as_conflict": rng.random() < 0.5,
        "error_messages": rng.random() < 0.5,
        "list_shape": rng.choice(("honour", "by_date")),
        "empty_as_array": rng.random() < 0.5,
        "shuffle_ties": rng.random() < 0.2,
        "enforce_slots": rng.random() < 0.12,
        "customer_conflict": rng.random() < 0.05,
        "zone": rng.choice(("Europe/Belgrade", "America/Chicago", "+02:00")),
        "flags": rng.choice(("int", "text", "bool", "generation")),
        "by_id": rng.choice(("reference", "generation")),
        "slot_step": rng.choice((None, 30)),
        "hours": rng.choice((None, None, ("06:00", "22:00"))),
        "settings": rng.choice(("yes", "403", "404")),
    }
