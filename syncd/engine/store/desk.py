"""The operator's desk: what can be looked up in the store, and the few things that a person
decides.

Each act is one short transaction and may be done while a daemon runs; the next cycle takes it up.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import datetime

from syncd.compare.identity import LATE, until_otherwise
from syncd.engine.store.conflicts import FOUND, Questions, is_left, own_value, questions_of
from syncd.engine.store.entries import (
    ConflictEntry,
    Explanation,
    HeldEntry,
    LastListing,
    PastCycle,
    QuarantineEntry,
    Tally,
    conflict_of,
    cycle_of,
    held_of,
    is_question,
    journalled_of,
    listing_of,
    quarantined_of,
    tally_of,
)
from syncd.engine.store.joining import Named, join, part
from syncd.engine.store.lookup import DECISION, Lookup
from syncd.engine.store.quarantines import say
from syncd.engine.store.refusals import NotFound
from syncd.engine.store.rejecting import Rejection, hold_released, reject
from syncd.engine.store.rezoning import SHOWN, Timed, timed
from syncd.engine.store.rows import appointment_row, mapping_row, text_of
from syncd.engine.store.texts import parsed
from syncd.model.appointment import Field
from syncd.model.memory import Known
from syncd.model.plan import Found, Step
from syncd.reconcile import decide
from syncd_state import ConflictRow, QuarantineRow, Transaction

_PREFIX = 4
"""The fewest characters of an appointment's id that may stand for it."""

_RECORDS = "'syncd explain' names the records of an appointment, and a report those it writes to"
_WHERE_IDS_ARE = (
    "give its id, which the report as JSON ('--report json') and 'syncd conflicts' show, or "
    "VENDOR:REMOTE_ID, a record of it by the id that its vendor shows"
)


def not_held(given: str, found: int) -> NotFound:
    """That a name stands for no held operation, or for several."""
    return NotFound(
        f"{'several' if found else 'no'} held operations start with '{given}'; "
        "'syncd approve --list' shows them with their ids"
    )


