"""What of the catalogue does not fit ActuallyCare: ids that are none of the appointment types that are known."""

from __future__ import annotations

from syncd.model.catalogue import Catalogue
from syncd.vendors.actuallycare.codec import TYPES


def doubts(vendor: str, catalogue: Catalogue) -> tuple[str, ...]:
    """One sentence for each id that an operator should look at; `vendor` is the configured name."""
    return tuple(
        f"{vendor}: service '{row.name}' has the id '{row.ids[vendor]}', which is none of the appointment "
        f"types {', '.join(TYPES)}; correct ids.{vendor} of its [[services]] row unless the vendor has it"
        for row in catalogue.services
        if vendor in row.ids and str(row.ids[vendor]) not in TYPES
    )
