"""Creates whose answer was lost: found, made again, or left to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.compare.identity import among_key, lost_key
from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Assigned, Known, UnsettledCreate
from syncd.model.plan import Action, Plan
from syncd.model.policy import Traits
from syncd.model.record import BadRow, Record, Snapshot
from syncd.model.times import Slot
from tests.reconcile.world import (
    BOOK,
    EARLIER,
    JANE,
    NOW,
    OMAR,
    SHOWN,
    WINDOW,
    again,
    known,
    left_alone,
    listing,
    mapping,
    only,
    part,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)


def lost(
    vendor: str = "site", intended: Appointment | None = None, operation: str = "o1", missed: int = 1
) -> UnsettledCreate:
    """A create that was sent and never answered; one listing did not show it."""
    wanted = visit() if intended is None else intended
    return UnsettledCreate(
        operation=operation,
        vendor=vendor,
        intended=wanted,
        token=f"token-{operation}",
        intended_at=EARLIER,
        missed=missed,
    )


def waiting(*creates: UnsettledCreate, agreed: Appointment | None = None) -> Known:
    """Jane's visit at crm, with creates elsewhere that got no answer."""
    return known(mapping("crm", agreed), unsettled=creates or (lost(),))


def after(snapshot: Snapshot, before: Known | None = None) -> Plan:
    """The plan of a cycle in which crm is as before."""
    return plan_for([listing("crm", unchanged={"1"}), snapshot], before or waiting())


def test_the_mark_proves_the_record() -> None:
    """A record that carries the create's token is adopted, whatever it looks like by now."""
    marked = record("site", visit(slot=slot(15), clients=(OMAR,), notes="changed"), token="token-o1")
    plan = after(listing("site", marked))
    assert told(plan) == ["adopt site", "move crm slot"]
    assert only(plan).settled == ("o1",)
    assert "no answer" in plan.operations[0].reason


def test_without_a_mark_the_record_that_looks_as_intended_is_adopted() -> None:
    """The only live record of that client at that time is taken for the lost create."""
    plan = after(listing("book", record("book")), waiting(lost("book")))
    assert told(plan) == ["adopt book"]
    assert only(plan).settled == ("o1",)


NOBODY = visit(title="Kitchen and bath", clients=())


def titled(when: Slot) -> Appointment:
    """What is there under a title that the vendor made up."""
    return replace(NOBODY, title="Showing", slot=when)


BARE = Traits(name="bare", capabilities=replace(BOOK, fields={**BOOK.fields, Field.CLIENTS: SHOWN, Field.TITLE: SHOWN}))


@pytest.mark.parametrize(
    ("vendor", "intended", "kept"),
    [
        pytest.param("book", NOBODY, replace(NOBODY, title="Showing"), id="a title of its own"),
        pytest.param("office", NOBODY, replace(NOBODY, title="Kitchen a"), id="a title cut short"),
        pytest.param("office", replace(NOBODY, slot=slot(10, 7)), replace(NOBODY, title="Kitchen"), id="and rounded"),
        pytest.param("book", replace(NOBODY, slot=slot(10, 7)), titled(slot(10, 5)), id="a title and 5 down"),
        pytest.param("book", replace(NOBODY, slot=slot(10, 7)), titled(slot(10, 10)), id="a title and 5 up"),
        pytest.param("book", replace(NOBODY, slot=slot(10, 7)), titled(slot(10, 15)), id="a title and 15 up"),
        pytest.param("book", replace(NOBODY, service="Tour"), replace(NOBODY, service="Tour"), id="the service"),
        pytest.param("site", replace(NOBODY, service="Tour"), NOBODY, id="a service that it does not show"),
        pytest.param("bare", visit(), visit(clients=(), title=""), id="no client, where none can be given"),
    ],
)
def test_what_the_vendor_kept_of_it_is_enough(vendor: str, intended: Appointment, kept: Appointment) -> None:
    """Where nobody's name is in it, a record of its time that shows nothing else is what became of it."""
    before = waiting(lost(vendor, intended), agreed=intended)
    policy = rules("crm", BARE if vendor == "bare" else vendor)
    shown = replace(record("book" if vendor == "bare" else vendor, kept), vendor=vendor)
    plan = plan_for([listing("crm", unchanged={"1"}), listing(vendor, shown)], before, policy=policy)
    assert told(plan) == [f"adopt {vendor}"]