@dataclass(slots=True)
class Desk:
    """Looks up and acts on one ledger's store, synchronously. `operator` is who acts, by a login
    name.
    """

    ledger: Lookup
    operator: str = "an operator"

    def counts(self) -> Tally:
        """How much the store holds."""
        with self.ledger.store.read() as tx:
            return tally_of(tx.counts())

    def observations(self) -> dict[str, LastListing]:
        """The last complete listing of each vendor, by its name."""
        with self.ledger.store.read() as tx:
            return {vendor: listing_of(row) for vendor, row in tx.observations().items()}

    def cycles(self, count: int) -> list[PastCycle]:
        """The newest cycles, newest first."""
        with self.ledger.store.read() as tx:
            return [cycle_of(row) for row in tx.last_cycles(count)]

    def held(self) -> list[HeldEntry]:
        """What the guard holds, released or not, by operation."""
        with self.ledger.store.read() as tx:
            return [held_of(row) for row in tx.held()]

    def approve(self, ids: abc.Sequence[str]) -> list[str]:
        """Release held operations by id (a prefix will do), or all of them; returns the ids
        released now.

        Raises NotFound for an id that is not held.
        """
        with self.ledger.store.write() as tx:
            held = [row.operation_id for row in tx.held()]
            wanted = held if not ids else [_one(given, held) for given in ids]
            now = text_of(self.ledger.clock())
            return tx.approve(wanted, approved_at=now, approved_by=self.operator)

    def reject(self, ids: abc.Sequence[str], released: abc.Iterable[Step] = ()) -> list[Rejection]:
        """Reject what held operations come from, by id (a prefix will do); see `rejecting`.

        Raises NotFound for an id that is not held, NotRejectable for one that cannot be.
        """
        held = {entry.operation: entry for entry in self.held()}
        wanted = [held[_one(given, held)] for given in ids]
        return reject(self.ledger, wanted, self.operator, released)

    def quarantines(self) -> list[QuarantineEntry]:
        """Everything in quarantine, oldest first."""
        with self.ledger.store.read() as tx:
            return [quarantined_of(row) for row in tx.quarantines()]

    def release(self, ids: abc.Sequence[int]) -> list[QuarantineEntry]:
        """Release entries of the quarantine by id, or all of them; returns what was released.

        Of records that may be ours, or another's, released is a new booking: only one that is
        named.
        """
        with self.ledger.store.write() as tx:
            rows = _quarantined(tx)
            # "All" answers no question: each of those is about one record, and has its own
            # answer.
            plain = [row for row in rows.values() if not is_question(row)]
            chosen = [_named(rows, entry) for entry in ids] or plain
            for row in chosen:
                tx.drop_quarantine(row.vendor, row.key)
                if is_question(row):
                    say(tx, row.vendor, str(row.remote_id), ours=False)
            _look_again(tx, chosen)
            return [quarantined_of(row) for row in chosen]

    def end(self, entry: int) -> QuarantineEntry:
        """Say that syncd made the record about which it asks: the next cycle ends it at its vendor.

        Raises NotFound, also for an entry that asks no such thing.
        """
        with self.ledger.store.write() as tx:
            row = _named(_quarantined(tx), entry)
            if not row.key.startswith(LATE):
                raise NotFound(
                    f"entry {entry} does not ask whether syncd made a record; "
                    "only such a record can be ended"
                )
            say(tx, row.vendor, str(row.remote_id), ours=True)
            _look_again(tx, [row])
            return quarantined_of(row)

    def questions(self) -> Questions:
        """How much of it waits for a person's decision, and how much was left as it was found."""
        with self.ledger.store.read() as tx:
            return questions_of(tx)

    def conflicts(self) -> list[ConflictEntry]:
        """Conflicts that wait for a decision, oldest first."""
        with self.ledger.store.read() as tx:
            return [conflict_of(row) for row in tx.conflicts_open() if not is_left(row)]

    def differences(self) -> list[ConflictEntry]:
        """What records have otherwise than each other since they were linked, oldest first."""
        with self.ledger.store.read() as tx:
            return [conflict_of(row) for row in tx.conflicts_open() if row.rule == Found.AT_LINKING]

    def timed(self, vendor: str, *, moved: bool) -> list[Timed]:
        """The answers to all that a changed zone of a vendor, or its changed rules, brought: its
        own times where they are right as all of it was `moved`; else see `rezoning`.
        """
        with self.ledger.store.read() as tx:
            return timed(self.ledger, tx, vendor, moved=moved)

    def say_times(self, answers: abc.Iterable[Timed], released: abc.Iterable[Step] = ()) -> None:
        """Give these answers, as far as they are one; `released` are the operations that the
        operator was shown with them: the guard does not ask about those once more.

        Raises NotFound as `resolve`, and then none is given.
        """
        now = self.ledger.clock()
        with self.ledger.store.write() as tx:
            for one in answers:
                if one.winner is not None:
                    self._resolve(tx, one.conflict.id, one.winner, now)
            held = {row.operation_id: row for row in tx.held()}
            hold_released(tx, held, released, SHOWN, self.operator, now)

    def resolve(self, entry: int, winner: str) -> ConflictEntry:
        """Decide an open conflict: the winner's value becomes the agreed one, and the next cycle
        writes it.

        Raises NotFound for an unknown or closed conflict, or a vendor that is not part of it.
        """
        # One transaction, so that no cycle comes between what is read and what is written.
        with self.ledger.store.write() as tx:
            return self._resolve(tx, entry, winner, self.ledger.clock())

    def _resolve(self, tx: Transaction, entry: int, winner: str, now: datetime) -> ConflictEntry:
        row = next((r for r in tx.conflicts_open() if r.id == entry), None)
        if row is None:
            raise NotFound(
                f"no open conflict {entry}; 'syncd conflicts' lists them, and those of linking "
                "'syncd conflicts --at-linking'"
            )
        [known] = self.ledger.known_in(tx, [row.appointment_id])
        decided = _decided(known, row, winner, now)
        tx.upsert_appointments([appointment_row(decided, text_of(now), pending=True)])
        tx.upsert_mappings([mapping_row(known.id, mapping) for mapping in decided.mappings])
        if decided.provenance.get(Field.STATUS) != known.provenance.get(Field.STATUS):
            # Who says whether it stands says so of records that did not keep their status, too.
            for mapping in decided.mappings:
                tx.drop_quarantine(mapping.vendor, until_otherwise(known.id))
        # A cycle that has read what was before this begins anew, and does not write over it.
        tx.put_meta(DECISION, f"{entry} {text_of(now)}")
        tx.resolve_conflict(
            entry,
            resolution=f"{winner}, by an operator",
            resolved_at=text_of(now),
            winner=winner,
        )
        return conflict_of(row)

    def link(self, one: str, other: str) -> str:
        """Say that two are one: appointments (by id or its start, or by `vendor:remote id`), or
        an appointment and a record in quarantine. Returns the id of the one that they will be from
        the next cycle on.

        Raises NotFound, NotJoined.
        """
        now = self.ledger.clock()
        with self.ledger.store.write() as tx:
            kept = join(tx, self._named(tx, one), self._named(tx, other), now)
            tx.put_meta(DECISION, f"link {one} {other} {text_of(now)}")
            return kept

    def unlink(self, what: str) -> str:
        """Say that a record (`vendor:remote id`) is not of its appointment. Returns the id of the
        one that it founds in the next cycle.

        Raises NotFound, NotJoined.
        """
        now = self.ledger.clock()
        vendor, _, remote = what.partition(":")
        with self.ledger.store.write() as tx:
            mapping = tx.mapping(vendor, remote)
            if mapping is None:
                raise NotFound(
                    f"no appointment has a record {what}; name it as VENDOR:REMOTE_ID: {_RECORDS}"
                )
            [known] = self.ledger.known_in(tx, [mapping.appointment_id])
            founded = part(tx, known, (vendor, remote), now)
            tx.put_meta(DECISION, f"unlink {what} {text_of(now)}")
            return founded

    def _named(self, tx: Transaction, what: str) -> Named:
        vendor, colon, remote = what.partition(":")
        mapping = tx.mapping(vendor, remote) if colon else None
        if colon and mapping is None:
            left_alone = {(row.vendor, row.remote_id) for row in tx.quarantines()}
            if (vendor, remote) not in left_alone:
                raise NotFound(
                    f"{_not_one(what, 0)}, nor is it in quarantine: {_RECORDS}, and 'syncd "
                    "quarantine' lists what is left alone"
                )
            return Named(None, (vendor, remote))
        ids = [mapping.appointment_id] if mapping else _with_prefix(tx, what)
        if len(ids) != 1:
            raise NotFound(f"{_not_one(what, len(ids))}; {_WHERE_IDS_ARE}")
        [known] = self.ledger.known_in(tx, ids)
        return Named(known)

    def explain(self, what: str) -> Explanation:
        """Everything on one appointment: by its id (a prefix will do), or by `vendor:remote id`.

        Raises NotFound.
        """
        with self.ledger.store.read() as tx:
            vendor, colon, remote = what.partition(":")
            mapping = tx.mapping(vendor, remote) if colon else None
            ids = [mapping.appointment_id] if mapping else _with_prefix(tx, what)
            if len(ids) != 1:
                raise NotFound(f"{_not_one(what, len(ids))}; {_WHERE_IDS_ARE}")
            journal, conflicts = tx.journal_of(ids[0]), tx.conflicts_of(ids[0])
            quarantines = [row for row in tx.quarantines() if row.appointment_id == ids[0]]
            [known] = self.ledger.known_in(tx, ids)
        return Explanation(
            known=known,
            journal=tuple(map(journalled_of, journal)),
            conflicts=tuple(map(conflict_of, conflicts)),
            quarantines=tuple(map(quarantined_of, quarantines)),
        )


