"""The switches that every sandbox vendor has, and how a vendor may reword what it is given before it keeps it."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.sandbox.frame.records import Entry, Person


@dataclass(frozen=True, slots=True)
class Switch:
    """A named behaviour: its default, what it means, and which values it takes."""

    default: Any
    meaning: str
    choices: tuple[Any, ...] | None = None
    """The values it takes; None: `check` decides."""
    check: Callable[[Any], bool] | None = None
    """Decides where there are no `choices`; without one, a value must be of the default's type."""

    def takes(self, value: Any) -> bool:
        """Whether it can be set to `value`."""
        if self.choices is not None:
            return any(value == choice and type(value) is type(choice) for choice in self.choices)
        return self.check(value) if self.check is not None else type(value) is type(self.default)

    @property
    def expects(self) -> str:
        """The values it takes, for a message."""
        if self.choices is not None:
            return f"one of {', '.join(map(repr, self.choices))}"
        return f"what it takes: {self.meaning}"


def count_or_none(value: Any) -> bool:
    """For a switch that takes a positive whole number or None."""
    return value is None or (type(value) is int and value > 0)


def is_rate(value: Any) -> bool:
    """For a switch that takes a number of requests and of seconds, or None."""
    if value is None:
        return True
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        return False
    return type(value[0]) is int and value[0] > 0 and isinstance(value[1], (int, float)) and value[1] > 0


def rate_switch(default: tuple[int, float] | None) -> Switch:
    """The switch `rate` with the limit that a vendor documents."""
    return Switch(default, "requests and seconds ([500, 900]), or null for no limit", check=is_rate)


COMMON_SWITCHES: dict[str, Switch] = {
    "rate": rate_switch(None),
    "trim_title": Switch(None, "the number of characters that titles are cut to, or null", check=count_or_none),
    "round_minutes": Switch(None, "minutes to whose multiples times are rounded down, or null", check=count_or_none),
    "drop_notes": Switch(False, "notes are thrown away", choices=(False, True)),
    "reformat_phone": Switch(None, "phone numbers become digits, (123) 555-0199, or stay", (None, "digits", "us")),
}


def normalised(entry: Entry, behaviour: Mapping[str, Any]) -> Entry:
    """The record as a vendor with these switches keeps it."""
    changes: dict[str, Any] = {}
    if behaviour["trim_title"] is not None:
        changes["title"] = entry.title[: behaviour["trim_title"]].rstrip()
    if behaviour["round_minutes"] is not None:
        step = timedelta(minutes=behaviour["round_minutes"])
        changes |= {"start": _rounded(entry.start, step), "end": _rounded(entry.end, step)}
    if behaviour["drop_notes"]:
        changes["notes"] = ""
    if behaviour["reformat_phone"] is not None:
        changes["people"] = [_with_phone(person, behaviour["reformat_phone"]) for person in entry.people]
    return dataclasses.replace(entry, **changes) if changes else entry


def _rounded(instant: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return instant - (instant - epoch) % step


def _with_phone(person: Person, form: str) -> Person:
    digits = "".join(filter(str.isdigit, person.phone))
    if form == "us" and len(digits) == 10:
        digits = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    return dataclasses.replace(person, phone=digits)
