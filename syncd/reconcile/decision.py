"""What follows from an operator's decision of an open conflict. Pure.

09:00 the CRM has it at 15:00, the office at 16:00: a person is asked
09:10 the office is right: 16:00 is agreed on, and each of the two is known to show what it shows
09:15 the next cycle finds the CRM behind what is agreed, and moves it
"""

from __future__ import annotations

from collections import Counter, abc
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.compare.atoms import Atom, starts_left, with_origin
from syncd.compare.people import same_people
from syncd.compare.seats import Clients
from syncd.model.appointment import Field, Status
from syncd.model.memory import Aspect, Known, Mapping, Provenance
from syncd.model.plan import Found
from syncd.model.times import Interval, Slot
from syncd.reconcile.merge.taking import operator_choice
from syncd.reconcile.merge.unlike import as_long_as, as_won, settled


def decide(
    known: Known,
    values: abc.Mapping[str, tuple[Field, Any]],
    winner: str,
    found: Found | None,
    now: datetime,
) -> Known:
    """The appointment with the winner's value agreed on, and every other value known as what its
    vendor shows.

    `values` are those of the conflict, by vendor, each with the field that it is of: against a
    move, a cancellation is a status. `found`: nobody edited one of them, they were found so.
    """
    values = values if found is None else {**values, **_as_they_are(known, values)}
    name, value = values[winner]
    of_seat = found is None and name is Field.CLIENTS and _asked_of_seat(known, values)
    if name is Field.CLIENTS and not of_seat:
        value = _people_as_won(known, winner, value, found)
    if isinstance(value, Slot):
        value = _as_asked(known, value, found)
    on = f"{now:%Y-%m-%d %H:%M} UTC"
    text = f"an operator decided the conflict about its {name} for {winner} on {on}"
    when = Interval(earliest=now, latest=now)
    left: tuple[int, ...] = ()
    if name is Field.SLOT:
        left = starts_left(known.provenance, known.agreed.slot, value)
    origin = Provenance(vendor=winner, when=when, text=text, decided=True, left=left)
    if of_seat:
        mappings = tuple(_seat_shown(one, known, values.get(one.vendor)) for one in known.mappings)
    else:
        said = _said(known, name, value, found)
        mappings = tuple(settled(_shown(m, values.get(m.vendor)), said) for m in known.mappings)
    return replace(
        known,
        agreed=known.agreed.with_values({name: value}),
        provenance=with_origin(known.provenance, Atom(name), origin),
        mappings=mappings,
    )


def _people_as_won(known: Known, winner: str, value: Clients, found: Found | None) -> Clients:
    """The clients as an operator wants them who found a vendor's right."""
    if found is not None:
        return as_won(value, known.agreed.clients)
    mapping = known.at(winner)
    shown = () if mapping is None else mapping.base.clients
    return operator_choice(shown, value, known.agreed.clients)


def _said(known: Known, name: Field, value: Any, found: Found | None) -> frozenset[Aspect]:
    """Of what it is decided what is right; a move says nothing of a length that stays."""
    if name is Field.SLOT and found is None and value.duration == known.agreed.slot.duration:
        return frozenset()
    return frozenset(aspect for aspect in Aspect if aspect.field is name)


def whose_time(
    known: Known, starts: abc.Mapping[str, Slot], vendor: str, made: abc.Mapping[str, int]
) -> str | None:
    """Whose time is right where the zone of `vendor` changed and nobody moved anything: of those
    that differ (`starts`), the one from whom the others have theirs. None: nothing tells.

    09:00 entered at the office, at 15:00 of a wrong zone; the others get theirs from it
    09:05 entered at the CRM; the office gets 15:00 of the wrong zone from that
    09:30 the office's zone is put right: in the first the others are wrong, in the second it is
    `made` is how many of its records at each vendor syncd made. Where people entered it at several,
    and nobody ever moved it, each has its time from them.
    """
    origin = known.provenance.get(Field.SLOT)
    if origin is not None and origin.vendor in starts:
        return origin.vendor
    source = _entered_at(known, made) if origin is None else set()
    if source == {vendor}:
        return vendor
    others = {name: slot for name, slot in starts.items() if name != vendor}
    if vendor in source or len({slot.minute for slot in others.values()}) != 1:
        return None
    return next((name for name in others if name in source), min(others))


def _entered_at(known: Known, made: abc.Mapping[str, int]) -> set[str]:
    """The vendors that have more records of an appointment than syncd made: people entered it."""
    entered = Counter(mapping.vendor for mapping in known.mappings)
    entered.subtract(made)
    return {name for name, number in entered.items() if number > 0}


def _as_they_are(
    known: Known, values: abc.Mapping[str, tuple[Field, Any]]
) -> dict[str, tuple[Field, Any]]:
    """What records have otherwise than each other, as they have it by now: they moved on since the
    question was asked.

    09:00 asked: 45 minutes at 15:00 or 30; 09:10 somebody moves it, and 16:07 is written to all
    09:11 a person decides: taken for what the office shows, the 15:00 of the question would make
          16:07 a person's move
    """
    standing = [
        mapping
        for mapping in known.mappings
        if mapping.vendor in values and mapping.tombstone is None
    ]
    return {
        one.vendor: (values[one.vendor][0], one.base.get(values[one.vendor][0])) for one in standing
    }


def _as_asked(known: Known, slot: Slot, found: Found | None) -> Slot:
    """Of times that differ in length since they were linked, how long it takes was asked; else when
    it is.
    """
    if found is Found.AT_LINKING:
        return as_long_as(known.agreed.slot, slot)
    if found is None and any(Aspect.LENGTH in mapping.unlike for mapping in known.mappings):
        return as_long_as(
            slot, known.agreed.slot
        )  # how long it takes is another question, which stays
    return slot


def _shown(mapping: Mapping, own: tuple[Field, Any] | None) -> Mapping:
    if own is None or mapping.tombstone is not None:
        return mapping
    values = {own[0]: own[1]}
    return replace(
        mapping,
        base=mapping.base.with_values(values),
        acknowledged=mapping.acknowledged.with_values(values),
        fingerprint=None,
    )


def _asked_of_seat(known: Known, vendors: abc.Container[str]) -> bool:
    """Whether the question is about a record that is one client's seat of several."""
    return any(one.asked_of_seat and one.vendor in vendors for one in known.mappings)


def _seat_shown(mapping: Mapping, known: Known, own: tuple[Field, Any] | None) -> Mapping:
    """A seat's record as its vendor shows it: ended, standing again, or somebody else's.

    The clients of the question are all of the appointment's, and the record never showed those.
    """
    if own is None or not mapping.asked_of_seat or mapping.tombstone is not None:
        return mapping
    clients: Clients = own[1]
    already = same_people(clients, known.agreed.clients)
    comes = tuple(one for place, one in enumerate(clients) if place not in already)
    status, values = Status.CANCELLED, {}
    if not mapping.base.status.live:
        status = Status.SCHEDULED
    elif comes:
        status, values = mapping.base.status, {Field.CLIENTS: comes}
    taken = {Field.CLIENTS: clients} if comes else {}
    return replace(
        mapping,
        base=mapping.base.with_values({Field.STATUS: status, **values}),
        acknowledged=mapping.acknowledged.with_values({Field.STATUS: status, **taken}),
        fingerprint=None,
        asked_of_seat=False,
    )
