"""A small world in which plans are carried out: vendors keep what they can, people edit, and a memory follows.

Nothing here decides anything. `carry_out` does what the engine does, without journal or network: outlooks are
remembered first, then each operation is done, refused, or done without anybody hearing of it.
"""

from __future__ import annotations

import hashlib
from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from syncd.compare.attribution import shown_over
from syncd.compare.identity import content_key
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known, Mapping, Memory, UnsettledCreate, Waiting
from syncd.model.plan import Adopt, Cancel, Create, NextState, Plan, Step
from syncd.model.policy import Policy
from syncd.model.record import Complete, Failed, NotPolled, Partial, Record, Snapshot
from syncd.model.times import Slot
from syncd.reconcile import reconcile
from tests.reconcile.world import ABLE, NOW, WINDOW, as_shown, waiting

TITLE_LENGTH = 8
MARKED = frozenset({"site"})


class Luck(Enum):
    """What becomes of an operation."""

    DONE = auto()
    FAILED = auto()
    LOST = auto()  # sent, not done, and nobody knows
    UNHEARD = auto()  # done, and nobody knows


class Weather(Enum):
    """How a vendor's listing comes in."""

    CLEAR = auto()
    PARTIAL = auto()
    DOWN = auto()
    UNASKED = auto()


@dataclass(frozen=True)
class World:
    """Every vendor's records, what syncd remembers, and the time. A value: each step gives another world."""

    records: abc.Mapping[tuple[str, str], Record]
    known: abc.Mapping[str, Known] = field(default_factory=dict)
    seen_at: abc.Mapping[str, datetime] = field(default_factory=dict)
    now: datetime = NOW
    made: int = 0
    held: abc.Mapping[str, Waiting] = field(default_factory=dict)
    approved: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    """Vendors that do not say of any record that it does not exist."""

    def at(self, vendor: str) -> dict[str, Record]:
        """A vendor's records by their ids."""
        return {key: one for (name, key), one in self.records.items() if name == vendor}

    def memory(self) -> Memory:
        """What reconciliation is told of earlier cycles."""
        known = tuple(self._remembered(self.known[key]) for key in sorted(self.known))
        return Memory(known=known, approved=self.approved, held=self._waiting())

    def _waiting(self) -> dict[str, Waiting]:
        return {key: why for key, why in self.held.items() if key not in self.approved}

    def _remembered(self, known: Known) -> Known:
        return replace(known, mappings=tuple(self._seen(mapping) for mapping in known.mappings))

    def _seen(self, mapping: Mapping) -> Mapping:
        """A complete listing of the window shows that the base still held when it began."""
        seen = self.seen_at.get(mapping.vendor)
        if seen is None or mapping.base.slot.start not in WINDOW:
            return mapping
        return replace(mapping, known_at=max(mapping.known_at, seen))


def kept_by(vendor: str, wanted: Appointment, before: Appointment | None = None) -> Appointment:
    """What a vendor makes of an appointment: the end of its own, whole minutes, a title cut short, digits alone."""
    able = ABLE[vendor]
    start, end = wanted.slot.start, wanted.slot.end
    if able.whole_minutes:
        start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    if not able.end_can_be_set:
        end = start + (before.slot.duration if before else timedelta(minutes=50))
    shown = as_shown(vendor, replace(wanted, slot=Slot(start=start, end=max(end, start + timedelta(minutes=1)))))
    clients = shown.clients
    if vendor == "book":
        clients = tuple(replace(client, phone=client.digits) for client in clients)
    title = shown.title[:TITLE_LENGTH] if vendor == "office" else shown.title
    return replace(shown, title=title, clients=clients, notes=shown.notes.strip())


def insert(world: World, vendor: str, content: Appointment, *, token: str | None = None) -> World:
    """A new record at a vendor."""
    key = f"{vendor[0]}{world.made}"
    able = ABLE[vendor]
    made = Record(
        vendor=vendor,
        remote_id=key,
        content=content,
        shows=able.seen,
        revision=1 if able.guards_writes else None,
        modified_at=world.now if able.modification_times else None,
        token=token if vendor in MARKED else None,
    )
    return _with(replace(world, made=world.made + 1), made)


def put(world: World, old: Record, content: Appointment) -> World:
    """A record's new content, with the version and the time that its vendor gives it."""
    version = old.revision + 1 if isinstance(old.revision, int) else old.revision
    modified = world.now if ABLE[old.vendor].modification_times else None
    return _with(world, replace(old, content=content, revision=version, modified_at=modified))


def remove(world: World, vendor: str, remote_id: str) -> World:
    """A record deleted for good."""
    return replace(world, records={key: one for key, one in world.records.items() if key != (vendor, remote_id)})


