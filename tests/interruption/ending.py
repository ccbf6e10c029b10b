"""How a scenario ended, in terms in which two ends can be compared: ids, times of day of syncd's own and tokens apart.

Everything that a vendor shows counts, cancelled records too, and everything that syncd lists as undecided.
"""

from __future__ import annotations

import re
from collections import Counter, abc
from dataclasses import dataclass, fields
from typing import Any

from syncd.engine.store.texts import parsed
from syncd.sandbox.frame.records import Entry
from tests.interruption.stage import Stage

_NUMBERS = re.compile(r"\b[0-9a-f]{24,}\b|\b\d{5,}\b|\brecord \d+\b")


@dataclass(frozen=True, slots=True)
class Ending:
    """Each field is a bag of lines, of which those that differ can be shown."""

    records: Counter[str]
    made: Counter[str]
    conflicts: Counter[str]
    quarantined: Counter[str]
    held: Counter[str]
    open_entries: Counter[str]
    last_exit: Counter[str]

    def differences(self, other: Ending, *, live_alone: bool) -> list[str]:
        """What `other` has otherwise; `live_alone`: cancelled records, and how many were made, are left out."""
        found: list[str] = []
        for item in fields(self):
            one, two = getattr(self, item.name), getattr(other, item.name)
            if live_alone and item.name == "made":
                continue
            if live_alone and item.name == "records":
                one, two = (Counter({k: n for k, n in bag.items() if "cancelled" not in k}) for bag in (one, two))
            name = item.name.replace("_", " ")
            found += [f"{name}: {n} × {line} is missing" for line, n in (one - two).items()]
            found += [f"{name}: {n} × {line} should not be" for line, n in (two - one).items()]
        return found


def ending(stage: Stage, last_exit: int) -> Ending:
    """How things are now."""
    made = Counter({f"records made at {name}": vendor.counters.creates for name, vendor in stage.vendors.items()})
    made.update(_customers(stage.vendors["site"]))
    made["mails to clients"] = sum(vendor.counters.notifications for vendor in stage.vendors.values())
    with stage.world.ledger.store.read() as tx:
        conflicts = tx._tuples("SELECT field, winner, rule, open, resolution, values_json FROM conflict")
        entries = [f"{row.action} at {row.vendor}: {row.state}" for row in tx.journal_unsettled()]
        held = [f"{parsed(row.operation)['action']} at {parsed(row.operation)['vendor']}" for row in tx.held()]
        quarantined = [f"{row.vendor}: {_NUMBERS.sub('…', row.reason)}" for row in tx.quarantines()]
    return Ending(
        records=Counter(_shown(name, entry) for name, vendor in stage.vendors.items() for entry in _all(vendor)),
        made=+made,
        conflicts=Counter(_conflict(row) for row in conflicts),
        quarantined=Counter(quarantined),
        held=Counter(held),
        open_entries=Counter(entries),
        last_exit=Counter([f"exit {last_exit}"]),
    )


def _customers(site: Any) -> Counter[str]:
    """The customers who are in records, and those who are there more than once.

    One who was made for a record that came to nothing is none of them: a stop before that spares the site the customer.
    """
    people = [person for entry in _all(site) for person in entry.people]
    addresses = Counter(customer.person.email for customer in site.customers)
    return Counter(
        {
            "customers in records at site": len({person.email for person in people}),
            "customers twice at site": sum(number - 1 for number in addresses.values()),
        }
    )


def _all(vendor: Any) -> abc.Iterable[Entry]:
    return vendor.entries.values()  # type: ignore[no-any-return]


def _shown(name: str, entry: Entry) -> str:
    when = f"{entry.start:%m-%d %H:%M:%S}–{entry.end:%m-%d %H:%M:%S}{' all day' if entry.all_day else ''}"
    phones = name != "office"  # it has none; that a record of a person's still has one in the sandbox is no matter
    people = " & ".join(f"{one.name} {one.email} {one.phone if phones else ''}" for one in entry.people)
    notes = entry.notes.partition("[syncd:")[0].strip()
    rest = f"{entry.title!r} {entry.location!r} {notes!r} service {entry.service} staff {entry.staff}"
    return f"{name} {entry.status} {when} {people} {rest}"


def _conflict(row: abc.Sequence[Any]) -> str:
    field, winner, rule, still_open, resolution, values = row
    said = ", ".join(f"{vendor}: {value}" for vendor, value in sorted(parsed(values).items()))
    state = "open" if still_open else f"closed {resolution or ''}"
    return f"{field}, {state}, won by {winner} by {rule}: {said}"
