"""Four made-up vendors with different abilities, and short ways to build what reconciliation is given.

`crm` has versions and modification times, and never changes a title. `book` sets the end itself, cannot un-cancel, not
even a no-show, drops seconds and tells no modification time. `office` deletes for good and cuts titles short. `site`
knows pending, can un-cancel, carries syncd's mark, and shows neither titles nor phone numbers.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.model.appointment import ALL_FIELDS, Appointment, Client, Field, Status
from syncd.model.capabilities import Ability, Capabilities, EndFrom
from syncd.model.memory import Known, Mapping, Memory, Provenance, Quarantine, Waiting
from syncd.model.plan import Adopt, Cancel, Create, NextState, Plan, Quarantined, Reschedule, Step, Update
from syncd.model.policy import ConflictRule, Policy, Traits
from syncd.model.record import Complete, Partial, Record, Snapshot
from syncd.model.revision import Revisions
from syncd.model.times import Interval, Slot, Window
from syncd.reconcile import reconcile

NOW = datetime(2030, 3, 4, 8, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=2)
WINDOW = Window(since=NOW - timedelta(days=1), until=NOW + timedelta(days=90))

FULL = Ability(seen=True, created=True, updated=True)
BOOKED = Ability(seen=True, created=True)
SHOWN = Ability(seen=True)
SETTABLE = Ability(seen=True, updated=True)

JANE = Client(first_name="Jane", last_name="Smith", email="jane@example.com", phone="5550100")
OMAR = Client(first_name="Omar", last_name="Haddad", email="omar@example.com", phone="5550177")

CRM = Capabilities(
    fields={
        Field.SLOT: FULL,
        Field.STATUS: SETTABLE,
        Field.TITLE: BOOKED,
        Field.LOCATION: BOOKED,
        Field.NOTES: FULL,
        Field.CLIENTS: FULL,
        Field.SERVICE: BOOKED,
    },
    together=(frozenset({Field.SLOT, Field.STATUS}), frozenset({Field.CLIENTS, Field.NOTES})),
    statuses=frozenset({Status.SCHEDULED, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}),
    revisions=Revisions.ORDERED,
    modification_times=True,
    uncancels=True,
)
BOOK = Capabilities(
    fields={
        Field.SLOT: FULL,
        Field.STATUS: SETTABLE,
        Field.TITLE: SHOWN,
        Field.NOTES: FULL,
        Field.CLIENTS: FULL,
        Field.SERVICE: BOOKED,
    },
    together=(frozenset({Field.SLOT}), frozenset({Field.CLIENTS, Field.NOTES}), frozenset({Field.STATUS})),
    statuses=frozenset({Status.CANCELLED, Status.NO_SHOW}),
    ending=frozenset({Status.NO_SHOW}),
    end_from=EndFrom.TYPE,
    whole_minutes=True,
)
OFFICE = Capabilities(
    fields=dict.fromkeys(ALL_FIELDS - {Field.SERVICE, Field.STAFF}, FULL),
    together=(ALL_FIELDS - {Field.SERVICE, Field.STAFF},),
    statuses=frozenset({Status.SCHEDULED, Status.COMPLETED}),
    modification_times=True,
    soft_cancel=False,
    whole_minutes=True,
    sets_all_day=True,
)
SITE = Capabilities(
    fields={
        Field.SLOT: FULL,
        Field.STATUS: FULL,
        Field.NOTES: FULL,
        Field.CLIENTS: BOOKED,
        Field.SERVICE: BOOKED,
    },
    together=(frozenset({Field.SLOT}), frozenset({Field.STATUS}), frozenset({Field.NOTES})),
    statuses=frozenset({Status.PENDING, Status.SCHEDULED, Status.CANCELLED, Status.NO_SHOW}),
    create_statuses=frozenset({Status.SCHEDULED, Status.PENDING}),
    uncancels=True,
    whole_minutes=True,
    client_parts=frozenset({"first_name", "last_name", "email"}),
)
ABLE: dict[str, Capabilities] = {"crm": CRM, "book": BOOK, "office": OFFICE, "site": SITE}


def at(hour: int, minute: int = 0, *, day: int = 1, second: int = 0) -> datetime:
    """An instant, some days after NOW's day."""
    return datetime(2030, 3, 4, tzinfo=UTC) + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def slot(hour: int = 10, minute: int = 0, *, day: int = 1, minutes: int = 30) -> Slot:
    """A slot, some days after NOW's day."""
    start = at(hour, minute, day=day)
    return Slot(start=start, end=start + timedelta(minutes=minutes))


def visit(**values: Any) -> Appointment:
    """Jane's visit tomorrow at 10:00, with some values otherwise."""
    return replace(Appointment(slot=slot(), title="Visit", clients=(JANE,)), **values)


def as_shown(vendor: str, content: Appointment) -> Appointment:
    """An appointment with nothing but what the vendor shows of it."""
    able = ABLE[vendor]
    blank = Appointment(slot=content.slot)
    shown = blank.with_values({name: content.get(name) for name in able.seen})
    people = tuple(Client(**{part: getattr(client, part) for part in able.client_parts}) for client in shown.clients)
    return replace(shown, clients=people)


def record(vendor: str, content: Appointment | None = None, remote_id: str = "1", **more: Any) -> Record:
    """A record as its vendor shows it."""
    shown = as_shown(vendor, visit() if content is None else content)
    return replace(Record(vendor=vendor, remote_id=remote_id, content=shown, shows=ABLE[vendor].seen), **more)


