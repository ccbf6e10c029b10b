"""Work that grows with the number of appointments, and not with its square."""

from __future__ import annotations

import sys
from collections import abc
from types import FrameType
from typing import Any

import pytest

from syncd.model.appointment import Client
from syncd.model.memory import Known, Memory, UnsettledCreate
from syncd.model.record import BadRow, Snapshot
from syncd.reconcile import reconcile
from tests.reconcile.world import EARLIER, NOW, known, listing, mapping, record, rules, slot, visit

VENDORS = ("crm", "book", "office", "site")
POLICY = rules(*VENDORS)


def content(number: int, *, crowded: bool = False) -> Any:
    """One of many visits; crowded ones all start at once."""
    person = Client(first_name=f"First{number}", last_name="Last", email=f"c{number}@example.com")
    return visit(slot=slot(9) if crowded else slot(minute=30 * number), clients=(person,))


def strangers(count: int, *, crowded: bool = False) -> tuple[dict[str, Snapshot], Memory]:
    """A first run: the same records, unknown so far, at every vendor."""
    shots: dict[str, Snapshot] = {
        vendor: listing(
            vendor, *(record(vendor, content(n, crowded=crowded), str(n)) for n in range(count)), read_before=False
        )
        for vendor in VENDORS
    }
    return shots, Memory()


def crowd(count: int) -> tuple[dict[str, Snapshot], Memory]:
    """A first run in which all appointments start at the same minute."""
    return strangers(count, crowded=True)


def acquaintances(count: int) -> tuple[dict[str, Snapshot], Memory]:
    """A cycle in which every appointment is known, and nothing changed."""
    keys = {str(n) for n in range(count)}
    shots: dict[str, Snapshot] = {vendor: listing(vendor, unchanged=keys) for vendor in VENDORS}
    return shots, Memory(known=tuple(_known(n) for n in range(count)))


def lost(count: int) -> tuple[dict[str, Snapshot], Memory]:
    """A cycle after none of many creates was answered, and half of them happened."""
    waiting = tuple(
        known(
            mapping("crm", content(n), str(n)),
            id=str(n),
            unsettled=(
                UnsettledCreate(
                    operation=str(n), vendor="book", intended=content(n), token=str(n), intended_at=EARLIER
                ),
            ),
        )
        for n in range(count)
    )
    made = [record("book", content(n), str(n)) for n in range(0, count, 2)]
    shots: dict[str, Snapshot] = {
        "crm": listing("crm", unchanged={str(n) for n in range(count)}),
        "book": listing("book", *made),
    }
    return shots, Memory(known=waiting)


def unreadable(count: int) -> tuple[dict[str, Snapshot], Memory]:
    """Many rows that cannot be read, each at a time of its own or at any, beside as many new records elsewhere."""
    minutes = [frozenset({content(n).slot.minute}) if n % 2 else frozenset[int]() for n in range(count)]
    rows = tuple(BadRow(vendor="crm", remote_id=str(n), reason="soon", starts=minutes[n]) for n in range(count))
    shots: dict[str, Snapshot] = {
        "crm": listing("crm", bad_rows=rows),
        "book": listing("book", *(record("book", content(n), str(n)) for n in range(count))),
    }
    return shots, Memory()


def _known(number: int) -> Known:
    return known(*(mapping(vendor, content(number), str(number)) for vendor in VENDORS), id=str(number))


def calls(situation: tuple[dict[str, Snapshot], Memory]) -> int:
    """How many functions are called to reconcile it."""
    count = 0

    def counting(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        reconcile(*situation, POLICY, NOW)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("situation", [strangers, crowd, acquaintances, lost, unreadable])
def test_four_times_the_appointments_are_four_times_the_work(
    situation: abc.Callable[[int], tuple[dict[str, Snapshot], Memory]],
) -> None:
    """Work grows with the number of records and not with its square, whoever they are and whenever they start."""
    assert calls(situation(320)) < 4.5 * calls(situation(80))
