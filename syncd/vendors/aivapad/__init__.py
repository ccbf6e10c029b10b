"""Aivapad, a back office with wall-clock times (field-notes, `reference/aivapad-appointments.txt`)."""

from syncd.vendors.aivapad.adapter import Adapter
from syncd.vendors.aivapad.settings import EXAMPLE, NAME, Settings
from syncd.vendors.kind import Kind

KIND = Kind(name=NAME, settings=Settings, build=Adapter, example=EXAMPLE)

__all__ = ["KIND"]
