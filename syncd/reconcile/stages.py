"""Pure decisions: what the vendors show, against what is remembered, to a plan.

`reconcile` is total and reads no clock, network, store or log. It consults capabilities, never
vendors' names. Carrying the plan out is `syncd.engine`.
"""

from __future__ import annotations

from collections import Counter, abc, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from syncd.compare.identity import (
    digest,
    row_key,
    until_corrected,
    until_elsewhere,
    until_otherwise,
    until_stirred,
)
from syncd.compare.phones import at_home_in
from syncd.model.appointment import Field
from syncd.model.memory import Memory, Quarantines
from syncd.model.plan import Adopt, Cancel, Conflict, Held, NextState, Plan, Quarantined, Step
from syncd.model.policy import Policy
from syncd.model.record import Listed, Snapshots
from syncd.reconcile.case import Case
from syncd.reconcile.diff.observation import Presence, doubt_of
from syncd.reconcile.diff.shifted import asked_for, remarks_on, shifts_among, without_times
from syncd.reconcile.evaluation import evaluate
from syncd.reconcile.link.candidates import Ambiguity, Candidate
from syncd.reconcile.link.matching import match
from syncd.reconcile.link.revived import set_apart
from syncd.reconcile.link.unreadable import block_for_unreadable
from syncd.reconcile.plan.blocking import blocking
from syncd.reconcile.plan.guard import Draft, ends_seats, guard
from syncd.reconcile.plan.making import Planned
from syncd.reconcile.plan.operations import steps_for
from syncd.reconcile.plan.room import see_room
from syncd.reconcile.plan.stirring import Stirred, strangers_in

_MOST_REMARKS = 20
"""So many single appointments of a vendor are remarked on at once: a first run may find
thousands.
"""


def reconcile(snapshots: Snapshots, memory: Memory, policy: Policy, now: datetime) -> Plan:
    """The operations that would bring all vendors in step, each with its reason.

    `snapshots` has one entry per configured vendor (a missing one counts as not polled); `memory`
    must hold every known appointment that the snapshots touch. `now` is an aware UTC instant.

        LINK   which record is whose: those known, those that fit one, lost creates    `link`
        CASE   per appointment: what each record shows now (`seen`), what changed since it was last
               agreed on (`diff.changes`), what is agreed from now on (`merge`), what is remembered
               of that    `evaluation`, `case`
        PLAN   per appointment: what is left to do (`plan.operations`), who has room for it
               (`plan.room`)    `plan`
        GUARD  per vendor: what may be done without asking    `plan.guard`
    """
    with at_home_in(policy.region):
        return _reconciled(snapshots, memory, policy, now)


def _reconciled(snapshots: Snapshots, memory: Memory, policy: Policy, now: datetime) -> Plan:
    shifts, policy = shifts_among(memory, snapshots, policy)
    snapshots = without_times(snapshots, memory.known, policy)
    snapshots = set_apart(memory.known, snapshots, policy)
    matched = match(memory, snapshots, policy)
    block_for_unreadable(matched, snapshots, memory, now)
    cases = [_case(candidate, snapshots, memory, policy, now) for candidate in matched.candidates]
    planned = [(case, steps_for(case, snapshots, now)) for case in cases]
    see_room(planned, memory, policy)
    strangers = strangers_in(snapshots, (one.record for one in matched.ambiguous), memory, policy)
    found = _Found(memory.left_alone, Stirred(policy))
    found.stirred.by_strangers(memory.strangers, strangers)
    for case, steps in planned:
        found.suppose(*_supposed(case, steps, snapshots, now))
        found.take(case, steps)
    blocks = {one.id: one for one in blocking(found.next_states, snapshots, memory, policy, now)}
    found.drafts += map(Draft, blocks.values())
    go, held = found.guarded(snapshots, memory, policy)
    left_alone = [*found.left_alone(), *map(_unlinked, matched.ambiguous)]
    left_alone += _bad_rows(snapshots, policy)
    return Plan(
        operations=(*found.adopted, *(one for one in go if one.id not in blocks)),
        blocks=tuple(one for one in go if one.id in blocks),
        held=tuple(held),
        quarantined=_marked(left_alone, memory.left_alone),
        conflicts=tuple(found.conflicts),
        unlike=tuple(found.unlike),
        next_states=tuple(found.next_states),
        waiting=(*_put_off("create", found.waiting), *_put_off("change", found.delayed)),
        unanswered=any(steps.unanswered for _, steps in planned),
        remarks=(
            *_left_unlike(found.unlike, found.adopted),
            *_shortened([*matched.remarks, *found.remarks]),
            *remarks_on(shifts, memory.shifted),
        ),
        shifted=memory.shifted | asked_for(shifts),
        strangers=strangers,
    )