@pytest.mark.parametrize(
    ("vendor", "shown"),
    [
        pytest.param("book", replace(NOBODY, title="Showing", clients=(OMAR,)), id="a client"),
        pytest.param("book", replace(NOBODY, title="", service="Consultation"), id="another service"),
        pytest.param("office", replace(NOBODY, title="Garden"), id="another title"),
        pytest.param("office", replace(NOBODY, slot=slot(11)), id="another time"),
    ],
)
def test_what_shows_something_else_is_not_what_became_of_it(vendor: str, shown: Appointment) -> None:
    """It is another appointment, and this one is made."""
    intended = replace(NOBODY, service="Showing")
    before = waiting(lost(vendor, intended), agreed=intended)
    plan = after(listing(vendor, record(vendor, shown)), before)
    assert f"adopt {vendor}" not in told(plan)


def test_a_record_without_its_client_is_not_what_became_of_it_where_one_was_given() -> None:
    """A vendor that is given the client shows it: somebody else's block of time stays somebody else's."""
    block = record("book", visit(clients=(), title="Lunch"))
    plan = after(listing("book", block), waiting(lost("book")))
    assert "adopt book" not in told(plan)
    assert "create book" in told(plan)


@pytest.mark.parametrize("token", [None, "token-o1"])
def test_a_clock_time_that_may_mean_two_is_read_as_intended(token: str | None) -> None:
    """In the hour that comes twice, the record of a create at the second of them is nobody's move to the first."""
    vendor = "site" if token else "office"
    others = (slot(10, minutes=90), slot(10), slot(9, minutes=90))
    shown = record(vendor, visit(slot=slot(9)), other_readings=others, token=token)
    plan = after(listing(vendor, shown), waiting(lost(vendor)))
    assert told(plan) == [f"adopt {vendor}"]
    assert [m.base.slot for m in only(plan).mappings if m.vendor == vendor] == [slot(10)]


def test_a_clock_time_that_may_mean_two_is_read_as_intended_whatever_end_it_has() -> None:
    """A vendor that sets the end itself has it at the intended start all the same."""
    shown = record("book", visit(slot=slot(9, minutes=50)), other_readings=(slot(10, minutes=50),))
    plan = after(listing("book", shown), waiting(lost("book")))
    assert told(plan) == ["adopt book"]
    assert only(plan).agreed.slot == slot(10)


def test_a_marked_record_at_a_clock_time_that_nobody_intended_was_moved() -> None:
    """Of the two times that it may mean, the earlier one is taken."""
    moved = record("site", visit(slot=slot(14)), other_readings=(slot(15),), token="token-o1")
    plan = after(listing("site", moved))
    assert told(plan) == ["adopt site", "move crm slot"]
    assert only(plan).agreed.slot == slot(14)


def test_one_that_the_vendor_rounded_is_adopted_where_it_stands() -> None:
    """A record of that client where a vendor that rounds may have put it is the lost one, and nobody moved it."""
    intended = visit(slot=slot(10, 7))
    plan = after(listing("book", record("book")), waiting(lost("book", intended), agreed=intended))
    assert told(plan) == ["adopt book"]
    assert only(plan).agreed.slot == intended.slot
    assert only(plan).settled == ("o1",)


