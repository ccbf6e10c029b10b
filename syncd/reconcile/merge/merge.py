"""N-way three-way merge, atom by atom: the changes of all vendors of one appointment, to one
appointment.

The order in which vendors or changes are given does not matter. An atom that several changed
differently is a conflict, decided by the policy's rule; under `manual` its field is frozen until a
person decides. Of an appointment that is cancelled, nobody has to decide a time or a title any
more.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import replace
from itertools import chain
from typing import Any, assert_never

from syncd.compare.atoms import CLIENTS, Atom
from syncd.compare.people import named
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Provenance
from syncd.model.policy import ConflictRule, Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.merge.merged import CANCEL_WINS, Merged
from syncd.reconcile.merge.moves import merge_moves, those_telling
from syncd.reconcile.merge.seating import seats_taken
from syncd.reconcile.merge.taking import groups_of, most_specific, taken
from syncd.reconcile.merge.wording import decided, describe

_STATUS_FIRST = sorted(Field, key=lambda name: name is not Field.STATUS)


def merge(
    appointment: str,
    agreed: Appointment,
    provenance: abc.Mapping[str, Provenance],
    changes: abc.Iterable[Change],
    policy: Policy,
    waiting: abc.Set[Field] = frozenset(),
) -> Merged:
    """Merge all changes into the agreed values, but for fields that are `waiting`: they stay as
    they are.

    What goes against a cancellation is recorded even then, as it goes down with its record.
    """
    everything = sorted(changes, key=lambda change: _in_turn(change, policy))
    seats = [change for change in everything if change.of_seat]
    ordered = [change for change in everything if not change.of_seat]
    merged = Merged(appointment, agreed, dict(provenance), frozen=set(waiting))
    others = _merge_cancellations(ordered, waiting, merged, policy)
    seats, others = _contest_seats(seats, others, merged, policy)
    for name in _STATUS_FIRST:
        if name not in merged.frozen:
            _merge_field(name, _of(name, others), agreed, merged, policy)
    if merged.appointment.status.live and Field.CLIENTS not in merged.frozen:
        _merge_seats(seats, agreed, merged)
    moves = [change for change in ordered if change.while_cancelled and change.field not in waiting]
    telling = those_telling(moves, agreed, provenance, merged)
    merge_moves(moves, telling, _of(Field.SLOT, others), merged, policy)
    return merged


def _of(name: Field, changes: abc.Iterable[Change]) -> list[Change]:
    """The changes of one field."""
    return [change for change in changes if change.field is name]


def _in_turn(change: Change, policy: Policy) -> tuple[bool, Atom, int, bool, str]:
    """Sorts changes, so that the order in which they are given does not matter."""
    return (
        change.while_cancelled,
        change.atom,
        policy.rank(change.vendor),
        change.undelivered,
        repr(change.new),
    )


def _merge_cancellations(
    ordered: abc.Sequence[Change], waiting: abc.Set[Field], merged: Merged, policy: Policy
) -> list[Change]:
    """Take a cancellation, or what goes against it. Returns the changes that are still to be
    merged; what was moved while it was cancelled is none of them.
    """
    heard = () if Field.STATUS in waiting else ordered
    cancels = [change for change in heard if change.cancels]
    cancelling = {cancel.vendor for cancel in cancels}
    others = [c for c in ordered if not c.while_cancelled and c.vendor not in cancelling]
    if cancels and others:
        return _cancel_against(cancels, others, merged, policy)
    if cancels:
        merged.take(cancels[0], Status.CANCELLED, describe(cancels[0]))
    return others


def _cancel_against(
    cancels: list[Change], others: list[Change], merged: Merged, policy: Policy
) -> list[Change]:
    """One cancelled, another changed something else. Returns the changes that are still to be
    merged.
    """
    winner, rule = _winner_against(cancels, others, policy)
    fields = {change.field for change in others}
    for name in sorted(fields):
        losing = _of(name, others)
        text = _explain(winner, losing if winner in cancels else cancels, rule)
        merged.record(name, _shown([*losing, *cancels]), winner, rule, text)
    if winner is None:
        merged.frozen |= {Field.STATUS, *fields}
        return []
    if winner in cancels:
        merged.take(winner, Status.CANCELLED, _explain(winner, others, rule))
        return [change for change in others if change.field is not Field.STATUS]
    if Field.STATUS not in fields:
        status = merged.appointment.status if merged.appointment.status.live else Status.SCHEDULED
        stands = replace(winner, atom=Atom(Field.STATUS))
        merged.take(stands, status, _explain(winner, cancels, rule))
    return others


def _winner_against(
    ending: abc.Sequence[Change], others: abc.Iterable[Change], policy: Policy
) -> tuple[Change | None, str]:
    """Who wins where some end what others edited, and by which rule; None: a person must say."""
    if policy.cancel_wins:
        return ending[0], CANCEL_WINS
    return winner_of([ending, *([change] for change in others)], policy)


def _shown(changes: abc.Iterable[Change]) -> dict[str, Any]:
    """What each vendor has, for a conflict."""
    return {change.vendor: change.shown for change in changes}


def _merge_field(
    name: Field, changes: list[Change], agreed: Appointment, merged: Merged, policy: Policy
) -> None:
    """The changes of one field: those that go against each other first, as all of the field waits
    where one does.
    """
    parts = [groups_of(rivals, policy) for rivals in _rivals(changes)]
    for groups in parts:
        if len(groups) > 1:
            _clash(name, groups, agreed, merged, policy)
    for groups in parts:
        if len(groups) == 1 and name not in merged.frozen:
            _take_group(merged, groups[0], None, agreed, policy)


def _rivals(changes: abc.Iterable[Change]) -> list[list[Change]]:
    """Changes of one field that may go against each other: of one atom; where clients came or went,
    all.
    """
    by_atom: dict[Atom, list[Change]] = defaultdict(list)
    for change in changes:
        by_atom[change.atom].append(change)
    return [list(chain(*by_atom.values()))] if CLIENTS in by_atom else list(by_atom.values())


def _clash(
    name: Field,
    groups: abc.Sequence[list[Change]],
    agreed: Appointment,
    merged: Merged,
    policy: Policy,
) -> None:
    """Changes that go against each other, of which one wins with all that come to the same; or a
    person decides.
    """
    winner, rule = winner_of(groups, policy)
    winning: list[Change] = next((group for group in groups if winner in group), [])
    rivals = sorted(chain(*groups), key=lambda change: _in_turn(change, policy))
    text = _explain(winner, [change for change in rivals if change not in winning], rule)
    may_be_live = merged.appointment.status.live or Field.STATUS in merged.frozen
    if name is Field.STATUS or may_be_live:
        merged.record(name, _shown(rivals), winner, rule, text)
        merged.frozen |= set() if winner else {name}
    if winner is not None:
        _take_group(merged, winning, (winner, text), agreed, policy)


def _take_group(
    merged: Merged,
    group: abc.Iterable[Change],
    won: tuple[Change, str] | None,
    agreed: Appointment,
    policy: Policy,
) -> None:
    """Changes that come to the same: of each atom, the one that says most. `won`: against others,
    and how.
    """
    for atom in sorted({change.atom for change in group}):
        most = most_specific((change for change in group if change.atom == atom), policy)
        origin, text = won or (most, describe(most))
        value = taken(merged.appointment, most, agreed.clients, policy).get(atom.field)
        merged.take(origin if origin.atom == atom else most, value, text)


def _contest_seats(
    seats: abc.Sequence[Change], others: abc.Sequence[Change], merged: Merged, policy: Policy
) -> tuple[list[Change], list[Change]]:
    """What was corrected of one who leaves goes against that, as it would against a cancellation.
    Returns the seats, and the other changes, that are still to be merged.
    """
    left, rest = [], list(others)
    for seat in seats:
        against = [one for one in others if one.atom.part and one.atom.who in seat.leaves]
        if not against or Field.CLIENTS in merged.frozen:
            left.append(seat)
        elif _leaves_against(seat, against, merged, policy):
            rest = [change for change in rest if change not in against]
            left.append(seat)
    return left, rest


def _leaves_against(seat: Change, against: list[Change], merged: Merged, policy: Policy) -> bool:
    """Whether one leaves of whom something was corrected; that goes on record."""
    winner, rule = _winner_against([seat], against, policy)
    losers = against if winner is seat else [seat]
    text = _explain(winner, losers, rule)
    merged.record(Field.CLIENTS, _shown([*against, seat]), winner, rule, text)
    merged.frozen |= set() if winner else {Field.CLIENTS}
    return winner is seat


def _merge_seats(seats: abc.Sequence[Change], agreed: Appointment, merged: Merged) -> None:
    """Let clients leave and come by their seats, beside whatever was said of the others. Where
    nobody is left, the appointment is called off.
    """
    for seat in seats:
        clients = seats_taken(merged.appointment.clients, [seat], agreed.clients)
        if named(clients):
            merged.take(seat, clients, describe(seat))
        else:
            called_off = replace(seat, atom=Atom(Field.STATUS), leaves=(), new=Status.CANCELLED)
            merged.take(called_off, Status.CANCELLED, describe(called_off))


def winner_of(
    groups: abc.Sequence[abc.Sequence[Change]], policy: Policy
) -> tuple[Change | None, str]:
    """The winner among groups of equal changes, and the rule that decided; None: a person must."""
    match policy.conflict:
        case ConflictRule.MANUAL:
            return None, ConflictRule.MANUAL.value
        case ConflictRule.NEWEST:
            latest = _latest(groups)
            if latest is not None:
                return latest, ConflictRule.NEWEST.value
        case ConflictRule.PRIORITY:
            pass
        case _:
            assert_never(policy.conflict)
    # Which is the latest, nobody can tell.
    first = min(chain(*groups), key=lambda one: (policy.rank(one.vendor), one.undelivered))
    return first, ConflictRule.PRIORITY.value


def _latest(groups: abc.Iterable[abc.Iterable[Change]]) -> Change | None:
    """The change that is surely later than those of all other groups, if there is one."""
    last = [max(group, key=lambda c: (c.when.earliest, not c.undelivered)) for group in groups]
    for change in last:
        others = (other for other in last if other is not change)
        if all(other.when.surely_before(change.when) for other in others):
            return change
    return None


def _explain(winner: Change | None, losers: abc.Sequence[Change], rule: str) -> str:
    if winner is None:
        said = "; ".join(describe(change) for change in losers)
        return f'{said}: it waits for a person (conflict = "manual")'
    return decided(winner, losers, rule)