@dataclass(slots=True)
class _Found:
    """What the cases come to, gathered one after the other.

    `refused` are operations that were refused before, and are the same still; `again` those of them
    that are tried again, as the records around have changed since.
    """

    quarantines: Quarantines
    stirred: Stirred
    drafts: list[Draft] = field(default_factory=list)
    adopted: list[Adopt] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    refused: list[Quarantined] = field(default_factory=list)
    again: dict[str, Draft] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    unlike: list[Conflict] = field(default_factory=list)
    next_states: list[NextState] = field(default_factory=list)
    waiting: Counter[tuple[str, str]] = field(default_factory=Counter)
    delayed: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    def take(self, case: Case, steps: Planned) -> None:
        """One appointment: what is left to do of it, what waits, what a person is asked."""
        self.waiting.update(steps.blocked)
        self.delayed.update(steps.delayed)
        self.remarks += steps.remarks
        self.adopted += case.adopted
        self.conflicts += case.merged.conflicts
        for one in case.unlike:
            decides = one.field in (Field.SLOT, Field.STATUS)
            (self.conflicts if decides else self.unlike).append(one)
        refused = {
            operation.id: _again(operation, self.quarantines, case.policy)
            for operation in steps.operations
        }
        self.drafts += [
            Draft(operation) for operation in steps.operations if refused[operation.id] is None
        ]
        before = [entry for entry in refused.values() if entry is not None]
        self.refused += before
        self.quarantined += steps.quarantined
        self.stirred.by_people(case)
        self.next_states.append(_next_state(case, steps, bool(before)))

    def suppose(
        self,
        drafts: abc.Iterable[Draft],
        asked: abc.Iterable[Conflict],
        refused: abc.Iterable[Quarantined],
    ) -> None:
        """What is held, as it would follow from an absence that is not believed, and what could not
        even be done then.
        """
        self.drafts += drafts
        self.conflicts += asked
        self.quarantined += refused

    def guarded(
        self, snapshots: Snapshots, memory: Memory, policy: Policy
    ) -> tuple[list[Step], list[Held]]:
        """What may be done now, and what is held: counted again where refused ones are
        tried again.
        """
        go, held = guard(self.drafts, snapshots, policy, memory)
        self.stirred.by_us(go)
        refused = [entry.operation for entry in self.refused if entry.operation is not None]
        # What is tried again may make room itself: of an exchange, for the other.
        while released := self._released(refused):
            self.again |= {one.id: Draft(one) for one in released}
            self.stirred.by_us(released)
        if not self.again:
            return go, held
        return guard([*self.drafts, *self.again.values()], snapshots, policy, memory)

    def _released(self, refused: abc.Iterable[Step]) -> list[Step]:
        """Of what was refused, what is tried again and was not yet known to be."""
        left = [one for one in refused if one.id not in self.again]
        return [one for one in left if self.stirred.release(one, self.quarantines)]

    def left_alone(self) -> list[Quarantined]:
        """What is in quarantine, of operations."""
        kept = [
            entry
            for entry in self.refused
            if entry.operation is None or entry.operation.id not in self.again
        ]
        return [*self.quarantined, *kept]


