"""What of an account's listing cannot be read for certain, and what of the catalogue has no effect at Aivapad."""

from __future__ import annotations

from collections import Counter, abc

from syncd.model.catalogue import Catalogue
from syncd.model.errors import Malformed, cut
from syncd.model.record import Record
from syncd.vendors.port import Page, Row


def doubts(vendor: str, page: Page, decode: abc.Callable[[Row], Record], catalogue: Catalogue) -> tuple[str, ...]:
    """One sentence for each thing that an operator should look at; `vendor` is the configured name."""
    found = Counter(page.unidentified)
    for row in page.rows:
        try:
            kept = decode(row).kept
        except Malformed as error:
            found[f"a record cannot be read: {error}"] += 1
            continue
        if "status" in kept:
            way = f"say what it means in statuses of [vendors.{vendor}]"
            found[f"the status '{cut(kept['status'], 40)}' is read as scheduled; {way}"] += 1
    counted = (f"{vendor}: {doubt}{f' ({times} records)' if times > 1 else ''}" for doubt, times in found.items())
    return (*counted, *_idle_rows(vendor, catalogue))


def _idle_rows(vendor: str, catalogue: Catalogue) -> tuple[str, ...]:
    rows = (("services", catalogue.services), ("staff", catalogue.staff))
    return tuple(
        f"{vendor}: ids.{vendor} of '{row.name}' in [[{table}]] has no effect: Aivapad has no {table}"
        for table, entries in rows
        for row in entries
        if vendor in row.ids
    )
