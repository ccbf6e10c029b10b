"""Takes secrets and client details out of anything that is to be logged.

Works on values before they are rendered, so that no quoting hides anything from it. Which words are private is decided
in `patterns` and `secrets`; here it is applied to every place of an event.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import abc
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from syncd.logs.patterns import REDACTED, is_numeric_key, is_private_key, without_private
from syncd.logs.secrets import matcher

_DEEPEST = 8
_TEXTS = frozenset({"exception", "stack"})
"""Fields of several lines."""
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_LINES = {ord("\n"): "\\n", ord("\t"): "\\t"}


class Redactor:
    """Knows this process's secrets. Immutable; safe to share between threads."""

    def __init__(self, secrets: abc.Sequence[str] = ()) -> None:
        self._known = tuple(secrets)

    @cached_property
    def _secrets(self) -> re.Pattern[str] | None:
        return matcher(self._known)  # made for the first line: most cycles have none to tell

    def text(self, text: str, *, phones: bool = True) -> str:
        """A text without secrets and private details, and without characters that steer a terminal."""
        if self._secrets is not None:
            text = self._secrets.sub(REDACTED, text)
        return without_private(text, phones=phones).translate(_CONTROLS)

    def event(self, fields: abc.Mapping[str, Any]) -> dict[str, Any]:
        """All fields of one event. Values become text, numbers, lists and dicts of these."""
        return {self._line(str(key)): self._field(str(key), value) for key, value in fields.items()}

    def _field(self, key: str, value: Any, depth: int = 0) -> Any:
        if key in _TEXTS:
            return self.text(value if isinstance(value, str) else self._shown(value))
        if is_private_key(key) and value is not None and not isinstance(value, bool):
            return REDACTED
        return self._value(value, phones=not is_numeric_key(key), depth=depth)

    def _value(self, value: Any, *, phones: bool, depth: int) -> Any:
        if depth > _DEEPEST:
            return "…"
        match value:
            case None | bool():
                return value
            case Enum():
                return self._value(value.value, phones=phones, depth=depth + 1)
            case str():
                return self._line(value, phones=phones)
            case int():
                shown = self._line(str(int(value)), phones=phones)
                return shown if REDACTED in shown else int(value)
            case float():
                return float(value) if math.isfinite(value) else str(value)
            case datetime() | date() | time():
                return value.isoformat()
            case timedelta():
                return value.total_seconds()
            case bytes() | bytearray() | memoryview():
                return f"<{len(value)} bytes>"
            case BaseException():
                return self._line(f"{type(value).__name__}: {self._shown(value)}")
            case _:
                return self._composite(value, phones=phones, depth=depth)

    def _composite(self, value: Any, *, phones: bool, depth: int) -> Any:
        try:
            match value:
                case abc.Mapping():
                    return self._parts(value.items(), depth)
                case BaseModel():
                    return self._parts(((name, getattr(value, name)) for name in type(value).model_fields), depth)
                case list() | tuple() | set() | frozenset() | abc.Set():
                    return [self._value(part, phones=phones, depth=depth + 1) for part in value]
                case _:
                    pass
        except Exception:  # noqa: BLE001 - a value that cannot be looked into must not lose the line
            return f"<{type(value).__name__}>"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value)]
            return self._parts(((name, getattr(value, name, None)) for name in names), depth)
        return self._line(self._shown(value), phones=phones)

    def _parts(self, parts: abc.Iterable[tuple[Any, Any]], depth: int) -> dict[str, Any]:
        return {self._line(self._shown(key)): self._field(self._shown(key), part, depth + 1) for key, part in parts}

    def _line(self, text: str, *, phones: bool = True) -> str:
        return self.text(text, phones=phones).translate(_LINES)

    def _shown(self, value: Any) -> str:
        try:
            return str(value)
        except Exception:  # noqa: BLE001 - as above
            return f"<{type(value).__name__}>"
