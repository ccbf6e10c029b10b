"""Acuity Scheduling: everything that syncd knows of it."""

from syncd.vendors.acuity.adapter import Adapter
from syncd.vendors.acuity.settings import EXAMPLE, NAME, Settings
from syncd.vendors.kind import Kind

KIND = Kind(name=NAME, settings=Settings, build=Adapter, example=EXAMPLE)

__all__ = ["KIND"]
