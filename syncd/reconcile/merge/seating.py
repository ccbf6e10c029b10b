"""Which records are one seat of several, and what those who come and leave make of clients. Pure.

What a seat says of its appointment is `merge.seats`.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.compare.atoms import CLIENTS
from syncd.compare.people import named, pairs
from syncd.compare.seats import (
    Clients,
    Seat,
    as_before,
    grown,
    grown_beside,
    reseated,
    room_at,
    seat_of,
)
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known, Mapping
from syncd.model.policy import Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Replica


def seat_at(known: Known, replica: Replica, policy: Policy) -> Seat | None:
    """Whom of the agreed clients a record stood for before this cycle, where it has no room for
    all.
    """
    return _seat_before(known, replica.mapping, policy)


def _seat_before(known: Known, mapping: Mapping, policy: Policy) -> Seat | None:
    """The same of a record that is the appointment's, or was."""
    taken, agreed = mapping.acknowledged.clients, known.agreed
    room = room_at(policy.able(mapping.vendor), mapping.base, agreed)
    ended = _has_ended(known, mapping)
    return seat_of(mapping.base.clients, taken, agreed.clients, room, ended=ended)


def _has_ended(known: Known, mapping: Mapping) -> bool:
    """Whether a record was cancelled before this cycle, and the appointment stands."""
    return known.agreed.status.live and not mapping.base.status.live


def seat_among(
    known: Known, replica: Replica, taken: Clients, values: Appointment, policy: Policy
) -> Seat | None:
    """Whom of some values' clients a record stands for by now, where it has no room for all; those
    whom its vendor took are `taken`.
    """
    mapping, before, now = replica.mapping, known.agreed.clients, values.clients
    room = room_at(policy.able(mapping.vendor), mapping.base, values)
    if room is None or max(len(taken), len(before), len(now)) <= room:  # as nearly always
        return None
    shown = replica.content
    own = shown.clients if shown.status.live else mapping.base.clients
    seat = seat_of(own, taken, now, room, ended=_has_ended(known, mapping))
    if seat is not None and seat.known:
        return seat
    return as_before(seat, _seat_before(known, mapping, policy), before, now)


def seated(known: Known, replicas: abc.Mapping[str, Replica], policy: Policy) -> frozenset[str]:
    """The vendors whose record has no room for all who are agreed on."""
    heads = len(named(known.agreed.clients))
    rooms = {
        name: room_at(policy.able(name), one.mapping.base, known.agreed)
        for name, one in replicas.items()
    }
    return frozenset(name for name, room in rooms.items() if room is not None and heads > room)


def with_those_who_came(known: Known, mapping: Mapping, policy: Policy) -> Mapping:
    """The mapping of a record without room for all, once it is remembered who came beside those
    whose it is, whether its vendor was there then or not.
    """
    taken, agreed = mapping.acknowledged, known.agreed
    room = room_at(policy.able(mapping.vendor), mapping.base, agreed)
    if room is None or max(len(taken.clients), len(agreed.clients)) <= room:
        return mapping
    clients = grown_beside(mapping.base.clients, taken.clients, agreed.clients)
    return replace(mapping, acknowledged=taken.with_values({Field.CLIENTS: clients}))


def with_group_of(
    known: Known, replicas: abc.Mapping[str, Replica], policy: Policy
) -> dict[str, Replica]:
    """An appointment's records, each with what is remembered of who came."""
    return {
        name: replace(one, mapping=with_those_who_came(known, one.mapping, policy))
        for name, one in replicas.items()
    }


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
    that, as it was one seat of several then. So is who was left out as long as it stood, as beside
    her nobody could tell whose it is (`with_those_who_came`): once it ended, that it was one of
    several counts for more.
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
