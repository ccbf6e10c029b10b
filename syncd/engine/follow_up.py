"""What a cycle does a second time: merge records that moved, look for creates without an answer.

Nothing is concluded here that a part of the vendors cannot show (`permitted`): what these looks
leave open is the next cycle's decision.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from syncd.engine.permitted import newly_said, only_adoptions
from syncd.engine.read.absence import Absence
from syncd.engine.read.around import surrounded
from syncd.engine.read.listing import Listing, mappings_at
from syncd.engine.read.observe import Observation, Observer
from syncd.engine.write.apply import Applier
from syncd.logs.lean import structlog
from syncd.model.errors import Malformed, VendorError
from syncd.model.memory import Mapping, Memory
from syncd.model.plan import Create, Outcome, Plan
from syncd.model.record import Absent, Complete, Listed, NotPolled, Partial, Record, Snapshot
from syncd.reconcile import reconcile

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class FollowUp:
    """The follow-ups of one cycle, whose `observer` reads some vendors anew.

    `unbelieved` are records, by vendor and id, that their vendor does not find, and that may be
    there all the same.
    """

    observer: Observer
    now: datetime
    unbelieved: set[tuple[str, str]] = field(default_factory=set)

    async def merge(self, stale: abc.Set[str], observed: Observation, applier: Applier) -> Plan:
        """Read the records of these appointments, merge again, carry out what is left.

        The plan of that, without what this cycle has said before.

        09:00 planned: the office's record to 16:00, as the CRM's was moved there
        09:01 it is looked at: somebody at the office has moved it to 18:00; nothing is written
        09:01 both are read and merged: the later change wins, here or there
        """
        ledger, policy = self.observer.ledger, self.observer.policy
        overview = await ledger.overview(policy)
        memory = await ledger.memory(stale, overview)
        snapshots = await self._read_again(memory, observed, applier.take_glimpsed())
        again = [snapshot for snapshot in snapshots.values() if isinstance(snapshot, Partial)]
        records = list(chain.from_iterable(snapshot.records.values() for snapshot in again))
        memory = await surrounded(ledger, overview, memory, records, _unanswered(observed, applier))
        plan = reconcile(snapshots, memory, policy, self.now)
        await ledger.amend(applier.journal.cycle, plan, memory)
        await self._leave_unbelieved(applier)
        # Only at vendors that were read again: elsewhere the word of the first plan still stands.
        applier.overtake(stale, {snapshot.vendor for snapshot in again})
        await applier.carry_out(plan.operations)
        return newly_said(plan, memory)

    async def _leave_unbelieved(self, applier: Applier) -> None:
        """Leave ended records alone that a vendor does not find, if its word is not believed.

        No listing has to show them, so that they would be looked for in every cycle.
        """
        for result in applier.ending(Outcome.STALE):
            operation, mapping = result.operation, result.operation.mapping
            ended = mapping is not None and not mapping.base.status.live
            if ended and (operation.vendor, operation.remote_id) in self.unbelieved:
                reason = (
                    f"{operation.vendor} says that its record {operation.remote_id} does not "
                    "exist, and finds nothing else by which that could be believed: look there, "
                    "then 'syncd quarantine release'"
                )
                await applier.leave_alone(result, reason)

    async def look_for_creates(self, applier: Applier) -> Plan:
        """List once more where a create got no answer, and adopt what it made; the plan of that."""
        ended = applier.ending(Outcome.UNKNOWN)
        # Of a change without an answer the record itself tells: only a create leaves none to ask.
        unknown = [result for result in ended if isinstance(result.operation, Create)]
        if not unknown or applier.stopping.is_set():
            return Plan()
        ledger, policy = self.observer.ledger, self.observer.policy
        fresh = await self.observer.observe({result.operation.vendor for result in unknown})
        wanted = {result.operation.appointment for result in unknown}
        # Read once more: while it was listed an operator may have decided something.
        overview = await ledger.overview(policy)
        concerned = wanted | {known.id for known in fresh.memory.known}
        memory = await ledger.memory(concerned, overview)
        plan = reconcile(fresh.snapshots, memory, policy, self.now)
        # One vendor was listed: what else seems new or missing may be explained by the others.
        plan = only_adoptions(plan, wanted, memory)
        await ledger.amend(applier.journal.cycle, plan, memory)
        found = {(one.appointment, one.vendor): one.remote_id for one in plan.operations}
        for result in unknown:
            place = (result.operation.appointment, result.operation.vendor)
            applier.answered(result, found.get(place))
        return plan

    async def _read_again(
        self, memory: Memory, observed: Observation, glimpsed: abc.Mapping[tuple[str, str], Record]
    ) -> dict[str, Snapshot]:
        """Snapshots of nothing but these appointments' records, as they are, or were just seen."""
        snapshots: dict[str, Snapshot] = {}
        for name, earlier in observed.snapshots.items():
            # Until its records are read again nothing is known of it beyond its bases.
            snapshots[name] = NotPolled(vendor=name)
            if not isinstance(earlier, Complete | Partial):
                continue
            here = mappings_at(name, memory).values()
            there = [one for one in here if one.tombstone is None]
            try:
                records, absence = await self._read_records(
                    observed.listings[name], earlier, there, glimpsed
                )
            except (VendorError, Malformed) as error:
                log.warning("read_again_failed", vendor=name, error=str(error))
                continue
            listed = earlier.records.keys() | earlier.unchanged
            snapshots[name] = Partial(
                vendor=name,
                window=earlier.window,
                started_at=earlier.started_at,
                ended_at=self.observer.clock(),
                records=records,
                # Of a record that was just listed, the next listing says whether it is gone.
                gone=absence.gone - listed,
                vanished=_vanished(there, absence) & listed - records.keys(),
                unbelieved=absence.unbelieved,
                doubtful=absence.doubtful,
                listed=earlier.listed,
                live=earlier.live,
                clock_offset=earlier.clock_offset,
                reason="only single records were read again",
                again=True,
            )
        return snapshots

    async def _read_records(
        self,
        listing: Listing,
        earlier: Listed,
        mappings: abc.Sequence[Mapping],
        glimpsed: abc.Mapping[tuple[str, str], Record],
    ) -> tuple[dict[str, Record], Absence]:
        """Present records by id, and what is known of the others. What was doubtful as it was
        listed is so still, unless the record is there.

        09:00 four of five are missing at the office at once: none is asked for, and all is held
        09:01 at the CRM one of the four is edited under a write, and all its records are read again
        09:01 the office does not find it: that was held a minute ago, and is so still
        """
        vendor, absence = listing.vendor, Absence(listing.vendor, listing.window, listing.listed)
        records: dict[str, Record] = {}
        held = dict[str, str]()
        for mapping in mappings:
            seen = glimpsed.get((vendor.name, mapping.remote_id))
            answer = seen or await vendor.get(mapping.remote_id, mapping.base, mapping.guests)
            # What was glimpsed counts: the write may be carried out yet, and hide that edit.
            if not isinstance(answer, Absent):
                records[mapping.remote_id] = replace(answer, raw=None, fingerprint=None)
            elif mapping.remote_id in earlier.doubtful:
                held[mapping.remote_id] = earlier.doubtful[mapping.remote_id]
            else:
                absence.not_found(answer, earlier.unbelieved.get(mapping.remote_id, ""))
        await absence.doubt_unless(records)
        self.unbelieved |= {(vendor.name, remote_id) for remote_id in absence.doubtful}
        # Of what else is doubted now nothing is known: the next listing tells.
        absence.doubtful = held
        return records, absence


def _vanished(mappings: abc.Iterable[Mapping], absence: Absence) -> set[str]:
    """The records that are asked for; none at a vendor that does not find another one either."""
    return set() if absence.finds is False else {one.remote_id for one in mappings}


def _unanswered(observed: Observation, applier: Applier) -> set[str]:
    """Ids of the appointments with creates that got no answer: in this cycle, or before."""
    unknown = {result.operation.appointment for result in applier.ending(Outcome.UNKNOWN)}
    return unknown | {known.id for known in observed.memory.known if known.unsettled}
