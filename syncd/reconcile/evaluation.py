"""What becomes of one appointment in a cycle: its records are seen, what changed in them is merged,
and what goes against each other is asked.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.compare.atoms import agreed_beside, same
from syncd.compare.seats import was_of_several
from syncd.model.appointment import Field
from syncd.model.memory import Known, Mapping
from syncd.model.plan import Conflict
from syncd.model.policy import Policy
from syncd.model.record import Partial, Snapshots
from syncd.reconcile.case import Case
from syncd.reconcile.diff.changes import Change, People, changes_of
from syncd.reconcile.diff.observation import Presence, Replica, Replicas, kept_up
from syncd.reconcile.diff.unclear import Unclear, asked_about, unless_said, waiting_for
from syncd.reconcile.link.adoptions import adoptions
from syncd.reconcile.link.candidates import Candidate
from syncd.reconcile.link.founding import surplus
from syncd.reconcile.merge.apart import (
    once_said,
    sides,
    unlike_of,
)
from syncd.reconcile.merge.contested import contested, disputed, questions
from syncd.reconcile.merge.merge import merge
from syncd.reconcile.merge.merged import Merged
from syncd.reconcile.merge.seating import seated, with_group_of, with_those_who_came
from syncd.reconcile.merge.seats import OfSeats, of_seats, still_unclear
from syncd.reconcile.merge.undelivered import may_be_later, undelivered
from syncd.reconcile.merge.unlike import as_said
from syncd.reconcile.seen import Seen, see


def evaluate(
    candidate: Candidate,
    snapshots: Snapshots,
    policy: Policy,
    *,
    suppose: bool = False,
    believe: bool = False,
) -> Case:
    """What becomes of one appointment in this cycle.

        SEE      its records as they are now, with what is nobody's change taken in    `seen`
        DIFF     what people changed in them since their bases    `diff.changes`
        MERGE    what is agreed from now on, and what goes against each other    `merge`
        ASK      what nobody's change explains, and a person has to decide

    A record that is missing without the vendor's own word is no change, unless `suppose` asks what
    would follow if it were; nor is one of a vendor that lost everything, unless `believe` says that
    its word is to be believed.
    """
    seen = see(candidate, snapshots, policy, believe=believe)
    said = _said(seen, _changes(seen, snapshots, policy, suppose=suppose), policy)
    changes = tuple(said.changes)
    unclear = still_unclear(seen.known, seen.replicas, seen.unclear, policy) | said.unclear
    seen.unclear = unless_said(unclear, changes, seen.replicas, policy)
    merged = _merged(seen, changes, policy, said.waiting, suppose=suppose)
    if Field.CLIENTS in merged.frozen:  # what a seat said is said again, once that is decided
        waits = Unclear("", frozenset())
        seen.unclear |= {change.vendor: waits for change in changes if change.of_seat}
    decided = [one for one in changes if one.field not in merged.frozen and not one.of_seat]
    replicas = once_said(seen.replicas, decided)
    case = Case(
        candidate=candidate,
        known=seen.known,
        replicas=replicas,
        changes=changes,
        merged=merged,
        policy=policy,
        again=_read_again(snapshots),
        unclear=seen.unclear,
        disputed=disputed(replicas, changes, merged, said.spoke),
        adopted=adoptions(candidate, seen.known),
        seats=said,
    )
    case.tombstones = _former(case, snapshots)
    merged.conflicts += _to_decide(case)
    case.unlike = _unlike(case)
    return case


def _changes(
    seen: Seen, snapshots: Snapshots, policy: Policy, *, suppose: bool
) -> tuple[Change, ...]:
    """What people changed in the records, each as far as it says something of the appointment."""
    found: list[Change] = []
    for vendor, replica in seen.replicas.items():
        able = policy.able(vendor)
        people = People(seen.agreed.clients, able.client_parts, seen.known.provenance)
        own = changes_of(replica, snapshots.get(vendor), people, suppose=suppose)
        found += [as_said(change, replica.mapping.unlike, seen.agreed) for change in own]
    return tuple(found)


def _said(seen: Seen, changes: abc.Sequence[Change], policy: Policy) -> OfSeats:
    """What the changes say once those of seats are no more; who comes beside one is remembered."""
    said = of_seats(seen.known, seen.replicas, changes, policy)
    if said.group is not None:
        seen.replicas = with_group_of(said.group, seen.replicas, policy)
    return said


def _merged(
    seen: Seen,
    changes: abc.Sequence[Change],
    policy: Policy,
    asked: frozenset[Field],
    *,
    suppose: bool,
) -> Merged:
    """The changes merged, with those of earlier cycles that some vendor has not taken yet.

    `asked` are the fields that wait for a person for the sake of one client's seat.
    """
    known, replicas = seen.known, seen.replicas
    news = _news(seen, changes)
    own = [one for one in changes if not one.of_seat]
    late = undelivered(known, replicas.values(), own, seated(known, replicas, policy))
    news += [change for change in late if policy.traits_of(change.vendor) is not None]
    waiting = _waiting(known, replicas, suppose) | waiting_for(seen.unclear, changes)
    return merge(known.id, seen.agreed, known.provenance, news, policy, waiting | asked)


def _news(seen: Seen, changes: abc.Sequence[Change]) -> list[Change]:
    """The changes, but for those by which a vendor came to the agreed value before others changed
    it further.
    """
    level = [c for c in changes if _caught_up(c, seen.replicas[c.vendor].mapping, seen.known)]
    further = [c for c in changes if c not in level and not c.of_seat]
    return [c for c in changes if c not in level or may_be_later(c, further)]


def _read_again(snapshots: Snapshots) -> frozenset[str]:
    """The vendors of which single records were read a second time in this cycle."""
    return frozenset(
        name for name, one in snapshots.items() if isinstance(one, Partial) and one.again
    )


def _former(case: Case, snapshots: Snapshots) -> list[Mapping]:
    """The mappings of records that are the appointment's no longer, and of those never to be."""
    current = {one.mapping.ref for one in case.replicas.values()}
    former = [m for m in case.known.mappings if m.ref not in current]
    found = [kept_up(mapping, snapshots.get(mapping.vendor), case.policy) for mapping in former]
    found = [_of_several(mapping, case) for mapping in found]
    return found + [surplus(record, why) for record, why in case.candidate.surplus]


