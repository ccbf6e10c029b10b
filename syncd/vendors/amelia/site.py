"""What an Amelia site says of itself: its clock, its build, how far apart it offers starts; and
whether to believe it.

`timezone` in the configuration is what all times hang on, so it is held against the site's own
clock: by what both show over the window, as a fixed offset and a zone may be one clock for months.
Where they differ, no time of that site is believed. The answer is remembered for some hours, and
never for a difference or for another window.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime, timedelta

from syncd.model.catalogue import Catalogue
from syncd.model.errors import BudgetSpent, InvalidTime, Misconfigured, Unreachable, Unreadable
from syncd.model.times import Window
from syncd.model.wallclock import WallClock, first_difference
from syncd.vendors.amelia.build import UNKNOWN, Build
from syncd.vendors.amelia.client import ApiClient
from syncd.vendors.amelia.facts import Facts, read_facts
from syncd.vendors.port import Notice

_EVERY = timedelta(hours=6)
"""So long what was read is taken as still so."""
_AHEAD = timedelta(days=7)
"""Further than the window, so that the clocks need not be compared in every cycle."""
_FINE = timedelta(minutes=5)
"""A step of starts at which the order of creates made no difference (amelia-measured)."""
_USUAL = timedelta(minutes=30)
"""The step that Amelia is installed with (amelia-measured)."""


class Site:
    """What is known of one site, `vendor` by its configured name; `wall` is the configured clock."""

    def __init__(
        self,
        vendor: str,
        client: ApiClient,
        wall: WallClock,
        catalogue: Catalogue,
        clock: abc.Callable[[], datetime],
    ) -> None:
        self._vendor = vendor
        self._client = client
        self._wall = wall
        self._durations = [row.duration for row in catalogue.services if vendor in row.ids]
        self._clock = clock
        self._agree: Window | None = None
        self.facts: Facts | None = None

    @property
    def build(self) -> Build:
        """The build that it runs, as far as it has said so."""
        return UNKNOWN if self.facts is None else Build.of(self.facts.version)

    @property
    def step(self) -> timedelta:
        """How far apart it offers starts; where it has not said so, as it is installed."""
        return timedelta(seconds=self.facts.step) if self.facts and self.facts.step else _USUAL

    async def build_now(self) -> Build:
        """The build as the site says it in this moment; an unknown one where it does not. May raise `BudgetSpent`."""
        before = self.facts
        await self._ask()
        return UNKNOWN if self.facts is before else self.build

    def recall(self, facts: Facts | None) -> None:
        """Take in what `facts` was in an earlier process."""
        self.facts = facts

    async def believe(self, window: Window) -> None:
        """Return where times of this window may be believed; raise `Misconfigured` where not.

        Raises `Unreachable` or `BudgetSpent` where the settings were never read and cannot be now;
        a site that does not give them to this key is believed, as nobody can tell.
        """
        asked = self._outdated
        if asked:
            await self._ask()
        said = self.difference(window)
        if said is not None and not asked:
            await self._ask()
            said = self.difference(window)
        if said is not None:
            raise Misconfigured(self._vendor, f"{said}. None of its times is believed until then")

    def difference(self, window: Window) -> str | None:
        """How the two clocks differ in this window; None where they agree, or nothing is told."""
        agreed, theirs = self._agree, self._theirs
        if theirs is None or (agreed and agreed.since <= window.since and window.until <= agreed.until):
            return None
        moment = first_difference(self._wall, theirs, window.since, window.until)
        if moment is not None:
            shown = f"{theirs.local(moment):%H:%M} and not {self._wall.local(moment):%H:%M}"
            return (
                f"{self._vendor}: the site's clock is '{theirs.name}', and timezone says '{self._wall.name}': at "
                f"{moment:%Y-%m-%d %H:%M} UTC the site shows {shown}; correct timezone in [vendors.{self._vendor}], "
                "or the site's (WordPress: Settings, General)"
            )
        further = Window(since=window.since, until=window.until + _AHEAD)
        differs = first_difference(self._wall, theirs, window.until, further.until)
        self._agree = window if differs is not None else further
        return None

    def notices(self) -> tuple[Notice, ...]:
        """The build, the step of starts, and a clock that nobody could compare."""
        facts = self.facts
        if facts is None:
            return ()
        found = []
        if self._theirs is None:
            text = (
                f"{self._vendor}: its settings do not tell this key the site's zone, so that timezone = "
                f"'{self._wall.name}' is not compared with it: see WordPress, Settings, General"
            )
            found.append(Notice(key="zone", text=text))
        if facts.version or facts.step:
            found.append(Notice(key="build", text=f"{self._vendor}: it runs {self._named(facts)}"))
        return tuple(found)

    @property
    def _outdated(self) -> bool:
        if self.facts is None:
            return True
        age = self._clock().timestamp() - self.facts.at
        return not 0 <= age < _EVERY.total_seconds()

    @property
    def _theirs(self) -> WallClock | None:
        try:
            return WallClock(self.facts.zone) if self.facts and self.facts.zone else None
        except InvalidTime:
            return None

    async def _ask(self) -> None:
        now = self._clock().timestamp()
        try:
            facts = read_facts(await self._client.settings(), now)
        except (Misconfigured, Unreadable):
            facts = Facts(at=now)
        except (Unreachable, BudgetSpent):
            if self.facts is None:
                raise
            return
        if self.facts is None or facts.zone != self.facts.zone:
            self._agree = None
        self.facts = facts

    def _named(self, facts: Facts) -> str:
        named = f"Amelia {facts.version}" if facts.version else "an Amelia that does not name its build"
        step = timedelta(seconds=facts.step)
        if not step:
            return named
        minutes = f"{step.total_seconds() / 60:g}"
        if step <= _FINE or all(length is not None and not length % step for length in self._lengths):
            return f"{named}, which offers a start every {minutes} minutes"
        return (
            f"{named}, which offers a start every {minutes} minutes, counted from the end of the appointment before: "
            "after one of another length, whole hours are refused. Set a shorter step there (Settings, General, "
            "default time slot step: 5 minutes)"
        )

    @property
    def _lengths(self) -> list[timedelta | None]:
        return list(self._durations) or [None]