def mapping(vendor: str, content: Appointment | None = None, remote_id: str = "1", **more: Any) -> Mapping:
    """A mapping whose record was last seen with this content, which its vendor took as agreed."""
    agreed = visit() if content is None else content
    made = Mapping(
        vendor=vendor,
        remote_id=remote_id,
        base=as_shown(vendor, agreed),
        shows=ABLE[vendor].seen,
        acknowledged=agreed,
        known_at=EARLIER,
    )
    return replace(made, **more)


def known(*mappings: Mapping, agreed: Appointment | None = None, **more: Any) -> Known:
    """A known appointment with these mappings."""
    first = mappings[0].acknowledged if mappings else visit()
    return replace(Known(id="a", agreed=first if agreed is None else agreed, mappings=mappings), **more)


def origin(vendor: str, *, minutes_ago: float = 60, text: str = "somebody did it") -> Provenance:
    """Why an agreed value is what it is."""
    moment = NOW - timedelta(minutes=minutes_ago)
    return Provenance(vendor=vendor, when=Interval(earliest=moment, latest=moment), text=text)


def listing(vendor: str, *records: Record, **more: Any) -> Complete:
    """A complete listing with these records new or changed; `unchanged` is the set of those whose fingerprint holds."""
    return Complete(**_listed(vendor, records, more))


def part(vendor: str, *records: Record, **more: Any) -> Partial:
    """A listing of which only these records arrived."""
    return Partial(reason="page 2 did not arrive", **_listed(vendor, records, more))


def _listed(vendor: str, records: abc.Sequence[Record], more: abc.Mapping[str, Any]) -> dict[str, Any]:
    unchanged = frozenset[str](more.get("unchanged", ()))
    return {
        "unchanged": unchanged,
        "read_before": True,
        "live": 100,
        "vendor": vendor,
        "window": WINDOW,
        "started_at": NOW - timedelta(seconds=2),
        "ended_at": NOW - timedelta(seconds=1),
        "records": {one.remote_id: one for one in records},
        "listed": len(records) + len(unchanged),
        **more,
    }


def rules(*vendors: str | Traits, **more: Any) -> Policy:
    """A policy over these vendors, in the order of their priority."""
    traits = tuple(v if isinstance(v, Traits) else Traits(name=v, capabilities=ABLE[v]) for v in vendors)
    return replace(Policy(vendors=traits, window=WINDOW), **more)


def plan_for(
    snapshots: abc.Iterable[Snapshot],
    *appointments: Known,
    policy: Policy | None = None,
    now: datetime = NOW,
    **memory: Any,
) -> Plan:
    """What reconciliation decides on these snapshots and known appointments."""
    seen = {snapshot.vendor: snapshot for snapshot in snapshots}
    return reconcile(seen, Memory(known=appointments, **memory), policy or rules(*sorted(seen)), now)


def left_alone(quarantined: abc.Iterable[Quarantined], since: datetime = EARLIER) -> tuple[Quarantine, ...]:
    """What a plan left alone, as it is remembered later."""
    return tuple(
        Quarantine(
            vendor=entry.vendor,
            key=entry.key,
            reason=entry.reason,
            appointment=entry.appointment,
            remote_id=entry.remote_id,
            since=since,
        )
        for entry in quarantined
    )


def waiting(plan: Plan) -> dict[str, Waiting]:
    """What the next cycle is told of what this one held."""
    return {
        one.operation.id: Waiting(
            reason=one.reason,
            vendor=one.operation.vendor,
            appointment=one.operation.appointment,
            values={name: new for name, (_, new) in one.operation.changes.items()},
        )
        for one in plan.held
        if not one.doubtful
    }


def told(plan: Plan) -> list[str]:
    """The plan's operations, one short text each: `move book slot`."""
    return [_told(operation) for operation in plan.operations]


def _told(operation: Step) -> str:
    fields = " ".join(operation.changes)
    match operation:
        case Create():
            return f"create {operation.vendor}"
        case Cancel():
            return f"cancel {operation.vendor}"
        case Adopt():
            return f"adopt {operation.vendor}"
        case Reschedule():
            return f"move {operation.vendor} {fields}"
        case Update():
            return f"update {operation.vendor} {fields}"


def only(plan: Plan) -> NextState:
    """The one appointment of a plan, as it will be remembered."""
    [next_state] = plan.next_states
    return next_state


def again(plan: Plan, next_state: NextState | None = None) -> Known:
    """What is known in the next cycle of a plan's only appointment, if no operation was carried out."""
    kept = next_state or only(plan)
    return Known(id=kept.id, agreed=kept.agreed, provenance=kept.provenance, mappings=kept.mappings)


def ago(seconds: float) -> Any:
    """A moment before NOW."""
    return NOW - timedelta(seconds=seconds)


def merged(*changed: Record, policy: Policy | None = None, before: Known | None = None) -> Plan:
    """The plan after these records changed and those of the other vendors did not."""
    everyone = policy or rules("crm", "office", "site")
    by_vendor = {one.vendor: one for one in changed}
    snapshots: list[Snapshot] = [
        listing(v.name, by_vendor[v.name]) if v.name in by_vendor else listing(v.name, unchanged={"1"})
        for v in everyone.vendors
    ]
    return plan_for(snapshots, before or known(*(mapping(v.name) for v in everyone.vendors)), policy=everyone)


NEWEST, PRIORITY, MANUAL = ConflictRule.NEWEST, ConflictRule.PRIORITY, ConflictRule.MANUAL
NOON, THREE = slot(12), slot(15)
GONE = visit(status=Status.CANCELLED)
