"""A record that took another client's booking in: what is said of the one who had it is not about the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from syncd.model.plan import Action, Outcome
from syncd.sandbox.amelia.bookings import Appointment, Booking
from syncd.sandbox.frame.records import Entry
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, JANE, OMAR, World, at, steps

GROUPS = {"site": {"group_services": [2], "enforce_slots": False}}
PENDING = {"site": {"generation": "2.4"}}
"""There a create that is itself pending goes into whatever is there."""

ASKED_FOR = {"office": {"statuses": {"requested": "pending"}}}
"""A word of the back office for what waits for approval."""

SEEN = ("crm", "book", "site")
"""Where a standing appointment has one of the words for that."""


@dataclass
class Hosted:
    """Jane's appointment, whose record at the site took Omar's booking in; `ids` are her records."""

    world: World
    ids: dict[str, str]
    omar: str

    @property
    def host(self) -> Appointment:
        """Her record there."""
        return self.world.site.kept(self.world.site.entries[self.ids["site"]])

    @property
    def guest(self) -> Booking:
        """His booking in it."""
        return self.host.bookings[-1]

    @property
    def words(self) -> list[str]:
        """The statuses of her booking and of his."""
        return self.world.site.words(self.ids["site"])

    def hers(self, name: str) -> Entry:
        """Her record at a vendor."""
        return self.world.servers[name].entries[self.ids[name]]

    def his(self, name: str) -> Entry:
        """His record at a vendor."""
        return self.world.the("office", self.omar, name)

    def book(self, number: int, **values: object) -> None:
        """A person at the site edits one of the two bookings, or takes it out."""
        self.world.site.person_rebook(self.ids["site"], number, **values)

    def release(self) -> None:
        """A person lets everything in quarantine be tried again."""
        self.world.desk.release([])

    def told_apart(self) -> bool:
        """Whether nothing of one client stands in a record of the other, but in the one that took his booking in."""
        for name in ALL:
            for entry in self.world.servers[name].entries.values():
                told = f"{entry.title} {entry.notes if name != 'site' else ''}".casefold()
                told += " ".join(f"{one.name} {one.email} {one.phone}" for one in entry.people).casefold()
                if "omar" in told and "jane" in told and entry.id != self.ids["site"]:
                    return False
        return True


async def hosted(worlds: Worlds, how: str = "group", answer: str = "told", hers: str = "", notes: str = "") -> Hosted:
    """Jane is at every vendor at 15:00, and Omar's create at the site was put into her record there.

    `hers` are the notes of her appointment, `notes` those of his.
    """
    world = worlds(switches=GROUPS if how == "group" else PENDING, options=ASKED_FOR)
    first = world.enter_everywhere(at(15), JANE)
    await world.settle()
    ids = {name: first.id if name == "crm" else world.the("crm", first.id, name).id for name in ALL}
    if hers:
        world.servers["office"].person_edit(ids["office"], notes=hers)
        await world.settle()
    if answer == "lost":
        world.fault("site", "hang_after", "create", times=1)
    status = "scheduled" if how == "group" else "requested"
    omar = world.enter("office", at(15), OMAR, status=status, notes=notes)
    for _ in range(3):
        await world.cycle()
    found = Hosted(world, ids, omar.id)
    assert len(found.host.bookings) == 2
    assert [row.vendor for row in world.desk.quarantines()] == ["site"]
    return found


EACH_WAY = pytest.mark.parametrize(
    ("how", "answer"), [("group", "told"), ("group", "lost"), ("pending", "told"), ("pending", "lost")]
)


@EACH_WAY
async def test_a_cancellation_ends_the_booking_of_the_one_who_is_cancelled(
    worlds: Worlds, how: str, answer: str
) -> None:
    """The other client's stands, and the report says so; then the record is that client's, and follows."""
    s = await hosted(worlds, how, answer)
    s.world.call_off("crm", s.ids["crm"])
    result = await s.world.cycle()
    [cancel] = steps(result, Action.CANCEL, "site")
    assert cancel.outcome is Outcome.DONE
    assert f"booking {s.guest.id}" in (cancel.error or "")
    standing = "approved" if how == "group" else "pending"
    assert s.words == ["canceled", standing]
    for _ in range(2):
        await s.world.cycle()
    assert s.words == ["canceled", standing]
    assert s.world.the("office", s.omar, "site").id == s.ids["site"]
    assert s.world.desk.quarantines() == []
    assert steps(await s.world.settle()) == []
    assert s.world.calendars(SEEN) == [[at(15)]]
    assert [s.hers(name).status for name in ("crm", "book")] == ["cancelled"] * 2
    s.world.move("office", s.omar, at(17))
    await s.world.settle()
    assert s.world.calendars(SEEN) == [[at(17)]]
    assert s.told_apart()


@pytest.mark.parametrize("answer", ["told", "lost"])
async def test_who_calls_off_the_first_booking_there_calls_off_the_first_client(worlds: Worlds, answer: str) -> None:
    """At the site itself: Jane is cancelled everywhere, and nobody takes Omar for her new client."""
    s = await hosted(worlds, answer=answer)
    s.book(0, status="canceled")
    for _ in range(4):
        await s.world.cycle()
    assert s.words == ["canceled", "approved"]
    assert [s.hers(name).status for name in ("crm", "book")] == ["cancelled"] * 2
    assert s.his("site").id == s.ids["site"]
    assert s.world.calendars(SEEN) == [[at(15)]]
    assert s.world.desk.quarantines() == []
    assert s.told_apart()


async def test_that_the_first_did_not_come_is_not_said_of_the_other(worlds: Worlds) -> None:
    """A word on Jane's appointment is a word on her booking."""
    s = await hosted(worlds)
    s.world.servers["crm"].person_edit(s.ids["crm"], status="no_show")
    for _ in range(2):
        await s.world.cycle()
    assert s.words == ["no-show", "approved"]
    assert all(step.outcome is not Outcome.QUARANTINED for step in steps(s.world.results[-2], vendor="site"))
    assert all(entry.status == "scheduled" for entry in (s.his("crm"), s.his("book")))


