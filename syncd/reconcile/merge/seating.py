"""Which records are one seat of several, and what those who come and leave make of clients. Pure.

What a seat says of its appointment is `merge.seats`.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.compare.atoms import CLIENTS
from syncd.compare.people import pairs
from syncd.compare.seats import Clients, Seat, grown, reseated, room_at, seat_of
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known
from syncd.model.policy import Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Replica


def seat_at(known: Known, replica: Replica, policy: Policy) -> Seat | None:
    """Whom of the agreed clients a record stood for before this cycle, where it has no room for
    all.
    """
    mapping, able = replica.mapping, policy.traits(replica.mapping.vendor).capabilities
    taken = mapping.acknowledged.clients
    room = room_at(able, mapping.base, known.agreed)
    return seat_of(mapping.base.clients, taken, known.agreed.clients, room)


def split(
    changes: abc.Iterable[Change], seats: abc.Mapping[str, Seat | None]
) -> tuple[dict[str, list[Change]], list[Change]]:
    """Changes of records that are one client's seat, by vendor, and those of all others."""
    own, rest = dict[str, list[Change]](), list[Change]()
    for change in changes:
        of_seat = seats.get(change.vendor) is not None
        (own.setdefault(change.vendor, []) if of_seat else rest).append(change)
    return own, rest


def come_and_gone(change: Change, agreed: Clients) -> Change:
    """What a change of a class's clients says: who came and who left, and nothing of the others.

    09:00 Zoe books at the site; the booking page is down, and has no seat of hers yet
    09:05 it is up, and shows that Omar came there: that does not say that Zoe does not come
    """
    if change.atom != CLIENTS or change.undelivered or change.of_seat:
        return change
    same, known = pairs(change.old, change.new), pairs(change.old, agreed)
    leaves = [known[n] for n in range(len(change.old)) if n not in same and n in known]
    comes = [one for n, one in enumerate(change.new) if n not in same.values() and not one.empty]
    return replace(change, leaves=tuple(sorted(leaves)), comes=tuple(comes), joint=True)


def seats_taken(clients: Clients, changes: abc.Iterable[Change], agreed: Clients) -> Clients:
    """Some clients once these seats ended, or are others'; they speak of the `agreed` ones."""
    for change in changes:
        at = pairs(agreed, clients)
        places = [at[place] for place in change.leaves if place in at]
        if change.comes or places:
            clients = reseated(clients, places, change.comes)
    return clients


def acknowledging(stands: Appointment, change: Change, agreed: Clients) -> Appointment:
    """What a record stands for once it said this of its seat.

    Who left is remembered: it is that client's still, should she come again; and who came before
    that, as it was one seat of several then.
    """
    if change.joint:
        clients = seats_taken(stands.clients, [change], agreed)
        return stands.with_values({Field.CLIENTS: clients})
    if change.leaves and not change.comes:
        several = grown(stands.clients, agreed)
        return stands.with_values({Field.STATUS: Status.CANCELLED, Field.CLIENTS: several})
    clients = seats_taken(stands.clients, [change], agreed)
    status = stands.status if change.leaves else Status.SCHEDULED
    return stands.with_values({Field.CLIENTS: clients, Field.STATUS: status})


def as_seated(values: Appointment, seat: Seat | None) -> Appointment:
    """The agreed values as a record is to have them that is a seat: it has ended where those left
    whose it is.
    """
    if seat is None or not seat.left or not values.status.live:
        return values
    return values.with_values({Field.STATUS: Status.CANCELLED})
