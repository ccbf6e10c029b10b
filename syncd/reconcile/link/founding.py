"""What is agreed where an appointment is founded or a record joins it, and the mapping of such a
record. Pure.

What one side lacks is filled from the other; what differs stays as it is (`unlike`).
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from syncd.compare.people import PARTS, given, named, same_people, untold_of
from syncd.compare.sameness import rounded
from syncd.compare.seats import Clients
from syncd.model.appointment import TEXTS, UNLISTED, Appointment, Client, Field, normal_text
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.policy import Policy
from syncd.model.record import Listed, Record, Snapshot
from syncd.model.times import LONG_AGO, Slot
from syncd.reconcile.link.candidates import Candidate


def founded(candidate: Candidate, policy: Policy) -> Known:
    """The appointment that a candidate's records found, as nobody knows one of theirs."""
    agreed = candidate.linked[0].content.with_values(_given_texts(candidate.linked, policy))
    agreed = lengthened(agreed, (), candidate.linked, policy)
    return Known(id=candidate.id, agreed=filled(agreed, candidate.linked, policy))


def lengthened(
    agreed: Appointment, known: abc.Iterable[str], joining: abc.Iterable[Record], policy: Policy
) -> Appointment:
    """The agreed values with the length of a joining record, if people set that there and nowhere
    among the `known`.

    Where the service alone says how long a record is, that says nothing of the appointment.
    """
    if any(policy.able(vendor).sets_length for vendor in known):
        return agreed
    for record in sorted(joining, key=lambda r: policy.rank(r.vendor)):
        able, content = policy.able(record.vendor), record.content
        if (
            able.sets_length
            and not able.ends(content.status)
            and content.slot.minute == agreed.slot.minute
        ):
            return agreed.with_values({Field.SLOT: content.slot})
    return agreed


def _given_texts(records: abc.Iterable[Record], policy: Policy) -> dict[Field, Any]:
    """Texts of vendors that can be given them: what a vendor only shows it may have made up (a
    service's name).
    """
    found: dict[Field, Any] = {}
    for record in sorted(records, key=lambda r: policy.rank(r.vendor), reverse=True):
        able = policy.able(record.vendor)
        for name in record.shows & TEXTS:
            if able.ability(name).created and record.content.get(name):
                found[name] = record.content.get(name)
    return found


def filled(agreed: Appointment, records: abc.Iterable[Record], policy: Policy) -> Appointment:
    """What is empty in the agreed values, filled from records in the order of priority. Slot and
    status stay.
    """
    for record in sorted(records, key=lambda r: policy.rank(r.vendor)):
        gained: dict[Field, Any] = {}
        for name in record.shows - {Field.SLOT, Field.STATUS, Field.CLIENTS}:
            mine, theirs = agreed.get(name), record.content.get(name)
            if theirs and (not mine or _is_listed_alone(name, theirs, mine)):
                gained[name] = theirs
        theirs = record.content.clients
        gained[Field.CLIENTS] = _filled_clients(agreed.clients, theirs)
        if Field.CLIENTS in record.shows and policy.is_class(agreed):
            gained[Field.CLIENTS] += _others(agreed.clients, theirs)
        agreed = agreed.with_values(gained)
    return agreed


def _is_listed_alone(name: Field, theirs: Any, mine: Any) -> bool:
    """Whether one vendor's service or staff is in the configuration, and another's is not."""
    if name not in (Field.SERVICE, Field.STAFF) or not isinstance(mine, str):
        return False
    return mine.startswith(UNLISTED) and not theirs.startswith(UNLISTED)


def _filled_clients(agreed: Clients, others: Clients) -> Clients:
    if not agreed:
        return named(others)
    if agreed == others:  # as mostly
        return agreed
    like = same_people(agreed, others)
    return tuple(
        _filled_client(client, others[like[place]]) if place in like else client
        for place, client in enumerate(agreed)
    )


def _others(agreed: tuple[Client, ...], theirs: tuple[Client, ...]) -> tuple[Client, ...]:
    """Who is in a class by one record alone, where others are in it by another: she is, too."""
    if not agreed:
        return ()  # all of them are taken in
    there = same_people(theirs, agreed)
    return named(one for place, one in enumerate(theirs) if place not in there)


def _filled_client(client: Client, like: Client) -> Client:
    """A client with what the same person has more elsewhere; a name only where that is no other."""
    lacking = untold_of(client)
    if client.name and normal_text(like.first_name) != normal_text(client.first_name):
        lacking = lacking.difference(PARTS["name"])
    return given(client, like, lacking)


def new_mapping(
    record: Record, agreed: Appointment, create: UnsettledCreate | None, snapshot: Snapshot | None
) -> Mapping:
    """The mapping of a record that was just linked: its differences from what was agreed are
    accepted as they are.

    Only another start is none of those: it is where the record stands. For the record of a create
    whose answer was lost, what was intended is the base for slot and status: what a person did to
    it since then is a change.
    """
    content = record.content
    read_at = (
        snapshot.started_at if isinstance(snapshot, Listed) else datetime.min.replace(tzinfo=UTC)
    )
    plain = Mapping(
        vendor=record.vendor,
        remote_id=record.remote_id,
        base=content,
        shows=record.shows,
        acknowledged=_moved_to(content.slot, agreed),
        known_at=read_at,
        fingerprint=record.fingerprint,
        revision=record.revision,
        modified_at=record.modified_at,
        parts=record.parts,
        wall=record.wall,
    )
    if create is None:
        return plain
    base = (
        content
        if rounded(content.slot, create.intended.slot)
        else _moved_to(create.intended.slot, content)
    )
    if create.intended.status.live and not content.status.live:
        base = base.with_values({Field.STATUS: create.intended.status})
    return replace(
        plain,
        base=base,
        acknowledged=create.intended,
        known_at=create.intended_at,
        modified_at=None,
    )


def surplus(record: Record, why: str) -> Mapping:
    """The mapping of a record that syncd made once too often: never the appointment's, and to be
    ended.
    """
    return Mapping(
        vendor=record.vendor,
        remote_id=record.remote_id,
        base=record.content,
        shows=record.shows,
        acknowledged=record.content,
        known_at=LONG_AGO,
        fingerprint=record.fingerprint,
        revision=record.revision,
        modified_at=record.modified_at,
        parts=record.parts,
        tombstone=f"made it once too often: {why}",
        surplus=True,
    )


def _moved_to(slot: Slot, appointment: Appointment) -> Appointment:
    """The appointment with this slot, unless it starts there already."""
    return (
        appointment
        if slot.minute == appointment.slot.minute
        else appointment.with_values({Field.SLOT: slot})
    )
