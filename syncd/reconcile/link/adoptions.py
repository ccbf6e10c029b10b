"""The adoptions that a report shows: which records were linked to others, and how. Pure."""

from __future__ import annotations

from syncd.compare.identity import operation_id
from syncd.model.appointment import Field
from syncd.model.memory import Known, UnsettledCreate
from syncd.model.plan import Adopt
from syncd.model.record import Record
from syncd.reconcile.link.candidates import Candidate


def adoptions(candidate: Candidate, known: Known) -> tuple[Adopt, ...]:
    """An adoption for each record that joined another one; the one that founds an appointment joins
    none.
    """
    joined = candidate.linked if candidate.known else candidate.linked[1:]
    vendors = {mapping.vendor for mapping in known.mappings if mapping.tombstone is None}
    vendors |= {record.vendor for record in candidate.linked}
    return tuple(_adoption(record, vendors, candidate, known) for record in joined)


def _adoption(record: Record, vendors: set[str], candidate: Candidate, known: Known) -> Adopt:
    others = ", ".join(sorted(vendors - {record.vendor})) or "syncd"
    how = _how_linked(record, candidate)
    before = candidate.successors.get(record.vendor)
    if before is not None:
        same = before.remote_id == record.remote_id
        goes_on = "stands again" if same else "is replaced by it"
        how += f"; its record {before.remote_id} there {goes_on}"
    changes = {Field.SLOT: (None, record.content.slot)}
    return Adopt(
        id=operation_id(Adopt.action, record.vendor, known.id, changes, None, record),
        vendor=record.vendor,
        appointment=known.id,
        target=record.content,
        changes={},
        reason=f"{record.vendor} and {others} have the same appointment: {how}",
        remote_id=record.remote_id,
        expected=record,
    )


def _how_linked(record: Record, candidate: Candidate) -> str:
    if record.ref in candidate.assigned:
        return "somebody said so"
    create = candidate.create_of(record)
    if create is not None:
        return _how_made(create)
    elsewhere = [candidate.known.agreed] if candidate.known else []
    elsewhere += [other.content for other in candidate.linked if other is not record]
    if record.content.clients and any(one.clients for one in elsewhere):
        return "same start and client"
    return "same start and title; a side has no client"


def _how_made(create: UnsettledCreate) -> str:
    if create.operation:
        return "its create got no answer, and it is there"
    return "its booking was put into that record, which stands for nobody else any more"
