"""Amelia, the WordPress booking plugin: everything that syncd knows of it (field-notes)."""

from syncd.vendors.amelia.adapter import Adapter
from syncd.vendors.amelia.settings import EXAMPLE, NAME, Settings
from syncd.vendors.kind import Kind

KIND = Kind(name=NAME, settings=Settings, build=Adapter, example=EXAMPLE)

__all__ = ["KIND"]
