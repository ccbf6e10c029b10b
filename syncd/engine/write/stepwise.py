"""Operations of which one write can do no more than a part: clients who get seats, one at a time.

Each part is journalled, sent and settled by itself, so that what a crash leaves behind is at most
one seat of which nobody knows. What a plan has is one operation all the same.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from typing import TypeVar

from syncd.compare.identity import operation_id
from syncd.compare.people import named
from syncd.compare.seats import Clients, one_by_one
from syncd.model.appointment import Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.plan import Action, Cancel, Create, Reschedule, Update

Change = Reschedule | Update | Cancel


def first_seat(operation: Create, able: Capabilities) -> Create:
    """What of a create is sent first: of a class, the seat of the first client."""
    if not able.seats(operation.target) or len(named(operation.target.clients)) < 2:
        return operation
    return _with_clients(operation, one_by_one((), operation.target.clients)[0], operation.changes)


def other_seats(operation: Create, made: Mapping) -> Update:
    """What is left of a create whose first seat was made, as the next cycle would plan it."""
    changes = {Field.CLIENTS: (made.acknowledged.clients, operation.target.clients)}
    name = operation_id(Action.UPDATE, operation.vendor, operation.appointment, changes, made, None)
    return Update(
        id=name,
        vendor=operation.vendor,
        appointment=operation.appointment,
        target=operation.target,
        changes=changes,
        reason=operation.reason,
        remote_id=made.remote_id,
        mapping=made,
    )


def parts_of(asked: Change, before: Mapping, able: Capabilities) -> list[Change]:
    """A change in the parts in which it is sent. All but the clients who come goes with the first
    one.
    """
    several = able.adds_seats or able.seats(asked.target)
    if isinstance(asked, Cancel) or Field.CLIENTS not in asked.changes or not several:
        return [asked]
    old, wanted = before.base.clients, asked.changes[Field.CLIENTS][1]
    steps = one_by_one(old, wanted)
    if len(asked.changes) > 1 and len(steps[0]) > len(old):
        steps.insert(0, old)
    rest = {Field.CLIENTS: asked.changes[Field.CLIENTS]}
    found = [_with_clients(asked, each, rest) for each in steps]
    return [_with_clients(asked, steps[0], asked.changes), *found[1:]]


Op = TypeVar("Op", Create, Reschedule, Update, Reschedule | Update)


def _with_clients(
    operation: Op, clients: Clients, changes: abc.Mapping[Field, tuple[object, object]]
) -> Op:
    """An operation of these changes, as far as it brings these clients."""
    old = operation.changes[Field.CLIENTS][0]
    return replace(
        operation,
        target=operation.target.with_values({Field.CLIENTS: clients}),
        changes={**changes, Field.CLIENTS: (old, clients)},
    )