@pytest.mark.parametrize(("earlier", "pending"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_a_cancelled_appointment_waits_for_the_answer_to_its_create(earlier: timedelta, pending: bool) -> None:
    """While a listing may show what a create made, the ended appointment is looked at in every cycle; not for ever."""
    start = WINDOW.since - earlier
    gone = visit(status=Status.CANCELLED, slot=Slot(start=start, end=start + timedelta(minutes=30)))
    before = waiting(lost("site", replace(gone, status=Status.SCHEDULED)), agreed=gone)
    plan = plan_for([listing("crm", unchanged={"1"}), part("site")], before)
    assert not plan.operations
    assert only(plan).needs_another_cycle is pending


def test_of_two_that_fit_the_one_with_the_same_text_is_adopted() -> None:
    """Title and notes tell the record that syncd made from another of the same client and time."""
    intended = visit(notes="Ring")
    records = [record("office", visit(notes="Another")), record("office", intended, "2")]
    plan = after(listing("office", *records), waiting(lost("office", intended), agreed=intended))
    assert told(plan) == ["adopt office", "create crm"]
    assert plan.operations[0].remote_id == "2"


def test_two_lost_twins_find_a_record_each() -> None:
    """Two equal appointments whose creates were both lost do not adopt the same record."""
    one = replace(waiting(lost("book")), id="a")
    two = replace(known(mapping("crm", remote_id="2"), unsettled=(lost("book", operation="o2"),)), id="b")
    records = [record("book"), record("book", remote_id="2")]
    plan = plan_for([listing("crm", unchanged={"1", "2"}), listing("book", *records)], one, two)
    assert told(plan) == ["adopt book", "adopt book"]
    assert {operation.remote_id for operation in plan.operations} == {"1", "2"}


def test_a_complete_listing_without_it_allows_another_try() -> None:
    """Where the second listing shows nothing like it, the create counts as not done, and is planned again."""
    plan = after(listing("site"))
    assert told(plan) == ["create site"]
    assert only(plan).given_up == ("o1",)


def test_another_clients_record_does_not_stand_in_the_way() -> None:
    """A record of somebody else at that time is not taken for it."""
    plan = after(listing("site", record("site", visit(clients=(OMAR,)))))
    assert sorted(told(plan)) == ["create crm", "create site"]


@pytest.mark.parametrize(
    "snapshot",
    [
        part("site"),
        listing("site", unread={"7": record("site", visit(clients=()), "7", whole=False)}),
        listing("site", window=replace(listing("site").window, until=slot(9).start)),
    ],
    ids=["partial", "unread", "beyond the window"],
)
def test_nothing_is_made_again_until_the_listing_shows_that_it_must(snapshot: Snapshot) -> None:
    """A listing that may hide the record settles nothing: no second attempt is made."""
    plan = after(snapshot)
    assert not plan.operations
    assert only(plan).settled == ()


def test_nor_while_a_row_that_it_could_have_been_rounded_to_cannot_be_read() -> None:
    """A row at 10:00 that is not read yet, or cannot be, may be what became of the create for 10:07."""
    wanted = visit(slot=slot(10, 7))
    before = waiting(lost("site", wanted), agreed=wanted)
    unread = record("site", visit(slot=slot(10), clients=()), "7", whole=False)
    broken = BadRow(vendor="site", remote_id="7", reason="no id", starts=frozenset({slot(10).minute}))
    for hidden in ({"unread": {"7": unread}}, {"bad_rows": (broken,)}):
        plan = after(listing("site", **hidden), before)
        assert not plan.operations
        assert only(plan).settled == ()
    elsewhere = replace(before, mappings=(*before.mappings, mapping("site", wanted, "7", tombstone="deleted")))
    assert only(after(listing("site", bad_rows=(broken,)), elsewhere)).given_up == ("o1",)


@pytest.mark.parametrize(
    "content",
    [visit(slot=slot(15)), visit(slot=slot(15), status=Status.CANCELLED)],
    ids=["at another time", "and cancelled"],
)
def test_what_it_may_have_become_is_left_to_a_person(content: Appointment) -> None:
    """An unmarked record of the client, moved, may be the lost one: neither adopted nor made again."""
    plan = after(listing("book", record("book", content)), waiting(lost("book")))
    assert not plan.operations
    assert [entry.remote_id for entry in plan.quarantined] == ["1"]
    assert "syncd quarantine release" in plan.quarantined[0].reason
    assert only(plan).settled == ()
    assert only(plan).needs_another_cycle


def test_cancelled_where_it_was_to_be_it_is_linked_and_a_person_is_asked() -> None:
    """As any record that is cancelled while its appointment stands; what was sent may come yet."""
    shown = record("book", visit(status=Status.CANCELLED))
    plan = after(listing("book", shown), waiting(lost("book", missed=0)))
    assert told(plan) == ["adopt book"]
    assert [conflict.field for conflict in plan.conflicts] == [Field.STATUS]
    assert (only(plan).settled, only(plan).agreed.status) == ((), Status.SCHEDULED)


def test_what_it_may_have_become_founds_nothing_once_its_appointment_is_called_off() -> None:
    """Asked before or not: it is that one, moved by somebody, or another booking."""
    moved = record("book", visit(slot=slot(15)))
    asked = after(listing("book", moved), waiting(lost("book")))
    assert [entry.key for entry in asked.quarantined] == [lost_key("1", ["a"])]
    gone = visit(status=Status.CANCELLED)
    over = known(mapping("crm", gone), agreed=gone, unsettled=(lost("book"),))
    for before in ((), left_alone(asked.quarantined)):
        shots = [listing("crm", unchanged={"1"}), listing("book", moved), listing("office")]
        plan = plan_for(shots, over, policy=rules("crm", "book", "office"), quarantines=before)
        assert not plan.operations
        [question] = plan.quarantined
        assert (question.key, question.appointment) == ("late:1", over.id)
        assert "it is not as it was sent" in question.reason
        theirs = plan_for(shots, over, policy=rules("crm", "book", "office"), said={("book", "1"): False})
        assert sorted(told(theirs)) == ["create crm", "create office"]


def test_what_was_asked_stays_so_when_the_create_is_settled_otherwise() -> None:
    """Nobody has said yet what the record is."""
    moved = record("book", visit(slot=slot(15)))
    asked = left_alone(after(listing("book", moved), waiting(lost("book"))).quarantined)
    shots = [listing("crm", unchanged={"1"}), listing("book", moved)]
    plan = plan_for(shots, known(mapping("crm")), quarantines=asked)
    assert not plan.operations
    assert [entry.key for entry in plan.quarantined] == [lost_key("1", ["a"])]


def test_a_record_that_two_creates_may_have_made_keeps_both_from_being_made_again() -> None:
    """And it is one that either can be said to have made."""
    early, late = visit(slot=slot(8)), visit(slot=slot(20))
    before = (
        known(mapping("crm", early), unsettled=(lost("book", early),)),
        known(mapping("crm", late, "2"), id="b", unsettled=(lost("book", late, "o2"),)),
    )
    shots = [listing("crm", unchanged={"1", "2"}), listing("book", record("book", visit(slot=slot(15))))]
    plan = plan_for(shots, *before)
    assert not plan.operations
    assert len(plan.quarantined) == 1
    assert all(not outlook.missed and not outlook.given_up for outlook in plan.next_states)


def test_what_is_clearly_the_second_ones_is_not_kept_by_the_first() -> None:
    """The first one's client has a record at the second one's time."""
    early, late = visit(slot=slot(8)), visit(slot=slot(20))
    before = (
        known(mapping("crm", early), unsettled=(lost("book", early),)),
        known(mapping("crm", late, "2"), id="b", unsettled=(lost("book", late, "o2"),)),
    )
    shots = [listing("crm", unchanged={"1", "2"}), listing("book", record("book", late))]
    plan = plan_for(shots, *before)
    done = {operation.appointment: operation.action for operation in plan.operations}
    assert done == {"b": Action.ADOPT, before[0].id: Action.CREATE}
    assert not plan.quarantined


def test_said_to_be_its_record_it_is_what_the_create_made() -> None:
    """What it has otherwise was done to it since, and counts."""
    moved = record("book", visit(slot=slot(15)))
    before = waiting(lost("book"))
    whose = {("book", "1"): Assigned(appointment=before.id, former=None)}
    plan = plan_for([listing("crm", unchanged={"1"}), listing("book", moved)], before, whose=whose)
    assert told(plan) == ["adopt book", "move crm slot"]
    assert "somebody said so" in plan.operations[0].reason
    assert (only(plan).settled, only(plan).given_up) == ((), ("o1",))


def test_called_off_what_is_cancelled_is_no_question() -> None:
    """There is nothing to end, and nothing to carry on."""
    gone = visit(status=Status.CANCELLED)
    over = known(mapping("crm", gone), agreed=gone, unsettled=(lost("book"),))
    shown = record("book", visit(slot=slot(15), status=Status.CANCELLED))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("book", shown)], over)
    assert not plan.quarantined
    assert not plan.operations


