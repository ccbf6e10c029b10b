"""A vendor that has a record for each participant of a class, as one that has a record for the class.

It decides which rows are one record to us (by `compare.bundles`), and what is asked by id for that. Which seats a class
has is remembered with its mapping; here it is known from one listing to the next. All else is the vendor's own.
"""

from __future__ import annotations

import json
from collections import abc
from dataclasses import replace
from hashlib import blake2b

from syncd.compare.bundles import Bundle, Seat, as_one, bundled, founder, in_order, twice
from syncd.model.appointment import Appointment, Field
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Malformed, Unreadable
from syncd.model.record import Absent, Block, Record
from syncd.model.times import Window
from syncd.vendors.bounds import bounded
from syncd.vendors.classes.writing import Chairs
from syncd.vendors.port import AccountSign, Known, Notice, Page, Row, Traffic, Vendor, WriteResult

_OWN = frozenset({Field.TITLE, Field.NOTES})
"""What each participant's record has for itself: it is given when that is made, and left alone from then on."""


async def _nothing_known(_: abc.Collection[str]) -> abc.Sequence[object]:
    return ()


class Seated:
    """A vendor whose records of one class are one record. Implements `port.Vendor`.

    `classes` are the services that are classes as configured; others are known by what the vendor itself says.
    """

    def __init__(self, vendor: Vendor, classes: frozenset[str]) -> None:
        self._vendor = vendor
        self._configured = classes
        self._seen: set[str] = set()
        self._known: Known = _nothing_known  # type: ignore[assignment]
        self._bundles: dict[str, Bundle] = {}
        self._looked = False
        self._rows: dict[str, Record] = {}
        self._made: dict[str, tuple[Record, ...]] = {}
        self._read: dict[str, tuple[Record, ...]] = {}
        self._adrift: dict[str, str] = {}
        self._notices: tuple[Notice, ...] = ()
        self.name = vendor.name
        self.kind = vendor.kind
        self._chairs = Chairs(vendor)
        able, holds = vendor.capabilities, vendor.capabilities.holds

        def can_hold(field: Field, appointment: Appointment) -> bool:
            return not (field in _OWN and self._is_class(appointment)) and holds(field, appointment)

        self.capabilities: Capabilities = replace(able, seats=self._is_class, holds=can_hold)

    @property
    def sign(self) -> AccountSign:
        """The vendor's."""
        return self._vendor.sign

    @property
    def traffic(self) -> Traffic:
        """The vendor's."""
        return self._vendor.traffic

    async def named(self) -> str | None:
        """The vendor's."""
        return await self._vendor.named()

    def learn(self, known: Known) -> None:
        """By what classes of earlier listings are known."""
        self._known = known
        self._vendor.learn(known)

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """The vendor's; rows of classes come last, as one for each class."""
        self._bundles, self._adrift, self._made, self._read = {}, {}, {}, {}
        # Who has no class, and never had one, costs the store one look in the life of a process.
        if self._configured or self._seen or not self._looked:
            await self._look_up(())
            self._looked = True
        members = {seat for bundle in self._bundles.values() for seat in bundle.seats}
        held: dict[str, Row] = {}
        async for page in self._vendor.pages(window):
            seats = {row.remote_id: row for row in page.rows if row.seat or row.remote_id in members}
            held |= seats
            rows = [row for row in page.rows if row.remote_id not in seats]
            yield replace(page, rows=tuple(rows)) if seats else page
            del page, rows
        if held:
            yield Page(rows=tuple(await self._together(held, window)), continued=True)

    def needs_preparing(self, row: Row) -> bool:
        """The vendor's; of a class, all is there."""
        return row.remote_id not in self._made and self._vendor.needs_preparing(row)

    async def prepare(self, rows: abc.Sequence[Row], spare: int) -> abc.Sequence[Row]:
        """The vendor's."""
        others = [row for row in rows if row.remote_id not in self._made]
        ready = {row.remote_id: row for row in await self._vendor.prepare(others, spare)}
        return [ready.get(row.remote_id, row) for row in rows]

    def decode(self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()) -> Record:
        """The record of a class, or the vendor's. Raises `Malformed`."""
        seats = self._made.get(row.remote_id)
        if seats is None:
            return self._vendor.decode(row, hint, guests)
        return replace(bounded(as_one(row.remote_id, seats, hint)), fingerprint=row.fingerprint)

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The vendor's; of a class, each of its seats: that it is gone is doubtful if they are elsewhere."""
        if remote_id not in self._bundles and (self._configured or self._seen):
            await self._look_up([remote_id], classes_alone=True)
        if remote_id not in self._bundles:
            found = await self._vendor.get(founder(remote_id), hint, guests)
            gone = isinstance(found, Absent)
            if isinstance(found, Record) and found.seat_of is None:
                return found
            await self._look_up([remote_id], classes_alone=gone)
            if gone and remote_id not in self._bundles:
                return Absent(vendor=self.name, remote_id=remote_id)
            self._bundles.setdefault(remote_id, Bundle(remote_id, (founder(remote_id),)))
        return await self._all_of(self._bundles[remote_id], hint)

    async def create(self, target: Appointment, token: str, replaces: str | None = None) -> WriteResult:
        """The vendor's; of a class, the first seat."""
        if not self._is_class(target):
            return await self._vendor.create(target, token, replaces)
        self._chairs.see_that_nobody_sits(target, target.clients[:1], self._made.values())
        made = await self._chairs.seat(target, target.clients[:1], token)
        if not isinstance(made, Record):
            return made
        self._bundles[made.remote_id] = Bundle(made.remote_id, (made.remote_id,))
        return self._chairs.written(made.remote_id, [made])

    async def write(self, record: Record, target: Appointment, fields: frozenset[Field]) -> WriteResult:
        """The vendor's; of a class, whatever each seat needs. Who comes is at most one."""
        seats = self._read.get(record.remote_id)
        if seats is None:
            return await self._vendor.write(record, target, fields)
        if Field.CLIENTS in fields:
            others = [made for key, made in self._made.items() if key != record.remote_id]
            self._chairs.see_that_nobody_sits(target, self._chairs.coming(seats, target), others)
        done = await self._chairs.write(record, seats, target, fields)
        if not isinstance(done, list):
            return done
        bundle, ids = self._bundles[record.remote_id], [seat.remote_id for seat in done]
        starts = bundle.starts | {seat.content.slot.start for seat in done}
        staff = bundle.staff | {seat.content.staff for seat in done}
        self._bundles[record.remote_id] = replace(bundle, seats=tuple(ids), starts=starts, staff=staff)
        return self._chairs.written(record.remote_id, done)

    async def cancel(self, record: Record) -> WriteResult:
        """The vendor's; of a class, each seat that is taken."""
        seats = self._read.get(record.remote_id)
        if seats is None:
            return await self._vendor.cancel(record)
        return await self._chairs.cancel(record.remote_id, seats)

    async def blocked(self, known: abc.Set[str]) -> abc.Sequence[Block]:
        """The vendor's."""
        return await self._vendor.blocked(known)

    async def block(self, target: Appointment, mark: str) -> WriteResult:
        """The vendor's."""
        return await self._vendor.block(target, mark)

    async def unblock(self, block_id: str) -> WriteResult:
        """The vendor's."""
        return await self._vendor.unblock(block_id)

    def owed(self, record: Record) -> str:
        """The vendor's; no vendor with seats is known to take any."""
        return "" if record.remote_id in self._read else self._vendor.owed(record)

    async def give_back(self, remote_id: str, owed: str) -> WriteResult:
        """The vendor's."""
        return await self._vendor.give_back(remote_id, owed)

    async def check(self) -> tuple[str, ...]:
        """The vendor's."""
        return await self._vendor.check()

    def notices(self) -> tuple[Notice, ...]:
        """The vendor's, and who has two seats in one class."""
        return (*self._vendor.notices(), *self._notices)

    def recall(self, memory: str) -> None:
        """Which services were seen to be classes, and the vendor's."""
        try:
            kept = json.loads(memory)
            self._seen |= set(map(str, kept["classes"]))
            memory = str(kept["rest"])
        except (ValueError, TypeError, KeyError):
            pass  # the vendor's own alone
        self._vendor.recall(memory)

    def memory(self) -> str:
        """The same, for the next process."""
        rest = self._vendor.memory()
        return json.dumps({"classes": sorted(self._seen), "rest": rest}) if self._seen else rest

    async def aclose(self) -> None:
        """The vendor's."""
        await self._vendor.aclose()

    def _is_class(self, appointment: Appointment) -> bool:
        return appointment.service is not None and appointment.service in self._configured | self._seen

    async def _look_up(self, ids: abc.Collection[str], *, classes_alone: bool = False) -> None:
        """Take in what is known of the classes, and of these records, if they are not known by now."""
        for mapping in await self._known(ids):
            if mapping.parts or (mapping.remote_id in ids and not classes_alone):
                self._bundles.setdefault(mapping.remote_id, Bundle.of(mapping))
            # What is kept seat by seat stays so, whatever the configuration says by now.
            if mapping.parts and mapping.base.service is not None:
                self._seen |= {mapping.base.service} - self._configured

    async def _together(self, held: abc.Mapping[str, Row], window: Window) -> list[Row]:
        """A row for each class; and those that are no seats after all, or cannot be read, as they are."""
        await self._look_up(held.keys())
        members = {seat for bundle in self._bundles.values() for seat in bundle.seats}
        seats, rows = dict[str, Record](), list[Row]()
        for key, row in held.items():
            record = self._decoded(row)
            if record is None or (record.seat_of is None and key not in members):
                rows.append(row)
            else:
                seats[key] = record
        self._rows = dict(seats)
        for bundle in list(self._bundles.values()):
            if not seats.keys().isdisjoint(bundle.seats):
                seats |= await self._not_listed(bundle, seats, window)
        self._seen |= {record.seat_of for record in seats.values() if record.seat_of} - self._configured
        found = bundled(map(Seat.of, seats.values()), self._bundles.values())
        self._adrift = {name: _adrift(self._bundles[name]) for name in sorted(found.scattered)}
        for name in found.scattered | found.left:
            self._bundles[name] = replace(self._bundles[name], seats=())
        for name, ids in found.seats.items():
            self._made[name] = tuple(seats[key] for key in ids)
            known = self._bundles.get(name, Bundle(name, ids))
            places = [seats[key].content for key in ids]
            self._bundles[name] = replace(
                known,
                seats=ids,
                starts=known.starts or frozenset(one.slot.start for one in places),
                staff=known.staff or frozenset(one.staff for one in places),
            )
            rows.append(_row(name, self._made[name]))
        self._notices = tuple(self._doubled())
        return rows

    def _decoded(self, row: Row) -> Record | None:
        before = self._rows.get(row.remote_id)
        if before is not None and before.fingerprint == row.fingerprint:
            return before
        try:
            return replace(self._vendor.decode(row), fingerprint=row.fingerprint, raw=None)
        except Malformed:
            return None  # told where the row is decoded as the one that it is

    async def _not_listed(self, bundle: Bundle, seats: abc.Mapping[str, Record], window: Window) -> dict[str, Record]:
        """The seats of a class that the listing lacks, and that are there when asked for.

        Raises `Unreadable` where the listing should have had one, or the vendor finds nothing that it has just listed.
        """
        found: dict[str, Record] = {}
        missing = [key for key in bundle.seats if key not in seats]
        for key in missing:
            try:
                answer = await self._vendor.get(key)
            except Malformed as error:
                raise Unreadable(self.name, f"{self.name}: record {key}: {error}") from None
            if isinstance(answer, Absent):
                continue
            content = answer.content
            if content.status.live and content.slot.start in window and self.capabilities.lists(content):
                reason = f"its listing lacks record {key}, which is there when asked for"
                raise Unreadable(self.name, f"{self.name}: {reason}")
            if content.status.live and not self.capabilities.lists(content):
                # In a calendar that is out of sight nothing is told of it: it counts as where it was.
                beside = next(seats[one].content for one in bundle.seats if one in seats)
                kept = {name: beside.get(name) for name in (Field.SLOT, Field.STAFF)}
                answer = replace(answer, content=content.with_values(kept))
            found[key] = replace(answer, raw=None)
        if len(missing) > len(found):
            witness = min((key for key in bundle.seats if key in seats), key=in_order)
            if isinstance(await self._vendor.get(witness), Absent):
                reason = f"it says that record {witness} does not exist, which it has just listed"
                raise Unreadable(self.name, f"{self.name}: {reason}; nothing is concluded from what it lacks")
        return found

    def _doubled(self) -> abc.Iterator[Notice]:
        for name, seats in sorted(self._made.items()):
            for first, other in twice(seats):
                text = (
                    f"{self.name}: records {first} and {other} are two seats of one client in one class ({name}): she "
                    "counts once elsewhere. Cancel one there if that was made twice"
                )
                yield Notice(key=f"twice {first} {other}", text=text, grave=True)

    async def _all_of(self, bundle: Bundle, hint: Appointment | None) -> Record | Absent:
        """The record of a class, from each of its seats by id."""
        answers = [await self._vendor.get(key, hint) for key in bundle.seats]
        found = [one for one in answers if isinstance(one, Record)]
        if not found:
            doubt = self._adrift.get(bundle.remote_id, "")
            return Absent(vendor=self.name, remote_id=bundle.remote_id, doubt=doubt)
        together = bundled(map(Seat.of, found), [_as_found(bundle, found, hint)])
        if together.scattered:
            return Absent(vendor=self.name, remote_id=bundle.remote_id, doubt=_adrift(bundle))
        ids = together.seats[bundle.remote_id]
        seats = tuple(one for one in found if one.remote_id in ids)
        self._read[bundle.remote_id] = seats
        self._seen |= {one.seat_of for one in seats if one.seat_of} - self._configured
        return bounded(as_one(bundle.remote_id, seats, hint))


def _adrift(bundle: Bundle) -> str:
    """Why nobody can tell where a class is."""
    seats = ", ".join(sorted(bundle.seats, key=in_order))
    return (
        f"the records of class {bundle.remote_id} ({seats}) are at several times now, and none is where they were; "
        "bring them to one time there, or approve this if the class is over"
    )


def _as_found(bundle: Bundle, found: abc.Sequence[Record], hint: Appointment | None) -> Bundle:
    """A bundle of which nothing else tells where it was: where it is expected, else where it is."""
    if bundle.starts:
        return bundle
    contents = [one.content for one in found]
    starts = {one.slot.start for one in contents} if hint is None else {hint.slot.start}
    return replace(bundle, starts=frozenset(starts), staff=frozenset(one.staff for one in contents))


def _row(name: str, seats: abc.Sequence[Record]) -> Row:
    """The row of a class: it differs where one of its seats does."""
    parts = sorted((seat.remote_id, seat.fingerprint or b"") for seat in seats)
    digest = blake2b(digest_size=16)
    for key, fingerprint in parts:
        digest.update(key.encode() + b"\n" + fingerprint)
    return Row(name, b"", digest.digest())
