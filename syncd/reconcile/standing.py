"""Where one appointment stands: its sights, what changed, what was merged, and what its mappings become.

Everything that `steps` needs to say which operations are left to do, gathered once per appointment.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.model.appointment import UNLISTED, Appointment, Client, Field, Status
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.plan import Adopt, Conflict
from syncd.model.policy import ConflictRule, Policy
from syncd.model.record import Complete, Partial, Record, Snapshot
from syncd.reconcile.changes import Change, changes_of, undelivered
from syncd.reconcile.identity import operation_id
from syncd.reconcile.matching import Candidate
from syncd.reconcile.merge import Merged, merge
from syncd.reconcile.sight import Seen, Sight, look, shown_over


@dataclass(slots=True)
class Standing:
    """One appointment in this cycle."""

    candidate: Candidate
    known: Known
    sights: dict[str, Sight]
    changes: tuple[Change, ...]
    merged: Merged
    adopted: tuple[Adopt, ...]
    tombstones: list[Mapping] = field(default_factory=list)

    def stands(self, vendor: str) -> Appointment:
        """The agreed values that a vendor's record stands for: changed fields as they are, the others as accepted."""
        sight = self.sights[vendor]
        own = {
            change.field: change.new for change in self.changes if change.vendor == vendor and not change.undelivered
        }
        return sight.mapping.accepted.with_values(own)

    def mapping_after(self, vendor: str) -> Mapping:
        """The vendor's mapping with what was seen taken into its base; frozen fields stay as they were."""
        sight = self.sights[vendor]
        mapping, record, frozen = sight.mapping, sight.record, self.merged.frozen
        if sight.seen is Seen.GONE:
            ended = mapping.base.with_values({Field.STATUS: Status.CANCELLED})
            if Field.STATUS in frozen:
                return mapping
            return replace(mapping, base=ended, accepted=ended, pending=None, tombstone=sight.why)
        if record is None:
            return replace(mapping, pending=None) if sight.seen is Seen.SAME else mapping
        base = shown_over(mapping.base, record)
        accepted = self._accepted_after(vendor, base)
        for name in frozen:
            base = base.with_values({name: mapping.base.get(name)})
            accepted = accepted.with_values({name: mapping.accepted.get(name)})
        return replace(
            mapping,
            base=base,
            shows=mapping.shows | record.shows,
            accepted=accepted,
            fingerprint=None if frozen else record.fingerprint,
            version=mapping.version if record.version is None else record.version,
            modified_at=record.modified_at or mapping.modified_at,
            pending=None,
        )

    def _accepted_after(self, vendor: str, base: Appointment) -> Appointment:
        accepted, agreed = self.stands(vendor), self.merged.appointment
        equal = {name: agreed.get(name) for name in Field if base.get(name) == agreed.get(name)}
        return accepted.with_values(equal)


def stand(
    candidate: Candidate, snapshots: abc.Mapping[str, Snapshot], policy: Policy, *, suppose: bool = False
) -> Standing:
    """See, link and merge one appointment.

    A record that is missing without the vendor's own word is no change, unless `suppose` asks what would follow if it
    were.
    """
    known = candidate.known or _founded(candidate, policy)
    vendors = {traits.name for traits in policy.vendors}
    agreed = _filled(known.agreed, candidate.linked, policy) if candidate.known else known.agreed
    sights = {s.mapping.vendor: s for s in look(known, snapshots) if s.mapping.vendor in vendors}
    if agreed != known.agreed:
        gained = {name: agreed.get(name) for name in Field if agreed.get(name) != known.agreed.get(name)}
        sights = {
            vendor: replace(s, mapping=replace(s.mapping, accepted=s.mapping.accepted.with_values(gained)))
            for vendor, s in sights.items()
        }
        known = replace(known, agreed=agreed)
    creates = {id(record): create for record, create in candidate.recovered}
    for record in candidate.linked:
        mapping = _new_mapping(record, agreed, creates.get(id(record)), snapshots[record.vendor])
        sights[record.vendor] = Sight(mapping=mapping, seen=Seen.NEW, record=record)
    changes = [c for s in sights.values() for c in changes_of(s, snapshots.get(s.mapping.vendor), suppose=suppose)]
    own = {(change.vendor, change.field) for change in changes}
    late = [c for c in undelivered(known, sights.values(), policy, changes) if (c.vendor, c.field) not in own]
    merged = merge(known.id, agreed, known.provenance, [*changes, *(c for c in late if c.vendor in vendors)], policy)
    merged.conflicts += _contested(candidate, agreed, sights)
    current = {sight.mapping.remote_id for sight in sights.values()}
    gone = [m for m in known.mappings if m.remote_id not in current or m.vendor not in vendors]
    return Standing(candidate, known, sights, tuple(changes), merged, _adoptions(candidate, known, creates), gone)


