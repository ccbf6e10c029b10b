"""The plan: what would bring all vendors in step, each operation with its reason.

A plan is a value: it can be shown, saved, guarded and carried out. Its `next_states` are what syncd itself will
remember once the plan is begun, so that nothing has to be derived a second time.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Mapping, Provenance
from syncd.model.policy import ConflictRule
from syncd.model.record import Record


class Action(StrEnum):
    """What an operation does, as reports name it."""

    CREATE = "create"
    RESCHEDULE = "reschedule"
    UPDATE = "update"
    CANCEL = "cancel"
    ADOPT = "adopt"


class Found(StrEnum):
    """How records came to differ although nobody edited one: they were linked so, or a zone's rules changed."""

    AT_LINKING = "at_linking"
    ZONE_DATA = "zone_data"


class Outcome(StrEnum):
    """What became of an operation."""

    PLANNED = "planned"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"
    QUARANTINED = "quarantined"
    STALE = "stale"


Changes = abc.Mapping[Field, tuple[Any, Any]]
"""What an operation would change, each field before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step at one vendor, for one appointment.

    `id` is derived from vendor, action, appointment, target and the state that it was planned on: the same situation
    gives the same id, another situation another. `target` is the appointment as the vendor should hold it, `changes`
    the fields concerned with (old, new): of clients, those whom the record has room for. `expected` is the record it
    was planned on (None: the vendor has none, or it was not observed and `mapping` stands for it). `replaces` is the
    record, ended for good, in whose place a create is. `fills`: it only gives a record that was just linked what it
    lacks.
    """

    action: ClassVar[Action]
    id: str
    vendor: str
    appointment: str
    target: Appointment
    changes: Changes
    reason: str
    remote_id: str | None = None
    expected: Record | None = None
    mapping: Mapping | None = None
    replaces: str | None = None
    fills: bool = False

    @property
    def asked(self) -> Appointment:
        """What the record is asked to have: of several clients those whom it has room for, and a title in any case."""
        given = {name: new for name, (_, new) in self.changes.items()}
        return self.target.with_values({Field.TITLE: self.target.display_title, **given})

    @property
    def summary(self) -> str:
        """One line by which an operator recognises the appointment. For reports, never for logs."""
        return self.target.summary()


class Create(Operation):
    """Make a record at a vendor that has none."""

    __slots__ = ()
    action = Action.CREATE


class Reschedule(Operation):
    """Move a record in time, with whatever else the same write carries."""

    __slots__ = ()
    action = Action.RESCHEDULE


class Update(Operation):
    """Change fields other than the slot."""

    __slots__ = ()
    action = Action.UPDATE


class Cancel(Operation):
    """Cancel a record, or delete it at a vendor that knows no other way."""

    __slots__ = ()
    action = Action.CANCEL


class Adopt(Operation):
    """Link an existing record to an appointment. Nothing is sent."""

    __slots__ = ()
    action = Action.ADOPT


Step = Create | Reschedule | Update | Cancel | Adopt


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An operation that the guard keeps back until an operator approves it, or rejects what it comes from.

    `local` is when its appointment is by a clock on the wall, before and after where it is moved. `missing_at` are the
    vendors at which a record is missing without their own word, if it rests on that: as soon as one gives it, or shows
    the record, it is decided anew.
    """

    operation: Step
    reason: str
    local: str = ""
    missing_at: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One line by which whoever decides recognises the appointment. For reports, never for logs."""
        return f"{self.operation.summary} ({self.local})" if self.local else self.operation.summary

    @property
    def doubtful(self) -> bool:
        """Whether it rests on an absence that is not believed."""
        return bool(self.missing_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Something left alone, with its reason. `new` says that it was not in quarantine before this cycle."""

    vendor: str
    key: str
    reason: str
    appointment: str | None = None
    remote_id: str | None = None
    operation: Step | None = None
    new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Vendors changed one field to different values since the base. `winner` None: it waits for a person.

    `found`: nobody changed it, the records were found so; each keeps its own until a person decides.
    """

    appointment: str
    field: Field
    values: abc.Mapping[str, Any]
    winner: str | None = None
    rule: str = ConflictRule.MANUAL.value
    explanation: str = ""
    found: Found | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextState:
    """What syncd remembers of one appointment when the plan begins: agreed values, reasons, mappings.

    `mappings` are all of its mappings, old and new, as they are before any operation is carried out. `settled` are ids
    of unsettled creates that are settled by this (found, or gone into another record), `missed` those that one more
    listing does not show, `given_up` those of them that count as not done from now on. `needs_another_cycle` says that
    the appointment needs another look next cycle whatever the vendors do. `undecided` are the fields that wait for a
    person.
    """

    id: str
    agreed: Appointment
    provenance: abc.Mapping[str, Provenance]
    mappings: tuple[Mapping, ...]
    settled: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    needs_another_cycle: bool = False
    undecided: frozenset[Field] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything one reconciliation decided.

    `waiting` are sentences on what is put off, and until when; `remarks` on what stays different at a vendor.
    `unanswered`: some of that waits because the answer to an earlier write was lost. `unlike` are texts in which
    records differed when they were linked: nobody has to decide about those. `shifted` are the vendors whose zone
    changed, by what was seen now or before: nobody has said yet whose times are right. `strangers` are by vendor and id
    the places of records that are no appointment's, at the vendors that were listed whole.
    """

    operations: tuple[Step, ...] = ()
    unanswered: bool = False
    held: tuple[Held, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    unlike: tuple[Conflict, ...] = ()
    next_states: tuple[NextState, ...] = ()
    waiting: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    shifted: frozenset[str] = frozenset()
    blocks: tuple[Step, ...] = ()
    strangers: abc.Mapping[str, abc.Mapping[str, Appointment]] = field(default_factory=dict)
    kept: abc.Mapping[str, str] = field(default_factory=dict)
