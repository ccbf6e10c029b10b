"""Where a key belongs that stands in the wrong section: a file's other sections that know it.

`lengths` below `[vendors.book]` is no slip of the pen for `client`: it is a key of `[sync]`.
"""

from __future__ import annotations

from collections import abc
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from syncd.config.problems import Location
from syncd.config.sections import GuardSection, HttpSection, ServiceRow, StaffRow, StateSection, SyncSection
from syncd.vendors.settings import VendorSettings

if TYPE_CHECKING:
    from syncd.vendors.kind import Kind

_SECTIONS: abc.Mapping[str, type[BaseModel]] = {
    "[sync]": SyncSection,
    "[guard]": GuardSection,
    "[state]": StateSection,
    "[http]": HttpSection,
    "[[services]]": ServiceRow,
    "[[staff]]": StaffRow,
}


def sections_with(key: str, at: Location, vendors: Any, kinds: abc.Mapping[str, Kind]) -> tuple[str, ...]:
    """The sections that have this key, as they are written, without the one `at` which it was found.

    `vendors` is the file's own table of them; a kind that it does not have is named with its word.
    """
    found = [name for name, model in _SECTIONS.items() if key in _keys(model)]
    if key in _keys(VendorSettings):
        found.append("[vendors.NAME]")
    else:
        found += _vendors_with(key, vendors if isinstance(vendors, dict) else {}, kinds)
    here = {f"[{'.'.join(map(str, at))}]", f"[[{at[0]}]]"} if at else set()
    return tuple(name for name in found if name not in here)


def _vendors_with(key: str, vendors: abc.Mapping[str, Any], kinds: abc.Mapping[str, Kind]) -> list[str]:
    found = []
    for word, kind in kinds.items():
        if key in _keys(kind.settings):
            of_kind = [name for name, table in vendors.items() if isinstance(table, dict) and table.get("kind") == word]
            found += [f"[vendors.{name}]" for name in of_kind] or [f"[vendors.NAME] of the kind {word}"]
    return found


def _keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}
