"""A group: several clients at the site or the CRM, and one of them in each record that has room for one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import httpx
import pytest

from syncd import report
from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.records import Entry, Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, ANY_TIME, JANE, OMAR, SEVERAL, World, at, steps

ZOE = Person("Zoe", "Quist", "zoe.quist@example.com", "2125550111")
THREE = [JANE, OMAR, ANA]
SWITCHES = {name: {**ANY_TIME[name], **SEVERAL[name]} for name in ALL}
LISTING = {**SWITCHES, "crm": {**SWITCHES["crm"], "attendees_in_get": True, "attendees": "everybody"}}
"""The CRM shows everybody who comes."""


@dataclass
class Group:
    """Three clients at one time, entered at one vendor; `ids` are its records."""

    world: World
    ids: dict[str, str]

    @property
    def words(self) -> list[str]:
        """The bookings at the site, in the order of the three."""
        return self.world.site.words(self.ids["site"])

    @property
    def clients(self) -> list[str]:
        """Whom syncd has agreed on, by address."""
        known = self.world.known("site", self.ids["site"])
        return [one.email for one in known.agreed.clients]

    def entry(self, name: str) -> Entry:
        """Its record at a vendor."""
        return self.world.servers[name].entries[self.ids[name]]

    def who(self, name: str) -> list[str]:
        """Whom a record names."""
        return [one.email for one in self.entry(name).people]

    def take_out(self, number: int, status: str = "canceled") -> None:
        """People at the site change one booking."""
        self.world.site.person_rebook(self.ids["site"], number, status=status)

    def edit(self, name: str, who: Person) -> None:
        """People at a vendor write somebody into a record that has room for one."""
        self.world.servers[name].person_edit(self.ids[name], people=[who])

    async def quiet(self) -> None:
        """Nothing is left to write."""
        for _ in range(2):
            result = await self.world.cycle()
            assert (steps(result), sum(map(self.world.written, ALL))) == ([], 0), report.text(result)


async def group(worlds: Worlds, at_first: str = "site") -> Group:
    """Jane, Omar and Ana, everywhere: where there is room for one, the record is Jane's."""
    world = worlds(switches=LISTING if at_first == "crm" else SWITCHES)
    entry = world.enter(at_first, at(15), JANE, people=[replace(one) for one in THREE])
    await world.settle()
    ids = {name: entry.id if name == at_first else world.the(at_first, entry.id, name).id for name in ALL}
    found = Group(world, ids)
    assert found.who("book") == found.who("office") == [JANE.email]
    assert len(found.words) == 3
    return found


async def test_she_cancels_at_acuity_and_her_seat_ends(worlds: Worlds) -> None:
    """One booking at the site is cancelled, the others stay, and so does the appointment."""
    g = await group(worlds)
    g.world.call_off("book", g.ids["book"])
    result = await g.world.cycle()
    assert g.words == ["canceled", "approved", "approved"]
    assert (g.entry("crm").status, g.entry("site").status) == ("scheduled", "scheduled")
    assert g.clients == [OMAR.email, ANA.email]
    [ended] = steps(result, Action.UPDATE, "site")
    assert (ended.outcome, result.conflicts) == (Outcome.DONE, ())
    assert "book cancelled one client's seat" in ended.operation.reason
    assert steps(result, Action.CREATE) == []
    assert any("none is made" in said for said in result.remarks)
    await g.quiet()
    g.world.move("crm", g.ids["crm"], at(17))
    await g.world.settle()
    assert [g.entry(name).start for name in ("crm", "site")] == [at(17)] * 2
    assert g.words == ["canceled", "approved", "approved"]


@pytest.mark.parametrize("gone", ["book", "office"])
async def test_a_record_that_is_deleted_is_one_seat(worlds: Worlds, gone: str) -> None:
    """By the word of its vendor, as any deletion."""
    g = await group(worlds)
    others = [at(9), at(11), at(13)]
    for start in others:
        g.world.enter("office", start, ZOE)
    await g.world.settle()
    g.world.servers[gone].person_delete(g.ids[gone])
    await g.world.settle()
    assert g.words == ["canceled", "approved", "approved"]
    assert g.entry("crm").status == "scheduled"
    assert g.world.starts("book") == g.world.starts("office") == others


async def test_what_would_follow_from_a_record_that_is_missing_is_held(worlds: Worlds) -> None:
    """As any cancellation; approved, it is one seat that ends."""
    g = await group(worlds)
    g.world.hide("book", g.ids["book"])
    await g.world.cycle()
    assert sorted(entry.vendor for entry in g.world.desk.held()) == ["office", "site"]
    assert (g.words, g.entry("crm").status) == (["approved"] * 3, "scheduled")
    g.world.desk.approve([])
    await g.world.settle()
    assert (g.words, g.entry("crm").status) == (["canceled", "approved", "approved"], "scheduled")


