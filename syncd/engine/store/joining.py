"""The desk's word on whose a record is: that two are one, or that one stands alone.

Nothing is moved here: what a person says is kept, and the next cycle does it (`reconcile.link`), so
that a cycle that is under way cannot undo it. What cannot be done is refused at once, and says why.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, product

import syncd_state
from syncd.compare.identity import LOST, among, appointment_id, until_otherwise
from syncd.engine.store.refusals import NotJoined
from syncd.engine.store.rows import text_of
from syncd.engine.store.whose import say_whose, whose_of
from syncd.model.memory import Assigned, Known, Mapping
from syncd.model.plan import Action

LINK, UNLINK = "link", "unlink"
"""What a person did, as the journal has it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What an operator named: an appointment, or a record that is none's yet."""

    known: Known | None
    record: tuple[str, str] = ("", "")

    @property
    def what(self) -> str:
        """It, in words."""
        return f"appointment {self.known.id}" if self.known else called(self.record)

    @property
    def records(self) -> list[tuple[str, str]]:
        """The records that it has, by vendor and id."""
        if self.known is None:
            return [self.record]
        return [(mapping.vendor, mapping.remote_id) for mapping in _live(self.known)]


def called(record: tuple[str, str]) -> str:
    """A record, in words."""
    vendor, remote_id = record
    return f"{vendor} [{remote_id}]"


def join(tx: syncd_state.Transaction, one: Named, other: Named, now: datetime) -> str:
    """Keep that two are one; returns the id of the appointment that they will be.

    Raises NotJoined.
    """
    kept, joining = (one, other) if one.known is not None else (other, one)
    if kept.known is None:
        raise NotJoined(
            f"{one.what} and {other.what} are of no appointment yet: release one with 'syncd "
            "quarantine release', and link them after the next cycle"
        )
    _require_settled(tx, (kept, joining))
    if joining.known is not None:
        _require_alike(kept.known, joining.known)
    elif not kept.known.agreed.status.live:
        raise NotJoined(
            f"{kept.what} is called off: end {joining.what} with 'syncd quarantine end', or take "
            "it for a new booking with 'syncd quarantine release'"
        )
    _require_one_at_each(kept.known, joining)
    former = joining.known.id if joining.known is not None else None
    said = Assigned(appointment=kept.known.id, former=former)
    say_whose(tx, dict.fromkeys(joining.records, said))
    for record in joining.records:
        reason = f"an operator said that {called(record)} is of {kept.what}"
        _note(tx, LINK, kept.known.id, record, reason, now)
    if former is not None:
        # What it had is never taken for something new, once it is no more.
        rows = [row for row in tx.mappings_of([former]) if row.tombstone]
        tx.upsert_mappings([replace(row, appointment_id=kept.known.id) for row in rows])
    return kept.known.id


def part(tx: syncd_state.Transaction, known: Known, record: tuple[str, str], now: datetime) -> str:
    """Keep that a record is an appointment of its own; returns the id that this will have.

    Raises NotJoined.
    """
    named = Named(known)
    _require_settled(tx, (named,))
    mapping = _live_at(known, record[0])
    if mapping is None or mapping.remote_id != record[1]:
        raise NotJoined(f"{called(record)} is of {named.what} no longer: nothing to take out")
    if len(_live(known)) == 1:
        raise NotJoined(f"{called(record)} is the only record of {named.what}: it stands alone")
    if mapping.guests:
        raise NotJoined(
            f"{called(record)} holds bookings of other appointments, too: part them there"
        )
    founded = appointment_id(record[0], f"{record[1]}\n{known.id}")
    say_whose(tx, {record: Assigned(appointment=founded, former=known.id, founds=True)})
    reason = f"an operator said that {called(record)} is not of {named.what}"
    for appointment in (known.id, founded):
        _note(tx, UNLINK, appointment, record, reason, now)
    return founded


def _live(known: Known) -> list[Mapping]:
    return [mapping for mapping in known.mappings if mapping.tombstone is None]


def _live_at(known: Known, vendor: str) -> Mapping | None:
    return next((mapping for mapping in _live(known) if mapping.vendor == vendor), None)


