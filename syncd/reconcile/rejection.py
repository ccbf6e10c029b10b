"""What follows from an operator's rejection of a held operation. Pure.

A held operation waits at one vendor because the record at another one, its origin, was changed: it
was cancelled or deleted, moved, or has another value in a field. To reject the operation says that
this change was an accident. So it is decided as a conflict is (`decision`), between the origin and
the vendor at which the operation waits, for the latter: what that one still has is agreed on again.
The operation has nothing left to bring then, and the origin is behind, so that the next cycle
brings it back there: uncancelled, or made anew where the vendor cannot uncancel; moved back; given
the former value.

    09:00 twelve appointments are called off at the CRM: cancelling them at the office is held
    09:10 a person rejects that: they stand again, as the office has them
    09:15 the next cycle finds the CRM behind what is agreed, and takes the cancellations back

It is a change that is rejected, and not one operation of several that come from it: what waits for
the same reason at other vendors has nothing to bring either, and what was carried out elsewhere
meanwhile is taken back there, too.

Where the origin's record is missing without the vendor's own word, nothing was agreed on yet. To
reject what would follow says that the appointment stands: the record counts as gone, and only that
record, so that it is made anew there.
    09:00 the office does not list record 7, and gives no clear answer when it is asked for
    09:10 a person rejects the cancellations: record 7 is not the appointment's any more
    09:15 the next cycle makes the record that the office lacks; or, should it list 7 after all,
          takes 7 back, as that one had been called off and revived
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from syncd.compare.atoms import (
    CLIENTS,
    Atom,
    changed_atoms,
    origins_of_changes,
    starts_left,
    with_origin,
)
from syncd.compare.people import given, same_person, untold_of
from syncd.compare.seats import Clients, back_again
from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Aspect, Known, Mapping, Provenance
from syncd.model.plan import Changes
from syncd.model.times import Interval
from syncd.reconcile.merge.taking import operator_choice
from syncd.reconcile.merge.unlike import as_long_as


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who rejected something, and when."""

    by: str
    at: datetime

    def sentence(self, what: str, origins: abc.Iterable[str]) -> str:
        """The reason why what a change brought is taken back."""
        whose = " and ".join(sorted(origins)) or "others"
        return f"{self.by} rejected on {self.at:%Y-%m-%d %H:%M} UTC {what} at {whose}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """The appointment as a rejection leaves it, and the vendors whose records are to follow."""

    known: Known
    origins: frozenset[str]


def reject_change(known: Known, vendor: str, changes: Changes, verdict: Verdict) -> Rejected:
    """What a vendor still has of these fields, agreed on again; an operation there would change
    them.

    No origin: nobody is known to have given the appointment its values.
    """
    changes, stood = _of_whom(known, vendor, changes)
    origins = _origins(known, vendor, changes)
    changes = {**_moved_beside(known, vendor, changes, origins), **changes}
    agreed, provenance = known.agreed, dict(known.provenance)
    for name, (old, new) in changes.items():
        agreed = agreed.with_values({name: _former(known, name, old, new, stood)})
        text = f"{verdict.sentence(f'the change of its {name}', origins)}: it is as {vendor} has it"
        when = Interval(earliest=verdict.at, latest=verdict.at)
        left: tuple[int, ...] = ()
        if name is Field.SLOT:
            left = starts_left(provenance, known.agreed.slot, agreed.slot)
        origin = Provenance(vendor=vendor, when=when, text=text, left=left)
        provenance = with_origin(provenance, Atom(name), origin)
    return Rejected(replace(known, agreed=agreed, provenance=provenance), origins)


def reject_absence(known: Known, missing_at: abc.Collection[str], verdict: Verdict) -> Rejected:
    """The appointment without the records that are missing at these vendors: they are made anew."""
    why = verdict.sentence("that it was called off, as its record is missing", missing_at)
    mappings = tuple(
        replace(one, tombstone=why, missing=False) if _is_of(one, missing_at) else one
        for one in known.mappings
    )
    origins = frozenset(one.vendor for one in known.mappings if _is_of(one, missing_at))
    return Rejected(replace(known, mappings=mappings), origins)


def _of_whom(known: Known, vendor: str, changes: Changes) -> tuple[Changes, Clients | None]:
    """What is rejected, and whom the vendor's record stands for, if it has one: the end of one
    client's record of an appointment that stands comes from who is in that, and so it is rejected
    that she is not.

        09:00 Ann's record at the site was cancelled; the end of hers at the office is held
        09:05 Zoe comes, and Omar leaves; 09:10 it is rejected: Ann and Zoe are in it
    """
    mapping = known.at(vendor)
    if mapping is None:
        return changes, None
    own, taken, agreed = mapping.base.clients, mapping.acknowledged.clients, known.agreed.clients
    ends = changes.get(Field.STATUS, (None, None))[1] is Status.CANCELLED
    if not ends or not known.agreed.status.live or len(taken) <= 1:
        return changes, taken
    back = back_again(own, taken, agreed)
    return {Field.CLIENTS: (back, agreed)}, back


def _is_of(mapping: Mapping, vendors: abc.Container[str]) -> bool:
    return mapping.tombstone is None and mapping.vendor in vendors


def _moved_beside(
    known: Known, vendor: str, changes: Changes, origins: abc.Container[str]
) -> dict[Field, tuple[Any, Any]]:
    """The move that was made of a record that was cancelled: it is rejected with the cancellation,
    of which it is a part.

    09:00 the CRM's people move it to 16:00, and call it off: to cancel it at the office is held
    09:10 rejected, it stands, and where the office has it: nobody was asked about 16:00
    """
    mapping, slot = known.at(vendor), known.provenance.get(Field.SLOT)
    called_off = Field.STATUS in changes and not known.agreed.status.live
    if not called_off or mapping is None or slot is None or slot.vendor not in origins:
        return {}
    return {Field.SLOT: (mapping.acknowledged.slot, known.agreed.slot)}


def _origins(known: Known, vendor: str, changes: Changes) -> frozenset[str]:
    """Whose values an operation would bring to a vendor."""
    came = origins_of_changes(known.provenance, changes)
    return frozenset(origin.vendor for origin in came) - {vendor}


def _former(known: Known, name: Field, old: Any, new: Any, stood: Clients | None) -> Any:
    """The value that was agreed on before, as the vendor that has not taken another one stands for
    it; `stood` are all the clients for whom it does.
    """
    if name is Field.CLIENTS:
        return _clients(known, old, new, old if stood is None else stood)
    if name is Field.SLOT and any(Aspect.LENGTH in one.unlike for one in known.mappings):
        return as_long_as(old, known.agreed.slot)  # how long it takes is another question
    return old


def _clients(known: Known, old: Clients, new: Clients, former: Clients) -> Clients:
    """The former clients: of those who stay, the parts that the operation would change; or all of
    the `former` ones, with what other vendors still know of the same people.
    """
    if CLIENTS not in changed_atoms(Field.CLIENTS, old, new):
        return operator_choice(new, old, known.agreed.clients)
    contents = chain.from_iterable((one.acknowledged, one.base) for one in known.mappings)
    return tuple(_completed(one, tuple(contents)) for one in former)


def _completed(client: Client, contents: abc.Sequence[Appointment]) -> Client:
    """A client with what it lacks of the same person in other records."""
    for other in chain.from_iterable(content.clients for content in contents):
        if same_person(other, client):
            client = given(client, other, untold_of(client))
    return client
