"""A vendor's own copy of an appointment, and what one listing of a vendor brought.

Whether a listing is complete is its type: `Complete | Partial | Failed | NotPolled`. Nothing here decides.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import datetime

from syncd.model.appointment import Appointment, Field
from syncd.model.revision import Revision
from syncd.model.times import Slot, Window

Ref = tuple[str, str]
"""A record: its vendor and its id there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record in canonical form.

    Only the fields in `shows` mean anything in `content`. `whole` is False for a list row that a read by id would
    complete. `revision` says which state of it this is. `modified_at` is on the vendor's clock. `other_readings` are
    the further slots that an ambiguous wall-clock time may mean. `token` is syncd's own mark found in an internal
    note. `parts` are the adapter's own names
    of the parts of which the record consists and that stand (the bookings of several clients), each followed by a blank
    and its state; before a write to a record that ended they are those that stood when it last did. `of_guests` is the
    record as it is for those parts alone that are another appointment's, where one of them stands: then all else says
    how it is without them. `kept` holds words that the codec does not know (an unknown status), for the report;
    `unlisted` names the service that no catalogue row has, as the vendor calls it. `raw` is the vendor's JSON, for the
    adapter that wrote it.
    `untold` says why nobody can tell who its client is, although it names one: nothing is made of such a record
    anywhere, and it stands in the way of a create at its own start. `wall` is its start by its vendor's clock, with the
    clock's name, where that is all that the vendor says. `fixed` says why this record can be written by nobody but its
    vendor's own people (a meeting whose server would mail its attendees): it is read and merged, and never written.
    `seat_of` names the service of which it is one participant's, where its vendor has a record for each participant.
    """

    vendor: str
    remote_id: str
    content: Appointment
    shows: frozenset[Field]
    whole: bool = True
    revision: Revision | None = None
    modified_at: datetime | None = None
    fingerprint: bytes | None = field(default=None, compare=False)
    other_readings: tuple[Slot, ...] = ()
    token: str | None = None
    parts: tuple[str, ...] = ()
    of_guests: Record | None = field(default=None, compare=False, repr=False)
    kept: abc.Mapping[str, str] = field(default_factory=dict, compare=False)
    unlisted: str | None = field(default=None, compare=False)
    raw: bytes | None = field(default=None, compare=False, repr=False)
    untold: str | None = field(default=None, compare=False)
    wall: str = field(default="", compare=False)
    fixed: str = field(default="", compare=False)
    seat_of: str | None = field(default=None, compare=False)

    @property
    def ref(self) -> Ref:
        """Its vendor and its id there."""
        return self.vendor, self.remote_id


def names_of(parts: abc.Iterable[str]) -> tuple[str, ...]:
    """The names of a record's parts, without their states."""
    return tuple(part.partition(" ")[0] for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Blocked time that syncd made at a vendor: no appointment, and nobody's name stands in it.

    It carries the id of the `appointment` whose time it keeps free, and stands in one `calendar` (the vendor's id).
    """

    id: str
    appointment: str
    calendar: str
    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The vendor's own "not found" for a record asked for by id, in the vendor's own shape.

    `doubt` says why that may not mean that it was deleted: of a class, whose records are there, at several times.
    """

    vendor: str
    remote_id: str
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that is there and cannot be read; its id and fingerprint where they could be told.

    `starts` are the minutes since 1970 in which it may start; empty where that could not be told either.
    """

    vendor: str
    remote_id: str | None
    reason: str
    fingerprint: bytes = b""
    starts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a listing brought, complete or not.

    `records` are those that are new or differ from their fingerprint (by remote id); `unchanged` the ids whose
    fingerprint still holds: their record is their mapping's base. `unread` are rows that a read by id must complete
    before they can be matched, and those that are `untold`. `gone` are mapped ids that the vendor itself says do not
    exist, `unbelieved` those of them of which that may not be so, and `doubtful` mapped ids that are missing without
    that evidence, each with the reason; `aside` mapped ids in a part of the vendor that its listing leaves out. `live`
    counts the vendor's live mappings, `expected` those that a listing should have: their slot lies in the window, and
    they are not aside. Times are on syncd's clock; `clock_offset` is vendor minus syncd, in seconds, None where the
    vendor gave no date. `read_before` says that an earlier cycle saw all of the vendor, with nothing left unread, the
    last one at `read_at`, which had `listed_before` records;
    `lingering` are ids without a mapping that it saw, and nothing could be made of. `unreadable` are the ids of the
    `bad_rows`. `blocks` is the blocked time that syncd made there; None where that was not read.
    """

    vendor: str
    window: Window
    started_at: datetime
    ended_at: datetime
    records: abc.Mapping[str, Record] = field(default_factory=dict)
    unchanged: abc.Set[str] = frozenset()
    unread: abc.Mapping[str, Record] = field(default_factory=dict)
    bad_rows: tuple[BadRow, ...] = ()
    gone: abc.Set[str] = frozenset()
    unbelieved: abc.Mapping[str, str] = field(default_factory=dict)
    doubtful: abc.Mapping[str, str] = field(default_factory=dict)
    aside: abc.Set[str] = frozenset()
    listed: int = 0
    live: int = 0
    expected: int = 0
    clock_offset: float | None = None
    read_before: bool = False
    read_at: datetime | None = None
    listed_before: int | None = None
    lingering: abc.Set[str] = frozenset()
    blocks: abc.Sequence[Block] | None = None
    unreadable: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = frozenset(row.remote_id for row in self.bad_rows if row.remote_id is not None)
        object.__setattr__(self, "unreadable", ids)

    def has_unread(self, remote_id: str | None) -> bool:
        """Whether it has a record that cannot be read now."""
        return remote_id in self.unread or remote_id in self.unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Listed):
    """Every page arrived and parsed."""

    @property
    def blank(self) -> bool:
        """Whether it should have some records, and has none."""
        return self.listed == 0 and self.expected > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial(Listed):
    """Some rows arrived; `reason` says why not all. What is missing from it is not missing from the vendor.

    `again` says that it holds nothing but single records that were read a second time within one cycle; `vanished` are
    those that the vendor had listed in it, and says by id that they do not exist.
    """

    reason: str
    again: bool = False
    vanished: abc.Set[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Nothing could be read; `reason` names the vendor, what was tried and the way out."""

    vendor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPolled:
    """The vendor was not due in this cycle: nothing is known of it beyond its bases."""

    vendor: str


Snapshot = Complete | Partial | Failed | NotPolled

Snapshots = abc.Mapping[str, Snapshot]
"""One for each vendor, by its name."""


def record_in(snapshots: Snapshots, ref: Ref) -> Record | None:
    """The record that its vendor's listing shows, complete or not, where it was decoded."""
    vendor, remote_id = ref
    snapshot = snapshots.get(vendor)
    return snapshot.records.get(remote_id) if isinstance(snapshot, Listed) else None
