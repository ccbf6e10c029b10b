"""Which appointments a ledger forgets: those that are over, as far as nothing can come of them any
more.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import syncd_state
from syncd.engine.store.debts import put_owed
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.quarantines import said_of, say
from syncd.engine.store.rows import appointment_row, mapping_row
from syncd.engine.store.thread import at_once
from syncd.model.appointment import ALL_FIELDS, Appointment, Status
from syncd.model.memory import Mapping
from syncd.model.plan import NextState
from syncd.model.times import Slot

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=400)
"""What ended before this is over."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def lasting_an_hour(start: datetime, status: Status = Status.SCHEDULED) -> Appointment:
    """Something that takes an hour."""
    return Appointment(slot=Slot(start=start, end=start + HOUR), status=status)


def mapping(remote_id: str, start: datetime, vendor: str = "crm", **values: object) -> Mapping:
    """A record that stands, and was seen as what it is."""
    what = lasting_an_hour(start)
    known = Mapping(vendor=vendor, remote_id=remote_id, base=what, shows=ALL_FIELDS, acknowledged=what, known_at=start)
    return replace(known, **values)  # type: ignore[arg-type]


@dataclass
class Past:
    """A ledger with appointments in it."""

    ledger: Ledger = field(
        default_factory=lambda: Ledger(syncd_state.open_store("sqlite://"), lambda: NOW, run=at_once)
    )

    def __post_init__(self) -> None:
        self.ledger.ticks.resume(None)

    def put(self, name: str, start: datetime, *mappings: Mapping, working: bool = False) -> None:
        """An appointment of an hour, with these records or one of its own name."""
        records = mappings or (mapping(name, start),)
        state = NextState(id=name, agreed=lasting_an_hour(start), provenance={}, mappings=records)
        with self.ledger.store.write() as tx:
            tx.upsert_appointments([appointment_row(state, "", pending=working)])
            tx.upsert_mappings([mapping_row(name, one) for one in records])

    async def forget(self, kept: abc.Set[str] = frozenset()) -> list[int]:
        """Step after step until nothing is left to forget; how many went in each."""
        steps, more = list[int](), True
        while more:
            gone, more = await self.ledger.forget(BEFORE, kept)
            steps.append(gone)
            assert len(steps) < 1000
        return steps

    @property
    def left(self) -> set[str]:
        """The appointments that are still known."""
        with self.ledger.store.read() as tx:
            return set(tx.appointments_starting(float("-inf"), float("inf")))


LONG_OVER = BEFORE - 30 * DAY


async def test_what_was_over_is_forgotten_by_the_end_of_its_slot() -> None:
    """To the second: what ends then is not over before then."""
    past = Past()
    past.put("ends then", BEFORE - HOUR)
    past.put("ended before", BEFORE - HOUR - timedelta(seconds=1))
    past.put("is to come", NOW + DAY)
    await past.forget()
    assert past.left == {"ends then", "is to come"}


async def test_what_the_cycle_saw_something_of_stays() -> None:
    """A row that changed and could not be read may say that the record was moved to come."""
    past = Past()
    past.put("seen", LONG_OVER)
    past.put("unseen", LONG_OVER)
    await past.forget(kept={"seen"})
    assert past.left == {"seen"}


async def test_a_tombstone_stays_as_long_as_a_window_may_reach_its_record() -> None:
    """Without it, a listing that shows the record would found an appointment anew."""
    past = Past()
    for name, start in (("reached", BEFORE), ("out of reach", BEFORE - HOUR)):
        gone = mapping(f"{name}: gone", start, tombstone="deleted at crm")
        past.put(name, LONG_OVER, mapping(name, LONG_OVER), gone)
    await past.forget()
    assert past.left == {"reached"}


async def test_a_debt_keeps_its_appointment() -> None:
    """What a write took from a record is given back before its appointment is forgotten."""
    past = Past()
    past.put("owed", LONG_OVER)
    past.put("paid", LONG_OVER)
    with past.ledger.store.write() as tx:
        put_owed(tx, "crm", "owed", "a text")
    await past.forget()
    assert past.left == {"owed"}


@pytest.mark.parametrize(("status", "left"), [(Status.SCHEDULED, {"a"}), (Status.CANCELLED, set[str]())])
async def test_a_record_made_once_too_often_keeps_its_appointment_while_it_stands(
    status: Status, left: set[str]
) -> None:
    """It is still to be ended; once it was, nothing is left to do."""
    past = Past()
    twice = mapping("twice", LONG_OVER, tombstone="made twice", surplus=True, base=lasting_an_hour(LONG_OVER, status))
    past.put("a", LONG_OVER, mapping("once", LONG_OVER), twice)
    await past.forget()
    assert past.left == left


