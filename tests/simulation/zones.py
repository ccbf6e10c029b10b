"""Another edition of the zone database, for syncd alone: the vendors' own clocks go on as before.

before  the office's 10:00 is 09:00 UTC, and the others have 09:00 UTC
after   syncd takes the office's 10:00 for 08:00 UTC; nobody moved anything
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo

from syncd.engine.store import zones as stored
from syncd.model import wallclock
from syncd.model.edition import EDITION
from tests.simulation.world import World

HOUR = timedelta(hours=1)

EARLIER = {
    "America/Los_Angeles": "America/Denver",
    "America/Sao_Paulo": "America/Noronha",
    "America/Chicago": "America/New_York",
    "Europe/London": "Europe/Berlin",
    "Europe/Belgrade": "Europe/Athens",
}
"""Zones of the office and of the site, each with one whose clocks show any time about an hour earlier."""


@dataclass(slots=True)
class Zones:
    """The zone database of syncd's machine. It is the process's own, so that it must be put back."""

    editions: int = 0
    _true: abc.Callable[[str], tzinfo] = field(default_factory=lambda: wallclock._zone)
    _edition: str = EDITION

    def publish(self, moved: abc.Mapping[str, str] | None = None) -> None:
        """Another edition, in which these zones go by the clocks of others. A process that starts then has it."""
        self.editions += 1
        names = dict(moved or {})

        def zone(name: str) -> tzinfo:
            return self._true(names.get(name) or name)

        wallclock._zone = zone
        self._say(f"{2030 + self.editions}a")

    def restore(self) -> None:
        """As it was."""
        wallclock._zone = self._true  # type: ignore[assignment]
        self._say(self._edition)

    def _say(self, edition: str) -> None:
        for module in (wallclock, stored):
            module.EDITION = edition  # type: ignore[attr-defined]


def zone_of(world: World, vendor: str) -> str:
    """The zone of a vendor's clock on the wall; empty where its times say theirs, or nothing is known to move it."""
    zone = world.vendors[vendor].behaviour.get("zone")
    return zone if zone in EARLIER else ""
