"""Where one appointment stands: its replicas, what changed, what was merged, and what its mappings
become.

Everything that `steps` needs to say which operations are left to do, gathered once per appointment.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from typing import Any

from syncd.compare.atoms import Atom, agreed_beside, origins_of, same
from syncd.compare.attribution import is_unsettled, perhaps_put_back, shown_over
from syncd.compare.hosting import Guest, as_host, without_guests
from syncd.compare.identity import operation_id
from syncd.compare.sameness import is_known, same_value
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.plan import Adopt, Conflict
from syncd.model.policy import ConflictRule, Policy
from syncd.model.record import Partial, Record, Snapshot
from syncd.model.times import Slot
from syncd.reconcile.diff.changes import Change, People, changes_of
from syncd.reconcile.diff.observation import Presence, Replica, kept_up, look
from syncd.reconcile.diff.rezoned import rezoned
from syncd.reconcile.diff.unclear import unclear_endings
from syncd.reconcile.link.candidates import Candidate
from syncd.reconcile.link.founding import filled, founded, lengthened, new_mapping, surplus
from syncd.reconcile.link.revived import asked, question, unclear_among, unsettled_again, with_texts
from syncd.reconcile.merge.apart import (
    as_found,
    gaining,
    once_said,
    sides,
    unlike_of,
    without_questions,
)
from syncd.reconcile.merge.hearing import can_be_told, is_only_heard
from syncd.reconcile.merge.merge import Merged, merge
from syncd.reconcile.merge.taking import taken
from syncd.reconcile.merge.undelivered import undelivered
from syncd.reconcile.merge.unlike import Side, as_said, in_own_terms, levelled, questions


@dataclass(slots=True)
class Case:
    """One appointment in this cycle.

    `changes` are those of its records' own people. `disputed` are vendors whose record is cancelled
    while the appointment stands, or the other way round, and nobody changed it: it was found so.
    `again` are vendors of which single records were read a second time in this cycle, `unclear`
    those of whose record nobody can tell what its status says of the appointment, each with what a
    person is asked. `unlike` are the differences with which its records were linked.
    """

    candidate: Candidate
    known: Known
    replicas: dict[str, Replica]
    changes: tuple[Change, ...]
    merged: Merged
    policy: Policy
    again: frozenset[str] = frozenset()
    unclear: abc.Mapping[str, str] = field(default_factory=dict)
    disputed: tuple[str, ...] = ()
    adopted: tuple[Adopt, ...] = ()
    tombstones: list[Mapping] = field(default_factory=list)
    unlike: list[Conflict] = field(default_factory=list)

    def acknowledged(self, vendor: str) -> Appointment:
        """The agreed values that a vendor's record stands for: what changed as it is now, the rest
        as acknowledged.
        """
        acknowledged = self.replicas[vendor].mapping.acknowledged
        for change in self.changes:
            if change.vendor == vendor:
                acknowledged = taken(acknowledged, change, self.known.agreed.clients, self.policy)
        return acknowledged

    def in_terms_of(self, vendor: str, values: Appointment) -> Appointment:
        """Agreed values as a vendor's record is to have them, which keeps its own where it was
        linked otherwise.
        """
        replica = self.replicas[vendor]
        return in_own_terms(values, replica.mapping.unlike, replica.content)

    def mapping_after(self, vendor: str) -> Mapping:
        """The vendor's mapping with what was seen taken into its base; frozen fields stay as they
        were.
        """
        replica = self.replicas[vendor]
        mapping, record, frozen = replica.mapping, replica.record, self.merged.frozen
        if vendor in self.unclear:  # as it was, until a person decided
            return replace(mapping, fingerprint=None, missing=False, lapsed=False)
        if replica.presence is Presence.GONE:
            ended = mapping.base.with_values({Field.STATUS: Status.CANCELLED})
            if Field.STATUS in frozen:
                return mapping
            return replace(
                mapping,
                base=ended,
                acknowledged=ended,
                fingerprint=None,
                in_flight=None,
                tombstone=replica.why,
            )  # without a fingerprint it is looked at anew, should it come back as it was
        if replica.presence is Presence.MISSING or (mapping.missing and not replica.readable):
            return replace(
                mapping,
                missing=True,
                lapsed=mapping.lapsed or not self.merged.appointment.status.live,
            )
        mapping = replace(mapping, missing=False, lapsed=False)
        if record is not None or replica.presence is Presence.UNCHANGED:
            mapping = replace(mapping, unconfirmed=False)
        if record is None:
            if (
                replica.presence is Presence.OUT_OF_WINDOW
            ):  # without a fingerprint it is looked at anew when it is listed again
                return replace(
                    mapping,
                    aside=replica.aside,
                    fingerprint=None if replica.aside else mapping.fingerprint,
                )
            if replica.presence is not Presence.UNCHANGED:
                return mapping
            acknowledged = self._next_acknowledged(vendor, mapping.base)
            return replace(
                mapping,
                acknowledged=acknowledged,
                in_flight=None,
                keeps_word=self._keeps(mapping, acknowledged),
            )
        base = shown_over(mapping.base, record)
        base = base.with_values(self._untold(mapping, record))
        acknowledged = self._next_acknowledged(vendor, base)
        for name in frozen:
            base = base.with_values({name: mapping.base.get(name)})
            acknowledged = acknowledged.with_values({name: mapping.acknowledged.get(name)})
        unsettled = is_unsettled(mapping, record) or replica.until is not None
        # Guests that stand are looked at in each cycle.
        anew = bool(frozen) or unsettled or record.of_guests is not None
        return replace(
            mapping,
            base=base,
            shows=mapping.shows | record.shows,
            acknowledged=acknowledged,
            fingerprint=None if anew else record.fingerprint,
            version=mapping.version if record.version is None else record.version,
            modified_at=mapping.modified_at
            if frozen
            else record.modified_at or mapping.modified_at,
            parts=record.parts or mapping.parts,
            wall=record.wall if record.wall and base.slot == record.content.slot else mapping.wall,
            in_flight=mapping.in_flight if unsettled else None,
            keeps_word=self._keeps(mapping, acknowledged),
            aside=False,
        )

    def _keeps(self, mapping: Mapping, acknowledged: Appointment) -> bool:
        """Whether a record still keeps its word against the status that was agreed, and nobody
        spoke since.
        """
        spoke = any(c.vendor == mapping.vendor and c.field is Field.STATUS for c in self.changes)
        return (
            mapping.keeps_word
            and not spoke
            and acknowledged.status is self.merged.appointment.status
        )

    def awaits_acknowledgement(self) -> bool:
        """Whether a record has yet to be seen beside an agreed value that no write brings there."""
        live = self.merged.appointment.status.live
        listed = (Presence.DECODED, Presence.UNCHANGED, Presence.UNREAD)
        return live and any(
            self._lacks(vendor)
            for vendor, replica in self.replicas.items()
            if replica.presence in listed
        )

    def _lacks(self, vendor: str) -> bool:
        agreed, able = self.merged.appointment, self.policy.traits(vendor).capabilities
        given = [name for name in Field if origins_of(self.merged.provenance, Atom(name))]
        free = [n for n in given if able.ability(n).seen and n not in self.merged.frozen]
        names = [
            n for n in free if n in (Field.SLOT, Field.STATUS) or not can_be_told(n, agreed, able)
        ]
        acknowledged = self.mapping_after(vendor).acknowledged if names else agreed
        unlike = [
            name for name in names if not same_value(name, acknowledged.get(name), agreed.get(name))
        ]
        shown = self.mapping_after(vendor).base.status
        return any(is_only_heard(name, agreed, acknowledged, shown, able) for name in unlike)

    def _untold(self, mapping: Mapping, record: Record) -> dict[Field, Any]:
        """What the base keeps where a cancelled record shows something else: others hear of it if
        it is revived.
        """
        if record.content.status.live:
            return {}
        told = {change.field for change in self.changes if change.vendor == mapping.vendor} | {
            Field.STATUS
        }
        return {
            name: mapping.base.get(name) for name in record.shows - told if is_known(name, mapping)
        }

    def _next_acknowledged(self, vendor: str, base: Appointment) -> Appointment:
        """The agreed values that a record stands for.

        What no write brings there counts as told when a later cycle sees the record without a
        change of its own.
        """
        acknowledged, agreed, before = (
            self.acknowledged(vendor),
            self.merged.appointment,
            self.known.agreed,
        )
        able = self.policy.traits(vendor).capabilities
        free = [name for name in Field if name not in self.merged.frozen]
        own = {change.field for change in self.changes if change.vendor == vendor}
        heard = [n for n in free if vendor not in self.again and n not in own]
        told = {
            n: before.get(n)
            for n in heard
            if is_only_heard(n, before, acknowledged, base.status, able)
        }
        equal = {name: agreed.get(name) for name in free if base.get(name) == agreed.get(name)}
        return acknowledged.with_values(told | equal)


def evaluate(
    candidate: Candidate,
    snapshots: abc.Mapping[str, Snapshot],
    policy: Policy,
    *,
    suppose: bool = False,
    believe: bool = False,
) -> Case:
    """See, link and merge one appointment.

    A record that is missing without the vendor's own word is no change, unless `suppose` asks what
    would follow if it were; nor is one of a vendor that lost everything, unless its word is to be
    believed.
    """
    known = candidate.known or founded(candidate, policy)
    vendors = {traits.name for traits in policy.vendors}
    creates = {id(record): create for record, create in candidate.recovered}
    joining = [
        record for record in candidate.linked if candidate.known and id(record) not in creates
    ]
    replicas = {
        s.mapping.vendor: s
        for s in look(known, snapshots, policy, believe=believe)
        if s.mapping.vendor in vendors
    }
    replicas, agreed = rezoned(replicas, known.agreed)
    known = replace(known, agreed=agreed)
    agreed = lengthened(filled(known.agreed, joining, policy), replicas, joining, policy)
    if agreed != known.agreed:
        replicas = {
            vendor: gaining(s, known.agreed, agreed, policy) for vendor, s in replicas.items()
        }
        known = replace(known, agreed=agreed)
    replicas, agreed = without_questions(known, replicas, agreed, policy)
    known = replace(known, agreed=agreed)
    replicas = {
        vendor: replace(s, mapping=levelled(s.mapping, agreed)) for vendor, s in replicas.items()
    }
    replicas |= {
        name: replace(replicas[name], presence=Presence.UNREAD, record=None)
        for name in candidate.doubted & replicas.keys()
    }
    replicas |= {
        name: _as_host(replicas[name], one)
        for name, one in candidate.hosts.items()
        if name in replicas
    }
    replicas = {vendor: _first_told(replica, agreed) for vendor, replica in replicas.items()}
    unclear = unclear_among(known, replicas, policy) | unclear_endings(known, replicas)
    replicas |= {vendor: unsettled_again(known, replicas[vendor]) for vendor in unclear}
    for record in candidate.linked:
        mapping = new_mapping(record, agreed, creates.get(id(record)), snapshots.get(record.vendor))
        mapping = replace(mapping, guests=candidate.guests.get(record.vendor, mapping.guests))
        replica = Replica(mapping=mapping, presence=Presence.DECODED, record=record)
        replicas[record.vendor] = with_texts(replica, candidate.texts.get(record.vendor, {}))
    new = {
        record.vendor for record in candidate.linked if id(record) not in creates
    } - candidate.texts.keys()
    replicas = as_found(replicas, new, agreed, policy)
    changes: list[Change] = []
    for vendor, replica in replicas.items():
        people = People(agreed.clients, policy.traits(vendor).capabilities.client_parts)
        changes += changes_of(replica, snapshots.get(vendor), people, suppose=suppose)
    changes = [
        as_said(change, replicas[change.vendor].mapping.unlike, agreed) for change in changes
    ]
    late = undelivered(known, replicas.values(), changes)
    news = [c for c in changes if not _caught_up(c, replicas[c.vendor].mapping, agreed)]
    told = [*news, *(change for change in late if change.vendor in vendors)]
    waiting = _waiting(known, replicas, suppose) | asked(unclear, changes)
    merged = merge(known.id, agreed, known.provenance, told, policy, waiting)
    replicas = once_said(
        replicas, [change for change in changes if change.field not in merged.frozen]
    )
    current = {(replica.mapping.vendor, replica.mapping.remote_id) for replica in replicas.values()}
    again = frozenset(
        name for name, one in snapshots.items() if isinstance(one, Partial) and one.again
    )
    case = Case(candidate, known, replicas, tuple(changes), merged, policy, again, unclear)
    case.disputed = _disputed(case)
    case.adopted = _adoptions(candidate, known, creates)
    former = [m for m in known.mappings if (m.vendor, m.remote_id) not in current]
    case.tombstones = [kept_up(m, snapshots.get(m.vendor), policy) for m in former]
    case.tombstones += [surplus(record, why) for record, why in candidate.surplus]
    merged.conflicts += [*_contested(case), *_perhaps_put_back(case)]
    merged.conflicts += [question(known, unclear[vendor], replicas) for vendor in sorted(unclear)]
    case.unlike = questions(
        known.id, merged.appointment, _to_show(case), unlike_of(replicas), policy
    )
    return case


def _to_show(case: Case) -> list[Side]:
    """The records as a person is asked about them: each at the time that it has once this cycle's
    moves are made.
    """
    return [
        replace(one, content=one.content.with_values({Field.SLOT: _to_be(case, one.vendor)}))
        for one in sides(case.replicas, case.policy)
    ]


def _to_be(case: Case, vendor: str) -> Slot:
    return case.in_terms_of(vendor, case.merged.appointment).slot


def _waiting(known: Known, replicas: abc.Mapping[str, Replica], suppose: bool) -> frozenset[Field]:
    """The fields that a person has yet to decide about, where a vendor that differs cannot be seen
    now.

    That the others agree without it decides nothing.
    """
    hidden = (Presence.UNREAD,) if suppose else (Presence.UNREAD, Presence.MISSING)
    unseen = {vendor for vendor, replica in replicas.items() if replica.presence in hidden}
    return frozenset(name for name, vendors in known.undecided.items() if vendors & unseen)


def _as_host(replica: Replica, guests: abc.Sequence[Guest]) -> Replica:
    """A record that took others' bookings in: from the next look on it is read without them."""
    if replica.record is None:
        return replica
    mapping = as_host(replica.mapping, replica.record, guests)
    return replace(replica, mapping=mapping, record=without_guests(replica.record, mapping))


