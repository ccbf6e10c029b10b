"""The registrations of the contract suite: one `Subject` a kind of vendor. Adding a vendor adds one here.

A subject says how to configure the vendor, which behaviours of its sandbox to run the suite in, and the few things in
which the words of one vendor differ from another's. What the vendor can do, the suite takes from its capabilities.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.model.appointment import Field
from syncd.model.errors import Misconfigured, Unreadable, VendorError
from syncd.sandbox import KINDS
from syncd.sandbox.frame.vendor import SandboxVendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One way in which the vendor may behave.

    `switches` are the sandbox's. `hidden` are fields that its rows lack, although the vendor shows them in another
    behaviour. `page` is how many rows a page has at most, None for all; `cut` is how many rows an answer has at most
    where nothing says that there are more, None for any number. `id_key` and `start_key` are the keys of a row without
    which it has no id, or no time. `emoji` says that it takes characters of four bytes in notes.
    """

    name: str
    switches: abc.Mapping[str, Any]
    id_key: str
    start_key: str
    hidden: frozenset[Field] = frozenset()
    page: int | None = None
    cut: int | None = None
    emoji: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One kind of vendor.

    `services` and `staff` are its ids for what the catalogue calls Showing (30 minutes) and Consultation (60), Jordan
    and Robin; empty where it has none. `options` are keys of its section besides those that its sandbox gives.
    `totals` says that a listing tells how many rows there are. `mails` says that it mails clients when it is let.
    `empty_means` is what a reading without a body is taken for. `wall_clock` makes the raw keys of a row for a local
    start and end, where its times carry no offset, and `zone_switch` sets that clock's zone. `means_second` says that
    it means the later of two equal times. `asks_for_less` says that a listing which may be too much is not asked for
    again as it was, but for fewer days. `refusing` makes the
    vendor refuse the next create in its own words, and returns what to change in the appointment for that.
    `any_time` and `several` are switches with which it takes any time of any day, and several clients in one
    appointment: for tests that are about something else.
    """

    kind: str
    behaviours: tuple[Behaviour, ...]
    services: abc.Mapping[str, Any] = field(default_factory=dict)
    staff: abc.Mapping[str, Any] = field(default_factory=dict)
    options: abc.Mapping[str, Any] = field(default_factory=dict)
    any_time: abc.Mapping[str, Any] = field(default_factory=dict)
    several: abc.Mapping[str, Any] = field(default_factory=dict)
    totals: bool = False
    mails: bool = False
    empty_means: type[VendorError] = Unreadable
    wall_clock: abc.Callable[[datetime, datetime], dict[str, Any]] | None = None
    zone_switch: str | None = None
    means_second: bool = False
    asks_for_less: bool = False
    refusing: abc.Callable[[SandboxVendor, dict[str, Any]], dict[Field, Any]]


def _type_that_it_lacks(server: SandboxVendor, entry: dict[str, Any]) -> dict[Field, Any]:
    return {Field.SERVICE: "Unheard of"}


def _calendar_that_it_lacks(server: SandboxVendor, entry: dict[str, Any]) -> dict[Field, Any]:
    return {Field.STAFF: "Nobody there"}


def _overlap(switch: str) -> abc.Callable[[SandboxVendor, dict[str, Any]], dict[Field, Any]]:
    """Its time is taken already, and the vendor minds."""

    def refuse(server: SandboxVendor, entry: dict[str, Any]) -> dict[Field, Any]:
        server.set_behaviour(**{switch: True})
        server.person_insert(**entry)
        return {}

    return refuse


def _aivapad_times(start: datetime, end: datetime) -> dict[str, Any]:
    return {"date": f"{start:%Y-%m-%d}", "startTime": f"{start:%H:%M}", "endTime": f"{end:%H:%M}", "allDay": False}


def _amelia_times(start: datetime, end: datetime) -> dict[str, Any]:
    return {"bookingStart": f"{start:%Y-%m-%d %H:%M:%S}", "bookingEnd": f"{end:%Y-%m-%d %H:%M:%S}"}


ACTUALLYCARE = Subject(
    kind="actuallycare",
    behaviours=(
        Behaviour(
            name="reference",
            switches={"list_rows": "reference", "stale_version": "409", "order": "asc"},
            id_key="id",
            start_key="start_time",
            hidden=frozenset({Field.NOTES}),
            page=100,
        ),
        Behaviour(
            name="observed",
            switches={
                "list_rows": "full",
                "get_rows": "full",
                "attendees": "everybody",
                "stale_version": "400",
                "order": "desc",
                "start_date": "exact_day",
                "delete": "soft",
            },
            id_key="id",
            start_key="start_time",
            page=100,
        ),
        Behaviour(
            name="unkind",
            switches=KINDS["actuallycare"].unkind,
            id_key="id",
            start_key="start_time",
            hidden=frozenset({Field.NOTES}),
            page=100,
        ),
    ),
    services={"Showing": "showing", "Consultation": "meeting", "Unheard of": "seance"},
    totals=True,
    refusing=_type_that_it_lacks,
)

ACUITY = Subject(
    kind="acuity",
    behaviours=(
        Behaviour(
            name="reference",
            switches={
                "times": "reference",
                "paging": "reference",
                "create_status": 201,
                "refusal": "reference",
                "check_times": "available",
                "update": "reference",
            },
            id_key="id",
            start_key="time",
            hidden=frozenset({Field.LOCATION}),
            page=200,
        ),
        Behaviour(
            name="observed",
            switches={
                "times": "recorded",
                "paging": "doc",
                "refusal": "doc",
                "update": "doc",
                "email_required": False,
                "phone_required": False,
            },
            id_key="id",
            start_key="datetime",
        ),
        Behaviour(
            name="unkind",
            switches=KINDS["acuity"].unkind,
            id_key="id",
            start_key="datetime",
            cut=100,
        ),
    ),
    services={"Showing": 94517100, "Consultation": 94517101},
    staff={"Jordan": 14209019, "Robin": 14209020, "Nobody there": 7},
    options={"client": {"first_name": "Front", "last_name": "Desk", "email": "desk@example.com", "phone": "5550100"}},
    mails=True,
    asks_for_less=True,
    refusing=_calendar_that_it_lacks,
)

AIVAPAD = Subject(
    kind="aivapad",
    behaviours=(
        Behaviour(
            name="reference",
            switches={"envelope": "wrapped", "answers": "partial", "id_key": "_id"},
            id_key="_id",
            start_key="date",
        ),
        Behaviour(
            name="observed",
            switches={"envelope": "bare", "answers": "full", "id_key": "id", "all_day_times": "absent"},
            id_key="id",
            start_key="date",
        ),
        Behaviour(
            name="unkind",
            switches=KINDS["aivapad"].unkind,
            id_key="id",
            start_key="date",
        ),
    ),
    mails=True,
    wall_clock=_aivapad_times,
    zone_switch="zone",
    refusing=_overlap("enforce_conflicts"),
)

AMELIA = Subject(
    kind="amelia",
    behaviours=(
        Behaviour(
            name="reference",
            switches={"generation": "2.4", "list_shape": "honour", "by_id": "reference", "flags": "int"},
            id_key="id",
            start_key="bookingStart",
        ),
        Behaviour(
            name="observed",
            switches={
                "generation": "2.0",
                "list_shape": "by_date",
                "bad_key": "empty",
                "error_messages": False,
                "shuffle_ties": True,
            },
            id_key="id",
            start_key="bookingStart",
            emoji=False,
        ),
        Behaviour(
            name="1.x",
            switches={"generation": "1.x", "slot_step": 30, "hours": ("06:00", "22:00")},
            id_key="id",
            start_key="bookingStart",
            emoji=False,
        ),
        Behaviour(
            name="unkind",
            switches=KINDS["amelia"].unkind,
            id_key="id",
            start_key="bookingStart",
            emoji=False,
        ),
    ),
    services={"Showing": 2, "Consultation": 3},
    staff={"Jordan": {"provider": 1, "location": 1}, "Robin": {"provider": 2, "location": 1}},
    options={"customer_id": 10},
    any_time={"hours": None, "slot_step": None},
    several={"group_services": (2, 3)},
    mails=True,
    empty_means=Misconfigured,
    wall_clock=_amelia_times,
    zone_switch="zone",
    means_second=True,
    asks_for_less=True,
    refusing=_overlap("enforce_slots"),
)

SUBJECTS = (ACTUALLYCARE, ACUITY, AIVAPAD, AMELIA)
"""Every kind of vendor. The suite runs for each of them in each of its behaviours."""
