"""Loaded by a run before it starts: the wall clock is set back by an hour once the folder holds a file of that name."""

from __future__ import annotations

import datetime as standard
from pathlib import Path

import apscheduler.schedulers.base
import apscheduler.triggers.interval

import syncd.assembly

FILE = "set back"


class _Settable(standard.datetime):
    @classmethod
    def now(cls, tz: standard.tzinfo | None = None) -> standard.datetime:  # type: ignore[override]
        """A plain time, as the store keeps no other."""
        shown = standard.datetime.now(tz)
        return shown - standard.timedelta(hours=1) if Path(FILE).exists() else shown


for module in (syncd.assembly, apscheduler.schedulers.base, apscheduler.triggers.interval):
    vars(module)["datetime"] = _Settable
