"""What syncd remembers between cycles: known appointments with their mappings, quarantines, approvals."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from syncd.model.appointment import Appointment, Field
from syncd.model.record import Ref
from syncd.model.revision import Revision
from syncd.model.times import Interval


class Aspect(StrEnum):
    """What two records of one appointment may have otherwise than each other without anybody's edit, each on its own.

    They differed when they were linked; their starts also where the zone database changed.
    """

    START = "start"
    LENGTH = "length"
    STATUS = "status"
    TITLE = "title"
    LOCATION = "location"
    NOTES = "notes"
    PEOPLE = "people"  # how many clients there are
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"

    @property
    def field(self) -> Field:
        """The field of an appointment that it is a part of."""
        match self:
            case Aspect.START | Aspect.LENGTH:
                return Field.SLOT
            case Aspect.STATUS | Aspect.TITLE | Aspect.LOCATION | Aspect.NOTES:
                return Field(self.value)
            case _:
                return Field.CLIENTS


FORMER = "@"
"""What parts a vendor's name from when its account became another, where the records of the one before are kept. No
configured vendor has it in its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which record at which vendor belongs to an appointment, and how that record was last seen.

    `base` is the record as last read back; `acknowledged` holds, per field, the agreed value that the base stands for:
    a vendor that trims a title shows the trimmed one in `base` and has taken the long one in `acknowledged`. `known_at`
    is the last moment at which the record is known to have been as `base`. `in_flight` is what an unsettled write
    intended for `in_flight_fields` at `in_flight_since`, sent at `in_flight_sent_by` at the latest: it may or may not
    have landed; `glimpsed` are those that a listing's row showed as intended, while the record itself could not be
    read. `tombstone` is the reason why the record is no longer the appointment's (deleted, replaced); a tombstone
    prevents resurrection. `missing` says that the last look at the vendor did not find it, without the vendor's own
    word; `lapsed` that the appointment was called off while it was: that it turns out to be gone is no news then.
    `keeps_word` says that the record keeps its status although another was agreed, which cannot be brought there: the
    report said so, and the agreed one counts as acknowledged. `written` are the fields that syncd wrote itself, of
    which a listing that lags behind may show what was before. `aside` says that the last listing left out the part of
    the vendor in which it lies: a complete listing is no look at it. `base_unseen`: nor does it show that the record is
    as its base, as it had it so that nobody could read it, or in an older state, or otherwise in what a person is asked
    about. `parts` are the record's parts that stood when it last did. `guests` are the bookings in it that are other
    appointments', each with whose it is. `surplus` marks a record that syncd made once too often. `unlike` is what it
    had otherwise than others when it was linked, and of which nobody has said since what is right: there it keeps its
    own. `wall` is as in a `Record`, when its base was read. `unconfirmed` says that syncd made the record, by its
    vendor's answer, and that nothing has shown it since. `asked_of_seat`: what became of the seat that it is of several
    is open, and a person is asked. `beside`: the record was given up, stood again after that, and has not been seen to
    end since (then `missing`: the last complete listing left it out).
    """

    vendor: str
    remote_id: str
    base: Appointment
    shows: frozenset[Field]
    acknowledged: Appointment
    known_at: datetime
    fingerprint: bytes | None = field(default=None, compare=False)
    revision: Revision | None = None
    modified_at: datetime | None = None
    in_flight: Appointment | None = None
    in_flight_fields: frozenset[Field] = frozenset()
    in_flight_since: datetime | None = None
    in_flight_sent_by: datetime | None = None
    tombstone: str | None = None
    missing: bool = False
    lapsed: bool = False
    keeps_word: bool = False
    written: frozenset[Field] = frozenset()
    parts: tuple[str, ...] = ()
    guests: abc.Mapping[str, str] = field(default_factory=dict)
    aside: bool = False
    base_unseen: bool = False
    glimpsed: frozenset[Field] = frozenset()
    surplus: bool = False
    unlike: frozenset[Aspect] = frozenset()
    wall: str = ""
    unconfirmed: bool = False
    asked_of_seat: bool = False
    beside: bool = False

    @property
    def ref(self) -> Ref:
        """The record: its vendor and its id there."""
        return self.vendor, self.remote_id

    def stands_against(self, appointment: Appointment) -> bool:
        """Whether its record, when it was last seen, stood and that appointment does not, or the other way round.

        One that was given up says nothing of the appointment any more.
        """
        return self.tombstone is None and self.base.status.live != appointment.status.live

    @property
    def former_account(self) -> bool:
        """Whether the record is in an account that is its vendor's no longer: it is kept under a name of its own."""
        return FORMER in self.vendor


