"""What a cycle does a second time: merge records that moved under their operations, look for creates without an answer.

Nothing is created here: what these looks leave open is the next cycle's decision.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from syncd.engine.read.around import beside, stretches
from syncd.engine.read.observe import Observation
from syncd.engine.result import StepResult
from syncd.engine.store.ledger import Ledger
from syncd.engine.write.apply import Applier
from syncd.engine.write.refusals import refusal
from syncd.model.errors import Malformed, VendorError
from syncd.model.memory import Mapping, Memory
from syncd.model.plan import Adopt, Conflict, Create, Held, Outcome, Plan, Quarantined
from syncd.model.policy import Policy
from syncd.model.record import Absent, Complete, NotPolled, Partial, Record, Snapshot
from syncd.reconcile import reconcile
from syncd.vendors.port import Vendor

log = structlog.get_logger(__name__)

Observe = abc.Callable[[abc.Set[str]], abc.Awaitable[Observation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpResult:
    """What a follow-up came to: results that it overtook, appointments that need another cycle, and what is to be said.

    `held` and `quarantined` are those that this cycle's plan did not name.
    """

    overtaken: dict[str, StepResult] = field(default_factory=dict)
    unfinished: frozenset[str] = frozenset()
    conflicts: tuple[Conflict, ...] = ()
    held: tuple[Held, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    waiting: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class FollowUp:
    """The follow-ups of one cycle. `observe` reads some vendors anew.

    `unbelieved` are records, by vendor and id, that their vendor does not find, and that may be there all the same.
    """

    vendors: abc.Mapping[str, Vendor]
    ledger: Ledger
    clock: abc.Callable[[], datetime]
    policy: Policy
    now: datetime
    observe: Observe
    unbelieved: set[tuple[str, str]] = field(default_factory=set)

    async def merge(self, stale: abc.Set[str], observed: Observation, applier: Applier) -> FollowUpResult:
        """Read the records of appointments that moved under their operations, merge again, carry out what is left."""
        overview = await self.ledger.overview(list(self.vendors), self.policy.window.since)
        memory = await self.ledger.memory(stale, overview)
        glimpsed = {(vendor, remote_id): one for (_, vendor, remote_id), one in applier.glimpsed.items()}
        applier.glimpsed.clear()
        snapshots = await self._read_again(memory, observed, glimpsed)
        read = [one.records for one in snapshots.values() if isinstance(one, Partial)]
        records = [record for found in read for record in found.values()]
        await self.ledger.reach(overview, stretches(memory, records, self.policy))
        near = beside(memory, records, overview, self.policy) | _unanswered(observed, applier)
        around = await self.ledger.memory(near - stale, overview)
        memory = replace(memory, around=around.known)
        plan = reconcile(snapshots, memory, self.policy, self.now)
        await self.ledger.amend(applier.cycle, plan, memory)
        await self._leave_unbelieved(applier)
        overtaken = {
            key: result
            for key, result in applier.results.items()
            if result.outcome is Outcome.STALE
            and result.operation.appointment in stale
            and isinstance(snapshots[result.operation.vendor], Partial)
        }
        for key in overtaken:
            del applier.results[key]
        applier.latest.clear()
        await applier.carry_out(plan.operations)
        held = {entry.operation.appointment for entry in plan.held}
        waiting = {next_state.id for next_state in plan.next_states if next_state.needs_another_cycle}
        return FollowUpResult(
            overtaken=overtaken,
            unfinished=frozenset(held | waiting),
            conflicts=plan.conflicts,
            held=tuple(entry for entry in plan.held if entry.operation.id not in memory.held),
            quarantined=tuple(entry for entry in plan.quarantined if entry.new),
            waiting=plan.waiting,
            remarks=plan.remarks,
        )

    async def _leave_unbelieved(self, applier: Applier) -> None:
        """Leave alone what is to be written to ended records that a vendor does not find, if its word is not believed.

        No listing has to show them, so that they would be looked for in every cycle.
        """
        for key, result in applier.results.items():
            operation = result.operation
            place = (operation.vendor, operation.remote_id or "")
            ended = operation.mapping is not None and not operation.mapping.base.status.live
            if result.outcome is not Outcome.STALE or place not in self.unbelieved or not ended:
                continue
            reason = (
                f"{operation.vendor} says that its record {operation.remote_id} does not exist, and finds nothing else "
                "by which that could be believed: look there, then 'syncd quarantine release'"
            )
            applier.results[key] = replace(result, outcome=Outcome.QUARANTINED, error=reason)
            able = self.vendors[operation.vendor].capabilities
            await self.ledger.quarantine(applier.cycle, refusal(operation, able, None, reason))

    async def look_for_creates(self, applier: Applier) -> FollowUpResult:
        """List once more where a create got no answer, and adopt what it made."""
        unknown = [
            result
            for result in applier.results.values()
            if result.outcome is Outcome.UNKNOWN and isinstance(result.operation, Create)
        ]
        vendors = {result.operation.vendor for result in unknown}
        if not vendors or applier.stopping.is_set():
            return FollowUpResult()
        fresh = await self.observe(vendors)
        wanted = {result.operation.appointment for result in unknown}
        overview = await self.ledger.overview(list(self.vendors), self.policy.window.since)
        memory = await self.ledger.memory({*wanted, *(known.id for known in fresh.memory.known)}, overview)
        plan = reconcile(fresh.snapshots, memory, self.policy, self.now)
        found = {
            (o.appointment, o.vendor): o.remote_id
            for o in plan.operations
            if isinstance(o, Adopt) and o.appointment in wanted
        }
        adopted = {appointment for appointment, _ in found}
        next_states = tuple(
            replace(
                next_state,
                needs_another_cycle=True,
                settled=_settled_by_adoption(next_state.settled, memory, next_state.id, found),
            )
            for next_state in plan.next_states
            if next_state.id in adopted
        )
        conflicts = tuple(conflict for conflict in plan.conflicts if conflict.appointment in adopted)
        unlike = tuple(one for one in plan.unlike if one.appointment in adopted)
        await self.ledger.amend(
            applier.cycle, Plan(next_states=next_states, conflicts=conflicts, unlike=unlike), memory
        )
        for result in unknown:
            remote_id = found.get((result.operation.appointment, result.operation.vendor))
            if remote_id is not None:
                applier.results[result.operation.id] = replace(
                    result, outcome=Outcome.DONE, error="no answer came, but it is there", remote_id=remote_id
                )
        return FollowUpResult(conflicts=conflicts, unfinished=frozenset(adopted))

    async def _read_again(
        self, memory: Memory, observed: Observation, glimpsed: abc.Mapping[tuple[str, str], Record]
    ) -> dict[str, Snapshot]:
        """Snapshots that hold nothing but the present records of these appointments, or what was just seen of them."""
        snapshots: dict[str, Snapshot] = {}
        for name, earlier in observed.snapshots.items():
            mappings = [m for k in memory.known for m in k.mappings if m.vendor == name and m.tombstone is None]
            snapshots[name] = NotPolled(vendor=name)
            if not isinstance(earlier, Complete | Partial):
                continue
            try:
                records, gone = await self._read_records(self.vendors[name], mappings, observed, glimpsed)
            except (VendorError, Malformed) as error:
                log.warning("read_again_failed", vendor=name, error=str(error))
                continue
            snapshots[name] = Partial(
                vendor=name,
                window=earlier.window,
                started_at=earlier.started_at,
                ended_at=self.clock(),
                records=records,
                gone=gone - earlier.records.keys() - earlier.unchanged,  # the next listing says that of those
                listed=earlier.listed,
                live=earlier.live,
                clock_offset=earlier.clock_offset,
                reason="only single records were read again",
                again=True,
            )
        return snapshots

    async def _read_records(
        self,
        vendor: Vendor,
        mappings: abc.Sequence[Mapping],
        observed: Observation,
        glimpsed: abc.Mapping[tuple[str, str], Record],
    ) -> tuple[dict[str, Record], set[str]]:
        """Present records by id, and ids that are gone by the vendor's own word, given it still finds another."""
        records: dict[str, Record] = {}
        gone: set[str] = set()
        for mapping in mappings:
            seen = glimpsed.get((vendor.name, mapping.remote_id))
            answer = seen or await vendor.get(mapping.remote_id, mapping.base, mapping.guests)
            if isinstance(answer, Absent):
                gone.add(mapping.remote_id)
            else:
                records[mapping.remote_id] = replace(answer, raw=None, fingerprint=None)
        if gone and not records:
            listing = observed.listings[vendor.name]
            witness = listing.witness(gone)
            if witness is None or isinstance(await vendor.get(witness), Absent):
                self.unbelieved |= {(vendor.name, remote_id) for remote_id in gone}
                return {}, set()
        return records, gone


def _unanswered(observed: Observation, applier: Applier) -> set[str]:
    """Ids of the appointments with creates that got no answer: in this cycle, or before."""
    unknown = {result.operation.appointment for result in applier.results.values() if result.outcome is Outcome.UNKNOWN}
    return unknown | {known.id for known in observed.memory.known if known.unsettled}


def _settled_by_adoption(
    settled: tuple[str, ...], memory: Memory, appointment: str, found: abc.Mapping[tuple[str, str], str | None]
) -> tuple[str, ...]:
    """Of the settled creates those that were found; that one is *not* there is for the next cycle to say."""
    known = next(known for known in memory.known if known.id == appointment)
    return tuple(c.operation for c in known.unsettled if c.operation in settled and (appointment, c.vendor) in found)