def _put_off(what: str, why: Counter[tuple[str, str]]) -> abc.Iterator[str]:
    for (vendor, reason), number in sorted(why.items()):
        yield f"{number} {what}(s) at {vendor} put off: {reason}"


def _left_unlike(unlike: abc.Iterable[Conflict], adopted: abc.Iterable[Adopt]) -> abc.Iterator[str]:
    """How many texts differ between records that were linked just now."""
    linked = {adoption.appointment for adoption in adopted}
    counts = Counter(one.field.value for one in unlike if one.appointment in linked)
    if counts:
        told = ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
        yield (
            f"{counts.total()} text(s) of records that are linked now differ ({told}): each record "
            "keeps its own; 'syncd conflicts --at-linking' lists them after the cycle"
        )


def _shortened(remarks: abc.Iterable[tuple[str, str]]) -> abc.Iterator[str]:
    """Remarks on single appointments by vendor, the first ones of many."""
    by_vendor: dict[str, list[str]] = defaultdict(list)
    for vendor, text in remarks:
        by_vendor[vendor].append(text)
    for vendor, texts in sorted(by_vendor.items()):
        yield from texts[:_MOST_REMARKS]
        if len(texts) > _MOST_REMARKS:
            yield f"{len(texts) - _MOST_REMARKS} more such remarks on {vendor}"


def _case(
    candidate: Candidate,
    snapshots: Snapshots,
    memory: Memory,
    policy: Policy,
    now: datetime,
) -> Case:
    """Where an appointment stands; a vendor that lost everything is believed as far as an operator
    approved.
    """
    case = evaluate(candidate, snapshots, policy)
    against_word = (
        vendor in candidate.doubts or doubt_of(case.replicas[vendor].mapping, snapshots.get(vendor))
        for vendor in case.missing
    )
    if any(against_word):
        believed = evaluate(candidate, snapshots, policy, believe=True)
        steps = steps_for(believed, snapshots, now)
        # That nothing follows as a person is asked is no approval.
        asked = believed.unclear.keys() - case.unclear.keys()
        approved = memory.approved.issuperset(o.id for o in _concerned(steps, case.missing))
        if approved and not asked:
            return believed
    return case


def _concerned(steps: Planned, doubted: abc.Container[str]) -> list[Step]:
    """What must not be done on the strength of an absence: cancelling elsewhere, and making the
    record anew there.
    """
    return [
        one
        for one in steps.operations
        if isinstance(one, Cancel) or ends_seats(one) or one.vendor in doubted
    ]


def _supposed(
    case: Case, real: Planned, snapshots: Snapshots, now: datetime
) -> tuple[list[Draft], list[Conflict], list[Quarantined]]:
    """To hold: what would follow if records missing without the vendor's word, or with too much of
    it, were deleted.

    Those are cancellations elsewhere; or, where the appointment stands all the same (it was called
    off and revived meanwhile, or its change wins), making the record anew. What has another reason
    as well is none of these. Where a person would have to decide, the conflict is there already;
    where the record could not be made anew, that is said.
    """
    doubtful = case.missing
    if not doubtful:
        return [], [], []
    supposed = evaluate(case.candidate, snapshots, case.policy, suppose=True, believe=True)
    for vendor in doubtful.keys() & supposed.replicas.keys():
        gone = replace(supposed.replicas[vendor], presence=Presence.GONE)
        supposed.replicas[vendor] = gone
    steps = steps_for(supposed, snapshots, now)
    planned = {operation.id for operation in real.operations}
    asked = [
        c for c in supposed.merged.conflicts if c.winner is None and c not in case.merged.conflicts
    ]
    drafts = [Draft(o, doubtful) for o in _concerned(steps, doubtful) if o.id not in planned]
    return drafts, asked, [entry for entry in steps.quarantined if entry.vendor in doubtful]


