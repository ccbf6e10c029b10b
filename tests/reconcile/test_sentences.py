"""Why: the sentences that an operator reads of a change, a conflict, a create, a link, a thing that is put off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Mapping, UnsettledCreate
from syncd.model.policy import Traits
from syncd.model.record import Failed, NotPolled, Snapshot
from syncd.model.times import LONG_AGO, Interval
from tests.reconcile.test_guard import many
from tests.reconcile.world import (
    FULL,
    GONE,
    JANE,
    MANUAL,
    NOON,
    OFFICE,
    PRIORITY,
    THREE,
    ago,
    known,
    listing,
    mapping,
    merged,
    plan_for,
    record,
    rules,
    visit,
)

AT = "at 2030-03-04 07:59:01 UTC"
LONG = "Bring the papers of the house, the keys, and both of the guest passes"


def test_a_change_without_a_known_earliest_moment_is_not_dated_to_1970() -> None:
    """Once the clock was set back, nothing is known of when records were last seen."""
    assert (
        str(Interval(earliest=LONG_AGO, latest=NOON.start)) == f"at some time before {NOON.start:%Y-%m-%d %H:%M:%S} UTC"
    )


def said(before: Appointment, after: Appointment) -> str:
    """The reason of the first write that follows from such a change at the office."""
    appointment = known(mapping("office", before), mapping("crm", before), mapping("site", before), agreed=before)
    plan = merged(record("office", after, modified_at=ago(60)), before=appointment)
    return plan.operations[0].reason


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ({}, {"slot": NOON}, "moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 12:00–12:30 UTC"),
        ({}, {"status": Status.CANCELLED}, "cancelled it"),
        ({"status": Status.CANCELLED}, {}, "scheduled it again"),
        ({}, {"status": Status.COMPLETED}, "changed its status from 'scheduled' to 'completed'"),
        ({"status": Status.NO_SHOW}, {}, "changed its status from 'no_show' to 'scheduled'"),
        ({}, {"notes": "A secret"}, "changed its notes"),
        ({}, {"clients": (replace(JANE, last_name="Doe"),)}, "changed its clients"),
    ],
)
def test_a_change_is_told_with_both_values_and_its_time(
    before: dict[str, Any], after: dict[str, Any], sentence: str
) -> None:
    """Who, what, from what to what, when. Notes and clients are named and never quoted."""
    assert said(visit(**before), visit(**after)) == f"office {sentence} {AT}; unchanged elsewhere"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("", "8 Oak Lane", "from nothing to '8 Oak Lane'"),
        ("8 Oak Lane", "", "from '8 Oak Lane' to nothing"),
        (LONG[:60], LONG, f"from '{LONG[:60]}' to '{LONG[:59]}…'"),
    ],
)
def test_a_text_is_quoted_and_a_long_one_is_cut(old: str, new: str, sentence: str) -> None:
    """Up to sixty letters; an empty one is called nothing."""
    plan = merged(
        record("crm", visit(location=new), modified_at=ago(60)),
        before=known(mapping("crm", visit(location=old)), mapping("office", visit(location=old))),
        policy=rules("crm", "office"),
    )
    assert plan.operations[0].reason == f"crm changed its location {sentence} {AT}; unchanged elsewhere"


def test_a_value_that_was_none_is_called_nothing() -> None:
    """A service that was given to what had none."""
    able = replace(OFFICE, fields={**OFFICE.fields, Field.SERVICE: FULL}, together=())
    policy = rules("crm", Traits(name="office", capabilities=able))
    plan = merged(
        record("crm", visit(service="Signing"), modified_at=ago(60)),
        before=known(mapping("crm"), mapping("office")),
        policy=policy,
    )
    assert [operation.reason for operation in plan.operations] == [
        f"crm changed its service from nothing to 'Signing' {AT}; unchanged elsewhere"
    ]


def test_a_deletion_is_told_with_its_evidence() -> None:
    """It is not called a cancellation, and the vendor's word is quoted."""
    snapshots = [listing("crm", gone={"1"}), listing("site", unchanged={"1"})]
    [cancel] = plan_for(snapshots, known(mapping("crm"), mapping("site"))).operations
    assert cancel.reason == (
        "crm deleted it between 2030-03-04 07:58:00 and 07:59:59 UTC (crm says that it no longer exists); "
        "unchanged elsewhere"
    )


