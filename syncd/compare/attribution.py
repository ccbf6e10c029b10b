"""Whose doing is a difference: our own write's, the vendor's, or a person's? Pure.

A write that got no answer may have been carried out, and still may be:
    09:00 a move to 16:00 gets no answer: what it asked for is pending
    09:05 the record is at 16:00: `landed`, which is nobody's edit; it is at 17:00: a person's
    09:05 it is at 15:00 as before, and its version rose by two: somebody may have put it back, and
          a person is asked (`perhaps_put_back`)
A write that got an answer is read back:
    09:00 a move to 16:00; the vendor's answer says 16:00, and read back it is at 17:00: a person
          was quicker
    09:00 a note is asked for, and the answer shows none: what is read back is the vendor's if it
          resembles the note
    09:00 a move to 16:07, read back as 16:10: vendors round; that is no edit (`sameness.resembles`)
What a vendor may have made of a value is not a person's; what neither of them can have brought
about is.

Where a function infers from values whose doing they are, its docstring names the behaviour of a
vendor that requires it, and where that is known from: a vendor's document, or field-notes and
amelia-measured, which say what was measured. Where nothing of the kind is documented, it says so,
and what it guards.
"""

from __future__ import annotations

from collections import abc
from datetime import timedelta
from itertools import product
from typing import Any

from syncd.compare.atoms import Atom, part_of, same
from syncd.compare.people import PARTS, given, same_places, told_of
from syncd.compare.sameness import differs, is_known, on_grid, resembles, same_value
from syncd.model.appointment import TEXTS, Appointment, Client, Field
from syncd.model.memory import Mapping
from syncd.model.plan import Cancel, Operation
from syncd.model.record import Absent, Record
from syncd.model.revision import is_earlier, writes_between
from syncd.model.times import Slot, minute_of

ROUNDING = timedelta(minutes=30)
"""A vendor that keeps a start this near to the one it was given has rounded it; further off,
something is wrong.
"""

_ZONES, _WIDEST = timedelta(minutes=15), timedelta(hours=26)
"""Two zones lie whole quarters of an hour apart, and no further than this."""

Clients = tuple[Client, ...]

_CONTENT = TEXTS | {Field.CLIENTS}


def told_by(record: Record) -> frozenset[Field]:
    """The fields that a record says something of.

    One that shows no client any more does not say who it is instead, nor does a damaged text.
    """
    content = record.content
    untold = {name for name in record.shows if content.damaged(name)}
    return record.shows - untold if content.clients else record.shows - untold - {Field.CLIENTS}


def shown_over(base: Appointment, record: Record) -> Appointment:
    """The base with every field that the record tells replaced. Clients that it no longer shows
    stay.
    """
    if base is record.content:  # as in every record of a first run
        return base
    return base.with_values({field: record.content.get(field) for field in told_by(record)})


def is_unsettled(mapping: Mapping, record: Record) -> bool:
    """Whether a reading leaves open what became of an unsettled write of ours: it does not show
    what was written.

    An emptied text may be left out for good.
    """
    intended = mapping.in_flight
    unshown = mapping.in_flight_fields - record.shows
    return intended is not None and any(intended.get(field) for field in unshown)


def asked_to_stand(mapping: Mapping) -> bool | None:
    """Whether an unsettled write of ours was to let a record stand, or to end it; None: neither."""
    if mapping.in_flight is None or Field.STATUS not in mapping.in_flight_fields:
        return None
    return mapping.in_flight.status.live


def landed(field: Field, before: Any, shown: Any, intended: Any) -> bool:
    """Whether an unsettled write of ours brought a shown value about; one that did not move must be
    as intended.

    A text that is empty now may be one that the vendor dropped: taken for emptied, it would be
    emptied everywhere. A record that names nobody any more says nothing of what was written:
        09:00 Ann's address is to be written at the office; no answer comes
        09:05 the office's record names nobody; 09:10 it is Ann's, with the address of before: taken
              for written, that would be somebody's change, of a client of whom no number is told
    """
    if same_value(field, before, shown):
        return same_value(field, shown, intended)
    if field in TEXTS and not shown:
        return True
    if field is Field.SLOT and not ends_as(before, shown, intended):
        return False
    if field is Field.CLIENTS:
        people = (before, shown, intended)
        if _lacks_one(*people) or _names_nobody_now(*people):
            return False
    return resembles(field, shown, intended)


def _names_nobody_now(before: Clients, shown: Clients, intended: Clients) -> bool:
    """Whether a record that had clients, and was to have some, shows none."""
    return bool(before and intended) and not shown