@EACH_WAY
async def test_a_move_of_the_first_takes_nobody_along(worlds: Worlds, how: str, answer: str) -> None:
    """One time is for all bookings of a record: the move waits until a person has taken the other one out."""
    s = await hosted(worlds, how, answer)
    s.world.move("crm", s.ids["crm"], at(17))
    result = await s.world.cycle()
    [move] = steps(result, Action.RESCHEDULE, "site")
    assert move.outcome is Outcome.QUARANTINED
    assert f"take booking {s.guest.id} out" in (move.error or "")
    assert result.exit_code == 3
    for _ in range(2):
        assert steps(await s.world.cycle()) == []
    assert (s.host.start, s.hers("book").start) == (at(15), at(17))
    s.book(1, status="canceled")
    s.release()
    await s.world.cycle()
    await s.world.settle()
    assert s.host.start == at(17)
    assert s.his("site").id != s.ids["site"]
    assert s.world.desk.quarantines() == []
    assert s.world.calendars(SEEN) == [[at(15), at(17)]]


@pytest.mark.parametrize("answer", ["told", "lost"])
async def test_what_is_typed_in_about_either_stays_in_their_own_records(worlds: Worlds, answer: str) -> None:
    """Jane's new number reaches hers, and Omar's nothing: neither is a client of the other's appointment."""
    s = await hosted(worlds, answer=answer)
    jane, omar = s.host.people
    s.world.site.person_edit(
        s.ids["site"], people=[replace(jane, phone="2125550999"), replace(omar, phone="2125550888")]
    )
    for _ in range(2):
        await s.world.cycle()
    assert [one.phone[-4:] for one in s.hers("book").people] == ["0999"]
    assert [one.email for one in s.his("book").people] == [OMAR.email]
    assert [one.email for one in s.world.known("crm", s.ids["crm"]).agreed.clients] == [JANE.email]
    assert s.told_apart()


async def test_the_notes_of_both_are_the_second_ones_alone_when_the_record_is(worlds: Worlds) -> None:
    """They stand in it together; his own are written there, and hers go nowhere."""
    s = await hosted(worlds, notes="Bring the plans", hers="Door code")
    assert "Door code" in s.host.notes
    assert "Bring the plans" in s.host.notes
    s.world.call_off("crm", s.ids["crm"])
    for _ in range(3):
        await s.world.cycle()
    assert s.words == ["canceled", "approved"]
    assert s.host.notes.partition("[syncd:")[0].strip() == "Bring the plans"
    assert [s.his(name).notes for name in ("book", "office")] == ["Bring the plans"] * 2