async def test_all_of_them_in_turn(worlds: Worlds) -> None:
    """Jane at Acuity, Omar and then Ana at the site: with the last one the appointment is called off."""
    g = await group(worlds)
    g.world.call_off("book", g.ids["book"])
    await g.world.settle()
    g.take_out(1)
    await g.world.settle()
    assert (g.words, g.entry("crm").status) == (["canceled", "canceled", "approved"], "scheduled")
    g.take_out(2)
    await g.world.settle()
    assert (g.words, g.entry("crm").status) == (["canceled"] * 3, "cancelled")


async def test_that_she_did_not_come_is_said_of_nobody_else(worlds: Worlds) -> None:
    """No record of the group becomes a no-show."""
    g = await group(worlds)
    g.world.servers["book"].person_edit(g.ids["book"], status="no_show")
    result = await g.world.cycle()
    assert steps(result) == []
    assert any("no_show" in said for said in result.remarks)
    await g.quiet()
    assert (g.words, g.entry("crm").status) == (["approved"] * 3, "scheduled")


async def test_her_address_is_corrected_at_acuity(worlds: Worlds) -> None:
    """It is hers that is corrected, wherever that can be written, and nobody else's."""
    g = await group(worlds)
    g.edit("book", replace(JANE, email="jane@work.example"))
    await g.world.settle()
    assert g.clients == ["jane@work.example", OMAR.email, ANA.email]
    assert g.who("office") == ["jane@work.example"]
    assert (g.words, g.world.desk.conflicts()) == (["approved"] * 3, [])


@pytest.mark.parametrize("winner", ["book", "site"])
async def test_the_record_is_given_to_another_at_acuity(worlds: Worlds, winner: str) -> None:
    """The site can be given no client, so that a person is asked; Omar and Ana are none of it."""
    g = await group(worlds)
    g.edit("book", ZOE)
    for _ in range(2):
        result = await g.world.cycle()
        assert steps(result) == []
    [asked] = g.world.desk.conflicts()
    assert {"book", "site"} == set(asked.values)
    g.world.desk.resolve(asked.id, winner)
    await g.world.settle()
    await g.quiet()
    assert g.world.desk.conflicts() == []
    if winner == "book":
        assert g.clients == [ZOE.email, OMAR.email, ANA.email]
        assert (g.words, g.entry("book").status) == (["canceled", "approved", "approved"], "scheduled")
    else:
        assert g.clients == [JANE.email, OMAR.email, ANA.email]
        assert (g.words, g.entry("book").status) == (["approved"] * 3, "cancelled")
    assert g.who("book") == [ZOE.email]
    assert g.entry("crm").status == "scheduled"


async def test_the_group_is_cancelled_at_the_site(worlds: Worlds) -> None:
    """All of it, everywhere."""
    g = await group(worlds)
    g.world.call_off("site", g.ids["site"])
    await g.world.settle()
    assert [g.world.live(name) for name in ALL] == [[]] * 4


async def test_her_booking_is_cancelled_at_the_site(worlds: Worlds) -> None:
    """The record at Acuity is hers: it ends, and is given to nobody else. The appointment stands."""
    g = await group(worlds)
    g.take_out(0)
    result = await g.world.cycle()
    [cancel] = steps(result, Action.CANCEL, "book")
    assert [one.email for one in cancel.operation.target.clients] == [JANE.email]
    await g.quiet()
    assert (g.entry("book").status, g.who("book")) == ("cancelled", [JANE.email])
    assert (g.words, g.entry("crm").status) == (["canceled", "approved", "approved"], "scheduled")
    g.take_out(0, "approved")
    await g.world.settle()
    [again] = g.world.live("book")
    assert [one.email for one in again.people] == [JANE.email]


async def test_another_booking_is_cancelled_at_the_site(worlds: Worlds) -> None:
    """Which is no affair of the record at Acuity."""
    g = await group(worlds)
    g.take_out(1)
    await g.world.settle()
    assert (g.entry("book").status, g.who("book"), g.clients) == ("scheduled", [JANE.email], [JANE.email, ANA.email])