@pytest.mark.parametrize("last", ["host", "guest", "guest's guest"])
@pytest.mark.parametrize("to_come", [True, False])
async def test_who_shares_a_record_is_forgotten_together(last: str, to_come: bool) -> None:
    """Whose bookings are in a record has to be known as long as one of them is: also through a
    third one.
    """
    past = Past()
    starts = dict.fromkeys(("host", "guest", "guest's guest"), LONG_OVER)
    starts[last] = NOW + DAY if to_come else LONG_OVER + 7 * DAY
    for name, guests in (("host", {"1": "guest", "2": ""}), ("guest", {"3": "guest's guest"}), ("guest's guest", {})):
        past.put(name, starts[name], mapping(name, starts[name], guests=guests))
    await past.forget()
    assert past.left == (set(starts) if to_come else set())


async def test_a_guest_that_is_not_known_holds_nobody() -> None:
    """Whose it is may be known no more."""
    past = Past()
    past.put("host", LONG_OVER, mapping("7", LONG_OVER, guests={"1": "nobody that is known"}))
    await past.forget()
    assert past.left == set()


async def test_what_was_said_of_a_record_goes_with_it() -> None:
    """Of others it stays."""
    past = Past()
    past.put("old", LONG_OVER)
    with past.ledger.store.write() as tx:
        say(tx, "crm", "old", ours=True)
        say(tx, "book", "old", ours=False)
    await past.forget()
    with past.ledger.store.read() as tx:
        assert said_of(tx) == {("book", "old"): False}


async def test_many_go_in_steps_and_nobody_who_stays_stops_them() -> None:
    """Fifty at most in one transaction, and no more of these than there is something to forget in."""
    past = Past()
    commits = list[int]()
    for number in range(130):
        past.put(f"{number:03}", LONG_OVER + number * timedelta(minutes=1))
    with past.ledger.store.write() as tx:
        for number in range(60):
            put_owed(tx, "crm", f"{number:03}", "a text")
    past.ledger.store._after_commit = lambda: commits.append(1)
    assert await past.forget() == [0, 40, 30]
    assert len(past.left) == 60
    assert len(commits) == 2
    assert await past.forget() == [0, 0]
    assert len(commits) == 2


async def test_a_process_whose_clock_leapt_ahead_forgets_nothing() -> None:
    """What is to come looks over by such a clock."""
    past = Past()
    past.put("old", LONG_OVER)
    past.ledger.ticks.leapt = True
    assert await past.forget() == [0]
    assert past.left == {"old"}


# -- what holds of any past ---------------------------------------------------------------------------------------

OFFSETS = st.integers(-40, 40)
RECORDS = st.lists(st.tuples(OFFSETS, st.sampled_from(["stands", "tombstone", "surplus", "owed"])), max_size=3)
PASTS = st.lists(st.tuples(OFFSETS, RECORDS, st.booleans(), st.integers(0, 12)), max_size=9)


@given(past=PASTS)
async def test_nothing_that_a_window_may_show_is_forgotten_and_nothing_else_is_kept(
    past: list[tuple[int, list[tuple[int, str]], bool, int]],
) -> None:
    """Days before and after the limit, records in any state, guests of each other: by the rule told
    in two lines.
    """
    world = Past()
    last = len(past)
    holds, ties = set[int](), list[tuple[int, int]]()
    for number, (days, records, working, guest) in enumerate(past):
        shown = list[Mapping]()
        for place, (offset, state) in enumerate([(days, "stands"), *records]):
            start, key = BEFORE + offset * DAY, f"{number}/{place}"
            guests = {"1": str(guest)} if guest < last and guest != number and not place else {}
            tombstone = None if state == "stands" else state
            shown.append(mapping(key, start, guests=guests, tombstone=tombstone, surplus=state == "surplus"))
            if offset >= 0 or state in ("surplus", "owed"):
                holds.add(number)
            if state == "owed":
                with world.ledger.store.write() as tx:
                    put_owed(tx, "crm", key, "a text")
            if guests:
                ties += [(number, guest), (guest, number)]
        world.put(str(number), BEFORE + days * DAY, *shown, working=working)
        if working:
            holds.add(number)
    for _ in past:
        holds |= {other for one, other in ties if one in holds}
    await world.forget()
    assert world.left == {str(number) for number in holds}
    with world.ledger.store.read() as tx:
        known = {row.appointment_id for row in tx.index_between("crm", 0.0, NOW.timestamp() * 2)}
    assert known == world.left
