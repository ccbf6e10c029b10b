"""What is written to the records of one class, each of them one participant's.

It decides which seat is whose, which request brings which in step, and what a part of them that was refused leaves
behind. Making a record is the one request that must not be repeated: a write makes one at most.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import product

from syncd.compare.bundles import as_one
from syncd.compare.people import is_doubtful, named, pairs, share_somebody
from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.errors import Malformed, Refused, VendorError
from syncd.model.record import Record
from syncd.vendors.port import Uncertain, Vendor, WriteResult, Written

Seats = abc.Sequence[Record]

_OF_THE_CLASS = frozenset(Field) - {Field.CLIENTS, Field.TITLE, Field.NOTES}
_MOVES = frozenset({Field.SLOT, Field.STAFF})


@dataclass(frozen=True, slots=True)
class Chairs:
    """The writes to seats of classes at one vendor."""

    vendor: Vendor

    def written(self, remote_id: str, seats: Seats) -> Written:
        """The vendor's "done", with the record of the class as it is now."""
        return Written(remote_id=remote_id, record=as_one(remote_id, seats) if seats else None)

    def coming(self, seats: Seats, target: Appointment) -> tuple[Client, ...]:
        """Those of the target's clients who have no seat yet."""
        shown, _ = _people(seats)
        there = set(pairs(shown, target.clients).values())
        return tuple(one for place, one in enumerate(target.clients) if place not in there and named((one,)))

    def see_that_nobody_sits(
        self, target: Appointment, comes: abc.Collection[Client], others: abc.Iterable[Seats]
    ) -> None:
        """Raise `Refused` where one of those who come has a seat at that time in another record of that class."""
        start = target.slot.minute
        for seat in (one for seats in others for one in seats):
            content = seat.content
            here = content.slot.minute == start and seat.seat_of == target.service and content.status.live
            if here and share_somebody(comes, content.clients):
                name = self.vendor.name
                reason = f"a client has a seat in that class already, record {seat.remote_id}, of another appointment"
                raise Refused(name, f"{name}: no seat was made: {reason}: cancel it there, and this one is made")

    async def seat(self, target: Appointment, who: tuple[Client, ...], token: str) -> Record | Uncertain | Written:
        """One more record, of one participant. The record as its vendor answered, if it did."""
        made = await self.vendor.create(_for(target, who), token)
        if isinstance(made, Uncertain):
            return made
        if made.record is not None:
            return made.record
        try:
            shown = await self.vendor.get(made.remote_id)  # some answer with a part of it
        except (VendorError, Malformed):
            return made
        return shown if isinstance(shown, Record) else made

    async def write(
        self, record: Record, seats: Seats, target: Appointment, fields: frozenset[Field]
    ) -> list[Record] | WriteResult:
        """Bring the seats to the target: those who left are cancelled, the others changed, and one may come.

        The seats as they are then; or what is not known. Raises `Refused` where nothing is done, or all was taken back.
        """
        people, whose = _people(seats)
        stay = pairs(people, target.clients)
        # Who has two seats keeps both, as long as she is in the class: that is a person's doing, or is asked about.
        gone = [n for n, one in enumerate(people) if n not in stay and not share_somebody([one], target.clients)]
        for one, client in product([people[n] for n in gone], target.clients):
            if Field.CLIENTS in fields and is_doubtful(one, client):
                reason = "whether a seat is of one who is in the class cannot be told: correct the client there"
                raise Refused(self.vendor.name, f"{self.vendor.name}: not changed: {reason}")
        leaving = {whose[place] for place in gone}
        if Field.CLIENTS not in fields:
            leaving, stay = set(), {}
        after: list[Record] = []
        for seat in seats:
            if seat.remote_id in leaving:
                done = await self.vendor.cancel(seat)
            else:
                mine = [target.clients[stay[n]] for n, key in enumerate(whose) if key == seat.remote_id and n in stay]
                try:
                    done = await self._change(seat, target, tuple(mine), fields)
                except Refused as no:
                    return await self._take_back(no, seats, after, fields)
            if isinstance(done, Uncertain):
                return done
            if seat.remote_id not in leaving:
                after.append(done.record or seat)
        comes = self.coming(seats, target) if Field.CLIENTS in fields else ()
        if comes:
            new = await self.seat(target, comes[:1], _mark(record, comes[0]))
            if not isinstance(new, Record):
                return new if isinstance(new, Uncertain) else _unread(record, new)
            after.append(new)
        return after

    async def cancel(self, remote_id: str, seats: Seats) -> WriteResult:
        """End each seat that is taken; again is no other than once."""
        for seat in seats:
            if seat.content.status.live:
                done = await self.vendor.cancel(seat)
                if isinstance(done, Uncertain):
                    return done
        return Written(remote_id=remote_id)

    async def _change(
        self, seat: Record, target: Appointment, mine: tuple[Client, ...], fields: frozenset[Field]
    ) -> WriteResult:
        """One seat brought to the target: in groups of fields that its vendor takes together."""
        wanted = _for(target, mine or seat.content.clients)
        needed = {name for name in fields & _OF_THE_CLASS if wanted.get(name) != seat.content.get(name)}
        if seat.content.status is Status.NO_SHOW:  # she did not come: her record stays as it is
            needed -= {Field.STATUS, *_MOVES}
        if Field.STATUS in needed and wanted.status is Status.CANCELLED:
            return await self.vendor.cancel(seat)
        if mine and Field.CLIENTS in fields and mine != seat.content.clients:
            needed.add(Field.CLIENTS)
        done: WriteResult = Written(remote_id=seat.remote_id, record=seat)
        for group in self.vendor.capabilities.together:
            if needed & group:
                done = await self.vendor.write(seat, wanted, frozenset(needed & group))
                if isinstance(done, Uncertain):
                    return done
        return done

    async def _take_back(self, no: Refused, seats: Seats, after: Seats, fields: frozenset[Field]) -> WriteResult:
        """A move that one seat was refused is taken back at those that were moved before it. Raises the refusal.

        09:00:00 Ann's and Omar's records go to 16:00; 09:00:01 Ana's is refused: the class is full
        09:00:02 both go back to 15:00: a class in two places would look as if they had left it
        """
        before = {seat.remote_id: seat for seat in seats}
        for moved in after if fields & _MOVES else ():
            was = before[moved.remote_id].content
            try:
                done = await self.vendor.write(moved, was, fields & _MOVES)
            except VendorError as error:
                done = Uncertain(reason=str(error))
            if isinstance(done, Uncertain):
                return Uncertain(reason=f"{no}; and what was moved before that is not surely back: {done.reason}")
        raise no


def _people(seats: Seats) -> tuple[list[Client], list[str]]:
    """Everybody who has a seat, and in which record, side by side."""
    both = [(client, seat.remote_id) for seat in seats for client in seat.content.clients]
    return [client for client, _ in both], [key for _, key in both]


def _for(target: Appointment, who: tuple[Client, ...]) -> Appointment:
    """The target as one participant's record has it, which is called by the class and by whose it is."""
    return replace(target, clients=who, title="")


def _mark(record: Record, who: Client) -> str:
    """The mark of a further seat."""
    return blake2b(f"{record.remote_id}\n{who}".encode(), digest_size=16).hexdigest()


def _unread(record: Record, made: Written) -> Uncertain:
    return Uncertain(reason=f"record {made.remote_id} was made for class {record.remote_id}, and cannot be read yet")
