"""What the changes of one appointment come to while they are merged, and what goes on record."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from typing import Any

from syncd.compare.atoms import starts_left, with_origin
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Provenance
from syncd.model.plan import Conflict
from syncd.reconcile.diff.changes import Change

CANCEL_WINS = "cancel_wins"
"""The rule by which a cancellation was decided against other changes."""


@dataclass(slots=True)
class Merged:
    """What the changes come to: the values, and by atom whose they are.

    `frozen` fields wait for a person and keep the agreed value. `outdone` are the vendors whose
    cancelled record was moved in vain, whatever a person decides. `id` is the appointment's.
    """

    id: str
    appointment: Appointment
    provenance: dict[str, Provenance]
    conflicts: list[Conflict] = field(default_factory=list)
    frozen: set[Field] = field(default_factory=set)
    outdone: set[str] = field(default_factory=set)

    def take(self, change: Change, value: Any, text: str) -> None:
        """Let a field have a value from now on, by a change of it."""
        left: tuple[int, ...] = ()
        if change.field is Field.SLOT:
            left = starts_left(self.provenance, self.appointment.slot, value)
        self.appointment = self.appointment.with_values({change.field: value})
        origin = Provenance(vendor=change.vendor, when=change.when, text=text, left=left)
        self.provenance = with_origin(self.provenance, change.atom, origin)

    def record(
        self,
        name: Field,
        values: abc.Mapping[str, Any],
        winner: Change | Provenance | None,
        rule: str,
        text: str,
    ) -> None:
        """Put a conflict on record, once; without a winner it is open."""
        conflict = Conflict(
            appointment=self.id,
            field=name,
            values=values,
            winner=winner.vendor if winner else None,
            rule=rule,
            explanation=text,
        )
        if conflict not in self.conflicts:
            self.conflicts.append(conflict)
