"""Where a run of the command is interrupted: between which two of its steps, and by which signal.

Decides what a moment is and how one is drawn. `watch` makes those at the vendors true, `inside` those in the process.
"""

from __future__ import annotations

import json
import random
import signal
from collections import abc
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

VARIABLE = "SYNCD_TEST_MOMENT"
"""The environment variable that carries a moment to `inside`."""

HOOK = "tests.kills.inside"
"""The module that a run loads first, where it is interrupted from inside."""


MARK = "interrupted"
"""The file in the folder of a run by which `inside` says that it sent the signal."""


class Place(StrEnum):
    """What is counted until the interruption."""

    REQUEST = "request"  # requests as the vendors get them
    WRITE = "write"  # those of them that ask for a change
    COMMIT = "commit"  # commits of the state store
    SEND = "send"  # requests as the process sends them; after: its answer is there
    CALL = "call"  # calls of syncd's own functions
    SYSTEM_CALL = "system call"  # commits, of which 0 is the taking of the lock; then the next system call of a name
    BYTE = "byte"  # bytes of any one file: the process dies in the middle of a write of SQLite's
    FULL = "full"  # the same, but the write fails, as on a full disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The interruption comes before, or right after, thing number `number` (from 1) of a kind.

    After a request at the vendor means: it is carried out, and its answer not sent. `vendor` counts only requests to
    that one. `again`: and at every line that the process runs from then on.
    """

    place: Place
    number: int
    after: bool = False
    vendor: str | None = None
    signal: int = signal.SIGKILL
    again: bool = False
    name: str | None = None

    def __str__(self) -> str:
        when = "after" if self.after else "before"
        if self.place is Place.SYSTEM_CALL:
            return f"at the first {self.name} {when} the end of commit {self.number}"
        where = f" at {self.vendor}" if self.vendor else ""
        again = " and ever again" if self.again else ""
        return f"{when} {self.place} {self.number}{where}{again}"

    @property
    def outside(self) -> bool:
        """Whether it comes from the vendors' side: the command runs as it is."""
        return self.place in OUTSIDE

    @property
    def stops(self) -> bool:
        """Whether the run may end in its own way."""
        return self.signal == signal.SIGTERM

    @property
    def environ(self) -> dict[str, str]:
        """The environment that tells `inside` of it."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def told(cls, environ: abc.Mapping[str, str]) -> Moment | None:
        """The moment of which an environment tells, if it does."""
        if VARIABLE not in environ:
            return None
        values = json.loads(environ[VARIABLE])
        return cls(**{**values, "place": Place(values["place"])})

    @property
    def options(self) -> dict[str, Any]:
        """How to start a run that is interrupted so."""
        return {} if self.outside else {"environ": self.environ, "imports": (HOOK,)}


OUTSIDE = (Place.REQUEST, Place.WRITE)

_WEIGHTS = {
    Place.REQUEST: 4,
    Place.WRITE: 6,
    Place.COMMIT: 5,
    Place.SEND: 3,
    Place.CALL: 4,
    Place.SYSTEM_CALL: 6,
    Place.BYTE: 2,
}

_DEADLY = (Place.SYSTEM_CALL, Place.BYTE)
"""Where the kernel ends the process: no other signal can come."""

_STOPS = 0.3
"""The share of interruptions elsewhere that are a SIGTERM."""

_STORMS = 0.2
"""The share of those from inside that come again and again."""

_NAMES = {"fsync": 4, "pwrite": 3, "fcntl": 2, "unlink": 2, "ftruncate": 2, "link": 1, "flock": 1}

# How many of each a run makes without any write, and for each write; measured, and no more than a hint.
_USUAL = {
    Place.REQUEST: (4, 3.5),
    Place.WRITE: (0, 1.0),
    Place.COMMIT: (3, 2.0),
    Place.SEND: (4, 3.5),
    Place.CALL: (4000, 700.0),
    Place.SYSTEM_CALL: (3, 2.0),
    Place.BYTE: (33_000, 9_000.0),
}


def drawn(rng: random.Random, writes: int, places: abc.Collection[Place] = tuple(_WEIGHTS)) -> Moment:
    """A moment in a run that is expected to make so many writes; it may come after the run's end."""
    place = rng.choices(list(places), [_WEIGHTS[place] for place in places])[0]
    base, each = _USUAL[place]
    first = 33_000 if place is Place.BYTE else 1
    last = max(first, round(base + each * writes))
    moment = Moment(place=place, number=rng.randint(first, last), after=rng.random() < 0.5)
    if place is Place.SYSTEM_CALL:
        return _named(rng, moment)
    if place in _DEADLY or rng.random() >= _STOPS:
        return moment
    return replace(moment, signal=signal.SIGTERM, again=not moment.outside and rng.random() < _STORMS)


def _named(rng: random.Random, moment: Moment) -> Moment:
    """Such a moment at a system call. Some are made only while a run begins."""
    name = rng.choices(list(_NAMES), list(_NAMES.values()))[0]
    if name == "flock":
        return replace(moment, name=name, number=0, after=False)
    return replace(moment, name=name, number=0 if name == "link" or rng.random() < 0.2 else moment.number)