def _first_told(replica: Replica, agreed: Appointment) -> Replica:
    """A record that names a client for the first time, of an appointment that has none: from then
    on it has one.

    Where one is agreed on, that a record's own could not be told before is no change.
    """
    if agreed.clients or replica.record is None or replica.mapping.base.clients:
        return replica
    return replace(
        replica, mapping=replace(replica.mapping, shows=replica.mapping.shows | {Field.CLIENTS})
    )


def _caught_up(change: Change, mapping: Mapping, agreed: Appointment) -> bool:
    """Whether a vendor that was behind came to the agreed value by itself: that goes against
    nobody's later change.
    """
    stands, wanted = agreed_beside(mapping.acknowledged, agreed).get(
        change.atom, (change.new, change.new)
    )
    return not same(change.atom, stands, wanted) and same(change.atom, change.new, wanted)


def _disputed(case: Case) -> tuple[str, ...]:
    live = case.merged.appointment.status.live
    changed = {change.vendor for change in case.changes if change.field is Field.STATUS}
    return tuple(
        vendor
        for vendor, replica in case.replicas.items()
        if vendor not in changed
        and replica.presence is not Presence.GONE
        and not replica.mapping.keeps_word
        and replica.mapping.acknowledged.status.live is live
        and replica.content.status.live is not live
    )