def test_a_conflict_is_told_with_everybody_s_value_and_the_rule() -> None:
    """The winner's sentence, then each loser's, then why; the write to a third vendor says the same."""
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(90)),
        record("office", visit(slot=THREE), modified_at=ago(30)),
    )
    [conflict] = plan.conflicts
    assert conflict.explanation == (
        "office moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 15:00–15:30 UTC at 2030-03-04 07:59:31 UTC; "
        "against that, crm moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 12:00–12:30 UTC "
        "at 2030-03-04 07:58:31 UTC: the later change wins"
    )
    assert {operation.reason for operation in plan.operations} == {conflict.explanation}


def test_several_losers_are_told_one_after_the_other() -> None:
    """Under `priority`, and where it waits for a person."""
    changed = [record(name, visit(notes=name), modified_at=ago(60)) for name in ("crm", "office", "site")]
    [decided] = merged(*changed, policy=rules("crm", "office", "site", conflict=PRIORITY)).conflicts
    by = [f"{name} changed its notes {AT}" for name in ("crm", "office", "site")]
    assert decided.explanation == f"{by[0]}; against that, {by[1]}; {by[2]}: crm comes first in the priority"
    [waiting] = merged(*changed, policy=rules("crm", "office", "site", conflict=MANUAL)).conflicts
    assert waiting.explanation == f'{"; ".join(by)}: it waits for a person (conflict = "manual")'


def test_a_cancellation_that_wins_is_told_with_what_it_overruled() -> None:
    """In the conflict record, and in the reason of every cancellation."""
    plan = merged(record("crm", GONE, modified_at=ago(60)), record("office", visit(slot=NOON), modified_at=ago(30)))
    moved = "office moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 12:00–12:30 UTC at 2030-03-04 07:59:31 UTC"
    text = f"crm cancelled it {AT}; against that, {moved}: a cancellation wins (cancel_wins)"
    assert [conflict.explanation for conflict in plan.conflicts] == [text]
    assert {operation.reason for operation in plan.operations} == {text}


def test_an_edit_that_wins_over_a_cancellation_is_told_with_it() -> None:
    """Where cancellations do not win, the cancelled record is revived for that reason."""
    plan = merged(
        record("crm", GONE, modified_at=ago(60)),
        record("office", visit(slot=NOON), modified_at=ago(30)),
        policy=rules("crm", "office", "site", cancel_wins=False),
    )
    moved = "office moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 12:00–12:30 UTC at 2030-03-04 07:59:31 UTC"
    text = f"{moved}; against that, crm cancelled it {AT}: the later change wins"
    assert [conflict.explanation for conflict in plan.conflicts] == [text]
    assert plan.operations[0].vendor == "crm"
    assert text in plan.operations[0].reason


def test_two_reasons_of_one_write_are_two_sentences() -> None:
    """Different fields from different vendors, each told once."""
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(60)),
        record("site", visit(notes="Ring"), modified_at=ago(60)),
    )
    [both] = [operation for operation in plan.operations if operation.vendor == "office"]
    assert both.reason == (
        f"crm moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 12:00–12:30 UTC {AT}. site changed its notes {AT}"
    )


def test_a_vendor_that_is_behind_for_no_known_reason_is_told_by_its_fields() -> None:
    """As after a restored backup of the store."""
    behind = mapping("office", visit(slot=NOON, notes="Ring"))
    plan = plan_for(
        [listing("crm", record("crm")), listing("office", record("office", visit(slot=NOON, notes="Ring")))],
        known(mapping("crm"), behind, agreed=visit()),
    )
    assert plan.operations[0].reason == "office is behind in slot, notes"


@pytest.mark.parametrize(
    ("having", "sentence"),
    [(("crm",), "crm has it; office does not"), (("crm", "site"), "crm, site have it; office does not")],
)
def test_a_create_is_told_with_those_who_have_it(having: tuple[str, ...], sentence: str) -> None:
    """One or several."""
    snapshots = [*(listing(name, unchanged={"1"}) for name in having), listing("office")]
    [create] = plan_for(snapshots, known(*(mapping(name) for name in having))).operations
    assert create.reason == sentence


def test_a_create_of_what_nobody_has_any_more_is_told_as_syncd_s() -> None:
    """Its own memory is what is left of it."""
    [create] = plan_for([listing("office")], known(agreed=visit())).operations
    assert create.reason == "syncd has it; office does not"


