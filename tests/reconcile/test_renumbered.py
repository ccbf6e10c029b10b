"""Records that go on under new ids in the place of those that are not there any more."""

from __future__ import annotations

from collections import abc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known
from syncd.model.plan import Adopt, NextState, Plan
from syncd.model.policy import Traits
from syncd.model.record import Record, Snapshot
from syncd.reconcile.decision import decide
from tests.reconcile.people import CHANGES, SEEDS, VENDORS, Edit, edited, edits, seeded
from tests.reconcile.play import World, cycle, renumber
from tests.reconcile.world import (
    ABLE,
    JANE,
    NOW,
    OMAR,
    again,
    ago,
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

POLICY = rules(*VENDORS)
OTHERS: list[Snapshot] = [listing("office", unchanged={"1"}), listing("site", unchanged={"1"})]
BEFORE = known(mapping("crm"), mapping("office"), mapping("site"))
DOUBT = {"1": "14 of 14 live records are missing from its listing at once, so none was asked for"}
GONE = visit(status=Status.CANCELLED)
WORDS = pytest.mark.parametrize("absent", [{"gone": {"1"}}, {"doubtful": DOUBT}], ids=["gone", "doubtful"])
NEW_IDS = st.sets(st.tuples(st.sampled_from(VENDORS), st.integers(0, 4)))
SILENT = st.frozensets(st.sampled_from(VENDORS))


def crm(*contents: Appointment, **more: object) -> Snapshot:
    """A listing of the CRM with new records (2, 3, …) beside others."""
    records = [record("crm", content, remote_id=str(number)) for number, content in enumerate(contents, 2)]
    return listing("crm", *records, unchanged={"8", "9"}, **more)


def with_new_ids(world: World, chosen: abc.Iterable[tuple[str, int]]) -> World:
    """Some of the vendors' records under new ids."""
    for vendor, number in sorted(chosen):
        ids = sorted(world.at(vendor))
        world = renumber(world, vendor, ids[number : number + 1])
    return world


def in_step(seeds: list[set[str]]) -> World:
    """A world in which all vendors have been brought in step."""
    world = seeded(seeds)
    for _ in range(2):
        world, _ = cycle(world, POLICY)
    return world


def sent(plan: Plan) -> list[str]:
    """What a plan sends, or would if somebody approved it."""
    operations = [*plan.operations, *(one.operation for one in plan.held)]
    return [one.reason for one in operations if not isinstance(one, Adopt)]


@given(SEEDS, NEW_IDS, SILENT)
def test_whatever_ids_are_new_nothing_is_sent_and_nothing_asked(
    seeds: list[set[str]], chosen: set[tuple[str, int]], silent: frozenset[str]
) -> None:
    """At one vendor or at all, whether they say of the old ids that they do not exist or give no answer."""
    world = replace(with_new_ids(in_step(seeds), chosen), silent=silent)
    for _ in range(2):
        world, plan = cycle(world, POLICY)
        assert not sent(plan)
        assert not [*plan.conflicts, *plan.unlike, *plan.quarantined]


@given(SEEDS, NEW_IDS, SILENT, edits(CHANGES))
def test_what_people_change_meanwhile_doubles_nobody_and_calls_off_nothing(
    seeds: list[set[str]], chosen: set[tuple[str, int]], silent: frozenset[str], wanted: list[Edit]
) -> None:
    """Records that have no new id are edited, also in the cycle in which others get theirs."""
    world = in_step(seeds)
    new = with_new_ids(world, chosen)
    kept = [one for one in wanted if not _has_new_id(new, world, one)]
    world, _ = edited(replace(new, silent=silent), kept)
    for _ in range(4):
        world, plan = cycle(world, POLICY)
        assert not [one for one in plan.operations if one.action in ("create", "cancel")]
    counts = {vendor: len(world.at(vendor)) for vendor in VENDORS}
    assert counts == dict.fromkeys(VENDORS, len(seeds))


def _has_new_id(new: World, old: World, edit: Edit) -> bool:
    return any(key not in new.records for key in old.records if key[0] == edit.vendor)


def everywhere(content: Appointment, agreed: Appointment | None = None) -> Known:
    """An appointment that the three vendors have alike."""
    return known(*(mapping(vendor, content) for vendor in ("crm", "office", "site")), agreed=agreed)


@WORDS
def test_it_goes_on_as_it_was(absent: dict[str, object]) -> None:
    """With what it had acknowledged, and the old record is remembered as replaced."""
    before = everywhere(visit(title="A long title"))
    short = replace(before.mappings[0], base=visit(title="A long"))
    before = replace(before, mappings=(short, *before.mappings[1:]))
    plan = plan_for([crm(visit(title="A long"), **absent), *OTHERS], before)
    assert (told(plan), plan.held, plan.unlike) == (["adopt crm"], (), ())
    assert "its record 1 there is replaced by it" in plan.operations[0].reason
    found = {m.remote_id: m for m in only(plan).mappings if m.vendor == "crm"}
    assert (found["1"].tombstone, found["2"].acknowledged.title) == ("replaced by record 2", "A long title")


@WORDS
def test_what_was_not_brought_there_yet_still_is(absent: dict[str, object]) -> None:
    """The vendors are behind in the notes, the CRM under its new id as well."""
    before = everywhere(visit(), agreed=visit(notes="Ring the bell"))
    plan = plan_for([crm(visit(), **absent), *OTHERS], before)
    as_ever = plan_for([listing("crm", unchanged={"1"}), *OTHERS], before)
    assert told(plan) == ["adopt crm", *told(as_ever)]
    assert "update crm notes" in told(plan)


@WORDS
@pytest.mark.parametrize("title", ["Viewing", ""])
def test_what_the_restore_brought_back_is_nobodys_change(absent: dict[str, object], title: str) -> None:
    """A text that it has otherwise, or that others have not any more, goes nowhere; a difference is named."""
    before = everywhere(visit(title=title))
    plan = plan_for([crm(visit(title="An older one"), **absent), *OTHERS], before)
    assert told(plan) == ["adopt crm"]
    assert {one.field for one in plan.unlike} == ({Field.TITLE} if title else set())
    assert only(plan).agreed == visit(title=title)
    assert told(plan_for([listing("crm", unchanged={"2"}), *OTHERS], again(plan))) == []


def test_what_merely_equals_is_another_booking_while_the_old_one_stands() -> None:
    """As it was: it founds an appointment of its own, and is made elsewhere."""
    plan = plan_for([listing("crm", record("crm", remote_id="2"), unchanged={"1"}), *OTHERS], BEFORE)
    assert told(plan) == ["create office", "create site"]


def test_half_a_listing_puts_nothing_in_the_place_of_anything() -> None:
    """Nor does it found anything."""
    snapshot = part("crm", record("crm", remote_id="2"), doubtful=DOUBT)
    plan = plan_for([snapshot, *OTHERS], BEFORE)
    assert (told(plan), len(plan.next_states)) == ([], 1)


@pytest.mark.parametrize(
    "content",
    [visit(slot=slot(15)), visit(clients=(replace(JANE, email="other@example.com"),)), visit(slot=slot(15), title="")],
    ids=["another time", "a doubtful client", "another time and title"],
)
def test_while_an_absence_is_doubtful_nothing_is_founded_that_may_be_it(content: Appointment) -> None:
    """It waits for a person under a key of its own; what would follow from the absence is held."""
    plan = plan_for([crm(content, doubtful=DOUBT), *OTHERS], BEFORE)
    assert told(plan) == []
    assert [(one.key, one.appointment) for one in plan.quarantined] == [("doubt:2", "a")]
    assert "'syncd link' says so" in plan.quarantined[0].reason
    assert [one.operation.action for one in plan.held] == ["cancel", "cancel"]


def test_once_it_was_doubtful_the_vendors_word_on_the_old_id_does_not_settle_it() -> None:
    """It is true of the id, and says nothing of the appointment, while a record of that client waits."""
    older = visit(slot=slot(15))
    first = plan_for([crm(older, doubtful=DOUBT), *OTHERS], BEFORE)
    snapshots = [crm(older, gone={"1"}), *OTHERS]
    for approved in (frozenset[str](), frozenset(one.operation.id for one in first.held)):
        plan = plan_for(snapshots, again(first), approved=approved, quarantines=left_alone(first.quarantined))
        assert len(plan.held) == (0 if approved else 2)
        assert told(plan) == (["cancel office", "cancel site"] if approved else [])
        assert len(plan.quarantined) == 1


def test_released_it_is_another_booking_and_the_vendors_word_counts() -> None:
    """The old one is called off, the new one made."""
    before = known(mapping("crm", missing=True), mapping("office"), mapping("site"))
    said = {("crm", "2"): False}
    plan = plan_for([crm(visit(slot=slot(15)), gone={"1"}), *OTHERS], before, said=said)
    assert sorted(told(plan)) == ["cancel office", "cancel site", "create office", "create site"]


def test_beside_others_with_new_ids_one_at_another_time_is_doubted_at_once() -> None:
    """Though its vendor says that the old id does not exist."""
    omar = visit(clients=(OMAR,), slot=slot(11))
    his = replace(known(*(mapping(v, omar, remote_id="7") for v in ("crm", "office", "site"))), id="b")
    elsewhere: list[Snapshot] = [listing(v, unchanged={"1", "7"}) for v in ("office", "site")]
    plan = plan_for([crm(omar, visit(slot=slot(15)), gone={"1", "7"}), *elsewhere], BEFORE, his)
    assert told(plan) == ["adopt crm"]
    assert {one.operation.action for one in plan.held} == {"cancel"}
    assert "may be that one under a new id" in plan.held[0].reason
    alone = plan_for([crm(visit(slot=slot(15)), gone={"1"}), *OTHERS], BEFORE)
    assert sorted(told(alone)) == ["cancel office", "cancel site", "create office", "create site"]


def test_a_record_that_named_nobody_is_not_replaced_by_any_of_its_title() -> None:
    """Deleted by the vendor's word: who has the time now, the title does not say. Nothing is called off for it."""
    bare = visit(clients=(), title="Consultation")
    hers = everywhere(visit(title="Consultation"))
    before = replace(hers, mappings=(replace(hers.mappings[0], base=bare), *hers.mappings[1:]))
    plan = plan_for([crm(bare, gone={"1"}), *OTHERS], before)
    assert told(plan) == []
    assert {(one.operation.action, one.operation.vendor) for one in plan.held} == {
        ("cancel", "office"),
        ("cancel", "site"),
    }
    assert [entry.remote_id for entry in plan.quarantined] == ["2"]
    doubtful = plan_for([crm(bare, doubtful=DOUBT), *OTHERS], before)
    assert told(doubtful) == ["adopt crm"]


def test_a_record_that_names_its_client_in_the_title_is() -> None:
    """At a vendor that has no clients."""
    named = visit(clients=(), title=f"Consultation: {JANE.name}")
    hers = everywhere(replace(named, clients=(JANE,)))
    before = replace(hers, mappings=(replace(hers.mappings[0], base=named), *hers.mappings[1:]))
    assert told(plan_for([crm(named, gone={"1"}), *OTHERS], before)) == ["adopt crm"]


def test_a_cancelled_record_takes_the_place_of_none_that_stood() -> None:
    """It is not called off by what a restore brought back, and nothing is asked of its status."""
    plan = plan_for([crm(GONE, doubtful=DOUBT), *OTHERS], BEFORE)
    assert told(plan) == []
    assert not plan.conflicts
    assert only_of(plan, "a").agreed.status is Status.SCHEDULED


def only_of(plan: Plan, appointment: str) -> NextState:
    """The next state of one appointment."""
    [found] = [one for one in plan.next_states if one.id == appointment]
    return found


def test_the_old_record_takes_its_place_again_where_the_new_one_is_not_there_any_more() -> None:
    """A restore that was undone."""
    first = plan_for([crm(visit(), doubtful=DOUBT), *OTHERS], BEFORE)
    back = listing("crm", record("crm"), unchanged={"8", "9"}, doubtful={"2": "no clear answer"})
    plan = plan_for([back, *OTHERS], again(first))
    assert (told(plan), plan.held) == (["adopt crm"], ())
    found = {m.remote_id: m.tombstone for m in only(plan).mappings if m.vendor == "crm"}
    assert found == {"1": None, "2": "replaced by record 1"}


@pytest.mark.parametrize("beside", [True, False])
def test_it_does_so_by_a_copy_that_is_not_stale(beside: bool) -> None:
    """What the old record was before it was cancelled does not stand."""
    was = {"modified_at": ago(30), "beside": beside}
    ended = mapping("crm", GONE, tombstone="replaced by record 2", fingerprint=None, **was)
    before = known(ended, mapping("crm", remote_id="2"), mapping("office"), mapping("site"), agreed=visit())
    stale = listing("crm", record("crm", modified_at=ago(600)), doubtful={"2": "no clear answer"})
    assert told(plan_for([stale, *OTHERS], before)) == []


REPLACED = mapping("crm", GONE, tombstone="replaced by record 2", fingerprint=None)
TWO_OF_ONE = known(REPLACED, mapping("crm", remote_id="2"), mapping("office"), mapping("site"), agreed=visit())
EARLIER = record("crm", visit(slot=slot(15)))
CALLED_OFF = [listing("office", record("office", GONE)), OTHERS[1]]


def beside(plan: Plan) -> dict[str, bool]:
    """Which of the CRM's records is remembered to stand beside another."""
    return {m.remote_id: m.beside for m in only(plan).mappings if m.vendor == "crm"}


def standing(old: Record | None = None) -> Known:
    """The CRM has two records of it since a cycle ago: the old one, like this or as ever, and its successor."""
    seen = listing("crm", old or record("crm"), unchanged={"2"})
    return again(plan_for([seen, *OTHERS], TWO_OF_ONE))


def test_an_old_record_that_stands_beside_its_successor_is_told_in_each_cycle() -> None:
    """A restore that was undone in part: nothing is written, and what is changed in the old one goes nowhere."""
    before = TWO_OF_ONE
    for title in ("Viewing", "Another title"):
        seen = listing("crm", record("crm", visit(title=title)), unchanged={"2", "8"})
        plan = plan_for([seen, *OTHERS], before)
        assert (told(plan), plan.held, plan.conflicts, plan.quarantined) == ([], (), (), ())
        [said] = plan.remarks
        assert "crm's record 1 was given up (replaced by record 2) and stands again, beside record 2" in said
        assert beside(plan) == {"1": True, "2": False}
        before = again(plan)


def test_an_old_record_beside_its_successor_schedules_nothing_again() -> None:
    """Called off at another vendor: what has stood all the time is not back, and is told of."""
    plan = plan_for([listing("crm", EARLIER, unchanged={"2"}), *CALLED_OFF], standing(EARLIER))
    assert told(plan) == ["cancel crm", "cancel site"]
    ours = again(plan)
    for second in ([record("crm", GONE, remote_id="2")], []):  # cancelled there, or deleted
        kept = [m for m in ours.mappings if m.remote_id != "2" or second]
        over = replace(ours, mappings=tuple(replace(m, base=GONE, acknowledged=GONE) for m in kept))
        ended = [listing(vendor, record(vendor, GONE)) for vendor in ("office", "site")]
        plan = plan_for([listing("crm", EARLIER, *second), *ended], over)
        assert (told(plan), only(plan).agreed.status, beside(plan)["1"]) == ([], Status.CANCELLED, True)
        assert any("crm's record 1 was given up" in said for said in plan.remarks)


@pytest.mark.parametrize(
    "ended",
    [listing("crm", record("crm", GONE), unchanged={"2"}), listing("crm", unchanged={"2"}, gone={"1"})],
    ids=["cancelled", "gone"],
)
def test_an_old_record_that_is_ended_is_told_of_no_more(ended: Snapshot) -> None:
    """It is as any record that was the appointment's once."""
    plan = plan_for([ended, *OTHERS], standing())
    assert (told(plan), plan.remarks, beside(plan)["1"]) == ([], (), False)
    row = listing("crm", record("crm", GONE), record("crm", GONE, remote_id="2"))
    assert told(plan_for([row, *OTHERS], again(plan))) == ["cancel office", "cancel site"]


def test_until_then_it_is_read_in_each_cycle() -> None:
    """It was cancelled, and its row was remembered so, before somebody scheduled it again."""
    [ended, *others] = TWO_OF_ONE.mappings
    seen = listing("crm", record("crm"), unchanged={"2"})
    remembered = replace(TWO_OF_ONE, mappings=(replace(ended, fingerprint=b"cancelled"), *others))
    plan = plan_for([seen, *OTHERS], remembered)
    [kept] = [m for m in only(plan).mappings if m.ref == ("crm", "1")]
    assert kept.fingerprint is None


@pytest.mark.parametrize("unseen", [listing("crm", unchanged={"2"}), part("crm")])
def test_an_old_record_that_is_not_listed_for_once_is_not_back_when_it_is(unseen: Snapshot) -> None:
    """What a listing leaves out has not ended: it is not told of, and no news once it is shown again."""
    plan = plan_for([unseen, *OTHERS], standing())
    assert (told(plan), plan.remarks, beside(plan)["1"]) == ([], (), True)


ENDED_OF_TWO: list[Snapshot] = [
    listing("crm", record("crm"), record("crm", GONE, remote_id="2")),
    listing("crm", EARLIER, record("crm", GONE, remote_id="2")),
    listing("crm", record("crm"), gone={"2"}),
    listing("crm", record("crm", GONE, remote_id="2"), unread={"1": record("crm")}),
    part("crm", record("crm", GONE, remote_id="2")),
    part("crm", record("crm", GONE, remote_id="2"), again=True),
]


@pytest.mark.parametrize("seen", ENDED_OF_TWO, ids=["cancelled", "other time", "gone", "unread", "half", "again"])
@pytest.mark.parametrize("winner", ["crm", "site"])
def test_where_one_of_two_ended_a_person_is_asked(seen: Snapshot, winner: str) -> None:
    """The appointment is called off, or one of two was one too many; nothing is written until somebody says."""
    first = plan_for([seen, *OTHERS], standing())
    before = again(first)
    plan = plan_for([seen, *OTHERS], before)
    for one in (first, plan):
        assert (told(one), one.held, only(one).agreed.status) == ([], (), Status.SCHEDULED)
    assert plan.conflicts == first.conflicts
    [asked] = plan.conflicts
    assert (asked.field, asked.winner) == (Field.STATUS, None)
    assert asked.values["crm"] is Status.CANCELLED
    assert "record 2 is cancelled or not found there, and record 1 of the same appointment" in asked.explanation
    values = {vendor: (Field.STATUS, value) for vendor, value in asked.values.items()}
    assert not any("given up (" in said for said in plan.remarks)
    said = decide(before, values, winner, None, NOW)
    plan = plan_for([seen, *OTHERS], said)
    assert (told(plan), plan.conflicts) == (["cancel office", "cancel site"] if winner == "crm" else [], ())


ANSWERED = [ENDED_OF_TWO[0], ENDED_OF_TWO[2]]


@pytest.mark.parametrize("seen", ANSWERED, ids=["cancelled", "gone"])
@pytest.mark.parametrize("read_only", [False, True])
def test_what_goes_on_does_so_as_the_one_that_stands(seen: Snapshot, *, read_only: bool) -> None:
    """Nobody schedules the other one again, which would make two of one once more."""
    policy = rules(Traits(name="crm", capabilities=ABLE["crm"], read_only=read_only), "office", "site")
    asked = again(plan_for([seen, *OTHERS], standing(), policy=policy))
    values = {"crm": (Field.STATUS, Status.CANCELLED), "site": (Field.STATUS, Status.SCHEDULED)}
    first = plan_for([seen, *OTHERS], decide(asked, values, "site", None, NOW), policy=policy)
    assert told(first) == []
    then = plan_for([seen, *OTHERS], again(first), policy=policy)
    assert told(then) == ["adopt crm"]
    assert {m.remote_id: m.tombstone is None for m in only(then).mappings if m.vendor == "crm"} == {
        "1": True,
        "2": False,
    }
    assert told(plan_for([seen, *OTHERS], again(then), policy=policy)) == []


def test_what_nobody_else_has_is_asked_about_by_nobody() -> None:
    """There is one answer, and nothing is written for it; the old one is told of until it has ended."""
    first = plan_for([listing("crm", record("crm"), unchanged={"2"})], known(*TWO_OF_ONE.mappings[:2], agreed=visit()))
    plan = plan_for([ENDED_OF_TWO[0]], again(first))
    assert (told(plan), plan.conflicts, only(plan).agreed.status) == ([], (), Status.CANCELLED)


def test_a_word_that_is_doubted_is_not_believed_for_that_a_person_is_asked() -> None:
    """Nothing would follow from it but the question: that is no approval."""
    new = mapping("crm", remote_id="2", unconfirmed=True)
    before = replace(TWO_OF_ONE, mappings=(replace(REPLACED, beside=True), new, *TWO_OF_ONE.mappings[2:]))
    plan = plan_for([listing("crm", EARLIER, gone={"2"}), *OTHERS], before)
    assert (told(plan), only(plan).agreed.status) == ([], Status.SCHEDULED)
    [kept] = [m for m in only(plan).mappings if m.ref == ("crm", "2")]
    assert (kept.missing, kept.tombstone) == (True, None)


@pytest.mark.parametrize("absent", [{"gone": {"a2", "b2", "c2"}}, {"doubtful": dict.fromkeys(("a2", "b2", "c2"), "?")}])
def test_where_several_of_two_ended_at_once_a_restore_was_undone(absent: dict[str, object]) -> None:
    """Its new ids were seen beside the old ones for a cycle: that is no news, and asked by nobody."""
    several = []
    for key in "abc":
        crm_ = (replace(REPLACED, remote_id=f"{key}1", beside=True), mapping("crm", remote_id=f"{key}2"))
        others = (mapping(v, visit(title=key), remote_id=key) for v in ("office", "site"))
        own = tuple(replace(m, base=replace(m.base, title=key)) for m in crm_)
        several.append(replace(known(*own, *others, agreed=visit(title=key)), id=key))
    back = [record("crm", visit(title=key), remote_id=f"{key}1") for key in "abc"]
    elsewhere: list[Snapshot] = [listing(v, unchanged=set("abc")) for v in ("office", "site")]
    plan = plan_for([listing("crm", *back, unchanged={"8"}, **absent), *elsewhere], *several)
    assert (told(plan), plan.conflicts, plan.held, plan.quarantined) == (["adopt crm"] * 3, (), (), ())


def test_what_an_old_record_still_has_goes_nowhere() -> None:
    """A note was taken out since; the old one still has it, and is the appointment's again."""
    noted = visit(notes="Ring the bell")
    former = mapping("crm", noted, tombstone="replaced by record 2", fingerprint=None, beside=True)
    before = known(former, mapping("office"), mapping("site"), agreed=visit())
    plan = plan_for([listing("crm", record("crm", noted)), *OTHERS], before)
    assert told(plan) == ["adopt crm", "update crm notes"]
    assert "its record 1 there stands again" in plan.operations[0].reason


def test_after_two_listings_without_it_an_old_record_has_ended() -> None:
    """Nobody asks for it by id: what comes back after that is back."""
    plan = plan_for([listing("crm", unchanged={"2"}), *OTHERS], standing())
    half = part("crm", record("crm", GONE, remote_id="2"))
    assert told(plan_for([half, *OTHERS], again(plan))) == ["cancel office", "cancel site"]
    plan = plan_for([listing("crm", unchanged={"2"}), *OTHERS], again(plan))
    assert beside(plan)["1"] is False
    assert not any(m.missing for m in only(plan).mappings)


def test_a_replaced_no_show_that_stands_again_is_left_alone() -> None:
    """It is told of, and says nothing untrue any more."""
    nobody = visit(status=Status.NO_SHOW)
    before = known(mapping("book", nobody, tombstone="replaced"), mapping("book", remote_id="2"), mapping("site"))
    before = replace(before, agreed=visit())
    plan = plan_for([listing("book", record("book"), unchanged={"2"}), OTHERS[1]], before)
    assert (told(plan), len(plan.remarks)) == ([], 1)


def test_one_that_is_back_in_the_cycle_in_which_the_other_ends_asks_as_well() -> None:
    """Somebody schedules the one again, and cancels the other."""
    plan = plan_for([ENDED_OF_TWO[0], *OTHERS], TWO_OF_ONE)
    assert (told(plan), [one.field for one in plan.conflicts]) == ([], [Field.STATUS])


def test_both_ended_is_a_cancellation() -> None:
    """Nothing is left at that vendor that could go on."""
    both = listing("crm", record("crm", GONE), record("crm", GONE, remote_id="2"))
    assert told(plan_for([both, *OTHERS], standing())) == ["cancel office", "cancel site"]


def test_what_a_complete_listing_leaves_out_does_not_stand() -> None:
    """The old one was deleted since, and a deleted record that is nobody's is asked for by nobody."""
    seen, before = listing("crm", record("crm", GONE, remote_id="2")), standing()
    for was in (GONE, visit()):  # cancelled when it was replaced, or missing
        mappings = tuple(replace(m, base=was) if m.beside else m for m in before.mappings)
        plan = plan_for([seen, *OTHERS], replace(before, mappings=mappings))
        assert told(plan) == ["cancel office", "cancel site"]


def test_our_own_cancellation_of_the_one_is_not_somebodys() -> None:
    """It was called off at the office, and syncd's cancellation at the CRM got no answer: nobody is asked."""
    kept = standing()
    asked = {"in_flight": GONE, "in_flight_fields": frozenset({Field.STATUS}), "in_flight_since": ago(600)}
    mappings = tuple(replace(m, **asked) if m.remote_id == "2" else m for m in kept.mappings)
    plan = plan_for([ENDED_OF_TWO[0], *CALLED_OFF], replace(kept, mappings=mappings))
    assert (told(plan), plan.conflicts) == (["cancel site"], ())


def test_nothing_is_made_where_an_old_record_stands() -> None:
    """Its successor was given to another appointment: the old one is this one's again, where it fits, or waits."""
    kept = standing()
    alone = replace(kept, mappings=tuple(m for m in kept.mappings if m.remote_id != "2"))
    plan = plan_for([listing("crm", record("crm")), *OTHERS], alone)
    assert told(plan) == ["adopt crm"]
    assert {m.remote_id: m.tombstone for m in only(plan).mappings if m.vendor == "crm"} == {"1": None}
    plan = plan_for([listing("crm", EARLIER), *OTHERS], alone)
    assert told(plan) == []
    assert any("its record 1 at crm, which was given up, stands there again" in said for said in plan.waiting)
    assert told(plan_for([listing("crm", record("crm", GONE)), *OTHERS], again(plan))) == ["create crm"]


@WORDS
def test_two_that_nothing_tells_apart_are_paired_and_two_that_differ_wait(absent: dict[str, object]) -> None:
    """As at any linking; and neither is called off for it, also where the vendor says that the old ids are gone."""
    both = [replace(known(*(mapping(v, remote_id=key) for v in ("crm", "office", "site"))), id=key) for key in "67"]
    elsewhere: list[Snapshot] = [listing(v, unchanged={"6", "7"}) for v in ("office", "site")]
    absent = {"gone": {"6", "7"}} if "gone" in absent else {"doubtful": dict.fromkeys("67", "no clear answer")}
    assert told(plan_for([crm(visit(), visit(), **absent), *elsewhere], *both)) == ["adopt crm", "adopt crm"]
    unlike = plan_for([crm(visit(), visit(notes="Ring the bell"), **absent), *elsewhere], *both)
    assert len(unlike.quarantined) == 2
    assert told(unlike) == []
    assert len(unlike.next_states) == 2
    assert all("under a new id" in one.reason or "no clear answer" in one.reason for one in unlike.held)


def test_what_was_called_off_while_its_vendor_was_not_read_is_not_booked_again() -> None:
    """It is cancelled there too, under its new id; a former record of it that was cancelled long ago is none of it.

    09:00 the office calls it off, while the CRM cannot be read; 09:05 the CRM is restored, and has it under a new id
    """
    over = mapping("office", GONE), mapping("site", GONE)
    before = replace(known(mapping("crm"), *over), agreed=GONE)
    plan = plan_for([crm(GONE, visit(), gone={"1"}), *OTHERS], before)
    assert told(plan) == ["adopt crm", "cancel crm"]
    assert [one.remote_id for one in plan.operations] == ["3", "3"]


def test_a_client_who_is_another_has_nothing_to_do_with_it() -> None:
    """A new booking of somebody else goes out while absences are doubtful."""
    plan = plan_for([crm(visit(clients=(OMAR,)), doubtful=DOUBT), *OTHERS], BEFORE)
    assert told(plan) == ["create office", "create site"]