class TestUnreadable:
    """The row of a record that a create without an answer may have made, while it cannot be read."""

    MOVED = record("book", visit(slot=slot(15)))
    ROW = BadRow(vendor="book", remote_id="1", reason="x", starts=frozenset({slot(15).minute}))

    def asked(self) -> Plan:
        """It is asked about."""
        return after(listing("book", self.MOVED), waiting(lost("book")))

    def test_its_create_does_not_count_as_missed(self) -> None:
        """Nor is it made, whatever the row's time is."""
        asked = left_alone(self.asked().quarantined)
        shots = [listing("crm", unchanged={"1"}), listing("book", bad_rows=(self.ROW,))]
        plan = plan_for(shots, waiting(lost("book")), quarantines=asked)
        assert not plan.operations
        assert (only(plan).given_up, only(plan).missed) == ((), ())
        assert any("waits for a person" in line for line in plan.waiting)

    def test_said_to_be_its_record_nothing_is_made_beside_it(self) -> None:
        """As soon as it can be read, it is linked."""
        before = known(mapping("crm"))
        whose = {("book", "1"): Assigned(appointment=before.id, former=None)}
        shots = [listing("crm", unchanged={"1"}), listing("book", bad_rows=(self.ROW,))]
        plan = plan_for(shots, before, whose=whose)
        assert not plan.operations
        assert any("record 1 of book" in line for line in plan.waiting)

    @pytest.mark.parametrize(
        ("untold", "minutes", "given_up"), [(None, 59, ()), (None, 61, ("o1",)), ("nobody tells", 59, ("o1",))]
    )
    def test_nor_does_it_while_any_row_is_unread(
        self, untold: str | None, minutes: int, given_up: tuple[str, ...]
    ) -> None:
        """For an hour, and but for those of which nobody can ever tell: each may be what it made, moved by somebody."""
        row = replace(record("book", visit(slot=slot(18)), "9"), untold=untold)
        create = replace(lost("book"), intended_at=NOW - timedelta(minutes=minutes))
        plan = after(listing("book", unread={"9": row}), waiting(create))
        assert only(plan).given_up == given_up


