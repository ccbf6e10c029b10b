"""Blocked time, made and removed at its vendors, and which of it is remembered.

No entry of the journal is needed: what came of a request the next listing shows, by the mark that a
block carries, and one too many is removed then (`reconcile.plan.blocking`). What is remembered are
ids alone: a block that a listing leaves out is asked for by its own before another is made.
"""

from __future__ import annotations

from collections import abc, defaultdict

from syncd.engine.store.blocks import keep_blocks
from syncd.engine.store.ledger import Ledger
from syncd.engine.write.apply import Applier
from syncd.engine.write.journal import Ended, ended
from syncd.model.errors import Malformed, Stale, VendorError
from syncd.model.memory import Memory
from syncd.model.plan import Create, Outcome, Step
from syncd.model.record import Listed, Snapshot
from syncd.vendors.port import Uncertain, Vendor


async def carry_out_blocks(
    steps: abc.Iterable[Step],
    snapshots: abc.Mapping[str, Snapshot],
    memory: Memory,
    applier: Applier,
    ledger: Ledger,
) -> None:
    """Carry these out one after the other, until the process is to stop."""
    made = _standing(snapshots)
    for step in steps:
        if applier.stopping.is_set():
            break
        vendor = applier.vendors[step.vendor]
        end = await _attempt(vendor, step, applier.shut.get(vendor.name))
        applier.take_in(step, end)
        if end.result.outcome is Outcome.DONE and end.result.remote_id is not None:
            there = made[vendor.name]
            change = there.add if isinstance(step, Create) else there.discard
            change(end.result.remote_id)
    changed = {name: ids for name, ids in made.items() if ids != memory.blocks.get(name, set())}
    if changed:
        await ledger.write(keep_blocks, changed)


def _standing(snapshots: abc.Mapping[str, Snapshot]) -> dict[str, set[str]]:
    """The blocks that last, by vendor, as far as blocks were listed."""
    made: dict[str, set[str]] = defaultdict(set)
    for name, snapshot in snapshots.items():
        if isinstance(snapshot, Listed) and snapshot.blocks is not None:
            lasting = [one for one in snapshot.blocks if one.slot.end > snapshot.ended_at]
            made[name] = {one.id for one in lasting}
    return made


async def _attempt(vendor: Vendor, step: Step, shut: str | None) -> Ended:
    if shut is not None:
        return ended(step, Outcome.FAILED, shut)
    try:
        if isinstance(step, Create):
            answer = await vendor.block(step.target, step.appointment)
        else:
            answer = await vendor.unblock(step.remote_id or "")
    except Stale:  # it is gone, as it was to be
        return ended(step, Outcome.DONE)
    except (VendorError, Malformed) as error:
        return ended(step, Outcome.FAILED, str(error))
    if isinstance(answer, Uncertain):
        return ended(step, Outcome.UNKNOWN, f"{answer.reason}; the next cycle looks")
    return ended(step, Outcome.DONE, remote_id=answer.remote_id)
