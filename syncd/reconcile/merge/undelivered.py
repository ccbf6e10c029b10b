"""What was agreed and has not reached a vendor yet, beside what that vendor's own people change
meanwhile.

Without it, the vendor's later listing would overrule what others agreed on while it was away,
unseen.
"""

from __future__ import annotations

from collections import abc
from typing import Any

from syncd.compare.atoms import CLIENTS, Atom, agreed_beside, origin_of, same
from syncd.model.appointment import Field, Status
from syncd.model.memory import Known, Mapping, Provenance
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Replica


def undelivered(
    known: Known,
    replicas: abc.Iterable[Replica],
    own: abc.Sequence[Change],
    seated: abc.Container[str],
) -> list[Change]:
    """Agreed values that a vendor has not taken yet, where that vendor's own people changed
    something meanwhile.

    Where a vendor that had taken the agreed value changed it further, that change stands for both;
    so does the next change of the vendor whose value it is.
        09:00 the office renames the client, and the CRM cannot be reached
        09:10 the CRM's people rename the client as well: the office's name goes against that
    That others came or went goes against nothing that is corrected of her whose seat a record is:
    `seated` are the vendors whose record has no room for all who are agreed on.
    A deletion that is believed only now goes against all that was agreed on while it was in doubt:
        09:00 the CRM's record is missing, nobody knows whether it was deleted; the office notes
              something, which is agreed on
        09:05 it was deleted: that and the note go against each other, as they did at 09:00
    """
    found: dict[Atom, Change] = {}
    overtaken: set[Atom] = set()
    mappings = [replica.mapping for replica in replicas]
    # Who was away longest counts: what it lacks is written last into `found`.
    for mapping in sorted(mappings, key=lambda mapping: mapping.known_at, reverse=True):
        changes = [change for change in own if change.vendor == mapping.vendor]
        lacking, further = _met(known, mapping, changes)
        if mapping.vendor in seated and all(one.atom != CLIENTS for one in changes):
            lacking.pop(CLIENTS, None)
        found |= lacking
        overtaken |= further
    left = [late for atom, late in found.items() if atom not in overtaken]
    return [late for late in left if not _is_changed_further(late, own)]


def may_be_later(level: Change, others: abc.Iterable[Change]) -> bool:
    """Whether somebody may have come to the agreed value after others changed it further: then the
    two go against each other, as any two changes.

        10:20 the office makes it 45 minutes long, and the CRM's record waits for an approval
        10:31 the office moves it; 10:32 the CRM's people make it 45 minutes long where it was
    """
    against = [one for one in others if _touches(level.atom, {one.atom})]
    if level.cancels:  # a cancellation wins whenever it was: to confirm one undoes no revival
        return any(one.when.surely_before(level.when) for one in against)
    return any(not level.when.surely_before(one.when) for one in against)


def _met(
    known: Known, mapping: Mapping, changes: abc.Sequence[Change]
) -> tuple[dict[Atom, Change], set[Atom]]:
    """Of what is agreed, what a vendor has not taken and its own people's changes go against; and
    what it had taken, and they changed further.
    """
    mine = {change.atom for change in changes if not change.while_cancelled}
    ended = any(change.new is Status.CANCELLED for change in changes)
    lacking: dict[Atom, Change] = {}
    further: set[Atom] = set()
    for atom, values, origin in _agreed_at(known, mapping) if mine else ():
        missed = ended and _is_revived(known, atom, origin, mapping)
        doubted = ended and _was_in_doubt(mapping, origin)
        if not missed and same(atom, *values):
            further |= {atom} if _touches(atom, mine) else set()
        elif origin.vendor != mapping.vendor and (_competes(atom, values[1], mine) or doubted):
            lacking[atom] = _again(known, atom, values, origin)
    return lacking, further


def _agreed_at(
    known: Known, mapping: Mapping
) -> abc.Iterator[tuple[Atom, tuple[Any, Any], Provenance]]:
    """Each agreed value beside what a vendor took of it, with whose it is, if anybody's."""
    beside = agreed_beside(mapping.acknowledged, known.agreed, known.provenance)
    for atom, values in beside.items():
        origin = origin_of(known.provenance, atom)
        if origin is not None:
            yield atom, values, origin


def _is_revived(known: Known, atom: Atom, origin: Provenance, mapping: Mapping) -> bool:
    """Whether an atom is the status of an appointment that stands, by what somebody said since a
    record was last seen.
    """
    stands = atom.field is Field.STATUS and known.agreed.status.live
    return stands and origin.when.latest > mapping.known_at


def _was_in_doubt(mapping: Mapping, origin: Provenance) -> bool:
    """Whether something was said while a record was missing, and nobody knew what became of it."""
    return mapping.missing and origin.when.latest > mapping.known_at


def _is_changed_further(late: Change, own: abc.Iterable[Change]) -> bool:
    """Whether the vendor whose value it is changed it since: that stands for both."""
    return _touches(late.atom, {one.atom for one in own if one.vendor == late.vendor})


def _again(known: Known, atom: Atom, values: tuple[Any, Any], origin: Provenance) -> Change:
    """The change that an agreed value came from, as it goes against those of a vendor that has not
    taken it.
    """
    return Change(
        vendor=origin.vendor,
        atom=atom,
        old=values[0],
        new=values[1],
        shown=known.agreed.get(atom.field),
        when=origin.when,
        why=origin.text,
        undelivered=True,
    )


def _touches(atom: Atom, changed: abc.Set[Atom]) -> bool:
    """Whether an atom is among some; those of clients all are where somebody came or went, and the
    other way round.
    """
    of_clients = {one for one in changed if one.field is Field.CLIENTS}
    whole = CLIENTS in of_clients or (atom == CLIENTS and bool(of_clients))
    return atom in changed or (atom.field is Field.CLIENTS and whole)


def _competes(atom: Atom, agreed: Any, mine: abc.Set[Atom]) -> bool:
    """Whether an agreed value that a vendor lacks goes against what its own people changed; a
    cancellation always.
    """
    return _touches(atom, mine) or (atom.field is Field.STATUS and not agreed.live)
