"""Which records of a vendor are one class. Pure.

Some vendors have a record for each participant of a class. Together these are one record to us, a
bundle, and each of them is a seat of it:
    09:00 the booking page has Ann, Omar and Ana at 15:00, three records: a class of three
    09:05 all three are at 16:00: the class was moved
    09:10 Ann alone is at 17:00: she left this class, and is in the one at 17:00, or in one of hers
    09:15 Omar's record is cancelled: he does not come; Ana does
Which seats a bundle has is remembered, so that it is the same one when it moves, and when seats
come and go. What is at several times, and at none where it was, cannot be told: it is `scattered`.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from syncd.compare.people import same_person
from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Mapping
from syncd.model.record import Record

_ORDER = (Status.SCHEDULED, Status.PENDING, Status.COMPLETED, Status.NO_SHOW)
"""What a class is whose seats have several statuses: the first of these that one of them has."""

_EACH_ITS_OWN = frozenset({Field.TITLE, Field.NOTES})
"""What each participant's record says for itself, and nothing of the class."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a class is: its service, whose it is, and when it starts."""

    service: str | None
    staff: str | None
    start: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """One participant's record. `taken`: it was not cancelled. `missed`: its participant did not
    come; such a record is moved no more, wherever its class is. `whose`: it shows whose it is.
    """

    remote_id: str
    place: Place
    taken: bool
    missed: bool = False
    whose: bool = True

    @classmethod
    def of(cls, record: Record) -> Seat:
        """The seat that a record is."""
        content = record.content
        place = Place(record.seat_of or content.service, content.staff, content.slot.start)
        missed = content.status is Status.NO_SHOW
        whose = Field.STAFF in record.shows
        return cls(record.remote_id, place, content.status.live, missed, whose)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A class that is known, by the id of its record: its seats when it was seen last, and where it
    may be now without anybody's move: where it was, and where an unsettled write of ours brings it.

    `ends`: such a write may be ending it, seat by seat. `over`: its appointment has that record no
    more.
    """

    remote_id: str
    seats: tuple[str, ...]
    starts: frozenset[datetime] = frozenset()
    staff: frozenset[str | None] = frozenset()
    ends: bool = False
    over: bool = False

    @classmethod
    def of(cls, mapping: Mapping) -> Bundle:
        """What a mapping remembers. One without parts was its only seat."""
        base, asked = mapping.base, mapping.in_flight
        starts, staff = {base.slot.start}, {base.staff}
        if asked is not None and Field.SLOT in mapping.in_flight_fields:
            starts.add(asked.slot.start)
        if asked is not None and Field.STAFF in mapping.in_flight_fields:
            staff.add(asked.staff)
        seats = tuple(part.partition(" ")[0] for part in mapping.parts) or (mapping.remote_id,)
        ends = asked is not None and not asked.status.live
        over = mapping.tombstone is not None
        return cls(mapping.remote_id, seats, frozenset(starts), frozenset(staff), ends, over)

    def holds(self, seat: Seat) -> bool:
        """Whether a seat is taken, and where the class was left. Whose the class is may be known
        from others: a seat that does not show it is where it was if its time is the same.
        """
        there = _minute(seat.place.start) in {_minute(start) for start in self.starts}
        its_own = not seat.whose or seat.place.staff in self.staff
        return seat.taken and there and its_own and not seat.missed


@dataclass(slots=True)
class Bundled:
    """The seats of each class, by the id of its record. `scattered` are known classes of which
    nobody can tell where they are, `left` those whose seats are all in another one by now.
    """

    seats: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scattered: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)


def bundled(seats: abc.Iterable[Seat], known: abc.Iterable[Bundle]) -> Bundled:
    """Every taken seat in the class to which it belongs, and each class that ended with its seats.

    A known class of which no seat is shown at all is left out: what became of it is asked by id.
    """
    shown = {seat.remote_id: seat for seat in seats}
    named = {bundle.remote_id: bundle for bundle in known}
    known_ones = _as_shown(named.values(), shown)
    places = _where_left(known_ones)
    found = Bundled()
    for one in known_ones:
        _find(one, places, found)
    _join(shown.values(), named, places, found)
    return found


@dataclass(slots=True)
class _Known:
    """A class that is known, and its seats as they are shown."""

    bundle: Bundle
    seats: list[Seat]
    there: list[Seat] = field(init=False)
    """Those that are where it was left."""

    def __post_init__(self) -> None:
        self.there = [seat for seat in self.seats if self.bundle.holds(seat)]

    @property
    def name(self) -> str:
        """The id of its record."""
        return self.bundle.remote_id

    @property
    def taken(self) -> list[Seat]:
        """Those that tell where it is now."""
        return [seat for seat in self.seats if seat.taken and not seat.missed]

    @property
    def now(self) -> set[Place]:
        """Where those are."""
        return {seat.place for seat in self.taken}

    @property
    def moved(self) -> bool:
        """Whether none of them is where it was left."""
        return bool(self.taken) and not self.there

    @property
    def scattered(self) -> bool:
        """Whether they are at several places then: nobody can tell where it is."""
        return self.moved and len({(place.staff, place.start) for place in self.now}) > 1

    @property
    def kept(self) -> list[Seat]:
        """Its seats from now on. What ended is told with the class that it ended, and with one that
        is being ended.
        """
        if not self.taken or self.bundle.ends:
            return self.seats
        return [*(self.there or self.taken), *(seat for seat in self.seats if seat.missed)]


def _as_shown(known: abc.Iterable[Bundle], shown: abc.Mapping[str, Seat]) -> list[_Known]:
    """The known classes that go on, each with its seats as far as they are shown."""
    going_on = [bundle for bundle in known if not bundle.over]
    return [
        _Known(bundle, [shown[key] for key in bundle.seats if key in shown])
        for bundle in sorted(going_on, key=lambda bundle: in_order(bundle.remote_id))
    ]


def _where_left(known_ones: abc.Iterable[_Known]) -> dict[Place, str]:
    """Which class is at each place where one was left, and has a seat still."""
    places: dict[Place, str] = {}
    for one in known_ones:
        for seat in one.there:
            places.setdefault(seat.place, one.name)
    return places


def _find(one: _Known, places: dict[Place, str], found: Bundled) -> None:
    """Tell what became of a known class: it is scattered, in another one by now, or has its seats;
    where it was moved, its new place is its own from then on.
    """
    if one.scattered:
        found.scattered.add(one.name)
    elif one.moved and not one.now.isdisjoint(places):
        found.left.add(one.name)
    elif one.seats:
        found.seats[one.name] = tuple(seat.remote_id for seat in one.kept)
        if one.moved:
            places.update(dict.fromkeys(one.now, one.name))


def _join(
    shown: abc.Iterable[Seat],
    named: dict[str, Bundle],
    places: dict[Place, str],
    found: Bundled,
) -> None:
    """Give every other seat to the class at its place, or let it found one."""
    own = set(chain.from_iterable(found.seats.values()))
    free = [seat for seat in shown if seat.taken and seat.remote_id not in own]
    for seat in sorted(free, key=lambda one: in_order(one.remote_id)):
        if seat.place not in places:
            name = places[seat.place] = _name_for(seat, named)
            named[name] = Bundle(name, ())
        name = places[seat.place]
        found.seats[name] = (*found.seats.get(name, ()), seat.remote_id)


def _name_for(seat: Seat, named: abc.Mapping[str, Bundle]) -> str:
    """The id of the record of a new class that this seat founds: its own, unless another class has
    or had that. One that is over, and was at this place, is back.
    """
    name, number = seat.remote_id, 1
    while name in named and not (named[name].over and named[name].holds(seat)):
        number += 1
        name = f"{seat.remote_id}~{number}"
    return name


def founder(remote_id: str) -> str:
    """The seat by which the record of a class is called."""
    return remote_id.partition("~")[0]


def in_order(remote_id: str) -> tuple[int, str]:
    """By the number that an id is: later records come later."""
    return len(remote_id), remote_id


def as_one(
    remote_id: str, records: abc.Iterable[Record], base: Appointment | None = None
) -> Record:
    """The record of a class: what its seats have in common, and who has one.

    Where they are at two places, as a move is under way, it is where it was (`base`).
    """
    seats = sorted(records, key=lambda record: in_order(record.remote_id))
    taken = [seat for seat in seats if seat.content.status.live]
    first = _first(taken or seats, base)
    content = first.content.with_values(
        {
            Field.STATUS: _status(taken or seats),
            Field.TITLE: "",
            Field.NOTES: "",
            Field.CLIENTS: tuple(one for one, _ in _people(seats)),
            Field.SERVICE: _service(seats, base),
        }
    )
    return replace(
        first,
        remote_id=remote_id,
        content=content,
        shows=_shown_by(seats),
        whole=all(seat.whole for seat in seats),
        modified_at=None,  # that of all is none: the seat that was changed last may leave
        fingerprint=None,
        token=None,
        parts=tuple(f"{seat.remote_id} {seat.content.status.value}" for seat in taken),
        raw=None,
    )


def _minute(start: datetime) -> int:
    return int(start.timestamp()) // 60


def _first(seats: list[Record], base: Appointment | None) -> Record:
    there = [seat for seat in seats if base and seat.content.slot.start == base.slot.start]
    return (there or seats)[0]


def _shown_by(seats: list[Record]) -> frozenset[Field]:
    """What the record of a class shows: what all its seats show and have alike; its clients, as
    soon as one of them does; and its service.
    """
    shows = frozenset.intersection(*(seat.shows for seat in seats)) - _EACH_ITS_OWN
    if len({seat.content.location for seat in seats}) > 1:
        shows -= {Field.LOCATION}
    named = {Field.CLIENTS} if any(Field.CLIENTS in seat.shows for seat in seats) else set()
    return shows | named | {Field.SERVICE}


def _service(seats: abc.Iterable[Record], base: Appointment | None) -> str | None:
    """The service of a class: what the first of its seats tells, or as before."""
    told = (seat.seat_of or seat.content.service for seat in seats)
    return next(filter(None, told), None if base is None else base.service)


def _status(seats: list[Record]) -> Status:
    found = {seat.content.status for seat in seats}
    return next((status for status in _ORDER if status in found), Status.CANCELLED)


def _people(seats: abc.Iterable[Record]) -> list[tuple[Client, str]]:
    """Who has a seat, each once, with that seat."""
    found: list[tuple[Client, str]] = []
    for client, key in _sitting(seats):
        if not any(same_person(client, other) for other, _ in found):
            found.append((client, key))
    return found


def _sitting(seats: abc.Iterable[Record]) -> abc.Iterator[tuple[Client, str]]:
    """Every client in every seat, with that seat."""
    for seat in seats:
        for client in seat.content.clients:
            yield client, seat.remote_id


def twice(seats: abc.Iterable[Record]) -> list[tuple[str, str]]:
    """Seats of one client in one class: the first, and a further one."""
    taken = [seat for seat in seats if seat.content.status.live]
    found = list[tuple[str, str]]()
    people = _people(sorted(taken, key=lambda seat: in_order(seat.remote_id)))
    for client, key in _sitting(taken):
        first = next((other for one, other in people if same_person(one, client)), key)
        if first != key:
            found.append((first, key))
    return found