def _require_settled(tx: syncd_state.Transaction, several: abc.Iterable[Named]) -> None:
    """Refuse where another word is not done yet, or a write has no answer; but for creates about
    which it is asked what became of them, where one of these is said to be that.
    """
    waiting, left = whose_of(tx), tx.quarantines()
    several = tuple(several)
    asked = _lost_creates(left, {named.record for named in several})
    open_ones = _unsettled_but_for(asked, tx)
    concerned = set(chain.from_iterable((one.appointment, one.former) for one in waiting.values()))
    for named in several:
        known = named.known
        if named.record in waiting or (known is not None and known.id in concerned):
            raise NotJoined(
                f"the next cycle has to do what was said of {named.what} before: try again after it"
            )
        if known is None:
            continue
        if any(row.key == until_otherwise(known.id) for row in left):
            raise NotJoined(
                f"a record of {named.what} did not keep the status that was written there: see to "
                "that first ('syncd quarantine')"
            )
        if known.id in open_ones or _may_come(known, several, asked):
            raise NotJoined(
                f"a write to {named.what} got no answer, and may still be carried out: try again "
                "once 'syncd explain' shows what became of it"
            )


def _unsettled_but_for(
    asked: abc.Container[tuple[str, str]], tx: syncd_state.Transaction
) -> set[str]:
    """The appointments with a write that has no answer, but for creates about which it is asked."""
    return {
        row.appointment_id
        for row in tx.journal_unsettled()
        if row.action != Action.CREATE or (row.vendor, row.appointment_id) not in asked
    }


def _may_come(
    known: Known, several: abc.Iterable[Named], asked: abc.Container[tuple[str, str]]
) -> bool:
    """Whether a create that counts as not done may still be carried out where a record is to be
    linked; two appointments are linked at all vendors.
    """
    places = {named.record[0] for named in several if named.known is None}
    here = (one.vendor for one in known.late if not places or one.vendor in places)
    return any((vendor, known.id) not in asked for vendor in here)


def _lost_creates(
    left: abc.Iterable[syncd_state.QuarantineRow], records: abc.Container[tuple[str, str | None]]
) -> set[tuple[str, str]]:
    """The creates, by vendor and appointment, about which a person is asked what became of them:
    those of the appointments that one of these records may be of.
    """
    rows = [row for row in left if row.key.startswith(LOST)]
    theirs = (among(row.key) for row in rows if (row.vendor, row.remote_id) in records)
    ids = set(chain.from_iterable(theirs))
    every = chain.from_iterable(product([row.vendor], among(row.key)) for row in rows)
    return {(vendor, one) for vendor, one in every if one in ids}


def _require_one_at_each(kept: Known, joining: Named) -> None:
    """Refuse where both have a record at one vendor."""
    for vendor, remote_id in joining.records:
        there = _live_at(kept, vendor)
        # One that its vendor does not show any more may have got a new id.
        if there is None or (there.missing and joining.known is None):
            continue
        raise NotJoined(
            f"both have a record at {vendor}, {there.remote_id} and {remote_id}: cancel one of "
            "them there, or take one out with 'syncd unlink'"
        )


def _require_alike(one: Known, other: Known) -> None:
    if one.id == other.id:
        raise NotJoined(f"both are appointment {one.id}: they are one already")
    if one.agreed.status.live is not other.agreed.status.live:
        raise NotJoined(
            f"one of appointments {one.id} and {other.id} is cancelled and the other one stands: "
            "bring them to the same status first"
        )
    if not _live(other):
        raise NotJoined(f"appointment {other.id} has no record any more: nothing to link")


def _note(
    tx: syncd_state.Transaction,
    action: str,
    appointment: str,
    record: tuple[str, str],
    reason: str,
    now: datetime,
) -> None:
    moment = text_of(now)
    tx.journal_intend(
        syncd_state.JournalRow(
            operation_id=f"{action}:{appointment}:{record[0]}:{record[1]}:{moment}",
            cycle_id="",
            vendor=record[0],
            action=action,
            appointment_id=appointment,
            remote_id=record[1],
            intended="{}",
            reason=reason,
            intended_at=moment,
            state=syncd_state.JournalState.DONE,
            settled_at=moment,
        )
    )