def test_a_record_that_is_made_anew_is_told_with_the_revival() -> None:
    """Who scheduled it again, and that the old record cannot be."""
    appointment = known(mapping("crm", GONE), mapping("book", GONE), agreed=GONE)
    snapshots = [listing("crm", record("crm", modified_at=ago(60))), listing("book", unchanged={"1"})]
    [create] = plan_for(snapshots, appointment).operations
    assert create.reason == (
        f"crm scheduled it again {AT}; unchanged elsewhere; book cannot un-cancel its record, so it is made anew"
    )


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (visit(), visit(), "same start and client"),
        (visit(clients=()), visit(), "same start and title; a side has no client"),
        (visit(clients=()), visit(clients=()), "same start and title; a side has no client"),
    ],
)
def test_a_link_is_told_with_what_it_goes_by(one: Appointment, other: Appointment, how: str) -> None:
    """Who has the same appointment, and by what that is seen."""
    [adopt] = plan_for([listing("crm", record("crm", one)), listing("office", record("office", other))]).operations
    assert adopt.reason == f"office and crm have the same appointment: {how}"
    snapshots = [listing("crm", unchanged={"1"}), listing("office", record("office", other))]
    [later] = plan_for(snapshots, known(mapping("crm", one))).operations
    assert later.reason == adopt.reason


@pytest.mark.parametrize(("others", "who"), [([mapping("crm", visit(clients=()))], "crm"), ([], "syncd")])
def test_the_record_of_a_lost_create_is_told_by_that(others: list[Mapping], who: str) -> None:
    """Whatever it shows, it is there because syncd made it; where nobody else has it, syncd has."""
    intended = visit(clients=())
    create = UnsettledCreate(operation="1", vendor="site", intended=intended, token="mark", intended_at=ago(600))
    before = known(*others, agreed=intended, unsettled=(create,))
    snapshots = [listing("crm", unchanged={"1"}), listing("site", record("site", intended, token="mark"))]
    [adopt] = plan_for(snapshots, before, policy=rules("site", *(one.vendor for one in others))).operations
    assert adopt.reason == f"site and {who} have the same appointment: its create got no answer, and it is there"


def test_a_link_of_three_names_the_other_two() -> None:
    """Each of the joining records with all others."""
    plan = plan_for([listing(name, record(name)) for name in ("crm", "office", "site")])
    assert [operation.reason for operation in plan.operations] == [
        "office and crm, site have the same appointment: same start and client",
        "site and crm, office have the same appointment: same start and client",
    ]


def test_too_many_changes_are_told_with_the_rule() -> None:
    """Number, share, and the key of the configuration."""
    plan = many(*[visit(notes="Ring")] * 11, live=11)
    assert {entry.reason for entry in plan.held} == {
        "11 reschedules and updates at site in one cycle, of 11 live records: more than 10 and more than 50 % "
        "(guard.max_changes); 'syncd approve' releases it, 'syncd reject' takes back what led to it"
    }


@pytest.mark.parametrize(
    ("snapshot", "why"),
    [
        (Failed(vendor="office", reason="no"), "office could not be read"),
        (NotPolled(vendor="office"), "office was not polled in this cycle"),
        (None, "office was not polled in this cycle"),
    ],
)
def test_no_create_is_made_at_a_vendor_that_was_not_listed(snapshot: Snapshot | None, why: str) -> None:
    """It is put off, which is said with the number of creates and the reason; the next cycle looks again."""
    snapshots = [listing("crm", unchanged={"1"}), *([] if snapshot is None else [snapshot])]
    plan = plan_for(snapshots, known(mapping("crm")), policy=rules("crm", "office"))
    assert plan.operations == ()
    assert plan.waiting == (f"1 create(s) at office put off: {why}",)
    assert [next_state.needs_another_cycle for next_state in plan.next_states] == [True]


def test_a_contradiction_says_who_and_what_to_do() -> None:
    """Both sides' vendors, and the two ways out."""
    plan = plan_for([listing("crm", record("crm")), listing("office", record("office", GONE), read_before=False)])
    [conflict] = plan.conflicts
    assert conflict.explanation.startswith("the records of office and the others were found as they are")
    assert "Change one of them, or use 'syncd conflicts resolve'" in conflict.explanation
    assert conflict.rule == "manual"
    assert conflict.appointment == plan.next_states[0].id
