"""The shapes of the sections that are no vendor's: `[sync]`, `[guard]`, `[state]`, `[http]`, the catalogue's rows.

Each refuses unknown keys and wrong types by itself; what concerns several sections is checked in `loading`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from syncd.compare.phones import is_region
from syncd.config.values import Listen
from syncd.model.appointment import UNLISTED
from syncd.model.catalogue import Entry, Group, Lengths, minutes_of
from syncd.model.policy import Guard, Limit
from syncd.vendors.settings import Duration

_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:\[\]/]+):([0-9]{1,5})")
_HIGHEST_PORT = 65535


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return value


def _address(value: str) -> str:
    match = _ADDRESS.fullmatch(value.strip())
    if match is None or int(match[2]) > _HIGHEST_PORT:
        raise ValueError('an address is written as "127.0.0.1:8377" or "[::1]:8377"')
    return value.strip()


def _region(value: str) -> str:
    if not is_region(value):
        meant = f" (did you mean {value.upper()}?)" if is_region(value.upper()) else ""
        raise ValueError(f'is a country\'s two capital letters (ISO 3166), such as "US" or "DE"{meant}')
    return value


def _row_name(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    if value.strip().startswith(UNLISTED):
        raise ValueError(f"must not start with {UNLISTED}: that marks an id without a row")
    return value.strip()


def _remote_id(value: Any) -> Any:
    if isinstance(value, dict) and value:
        return {key: _plain_id(part) for key, part in value.items()}
    return _plain_id(value)


def _plain_id(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ValueError("an id is a whole number, text in quotes, or a table of these")
    return value


PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
RowName = Annotated[str, AfterValidator(_row_name)]
RemoteId = Annotated[Any, AfterValidator(_remote_id)]


class Section(BaseModel):
    """A table whose unknown keys are errors; text is no number here, nor a number true."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class SyncSection(Section):
    """`[sync]`."""

    interval: PositiveDuration = timedelta(minutes=2)
    past: Duration = timedelta(days=1)
    future: PositiveDuration = timedelta(days=90)
    conflict: Literal["newest", "priority", "manual"] = "newest"
    priority: list[str] = Field(default_factory=list, description='vendors\' names, such as ["crm", "book"]')
    cancel_wins: bool = True
    notify_clients: bool = False
    lengths: Literal["exact", "cover"] = Lengths.EXACT.value
    region: Annotated[str, AfterValidator(_region)] | None = None


class LimitSection(Section):
    """`{ count = 10, percent = 20 }`; what is left out keeps its default."""

    count: int | None = Field(default=None, ge=0)
    percent: float | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)

    def over(self, default: Limit) -> Limit:
        """The limit with the gaps filled."""
        return Limit(
            count=default.count if self.count is None else self.count,
            percent=default.percent if self.percent is None else self.percent,
        )


class GuardSection(Section):
    """`[guard]`."""

    max_cancels: LimitSection = LimitSection()
    max_changes: LimitSection = LimitSection()

    def guard(self) -> Guard:
        """The guard that it describes."""
        usual = Guard()
        return Guard(
            max_cancels=self.max_cancels.over(usual.max_cancels), max_changes=self.max_changes.over(usual.max_changes)
        )


class StateSection(Section):
    """`[state]`."""

    url: str | None = Field(default=None, description='such as "sqlite:///state.db"')
    keep: Duration = timedelta(days=400)


class HttpSection(Section):
    """`[http]`."""

    listen: Annotated[str, AfterValidator(_address)] = Field(description='add listen = "127.0.0.1:8377"')

    def address(self) -> Listen:
        """Host without brackets, and port."""
        host, _, port = self.listen.rpartition(":")
        return Listen(host.strip("[]"), int(port))


class StaffRow(Section):
    """One `[[staff]]`."""

    name: RowName = Field(description="give the row a name that people know")
    ids: dict[str, RemoteId] = Field(default_factory=dict, description="ids stand by vendor: { crm = …, book = … }")
    default: bool = False

    def entry(self) -> Entry:
        """The row as the catalogue holds it."""
        return Entry(name=self.name, ids=self.ids, default=self.default)

    def same_as(self, other: StaffRow) -> str | None:
        """What is wrong with this row beside another one of its name; None: nothing."""
        return f"another row is called {self.name}, too: one row holds all its ids"


class ServiceRow(StaffRow):
    """One `[[services]]`."""

    duration: PositiveDuration | None = None
    generic: bool = False
    busy: bool = False
    group: Literal["seats", "one"] | None = None

    def entry(self) -> Entry:
        """The row as the catalogue holds it."""
        return Entry(
            name=self.name,
            ids=self.ids,
            duration=self.duration,
            default=self.default,
            generic=self.generic,
            busy=self.busy,
            group=None if self.group is None else Group(self.group),
        )

    def same_as(self, other: StaffRow) -> str | None:
        """Rows may share a name, one for each length of the service."""
        if isinstance(other, ServiceRow) and other.group != self.group:
            return f"another row is called {self.name}, too, and has another group: give both the same"
        if not isinstance(other, ServiceRow) or other.duration != self.duration:
            return None
        long = "without a duration" if self.duration is None else f"of {minutes_of(self.duration)}"
        return f"another row {long} is called {self.name}, too: one row holds all ids of one length"
