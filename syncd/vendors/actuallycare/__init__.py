"""ActuallyCare, a CRM with a versioned REST API (field-notes, `reference/actuallycare-appointments.md`)."""

from syncd.vendors.actuallycare.adapter import build
from syncd.vendors.actuallycare.settings import EXAMPLE, NAME, ActuallyCareSettings
from syncd.vendors.kind import Kind

KIND = Kind(name=NAME, settings=ActuallyCareSettings, build=build, example=EXAMPLE)

__all__ = ["KIND"]
