"""Plays: what befalls an account as a whole, each a last stage of some histories, when all is at rest."""

from __future__ import annotations

import random

from tests.simulation.plays.accounts import Account
from tests.simulation.plays.classes import Classes
from tests.simulation.plays.clocks import SetBack
from tests.simulation.plays.groups import Groups
from tests.simulation.plays.ids import NewIds
from tests.simulation.plays.shared import SharedAddress
from tests.simulation.plays.shifts import ZoneChanges
from tests.simulation.plays.small import SmallAccount
from tests.simulation.plays.staffing import Staffing
from tests.simulation.plays.stage import Stage

PLAYS: dict[str, type[Stage]] = {
    "account": Account,
    "class": Classes,
    "clock": SetBack,
    "group": Groups,
    "ids": NewIds,
    "shared": SharedAddress,
    "small": SmallAccount,
    "staff": Staffing,
    "zone": ZoneChanges,
}
"""By name."""

_SHARE = 0.3
"""The share of histories that have one."""


def drawn(seed: int) -> str | None:
    """The play of a seed's history, if it has one: from a stream of its own, so that the rest of it stays as it was."""
    rng = random.Random(f"plays {seed}")
    return rng.choice(sorted(PLAYS)) if rng.random() < _SHARE else None
