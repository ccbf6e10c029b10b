"""An appointment as matching sees it, and whether a record may be its own.

Which of several candidates a record goes to is `matching`.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from syncd.compare.addresses import addresses
from syncd.compare.hosting import Guest
from syncd.compare.names import filed, sought
from syncd.compare.people import everybody_in, named, share_somebody
from syncd.compare.phones import ends
from syncd.compare.sameness import differs, is_known
from syncd.model.appointment import UNLISTED, Appointment, Client, Field, normal_text
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.record import Record, Ref
from syncd.model.times import Slot, minute_of

IsClass = abc.Callable[[Appointment], bool]
"""Whether several attend an appointment, who come and go one by one."""


def _no_class(_: Appointment) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A mapping whose record is not there, and why its absence is doubted; None where it is not."""

    mapping: Mapping
    doubt: str | None

    @property
    def may_be_elsewhere(self) -> bool:
        """Whether the record may be another one by now: its vendor's word is doubted, or was."""
        return self.doubt is not None or self.mapping.missing


@dataclass(slots=True)
class Candidate:
    """An appointment as matching sees it: what is known of it, and what was linked to it in this
    cycle.

    `vendors` are those that need no further record. `blocked` holds, per vendor, why no create may
    be made there, and `joined` where its booking stands in a record of another appointment. `hosts`
    are the vendors whose record of this one took others in by creates without an answer, which
    nobody edited, each with those. `left` holds, per vendor, the record of this one in which a
    booking stands that is nobody's any more, and what a person is to do about it. `doubted` are the
    vendors whose record of this one may hold a booking of a create without an answer, where that is
    not certain yet. `texts` are, per vendor, those in a linked record that may be of somebody else,
    and go nowhere, and `guests` the bookings of others in it. `assigned` are records, by vendor
    and id, of which a person said that they are of this one. `settled` are creates without an
    answer that were found, `missed` those that one more listing does not show, `given_up` those
    that count as not done from now on. `surplus` are records that syncd made once too often, each
    with how that came. `vacant` are the vendors whose record of this one is not there in this
    cycle, `successors` those at which another record goes on in its place, each with the mapping of
    the one before, and `doubts` say why a vendor's word is not believed that it is gone.
    """

    id: str
    known: Known | None
    contents: list[Appointment]
    vendors: set[str]
    live: bool
    linked: list[Record] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)
    recovered: list[tuple[Record, UnsettledCreate]] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    joined: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, list[Guest]] = field(default_factory=dict)
    left: dict[str, tuple[str, str]] = field(default_factory=dict)
    doubted: set[str] = field(default_factory=set)
    texts: dict[str, abc.Mapping[Field, Any]] = field(default_factory=dict)
    guests: dict[str, abc.Mapping[str, str]] = field(default_factory=dict)
    surplus: list[tuple[Record, str]] = field(default_factory=list)
    assigned: set[Ref] = field(default_factory=set)
    vacant: dict[str, Vacancy] = field(default_factory=dict)
    successors: dict[str, Mapping] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

    @property
    def clients(self) -> tuple[Client, ...]:
        """Every client that any of its records shows."""
        return everybody_in(self.contents)

    @property
    def minutes(self) -> set[int]:
        """Every start that any of its records has, in whole minutes."""
        return {content.slot.minute for content in self.contents}

    def lacks(self, vendor: str) -> bool:
        """Whether it stands and has no record at a vendor."""
        return self.live and vendor not in self.vendors

    def open_at(self, vendor: str) -> list[UnsettledCreate]:
        """Its creates at a vendor of which it is not known yet what became of them."""
        creates = self.known.unsettled if self.known else ()
        done = {*self.settled, *self.given_up}
        return [
            create for create in creates if create.vendor == vendor and create.operation not in done
        ]

    def late_at(self, vendor: str) -> list[UnsettledCreate]:
        """Its creates at a vendor that count as not done and may still land."""
        creates = self.known.late if self.known else ()
        return [create for create in creates if create.vendor == vendor]

    @property
    def joining(self) -> list[Record]:
        """The records that join a known appointment, and that no create of ours made; not those
        that go on in the place of another: what they have more was taken out before the restore.
        """
        linked = self.linked if self.known else ()
        return [
            record
            for record in linked
            if record.vendor not in self.successors and self.create_of(record) is None
        ]

    @property
    def renumbered(self) -> list[Record]:
        """The records that go on in the place of another."""
        return [record for record in self.linked if record.vendor in self.successors]

    @property
    def unaltered(self) -> set[str]:
        """The vendors of those that show all that the one before was last seen with."""
        return {
            record.vendor
            for record in self.renumbered
            if not otherwise(record, self.successors[record.vendor])
        }

    def create_of(self, record: Record) -> UnsettledCreate | None:
        """The create without an answer that made a record which was linked just now."""
        return next((create for one, create in self.recovered if one is record), None)

    def link(self, record: Record) -> None:
        """Take a record in, in the place of one that is not there any more, if its vendor had one
        of this appointment.
        """
        self.linked.append(record)
        self.contents.append(record.content)
        self.vendors.add(record.vendor)
        vacancy = self.vacant.pop(record.vendor, None)
        if vacancy is not None and self.known is not None:
            self.successors[record.vendor] = vacancy.mapping
            self.known = _replaced(self.known, vacancy.mapping, record)

    def take_over(self, other: Candidate) -> None:
        """Take in everything of another candidate that turned out to be the same appointment."""
        self.contents += other.contents
        self.vendors |= other.vendors
        self.linked += other.linked
        self.recovered += other.recovered
        self.settled += other.settled
        self.missed += other.missed
        self.given_up += other.given_up
        self.blocked = {**other.blocked, **self.blocked}
        self.joined |= other.joined
        self.hosts |= other.hosts
        self.surplus += other.surplus
        self.left |= other.left
        self.texts |= other.texts
        self.guests |= other.guests
        self.doubted |= other.doubted
        self.assigned |= other.assigned
        self.successors |= other.successors