async def test_an_answer_that_is_lost_ends_one_seat_all_the_same(worlds: Worlds) -> None:
    """What it came to is looked at, and nobody else's booking is cancelled for it."""
    g = await group(worlds)
    g.world.call_off("book", g.ids["book"])
    for kind in ("hang", "hang_after"):
        g.world.fault("site", kind, "update", "status", "cancel", times=1)
    for _ in range(12):
        await g.world.cycle()
    g.world.mend()
    await g.world.settle()
    assert (g.words, g.entry("crm").status) == (["canceled", "approved", "approved"], "scheduled")


@pytest.mark.parametrize("then", ["", "cancelled"])
async def test_a_record_that_could_not_be_read_back_is_one_seat(worlds: Worlds, then: str) -> None:
    """Acuity took one of three, and when it is read at last it shows one: nobody else was ever in it."""
    world = worlds(switches=SWITCHES)
    entry = world.enter("site", at(15), JANE, people=[replace(one) for one in THREE])
    world.fault("book", "status", "get")
    shown = world.servers["book"]

    def bare(request: httpx.Request) -> httpx.Response | None:
        made = list(shown.entries)
        create = world.operation("book", request) == "create" and made
        return httpx.Response(200, text=f'{{"id": {made[0]}}}') if create else None

    world.wires["book"].instead = bare
    await world.cycle()
    [record] = shown.entries
    if then:
        world.call_off("book", record)
    world.mend()
    await world.cycle()
    if then:
        [asked] = world.desk.conflicts()
        who = {vendor: [one["email"] for one in value] for vendor, value in asked.values.items()}
        assert who["book"] == [OMAR.email, ANA.email]
        world.desk.resolve(asked.id, "book")
    await world.settle()
    found = Group(world, {"site": entry.id})
    left = THREE[1:] if then else THREE
    assert found.words == ["canceled" if then else "approved", "approved", "approved"]
    assert found.clients == [one.email for one in left]
    assert [one.status for one in world.servers["crm"].entries.values()] == ["scheduled"]


async def test_a_seat_ends_while_the_appointment_is_moved(worlds: Worlds) -> None:
    """Both are done in one cycle, each for those whom it concerns."""
    g = await group(worlds)
    g.world.call_off("book", g.ids["book"])
    g.world.move("crm", g.ids["crm"], at(17))
    await g.world.cycle()
    assert (g.words, g.entry("site").start) == (["canceled", "approved", "approved"], at(17))
    await g.quiet()


class TestTheCrmListsThem:
    """The CRM has all three, and lets no write change that."""

    async def test_a_person_is_asked_and_nothing_is_written(self, worlds: Worlds) -> None:
        """Both values are shown; meanwhile a cancellation of the whole group goes through."""
        g = await group(worlds, "crm")
        g.world.call_off("book", g.ids["book"])
        for _ in range(2):
            result = await g.world.cycle()
            assert (steps(result), sum(map(g.world.written, ALL))) == ([], 0)
        [asked] = g.world.desk.conflicts()
        who = {vendor: [one["email"] for one in value] for vendor, value in asked.values.items()}
        assert who == {"crm": [JANE.email, OMAR.email, ANA.email], "book": [OMAR.email, ANA.email]}
        g.world.call_off("crm", g.ids["crm"])
        await g.world.settle()
        assert g.world.desk.conflicts() == []
        assert [g.world.live(name) for name in ALL] == [[]] * 4

    @pytest.mark.parametrize("winner", ["book", "crm"])
    async def test_a_person_decides(self, worlds: Worlds, winner: str) -> None:
        """She is out, and her booking at the site ends; or she stays, and has a record at Acuity again."""
        g = await group(worlds, "crm")
        g.world.call_off("book", g.ids["book"])
        await g.world.cycle()
        [asked] = g.world.desk.conflicts()
        g.world.desk.resolve(asked.id, winner)
        await g.world.settle()
        await g.quiet()
        assert g.entry("crm").status == "scheduled"
        stays = winner == "crm"
        assert g.words == ["approved" if stays else "canceled", "approved", "approved"]
        assert [[one.email for one in each.people] for each in g.world.live("book")] == [[JANE.email]] * stays


async def test_the_report_says_who_is_not_in_a_record(worlds: Worlds) -> None:
    """Of three, Acuity took one: before it is made, and afterwards."""
    world = worlds(switches=SWITCHES)
    world.enter("site", at(15), JANE, people=[replace(one) for one in THREE])
    for dry in (True, False):
        result = await world.cycle(dry_run=dry)
        [made] = steps(result, Action.CREATE, "book")
        assert [one.email for one in made.operation.changes["clients"][1]] == [JANE.email]  # type: ignore[index]
        assert "room for 1 of its 3 clients" in report.text(result)