def _again(operation: Step, quarantines: Quarantines, policy: Policy) -> Quarantined | None:
    """An operation that was refused before and is the same still: left alone.

    What was refused for whom its client would be is tried again once its vendor shows the client.
    A record that did not keep its status is left alone with all that it is to get:

        10:00:00 a revival is answered with "done"; 10:00:01 somebody cancels the record once more
        10:00:02 read back, it is cancelled; one that revives nothing would show the same
        10:05 it is moved elsewhere: to revive it with that would undo what somebody did

    So is one with its moves that was found at another time than was written (`settle`).
    """
    names = [operation.id, until_stirred(operation.id)]
    if _turns(operation):
        names.insert(0, until_otherwise(operation.appointment))
    if operation.mapping is not None and Field.SLOT in operation.changes:
        names.append(until_elsewhere(operation.appointment, operation.mapping.base.slot))
    if not policy.able(operation.vendor).are_themselves(operation.target):
        names.append(until_corrected(operation.id))
    named = [quarantines.get((operation.vendor, key)) for key in names]
    entry = next((entry for entry in named if entry is not None), None)
    if entry is None:
        return None
    return Quarantined(
        vendor=operation.vendor,
        key=entry.key,
        reason=entry.reason,
        appointment=operation.appointment,
        remote_id=operation.remote_id,
        operation=operation,
    )


def _turns(operation: Step) -> bool:
    """Whether its appointment's record is to stand that is cancelled, or the other way round; one
    that was given up has a name of its own.
    """
    mapping = operation.mapping
    return mapping is not None and mapping.stands_against(operation.target)


def _marked(left_alone: abc.Iterable[Quarantined], before: Quarantines) -> tuple[Quarantined, ...]:
    """What is left alone, once each, and whether that is new."""
    found = {(entry.vendor, entry.key): entry for entry in left_alone}
    return tuple(replace(entry, new=key not in before) for key, entry in found.items())


def _unlinked(one: Ambiguity) -> Quarantined:
    record = one.record
    return Quarantined(
        vendor=record.vendor,
        key=one.key or digest(["ambiguous", *record.ref, one.reason]),
        reason=one.reason,
        appointment=one.appointment,
        remote_id=record.remote_id,
    )


def _bad_rows(snapshots: Snapshots, policy: Policy) -> abc.Iterator[Quarantined]:
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        for row in snapshot.bad_rows if isinstance(snapshot, Listed) else ():
            yield Quarantined(
                vendor=row.vendor, key=row_key(row), reason=row.reason, remote_id=row.remote_id
            )


def _next_state(case: Case, steps: Planned, refused: bool) -> NextState:
    """What will be remembered of the appointment when the plan begins.

    It needs another cycle while a listing may still show what became of a create, even where
    nothing else is left to do: otherwise the record would be taken for an appointment of its own,
    and bring back one that was cancelled.
    """
    mappings = [
        steps.mappings.get(vendor) or case.mapping_after(vendor) for vendor in case.replicas
    ]
    return NextState(
        id=case.known.id,
        agreed=case.merged.appointment,
        provenance=case.merged.provenance,
        mappings=(*case.tombstones, *mappings),
        settled=tuple(case.candidate.settled),
        missed=tuple(case.candidate.missed),
        given_up=tuple(case.candidate.given_up),
        needs_another_cycle=steps.unfinished
        or refused
        or case.awaits_acknowledgement()
        or _unanswered(case),
        undecided=frozenset(case.merged.frozen),
    )


def _unanswered(case: Case) -> bool:
    """Whether a listing may still show what became of a create without an answer."""
    policy = case.policy
    left = chain.from_iterable(case.candidate.open_at(traits.name) for traits in policy.vendors)
    return any(create.intended.slot.start >= policy.window.since for create in left)
