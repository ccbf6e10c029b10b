"""All planted bugs, in the order of the lists."""

from __future__ import annotations

from tests.planted import in_classes, in_engine, in_matching, in_reconcile, in_state, in_vendors
from tests.planted.bug import Bug

BUGS: tuple[Bug, ...] = (
    *in_reconcile.BUGS,
    *in_matching.BUGS,
    *in_engine.BUGS,
    *in_state.BUGS,
    *in_vendors.BUGS,
    *in_classes.BUGS,
)
