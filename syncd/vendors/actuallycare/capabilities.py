"""What an ActuallyCare account can show and take under one configuration."""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Ability, Capabilities
from syncd.model.catalogue import Catalogue, Missing
from syncd.model.revision import Revisions
from syncd.vendors.actuallycare.codec import STATUSES

_FIELDS = {
    Field.SLOT: Ability(seen=True, created=True, updated=True),
    Field.STATUS: Ability(seen=True, updated=True),
    Field.TITLE: Ability(seen=True, created=True),
    Field.LOCATION: Ability(seen=True, created=True),
    Field.NOTES: Ability(seen=True),
    Field.CLIENTS: Ability(seen=True),
    Field.SERVICE: Ability(seen=True, created=True),
}


def capabilities_of(vendor: str, catalogue: Catalogue) -> Capabilities:
    """The capabilities of one configured account."""
    return Capabilities(
        fields=_FIELDS,
        together=(frozenset({Field.SLOT, Field.STATUS}),),
        statuses=frozenset(STATUSES),
        create_statuses=frozenset({Status.SCHEDULED}),
        revisions=Revisions.ORDERED,
        modification_times=True,
        uncancels=True,
        soft_cancel=True,
        holds=_holds(vendor, catalogue),
    )


def _holds(vendor: str, catalogue: Catalogue) -> abc.Callable[[Field, Appointment], bool]:
    def holds(field: Field, appointment: Appointment) -> bool:
        if field is Field.SERVICE:
            return not isinstance(catalogue.service_at(vendor, appointment), Missing)
        if field is Field.CLIENTS:
            return bool(appointment.clients)
        return field is not Field.STAFF

    return holds
