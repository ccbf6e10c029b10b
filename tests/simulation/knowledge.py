"""What syncd can know of each record's values, by the answers that it was given, and what a sudden end takes away."""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.deeds import Key

Values = dict[Key, dict[str, Any]]


def _none_yet() -> Values:
    return defaultdict(dict)


@dataclass(slots=True)
class Knowledge:
    """Values by record and field.

    `values` are those that intact answers last showed or confirmed, `listed` those that were there when syncd last
    decided, or that it wrote since. `fleeting` is what was known before the readings that no decision stored yet,
    `unsettled` what was known before the writes that were confirmed in the present cycle.
    """

    values: Values = field(default_factory=_none_yet)
    listed: Values = field(default_factory=_none_yet)
    fleeting: Values = field(default_factory=_none_yet)
    unsettled: Values = field(default_factory=_none_yet)

    def of(self, key: Key, name: str) -> tuple[Any, Any]:
        """The values that syncd may go by; None for what it never saw."""
        return self.values[key].get(name), self.listed[key].get(name)

    def read(self, key: Key, shown: abc.Mapping[str, Any], *, observing: bool) -> None:
        """An intact answer showed these values; `observing`: before syncd decided, and not to see how a write went."""
        if observing:
            self.listed[key].update(shown)
        known, fleeting = self.values[key], self.fleeting[key]
        for name, value in shown.items():
            fleeting.setdefault(name, known.get(name))
            known[name] = value

    def wrote(self, key: Key, name: str, value: Any, *, answered: bool) -> None:
        """syncd gave a record this value; `answered`: and was told so."""
        self.listed[key][name] = value
        if answered:
            self.unsettled[key].setdefault(name, self.values[key].get(name))
            self.values[key][name] = value

    def decided(self) -> None:
        """What was read is in the store."""
        self.fleeting.clear()

    def ended_well(self) -> None:
        """So is what was confirmed."""
        self.unsettled.clear()
        self.fleeting.clear()

    def died(self, unsettled: abc.Container[Key]) -> Values:
        """What was not stored is forgotten. Returns the values before the writes that are `unsettled`."""
        for key, before in self.fleeting.items():
            self.values[key].update(before)
        forgotten = {key: before for key, before in self.unsettled.items() if key in unsettled}
        for key, before in forgotten.items():
            self.values[key].update(before)
            self.listed[key].update(before)
        self.ended_well()
        return forgotten
