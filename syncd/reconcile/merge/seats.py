"""What a record says that is one seat of several, and what it is to have. Pure.

Whom it stands for is `compare.seats`. Its status and its client are those of that seat alone:
    cancelled, deleted           that client is not in the appointment any more; the others are
    scheduled again              that client is in it again
    nobody came, pending, over   says nothing of the others, and is written nowhere
    another e-mail address       is that client's, and nobody else's
    given to somebody else       that one comes in the place of that client
Its start, its length and its notes are the appointment's, as of any record.

A vendor that shows several clients, and can neither be given others nor take one out, cannot
follow. Then a person is asked, and until that is decided nothing is written, and the seat's record
counts as it was before:
    09:00 the CRM lists Ann, Omar and Ana; the booking page has Ann's record, and it is cancelled
    09:01 asked: Omar and Ana (the booking page), or all three (the CRM)?
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

from syncd.compare.atoms import CLIENTS, Atom, client_changes
from syncd.compare.people import is_doubtful, named, same_people
from syncd.compare.seats import Clients, Seat, grown, reseated, without
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known
from syncd.model.plan import Conflict
from syncd.model.policy import ConflictRule, Policy, Traits
from syncd.model.times import Interval
from syncd.model.wording import own_word, seat_asked, seat_edited, seat_revived, seat_unknown
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Presence, Replica
from syncd.reconcile.diff.unclear import Unclear
from syncd.reconcile.merge.seating import come_and_gone, seat_at, split


@dataclass(slots=True)
class OfSeats:
    """What the records' changes say, once those of seats are no more than that.

    `unclear` are the vendors whose record is left as it was until a person decides, `asked` those
    of them whose seat is the question, `remarks` what follows from nothing, by vendor, `spoke`
    those who gave their seat another status. `group` is the appointment with those who come in
    this very cycle, where a seat ended beside them.
    """

    changes: list[Change] = field(default_factory=list)
    unclear: dict[str, Unclear] = field(default_factory=dict)
    asked: dict[str, Change] = field(default_factory=dict)
    conflict: Conflict | None = None
    remarks: list[tuple[str, str]] = field(default_factory=list)
    spoke: set[str] = field(default_factory=set)
    group: Known | None = None

    @property
    def waiting(self) -> frozenset[Field]:
        """The fields that wait for a person for their sake."""
        return frozenset({Field.CLIENTS} if self.asked else ())


class _Record(NamedTuple):
    """A record that is a seat, with what changed in it."""

    vendor: str
    replica: Replica
    seat: Seat
    changes: abc.Sequence[Change]

    @property
    def status(self) -> Change | None:
        """What became of its status, if anything."""
        return next((one for one in self.changes if one.field is Field.STATUS), None)

    @property
    def others(self) -> list[Change]:
        """What changed of it that is the appointment's."""
        own = (Field.STATUS, Field.CLIENTS)
        return [change for change in self.changes if change.field not in own]


def of_seats(
    known: Known, replicas: abc.Mapping[str, Replica], changes: abc.Sequence[Change], policy: Policy
) -> OfSeats:
    """The changes of all records, each as far as it says something of the appointment."""
    found_ended = [name for name, one in replicas.items() if _is_found_ended(known, one)]
    if not (changes or found_ended):
        return OfSeats()
    group = _beside_who_come(known, replicas, changes, policy)
    seats = {name: seat_at(group, replica, policy) for name, replica in replicas.items()}
    own, rest = split(changes, seats)
    if policy.is_class(known.agreed):
        rest = [come_and_gone(change, known.agreed.clients) for change in rest]
    if not own and not any(seats[name] for name in found_ended):
        return OfSeats(rest)
    found = OfSeats(rest, group=None if group is known else group)
    heard = _Heard(group, replicas, policy, seats, found, tuple(rest))
    for record in _seats_among(replicas, seats, own):
        heard.take(record, found_ended=record.vendor in found_ended)
    return heard.found


def _seats_among(
    replicas: abc.Mapping[str, Replica],
    seats: abc.Mapping[str, Seat | None],
    own: abc.Mapping[str, abc.Sequence[Change]],
) -> list[_Record]:
    """The records that are seats, each with what changed in it."""
    return [
        _Record(vendor, replicas[vendor], seat, own.get(vendor, []))
        for vendor, seat in seats.items()
        if seat is not None
    ]


def _beside_who_come(
    known: Known, replicas: abc.Mapping[str, Replica], changes: abc.Sequence[Change], policy: Policy
) -> Known:
    """The appointment with those who come in this very cycle, where a record ended that has no
    room for them: they were never in it.

    09:00 the office has Ann alone; 09:01 Omar comes there; 09:02 Ann cancels at the booking page
    09:05 both are read at once: as if they were read one by one, Ann leaves, and Omar comes
    """
    ended = {one.vendor for one in changes if one.new is Status.CANCELLED and not one.of_seat}
    clients = _with_who_come(known.agreed.clients, changes, ended)
    if clients == known.agreed.clients or not known.agreed.status.live:
        return known
    group = replace(known, agreed=known.agreed.with_values({Field.CLIENTS: clients}))
    seats = (seat_at(group, replicas[vendor], policy) for vendor in ended)
    return group if any(seat is not None and seat.places for seat in seats) else known