def _contested(case: Case) -> list[Conflict]:
    if not case.disputed:
        return []
    values = {vendor: replica.content.status for vendor, replica in case.replicas.items()}
    names = ", ".join(case.disputed)
    text = (
        f"the records of {names} and the others were found as they are, cancelled and not "
        "cancelled; nothing says which is true. Change one of them, or use "
        "'syncd conflicts resolve'"
    )
    return [
        Conflict(
            appointment=case.known.id,
            field=Field.STATUS,
            values=values,
            winner=None,
            rule=ConflictRule.MANUAL.value,
            explanation=text,
        )
    ]


def _perhaps_put_back(case: Case) -> list[Conflict]:
    """On record: what is written again although a person may have put it back after a write of ours
    without answer.
    """
    merged, found = case.merged, []
    told = merged.frozen | {conflict.field for conflict in merged.conflicts}
    for vendor, replica in case.replicas.items():
        for name in perhaps_put_back(replica.mapping, replica.record):
            shown, agreed = replica.content.get(name), merged.appointment.get(name)
            came = next(reversed(origins_of(merged.provenance, Atom(name))), None)
            if (
                came is None
                or name in told
                or came.vendor == vendor
                or same_value(name, shown, agreed)
            ):
                continue
            text = (
                f"{came.text}; against that, {vendor} shows its {name} as before syncd's write of "
                "it, which got no answer, and was edited since: whether somebody put it back "
                "cannot be told, and it is written again"
            )
            values = {vendor: shown, came.vendor: agreed}
            rule = ConflictRule.NEWEST.value
            found.append(
                Conflict(
                    appointment=case.known.id,
                    field=name,
                    values=values,
                    winner=came.vendor,
                    rule=rule,
                    explanation=text,
                )
            )
    return found


def _how(create: UnsettledCreate) -> str:
    if create.operation:
        return "its create got no answer, and it is there"
    return "its booking was put into that record, which stands for nobody else any more"


def _adoptions(
    candidate: Candidate, known: Known, creates: abc.Mapping[int, UnsettledCreate]
) -> tuple[Adopt, ...]:
    """An adoption for each record that joined another one."""
    joining = candidate.linked if candidate.known else candidate.linked[1:]
    made = []
    for record in joining:
        others = sorted(
            {*(m.vendor for m in known.mappings), *(r.vendor for r in candidate.linked)}
            - {record.vendor}
        )
        how = _how(creates[id(record)]) if id(record) in creates else "same start and client"
        elsewhere = [candidate.known.agreed] if candidate.known else []
        elsewhere += [other.content for other in candidate.linked if other is not record]
        if id(record) not in creates and not (
            record.content.clients and any(one.clients for one in elsewhere)
        ):
            how = "same start and title; a side has no client"
        reason = (
            f"{record.vendor} and {', '.join(others) or 'syncd'} have the same appointment: {how}"
        )
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