def _lacks_one(before: Clients, shown: Clients, intended: Clients) -> bool:
    """Whether one was to be taken out, or to come, and somebody took out another."""
    return len(shown) < len(intended) != len(before)


def ends_as(before: Slot, shown: Slot, intended: Slot) -> bool:
    """Whether the end is the intended one, or what the vendor made of it: rounded, or as far off as
    it was before.

        09:00 a record of an hour is moved from 15:00 to 16:00, until 16:30; no answer comes
        09:05 it is there until 17:00: its service takes an hour, and the move was carried out
        09:05 or until 16:45, which neither the service nor the move says: somebody set that

    That an end follows the start is measured: Amelia never takes an end, which is the start and the
    longest booking (field-notes; amelia-measured, "`bookingEnd` ignored on update"), and at Acuity
    it is the start and the type's duration (field-notes). That an end is rounded is documented of
    no vendor. It guards a record whose vendor does: each cycle would take the rounded end for a
    person's, and carry it to all others.
    """
    return shown.duration == before.duration or _ends_nearly(before, shown, intended)


def _ends_nearly(before: Slot, shown: Slot, intended: Slot) -> bool:
    """Whether the end is the intended one, or that one rounded."""
    end, asked = minute_of(shown.end), minute_of(intended.end)
    kept = (before.minute, minute_of(before.end), shown.minute)
    return end == asked or on_grid(end, asked, kept)


def brought_about(field: Field, before: Any, shown: Any, intended: Any) -> Any:
    """What of a shown value an unsettled write of ours brought about: no e-mail or number that it
    did not give.

        09:00 Ann, without a number, is written as Anna; no answer comes
        09:05 the record is Anna's, with 555 0100: the name is ours, and somebody gave the number

    No vendor is known to add such a part to what it is given. Several keep one client for all
    their records, so that the number may come from another appointment: Amelia knows customers by
    e-mail, and shows theirs for ours (amelia-measured, "two people with one e-mail"). Taken for our
    doing, the number would be written over with nothing.
    """
    if field is not Field.CLIENTS or not len(before) == len(shown) == len(intended):
        return shown
    found = []
    for was, now, asked in zip(before, shown, intended, strict=True):
        gained = told_of(now) - told_of(asked)
        found.append(given(now, was, gained & {"email", "phone"}))
    return tuple(found)


def perhaps_put_back(
    mapping: Mapping, record: Record, waiting: abc.Set[Field] = frozenset()
) -> frozenset[Field]:
    """What an unsettled write of ours changed and shows as it was before, in a record that was
    written twice or modified since, or that a row showed as written: nobody can tell whose doing
    that is.

        09:00 a move from 15:00 to 16:00 gets no answer
        09:05 the record is at 15:00, and its version rose by two: the move was carried out, and
              somebody put it back; or it was not, and somebody wrote twice what no row shows

    It needs a version that counts writes. ActuallyCare has one, "for optimistic locking"
    (`actuallycare-appointments.md`: 1 in what was just made, 3 in an update); that each write
    raises it by one is no more than those examples. Written once or not at all since, the record
    shows that our write was not carried out. Where there is none, a row that showed it as written
    tells, or when the record was modified. `waiting` is of what a person was asked before.
    """
    intended, writes = mapping.in_flight, writes_between(mapping.revision, record.revision)
    if intended is None:
        return frozenset()
    asked = mapping.in_flight_fields
    if writes is None:
        asked &= mapping.glimpsed | _perhaps_undone(mapping, intended, record, waiting)
    elif writes < 2:
        return frozenset()
    before, shown = mapping.base, record.content
    return frozenset(
        name
        for name in asked & told_by(record)
        if same_value(name, before.get(name), shown.get(name))
        and not same_value(name, intended.get(name), shown.get(name))
    )


def _perhaps_undone(
    mapping: Mapping, intended: Appointment, record: Record, waiting: abc.Set[Field]
) -> frozenset[Field]:
    """What of the start and the status cannot be what the vendor made of an unsettled write, in a
    record that was modified since and tells nothing new.

        09:00:00 a revival is sent; 09:00:01 somebody cancels the record again, and syncd is stopped
        09:05:00 it is cancelled as before, and was modified at 09:00:01: the revival was carried
                 out, and somebody took it back; or it was not, and they edited what no row shows
        09:05:00 or its title is another one as well: that explains when it was modified
        09:10:00 asked at 09:05, that is no answer

    Aivapad has no version, and shows such a time (`updatedAt`: field-notes). A list may show fewer
    digits of it than the record.
    """
    then, now = mapping.modified_at, record.modified_at
    if then is None or now is None or now - then < timedelta(seconds=1):
        return frozenset()
    base, shown = mapping.base, record.content
    told = [name for name in told_by(record) if is_known(name, mapping)]
    ours = {name for name in mapping.in_flight_fields if _resembles(name, shown, intended)}
    decisive = {Field.SLOT, Field.STATUS}
    if any(differs(name, base, shown) for name in told if name not in ours):
        decisive &= waiting
    return frozenset(name for name in decisive if not _resembles(name, shown, intended))