def with_changes(mapping: Mapping, **values: Any) -> Mapping:
    """A mapping with these values: itself, where it has them already."""
    changed = {name: value for name, value in values.items() if getattr(mapping, name) != value}
    return replace(mapping, **changed) if changed else mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Why an agreed value is what it is: whose change it was, when, in a sentence.

    `decided` says that an operator chose it, who was asked about it. `left` are, of a slot, the last starts that the
    appointment had before, in whole minutes.
    """

    vendor: str
    when: Interval
    text: str
    decided: bool = False
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledCreate:
    """A create whose outcome is not known: sent, or about to be, with no clear answer.

    `sent_by` is the last moment at which it can have been sent; None where that is when it was intended. `missed` is
    how many listings, each begun long enough after that, did not show what it made. `operation` is empty where that was
    settled, and the record is the appointment's only now.
    """

    operation: str
    vendor: str
    intended: Appointment
    token: str
    intended_at: datetime
    missed: int = 0
    sent_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A known appointment: the agreed values, why each is what it is, and its mappings.

    `unsettled` are creates without an outcome, `late` those that count as not done and may still land. `undecided`
    are the fields about which a person was asked and has not decided, with the vendors that differ.
    """

    id: str
    agreed: Appointment
    provenance: abc.Mapping[str, Provenance] = field(default_factory=dict)
    mappings: tuple[Mapping, ...] = ()
    unsettled: tuple[UnsettledCreate, ...] = ()
    late: tuple[UnsettledCreate, ...] = ()
    undecided: abc.Mapping[Field, frozenset[str]] = field(default_factory=dict)

    def at(self, vendor: str) -> Mapping | None:
        """Its current mapping at a vendor; tombstones do not count."""
        return next((m for m in self.mappings if m.vendor == vendor and m.tombstone is None), None)

    def ever_at(self, vendor: str) -> bool:
        """Whether it has or had a record at a vendor."""
        return any(m.vendor == vendor for m in self.mappings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Something at a vendor that is left alone until it changes or an operator acts.

    `key` is the identity of what was refused: an operation's id, or a row's fingerprint. A changed row or another
    operation has another key, and so is tried anew. `since` is when it was first left alone; None: in this cycle.
    """

    vendor: str
    key: str
    reason: str
    appointment: str | None = None
    remote_id: str | None = None
    since: datetime | None = None


Quarantines = abc.Mapping[tuple[str, str], Quarantine]
"""By vendor and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """What a person said of a record: whose it is from now on.

    `former` is the appointment that it leaves, if any. `founds`: `appointment` is one of its own, which there is not
    yet.
    """

    appointment: str
    former: str | None = None
    founds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An operation that the guard held, and that nobody has released: why it was held first, and what it would bring.

    `values` are the new ones, by field. Whatever is left of it when a part of it is taken back waits as well.
    """

    reason: str
    vendor: str
    appointment: str
    values: abc.Mapping[Field, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that reconciliation may know of earlier cycles.

    `around` are appointments with records beside which something may be made, or with creates without an answer; they
    are not decided about. `approved` holds ids of operations that an operator released, `released` who did and when, by
    the same ids; `held` those that the guard held in the last cycle and nobody has released. `said` is, by vendor and
    id of a record of which it could not be told, whether a person said that syncd made it; `whose` what people said of
    records otherwise. `decision` names the last word of an operator when this was read: a plan that knows nothing of a
    later one is not begun. `shifted` are the vendors whose zone changed, as far as anybody can tell, and nobody has
    said yet whose times are right. `busy` are the known appointments of whole days in the window, where they may be
    blocked time and all were asked for, else None; `blocks` by vendor the ids of what syncd blocked there before.
    `strangers` are by vendor and id the places of records that were no appointment's in its last complete listing.
    """

    known: tuple[Known, ...] = ()
    around: tuple[Known, ...] = ()
    quarantines: tuple[Quarantine, ...] = ()
    approved: frozenset[str] = frozenset()
    released: abc.Mapping[str, str] = field(default_factory=dict)
    held: abc.Mapping[str, Waiting] = field(default_factory=dict)
    said: abc.Mapping[tuple[str, str], bool] = field(default_factory=dict)
    whose: abc.Mapping[tuple[str, str], Assigned] = field(default_factory=dict)
    decision: str | None = None
    shifted: frozenset[str] = frozenset()
    busy: tuple[Known, ...] | None = None
    blocks: abc.Mapping[str, frozenset[str]] = field(default_factory=dict)
    strangers: abc.Mapping[str, abc.Mapping[str, Appointment]] = field(default_factory=dict)

    @property
    def mapped(self) -> set[Ref]:
        """The records that are or were a known appointment's."""
        return {mapping.ref for mapping in chain.from_iterable(one.mappings for one in self.known)}

    @property
    def left_alone(self) -> Quarantines:
        """What is in quarantine, by vendor and key."""
        return {(entry.vendor, entry.key): entry for entry in self.quarantines}