def test_of_two_at_its_time_either_can_be_said_to_be_its_own() -> None:
    """They are asked about as what became of it, not only as ambiguous."""
    records = [record("book", visit(notes="x")), record("book", visit(notes="y"), "2")]
    plan = after(listing("book", *records), waiting(lost("book")))
    assert [entry.key for entry in plan.quarantined] == [lost_key("1", ["a"]), lost_key("2", ["a"])]
    theirs = plan_for(
        [listing("crm", unchanged={"1"}), listing("book", *records)],
        waiting(lost("book")),
        quarantines=left_alone(plan.quarantined),
        said={("book", "2"): False},
    )
    assert "adopt book" in told(theirs)


class TestWhoseItIsFirst:
    """A record of the client of a create without an answer that something else accounts for."""

    GONE = visit(status=Status.CANCELLED, slot=slot(20))

    @pytest.fixture(params=[True, False], ids=["standing", "called off"])
    def other(self, request: pytest.FixtureRequest) -> Known:
        """Another appointment of Jane's, whose create at book got no answer."""
        content = visit(slot=slot(20)) if request.param else self.GONE
        return known(
            mapping("crm", content, "7"), id="other", agreed=content, unsettled=(lost("book", visit(slot=slot(20))),)
        )

    def test_one_that_may_be_a_missing_one_under_a_new_id_is_that(self, other: Known) -> None:
        """All ids are new: the vendor's word that the old one does not exist is not believed."""
        omars = visit(clients=(OMAR,))
        before = known(mapping("crm"), mapping("book"))
        omar = known(mapping("crm", omars, "3"), mapping("book", omars, "3"), id="omar")
        restored = [record("book", visit(slot=slot(8)), "new"), record("book", omars, "newer")]
        shots = [listing("crm", unchanged={"1", "3", "7"}), listing("book", *restored, gone={"1", "3"})]
        plan = plan_for(shots, before, omar, other)
        assert told(plan) == ["adopt book"]
        assert [(one.operation.vendor, one.operation.action) for one in plan.held] == [("crm", Action.CANCEL)]
        assert [entry.key for entry in plan.quarantined] == ["doubt:new"]

    def test_one_of_which_it_was_asked_before_whose_it_is_stays_that(self, other: Known) -> None:
        """And neither of those is made."""
        two = [known(mapping("crm", visit(notes=notes), notes), id=notes) for notes in ("x", "y")]
        shots = [listing("crm", unchanged={"x", "y"}), listing("book", record("book", visit(notes="z")))]
        asked = plan_for(shots, *two)
        assert [entry.key for entry in asked.quarantined] == [among_key("1", ["x", "y"])]
        moved = [
            known(mapping("crm", visit(slot=slot(hour), notes=notes), notes), id=notes)
            for hour, notes in ((13, "x"), (14, "y"))
        ]
        shots = [listing("crm", unchanged={"x", "y", "7"}), listing("book", record("book", visit(notes="z")))]
        plan = plan_for(shots, *moved, other, quarantines=left_alone(asked.quarantined))
        assert not plan.operations
        assert [entry.key for entry in plan.quarantined] == [among_key("1", ["x", "y"])]

    def test_one_that_fits_another_is_linked_to_that(self, other: Known) -> None:
        """Its start and its client are that one's."""
        before = known(mapping("crm"))
        plan = plan_for([listing("crm", unchanged={"1", "7"}), listing("book", record("book"))], before, other)
        adopted = [operation.appointment for operation in plan.operations if operation.action is Action.ADOPT]
        assert adopted == [before.id]
        assert not plan.quarantined

    def test_a_booking_that_went_into_anothers_record_is_looked_for_there_first(self) -> None:
        """Omar's went into Jane's record; a later booking of his is another."""
        omars = visit(clients=(OMAR,))
        jane = known(mapping("crm"), mapping("site", parts=("7 approved",)))
        omar = known(mapping("crm", omars, "2"), id="b", unsettled=(lost("site", omars),))
        both = record("site", visit(clients=(JANE, OMAR)), parts=("7 approved", "8 approved"), fingerprint=b"new")
        later = record("site", visit(clients=(OMAR,), slot=slot(16)), "9")
        plan = plan_for([listing("crm", unchanged={"1", "2"}), listing("site", both, later)], jane, omar)
        assert [(o.vendor, o.action, o.target.slot) for o in plan.operations] == [("crm", Action.CREATE, slot(16))]
        assert not plan.conflicts


