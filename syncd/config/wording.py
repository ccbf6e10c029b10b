"""pydantic's refusals in an operator's words.

Decides how a fault is said. Where it lies comes from pydantic's `loc`, what is allowed there from the model; the value
itself is never shown, since it may be a secret in the wrong place.
"""

from __future__ import annotations

from collections import abc
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from syncd.config.problems import Location, Problems, meant, nearest

_TYPES = {
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "list_type": "must be a list: [ … ]",
    "tuple_type": "must be a list: [ … ]",
    "set_type": "must be a list: [ … ]",
    "frozen_set_type": "must be a list: [ … ]",
    "dict_type": "must be a table: { … }",
    "model_type": "must be a table: { … }",
    "model_attributes_type": "must be a table: { … }",
    "path_type": "must be a path in quotes",
    "string_too_short": "must not be empty",
}
_BOUNDS = {
    "greater_than": ("must be more than", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than": ("must be less than", "lt"),
    "less_than_equal": ("must be at most", "le"),
    "too_short": ("must have this many entries at least:", "min_length"),
    "too_long": ("must have this many entries at most:", "max_length"),
    "string_too_long": ("must have this many characters at most:", "max_length"),
}


Elsewhere = abc.Callable[[str], abc.Sequence[str]]
"""The other sections that have a key of this name, as they are written."""


def report(
    error: ValidationError,
    model: type[BaseModel],
    raw: Any,
    at: Location,
    problems: Problems,
    elsewhere: Elsewhere = lambda _: (),
) -> None:
    """Note every fault of one section: `raw` is the section as read, `at` its place in the file."""
    for details in error.errors(include_url=False):
        location = _location(details["loc"], raw)
        others = elsewhere(str(location[0])) if len(location) == 1 and details["type"] == "extra_forbidden" else ()
        if others:
            problems.add((*at, *location), f"unknown key here; it is a key of {' and of '.join(others)}")
        else:
            problems.add((*at, *location), _sentence(details, model, location))


def _location(loc: Location, raw: Any) -> Location:
    """`loc` without pydantic's own labels (the names of a union's members, of validators)."""
    found: list[str | int] = []
    inside = raw
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        try:
            inside = inside[part]
        except (KeyError, IndexError, TypeError):
            if not last or not isinstance(inside, abc.Mapping) or not str(part).isidentifier():
                continue
        found.append(part)
    return tuple(found)


def _sentence(details: ErrorDetails, model: type[BaseModel], location: Location) -> str:
    kind, context = details["type"], details.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return f"unknown key; {meant(str(location[-1]), _keys(model, location))}"
        case "missing":
            return f"is required and missing; {_description(model, location) or 'add it'}"
        case "value_error" | "assertion_error":
            return str(context["error"])
        case "literal_error" | "enum":
            return f"must be {context['expected']}{_suggestion(details['input'], str(context['expected']))}"
        case _ if kind in _TYPES:
            return f"{_TYPES[kind]}{_hint(model, location)}"
        case _ if kind in _BOUNDS:
            words, bound = _BOUNDS[kind]
            return f"{words} {context[bound]}"
        case _:
            return details["msg"][:1].lower() + details["msg"][1:]


def _suggestion(value: Any, expected: str) -> str:
    near = (
        nearest(value, expected.replace(" or ", ", ").replace("'", "").split(", ")) if isinstance(value, str) else None
    )
    return f"; did you mean '{near}'?" if near else ""


def _hint(model: type[BaseModel], location: Location) -> str:
    description = _description(model, location)
    return f"; {description}" if description else ""


def _description(model: type[BaseModel], location: Location) -> str:
    """What a field's `description` says of it: it completes the sentence of a fault."""
    owner = _owner(model, location)
    field = owner.model_fields.get(str(location[-1])) if owner and location else None
    return (field.description or "") if field else ""


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    owner = _owner(model, location)
    return [field.alias or name for name, field in owner.model_fields.items()] if owner else []


def _owner(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """The model that holds the last key of `location`."""
    owner: type[BaseModel] | None = model
    for part in location[:-1]:
        if isinstance(part, str) and owner is not None:
            field = owner.model_fields.get(part)
            owner = _model_in(field.annotation) if field else None
    return owner


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
