"""The report's JSON as the contract writes it, to the letter: these keys, these words, nothing besides."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

ACTIONS = ("create", "reschedule", "update", "cancel", "adopt")
OUTCOMES = ("planned", "done", "failed", "unknown", "held", "quarantined", "stale")
RULES = ("newest", "priority", "manual", "cancel_wins")
FIELDS = ("slot", "status", "title", "location", "notes", "clients", "service", "staff")


def _keys(value: Any, *keys: str) -> None:
    assert isinstance(value, dict)
    assert list(value) == list(keys)


def _texts(value: dict[str, Any], *keys: str) -> None:
    for key in keys:
        assert isinstance(value[key], str), key
        assert value[key], key


def _text_or_null(value: Any) -> None:
    assert value is None or (isinstance(value, str) and value)


def _instant(text: Any) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    datetime.fromisoformat(text)


def _count(value: Any) -> None:
    assert type(value) is int
    assert value >= 0


def _plain(value: Any) -> None:
    """A field's value: a text, a list of texts, or null."""
    assert value is None or isinstance(value, str) or all(isinstance(part, str) for part in value)


def check(report: Any) -> None:
    """Fail where the report is not `syncd.report/1`."""
    _keys(
        report,
        *("schema", "cycle", "dry_run", "started_at", "finished_at", "exit_code", "vendors", "operations"),
        *("conflicts", "quarantined", "summary"),
    )
    assert report["schema"] == "syncd.report/1"
    _texts(report, "cycle")
    assert type(report["dry_run"]) is bool
    _instant(report["started_at"])
    _instant(report["finished_at"])
    assert report["exit_code"] in (0, 3, 4)
    for key, part in (("vendors", _vendor), ("operations", _operation), ("conflicts", _conflict)):
        for value in report[key]:
            part(value)
    for entry in report["quarantined"]:
        _keys(entry, "appointment", "vendor", "remote_id", "reason")
        _texts(entry, "vendor", "reason")
        _text_or_null(entry["appointment"])
        _text_or_null(entry["remote_id"])
    _keys(report["summary"], *ACTIONS, "conflicts", "held", "failed", "quarantined")
    for number in report["summary"].values():
        _count(number)
    _counted(report)


def _vendor(vendor: Any) -> None:
    _keys(vendor, "name", "kind", "snapshot", "records", "requests", "error")
    _texts(vendor, "name", "kind")
    assert vendor["snapshot"] in ("complete", "partial", "failed")
    _count(vendor["records"])
    _count(vendor["requests"])
    _text_or_null(vendor["error"])
    assert vendor["snapshot"] == "complete" or vendor["error"]


def _operation(operation: Any) -> None:
    _keys(
        operation,
        *("id", "vendor", "action", "appointment", "remote_id", "summary", "changes", "reason", "outcome", "error"),
    )
    _texts(operation, "id", "vendor", "summary", "reason")
    assert operation["action"] in ACTIONS
    assert operation["outcome"] in OUTCOMES
    assert str(uuid.UUID(operation["appointment"])) == operation["appointment"]
    _text_or_null(operation["remote_id"])
    _text_or_null(operation["error"])
    assert operation["outcome"] not in ("done", "planned") or operation["error"] is None
    assert isinstance(operation["changes"], dict)
    for name, values in operation["changes"].items():
        assert name in FIELDS
        assert len(values) == 2
        for value in values:
            _plain(value)


def _conflict(conflict: Any) -> None:
    _keys(conflict, "appointment", "field", "values", "winner", "rule")
    assert str(uuid.UUID(conflict["appointment"])) == conflict["appointment"]
    assert conflict["field"] in FIELDS
    assert conflict["rule"] in RULES
    assert isinstance(conflict["values"], dict)
    for value in conflict["values"].values():
        _plain(value)
    assert conflict["winner"] is None or conflict["winner"] in conflict["values"]


def _counted(report: Any) -> None:
    """What the summary counts is what the lists hold."""
    outcomes = [operation["outcome"] for operation in report["operations"]]
    good = [o["action"] for o in report["operations"] if o["outcome"] == ("planned" if report["dry_run"] else "done")]
    counts = report["summary"]
    assert {action: good.count(action) for action in ACTIONS} == {action: counts[action] for action in ACTIONS}
    assert counts["held"] == outcomes.count("held")
    assert counts["failed"] == sum(outcome in ("failed", "unknown", "stale") for outcome in outcomes)
    assert (counts["conflicts"], counts["quarantined"]) == (len(report["conflicts"]), len(report["quarantined"]))
