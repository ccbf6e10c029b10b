"""Whatever reconciliation is given, it answers, and keeps to a few rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.compare.atoms import CLIENTS, Atom, client_changes
from syncd.model.appointment import ALL_FIELDS, Appointment, Client, Field, Status
from syncd.model.memory import Known, Mapping, Memory, Provenance, Quarantine, UnsettledCreate
from syncd.model.plan import Adopt, Create, Plan
from syncd.model.policy import ConflictRule, Guard, Limit, Policy
from syncd.model.record import BadRow, Complete, Failed, NotPolled, Partial, Record, Snapshot
from syncd.model.times import Interval, Slot
from syncd.reconcile import reconcile
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.merge.merge import merge
from tests.reconcile.world import ABLE, NOW, WINDOW, rules

VENDORS = ("crm", "book", "office", "site")
STRANGERS = (*VENDORS, "unconfigured")
KEYS = st.sampled_from(("1", "2", "3"))
MOMENTS = st.sampled_from([NOW + timedelta(hours=hours) for hours in (-40, -1, 0, 1, 26, 26.01, 3000)])
SLOTS = st.builds(
    lambda start, minutes, whole: Slot(start=start, end=start + timedelta(minutes=minutes), all_day=whole),
    MOMENTS,
    st.sampled_from((30, 60)),
    st.booleans(),
)
PEOPLE = st.builds(
    Client,
    first_name=st.sampled_from(("", "Jane", "Omar")),
    last_name=st.sampled_from(("", "Smith")),
    email=st.sampled_from(("", "jane@example.com", "jane@example.com, omar@example.com")),
    phone=st.sampled_from(("", "555 0100", "+1-555-0100", "0")),
)
CONTENTS = st.builds(
    Appointment,
    slot=SLOTS,
    status=st.sampled_from(Status),
    title=st.sampled_from(("", "Visit", "visit ", "#1")),
    notes=st.sampled_from(("", "Ring")),
    clients=st.lists(PEOPLE, max_size=2).map(tuple),
    service=st.sampled_from((None, "Showing", "#9")),
)
FIELD_SETS = st.one_of(st.just(ALL_FIELDS), st.frozensets(st.sampled_from(Field)))
VERSIONS = st.sampled_from((None, 1, 2))
MAPPINGS = st.builds(
    Mapping,
    vendor=st.sampled_from(STRANGERS),
    remote_id=KEYS,
    base=CONTENTS,
    shows=FIELD_SETS,
    acknowledged=CONTENTS,
    known_at=MOMENTS,
    fingerprint=st.sampled_from((None, b"x")),
    revision=VERSIONS,
    modified_at=st.none() | MOMENTS,
    in_flight=st.none() | CONTENTS,
    in_flight_fields=FIELD_SETS,
    tombstone=st.sampled_from((None, None, "deleted")),
)
ORIGINS = st.builds(
    lambda vendor, one, other: Provenance(
        vendor=vendor, when=Interval(earliest=min(one, other), latest=max(one, other)), text="somebody did it"
    ),
    st.sampled_from(STRANGERS),
    MOMENTS,
    MOMENTS,
)
CREATES = st.builds(
    UnsettledCreate,
    operation=KEYS,
    vendor=st.sampled_from(STRANGERS),
    intended=CONTENTS,
    token=KEYS,
    intended_at=MOMENTS,
)
APPOINTMENTS = st.lists(
    st.builds(
        Known,
        id=st.sampled_from("abc"),
        agreed=CONTENTS,
        provenance=st.dictionaries(st.sampled_from(Field), ORIGINS, max_size=3),
        mappings=st.lists(MAPPINGS, max_size=5, unique_by=lambda m: (m.vendor, m.remote_id)).map(tuple),
        unsettled=st.lists(CREATES, max_size=2, unique_by=lambda c: c.operation).map(tuple),
    ),
    max_size=3,
    unique_by=lambda known: known.id,
).map(tuple)
MEMORIES = st.builds(
    Memory,
    known=APPOINTMENTS,
    quarantines=st.just((Quarantine(vendor="crm", key="k", reason="r"),)),
    approved=st.just(frozenset({"k"})),
)


def records(vendor: str) -> st.SearchStrategy[dict[str, Record]]:
    """Some records of a vendor, of any look."""
    one = st.builds(
        Record,
        vendor=st.just(vendor),
        remote_id=KEYS,
        content=CONTENTS,
        shows=FIELD_SETS,
        whole=st.booleans(),
        revision=VERSIONS,
        modified_at=st.none() | MOMENTS,
        other_readings=st.lists(SLOTS, max_size=1).map(tuple),
        token=st.none() | KEYS,
    )
    return st.lists(one, max_size=3, unique_by=lambda r: r.remote_id).map(lambda some: {r.remote_id: r for r in some})


def snapshots_of(vendor: str) -> st.SearchStrategy[Snapshot | None]:
    """Any snapshot of a vendor, or none."""
    row = st.builds(BadRow, vendor=st.just(vendor), remote_id=st.none() | KEYS, reason=st.just("bad"))
    listed: dict[str, st.SearchStrategy[Any]] = {
        "vendor": st.just(vendor),
        "window": st.just(WINDOW),
        "started_at": st.just(NOW - timedelta(seconds=9)),
        "ended_at": st.just(NOW),
        "records": records(vendor),
        "unchanged": st.frozensets(KEYS),
        "unread": records(vendor),
        "bad_rows": st.lists(row, max_size=2).map(tuple),
        "gone": st.frozensets(KEYS),
        "doubtful": st.dictionaries(KEYS, st.just("no clear answer"), max_size=1),
        "listed": st.integers(0, 3),
        "live": st.integers(0, 3),
        "expected": st.integers(0, 3),
        "clock_offset": st.sampled_from((None, -90.0, 0.0)),
        "read_before": st.booleans(),
    }
    return st.one_of(
        st.none(),
        st.builds(Failed, vendor=st.just(vendor), reason=st.just("down")),
        st.builds(NotPolled, vendor=st.just(vendor)),
        st.builds(Complete, **listed),
        st.builds(Partial, reason=st.just("half"), **listed),
    )


SNAPSHOTS = st.tuples(*(snapshots_of(vendor) for vendor in STRANGERS)).map(
    lambda some: {snapshot.vendor: snapshot for snapshot in some if snapshot is not None}
)
POLICIES = st.builds(
    lambda order, rule, wins, guard: rules(*order, conflict=rule, cancel_wins=wins, guard=guard),
    st.permutations(VENDORS),
    st.sampled_from(ConflictRule),
    st.booleans(),
    st.sampled_from((Guard(), Guard(max_cancels=Limit(count=0, percent=0)))),
)


@given(SNAPSHOTS, MEMORIES, POLICIES)
def test_it_answers_the_same_to_the_same_and_keeps_to_the_rules(
    snapshots: dict[str, Snapshot], memory: Memory, policy: Policy
) -> None:
    """It never fails, decides the same twice and in whatever order vendors are given, and keeps to a few rules."""
    plan = reconcile(snapshots, memory, policy, NOW)
    turned: dict[str, Snapshot] = dict(reversed(snapshots.items()))
    assert plan == reconcile(turned, memory, policy, NOW)
    names_are_unique(plan)
    only_what_was_read_is_written(plan, snapshots)
    nothing_is_forgotten(plan, memory)


def names_are_unique(plan: Plan) -> None:
    """Every operation, held or not, and every quarantine has a name of its own."""
    ids = [o.id for o in plan.operations] + [held.operation.id for held in plan.held]
    assert len(ids) == len(set(ids))
    keys = [(entry.vendor, entry.key) for entry in plan.quarantined]
    assert len(keys) == len(set(keys))
    linked = [(m.vendor, m.remote_id) for o in plan.next_states for m in o.mappings if m.vendor in VENDORS]
    fresh = {(o.vendor, o.remote_id or "") for o in plan.operations if isinstance(o, Adopt)}
    assert all(linked.count(one) == 1 for one in fresh)


def only_what_was_read_is_written(plan: Plan, snapshots: dict[str, Snapshot]) -> None:
    """No operation goes to a vendor that was not read, and no create to one that was not read completely."""
    for operation in plan.operations:
        snapshot = snapshots.get(operation.vendor)
        assert isinstance(snapshot, Complete | Partial)
        if isinstance(operation, Create):
            assert isinstance(snapshot, Complete)
            assert NOW < operation.target.slot.start < WINDOW.until
        elif not isinstance(operation, Adopt):
            assert operation.mapping
            assert all(ABLE[operation.vendor].ability(f).updated for f in operation.changes)


def nothing_is_forgotten(plan: Plan, memory: Memory) -> None:
    """Every known appointment has its next_state, and every mapping is still there."""
    after = {next_state.id: {(m.vendor, m.remote_id) for m in next_state.mappings} for next_state in plan.next_states}
    for known in memory.known:
        assert after[known.id] >= {(m.vendor, m.remote_id) for m in known.mappings}


@st.composite
def seen_beside(draw: st.DrawFn) -> tuple[Appointment, list[Change]]:
    """An agreed appointment, and what four records show otherwise, each a field or several."""
    agreed = draw(CONTENTS)
    found: list[Change] = []
    for vendor in VENDORS:
        shown, origin = draw(CONTENTS), draw(ORIGINS)
        values: dict[Atom, tuple[Any, Any]] = {
            Atom(name): (agreed.get(name), shown.get(name)) for name in draw(st.frozensets(st.sampled_from(Field)))
        }
        if values.pop(CLIENTS, None):
            parts = ABLE[vendor].client_parts
            values |= client_changes(agreed.clients, shown.clients, agreed.clients, parts)
        found += [
            Change(vendor=vendor, atom=atom, old=old, new=new, shown=shown.get(atom.field), when=origin.when)
            for atom, (old, new) in values.items()
        ]
    return agreed, found


@given(seen_beside(), POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_changes_does_not_matter(
    seen: tuple[Appointment, list[Change]], policy: Policy, random: Any
) -> None:
    """Merged in any order, changes come to the same values, for the same reasons, with the same conflicts."""
    agreed, changes = seen
    shuffled = list(changes)
    random.shuffle(shuffled)
    assert merge("a", agreed, {}, changes, policy) == merge("a", agreed, {}, shuffled, policy)


@given(seen_beside(), POLICIES)
def test_no_value_is_lost_in_a_merge(seen: tuple[Appointment, list[Change]], policy: Policy) -> None:
    """An atom of a live appointment is what somebody made it, and what others made it is in a conflict."""
    live, changes = replace(seen[0], status=Status.SCHEDULED), seen[1]
    merged = merge("a", live, {}, changes, policy)
    for atom in {change.atom for change in changes}:
        made = [change for change in changes if change.atom == atom]
        recorded = {c.field: c.values for c in merged.conflicts}.get(atom.field, {})
        if merged.appointment.status.live and not recorded and atom != CLIENTS:
            starts = {change.new.minute if atom.field is Field.SLOT else words(change.new) for change in made}
            assert len(starts) == 1


def words(value: Any) -> str:
    """A value as it is compared here: blanks, letter case and the look of numbers do not count."""
    text = " ".join(value) if isinstance(value, tuple) else str(value)
    return "".join(letter for letter in text.casefold() if letter.isalnum() or letter in "@#")