def renumber(world: World, vendor: str, ids: abc.Iterable[str]) -> World:
    """Records of a vendor under new ids, written for the first time."""
    for key in ids:
        old = world.records[vendor, key]
        world = insert(remove(world, vendor, key), vendor, old.content, token=old.token)
    return world


def later(world: World, minutes: float = 2) -> World:
    """The same, a while later."""
    return replace(world, now=world.now + timedelta(minutes=minutes))


def observe(world: World, vendors: abc.Iterable[str], weather: abc.Mapping[str, Weather]) -> dict[str, Snapshot]:
    """What a cycle sees: every second record of a partial listing, and nothing of a vendor that is down."""
    seen: dict[str, Snapshot] = {}
    for vendor in vendors:
        match weather.get(vendor, Weather.CLEAR):
            case Weather.DOWN:
                seen[vendor] = Failed(vendor=vendor, reason=f"{vendor} does not answer")
            case Weather.UNASKED:
                seen[vendor] = NotPolled(vendor=vendor)
            case Weather.CLEAR:
                seen[vendor] = _listing(world, vendor, world.at(vendor))
            case Weather.PARTIAL:
                half = dict(sorted(world.at(vendor).items())[::2])
                whole = _listing(world, vendor, half)
                shared = {
                    name: getattr(whole, name) for name, given in Complete.__dataclass_fields__.items() if given.init
                }
                seen[vendor] = Partial(
                    reason="page 2 did not arrive", **(shared | {"gone": frozenset(), "doubtful": {}})
                )
    return seen


def _listing(world: World, vendor: str, present: abc.Mapping[str, Record]) -> Complete:
    mappings = [m for known in world.known.values() for m in known.mappings if m.vendor == vendor]
    prints = {m.remote_id: m.fingerprint for m in mappings}
    rows = {key: replace(one, fingerprint=_print(one)) for key, one in present.items()}
    unchanged = {key for key, one in rows.items() if prints.get(key) == one.fingerprint}
    live = [m for m in mappings if m.tombstone is None and m.base.status.live]
    gone = {m.remote_id for m in live if (vendor, m.remote_id) not in world.records}
    silent = vendor in world.silent
    return Complete(
        vendor=vendor,
        window=WINDOW,
        started_at=world.now,
        ended_at=world.now + timedelta(seconds=1),
        records={key: one for key, one in rows.items() if key not in unchanged},
        unchanged=unchanged,
        gone=frozenset() if silent else gone,
        doubtful=dict.fromkeys(gone, "it gave no clear answer") if silent else {},
        listed=len(rows),
        live=len(live),
        expected=len(live),
        clock_offset=0.0,
        read_before=vendor in world.seen_at,
    )


def cycle(
    world: World,
    policy: Policy,
    weather: abc.Mapping[str, Weather] | None = None,
    luck: abc.Callable[[Step], Luck] = lambda _: Luck.DONE,
) -> tuple[World, Plan]:
    """One cycle, and a while after it."""
    snapshots = observe(world, [traits.name for traits in policy.vendors], weather or {})
    plan = reconcile(snapshots, world.memory(), policy, world.now)
    seen = {name: shot.started_at for name, shot in snapshots.items() if isinstance(shot, Complete)}
    world = replace(world, seen_at={**world.seen_at, **seen})
    return later(carry_out(plan, later(world, 0.1), luck)), plan


def carry_out(plan: Plan, world: World, luck: abc.Callable[[Step], Luck] = lambda _: Luck.DONE) -> World:
    """The world after a plan: what it decided is remembered, and its operations are sent."""
    known = {**world.known, **{o.id: _remember(o, world.known.get(o.id)) for o in plan.next_states}}
    world = replace(world, known=known, held=waiting(plan))
    for operation in plan.operations:
        match operation:
            case Adopt():
                continue
            case Create():
                world = _create(world, operation, luck(operation))
            case Cancel():
                world = _cancel(world, operation, luck(operation))
            case _:
                world = _write(world, operation, luck(operation))
    return world


def _remember(next_state: NextState, before: Known | None) -> Known:
    mappings = {(m.vendor, m.remote_id): m for m in (before.mappings if before else ())}
    mappings |= {(m.vendor, m.remote_id): m for m in next_state.mappings}
    return Known(
        id=next_state.id,
        agreed=next_state.agreed,
        provenance=next_state.provenance,
        mappings=tuple(mappings.values()),
        unsettled=tuple(_open_after(next_state, before)),
        late=tuple(_late_after(next_state, before)),
    )


def _open_after(next_state: NextState, before: Known | None) -> abc.Iterator[UnsettledCreate]:
    for create in before.unsettled if before else ():
        if create.operation not in (*next_state.settled, *next_state.given_up):
            yield replace(create, missed=create.missed + (create.operation in next_state.missed))


