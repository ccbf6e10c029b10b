"""The few facts that syncd needs of an Amelia site's settings, from the JSON of `GET /settings`
(amelia-measured).

What is missing there, or of another type, is not told: no fact is guessed.
"""

from __future__ import annotations

import math
from collections import abc
from typing import Any, TypeVar

import msgspec

_FURTHEST = 14
"""Hours that a clock can be ahead of or behind UTC."""


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the settings tell, as it is remembered: the zone as `WallClock` takes it, empty where
    none is told.

    `step` are seconds between the starts that are offered; `at` is when it was read, in seconds
    since 1970.
    """

    zone: str = ""
    version: str = ""
    step: int = 0
    at: float = 0.0


class _WordPress(msgspec.Struct, rename="camel"):
    time_zone_string: Any = None
    gmt_offset: Any = None


class _Activation(msgspec.Struct):
    version: Any = None


class _General(msgspec.Struct, rename="camel"):
    time_slot_length: Any = None


_Table = TypeVar("_Table", _WordPress, _Activation, _General)


def read_facts(raw: bytes, at: float) -> Facts:
    """The facts in the JSON of a site's settings; what is missing or odd is not told."""
    try:
        tables = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Facts(at=at)
    press = _table(tables, "wordpress", _WordPress)
    version = _table(tables, "activation", _Activation).version
    step = _number(_table(tables, "general", _General).time_slot_length)
    return Facts(
        zone=_zone(press.time_zone_string, press.gmt_offset),
        version=version.strip()[:20] if isinstance(version, str) else "",
        step=int(step) if step is not None and 60 <= step <= 86400 else 0,
        at=at,
    )


def _table(tables: abc.Mapping[str, msgspec.Raw], key: str, shape: type[_Table]) -> _Table:
    try:
        return msgspec.json.decode(tables.get(key, b"{}"), type=shape)
    except msgspec.MsgspecError:
        return shape()


def _zone(name: Any, hours: Any) -> str:
    """WordPress has a zone by name, or an offset in hours (perhaps 5.5, perhaps as text)."""
    if isinstance(name, str) and name.strip():
        return name.strip()
    offset = _number(hours)
    if offset is None or abs(offset) > _FURTHEST:
        return ""
    minutes = round(abs(offset) * 60)
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
