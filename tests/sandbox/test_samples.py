"""The demo's data gives a first sync something to match and something to create."""

import tomllib
from collections import Counter
from datetime import timedelta
from itertools import pairwise

from syncd.sandbox.samples import NAMES, SAMPLES, demo_vendors, fill
from syncd.sandbox.serving.config import configuration
from tests.sandbox.clients import NOW, Clock


def test_samples_are_ahead_at_working_hours_and_partly_shared() -> None:
    """At four, two or one vendors; on working days; nobody is double-booked."""
    vendors = demo_vendors(Clock())
    fill(vendors, NOW)
    entries = [entry for vendor in vendors for entry in vendor.entries.values()]
    slots = Counter((entry.start, entry.end, entry.people[0].email) for entry in entries)
    assert len(slots) == len(SAMPLES) == 12
    assert Counter(slots.values()) == {4: 4, 2: 4, 1: 4}
    ordered = sorted((start, end) for start, end, _ in slots)
    assert all(end <= following for (_, end), (following, _) in pairwise(ordered))
    assert all(entry.start > NOW and entry.start.weekday() < 5 and 14 <= entry.start.hour < 22 for entry in entries)
    assert all(entry.people[0].email.endswith("@example.com") for entry in entries)
    assert not any(vendor.counters.notifications for vendor in vendors)


def test_the_demo_can_have_its_vendors_at_their_least_kind() -> None:
    """Each with the switches that its kind names, and the same samples; without being asked, as by default."""
    kind, unkind = demo_vendors(Clock()), demo_vendors(Clock(), unkind=True)
    for usual, harsh in zip(kind, unkind, strict=True):
        assert {key: harsh.behaviour[key] for key in harsh.unkind} == harsh.unkind
        assert usual.behaviour == {key: switch.default for key, switch in usual.all_switches().items()}
    fill(unkind, NOW)
    assert all(vendor.entries for vendor in unkind)


def test_the_same_moment_gives_the_same_samples() -> None:
    """Ids, times and all; a week later they are a week later."""
    worlds = []
    for now in (NOW, NOW, NOW + timedelta(days=7)):
        vendors = demo_vendors(Clock(now))
        fill(vendors, now)
        worlds.append([vendor.entries for vendor in vendors])
    assert worlds[0] == worlds[1]
    first, later = worlds[0][0], worlds[2][0]
    assert [entry.start + timedelta(days=7) for entry in first.values()] == [entry.start for entry in later.values()]


def test_the_configuration_of_all_four_is_complete() -> None:
    """Everything that a create needs at each vendor: catalogue, zones, a stand-in client."""
    vendors = demo_vendors(Clock())
    addresses = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(NAMES, 1)}
    read = tomllib.loads(configuration(addresses, vendors, "sqlite:///state.db"))
    assert {name: table["kind"] for name, table in read["vendors"].items()} == NAMES
    assert read["vendors"]["site"]["timezone"] == "Europe/Belgrade"
    assert read["vendors"]["site"]["base_url"] == "http://127.0.0.1:4/wp-admin/admin-ajax.php"
    assert set(read["vendors"]["book"]["client"]) == {"first_name", "last_name", "email", "phone"}
    assert read["services"][0] == {
        "name": "Showing",
        "duration": "30m",
        "ids": {"crm": "showing", "book": 94517100, "site": 2},
        "default": True,
    }
    assert read["staff"][0]["ids"] == {"book": 14209019, "site": {"provider": 1, "location": 1}}
