"""A create that a vendor put into a record that was there before: what becomes of that record and
its appointment.

Amelia does that, and what it means depends on the record as it was before our create:
    cancelled: it lives again, with nobody in it but the new client. It is the new appointment's
        from now on, and the old one stays ended, without a record there.
    standing: it is the other appointment's and stays so. Nothing is ended; a person has to take the
        booking out. So it is where that appointment has ended, and a further one's booking stands
        in its record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from syncd.compare.hosting import Guest, as_host
from syncd.engine.store.ledger import Ledger
from syncd.model.appointment import Field, Status
from syncd.model.memory import Mapping
from syncd.model.plan import Operation
from syncd.model.record import Record
from syncd.model.wording import joined
from syncd.vendors.port import Vendor, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The record that took a booking in, and the appointment that it belongs to, if known."""

    owner: str | None = None
    mapping: Mapping | None = None
    stands: bool


async def host_of(ledger: Ledger, vendor: str, answer: Written) -> Host | None:
    """The record that a create joined; None where it made one.

    Whether it stood is told by the last listing and our own writes since; and by the answer, of a
    record that nobody knew, or that somebody else took after that listing.
    """
    found = await ledger.read(ledger.owner_in, vendor, answer.remote_id)
    # The answer is newer than the listing: somebody may have taken the record over since.
    stands = answer.joined is not None and answer.joined.others_stand
    if found is None:
        return None if answer.joined is None else Host(stands=stands)
    owner, mapping = found
    stood = mapping.tombstone is None and mapping.base.status is not Status.CANCELLED
    return Host(owner=owner, mapping=mapping, stands=stands or stood)


def refused(vendor: str, answer: Written, host: Host) -> str:
    """Why a booking that went into a standing record is left to a person, and the way out."""
    part = answer.joined.part if answer.joined is not None else "the later booking"
    return joined(vendor, answer.remote_id, host.owner, part)


async def based_again(
    vendor: Vendor, answer: Written, host: Host, joining: Operation
) -> tuple[tuple[str, Mapping], ...]:
    """The other appointment's mapping, based on the joined record, which nobody edited."""
    names = answer.joined.names if answer.joined is not None else ()
    record = answer.record
    # Some answer with an id alone; the part that is ours is told by the record.
    if record is None:
        found = await vendor.get(answer.remote_id)
        record = found if isinstance(found, Record) else None
    if host.mapping is None or host.owner is None or record is None:
        return ()
    guest = Guest(joining.appointment, joining.target)
    return ((host.owner, as_host(host.mapping, record, [guest], names)),)


def taken_over(mapping: Mapping, kept: Record | None) -> Mapping:
    """The new appointment's mapping of a record that was cancelled before: what it shows, nobody
    typed in since.

    Its notes are those of both; that they are behind lets the next cycle write the new one's alone.
    All of it was written by us: a listing that lags behind shows the one who was there, cancelled.
    """
    mapping = replace(mapping, written=mapping.shows)
    if kept is None:
        return mapping
    shown = {name: kept.content.get(name) for name in kept.shows}
    notes = {Field.NOTES: kept.content.notes} if Field.NOTES in kept.shows else {}
    accepted = mapping.acknowledged.with_values(notes)
    return replace(mapping, base=mapping.base.with_values(shown), acknowledged=accepted)
