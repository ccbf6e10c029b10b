"""The four vendors as local servers, for demonstrations, tests and simulations.

Speaks each vendor's HTTP from the vendor's side and shares no code with the clients, so that a wrong reading there
cannot cancel itself out here.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module

from syncd.sandbox.frame.vendor import SandboxVendor

_CLASSES = {"actuallycare": "ActuallyCare", "acuity": "Acuity", "aivapad": "Aivapad", "amelia": "Amelia"}


class _Kinds(Mapping[str, type[SandboxVendor]]):
    """The kinds by name; a kind's module is loaded when the kind is first asked for."""

    def __getitem__(self, kind: str) -> type[SandboxVendor]:
        found: type[SandboxVendor] = getattr(import_module(f"syncd.sandbox.{kind}.server"), _CLASSES[kind])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


KINDS: Mapping[str, type[SandboxVendor]] = _Kinds()

__all__ = ["KINDS", "SandboxVendor"]
