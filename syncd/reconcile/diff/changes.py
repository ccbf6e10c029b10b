"""What changed since the base, at which vendor, and when.

A change's time is the record's modification time, corrected by the vendor's clock, or the stretch
between the last moment at which the base was known to hold and the reading that shows otherwise.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncd.compare.atoms import Atom, client_changes, heirs
from syncd.compare.sameness import differs, is_known
from syncd.model.appointment import Client, Field, Status
from syncd.model.memory import Mapping, Provenance
from syncd.model.record import Listed, Record, Snapshot
from syncd.model.times import LONG_AGO, Interval
from syncd.reconcile.diff.observation import Presence, Replica

CLOCK_RESOLUTION = timedelta(seconds=1)
"""An HTTP Date tells whole seconds, so a vendor's clock is known to no better than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An atom of a record that differs from its base. `shown` is the value of the whole field.

    `undelivered` marks a change that an earlier cycle agreed on and that one vendor has not taken
    yet: there it still competes with what that vendor's people do. `while_cancelled` marks a move
    of a cancelled record: it counts only while the appointment is cancelled too. `start_alone`
    marks a move that says nothing of how long the appointment takes. What became of a record that
    is one seat of several says who `leaves`, by their places among the agreed clients, and who
    `comes`: of nobody else. So does what became of a record of a class, which has all of them
    (`joint`).
    """

    vendor: str
    atom: Atom
    old: Any
    new: Any
    shown: Any
    when: Interval
    why: str = ""
    undelivered: bool = False
    while_cancelled: bool = False
    start_alone: bool = False
    leaves: tuple[int, ...] = ()
    comes: tuple[Client, ...] = ()
    joint: bool = False

    @property
    def of_seat(self) -> bool:
        """Whether it is about one seat of several."""
        return bool(self.leaves or self.comes)

    @property
    def field(self) -> Field:
        """The field that its atom is, or is a part of."""
        return self.atom.field

    @property
    def cancels(self) -> bool:
        """Whether it calls the appointment off."""
        return self.field is Field.STATUS and self.new is Status.CANCELLED


@dataclass(frozen=True, slots=True)
class People:
    """The agreed clients, whose changes they come from, and the attributes of a client that a
    vendor shows: its record is seen beside them.
    """

    agreed: tuple[Client, ...]
    shown: frozenset[str]
    provenance: abc.Mapping[str, Provenance]

    def beside(self, stood: tuple[Client, ...]) -> tuple[Client, ...]:
        """The agreed clients as a record knows them that stands for `stood`."""
        found = heirs(stood, self.agreed, self.provenance)
        own = {like: stood[place] for place, like in found.items()}
        return tuple(own.get(place, client) for place, client in enumerate(self.agreed))


def changes_of(
    replica: Replica, snapshot: Snapshot | None, people: People, *, suppose: bool = False
) -> tuple[Change, ...]:
    """The changes that one replica shows, each with its interval; `suppose` takes a doubtful
    absence for a deletion.
    """
    mapping, record = replica.mapping, replica.record
    if not isinstance(snapshot, Listed):
        return ()
    if replica.presence is Presence.DECODED and record is not None:
        return _record_changes(mapping, record, snapshot, people)
    absent = replica.gone or (suppose and replica.presence is Presence.MISSING)
    if absent and mapping.base.status.live and not mapping.lapsed:
        return (_deletion(replica, snapshot.ended_at),)
    return ()


def _deletion(replica: Replica, latest: datetime) -> Change:
    mapping = replica.mapping
    return Change(
        vendor=mapping.vendor,
        atom=Atom(Field.STATUS),
        old=mapping.base.status,
        new=Status.CANCELLED,
        shown=Status.CANCELLED,
        when=Interval(earliest=_last_known(mapping, latest), latest=latest),
        why=replica.why,
    )


def _record_changes(
    mapping: Mapping, record: Record, snapshot: Listed, people: People
) -> tuple[Change, ...]:
    base, content = mapping.base, record.content
    found: dict[Atom, tuple[Any, Any]] = {}
    for name in _changed_fields(mapping, record):
        if name is Field.CLIENTS:
            known = people.beside(mapping.acknowledged.clients)
            found |= client_changes(base.clients, content.clients, known, people.shown)
        else:
            found[Atom(name)] = (base.get(name), content.get(name))
    when = change_time(mapping, record, snapshot)
    return tuple(
        Change(
            vendor=mapping.vendor,
            atom=atom,
            old=old,
            new=new,
            shown=content.get(atom.field),
            when=when,
            while_cancelled=atom.field is Field.SLOT and not content.status.live,
        )
        for atom, (old, new) in found.items()
    )


def _changed_fields(mapping: Mapping, record: Record) -> list[Field]:
    """The fields in which a record is not as it was, as far as that concerns others."""
    base, content = mapping.base, record.content
    fields = [
        f for f in Field if f in record.shows and is_known(f, mapping) and differs(f, base, content)
    ]
    if content.status.live:
        return fields
    # What else became of a record that was cancelled concerns nobody else.
    moved = base.slot.minute != content.slot.minute
    return [f for f in fields if f is Field.STATUS or (f is Field.SLOT and moved)]


def change_time(mapping: Mapping, record: Record, snapshot: Listed) -> Interval:
    """When the record became what it is, on syncd's clock: not before it was known to be
    otherwise, nor after it was seen, however far off the vendor's clock is.

    Where the vendor says that it was modified before that, either its clock was another one then,
    or its rows do not show what changed: that they were unchanged says nothing. So since then, and
    nobody can tell when.
        14:59 somebody notes something in a record, which the list's rows do not show
        19:23 somebody deletes the appointment at another vendor
        19:28 the record's row is as it was; read by id it has the note, and was modified at 14:59
    """
    latest = snapshot.ended_at
    earliest = _last_known(mapping, latest)
    modified = record.modified_at
    if modified is not None and (mapping.modified_at is None or modified > mapping.modified_at):
        moment = min(modified - timedelta(seconds=snapshot.clock_offset or 0.0), latest)
        if moment < earliest - CLOCK_RESOLUTION:
            return Interval(earliest=moment - CLOCK_RESOLUTION, latest=latest)
        moment = max(moment, earliest)
        return Interval(
            earliest=max(moment - CLOCK_RESOLUTION, earliest),
            latest=min(moment + CLOCK_RESOLUTION, latest),
        )
    return Interval(earliest=earliest, latest=latest)


def _last_known(mapping: Mapping, latest: datetime) -> datetime:
    """When the record was last known to be as its base; `LONG_AGO` where that is yet to come.

        12:00 the record is listed, and as its base; the clock is set back to 11:00
        11:05 the record is listed, and was changed: between which times, nobody can tell
    A moment that is yet to come is another clock's, of before it was set back or of another host.
    """
    return mapping.known_at if mapping.known_at <= latest else LONG_AGO
