"""What tells several records apart that fit several appointments alike: whose is whose. Pure.

    Ann and Tom Lee have one e-mail address, and both come at 9:00; each vendor has two records
    a record is hers by its first name, though his may be hers by the address alone
A record goes to the appointment with which it has more in common than with any other, if that has
as much in common with no other record. Where two are alike in all, nothing is said.
"""

from __future__ import annotations

from collections import abc
from itertools import product

from syncd.compare.people import in_common, named
from syncd.model.appointment import Appointment, Field, normal_text
from syncd.model.record import Record
from syncd.reconcile.link.candidates import Candidate

_TOLD_APART_BY = (Field.TITLE, Field.SERVICE, Field.STAFF, Field.LOCATION, Field.NOTES)


def told_apart(
    records: abc.Sequence[Record], candidates: abc.Sequence[Candidate]
) -> list[tuple[Record, Candidate]]:
    """The records that one appointment is nearest to, which no other record is as near to.

    Where one of them is known by its title and another by its client, nothing is nearer.
    """
    with_client = {bool(named(record.content.clients)) for record in records}
    with_client |= {bool(candidate.clients) for candidate in candidates}
    if len(with_client) > 1:
        return []
    rows, columns = range(len(records)), range(len(candidates))
    near = {
        (row, column): _nearest(records[row], candidates[column])
        for row, column in product(rows, columns)
    }
    return [
        (records[row], candidates[column])
        for row, column in product(rows, columns)
        if _alone([near[row, other] for other in columns], near[row, column])
        and _alone([near[other, column] for other in rows], near[row, column])
    ]


def _nearest(record: Record, candidate: Candidate) -> tuple[int, int]:
    return max(_nearness(record.content, content) for content in candidate.contents)


def _alone(values: abc.Sequence[tuple[int, int]], value: tuple[int, int]) -> bool:
    return max(values) == value and values.count(value) == 1


def _nearness(one: Appointment, other: Appointment) -> tuple[int, int]:
    """How much two have in common: first of the client, then of all else that both tell."""
    clients = max((in_common(*both) for both in product(one.clients, other.clients)), default=0)
    return clients, sum(_agrees(one.get(field), other.get(field)) for field in _TOLD_APART_BY)


def _agrees(one: str | None, other: str | None) -> int:
    """1: alike; -1: not; 0: a side does not say."""
    if not one or not other:
        return 0
    return 1 if normal_text(one) == normal_text(other) else -1
