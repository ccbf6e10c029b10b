"""`syncd link` and `unlink`: what a person knows of records, said once."""

from __future__ import annotations

from tests.e2e.cli.world import ALL, World, start_of


def test_two_are_made_one_and_one_stands_alone_again(world: World) -> None:
    """Done by the next cycle, told by `explain`, and not undone by the one after."""
    world.configure(options={name: {"read_only": True} for name in ALL})
    world.book(0, at=("crm",))
    world.book(1, at=("office",))
    office = world.entry("office", 1)
    world.vendors["office"].person_edit(office.id, start=start_of(0), end=start_of(0) + (office.end - office.start))
    assert world.syncd("--once").code == 0
    one, other = (f"{name}:{world.entry(name, number).id}" for number, name in enumerate(("crm", "office")))
    linked = world.syncd("link", one, other)
    assert (linked.code, linked.out.startswith("the next cycle joins them as appointment ")) == (0, True)
    assert world.syncd("--once").code == 0
    assert world.syncd("--once").code == 0
    told = world.syncd("explain", other).out
    assert told == world.syncd("explain", one).out
    assert " link at office: done " in told
    parted = world.syncd("unlink", other)
    assert (parted.code, parted.out.startswith("the next cycle makes it appointment ")) == (0, True)
    assert world.syncd("--once").code == 0
    assert world.syncd("--once").code == 0
    told = world.syncd("explain", other).out
    assert told != world.syncd("explain", one).out
    assert " unlink at office: done " in told


def test_what_cannot_be_is_wrong_usage(world: World) -> None:
    """Exit 2, and the way out."""
    world.book(0, at=("crm",))
    world.once()
    one = f"crm:{world.entry('crm', 0).id}"
    for arguments, words in {
        ("link", one, one): "they are one already",
        ("link", one, "crm:00"): "nor is it in quarantine: 'syncd explain' names the records",
        ("link", one, "abc"): "too short",
        ("link", one, "abcd"): "give its id, which the report as JSON ('--report json')",
        ("unlink", "crm:00"): "no appointment has a record crm:00",
        ("unlink", "abcd"): "name it as VENDOR:REMOTE_ID: 'syncd explain' names the records",
    }.items():
        done = world.syncd(*arguments)
        assert (done.code, done.out) == (2, "")
        assert words in done.err
