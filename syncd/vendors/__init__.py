"""The vendors: one package a kind, the port that they all implement, the registry of kinds, and accounts for programs.

A new kind is a package, one line in the registry here, and one for the class of its accounts. Nothing of a package is
imported before it is asked for.
"""

from __future__ import annotations

import importlib
from collections import abc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncd.model.appointment import Appointment, Client, Field, Status
    from syncd.model.record import Record
    from syncd.vendors.account import Account
    from syncd.vendors.actuallycare.account import ActuallyCare
    from syncd.vendors.acuity.account import Acuity
    from syncd.vendors.aivapad.account import Aivapad
    from syncd.vendors.amelia.account import Amelia
    from syncd.vendors.kind import Kind

__all__ = [
    "KINDS",
    "Account",
    "ActuallyCare",
    "Acuity",
    "Aivapad",
    "Amelia",
    "Appointment",
    "Client",
    "Field",
    "Record",
    "Status",
]

_PACKAGES = {
    "actuallycare": "syncd.vendors.actuallycare",
    "acuity": "syncd.vendors.acuity",
    "aivapad": "syncd.vendors.aivapad",
    "amelia": "syncd.vendors.amelia",
}
_EXPORTED = {
    "Account": "syncd.vendors.account",
    "ActuallyCare": "syncd.vendors.actuallycare.account",
    "Acuity": "syncd.vendors.acuity.account",
    "Aivapad": "syncd.vendors.aivapad.account",
    "Amelia": "syncd.vendors.amelia.account",
    "Appointment": "syncd.model.appointment",
    "Client": "syncd.model.appointment",
    "Field": "syncd.model.appointment",
    "Record": "syncd.model.record",
    "Status": "syncd.model.appointment",
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

if not TYPE_CHECKING:  # a type checker goes by the imports above, and knows every other name for a mistake

    def __getattr__(name: str) -> object:
        """What programs use, imported when it is first asked for."""
        if name not in _EXPORTED:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_EXPORTED[name]), name)
