"""ActuallyCare, a CRM with a versioned REST API (field-notes, `reference/actuallycare-appointments.md`)."""

from syncd.vendors.actuallycare.adapter import Adapter
from syncd.vendors.actuallycare.settings import EXAMPLE, NAME, Settings
from syncd.vendors.kind import Kind

KIND = Kind(name=NAME, settings=Settings, build=Adapter, example=EXAMPLE)

__all__ = ["KIND"]
