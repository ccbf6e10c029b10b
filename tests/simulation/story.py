"""Tells a history so that a person can follow it: who is cast, what people did, what syncd sent and got, what broke."""

from __future__ import annotations

from tests.simulation.history import play
from tests.simulation.script import Script


def story(script: Script) -> str:
    """The whole story of one script, played anew."""
    cast = script.cast
    head = [f"History {script.seed}", f"rules: {dict(cast.sync)}"]
    for name, behaviour in cast.behaviour.items():
        head.append(f"{name}: clock {cast.skew[name].total_seconds():+.0f} s, {dict(behaviour)}")
    played = play(script, tell=True)
    tail = [f"BROKEN: {played.broken}" if played.broken else "All of it held.", f"trace {played.trace}"]
    return "\n".join([*head, "", *played.lines, "", *tail])