def _replaced(known: Known, old: Mapping, record: Record) -> Known:
    """An appointment in which another record goes on in the place of that one.

    A record that is back after it was replaced is no former one any more.
    """
    key, was = record.ref, old.ref
    left = [m for m in known.mappings if m.ref not in (key, was)]
    # Without a fingerprint it is looked at anew when it is listed again.
    said = f"replaced by record {record.remote_id}"
    ended = replace(old, tombstone=said, fingerprint=None, in_flight=None, missing=False)
    return replace(known, mappings=(*left, ended))


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A record that fits several appointments, or one of several records that fit one: left alone.

    `key` names what a person is asked about it, where that is to be the same in every cycle, and
    `appointment` whose it may be.
    """

    record: Record
    reason: str
    key: str | None = None
    appointment: str | None = None


@dataclass(slots=True)
class Matched:
    """The result: every candidate, old and new, and the records that nobody dares to link.

    `united` are the ids of candidates that another one took over, `remarks` sentences by vendor.
    """

    candidates: list[Candidate]
    ambiguous: list[Ambiguity] = field(default_factory=list)
    united: set[str] = field(default_factory=set)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    is_class: IsClass = _no_class

    def separate(self) -> list[Candidate]:
        """The candidates that no other one took over."""
        return [candidate for candidate in self.candidates if candidate.id not in self.united]


Index = abc.Mapping[abc.Hashable, list[Candidate]]
"""Candidates by what they are looked up by."""


def fits(record: Record, candidate: Candidate, is_class: IsClass = _no_class) -> bool:
    """Same start, and the same client or, where a side has no client, the same title; of a class,
    the same class: some book at one vendor, and others at another.
    """
    if {slot.minute for slot in readings(record)}.isdisjoint(candidate.minutes):
        return False
    if alike(record.content, candidate.contents):
        return True
    mine = record.content
    several = [one for one in candidate.contents if one.service == mine.service and is_class(one)]
    return any(_same_staff(mine.staff, one.staff) for one in several)


def _same_staff(mine: str | None, theirs: str | None) -> bool:
    """Whether it may be one person: not where both are known and differ."""
    told = [one for one in (mine, theirs) if one and not one.startswith(UNLISTED)]
    return len(set(told)) < 2


def alike(content: Appointment, others: abc.Iterable[Appointment]) -> bool:
    """The same client or, where a side has no client, the same title."""
    several = tuple(others)
    mine, theirs = named(content.clients), everybody_in(several)
    if mine and theirs:
        return share_somebody(mine, theirs)
    titles = titles_of(content)
    return any(not titles.isdisjoint(titles_of(other)) for other in several)


def titles_of(content: Appointment) -> set[str]:
    """The titles that one record goes by: its own, and the one that syncd gives an appointment of
    its client.

    A vendor that cannot hold the client has nothing but that title of an appointment that syncd
    made there.
    """
    titles = {normal_text(content.display_title)}
    if any(client.name for client in content.clients):
        titles.add(normal_text(content.made_title))
    return titles


def readings(record: Record) -> tuple[Slot, ...]:
    """Every slot that a record may mean."""
    return (record.content.slot, *record.other_readings)


def starts_of(record: Record) -> list[int]:
    """The minutes at which a record may start, the first one first."""
    return sorted({slot.minute for slot in readings(record)})


def read_as(record: Record, wanted: abc.Sequence[Appointment]) -> Record:
    """Of the readings of an ambiguous local time, the one that these have, in start and end or at
    least in start.
    """
    if not record.other_readings:
        return record
    whole = {(content.slot.minute, minute_of(content.slot.end)) for content in wanted}
    starts = {start for start, _ in whole}
    fitting = [slot for slot in readings(record) if (slot.minute, minute_of(slot.end)) in whole]
    fitting += [slot for slot in readings(record) if slot.minute in starts]
    slot = fitting[0] if fitting else record.content.slot
    return replace(record, content=record.content.with_values({Field.SLOT: slot}))


def otherwise(record: Record, mapping: Mapping) -> list[Field]:
    """The fields in which a record is not as that of a mapping was last seen."""
    base, content = mapping.base, record.content
    return [
        name
        for name in Field
        if name in record.shows and is_known(name, mapping) and differs(name, base, content)
    ]


Handle = tuple[str, str]


def index_keys(contents: abc.Iterable[Appointment]) -> set[Handle]:
    """Keys under which one appointment's contents are filed: what is `alike` is `lookup_keys` one
    of them.

    So nobody has to compare all with all. A title is what many appointments share: it counts where
    a client is lacking.
    """
    several = tuple(contents)
    people = _people(dict.fromkeys(everybody_in(several)), filed)
    titles = set(chain.from_iterable(map(titles_of, several)))
    found = people | {("title", title) for title in titles}
    return found if people else found | {("title without client", title) for title in titles}


def lookup_keys(content: Appointment) -> set[Handle]:
    """Keys of which anything that is `alike` is filed under at least one."""
    people = _people(content.clients, sought)
    return people | {
        ("title without client" if people else "title", title) for title in titles_of(content)
    }


def _people(
    clients: abc.Collection[Client], by_name: abc.Callable[[str, str], abc.Iterable[str]]
) -> set[Handle]:
    found = contacts(clients)
    for client in clients:
        found |= {("name", said) for said in by_name(client.first_name, client.last_name)}
    return found


def contacts(clients: abc.Iterable[Client]) -> set[Handle]:
    """Keys of the addresses and numbers of some clients: who is doubtful shares one of these."""
    found = set[Handle]()
    for client in clients:
        found |= {("email", email) for email in addresses(client.email)}
        found |= {("phone", end) for end in ends(client.phone)}
    return found


def class_keys(contents: abc.Iterable[Appointment], is_class: IsClass) -> set[Handle]:
    """Keys of the classes that some contents are."""
    return {
        ("class", content.service) for content in contents if content.service and is_class(content)
    }


def filed_by(
    candidates: abc.Iterable[Candidate],
    keys_of: abc.Callable[[Candidate], abc.Iterable[abc.Hashable]],
) -> Index:
    """Candidates by each of their keys."""
    index: dict[abc.Hashable, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        for key in keys_of(candidate):
            index[key].append(candidate)
    return index


def found_by(keys: abc.Iterable[abc.Hashable], index: Index) -> list[Candidate]:
    """The candidates that are filed under some keys, each once, in the order of the keys."""
    found = chain.from_iterable(index.get(key, ()) for key in keys)
    return list({candidate.id: candidate for candidate in found}.values())