def _quarantined(tx: Transaction) -> dict[int, QuarantineRow]:
    return {row.id: row for row in tx.quarantines() if row.id is not None}


def _named(rows: abc.Mapping[int, QuarantineRow], entry: int) -> QuarantineRow:
    if entry not in rows:
        raise NotFound(f"no quarantine entry {entry}; 'syncd quarantine' lists them")
    return rows[entry]


def _look_again(tx: Transaction, rows: abc.Iterable[QuarantineRow]) -> None:
    tx.set_pending({row.appointment_id for row in rows if row.appointment_id}, pending=True)


def _with_prefix(tx: Transaction, prefix: str) -> list[str]:
    exact = [row.id for row in tx.appointments([prefix])]
    if exact or len(prefix) < _PREFIX:
        return exact
    return [
        id for id in tx.appointments_starting(float("-inf"), float("inf")) if id.startswith(prefix)
    ]


def _not_one(what: str, found: int) -> str:
    vendor, colon, remote = what.partition(":")
    if colon:
        return f"no appointment has the record {remote} of {vendor}"
    if found:
        return f"several appointments start with '{what}'"
    if len(what) < _PREFIX:
        return f"'{what}' is too short for the start of an id, which takes {_PREFIX} characters"
    return f"no appointment starts with '{what}'"


def _one(given: str, ids: abc.Iterable[str]) -> str:
    found = [one for one in ids if one.startswith(given)]
    if len(found) != 1:
        raise not_held(given, len(found))
    return found[0]


def _decided(known: Known, row: ConflictRow, winner: str, now: datetime) -> Known:
    """The appointment as that decision leaves it. Raises NotFound for a vendor that has no say in
    it.
    """
    values, field = parsed(row.values_json), Field(row.field)
    if winner not in values:
        raise NotFound(
            f"{winner} is not part of conflict {row.id}; its values come from {', '.join(values)}"
        )
    own = {vendor: own_value(field, value) for vendor, value in values.items()}
    found = Found(row.rule) if row.rule in FOUND else None
    if found is not None and own[winner] == (Field.CLIENTS, ()):
        raise NotFound(
            f"{winner} names no client: decide for a vendor that does, or take the client out there"
        )
    return decide(known, own, winner, found, now)
