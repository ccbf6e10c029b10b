"""How long what got no answer may still be on its way, as `settle` says it or as it follows from the timeout."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.config.world import CRM, Desk

_HERE = [
    'base_url = "http://127.0.0.1:9001"\n',
    'base_url = "https://127.0.0.1:9001"\n',
    'base_url = "http://[::1]:9001"\n',
    'base_url = "http://localhost:9001"\n',
]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 2),
        ('timeout = "20s"\n', 2),
        ('timeout = "40s"\n', 2),
        ('timeout = "60s"\n', 3),
        ('timeout = "10m"\n', 30),
        ('timeout = "1s"\n', 2),
        ('timeout = "1s"\nbase_url = "http://127.0.0.1:9001"\n', 2),
    ],
)
def test_by_default_it_is_three_timeouts_and_two_minutes_at_least(desk: Desk, text: str, minutes: int) -> None:
    """A short timeout says nothing of how long a vendor takes to carry out what it has got."""
    assert desk.load(CRM + text).vendor("crm").settings.settles_after == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ('settle = "20s"\n', 20),
        ('timeout = "60s"\nsettle = "60s"\n', 60),
        ('settle = "60s"\ntimeout = "60s"\n', 60),
        ('settle = "1h"\n', 3600),
        ('settle = "1d"\n', 86400),
    ],
)
def test_what_is_written_counts_as_it_is(desk: Desk, text: str, seconds: int) -> None:
    """From the timeout to a day, in whatever order the keys stand."""
    assert desk.load(CRM + text).vendor("crm").settings.settles_after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "timeout"),
    [
        ('settle = "19.9s"\n', "20s"),
        ('settle = "0s"\n', "20s"),
        ('timeout = "60s"\nsettle = "59s"\n', "1m"),
        ('settle = "59s"\ntimeout = "60s"\n', "1m"),
        ('settle = "5s"\nbase_url = "https://127.0.0.1.example.com"\n', "20s"),
        ('settle = "5s"\nbase_url = "https://localhost.example.com"\n', "20s"),
        ('settle = "5s"\nbase_url = "https://192.0.2.7"\n', "20s"),
        ('settle = "5s"\nbase_url = "https://[2001:db8::1]"\n', "20s"),
    ],
)
def test_shorter_than_the_timeout_is_refused_where_the_vendor_is_elsewhere(desk: Desk, text: str, timeout: str) -> None:
    """While syncd waits for the answer itself, the request is on its way. The fault says what to write instead."""
    [fault] = desk.faults(CRM + text)
    assert fault.startswith("vendors.crm.settle: ")
    assert "no shorter than the timeout" in fault
    assert f'settle = "{timeout}" or more' in fault


@pytest.mark.parametrize("address", _HERE)
@pytest.mark.parametrize("length", ["0s", "0.5s", "19s"])
def test_on_this_very_machine_it_may_be_as_short_as_anybody_likes(desk: Desk, address: str, length: str) -> None:
    """A trial at the sandbox need not wait for minutes."""
    settings = desk.load(f'{CRM}{address}settle = "{length}"\n').vendor("crm").settings
    assert settings.settles_after == timedelta(seconds=float(length[:-1]))


@pytest.mark.parametrize("address", ["", *_HERE])
@pytest.mark.parametrize("length", ["2d", "86401s"])
def test_more_than_a_day_is_refused_everywhere(desk: Desk, address: str, length: str) -> None:
    """For so long nothing would be made again, and a slip of the pen says days where minutes are meant."""
    [fault] = desk.faults(f'{CRM}{address}settle = "{length}"\n')
    assert fault.startswith("vendors.crm.settle: ")
    assert "between 0 and 1 day" in fault


@pytest.mark.parametrize("value", ["20", '"20"', '"soon"', '"-20s"', "true"])
def test_what_is_no_length_is_told_how_one_is_written(desk: Desk, value: str) -> None:
    """As everywhere in a configuration."""
    [fault] = desk.faults(f"{CRM}settle = {value}\n")
    assert fault.startswith("vendors.crm.settle: ")
    assert '"90s"' in fault
