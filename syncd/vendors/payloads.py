"""What the payload types of every vendor are made of: how lenient a text, an id or a flag is read, and how a row is.

Which leniency fits a vendor is decided in its `schemas`, and what a value means in its `codec`. What cannot be read is
`Malformed`, which names the key and never what stands there.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from syncd.model.errors import Malformed
from syncd.vendors.bounds import usable_id

T = TypeVar("T")

Body = abc.Mapping[str, Any]
"""What is sent: an object by the vendor's keys."""

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})


class Payload(BaseModel):
    """An object of a vendor's. Keys that are not named are ignored, a number may stand where a text belongs."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)

    def shown(self, *keys: str) -> bool:
        """Whether the answer had all of these keys at all."""
        return self.model_fields_set.issuperset(keys)


def _null_as_empty(value: Any) -> Any:
    return "" if value is None else value


def _text_in(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _only_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


Text = Annotated[str, BeforeValidator(_null_as_empty)]
"""A text as it is; null is empty. Another shape is an error: read as empty, it would be emptied elsewhere."""
AnyText = Annotated[str, BeforeValidator(_text_in)]
"""Text without blanks around it; null, `false` and what is no text at all count as empty."""
OptionalText = Annotated[str | None, BeforeValidator(_only_text)]
"""A text; None for anything else."""


def plain_id(value: Any) -> str:
    """An id as text, given as text or a whole number; empty for what is none."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if usable_id(text) else ""


def as_flag(value: Any) -> bool | None:
    """True or false in any of their spellings; None for another word."""
    word = str(value).strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that keeps a row from being read: its dotted key (empty: the row itself), and pydantic's words.

    `kind` is pydantic's name for it, such as `missing`.
    """

    key: str
    kind: str = ""
    message: str = ""


def first_fault(error: ValidationError) -> Fault:
    """The first of the faults that pydantic found."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return Fault(".".join(str(part) for part in first["loc"]), first["type"], first["msg"])


def unreadable_key(fault: Fault) -> str:
    """The fault as a sentence about the record."""
    return f"its `{fault.key or 'row'}` cannot be read: {fault.message}"


def read_as(shape: TypeAdapter[T], raw: bytes, say: abc.Callable[[Fault], str] = unreadable_key) -> T:
    """The value of a row's JSON. Raises `Malformed` with what `say` makes of the first fault."""
    try:
        return shape.validate_json(raw)
    except ValidationError as error:
        fault = first_fault(error)
    except (ValueError, RecursionError):
        fault = Fault("", message="it is no JSON")
    raise Malformed(say(fault))


def unpack(raw: bytes | msgspec.Raw, shape: type[T], *, strict: bool = True) -> T | None:
    """The value of that shape, or None where these bytes are something else; `strict` as msgspec means it."""
    try:
        return msgspec.json.decode(raw, type=shape, strict=strict)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
