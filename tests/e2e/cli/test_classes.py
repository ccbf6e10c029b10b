"""A class, through the command: three bookings at the site, a record each at Acuity and in the office."""

from __future__ import annotations

from tests.e2e.cli.world import World, person, start_of
from tests.open_house import LENGTH, ROW


def test_a_class_is_kept_seat_by_seat(world: World) -> None:
    """The dry run shows what the run does; one who is taken out at Acuity is taken out of her booking alone."""
    world.vendors["book"].set_behaviour(classes=True)
    world.vendors["site"].set_behaviour(group_services=(2, 3), enforce_slots=False)
    world.configure()
    world.config.write_text(world.config.read_text(encoding="utf-8") + ROW, encoding="utf-8")
    people = [person(number) for number in range(3)]
    world.vendors["site"].person_insert(
        start=start_of(0),
        end=start_of(0) + LENGTH,
        people=people,
        service=3,
        staff={"provider": 1, "location": 1},
    )
    dry = world.syncd("--dry-run", "--report", "json").report
    done = world.once()
    assert [one["id"] for one in dry["operations"]] == [one["id"] for one in done["operations"]]
    assert [one["error"] for one in done["operations"] if one["outcome"] != "done"] == []
    counts = {name: len(vendor.entries) for name, vendor in world.vendors.items()}
    assert counts == {"crm": 1, "book": 3, "office": 3, "site": 1}
    world.vendors["book"].person_cancel(world.entry("book", 1).id)
    assert world.once()["exit_code"] == 0
    assert [entry.status for entry in world.vendors["site"].entries.values()] == ["scheduled"]
    assert len(world.vendors["office"].entries) == 2
    assert "nothing to do" in world.syncd("--once").out
