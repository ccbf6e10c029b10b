"""Which known records stand at a vendor in a stretch of time, as the store has them now."""

from __future__ import annotations

from collections import abc
from datetime import datetime

from syncd.engine.store.lookup import Lookup
from syncd.model.memory import Mapping
from syncd_state import Transaction


def mapped_between(
    tx: Transaction, lookup: Lookup, vendor: str, since: datetime, until: datetime
) -> list[Mapping]:
    """The mappings of a vendor's records that start in this stretch and stood when last seen."""
    entries = tx.index_between(vendor, since.timestamp(), until.timestamp())
    owners = {entry.appointment_id for entry in entries if entry.live and not entry.tombstone}
    found = [known.at(vendor) for known in lookup.known_in(tx, sorted(owners))]
    return [mapping for mapping in found if mapping is not None]


def unmapped_in(tx: Transaction, vendor: str, ids: abc.Iterable[str]) -> set[str]:
    """Which of these records are no appointment's."""
    return {remote_id for remote_id in ids if tx.mapping(vendor, remote_id) is None}