def test_two_records_that_it_could_be_are_left_to_a_person() -> None:
    """Where two live records fit and differ from what was intended, neither is adopted."""
    records = [record("book", visit(notes="x")), record("book", visit(notes="y"), "2")]
    plan = after(listing("book", *records), waiting(lost("book")))
    assert not plan.operations
    assert len(plan.quarantined) == 2


def test_what_a_person_did_to_it_since_is_a_change() -> None:
    """The lost record is found cancelled by its mark: somebody cancelled it, and so it ends everywhere."""
    marked = record("site", visit(status=Status.CANCELLED), token="token-o1")
    plan = after(listing("site", marked))
    assert told(plan) == ["adopt site", "cancel crm"]


def test_a_status_that_the_vendor_chose_is_no_change() -> None:
    """A vendor that makes a pending appointment scheduled has not scheduled it for everybody."""
    pending = visit(status=Status.PENDING)
    plan = after(listing("crm", unchanged={"1"}), waiting(agreed=pending))
    found = plan_for(
        [listing("crm", unchanged={"1"}), listing("book", record("book"))],
        waiting(lost("book", pending), agreed=pending),
    )
    assert told(plan) == []
    assert told(found) == ["adopt book"]
    assert only(found).agreed.status is Status.PENDING


def test_what_a_vendor_filled_in_is_nobodys_wish() -> None:
    """A stand-in client and a title of its own, as a vendor gives them to what has none, stay where they are."""
    bare = visit(clients=(), title="")
    stand_in = record("site", visit(clients=(OMAR,), title="Consultation"), token="token-o1")
    plan = after(listing("site", stand_in), waiting(lost("site", bare), agreed=bare))
    assert told(plan) == ["adopt site"]
    assert only(plan).agreed == bare


def test_what_was_agreed_since_is_brought_to_it() -> None:
    """The appointment moved while the create was unanswered: the record is found where it was meant, and moved."""
    moved = visit(slot=slot(15))
    plan = plan_for(
        [listing("crm", record("crm", moved)), listing("site", record("site", token="token-o1"))], waiting()
    )
    assert told(plan) == ["adopt site", "move site slot"]


def test_cancelled_since_it_is_cancelled_there_too() -> None:
    """The appointment was cancelled while the create was unanswered: the record that it made is cancelled."""
    gone = visit(status=Status.CANCELLED)
    plan = after(listing("site", record("site", token="token-o1")), waiting(lost(), agreed=gone))
    assert told(plan) == ["adopt site", "cancel site"]


def test_a_mark_on_a_second_record_links_nothing() -> None:
    """Where the appointment has a record there already, the one that syncd made is one too many, and is ended."""
    before = known(mapping("crm"), mapping("site"), unsettled=(lost(),))
    marked: Record = record("site", remote_id="2", token="token-o1")
    plan = after(listing("site", marked, unchanged={"1"}), before)
    assert [(operation.action, operation.remote_id) for operation in plan.operations] == [(Action.CANCEL, "2")]
    assert "site has record 1 of that appointment" in plan.operations[0].reason


def test_a_second_record_without_a_mark_links_nothing() -> None:
    """Where the appointment has a record there already, another that looks as intended is a question."""
    before = known(mapping("crm"), mapping("book"), unsettled=(lost("book"),))
    plan = after(listing("book", record("book", remote_id="2"), unchanged={"1"}), before)
    assert not plan.operations
    assert "probably ours, twice" in plan.quarantined[0].reason


def test_a_strange_mark_means_nothing() -> None:
    """A record with a token that nobody waits for (a lost state) is matched like any other."""
    plan = plan_for(
        [listing("crm", unchanged={"1"}), listing("site", record("site", token="of another time"))],
        known(mapping("crm")),
    )
    assert told(plan) == ["adopt site"]


