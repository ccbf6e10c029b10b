"""What the past costs a cycle: `python -m benchmarks.past` writes a table as Markdown.

Two stores hold the same appointments in the window, and one of them 50,000 more that lie before it.
In turns each is asked for what a cycle that finds nothing to do asks for: the overview that
listings are compared with, and whether anything is to be forgotten. Processor time and memory are
given as multiples of those without a past, so that the machine does not matter; it fails where the
past costs more than a fifth on top.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections import abc
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

import syncd_state
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.rows import appointment_row, mapping_row
from syncd.engine.store.thread import at_once
from syncd.model.appointment import ALL_FIELDS, Appointment, Client
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.plan import NextState
from syncd.model.policy import Policy, Traits
from syncd.model.times import Slot, Window

VENDORS = ("crm", "book", "office", "site")
IN_WINDOW, BEFORE_IT = 5_000, 50_000
ROUNDS = 15
MOST = 1.2
"""No dearer than so many times a store without a past."""

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=1)
POLICY = Policy(
    vendors=tuple(Traits(name=name, capabilities=Capabilities(fields={})) for name in VENDORS),
    window=Window(since=SINCE, until=NOW + timedelta(days=90)),
)
KEPT = timedelta(days=400)
_LENGTH = timedelta(minutes=10)
"""One after the other, so many fit into the time for which the past is kept."""
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time, and bytes at the peak."""

    seconds: float
    memory: int


def main() -> None:
    """Fill both stores, ask them in turns, and compare."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory(prefix="syncd-past-") as name:
        without, with_past = (_ledger(Path(name) / f"{past}.db", past) for past in (0, BEFORE_IT))
        pairs = [(_asked(without), _asked(with_past)) for _ in range(ROUNDS + 1)][1:]
        without.close()
        with_past.close()
    time_ratio = statistics.median(past.seconds / none.seconds for none, past in pairs)
    memory_ratio = statistics.median(past.memory / none.memory for none, past in pairs)
    _say("appointments before the window", "processor time", "memory")
    _say("---:", "---:", "---:")
    _say("0", "1.00 ×", "1.00 ×")
    _say(f"{BEFORE_IT:,}", f"{time_ratio:.2f} ×", f"{memory_ratio:.2f} ×")
    if max(time_ratio, memory_ratio) > MOST:
        raise SystemExit(f"the past costs more than {MOST} times what none does")


def _ledger(path: Path, past: int) -> Ledger:
    ledger = Ledger(syncd_state.open_store(f"sqlite:///{path}"), lambda: NOW, run=at_once)
    _fill(ledger, [NOW + number * _LENGTH for number in range(IN_WINDOW)])
    _fill(ledger, [SINCE - timedelta(days=2) - number * _LENGTH for number in range(past)])
    return ledger


def _fill(ledger: Ledger, starts: abc.Sequence[datetime]) -> None:
    for first in range(0, len(starts), _BATCH):
        states = [_state(start) for start in starts[first : first + _BATCH]]
        with ledger.store.write() as tx:
            tx.upsert_appointments([appointment_row(state, "", pending=False) for state in states])
            for state in states:
                tx.upsert_mappings([mapping_row(state.id, one) for one in state.mappings])


def _state(start: datetime) -> NextState:
    """An appointment in step, with a record at every vendor."""
    name = f"{start:%Y%m%d%H%M}"
    who = Client(first_name="Client", last_name=name, email=f"{name}@example.com", phone="555")
    slot = Slot(start=start, end=start + _LENGTH)
    what = Appointment(slot=slot, title=f"Showing: {name}", clients=(who,))
    mappings = tuple(
        Mapping(
            vendor=vendor,
            remote_id=f"{vendor}{name}",
            base=what,
            shows=ALL_FIELDS,
            acknowledged=what,
            known_at=NOW,
            fingerprint=bytes(16),
        )
        for vendor in VENDORS
    )
    return NextState(id=name, agreed=what, provenance={}, mappings=mappings)


def _asked(ledger: Ledger) -> Cost:
    """What an idle cycle asks for: once for the time, once for the memory, which takes time to
    count.
    """
    began = time.process_time()
    asyncio.run(_idle(ledger))
    seconds = time.process_time() - began
    tracemalloc.start()
    asyncio.run(_idle(ledger))
    _, memory = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Cost(seconds, memory)


async def _idle(ledger: Ledger) -> None:
    overview = await ledger.overview(POLICY)
    if any(len(index.entries) != IN_WINDOW for index in overview.indexes.values()):
        raise SystemExit("an overview does not hold the window, and it alone")
    if (await ledger.forget(NOW - KEPT, frozenset())).appointments:
        raise SystemExit("nothing is to be forgotten")


def _say(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
