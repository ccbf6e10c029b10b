"""Loaded by a run before it starts: a bug in the middle of a cycle, whose error quotes everything that it has."""

from __future__ import annotations

from typing import Any, NoReturn

from syncd.engine import cycle


def _broken(snapshots: Any, memory: Any, *_: Any) -> NoReturn:
    try:
        raise KeyError(snapshots)
    except KeyError as error:
        raise RuntimeError(f"no place for {snapshots!r} in {memory!r}") from error


vars(cycle)["reconcile"] = _broken
