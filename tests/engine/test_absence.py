"""What a vendor's "not found" proves: nothing, unless it finds another record that surely exists."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from syncd.engine.read.absence import Absence
from syncd.engine.store.indexes import IndexEntry
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Malformed, Unreachable
from syncd.model.memory import Mapping
from syncd.model.policy import Limit
from syncd.model.record import Absent, BadRow, Record
from syncd.model.times import Slot, Window
from syncd.vendors.port import Vendor

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
WINDOW = Window(since=NOW, until=NOW + timedelta(days=30))
VISIT = Appointment(slot=Slot(start=NOW + timedelta(days=2), end=NOW + timedelta(days=2, hours=1)))
NO_LIMIT = Limit(count=100, percent=100)


def record(remote_id: str, content: Appointment = VISIT) -> Record:
    """A record of that id."""
    return Record(vendor="office", remote_id=remote_id, content=content, shows=frozenset())


@dataclass
class Office:
    """A vendor that has these records, and raises these errors; `asked` are the ids that it was asked for."""

    has: abc.Mapping[str, Record | Exception]
    name: str = "office"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(fields={}))
    asked: list[str] = field(default_factory=list)

    async def get(self, remote_id: str, hint: Any = None, guests: Any = ()) -> Record | Absent:
        """The record of that id."""
        self.asked.append(remote_id)
        found = self.has.get(remote_id, Absent(vendor="office", remote_id=remote_id))
        if isinstance(found, Exception):
            raise found
        return found


def office(*ids: str, **errors: Exception) -> Office:
    """One that finds these ids and gives these errors."""
    return Office({**{key: record(key) for key in ids}, **errors})


def absence(office: Office, *listed: str) -> Absence:
    """What is known after a listing of these ids."""
    return Absence(cast(Vendor, office), WINDOW, set(listed))


def lacking(*ids: str, aside: bool = False) -> dict[IndexEntry, Mapping]:
    """Known records of these ids, each of an appointment of that id."""
    return {
        IndexEntry(key, None, f"of {key}", VISIT.slot.start.timestamp(), 1, 0): Mapping(
            vendor="office",
            remote_id=key,
            base=VISIT,
            shows=frozenset(),
            acknowledged=VISIT,
            known_at=NOW,
            aside=aside,
        )
        for key in ids
    }


async def test_not_found_is_gone_where_a_listed_record_is_found() -> None:
    """It is asked for once, however many are missing."""
    at = office("8", "9")
    known = absence(at, "8", "9")
    assert await known.look_for(lacking("6", "7"), NO_LIMIT, 4, ()) == []
    assert (known.gone, known.doubtful) == ({"6", "7"}, {})
    assert at.asked == ["6", "8", "7"]


async def test_not_found_is_doubtful_where_a_listed_record_is_not_found_either() -> None:
    """One of the vendor's two answers is wrong."""
    known = absence(office(), "8")
    await known.look_for(lacking("7"), NO_LIMIT, 2, ())
    assert (known.gone, set(known.doubtful)) == (set(), {"7"})


async def test_a_witness_that_cannot_be_read_is_there() -> None:
    """In a listing's gaps and in a follow-up: found, whatever it looks like."""
    gaps = absence(Office({"8": Malformed("no start")}), "8")
    await gaps.look_for(lacking("7"), NO_LIMIT, 2, ())
    again = absence(Office({"8": Malformed("no start")}), "8")
    again.gone.add("7")
    await again.doubt_unless(())
    assert gaps.gone == again.gone == {"7"}


async def test_who_is_gone_is_no_witness() -> None:
    """A record that was listed and is not found any more proves nothing of itself."""
    known = absence(office("8", "9"), "7", "8")
    known.gone.add("7")
    assert await known.finds_another() is True
    alone = absence(office(), "7")
    alone.gone.add("7")
    assert await alone.finds_another() is None


@pytest.mark.parametrize(("found", "listed", "gone"), [(["6"], (), {"7"}), ([], (), set()), ([], ("8",), {"7"})])
async def test_read_again_not_found_counts_beside_one_that_is_found(
    found: list[str], listed: tuple[str, ...], gone: set[str]
) -> None:
    """By the same reading, or by one more request; else it is doubtful."""
    at = office("8")
    known = absence(at, *listed)
    known.gone.add("7")
    await known.doubt_unless(found)
    assert known.gone == gone
    assert set(known.doubtful) == {"7"} - gone
    assert at.asked == ([] if found else list(listed))


async def test_a_record_that_is_there_after_all_is_given_back() -> None:
    """Or one that cannot be read; the listing should have had the first, and not one that was cancelled."""
    cancelled = record("6", VISIT.with_values({Field.STATUS: Status.CANCELLED}))
    known = absence(Office({"5": record("5"), "6": cancelled, "7": Malformed("no start")}), "8")
    answers = await known.look_for(lacking("5", "6", "7"), NO_LIMIT, 4, ())
    assert [answer.remote_id for answer in answers] == ["5", "6", "7"]
    assert [type(answer) for answer in answers] == [Record, Record, BadRow]
    assert known.unshown == ["5"]
    assert not known.gone


async def test_no_clear_answer_is_doubtful() -> None:
    """The first error is what the vendor's trouble is."""
    errors: dict[str, Exception] = {key: Unreachable("office", f"{key} timed out") for key in "67"}
    known = absence(Office(errors), "8")
    await known.look_for(lacking("6", "7"), NO_LIMIT, 3, ())
    assert set(known.doubtful) == {"6", "7"}
    assert known.trouble == "6 timed out"


async def test_many_at_once_are_not_asked_for_unless_somebody_approved() -> None:
    """Nor is anything asked for where nothing at all is listed."""
    at = office("8")
    known = absence(at, "8")
    await known.look_for(lacking("5", "6", "7"), Limit(count=2, percent=10), 4, {"of 6"})
    assert (known.gone, set(known.doubtful)) == ({"6"}, {"5", "7"})
    assert at.asked == ["6", "8"]
    empty = absence(office())
    await empty.look_for(lacking("6", "7"), NO_LIMIT, 2, {"of 6"})
    assert (empty.gone, set(empty.doubtful)) == ({"6"}, {"7"})


@pytest.mark.parametrize("before", [False, True])
async def test_what_a_listing_need_not_have_is_not_asked_for(before: bool) -> None:
    """It is news once."""
    at = office("8")
    at.capabilities = Capabilities(fields={}, lists=lambda _: False)
    known = absence(at, "8")
    await known.look_for(lacking("7", aside=before), NO_LIMIT, 2, ())
    assert (known.aside, known.newly_aside) == ({"7"}, set() if before else {"7"})
    assert at.asked == []
