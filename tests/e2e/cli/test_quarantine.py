"""`syncd quarantine` and `release`: what is left alone, why, and until when."""

from __future__ import annotations

import pytest

from tests.e2e.cli.world import World


@pytest.fixture
def refused(world: World) -> World:
    """Two appointments whose creation the back office refuses."""
    world.book(0, 1, at=("crm",))
    world.fault("office", "status", operation="create", code=400)
    assert world.syncd("--once").code == 3
    return world


def test_a_refused_operation_is_left_alone_until_it_is_released(refused: World) -> None:
    """It is listed with its reason and not tried again; released, the next cycle tries it."""
    listed = refused.syncd("quarantine")
    *entries, hint = listed.out.splitlines()
    assert [(line.split()[0], "office [" in line, "refused (400)" in line) for line in entries] == [
        ("1", True, True),
        ("2", True, True),
    ]
    assert hint == "'syncd quarantine release ID' tries one again"
    refused.vendors["office"].faults.clear()
    assert refused.syncd("--once").code == 0
    assert refused.starts("office") == []
    released = refused.syncd("quarantine", "release", "1")
    assert (released.code, released.out.startswith("released 1: office [")) == (0, True)
    assert refused.syncd("--once").code == 0
    assert len(refused.starts("office")) == 1
    assert refused.syncd("quarantine", "release", "--all").code == 0
    assert refused.syncd("quarantine").out == "nothing is in quarantine\n"
    assert refused.syncd("--once").code == 0
    assert refused.in_step()


def test_what_is_released_and_refused_again_is_back(refused: World) -> None:
    """Exit 3, and in the list once."""
    assert refused.syncd("quarantine", "release", "--all").code == 0
    assert refused.syncd("--once").code == 3
    assert len(refused.syncd("quarantine").out.splitlines()) == 3


def test_an_appointment_that_changes_leaves_by_itself(refused: World) -> None:
    """Another operation is tried anew."""
    refused.vendors["office"].faults.clear()
    refused.move("crm", 0)
    assert refused.syncd("--once").code == 0
    assert len(refused.starts("office")) == 1
    assert len(refused.syncd("quarantine").out.splitlines()) == 2


def test_a_wrong_release_is_wrong_usage_and_releases_nothing(refused: World) -> None:
    """Neither nothing nor everything by accident."""
    for arguments in ([], ["1", "--all"], ["1", "99"], ["x"]):
        wrong = refused.syncd("quarantine", "release", *arguments)
        assert wrong.code == 2
        assert wrong.told
    assert len(refused.syncd("quarantine").out.splitlines()) == 3


def test_an_unreadable_record_is_in_quarantine_until_somebody_mends_it(world: World) -> None:
    """The reason says what is wrong with it; the others are synced meanwhile."""
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    entry = world.entry("office", 0)
    world.vendors["office"].person_edit(entry.id, extra={"startTime": "25:99"})
    assert world.syncd("--once").code == 3
    assert world.syncd("--once").code == 0
    listed = world.syncd("quarantine").out
    assert f"office [{entry.id}]" in listed
    world.vendors["office"].person_edit(entry.id, extra={})
    assert world.syncd("--once").code == 0
    assert world.syncd("quarantine").out == "nothing is in quarantine\n"
    assert world.in_step()