def _of_several(mapping: Mapping, case: Case) -> Mapping:
    """A former record that was one seat of several stays so, whoever comes and goes.

    09:00 Ann's record was deleted, and she is out; Omar goes on; 09:05 Zoe comes
    10:00 Omar leaves: Zoe came to the two of them, and Ann's record was not the appointment's
    """
    if case.policy.traits_of(mapping.vendor) is None or not was_of_several(mapping):
        return mapping
    return with_those_who_came(case.known, mapping, case.policy)


def _to_decide(case: Case) -> list[Conflict]:
    """The conflicts about what no change explains."""
    known, replicas = case.known, case.replicas
    found = contested(known.id, replicas, case.disputed)
    found += [] if case.seats.conflict is None else [case.seats.conflict]
    return found + asked_about(known, case.unclear, replicas)


def _unlike(case: Case) -> list[Conflict]:
    """What a person is asked of records that are unlike each other, and nobody edited one.

    They are shown at the time that each has once this cycle's moves are made.
    """
    agreed, unlike = case.merged.appointment, unlike_of(case.replicas)
    if not any(unlike.values()):  # as nearly always
        return []
    shown = []
    for one in sides(case.replicas, case.policy):
        to_be = case.in_terms_of(one.vendor, agreed).slot
        shown.append(replace(one, content=one.content.with_values({Field.SLOT: to_be})))
    return questions(case.known.id, agreed, shown, unlike, case.policy)


def _waiting(known: Known, replicas: Replicas, suppose: bool) -> frozenset[Field]:
    """The fields that a person has yet to decide about, where a vendor that differs cannot be seen
    now.

    That the others agree without it decides nothing.
    """
    return frozenset(
        name
        for name, vendors in known.undecided.items()
        if any(_is_hidden(replicas[one], name, suppose) for one in vendors & replicas.keys())
    )


def _is_hidden(replica: Replica, name: Field, suppose: bool) -> bool:
    """Whether a record cannot be seen in what a person has yet to decide.

    That it was deleted, as is supposed, may decide that; but not where the question is what became
    of a write without an answer: looked at once an operator approved what follows, the record would
    be asked about again.
    """
    if replica.presence is Presence.MISSING:
        mapping = replica.mapping
        open_fields = mapping.in_flight_fields if mapping.in_flight is not None else frozenset()
        return not suppose or name in open_fields
    return replica.presence is Presence.UNREAD


def _caught_up(change: Change, mapping: Mapping, known: Known) -> bool:
    """Whether a vendor that was behind came to the agreed value by itself: that goes against
    nobody's later change (`may_be_later`).
    """
    if change.of_seat:
        return False
    both = agreed_beside(mapping.acknowledged, known.agreed, known.provenance)
    stands, wanted = both.get(change.atom, (change.new, change.new))
    return not same(change.atom, stands, wanted) and same(change.atom, change.new, wanted)
