"""Aivapad, a back office with wall-clock times (field-notes, `reference/aivapad-appointments.txt`)."""

from syncd.vendors.aivapad.adapter import build
from syncd.vendors.aivapad.settings import EXAMPLE, NAME, AivapadSettings
from syncd.vendors.kind import Kind

KIND = Kind(name=NAME, settings=AivapadSettings, build=build, example=EXAMPLE)

__all__ = ["KIND"]
