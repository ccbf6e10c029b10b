"""What a vendor package gives to the registry, and what it is given to build a vendor from."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from typing import Any

from syncd.model.catalogue import Catalogue
from syncd.vendors.port import Vendor
from syncd.vendors.settings import VendorSettings
from syncd.vendors.transport import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of vendor: its name in the configuration, its settings, and how to build one.

    `build(name, settings, catalogue, surroundings)`; `settings` is an instance of this kind's own class.
    `example` is the commented section that `syncd init` writes, with `{name}` for the vendor's name.
    """

    name: str
    settings: type[VendorSettings]
    build: abc.Callable[[str, Any, Catalogue, Surroundings], Vendor]
    example: str