def _with_who_come(
    clients: Clients, changes: abc.Iterable[Change], ended: abc.Container[str]
) -> Clients:
    """Some clients, and those who come by changes of records that stand."""
    for change in changes:
        if change.atom == CLIENTS and not change.while_cancelled and change.vendor not in ended:
            clients = grown(clients, change.new)
    return clients


def _is_found_ended(known: Known, replica: Replica) -> bool:
    """Whether a record is cancelled, and stood for what stands, as far as anybody ever read."""
    mapping, record = replica.mapping, replica.record
    if record is None or record.content.status.live or mapping.keeps_word:
        return False
    return known.agreed.status.live and mapping.acknowledged.status.live


def still_unclear(
    known: Known,
    replicas: abc.Mapping[str, Replica],
    unclear: abc.Mapping[str, Unclear],
    policy: Policy,
) -> dict[str, Unclear]:
    """Those of records about which a person has to decide, whatever their status says of one seat:
    that of somebody who is not in the appointment any more ends in any case.
    """
    found = dict(unclear)
    for vendor, one in unclear.items():
        seat = seat_at(known, replicas[vendor], policy)
        if seat is not None and seat.left and known.agreed.status.live and not one.whose:
            del found[vendor]
    return found


@dataclass(slots=True)
class _Heard:
    """Hears what each seat says. `rest` are the changes of records that are none."""

    known: Known
    replicas: abc.Mapping[str, Replica]
    policy: Policy
    seats: abc.Mapping[str, Seat | None]
    found: OfSeats
    rest: abc.Sequence[Change]

    @property
    def agreed(self) -> Appointment:
        """What is agreed."""
        return self.known.agreed

    def take(self, record: _Record, *, found_ended: bool) -> None:
        """One record; `found_ended`: it was found cancelled, and nobody saw it stand."""
        if record.changes:
            self._said(record)
        if found_ended and record.status is None:
            self._found_ended(record)

    def _said(self, record: _Record) -> None:
        self.found.spoke |= set() if record.status is None else {record.vendor}
        if not self.agreed.status.live:
            self._called_off(record)
        elif self._goes_down():
            self.found.changes += record.others
        elif record.seat.left:
            self._left(record)
        elif record.status is not None and record.status.new is Status.CANCELLED:
            self._ended(record, record.status)
        else:
            self._stands(record)

    def _found_ended(self, record: _Record) -> None:
        """A person is asked, of her only."""
        seat, agreed = record.seat, self.agreed.clients
        rest = without(agreed, seat.places)
        if seat.left or not seat.known or not named(rest) or self._goes_down():
            return
        self.found.spoke.add(record.vendor)
        at = record.replica.mapping.known_at
        said = Change(
            vendor=record.vendor,
            atom=CLIENTS,
            old=agreed,
            new=rest,
            shown=rest,
            when=Interval(earliest=at, latest=at),
            leaves=seat.places,
        )
        self._ask(record, said, self._unable(seat.places, ()))

    def _goes_down(self) -> bool:
        """Whether the appointment as a whole is called off by another record, whatever a seat
        says.
        """
        ends = any(one.field is Field.STATUS and one.new is Status.CANCELLED for one in self.rest)
        return ends and self.policy.cancel_wins

    def _called_off(self, record: _Record) -> None:
        """A seat of what was called off: that it stands again does not say that the others come."""
        self.found.changes += record.changes
        status = record.status
        again = any(one.field is Field.STATUS and one.new.live for one in self.rest)
        if status is not None and status.new.live and not again:
            remote_id = record.replica.mapping.remote_id
            self.found.unclear[record.vendor] = Unclear(seat_revived(record.vendor, remote_id))

    def _left(self, record: _Record) -> None:
        """A seat of somebody who is in it no more: only that she comes again concerns others."""
        status, mapping = record.status, record.replica.mapping
        if status is None or mapping.base.status.live or not status.new.live:
            return
        taken = mapping.acknowledged.clients
        whose = same_people(mapping.base.clients, taken)
        comes = tuple(taken[place] for place in sorted(whose.values()))
        self._say(record, status, (), comes)

    def _ended(self, record: _Record, status: Change) -> None:
        """A seat that ended. Where it is the only one left, so did the appointment."""
        places = record.seat.places
        if not record.seat.known:
            self.found.changes += record.changes
            text = seat_unknown(record.vendor, record.replica.mapping.remote_id)
            self.found.unclear[record.vendor] = Unclear(text)
        elif not named(without(self.agreed.clients, places)):
            self.found.changes += record.changes
        else:
            self._say(record, status, places, ())

    def _stands(self, record: _Record) -> None:
        """A seat that somebody still has; what its vendor calls it is its own affair."""
        self.found.changes += record.others
        status = record.status
        if status is not None and record.replica.mapping.base.status.live:
            said = own_word(record.vendor, status.new, self.agreed)
            self.found.remarks.append((record.vendor, said))
        edited = [change for change in record.changes if change.field is Field.CLIENTS]
        if edited and not record.seat.known:
            remote_id = record.replica.mapping.remote_id
            said = seat_edited(record.vendor, remote_id, self.agreed)
            self.found.remarks.append((record.vendor, said))
            return
        for change in edited:
            self._people(record, change)

    def _people(self, record: _Record, change: Change) -> None:
        """Who is in a seat was corrected, or somebody else came in that place."""
        if change.atom != CLIENTS:
            self._corrected(record, change)
            return
        shown = self._traits(record.vendor).capabilities.client_parts
        parts = client_changes(change.old, change.new, change.old, shown)
        if CLIENTS not in parts:
            for atom, (old, new) in parts.items():
                self._corrected(record, replace(change, atom=atom, old=old, new=new))
            return
        room = self._traits(record.vendor).capabilities.room(self.agreed) or 0
        if len(change.old) > room:  # of which nobody ever read that they were in it
            return
        places = record.seat.places
        mine = tuple(self.agreed.clients[place] for place in places)
        same = same_people(change.new, mine)
        leaves = tuple(place for at, place in enumerate(places) if at not in same.values())
        comes = tuple(one for at, one in enumerate(change.new) if at not in same)
        self._say(record, change, leaves, comes)

    def _corrected(self, record: _Record, change: Change) -> None:
        """A part of a client: of the one whose the seat is, and of nobody else."""
        who = change.atom.who
        if who not in record.seat.places:
            who = record.seat.places[0]
        atom = Atom(Field.CLIENTS, who, change.atom.part)
        self.found.changes.append(replace(change, atom=atom))

    def _say(
        self, record: _Record, change: Change, leaves: tuple[int, ...], comes: Clients
    ) -> None:
        """Who leaves and who comes; where that cannot be done or told, a person is asked."""
        clients = reseated(self.agreed.clients, leaves, comes)
        said = replace(
            change,
            atom=CLIENTS,
            old=self.agreed.clients,
            new=clients,
            shown=clients,
            leaves=leaves,
            comes=comes,
            while_cancelled=False,
        )
        unable = self._unable(leaves, comes)
        if unable or self._is_there_already(leaves, comes):
            self._ask(record, said, unable)
        else:
            self.found.changes.append(said)
            if not leaves or comes:
                self.found.changes += record.others

    def _ask(self, record: _Record, said: Change, unable: abc.Sequence[str]) -> None:
        """Ask a person, one thing at a time: what another seat says as well is asked about next,
        and what one says beside somebody who comes, once he is agreed on.
        """
        self.found.unclear[record.vendor] = Unclear("", frozenset())
        if self.found.group is not None:
            return
        before = next(iter(self.found.asked.values()), None)
        self.found.asked[record.vendor] = said
        if before is not None and (before.leaves, before.comes) != (said.leaves, said.comes):
            del self.found.asked[record.vendor]
            return
        others = unable or sorted(name for name, seat in self.seats.items() if seat is None)
        values = dict.fromkeys(others, self.agreed.clients)
        values |= {vendor: one.new for vendor, one in self.found.asked.items()}
        self.found.conflict = Conflict(
            appointment=self.known.id,
            field=Field.CLIENTS,
            values=values,
            winner=None,
            rule=ConflictRule.MANUAL.value,
            explanation=seat_asked(
                sorted(self.found.asked), unable, comes=bool(said.comes), leaves=bool(said.leaves)
            ),
        )

    def _is_there_already(self, leaves: tuple[int, ...], comes: Clients) -> bool:
        """Whether somebody who comes is perhaps one of the others."""
        stay = without(self.agreed.clients, leaves)
        doubtful = any(is_doubtful(*both) for both in product(comes, stay))
        return doubtful or (bool(leaves) and bool(same_people(comes, stay)))

    def _unable(self, leaves: tuple[int, ...], comes: Clients) -> list[str]:
        """The vendors whose record lists the clients, and that cannot follow."""
        out = tuple(self.agreed.clients[place] for place in leaves)
        return sorted(
            name
            for name, replica in self.replicas.items()
            if self.seats[name] is None and _cannot(replica, self._traits(name), out, comes)
        )

    def _traits(self, vendor: str) -> Traits:
        return self.policy.traits(vendor)


def _cannot(replica: Replica, traits: Traits, out: Clients, comes: Clients) -> bool:
    """Whether a record lists its appointment's clients, and cannot be brought to list others."""
    if not _lists_clients(replica):
        return False
    own, able = named(replica.content.clients), traits.capabilities
    if able.ability(Field.CLIENTS).updated and not traits.read_only:
        return False
    if comes and same_people(comes, own).keys() != set(range(len(comes))):
        return True
    gone = same_people(out, own)
    takes_out = able.ends_seats and not traits.read_only and len(own) > len(gone)
    return bool(gone) and not takes_out


def _lists_clients(replica: Replica) -> bool:
    """Whether a record stands, and shows whose appointment it is."""
    there = replica.presence is not Presence.GONE and replica.content.status.live
    named_there = bool(named(replica.content.clients)) and Field.CLIENTS in replica.mapping.shows
    return there and named_there
