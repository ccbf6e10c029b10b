"""Writes that go wrong: sent once, and "not known" wherever nobody can tell whether they were done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.model.errors import Unreachable
from syncd.vendors.port import Uncertain
from tests.contract.world import NOW, WRITES, World, sent

EACH_WRITE = pytest.mark.parametrize("write", WRITES)


@EACH_WRITE
@pytest.mark.parametrize("kind", ["hang", "hang_after", "reset", "reset_after", "reset_body"])
async def test_a_write_without_an_answer_is_uncertain_and_sent_once(world: World, write: str, kind: str) -> None:
    """Whether the vendor did it before it fell silent, or not."""
    entry = world.enter()
    world.fault_on(write, kind)
    result = await world.perform(write, entry.id)
    assert isinstance(result, Uncertain)
    assert result.reason.startswith("agenda: ")
    assert sent(world, write) == 1
    assert world.performed(write, entry.id) is (kind in ("hang_after", "reset_after", "reset_body"))


@EACH_WRITE
@pytest.mark.parametrize("kind", ["html", "truncate", "not_json", "empty"])
async def test_an_answer_to_a_write_that_proves_nothing_is_uncertain(world: World, write: str, kind: str) -> None:
    """A page of HTML with 200 is neither a yes nor a no."""
    entry = world.enter()
    world.fault_on(write, kind)
    result = await world.perform(write, entry.id)
    assert isinstance(result, Uncertain)
    assert sent(world, write) == 1


@EACH_WRITE
@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_a_server_that_fails_at_a_write_leaves_it_uncertain(world: World, write: str, code: int) -> None:
    """It is not sent a second time."""
    entry = world.enter()
    world.fault_on(write, "status", code=code)
    assert isinstance(await world.perform(write, entry.id), Uncertain)
    assert sent(world, write) == 1
    assert not world.performed(write, entry.id)


@EACH_WRITE
@pytest.mark.parametrize("value", ["11", "Tue, 20 Oct 2026 09:00:11 GMT", None])
async def test_a_write_that_came_too_fast_is_sent_again_and_done_once(
    world: World, write: str, value: str | None
) -> None:
    """429 means that it was surely not done: after the time that the vendor asks for it may go again."""
    entry = world.enter()
    world.fault_on(write, "retry_after", value=value, times=1)
    await world.perform(write, entry.id)
    assert world.performed(write, entry.id)
    assert sent(world, write) == 2
    assert world.clock() - NOW >= (timedelta(seconds=11) if value else timedelta(0))


@EACH_WRITE
async def test_a_write_that_is_always_too_fast_was_not_done(world: World, write: str) -> None:
    """And is known not to have been: it is left to the next cycle."""
    entry = world.enter()
    world.fault_on(write, "retry_after", value="5")
    with pytest.raises(Unreachable):
        await world.perform(write, entry.id)
    assert not world.performed(write, entry.id)


@EACH_WRITE
async def test_a_write_without_a_connection_was_not_done(world: World, write: str) -> None:
    """What was never sent is no unknown outcome."""
    entry = world.enter()

    def cut(request: object) -> None:
        world.wire.cut = True

    if write != "create":
        world.wire.after.append(cut)  # the record is read before it is written
    else:
        world.wire.cut = True
    with pytest.raises(Unreachable):
        await world.perform(write, entry.id)
    assert not world.performed(write, entry.id)