def perhaps_resized(mapping: Mapping, record: Record) -> bool:
    """Whether a record was moved as an unsettled write of ours asked for, and is as long as it was
    before, where an end is what a record is given: nobody can tell whose doing that is.

        09:00 a move from 15:00 to 16:00 that makes two hours of one gets no answer
        09:05 the record is at 16:00 for an hour: the move was carried
              out, and somebody made it an hour again; or an earlier one was, which kept the hour
    """
    before, intended, shown = mapping.base.slot, mapping.in_flight, record.content.slot
    if intended is None or Field.SLOT not in mapping.in_flight_fields & told_by(record):
        return False
    asked = intended.slot
    return (
        shown.minute != before.minute
        and resembles(Field.SLOT, shown, asked)
        and shown.duration == before.duration != asked.duration
        and not _ends_nearly(before, shown, asked)
    )


def shows_no_effect(kept: Record, before: Appointment, operation: Operation) -> bool:
    """Whether a reading shows nothing of a write: it is stale, or the vendor said "done" and did
    nothing.
    """
    asked = [
        name
        for name in operation.changes
        if name in kept.shows and differs(name, before, operation.asked)
    ]
    return bool(asked) and not any(differs(name, before, kept.content) for name in asked)


def older(kept: Record, answer: Record | None) -> bool:
    """Whether a reading is older than the vendor's own answer to the write before it."""
    return answer is not None and is_earlier(kept.revision, answer.revision)


def edited_since(
    kept: Record,
    said: Record | None,
    target: Appointment,
    fields: abc.Set[Field],
    before: Appointment | None = None,
) -> dict[Field, object]:
    """Fields that the vendor's answer had as asked (`said`), and that are something else by now: a
    person was quicker.

    Where the answer does not show a field, what cannot be made of the value that was asked for is a
    person's too; so is a time or status that is neither that nor the one `before`, and a part of a
    client that was not written, also where nothing but the answer shows it. Their base is the
    answer, or what was asked for, so that the next cycle sees the person's change.
    """
    shown = kept.shows & fields
    if said is kept:
        beside = Field.CLIENTS in shown and _typed_beside(before, kept.content, target)
        return {Field.CLIENTS: target.clients} if beside else {}
    # Where it has no title, the one by which syncd calls it is asked for: that is nobody's edit.
    title = target.title if target.title.strip() else target.display_title
    asked = target.with_values({Field.TITLE: title})
    found, unclear = dict[Field, object](), shown
    if said is not None:
        answered = shown & said.shows
        told = {name for name in answered if _resembles(name, said.content, asked)}
        found = _edited_after(told, said.content, kept.content, asked)
        unclear = shown - answered
        # Of a client, only the parts that differ are written: what the answer has otherwise was
        # typed in just before.
        if before is not None and differs(Field.CLIENTS, before, kept.content):
            unclear |= (answered - told) & {Field.CLIENTS}
        # Of several requests the last one's answer shows what somebody did before it, too.
        unclear |= (answered - told) & {Field.STATUS}
    theirs = [name for name in unclear if _is_a_persons(name, kept.content, asked, before)]
    return found | {name: asked.get(name) for name in theirs}


def _resembles(name: Field, shown: Appointment, asked: Appointment) -> bool:
    return resembles(name, shown.get(name), asked.get(name))


def _is_a_persons(
    name: Field, shown: Appointment, asked: Appointment, before: Appointment | None
) -> bool:
    """Whether neither the write nor the vendor can have brought about a value, of which no answer
    told anything.

    An emptied text may be the vendor's own doing, and so may a time that another zone would
    explain:
        09:00:00 a move to 16:00 is answered "done", and the answer shows no time
        09:00:02 read back, it is at 17:00: an hour off, as a wrong zone would make it; not a
                 person's, and the operator is told
        09:00:02 or at 16:40: no zone explains that, nor does rounding; somebody moved it

    That answers show little is documented: Aivapad's may be partial objects (field-notes). So is
    that a vendor drops without a word what it does not take: Acuity (field-notes). That a wrong
    zone shows as whole hours is measured (amelia-measured, failure 7: the site's own times, without
    an offset). No vendor is known to make a third status of one; so that is a person's.
    """
    if (
        name is Field.CLIENTS
        and before is not None
        and _gained(before.clients, shown.clients, asked.clients)
    ):
        return True
    made = _resembles(name, shown, asked)
    if name in _CONTENT:
        return bool(shown.get(name)) and differs(name, asked, shown) and not made
    if before is None or not differs(name, before, shown):
        return False
    if made:
        return name is Field.SLOT and not ends_as(before.slot, shown.slot, asked.slot)
    if name is Field.SLOT:
        return _was_moved(abs(shown.slot.start - asked.slot.start))
    return name is Field.STATUS


