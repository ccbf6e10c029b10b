"""What is left alone after a vendor's no, by the name that it will have next time. Pure."""

from __future__ import annotations

from syncd.compare.identity import operation_id, until_stirred
from syncd.compare.sameness import same_at
from syncd.model.appointment import Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping, Quarantine
from syncd.model.plan import Action, Cancel, Create, Operation


def refusal(
    operation: Operation,
    able: Capabilities,
    mapping: Mapping | None,
    reason: str,
    *,
    of_time: bool = False,
) -> Quarantine:
    """The quarantine of an operation; `mapping` is what a write came to, `of_time` a time's no."""
    key = operation.id if mapping is None else _next_id(operation, able, mapping)
    return Quarantine(
        vendor=operation.vendor,
        key=until_stirred(key) if of_time else key,
        reason=reason,
        appointment=operation.appointment,
        remote_id=operation.remote_id,
    )


def _next_id(operation: Operation, able: Capabilities, mapping: Mapping) -> str:
    """The name of what is left of an operation that was done in part: of a create, a move."""
    left = {
        name: change
        for name, change in operation.changes.items()
        if not same_at(name, operation.target, mapping.base, able)
        and (name is Field.SLOT or not isinstance(operation, Create))
    }
    action = operation.action
    if not isinstance(operation, Cancel):
        action = Action.RESCHEDULE if Field.SLOT in left else Action.UPDATE
    return operation_id(action, operation.vendor, operation.appointment, left, mapping, None)
