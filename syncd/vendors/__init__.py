"""The vendors: one package a kind, the port that they all implement, and the registry of kinds.

A new kind is a package and one line here.
"""

from __future__ import annotations

import importlib
from collections import abc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncd.vendors.kind import Kind

_PACKAGES = {
    "actuallycare": "syncd.vendors.actuallycare",
    "acuity": "syncd.vendors.acuity",
    "aivapad": "syncd.vendors.aivapad",
    "amelia": "syncd.vendors.amelia",
}


class _Kinds(abc.Mapping[str, "Kind"]):
    """The kinds by name; a package is imported when its kind is asked for."""

    def __getitem__(self, name: str) -> Kind:
        found: Kind = importlib.import_module(_PACKAGES[name]).KIND
        return found

    def __iter__(self) -> abc.Iterator[str]:
        return iter(_PACKAGES)

    def __len__(self) -> int:
        return len(_PACKAGES)


KINDS: abc.Mapping[str, Kind] = _Kinds()
"""Every kind of vendor, by the name that `kind = "…"` in the configuration uses."""