def test_a_create_that_was_never_heard_of_outlives_its_appointments_past() -> None:
    """Once the appointment has begun, nothing is made again, whatever became of the create."""
    later = visit().slot.start + timedelta(minutes=1)
    plan = plan_for([listing("crm", unchanged={"1"}), listing("site")], waiting(), now=later)
    assert not plan.operations
    assert JANE in only(plan).agreed.clients


class TestJoined:
    """A create that got no answer, at a vendor that may put a booking into a record of another appointment."""

    omars = visit(clients=(OMAR,))

    def after(self, *clients: Client, start: Slot | None = None, parts: tuple[str, ...] = ("7 approved",)) -> Plan:
        """The plan where site's record of Jane's visit shows these clients, and Omar's create there is lost.

        `parts` are those that stood in it before.
        """
        jane = known(mapping("crm"), mapping("site", parts=parts))
        omar = known(mapping("crm", self.omars, "2"), id="b", unsettled=(lost("site", self.omars),))
        both = ("7 approved", "8 approved")
        shown = record("site", visit(clients=clients, slot=start or slot()), parts=both, fingerprint=b"new")
        return plan_for([listing("crm", unchanged={"1", "2"}), listing("site", shown)], jane, omar)

    def test_it_is_left_to_a_person_and_not_made_again(self) -> None:
        """Omar is in Jane's record: he is not booked a second time, and nobody gave Jane another client."""
        plan = self.after(JANE, OMAR)
        assert not plan.operations
        assert not plan.conflicts
        [entry] = plan.quarantined
        assert (entry.vendor, entry.appointment) == ("site", "b")
        assert entry.reason.startswith("site put it into its existing record 1, which belongs to appointment a")
        assert entry.operation is not None
        assert (entry.operation.action, entry.key) == (Action.CREATE, entry.operation.id)
        outlooks = {next_state.id: next_state for next_state in plan.next_states}
        assert (outlooks["b"].settled, outlooks["b"].needs_another_cycle) == (("o1",), True)
        assert outlooks["a"].agreed.clients == (JANE,)
        [site] = [m for m in outlooks["a"].mappings if m.vendor == "site"]
        assert [client.name for client in site.base.clients] == [JANE.name]
        assert (site.guests, site.parts, site.fingerprint) == ({"8": "b"}, ("7 approved",), None)

    @pytest.mark.parametrize(("before", "guests"), [(("7 approved",), {"8"}), ((), {"8"}), (("7 x", "8 x"), set())])
    def test_his_booking_is_the_one_that_is_new(self, before: tuple[str, ...], guests: set[str]) -> None:
        """Whatever was done to hers meanwhile; the youngest, where nobody knows which of them stood before."""
        plan = self.after(JANE, OMAR, parts=before)
        [site] = [
            m
            for next_state in plan.next_states
            if next_state.id == "a"
            for m in next_state.mappings
            if m.vendor == "site"
        ]
        assert set(site.guests) == guests

    def test_whose_is_which_of_two_is_not_guessed(self) -> None:
        """Two creates without an answer went into one record: both bookings are guests, and of nobody known."""
        tom = visit(clients=(Client(first_name="Tom", email="tom@example.com"),))
        creates = {"b": (self.omars, "2"), "c": (tom, "3")}
        guests = [
            known(mapping("crm", who, key), id=id, unsettled=(lost("site", who, f"o{key}"),))
            for id, (who, key) in creates.items()
        ]
        shown = record("site", visit(clients=(JANE, OMAR, *tom.clients)), parts=("7 x", "8 x", "9 x"))
        jane = known(mapping("crm"), mapping("site", parts=("7 x",)))
        plan = plan_for([listing("crm", unchanged={"1", "2", "3"}), listing("site", shown)], jane, *guests)
        [site] = [
            m
            for next_state in plan.next_states
            if next_state.id == "a"
            for m in next_state.mappings
            if m.vendor == "site"
        ]
        assert site.guests == {"8": "", "9": ""}

    def test_half_a_listing_makes_him_nobodys_client(self) -> None:
        """Where the join is not certain yet, Jane's record says nothing, and the next whole listing decides."""
        jane = known(mapping("crm"), mapping("site"))
        omar = known(mapping("crm", self.omars, "2"), id="b", unsettled=(lost("site", self.omars),))
        shown = record("site", visit(clients=(JANE, OMAR), notes="his"))
        plan = plan_for([listing("crm", unchanged={"1", "2"}), part("site", shown)], jane, omar)
        outlooks = {next_state.id: next_state for next_state in plan.next_states}
        assert (outlooks["a"].agreed.clients, outlooks["a"].agreed.notes) == ((JANE,), "")
        assert (outlooks["b"].settled, outlooks["b"].needs_another_cycle) == ((), True)
        [site] = [m for m in outlooks["a"].mappings if m.vendor == "site"]
        assert [client.name for client in site.base.clients] == [JANE.name]
        assert not plan.operations

    def test_what_a_person_changed_there_as_well_goes_to_the_others(self) -> None:
        """Jane's record took Omar in, and somebody noted something in it: the note is theirs."""
        jane = known(mapping("crm"), mapping("site"))
        omar = known(mapping("crm", self.omars, "2"), id="b", unsettled=(lost("site", self.omars),))
        shown = record("site", visit(clients=(JANE, OMAR), notes="Ring"))
        plan = plan_for(
            [listing("office", record("office")), listing("crm", unchanged={"1", "2"}), listing("site", shown)],
            jane,
            omar,
        )
        agreed = {next_state.id: next_state.agreed for next_state in plan.next_states}
        assert (agreed["a"].notes, agreed["a"].clients) == ("Ring", (JANE,))

    def test_it_stays_so(self) -> None:
        """The quarantine has the name of the operation, which is planned again and left alone."""
        first = self.after(JANE, OMAR)
        outlooks = [replace(again(first, next_state), unsettled=()) for next_state in first.next_states]
        snapshots = [listing("crm", unchanged={"1", "2"}), listing("site", unchanged={"1"})]
        later = plan_for(snapshots, *outlooks, quarantines=left_alone(first.quarantined))
        assert not later.operations
        assert [entry.new for entry in later.quarantined] == [False]

    @pytest.mark.parametrize("clients", [(JANE,), (OMAR,)], ids=["without him", "as a twin of his"])
    def test_a_record_of_one_client_is_no_such_place(self, clients: tuple[Client, ...]) -> None:
        """The create did not happen, and is planned again."""
        assert "create site" in told(self.after(*clients))

    def test_nor_is_one_at_another_time(self) -> None:
        """Omar is with Jane in the afternoon: the morning's create did not happen."""
        assert "create site" in told(self.after(JANE, OMAR, start=slot(15)))

    def test_another_lost_create_is_looked_at_all_the_same(self) -> None:
        """Omar is in Jane's record, and Tom's create did not happen; a new record at crm is in nobody's way."""
        tom = visit(slot=slot(14), clients=(Client(first_name="Tom", email="tom@example.com"),))
        jane = known(mapping("crm"), mapping("site"))
        omar = known(mapping("crm", self.omars, "2"), id="b", unsettled=(lost("site", self.omars),))
        toms = known(mapping("crm", tom, "3"), id="c", unsettled=(lost("site", tom, "o2"),))
        fresh = record("crm", visit(slot=slot(16), clients=(Client(first_name="Ana", email="ana@example.com"),)), "4")
        crm = listing("crm", fresh, unchanged={"1", "2", "3"})
        plan = plan_for([crm, listing("site", record("site", visit(clients=(JANE, OMAR))))], jane, omar, toms)
        outlooks = {next_state.id: next_state for next_state in plan.next_states}
        assert (outlooks["b"].settled, outlooks["c"].given_up) == (("o1",), ("o2",))
        assert {o.appointment for o in plan.operations if o.vendor == "site"} >= {"c"}

    def test_a_group_that_was_called_off_is_no_such_place(self) -> None:
        """What was cancelled for both is no booking of his."""
        both = visit(clients=(JANE, OMAR), status=Status.CANCELLED)
        jane = known(mapping("crm"), mapping("site", both), agreed=visit(clients=(JANE, OMAR), status=Status.CANCELLED))
        omar = known(mapping("crm", self.omars, "2"), id="b", unsettled=(lost("site", self.omars),))
        plan = plan_for([listing("crm", unchanged={"1", "2"}), listing("site", unchanged={"1"})], jane, omar)
        assert not [entry for entry in plan.quarantined if entry.appointment == "b"]

    def test_who_has_a_record_of_his_own_there_has_not_joined(self) -> None:
        """It was found, or made, meanwhile: that he is in Jane's record too is a person's doing."""
        jane = known(mapping("crm"), mapping("site", visit(clients=(JANE, OMAR))), agreed=visit(clients=(JANE, OMAR)))
        own = mapping("site", self.omars, "9")
        omar = known(mapping("crm", self.omars, "2"), own, id="b", unsettled=(lost("site", self.omars),))
        plan = plan_for([listing("crm", unchanged={"1", "2"}), listing("site", unchanged={"1", "9"})], jane, omar)
        assert not [entry for entry in plan.quarantined if entry.appointment == "b"]
