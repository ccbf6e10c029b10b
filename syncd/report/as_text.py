"""The report as text for a terminal or a mail from cron: what matters first, one line an operation, then why."""

from __future__ import annotations

from collections import Counter, abc
from typing import Any

from syncd.engine.result import EXIT_HELD, EXIT_OK, CycleResult, StepResult
from syncd.model.appointment import Field
from syncd.model.errors import cut
from syncd.model.plan import Outcome
from syncd.report.as_json import detailed, operation_of, sides
from syncd.report.legible import one_line

_VERBS = {"create": "create", "reschedule": "move", "update": "update", "cancel": "cancel", "adopt": "link"}


def text(result: CycleResult) -> str:
    """The whole report as lines of text."""
    return lines_of(detailed(result))


def lines_of(report: abc.Mapping[str, Any]) -> str:
    """A detailed report document as lines of text."""
    lines = [_headline(report), ""]
    lines += [line for vendor in report["vendors"] for line in _vendor(vendor)]
    together = _told_together(report["quarantined"])
    operations = [each for each in report["operations"] if (each["vendor"], each["error"]) not in together]
    for title, some in (
        ("Operations", [line for operation in operations for line in _operation(operation)]),
        ("Conflicts", [line for conflict in report["conflicts"] for line in _conflict(conflict)]),
        ("In quarantine", _all_quarantined(report["quarantined"], together)),
        ("Put off", [f"  {sentence}" for sentence in report["waiting"]]),
        ("Remarks", [f"  {sentence}" for sentence in report["remarks"]]),
    ):
        if some:
            lines += ["", f"{title}:", *some]
    lines += ["", _closing(report)]
    return "\n".join(one_line(line) for line in lines) + "\n"


def _headline(report: abc.Mapping[str, Any]) -> str:
    kind = "Dry run" if report["dry_run"] else "Cycle"
    return f"{kind} {report['cycle']}, {report['started_at']} to {report['finished_at']}, time zones {report['zones']}"


def _vendor(vendor: abc.Mapping[str, Any]) -> list[str]:
    unread = f", {vendor['unread']} not read yet" if vendor["unread"] else ""
    line = (
        f"  {vendor['name']} ({vendor['kind']}): {vendor['snapshot']}, {vendor['records']} records{unread}, "
        f"{vendor['requests']} requests"
    )
    said = [vendor["error"]] if vendor["error"] else []
    return [line, *(f"    {sentence}" for sentence in (*said, *vendor["notices"]))]


def _operation(operation: abc.Mapping[str, Any]) -> list[str]:
    verb = _VERBS[operation["action"]]
    remote = f" [{operation['remote_id']}]" if operation["remote_id"] else ""
    lines = [f"  {operation['outcome']}: {verb} at {operation['vendor']}{remote}: {operation['summary']}"]
    if operation["action"] not in ("create", "cancel"):
        lines += [f"      {line}" for line in _changed(operation["changes"])]
    lines.append(f"      because {operation['reason']}")
    remark = operation["error"] or operation.get("note")
    if remark:
        lines.append(f"      {remark}")
    return lines


def planned_lines(step: StepResult) -> list[str]:
    """What is to be done, as the report of a dry run has it."""
    return _operation({**operation_of(step), "outcome": Outcome.PLANNED.value, "error": None})


def changed_lines(changes: abc.Mapping[Field, tuple[Any, Any]]) -> list[str]:
    """What changes of an appointment, a line for each field."""
    return _changed({name.value: sides(name, old, new) for name, (old, new) in changes.items()})


def _changed(changes: abc.Mapping[str, abc.Sequence[Any]]) -> list[str]:
    return [f"{name}: {shown(old)} → {shown(new)}" for name, (old, new) in changes.items()]


def shown(value: Any) -> str:
    """A field's value, as `as_json.plain` gives it, in words; as much as a person reads, the JSON report has it all."""
    if isinstance(value, list):
        return cut(", ".join(str(part) for part in value)) or "none"
    return cut(str(value)) if value not in (None, "") else "none"


def _conflict(conflict: abc.Mapping[str, Any]) -> list[str]:
    values = "; ".join(f"{vendor}: {shown(value)}" for vendor, value in conflict["values"].items())
    winner = f"{conflict['winner']} wins" if conflict["winner"] else "nobody wins yet"
    lines = [f"  {conflict['field']} of {conflict['appointment']}: {values}. {winner} ({conflict['rule']})"]
    if conflict["explanation"]:
        lines.append(f"      {conflict['explanation']}")
    return lines


def _told_together(entries: abc.Sequence[abc.Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """How many appointments are left alone at one vendor for one reason, where several are: they have no record yet."""
    made_nowhere = [entry for entry in entries if entry["remote_id"] is None and entry["appointment"] is not None]
    alike = Counter((entry["vendor"], entry["reason"]) for entry in made_nowhere)
    return {what: count for what, count in alike.items() if count > 1}


def _all_quarantined(
    entries: abc.Sequence[abc.Mapping[str, Any]], together: abc.Mapping[tuple[str, str], int]
) -> list[str]:
    """A line each, and one for all of whom the same is to be said."""
    lines = [
        f"  {vendor}: {count} appointments ('syncd quarantine' names them): {reason}"
        for (vendor, reason), count in together.items()
    ]
    return lines + [_quarantined(entry) for entry in entries if not _is_told(entry, together)]


def _is_told(entry: abc.Mapping[str, Any], together: abc.Container[tuple[str, str]]) -> bool:
    return entry["remote_id"] is None and (entry["vendor"], entry["reason"]) in together


def _quarantined(entry: abc.Mapping[str, Any]) -> str:
    what = entry["remote_id"] or entry["appointment"] or "a record"
    return f"  {entry['vendor']} [{what}]: {entry['reason']}"


def _closing(report: abc.Mapping[str, Any]) -> str:
    counts, open_ones = report["summary"], still_open(report)
    named = [f"{number} {name}" for name, number in counts.items() if number]
    left = [o for o in report["operations"] if o["outcome"] == "planned" and not report["dry_run"]]
    named += [f"{len(left)} not begun"] if left else []
    named += [f"{v['name']} not wholly read" for v in report["vendors"] if v["snapshot"] != "complete"]
    nothing = "nothing to do, all in step" if report["exit_code"] == EXIT_OK and not open_ones else "nothing to do"
    said = "; ".join((", ".join(named) or nothing, *open_ones))
    hint = "; 'syncd approve --list' shows what is held" if report["exit_code"] == EXIT_HELD else ""
    return f"{said} (exit {report['exit_code']}{hint})"


def still_open(report: abc.Mapping[str, Any]) -> list[str]:
    """What is not in step and stays so until a person does something."""
    asked, left = report["open_conflicts"], report["differences"]
    said = [f"{asked} open conflict{'s' if asked > 1 else ''} ('syncd conflicts')"] if asked else []
    return said + ([f"{left} text(s) differ since linking ('syncd conflicts --at-linking')"] if left else [])
