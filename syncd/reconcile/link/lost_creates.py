"""Creates whose answer was lost: which record each of them made, if any.

syncd's own mark in a record is proof. Without one, a live record that looks as intended, as far as
its vendor keeps what it is given, is taken for it. That there is none is shown by two complete
listings, each begun long enough after the create was sent. What stays undecidable is left to a
person.

    12:00:00 a create is sent, and the process is killed
    12:00:01 started again, it lists the vendor, which does not have the record yet; it is carried
          out at 12:00:06
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from syncd.compare.attribution import shown_over
from syncd.compare.hosting import Guest, new_in
from syncd.compare.identity import content_key
from syncd.compare.people import same_person
from syncd.compare.sameness import GRIDS, on_grid, resembles, rounded
from syncd.model.appointment import UNLISTED, Appointment, Field, normal_text
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.policy import Traits
from syncd.model.record import Complete, Partial, Record, Snapshot
from syncd.model.wording import bookings, joined
from syncd.reconcile.link.candidates import (
    Ambiguity,
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

LOOKS = 2
"""So many listings that do not show what a create without an answer made let it count as
not done.
"""


@dataclass(slots=True)
class _Fresh:
    """The records of one vendor that have no mapping, while creates take theirs."""

    records: dict[str, Record]
    capabilities: Capabilities
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
        shown = record.content
        there = any(slot.minute == intended.slot.minute for slot in readings(record)) or _rounded(
            record, intended
        )
        served = shown.service is None or _may_be_of(shown.service, intended.service)
        titled = Field.TITLE in record.shows and self.capabilities.ability(Field.TITLE).created
        named = not titled or resembles(Field.TITLE, shown.title, intended.display_title)
        return shown.status.live and there and served and named

    def _may_be(self, record: Record, intended: Appointment) -> bool:
        shown = record.content
        if (
            Field.CLIENTS in record.shows
            and intended.clients
            and self.capabilities.ability(Field.CLIENTS).created
        ):
            return False
        if shown.service is not None and not _may_be_of(shown.service, intended.service):
            return False
        titled = Field.TITLE in record.shows and self.capabilities.ability(Field.TITLE).created
        if titled and not resembles(Field.TITLE, shown.title, intended.display_title):
            return False
        return any(slot.minute == intended.slot.minute for slot in readings(record)) or _rounded(
            record, intended
        )


def recover(
    snapshot: Complete,
    records: list[Record],
    matched: Matched,
    traits: Traits,
    mapped: abc.Container[tuple[str, str]],
    asked: Asked,
) -> list[Record]:
    """Link the records of lost creates to their appointments; returns the records that are none.

    `mapped` are the records, by vendor and id, that belong to an appointment already.
    """
    vendor = snapshot.vendor
    waiting = _sent(matched.candidates, Candidate.open_at, vendor)
    late = _sent(matched.candidates, Candidate.late_at, vendor)
    if not (waiting or late or asked.questions):
        return records
    fresh = _Fresh({record.remote_id: record for record in records}, traits.capabilities)
    marked: dict[str | None, Record] = {}
    for record in records:
        if record.token is None:
            fresh.file(record)
        else:
            marked[record.token] = record
    unmarked, unseen = (_without_marked(some, marked, fresh) for some in (waiting, late))
    still_asked(fresh.records, asked, matched)
    groups = list(_groups(snapshot, matched)) if unmarked else []
    for candidate, create in unmarked:
        if _by_resemblance(candidate, create, fresh, matched, asked):
            continue
        if _joined_one(candidate, create, groups):
            continue
        begun_late_enough = snapshot.started_at >= settles_at(create, traits)
        if begun_late_enough and _reached(create.intended, snapshot, mapped):
            missed = candidate.missed if create.missed + 1 < LOOKS else candidate.given_up
            missed.append(create.operation)
    for candidate, create in unseen:
        _come_late(candidate, create, fresh, matched, asked)
    return list(fresh.records.values())


_Sent = tuple[Candidate, UnsettledCreate]


def _sent(
    candidates: abc.Iterable[Candidate],
    creates_of: abc.Callable[[Candidate, str], list[UnsettledCreate]],
    vendor: str,
) -> list[_Sent]:
    found: list[_Sent] = []
    for candidate in candidates:
        found += [(candidate, create) for create in creates_of(candidate, vendor)]
    return found


def _without_marked(
    sent: abc.Iterable[_Sent], marked: dict[str | None, Record], fresh: _Fresh
) -> list[_Sent]:
    """Creates of which no record carries the mark. The mark is proof, so it goes before every
    resemblance.
    """
    left = []
    for candidate, create in sent:
        hit = marked.pop(create.token, None)
        if hit is None:
            left.append((candidate, create))
        else:
            _take(candidate, hit, create, fresh)
    return left


def _come_late(
    candidate: Candidate, create: UnsettledCreate, fresh: _Fresh, matched: Matched, asked: Asked
) -> None:
    """Take in what equals a create that counts as not done, if its place is free; else a person
    says what it is.
    """
    near = _like(candidate, create, fresh) or fresh.unnamed(create.intended)
    shown = _as_it_may_show(candidate, create)
    equal = [
        r for r in near if any(fresh.is_equal(r, one) for one in shown) and not asked.is_theirs(r)
    ]
    if len(equal) == 1 and candidate.live and create.vendor not in candidate.vendors:
        _take(candidate, equal[0], create, fresh)
        return
    _ask_of_each(equal, candidate, fresh, matched)


def _as_it_may_show(candidate: Candidate, create: UnsettledCreate) -> list[Appointment]:
    """What was asked for, and the same for the client as agreed now: some vendors keep one client
    for all records.

    12:00 a create for Ines gets no answer; 12:30 her address is corrected; 13:00 it is carried out,
          with the new one
    """
    intended = create.intended
    now = candidate.known.agreed.clients if candidate.known else intended.clients
    return (
        [intended]
        if now == intended.clients
        else [intended, intended.with_values({Field.CLIENTS: now})]
    )


def _like(candidate: Candidate, create: UnsettledCreate, fresh: _Fresh) -> list[Record]:
    found = chain.from_iterable(map(fresh.like, _as_it_may_show(candidate, create)))
    return list({record.remote_id: record for record in found}.values())


def settles_at(create: UnsettledCreate, traits: Traits) -> datetime:
    """From when on a listing that does not show what a create made counts."""
    return create.intended_at + traits.settle


def _take(candidate: Candidate, found: Record, create: UnsettledCreate, fresh: _Fresh) -> None:
    """Link what syncd made, if its place is free; else it is one too many."""
    record = read_as(found, [create.intended])
    del fresh.records[record.remote_id]
    if create.vendor in candidate.vendors:
        candidate.surplus.append((record, "its create got no answer, and was carried out late"))
    else:
        candidate.link(record)
        candidate.recovered.append((record, create))
    candidate.settled.append(create.operation)


def _let_the_last_one_wait(
    candidate: Candidate, create: UnsettledCreate, found: Record, fresh: _Fresh
) -> None:
    """Of several like creates, the first may be the one that was found: then the last may still
    land. What equals the last one, and not the first, is the last one's: then the first may.

    08:00 a create gets no answer; 08:04 it counts as not done and is sent again, and gets no answer
          either
    08:05 a record is there: whichever made it, the one of 08:04 may make another until the same
          time tomorrow
    08:02 or the client was renamed in between: what may come yet has either name, and both are
          expected
    """
    wanted = create.intended.slot.minute
    earlier = [
        one for one in candidate.late_at(create.vendor) if one.intended.slot.minute == wanted
    ]
    if fresh.is_equal(found, create.intended):
        earlier = [one for one in earlier if fresh.is_equal(found, one.intended)]
    if earlier:
        first = min(earlier, key=lambda one: one.intended_at)
        candidate.settled.remove(create.operation)
        candidate.given_up.append(create.operation)
        if alike(first.intended, [create.intended]):
            candidate.settled.append(first.operation)


def _by_resemblance(
    candidate: Candidate, create: UnsettledCreate, fresh: _Fresh, matched: Matched, asked: Asked
) -> bool:
    """Link what looks like the record of a create, or leave it to a person; False where nothing
    does.
    """
    like = [record for record in _like(candidate, create, fresh) if not asked.is_theirs(record)]
    hits = _at_its_time(like, candidate, create) or fresh.unnamed(create.intended)
    chosen = [record for record in hits if _equal_text(record.content, create.intended)] or hits
    if not candidate.live or create.vendor in candidate.vendors:
        _ask_of_each(chosen, candidate, fresh, matched)
        return bool(chosen)
    alone = len({content_key(record.content) for record in chosen}) == 1
    if alone:
        _take(candidate, chosen[0], create, fresh)
        _let_the_last_one_wait(candidate, create, chosen[0], fresh)
        return True
    near = chosen or like
    if near:
        _leave_open(near, candidate, create, fresh, matched)
    return bool(near)


def _at_its_time(
    like: abc.Iterable[Record], candidate: Candidate, create: UnsettledCreate
) -> list[Record]:
    """The live records that start when a create was to; else those that were rounded to it."""
    wanted = Candidate(candidate.id, None, _as_it_may_show(candidate, create), set(), True)
    live = [record for record in like if record.content.status.live]
    exact = [record for record in live if fits(record, wanted)]
    return exact or [record for record in live if _rounded(record, create.intended)]


def _ask_of_each(
    records: abc.Iterable[Record], candidate: Candidate, fresh: _Fresh, matched: Matched
) -> None:
    """Leave records to a person of which a create may have made one."""
    for record in records:
        ask(candidate, record, matched)
        del fresh.records[record.remote_id]


def _leave_open(
    near: list[Record],
    candidate: Candidate,
    create: UnsettledCreate,
    fresh: _Fresh,
    matched: Matched,
) -> None:
    """Neither link any of several records that a create may have made, nor make it again."""
    reason = (
        f"its create got no answer, and {create.vendor} now shows {len(near)} record(s) that it "
        "could have become: check there, then 'syncd quarantine release'"
    )
    candidate.blocked[create.vendor] = reason
    said = f"may be the unanswered create of another record: {reason}"
    for record in near:
        matched.ambiguous.append(Ambiguity(record, said))
        del fresh.records[record.remote_id]


@dataclass(frozen=True, slots=True)
class _Group:
    """A record of several clients, as it is now, and the appointment that it belongs to."""

    owner: Candidate
    mapping: Mapping
    record: Record | None
    content: Appointment

    def may_hold(self, intended: Appointment) -> bool:
        """Whether somebody of an intended appointment is in it, at its time, and somebody else."""
        there = self.content.slot.minute == intended.slot.minute or rounded(
            self.content.slot, intended.slot
        )
        ours = [
            any(same_person(one, client) for client in intended.clients)
            for one in self.content.clients
        ]
        return there and any(ours) and not all(ours)


def doubt(snapshot: Snapshot | None, matched: Matched, around: abc.Iterable[Known]) -> None:
    """Let records say nothing that may hold the booking of a create without an answer, until a
    listing is complete.

    `around` are further appointments whose creates that may be.
    09:00 Omar's create goes into Jane's record; no answer comes
    09:02 half a listing shows both in it: taken for an edit of hers, he would be her client
          everywhere
    """
    if not isinstance(snapshot, Partial):
        return
    vendor = snapshot.vendor
    everybody = [*(candidate.known for candidate in matched.candidates if candidate.known), *around]
    creates: list[tuple[str, Appointment]] = []
    for one in everybody:
        mine = [create.intended for create in one.unsettled if create.vendor == vendor]
        if mine and one.at(vendor) is None:
            creates += [(one.id, intended) for intended in mine]
    for group in _groups(snapshot, matched) if creates else ():
        if any(id != group.owner.id and group.may_hold(intended) for id, intended in creates):
            group.owner.doubted.add(vendor)


def _groups(snapshot: Complete | Partial, matched: Matched) -> abc.Iterator[_Group]:
    for candidate in matched.candidates:
        mapping = candidate.known.at(snapshot.vendor) if candidate.known else None
        if mapping is not None:
            record = snapshot.records.get(mapping.remote_id)
            content = shown_over(mapping.base, record) if record else mapping.base
            if content.status.live and len(content.clients) > 1:
                yield _Group(candidate, mapping, record, content)


def _joined_one(
    candidate: Candidate, create: UnsettledCreate, groups: abc.Iterable[_Group]
) -> bool:
    """Whether a booking whose answer was lost went into a record of another appointment: that is
    not done again.
    """
    home = next((group for group in groups if group.may_hold(create.intended)), None)
    if home is None or home.owner is candidate or create.vendor in candidate.vendors:
        return False
    guest = Guest(candidate.id, create.intended)
    part = bookings(new_in(home.record, home.mapping, [guest])) if home.record is not None else ""
    candidate.joined[create.vendor] = joined(
        create.vendor, home.mapping.remote_id, home.owner.id, part or "the later booking"
    )
    candidate.settled.append(create.operation)
    home.owner.hosts.setdefault(create.vendor, []).append(guest)
    return True


def _may_be_of(shown: str, intended: str | None) -> bool:
    """Whether a record of one service may be made for another: of a foreign id, a vendor is told
    nothing.
    """
    return intended is None or intended.startswith(UNLISTED) or shown == intended


def _rounded(record: Record, intended: Appointment) -> bool:
    """Whether the record starts where a vendor that rounds may have put the intended one."""
    return any(rounded(slot, intended.slot) for slot in readings(record))


def _reached(
    intended: Appointment, snapshot: Complete, mapped: abc.Container[tuple[str, str]]
) -> bool:
    """Whether the listing would show the record, and shows no row that could be it and is not read
    yet or cannot be.
    """
    unread = chain.from_iterable(map(readings, snapshot.unread.values()))
    minutes = {slot.minute for slot in unread}
    for row in snapshot.bad_rows:
        if (row.vendor, row.remote_id or "") not in mapped:
            minutes.update(row.starts)
    wanted = intended.slot.minute
    near = any(minute == wanted or on_grid(minute, wanted) for minute in minutes)
    return intended.slot.start in snapshot.window and not near


def _equal_text(one: Appointment, other: Appointment) -> bool:
    return (normal_text(one.display_title), normal_text(one.notes)) == (
        normal_text(other.display_title),
        normal_text(other.notes),
    )