def _late_after(next_state: NextState, before: Known | None) -> abc.Iterator[UnsettledCreate]:
    late = (*before.late, *before.unsettled) if before else ()
    known = {create.operation for create in before.late} if before else set()
    for create in late:
        if create.operation not in next_state.settled and create.operation in {*known, *next_state.given_up}:
            yield create


def _create(world: World, operation: Create, luck: Luck) -> World:
    target, vendor, token = operation.target, operation.vendor, f"t{world.made}"
    if luck is Luck.FAILED:
        return world
    known = world.known[operation.appointment]
    if luck is not Luck.DONE:
        sent = UnsettledCreate(operation=token, vendor=vendor, intended=target, token=token, intended_at=world.now)
        known = replace(known, unsettled=(*known.unsettled, sent))
        world = replace(world, known={**world.known, known.id: known}, made=world.made + 1)
    if luck is Luck.LOST:
        return world
    able = ABLE[vendor]
    status = target.status if target.status in able.create_statuses else Status.SCHEDULED
    blank = Appointment(slot=target.slot, status=status)
    sent_values = {name: target.get(name) for name in able.fields if able.ability(name).created}
    content = kept_by(vendor, blank.with_values(sent_values | {Field.STATUS: status}))
    world = insert(world, vendor, content, token=token)
    if luck is Luck.UNHEARD:
        return world
    made = world.records[vendor, f"{vendor[0]}{world.made - 1}"]
    return _mapped(
        world,
        operation,
        Mapping(
            vendor=vendor,
            remote_id=made.remote_id,
            base=shown_over(target, made),
            shows=made.shows,
            acknowledged=target,
            known_at=world.now,
            revision=made.revision,
            modified_at=made.modified_at,
        ),
    )


def _write(world: World, operation: Step, luck: Luck) -> World:
    before, current = _before(world, operation)
    if luck is Luck.FAILED:
        return world
    if current is None:
        return _mapped(world, operation, _deleted(before))
    fields = frozenset(operation.changes)
    if luck is not Luck.DONE:
        world = _mapped(world, operation, replace(before, in_flight=operation.target, in_flight_fields=fields))
    if luck is Luck.LOST:
        return world
    wanted = current.content.with_values({name: operation.target.get(name) for name in fields})
    world = put(world, current, kept_by(operation.vendor, wanted, current.content))
    kept = world.records[operation.vendor, current.remote_id]
    if luck is Luck.UNHEARD:
        return world
    after = replace(
        before,
        base=before.base.with_values({name: kept.content.get(name) for name in fields & kept.shows}),
        acknowledged=before.acknowledged.with_values({name: operation.target.get(name) for name in fields}),
        known_at=world.now,
        fingerprint=None,
        revision=kept.revision,
        modified_at=kept.modified_at or before.modified_at,
        in_flight=None,
    )
    return _mapped(world, operation, after)


def _cancel(world: World, operation: Cancel, luck: Luck) -> World:
    if ABLE[operation.vendor].soft_cancel:
        return _write(world, operation, luck)
    before, current = _before(world, operation)
    if luck is Luck.FAILED or current is None:
        return world
    if luck is not Luck.DONE:
        pending = frozenset({Field.STATUS})
        world = _mapped(world, operation, replace(before, in_flight=operation.target, in_flight_fields=pending))
    if luck is Luck.LOST:
        return world
    world = remove(world, operation.vendor, before.remote_id)
    if luck is Luck.UNHEARD:
        return world
    return _mapped(world, operation, _deleted(before))


def _deleted(mapping: Mapping) -> Mapping:
    ended = mapping.base.with_values({Field.STATUS: Status.CANCELLED})
    return replace(
        mapping, base=ended, acknowledged=ended, fingerprint=None, in_flight=None, tombstone="it is not there"
    )


def _before(world: World, operation: Step) -> tuple[Mapping, Record | None]:
    """The mapping as this cycle's earlier operations left it, and the record if it is as it was planned on."""
    known = world.known[operation.appointment]
    mappings = [m for m in known.mappings if (m.vendor, m.remote_id) == (operation.vendor, operation.remote_id)]
    return mappings[0], world.records.get((operation.vendor, operation.remote_id or ""))


def _mapped(world: World, operation: Step, mapping: Mapping) -> World:
    known = world.known[operation.appointment]
    others = tuple(m for m in known.mappings if (m.vendor, m.remote_id) != (mapping.vendor, mapping.remote_id))
    return replace(world, known={**world.known, known.id: replace(known, mappings=(*others, mapping))})


def _with(world: World, one: Record) -> World:
    return replace(world, records={**world.records, (one.vendor, one.remote_id): one})


def _print(one: Record) -> bytes:
    return hashlib.sha256(f"{content_key(one.content)} {one.revision} {one.modified_at}".encode()).digest()
