"""Records and candidates in groups by who fits whom: no two groups have one in common. Pure."""

from __future__ import annotations

from collections import abc
from itertools import product

from syncd.model.record import Record
from syncd.reconcile.link.candidates import (
    Candidate,
    Handle,
    IsClass,
    class_keys,
    filed_by,
    fits,
    found_by,
    index_keys,
    lookup_keys,
    readings,
)


def components(
    records: list[Record], candidates: list[Candidate], is_class: IsClass
) -> list[tuple[list[Record], list[Candidate]]]:
    """Records and candidates grouped by who fits whom, directly or through others; candidates in
    their given order.
    """
    if not (records and candidates):
        return [([record], []) for record in records]
    index = filed_by(candidates, lambda one: product(one.minutes, _filed(one, is_class)))
    leaders: dict[str, str] = {}
    fitting_of: list[dict[str, Candidate]] = []
    for record in records:
        near = found_by(_keys(record, is_class), index)
        fitting = {c.id: c for c in near if fits(record, c, is_class)}
        fitting_of.append(fitting)
        for key in fitting:
            leaders[_leader(leaders, key)] = _leader(leaders, next(iter(fitting)))
    groups: dict[str | int, tuple[list[Record], dict[str, Candidate]]] = {}
    for number, (record, fitting) in enumerate(zip(records, fitting_of, strict=True)):
        leader = _leader(leaders, next(iter(fitting))) if fitting else number
        some, together = groups.setdefault(leader, ([], {}))
        some.append(record)
        together.update(fitting)
    order = {candidate.id: number for number, candidate in enumerate(candidates)}
    return [
        (some, sorted(together.values(), key=lambda c: order[c.id]))
        for some, together in groups.values()
    ]


def _filed(candidate: Candidate, is_class: IsClass) -> set[Handle]:
    return index_keys(candidate.contents) | class_keys(candidate.contents, is_class)


def _keys(record: Record, is_class: IsClass) -> abc.Iterable[tuple[int, Handle]]:
    """Each start that it may have together with each of its keys."""
    minutes = [slot.minute for slot in readings(record)]
    keys = lookup_keys(record.content) | class_keys([record.content], is_class)
    return product(minutes, sorted(keys))


def _leader(leaders: dict[str, str], key: str) -> str:
    """The one by whom a candidate's group is known."""
    leaders.setdefault(key, key)
    while leaders[key] != key:
        leaders[key] = leaders[leaders[key]]
        key = leaders[key]
    return key