async def test_a_guest_who_is_called_off_is_told_of_and_left(worlds: Worlds) -> None:
    """Omar is cancelled elsewhere: his booking in Jane's record is named, and ends with it as soon as it is his."""
    s = await hosted(worlds)
    s.world.call_off("office", s.omar)
    for _ in range(2):
        await s.world.cycle()
    [entry] = s.world.desk.quarantines()
    assert f"booking {s.guest.id} in it" in entry.reason
    assert s.words == ["approved", "approved"]
    s.world.call_off("crm", s.ids["crm"])
    for _ in range(3):
        await s.world.cycle()
    assert s.words == ["canceled", "canceled"]
    assert s.world.desk.quarantines() == []
    assert s.world.calendars(SEEN) == [[]]


async def test_a_further_guest_does_not_take_a_record_over_in_which_another_stands(worlds: Worlds) -> None:
    """Jane has just ended, and Ana is put into what stands for Omar: she is left to a person, too."""
    s = await hosted(worlds)
    s.world.call_off("crm", s.ids["crm"])
    s.world.enter("office", at(15), ANA)
    for _ in range(3):
        await s.world.cycle()
    assert s.words == ["canceled", "approved", "approved"]
    assert len(s.world.desk.quarantines()) == 2
    for name in ("crm", "book", "office"):
        assert len(s.world.live(name)) == 2
    assert s.told_apart()


async def test_a_guest_who_is_moved_is_not_booked_a_second_time(worlds: Worlds) -> None:
    """His booking is in Jane's record still: until a person takes it out there, none is made at his new time."""
    s = await hosted(worlds)
    creates = s.world.site.counters.creates
    s.world.move("office", s.omar, at(18))
    for _ in range(3):
        await s.world.cycle()
    assert s.world.site.counters.creates == creates
    [entry] = s.world.desk.quarantines()
    assert f"take booking {s.guest.id} out" in entry.reason
    s.book(1, status="canceled")
    s.release()
    await s.world.settle()
    assert s.his("site").start == at(18)
    assert s.world.calendars(SEEN) == [[at(15), at(18)]]


async def test_who_has_a_record_by_now_is_not_given_another(worlds: Worlds) -> None:
    """A person booked Omar by hand: when Jane's ends, what is left in hers is named, and nobody else is touched."""
    s = await hosted(worlds)
    s.world.enter("site", at(15), OMAR)
    for _ in range(2):
        await s.world.cycle()
    s.world.call_off("crm", s.ids["crm"])
    for _ in range(3):
        await s.world.cycle()
    assert s.words == ["canceled", "approved"]
    [entry] = s.world.desk.quarantines()
    assert f"booking {s.guest.id}" in entry.reason
    assert f"record {s.ids['site']}" in entry.reason
    assert [s.hers(name).status for name in ("crm", "book")] == ["cancelled"] * 2
    s.book(1, status="canceled")
    await s.world.settle()
    assert s.world.desk.quarantines() == []
    assert s.world.calendars(SEEN) == [[at(15)]]


async def test_a_second_guest_is_no_successor_of_the_first(worlds: Worlds) -> None:
    """Two joined: when the one who had the record is cancelled, neither gets the other as a client."""
    s = await hosted(worlds)
    s.world.enter("office", at(15), ANA)
    for _ in range(2):
        await s.world.cycle()
    assert len(s.host.bookings) == 3
    s.world.call_off("crm", s.ids["crm"])
    for _ in range(3):
        await s.world.cycle()
    assert s.words == ["canceled", "approved", "approved"]
    for name in ("crm", "book", "office"):
        assert len(s.world.live(name)) == 2
    assert s.told_apart()


@pytest.mark.parametrize(("names", "quick"), [(ALL, "book"), (("crm", "office", "site"), "office")])
async def test_a_second_look_within_the_cycle_makes_a_guest_nobodys_client(
    worlds: Worlds, names: tuple[str, ...], quick: str
) -> None:
    """His create got no answer yet, and Jane's records are read again, as somebody was quicker at one of them.

    Also where no vendor makes syncd look at what stands beside an appointment.
    """
    world = worlds(switches=GROUPS, names=names)
    first = world.enter_everywhere(at(15), JANE)
    await world.settle()
    record, office = (world.the("crm", first.id, name).id for name in (quick, "office"))
    if quick == "book":
        world.servers["office"].person_edit(office, people=[replace(JANE, email="jane@example.org")])
    else:
        world.servers["crm"].person_edit(first.id, title="Second visit")
    world.enter("office", at(15), OMAR)
    world.fault("site", "hang_after", "create", times=1)
    world.between(quick, "get", lambda: world.servers[quick].person_edit(record, notes="Ring"))
    for _ in range(3):
        await world.cycle()
    assert [one.first_name for one in world.known("crm", first.id).agreed.clients] == ["Jane"]
    assert world.servers[quick].entries[record].notes == "Ring"
