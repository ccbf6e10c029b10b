"""When the next request may go."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.errors import BudgetSpent, Unreachable
from syncd.vendors.transport import Limiter, Limits
from tests.vendors.transport.world import Script, Time, ok, transport


class Seconds:
    """A clock in seconds that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(
    st.integers(1, 30),
    st.sampled_from([1.0, 2.5, 900.0]),
    st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=120),
)
def test_no_window_ever_holds_more_than_the_rate(count: int, per: float, arrivals: list[tuple[float, bool]]) -> None:
    """Whatever the arrivals, any stretch as long as the interval holds at most the rate's requests."""
    seconds = Seconds()
    limiter = Limiter((count, per), seconds)
    sent = []
    for gap, urgent in arrivals:
        seconds.now += gap
        waits = 0
        while (wait := limiter.wait(urgent=urgent)) > 0:
            seconds.now += wait
            waits += 1
            assert waits < 5
        limiter.take(urgent=urgent)
        sent.append(seconds.now)
    for first, last in zip(sent, sent[count:], strict=False):
        assert last - first > per


def test_reading_goes_on_beside_listings_that_take_most_of_the_rate_and_never_holds_one_up() -> None:
    """What is spare beside 50 requests every two minutes is spent at once, and each listing still goes at its time."""
    seconds = Seconds()
    limiter = Limiter((500, 900.0), seconds)
    read = []
    for _ in range(40):
        for _ in range(50):
            assert limiter.wait() == 0
            limiter.take()
        read.append(limiter.spare(50, 120.0))
        for _ in range(read[-1]):
            limiter.take()
        seconds.now += 120.0
    windows = [sum(read[n : n + 8]) for n in range(0, 40, 8)]
    assert min(windows) >= 40


def test_what_the_host_says_is_left_covers_the_listings_until_it_gives_more() -> None:
    """Of 100 requests for the next ten minutes, 20 every two minutes leave none for anything else."""
    limiter = Limiter((500, 900.0), Seconds())
    limiter.told(100, 600.0)
    assert limiter.spare(20, 120.0) == 0
    limiter.told(160, 600.0)
    assert limiter.spare(20, 120.0) == 10


def test_a_tenth_of_the_rate_is_kept_for_writes() -> None:
    """When reads have used their share, an urgent request still goes at once."""
    limiter = Limiter((500, 900.0), Seconds())
    assert limiter.spare() == 450
    for _ in range(450):
        assert limiter.wait() == 0
        limiter.take()
    assert limiter.spare() == 0
    assert limiter.wait() > 890
    assert limiter.wait(urgent=True) == 0


def test_writes_that_use_what_is_kept_for_them_hold_up_no_listing() -> None:
    """What reading left for the listings to come is still there when writes have used their own share."""
    limiter = Limiter((500, 900.0), Seconds())
    for _ in range(400):
        limiter.take()
    for _ in range(50):
        assert limiter.wait(urgent=True) == 0
        limiter.take(urgent=True)
    assert limiter.spare() == 50
    for _ in range(50):
        assert limiter.wait() == 0
        limiter.take()
    assert limiter.wait() > 890
    assert limiter.wait(urgent=True) > 890


def test_a_host_with_a_rate_of_one_is_read_all_the_same() -> None:
    """A rate too small to be shared has no reserve."""
    limiter = Limiter((1, 10.0), Seconds())
    assert limiter.spare() == 1
    assert limiter.wait() == 0


def test_what_the_host_says_is_left_counts_more_than_our_own_count() -> None:
    """Somebody else uses the same address: what the host has left is obeyed until it resets."""
    seconds = Seconds()
    limiter = Limiter((500, 900.0), seconds)
    limiter.told(53, 60.0)
    assert limiter.spare() == 3
    limiter.told(0, 60.0)
    assert limiter.spare() == 0
    assert limiter.wait(urgent=True) == pytest.approx(60.0)
    seconds.now += 60.0
    assert limiter.wait() == 0
    assert limiter.spare() == 450


@pytest.mark.parametrize(("asked", "kept"), [(30.0, 30.0), (86400.0, 900.0)])
def test_a_pause_is_obeyed_up_to_a_quarter_of_an_hour(asked: float, kept: float) -> None:
    """One answer cannot silence a vendor for a day."""
    limiter = Limiter((10, 1.0), Seconds())
    limiter.pause(asked)
    assert limiter.spare() == 0
    assert limiter.wait(urgent=True) == pytest.approx(kept)


def test_a_clock_that_is_set_back_breaks_nothing() -> None:
    """Time that runs backwards is taken as standing still."""
    seconds = Seconds()
    limiter = Limiter((2, 10.0), seconds)
    limiter.take()
    seconds.now -= 500
    limiter.take()
    assert limiter.wait() == pytest.approx(10.05, abs=0.01)


def test_vendors_of_one_host_share_a_limiter() -> None:
    """A host counts by address: name, port and rate, in any case of letters."""
    limits, seconds = Limits(), Seconds()
    one = limits.limiter("api.example", (10, 1.0), seconds)
    assert limits.limiter("API.example", (10, 1.0), seconds) is one
    assert limits.limiter("api.example:8443", (10, 1.0), seconds) is not one
    assert limits.limiter("other.example", (10, 1.0), seconds) is not one


async def test_two_accounts_on_one_host_keep_the_rate_together() -> None:
    """Forty requests of two accounts at ten a second take three seconds and more, on the clock that is given."""
    time, limits, vendor = Time(), Limits(), Script(ok())
    accounts = [transport(vendor, time, limits, vendor=name, rate=(10, 1.0)) for name in ("one", "two")]
    started = time.now
    await asyncio.gather(*(account.write("POST", "/x") for account in accounts for _ in range(20)))
    assert (time.now - started).total_seconds() >= 3
    assert accounts[0].rate == (10, 1.0)
    assert accounts[0].spare() == accounts[1].spare()


async def test_the_rate_headers_tighten_what_is_spare() -> None:
    """RateLimit-Remaining of an answer is known to the next plan."""
    crm = transport(Script(ok(ratelimit_remaining="12", ratelimit_reset="600")), Time(), rate=(100, 900.0))
    await crm.read("GET", "/x")
    assert crm.spare() == 2


async def test_a_full_rate_at_the_host_pauses_every_account_there() -> None:
    """A 429 with Retry-After for one account is obeyed by the other, which does not even ask."""
    time, limits, vendor = Time(), Limits(), Script(ok())
    one = transport(Script(ok(status=429, retry_after="600")), time, limits)
    two = transport(vendor, time, limits, vendor="two")
    with pytest.raises(Unreachable, match="429"):
        await one.read("GET", "/x")
    assert two.spare() == 0
    with pytest.raises(BudgetSpent, match="two: GET /x"):
        await two.read("GET", "/x")
    assert vendor.requests == []