def _was_moved(off: timedelta) -> bool:
    """Whether neither rounding nor a wrong zone puts a start so far off."""
    return off >= ROUNDING and (off > _WIDEST or off % _ZONES != timedelta())


def _edited_after(
    told: abc.Iterable[Field], said: Appointment, shown: Appointment, asked: Appointment
) -> dict[Field, object]:
    """What the vendor's answer said, where a record shows something else by now."""
    return {name: said.get(name) for name in told if _edited(name, said, shown, asked)}


def _edited(name: Field, said: Appointment, shown: Appointment, asked: Appointment) -> bool:
    """Whether a record shows something else than the vendor's answer did, and not only in another
    form.
    """
    if not differs(name, said, shown):
        return False
    if name is Field.SLOT and said.slot.minute == shown.slot.minute:
        return minute_of(said.slot.end) != minute_of(shown.slot.end)
    if name is Field.CLIENTS and _gained(said.clients, shown.clients, asked.clients):
        return True
    return not _resembles(name, shown, asked)


def _typed_beside(before: Appointment | None, shown: Appointment, asked: Appointment) -> bool:
    """Whether the answer to a write of one part of a client shows another part as nobody wrote it.

    09:00:00 a phone number is to be written; 09:00:01 somebody changes the e-mail; 09:00:02 the
          number is written
    """
    if before is None or not same_places(before.clients, asked.clients):
        return False
    if len(shown.clients) != len(asked.clients):
        return False
    each = zip(before.clients, shown.clients, asked.clients, strict=True)
    return any(_is_typed_beside(part, *three) for three, part in product(each, PARTS))


def _is_typed_beside(part: str, old: Client, now: Client, wanted: Client) -> bool:
    mine, theirs, ours = (part_of(client, part) for client in (old, now, wanted))
    atom = Atom(Field.CLIENTS, 0, part)
    return any(theirs) and same(atom, mine, ours) and not same(atom, mine, theirs)


def _gained(
    before: abc.Sequence[Client], shown: abc.Sequence[Client], asked: abc.Sequence[Client]
) -> bool:
    """Whether clients show a part that neither they had before nor the write gave them: somebody
    typed it in.
    """
    if not len(before) == len(shown) == len(asked):
        return False
    each = zip(before, shown, asked, strict=True)
    return any(told_of(new) - told_of(old) - told_of(wanted) for old, new, wanted in each)


def happened(operation: Operation, before: Mapping, found: Record | Absent | None) -> bool:
    """Whether a record, as it is after a write without an answer, shows that the write was carried
    out.
    """
    if not isinstance(found, Record):
        return isinstance(found, Absent) and isinstance(operation, Cancel)
    changed = _changed(operation, before, found)
    people = (before.base.clients, found.content.clients, operation.asked.clients)
    if Field.CLIENTS in changed and _lacks_one(*people):
        return False
    return bool(changed) and not _otherwise(operation, found, _shown(operation, found))


def is_edited(operation: Operation, before: Mapping, found: Record | Absent | None) -> bool:
    """Whether it shows what neither was there before nor was written: a person edits it, just now.

    That is believed at once: the write may yet be carried out, and nothing else would tell of the
    edit then.
        09:00:00 a move to 16:00 gets no answer; 09:00:01 somebody moves it to 17:00; 09:00:02 it is
              looked at
        09:00:05 the move is carried out late: 17:00 is written again
    """
    if not isinstance(found, Record):
        return False
    return bool(_otherwise(operation, found, _changed(operation, before, found)))


def _changed(operation: Operation, before: Mapping, found: Record) -> list[Field]:
    """What an operation was to change, and is not as it was."""
    shown = _shown(operation, found)
    return [name for name in shown if differs(name, before.base, found.content)]


def _shown(operation: Operation, found: Record) -> list[Field]:
    return [name for name in operation.changes if name in found.shows]


def _otherwise(operation: Operation, found: Record, names: abc.Iterable[Field]) -> list[Field]:
    """Those that cannot be what the vendor made of the write."""
    return [
        name
        for name in names
        if not resembles(name, found.content.get(name), operation.asked.get(name))
    ]
