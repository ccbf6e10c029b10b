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
    fitting_of = _fitting_of(records, candidates, is_class)
    leaders = _leaders(fitting_of)
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


def _fitting_of(
    records: abc.Iterable[Record], candidates: abc.Iterable[Candidate], is_class: IsClass
) -> list[dict[str, Candidate]]:
    """The candidates that each record fits, by their ids."""
    index = filed_by(candidates, lambda one: product(one.minutes, _filed(one, is_class)))
    near_of = ((record, found_by(_keys(record, is_class), index)) for record in records)
    return [{c.id: c for c in near if fits(record, c, is_class)} for record, near in near_of]


def _leaders(fitting_of: abc.Iterable[dict[str, Candidate]]) -> dict[str, str]:
    """By each candidate, another one of its group, or itself: those whom one record fits are in one
    group.
    """
    leaders: dict[str, str] = {}
    for fitting in fitting_of:
        for key in fitting:
            leaders[_leader(leaders, key)] = _leader(leaders, next(iter(fitting)))
    return leaders


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
