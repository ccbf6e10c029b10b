"""The report as JSON, schema `syncd.report/1`: what scripts and saved plans rely on.

`document` has the keys of the schema and no others; `detailed` adds what only the reports for people show, and
`kept_text` what the store keeps with it.
"""

from __future__ import annotations

import json
from collections import abc
from datetime import UTC, datetime
from typing import Any

from syncd.compare.told import told_clients
from syncd.engine.result import CycleResult, StepResult
from syncd.model.appointment import Client, Field
from syncd.model.edition import EDITION
from syncd.model.plan import Action, Conflict, Outcome, Quarantined
from syncd.model.times import Slot
from syncd.report.legible import safe_json

SCHEMA = "syncd.report/1"


def document(result: CycleResult) -> dict[str, Any]:
    """The report as plain values, with the keys of the schema to the letter."""
    return {
        "schema": SCHEMA,
        "cycle": result.id,
        "dry_run": result.dry_run,
        "started_at": moment(result.started_at),
        "finished_at": moment(result.finished_at),
        "exit_code": result.exit_code,
        "vendors": [
            {
                "name": vendor.name,
                "kind": vendor.kind,
                "snapshot": vendor.snapshot,
                "records": vendor.records,
                "requests": vendor.requests,
                "error": vendor.error,
            }
            for vendor in result.vendors
        ],
        "operations": [operation_of(step) for step in result.steps],
        "conflicts": [_conflict(conflict) for conflict in result.conflicts],
        "quarantined": [_quarantined(entry) for entry in result.quarantined],
        "summary": summary(result),
    }


def detailed(result: CycleResult) -> dict[str, Any]:
    """`document`, with what is put off or not read yet, why a conflict was decided as it was, and remarks: on what is
    done (a customer was made for it), and on what stays different at a vendor."""
    report = document(result)
    for shown, vendor in zip(report["vendors"], result.vendors, strict=True):
        shown["unread"] = vendor.unread
        shown["notices"] = [text for text in vendor.notices if text != vendor.error]
    for shown, step in zip(report["operations"], result.steps, strict=True):
        shown["note"] = step.error if step.outcome is Outcome.DONE else None
    for shown, conflict in zip(report["conflicts"], result.conflicts, strict=True):
        shown["explanation"] = conflict.explanation
    return {
        **report,
        "waiting": list(result.waiting),
        "remarks": list(result.remarks),
        "open_conflicts": result.open_conflicts,
        "differences": result.differences,
        "zones": EDITION,
    }


def json_text(result: CycleResult) -> str:
    """The report as JSON text, one document, with a newline at its end."""
    return json_of(document(result))


def kept_text(result: CycleResult) -> str:
    """The report as the store keeps it: on one line, as a first run's is long and nobody reads it there, and with the
    edition of the zone database, by which times may be told later as they were read then."""
    return json_of({**document(result), "zones": EDITION}, indent=None)


def json_of(report: abc.Mapping[str, Any], *, indent: int | None = 2) -> str:
    """A document as JSON text, in characters that UTF-8 can carry."""
    text = json.dumps(report, ensure_ascii=False, indent=indent) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which a vendor's JSON may hold
        return json.dumps(report, indent=indent) + "\n"
    return safe_json(text)


def summary(result: CycleResult) -> dict[str, int]:
    """Counts: operations by action (planned or done), and what needs attention."""
    bad = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.STALE)
    return {
        **{action.value: result.count(action) for action in Action},
        "conflicts": len(result.conflicts),
        "held": sum(step.outcome is Outcome.HELD for step in result.steps),
        "failed": sum(step.outcome in bad for step in result.steps) + len(result.refused),
        "quarantined": len(result.quarantined),
    }


def moment(instant: datetime) -> str:
    """An instant as ISO 8601 in UTC with a Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """A field's value as a person reads it, in JSON."""
    match value:
        case Slot():
            return str(value)
        case Client():
            return value.name or value.email or value.phone
        case tuple():
            return [plain(part) for part in value]
        case None:
            return None
        case _:
            return str(value)


def sides(name: Field, old: Any, new: Any) -> list[Any]:
    """A field's value before and after; of clients who stay the same, with what changes of them."""
    if name is Field.CLIENTS:
        old, new = told_clients(old, new)
    return [plain(old), plain(new)]


def operation_of(step: StepResult) -> dict[str, Any]:
    """An operation and what became of it, with the keys of the schema."""
    operation = step.operation
    changes = {name.value: sides(name, old, new) for name, (old, new) in operation.changes.items()}
    return {
        "id": operation.id,
        "vendor": operation.vendor,
        "action": operation.action.value,
        "appointment": operation.appointment,
        "remote_id": step.remote_id or operation.remote_id,
        "summary": step.summary,
        "changes": changes,
        "reason": operation.reason,
        "outcome": step.outcome.value,
        "error": None if step.outcome is Outcome.DONE else step.error,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {
        "appointment": conflict.appointment,
        "field": conflict.field.value,
        "values": {vendor: plain(value) for vendor, value in conflict.values.items()},
        "winner": conflict.winner,
        "rule": conflict.rule,
    }


def _quarantined(entry: Quarantined) -> dict[str, Any]:
    return {
        "appointment": entry.appointment,
        "vendor": entry.vendor,
        "remote_id": entry.remote_id,
        "reason": entry.reason,
    }
