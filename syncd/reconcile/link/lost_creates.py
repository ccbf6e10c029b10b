"""Creates whose answer was lost: which record each of them made, where that can be told.

syncd's own mark in a record is proof. Without one, a live record that looks as intended, as far as
its vendor keeps what it is given, is taken for it. Creates of which no record is clearly what they
made are left to `unfound`.

    12:00:00 a create is sent, and the process is killed
    12:00:07 started again, it lists the vendor, which has a record with our mark, or one that is as
          was asked for: it is linked, and nothing is made twice
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field
from itertools import chain

from syncd.compare.identity import content_key
from syncd.compare.sameness import GRIDS, resembles, rounded
from syncd.model.appointment import UNLISTED, Appointment, Field, normal_text
from syncd.model.capabilities import Capabilities
from syncd.model.memory import UnsettledCreate
from syncd.model.policy import Traits
from syncd.model.record import Complete, Record, Ref
from syncd.reconcile.link.candidates import (
    Candidate,
    Handle,
    Matched,
    alike,
    fits,
    index_keys,
    lookup_keys,
    read_as,
    readings,
)
from syncd.reconcile.link.late import Asked, ask, still_asked


@dataclass(slots=True)
class _Fresh:
    """The records of one vendor that have no mapping, while creates take theirs."""

    records: dict[str, Record]
    capabilities: Capabilities
    matched: Matched
    asked: Asked
    by_handle: dict[Handle, list[Record]] = field(default_factory=lambda: defaultdict(list))
    nameless: dict[int, list[Record]] = field(default_factory=lambda: defaultdict(list))

    def file(self, record: Record) -> None:
        """Let an unmarked record be found."""
        for key in index_keys([record.content]):
            self.by_handle[key].append(record)
        if record.content.status.live and all(client.empty for client in record.content.clients):
            for slot in readings(record):
                self.nameless[slot.minute].append(record)

    def like(self, intended: Appointment) -> list[Record]:
        """Unmarked records of the same client or title, whatever their time, in the order of their
        ids.
        """
        near = self._there(self.by_handle.get(key, ()) for key in lookup_keys(intended))
        return [record for record in near if alike(record.content, [intended])]

    def unnamed(self, intended: Appointment) -> list[Record]:
        """Unmarked live records of its time that show no client, and nothing but what the vendor
        may have kept of it.

        Some vendors can be given no client, or no title, and some cut a title short.
        """
        minutes = {intended.slot.minute}
        for grid in GRIDS:
            minutes |= {
                intended.slot.minute // grid * grid,
                intended.slot.minute // grid * grid + grid,
            }
        near = self._there(self.nameless.get(minute, ()) for minute in minutes)
        return [record for record in near if self._may_be(record, intended)]

    def _there(self, found: abc.Iterable[abc.Iterable[Record]]) -> list[Record]:
        """Each of these once that no create has taken, in the order of their ids."""
        near = {record.remote_id: record for record in chain.from_iterable(found)}
        return [near[key] for key in sorted(near) if key in self.records]

    def is_equal(self, record: Record, intended: Appointment) -> bool:
        """Whether a live record is as it was asked for, as far as its vendor keeps that: start,
        service, title.
        """
        return record.content.status.live and self._is_like(record, intended)

    def _is_like(self, record: Record, intended: Appointment) -> bool:
        """Whether a record has the start, service and title that were asked for, if any."""
        shown = record.content
        served = shown.service is None or _may_be_of(shown.service, intended.service)
        named = not self._kept(Field.TITLE, record) or resembles(
            Field.TITLE, shown.title, intended.display_title
        )
        return served and named and _starts_as(record, intended)

    def _kept(self, name: Field, record: Record) -> bool:
        """Whether a record shows a field as it was given."""
        return name in record.shows and self.capabilities.ability(name).created

    def _may_be(self, record: Record, intended: Appointment) -> bool:
        nameless = not intended.clients or not self._kept(Field.CLIENTS, record)
        return nameless and self._is_like(record, intended)


@dataclass(frozen=True, slots=True)
class Unfound:
    """The creates without an answer of which no record of a listing is clearly what they made."""

    sent: abc.Sequence[Sent]
    snapshot: Complete
    traits: Traits
    mapped: abc.Container[Ref]
    asked: Asked


def recover(
    snapshot: Complete,
    records: list[Record],
    matched: Matched,
    traits: Traits,
    mapped: abc.Container[Ref],
    asked: Asked,
) -> tuple[list[Record], Unfound]:
    """Link the records of lost creates to their appointments; returns the records that are none,
    and the creates that are left.

    `mapped` are the records, by vendor and id, that belong to an appointment already.
    """
    by_id = {record.remote_id: record for record in records}
    fresh = _Fresh(by_id, traits.capabilities, matched, asked)
    waiting = _sent(Candidate.open_at, snapshot.vendor, fresh)
    late = _sent(Candidate.late_at, snapshot.vendor, fresh)
    if not (waiting or late or asked.questions):
        return records, Unfound((), snapshot, traits, mapped, asked)
    marked = {record.token: record for record in records if record.token is not None}
    for record in records:
        if record.token is None:
            fresh.file(record)
    unmarked, unseen = (_without_marked(some, marked) for some in (waiting, late))
    still_asked(fresh.records, asked, matched)
    left = [sent for sent in unmarked if not sent.by_resemblance()]
    for sent in unseen:
        sent.come_late()
    return list(fresh.records.values()), Unfound(left, snapshot, traits, mapped, asked)


@dataclass(frozen=True, slots=True)
class Sent:
    """A create without an answer, its appointment, and the records among which it looks for its
    own.
    """

    candidate: Candidate
    create: UnsettledCreate
    fresh: _Fresh

    @property
    def is_free(self) -> bool:
        """Whether there is a place for what it made."""
        return self.candidate.lacks(self.create.vendor)

    def take(self, found: Record) -> None:
        """Link what it made, if its place is free; else that is one too many."""
        candidate, create = self.candidate, self.create
        record = read_as(found, [create.intended])
        del self.fresh.records[record.remote_id]
        if create.vendor in candidate.vendors:
            candidate.surplus.append((record, "its create got no answer, and was carried out late"))
        else:
            candidate.link(record)
            candidate.recovered.append((record, create))
        candidate.settled.append(create.operation)

    def come_late(self) -> None:
        """Take in what equals a create that counts as not done, if its place is free; else a person
        says what it is.
        """
        equal = [one for one in self._like() or self._unnamed() if self._is_equal(one)]
        if len(equal) == 1 and self.is_free:
            self.take(equal[0])
        else:
            self._ask_of_each(equal)

    def by_resemblance(self) -> bool:
        """Link the one record that looks like its own, or leave those to a person that do where
        there is no place for it. Returns whether there is any of them.
        """
        chosen = self.chosen
        if not self.is_free:
            self._ask_of_each(chosen)
            return bool(chosen)
        if len({content_key(record.content) for record in chosen}) != 1:
            return False
        self.take(chosen[0])
        self._let_the_last_one_wait(chosen[0])
        return True

    def _ask_of_each(self, records: abc.Iterable[Record]) -> None:
        """Leave records to a person of which it may have made one."""
        for record in records:
            ask(self.candidate, record, self.fresh.matched)
            del self.fresh.records[record.remote_id]

    def _as_it_may_show(self) -> list[Appointment]:
        """What was asked for, and the same for the client as agreed now: some vendors keep one
        client for all records.

        12:00 a create for Ines gets no answer; 12:30 her address is corrected; 13:00 it is carried
              out, with the new one
        """
        intended, known = self.create.intended, self.candidate.known
        if known is None or known.agreed.clients == intended.clients:
            return [intended]
        return [intended, intended.with_values({Field.CLIENTS: known.agreed.clients})]

    @property
    def perhaps_ours(self) -> list[Record]:
        """Records of the same client or title, but for those of which a person said that they are
        new bookings.
        """
        return [record for record in self._like() if not self.fresh.asked.is_theirs(record)]

    @property
    def chosen(self) -> list[Record]:
        """Those that look like its own; with the same text, if there are any."""
        hits = self._at_its_time(self.perhaps_ours) or self._unnamed()
        equal = [one for one in hits if _equal_text(one.content, self.create.intended)]
        return equal or hits

    def _like(self) -> list[Record]:
        """Records of the same client or title."""
        found = chain.from_iterable(map(self.fresh.like, self._as_it_may_show()))
        return list({record.remote_id: record for record in found}.values())

    def _unnamed(self) -> list[Record]:
        near = self.fresh.unnamed(self.create.intended)
        return [record for record in near if not self.fresh.asked.is_theirs(record)]

    def _is_equal(self, record: Record) -> bool:
        shown = self._as_it_may_show()
        equal = any(self.fresh.is_equal(record, one) for one in shown)
        return equal and not self.fresh.asked.is_theirs(record)

    def _at_its_time(self, like: abc.Iterable[Record]) -> list[Record]:
        """The live records that start when it was to; else those that were rounded to it."""
        wanted = Candidate(self.candidate.id, None, self._as_it_may_show(), set(), True)
        live = [record for record in like if record.content.status.live]
        exact = [record for record in live if fits(record, wanted)]
        return exact or [record for record in live if _rounded(record, self.create.intended)]

    def _let_the_last_one_wait(self, found: Record) -> None:
        """Of several like creates, the first may be the one that was found: then the last may still
        land. What equals the last one, and not the first, is the last one's: then the first may.

        08:00 a create gets no answer; 08:04 it counts as not done and is sent again, and gets no
              answer either
        08:05 a record is there: whichever made it, the one of 08:04 may make another until the same
              time tomorrow
        08:02 or the client was renamed in between: what may come yet has either name, and both are
              expected
        """
        candidate, create, fresh = self.candidate, self.create, self.fresh
        intended = create.intended
        wanted = intended.slot.minute
        late = candidate.late_at(create.vendor)
        earlier = [one for one in late if one.intended.slot.minute == wanted]
        if fresh.is_equal(found, intended):
            earlier = [one for one in earlier if fresh.is_equal(found, one.intended)]
        if earlier:
            first = min(earlier, key=lambda one: one.intended_at)
            candidate.settled.remove(create.operation)
            candidate.given_up.append(create.operation)
            if alike(first.intended, [intended]):
                candidate.settled.append(first.operation)


def _sent(
    creates_of: abc.Callable[[Candidate, str], list[UnsettledCreate]], vendor: str, fresh: _Fresh
) -> list[Sent]:
    """The creates of all appointments at a vendor that are waiting, or came late."""
    found: list[Sent] = []
    for candidate in fresh.matched.candidates:
        found += [Sent(candidate, create, fresh) for create in creates_of(candidate, vendor)]
    return found


def _without_marked(sent: abc.Iterable[Sent], marked: dict[str, Record]) -> list[Sent]:
    """Creates of which no record carries the mark. The mark is proof, so it goes before every
    resemblance.
    """
    left = []
    for one in sent:
        hit = marked.pop(one.create.token, None)
        if hit is None:
            left.append(one)
        else:
            one.take(hit)
    return left


def _rounded(record: Record, intended: Appointment) -> bool:
    """Whether the record starts where a vendor that rounds may have put the intended one."""
    return any(rounded(slot, intended.slot) for slot in readings(record))


def _may_be_of(shown: str, intended: str | None) -> bool:
    """Whether a record of one service may be made for another: of a foreign id, a vendor is told
    nothing.
    """
    return intended is None or intended.startswith(UNLISTED) or shown == intended


def _starts_as(record: Record, intended: Appointment) -> bool:
    """Whether the record starts where its vendor may have put the intended one."""
    return any(resembles(Field.SLOT, slot, intended.slot) for slot in readings(record))


def _equal_text(one: Appointment, other: Appointment) -> bool:
    return (normal_text(one.display_title), normal_text(one.notes)) == (
        normal_text(other.display_title),
        normal_text(other.notes),
    )