def _founded(candidate: Candidate, policy: Policy) -> Known:
    first, *_ = [r for r in candidate.linked if r not in candidate.contested] or candidate.linked
    agreed = _filled(first.content, candidate.linked, policy)
    return Known(id=candidate.id, agreed=agreed)


def _filled(agreed: Appointment, records: abc.Iterable[Record], policy: Policy) -> Appointment:
    """What is empty in the agreed values, filled from records in the order of priority. Slot and status stay."""
    for record in sorted(records, key=lambda r: policy.rank(r.vendor)):
        gained: dict[Field, Any] = {}
        for name in record.shows - {Field.SLOT, Field.STATUS, Field.CLIENTS}:
            mine, theirs = agreed.get(name), record.content.get(name)
            unlisted = isinstance(mine, str) and mine.startswith(UNLISTED) and name in (Field.SERVICE, Field.STAFF)
            if theirs and (not mine or (unlisted and not theirs.startswith(UNLISTED))):
                gained[name] = theirs
        gained[Field.CLIENTS] = _filled_clients(agreed.clients, record.content.clients)
        agreed = agreed.with_values(gained)
    return agreed


def _filled_clients(agreed: tuple[Client, ...], others: tuple[Client, ...]) -> tuple[Client, ...]:
    if not agreed:
        return tuple(client for client in others if not client.empty)
    filled = []
    for client in agreed:
        like = next((other for other in others if other.same_person(client)), Client())
        named = () if client.name else ("first_name", "last_name")
        parts = [*named, *(part for part in ("email", "phone") if not getattr(client, part))]
        filled.append(replace(client, **{part: getattr(like, part) for part in parts}))
    return tuple(filled)


def _new_mapping(record: Record, agreed: Appointment, create: UnsettledCreate | None, snapshot: Snapshot) -> Mapping:
    """The mapping of a record that was just linked: its differences from what was agreed are accepted as they are.

    For the record of a create whose answer was lost, what was intended is the base for slot and status: what a person
    did to it since then is a change.
    """
    content = record.content
    base, accepted, known_at = content, agreed, None
    if create is not None:
        moved = content.slot.minute != create.intended.slot.minute
        deciding = {Field.STATUS: create.intended.status if create.intended.status.live else content.status}
        if moved:
            deciding[Field.SLOT] = create.intended.slot  # type: ignore[assignment]
        base, accepted, known_at = content.with_values(dict(deciding)), create.intended, create.intended_at
    if known_at is None:
        known_at = snapshot.ended_at if isinstance(snapshot, Complete | Partial) else datetime.max
    return Mapping(
        vendor=record.vendor,
        remote_id=record.remote_id,
        base=base,
        shows=record.shows,
        accepted=accepted,
        known_at=known_at,
        fingerprint=record.fingerprint,
        version=record.version,
        modified_at=record.modified_at if create is None else None,
    )


def _contested(candidate: Candidate, agreed: Appointment, sights: abc.Mapping[str, Sight]) -> list[Conflict]:
    if not candidate.contested:
        return []
    values = {vendor: sight.content.status for vendor, sight in sights.items()}
    names = ", ".join(record.vendor for record in candidate.contested)
    text = (
        f"the records of {names} and the others were found as they are, cancelled and not cancelled; "
        "nothing says which is true. Change one of them, or use 'syncd conflicts resolve'"
    )
    return [
        Conflict(
            appointment=candidate.id,
            field=Field.STATUS,
            values=values,
            winner=None,
            rule=ConflictRule.MANUAL.value,
            explanation=text,
        )
    ]


def _adoptions(candidate: Candidate, known: Known, creates: abc.Mapping[int, UnsettledCreate]) -> tuple[Adopt, ...]:
    """An adoption for each record that joined another one."""
    joining = candidate.linked if candidate.known else candidate.linked[1:]
    made = []
    for record in joining:
        others = sorted({*(m.vendor for m in known.mappings), *(r.vendor for r in candidate.linked)} - {record.vendor})
        how = "its create got no answer, and it is there" if id(record) in creates else "same start and client"
        if id(record) not in creates and not (record.content.clients and known.agreed.clients):
            how = "same start and title; a side has no client"
        reason = f"{record.vendor} and {', '.join(others) or 'syncd'} have the same appointment: {how}"
        changes = {Field.SLOT: (None, record.content.slot)}
        made.append(
            Adopt(
                id=operation_id(Adopt.action, record.vendor, known.id, changes, None, record),
                vendor=record.vendor,
                appointment=known.id,
                target=record.content,
                changes={},
                reason=reason,
                remote_id=record.remote_id,
                expected=record,
            )
        )
    return tuple(made)
