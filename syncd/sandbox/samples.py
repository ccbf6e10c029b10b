"""The demo's four vendors, their catalogue, and a dozen invented appointments relative to a given moment.

Some appointments are at all four vendors, some at two, some at one: a first sync has records to match and records to
create. Everything follows from `now`; nothing is random.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.sandbox import KINDS
from syncd.sandbox.frame.records import Person
from syncd.sandbox.frame.vendor import SandboxVendor

NAMES = {"crm": "actuallycare", "book": "acuity", "office": "aivapad", "site": "amelia"}
"""The demo's vendors: name and kind."""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A service or a member of staff, with its id at each kind of vendor as the configuration writes it."""

    name: str
    ids: Mapping[str, Any]
    duration: str | None = None
    """As in `30m`."""
    default: bool = False


SERVICES = (
    CatalogueRow("Showing", {"actuallycare": "showing", "acuity": 94517100, "amelia": 2}, "30m", default=True),
    CatalogueRow("Consultation", {"actuallycare": "meeting", "acuity": 94517101, "amelia": 3}, "60m"),
)
STAFF = (CatalogueRow("Jordan", {"acuity": 14209019, "amelia": {"provider": 1, "location": 1}}, default=True),)

_SHOWING, _CONSULTATION = SERVICES
_MINUTES = {"Showing": 30, "Consultation": 60}


@dataclass(frozen=True, slots=True)
class Sample:
    """A real-life appointment: so many working days ahead, at an hour in UTC, and the kinds of vendor that know it."""

    day: int
    hour: float
    service: CatalogueRow
    person: Person
    place: str
    known_to: tuple[str, ...]


_ALL = tuple(NAMES.values())
SAMPLES = (
    Sample(1, 15, _SHOWING, Person("Ada", "Marsh", "ada.marsh@example.com", "(661) 555-0101"), "12 Elm Street", _ALL),
    Sample(
        1, 17.5, _CONSULTATION, Person("Ben", "Okoro", "ben.okoro@example.com", "(661) 555-0102"), "Main office", _ALL
    ),
    Sample(
        2, 16, _SHOWING, Person("Chloe", "Lind", "chloe.lind@example.com", "(661) 555-0103"), "8 Harbour Road", _ALL
    ),
    Sample(3, 15.5, _CONSULTATION, Person("Dev", "Rao", "dev.rao@example.com", "(661) 555-0104"), "Main office", _ALL),
    Sample(
        4,
        18,
        _SHOWING,
        Person("Elif", "Kaya", "elif.kaya@example.com", "(661) 555-0105"),
        "40 Mill Lane",
        ("actuallycare", "acuity"),
    ),
    Sample(
        5,
        15,
        _CONSULTATION,
        Person("Finn", "Olsen", "finn.olsen@example.com", "(661) 555-0106"),
        "Main office",
        ("aivapad", "amelia"),
    ),
    Sample(
        5,
        19,
        _SHOWING,
        Person("Gina", "Ferri", "gina.ferri@example.com", "(661) 555-0107"),
        "3 Orchard Close",
        ("actuallycare", "aivapad"),
    ),
    Sample(
        6,
        16.5,
        _SHOWING,
        Person("Hugo", "Blanc", "hugo.blanc@example.com", "(661) 555-0108"),
        "27 Station Road",
        ("acuity", "amelia"),
    ),
    Sample(
        7,
        15,
        _CONSULTATION,
        Person("Ines", "Duarte", "ines.duarte@example.com", "(661) 555-0109"),
        "Main office",
        ("actuallycare",),
    ),
    Sample(
        8,
        17,
        _SHOWING,
        Person("Jack", "Novak", "jack.novak@example.com", "(661) 555-0110"),
        "5 Chapel Hill",
        ("acuity",),
    ),
    Sample(
        9,
        18.5,
        _CONSULTATION,
        Person("Kira", "Sato", "kira.sato@example.com", "(661) 555-0111"),
        "Main office",
        ("aivapad",),
    ),
    Sample(
        10,
        16,
        _SHOWING,
        Person("Liam", "Byrne", "liam.byrne@example.com", "(661) 555-0112"),
        "61 Quay Street",
        ("amelia",),
    ),
)


def demo_vendors(clock: Callable[[], datetime], *, unkind: bool = False) -> list[SandboxVendor]:
    """`crm`, `book`, `office` and `site`, still empty; `unkind`: each in its `SandboxVendor.unkind` behaviour."""
    kinds = {name: KINDS[kind] for name, kind in NAMES.items()}
    return [kind(name, clock=clock, behaviour=kind.unkind if unkind else {}) for name, kind in kinds.items()]


def fill(vendors: Sequence[SandboxVendor], now: datetime) -> None:
    """Enter the samples at the vendors that know them, as if people had done it over the last days."""
    for number, sample in enumerate(SAMPLES):
        entered = now - timedelta(days=3, hours=-number)
        for vendor in vendors:
            if vendor.kind in sample.known_to:
                vendor.person_insert(created_at=entered, modified_at=entered, **_fields(sample, vendor.kind, now))


def _fields(sample: Sample, kind: str, now: datetime) -> dict[str, Any]:
    start = _working_day(now, sample.day) + timedelta(hours=sample.hour)
    name = sample.service.name
    fields: dict[str, Any] = {"start": start, "end": start + timedelta(minutes=_MINUTES[name])}
    fields["people"] = [replace(sample.person)]
    if kind in ("actuallycare", "aivapad"):
        fields |= {"title": f"{name}: {sample.person.name}", "location": sample.place}
    for key, rows in (("service", (sample.service,)), ("staff", STAFF)):
        if kind in rows[0].ids:
            fields[key] = rows[0].ids[kind]
    return fields


def _working_day(now: datetime, count: int) -> datetime:
    """Midnight UTC of the working day that many ahead."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
