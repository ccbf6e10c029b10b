"""Records that were cancelled and stand again: whose they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Client, Field, Status
from syncd.model.memory import Mapping, UnsettledCreate
from syncd.model.plan import Plan
from tests.reconcile.world import (
    EARLIER,
    GONE,
    JANE,
    OMAR,
    again,
    known,
    listing,
    mapping,
    only,
    part,
    plan_for,
    record,
    slot,
    told,
    visit,
)

HIS = visit(clients=(OMAR,))


def after(*changed: Any, before: tuple[Mapping, ...] = (), **more: Any) -> Plan:
    """The plan where Jane's appointment is cancelled at crm and site, and the site's record is as given."""
    mappings = before or (mapping("crm", GONE), mapping("site", GONE))
    seen = [listing("crm", unchanged={"1"}), listing("site", *changed)]
    return plan_for(seen, known(*mappings, agreed=more.pop("agreed", GONE)), **more)


def places(plan: Plan) -> dict[str, list[str]]:
    """By the first name of its client: the vendors at which an appointment has a record that is its own."""
    return {
        next_state.agreed.clients[0].first_name: sorted(m.vendor for m in next_state.mappings if m.tombstone is None)
        for next_state in plan.next_states
    }


def test_another_client_in_a_cancelled_record_is_another_appointment() -> None:
    """Jane's stays cancelled without a record there, and what is written in it goes nowhere: it may be of her."""
    plan = after(record("site", replace(HIS, notes="Jane's door code")))
    assert told(plan) == ["create crm"]
    assert places(plan) == {"Jane": ["crm"], "Omar": ["site"]}
    [create] = plan.operations
    assert "door code" not in str(create.target)
    assert "another appointment's; its notes may be of the former one" in plan.remarks[0]
    his = next(next_state for next_state in plan.next_states if next_state.agreed.clients == as_site(OMAR))
    assert his.mappings[0].base.notes == "Jane's door code"
    quiet = plan_for(
        [listing("site", unchanged={"1"}), listing("crm", record("crm", HIS, remote_id="2"))], again(plan, his)
    )
    assert told(quiet) == ["adopt crm"]


def as_site(client: Client) -> tuple[Client, ...]:
    """A client as the site shows it."""
    return (replace(client, phone=""),)


def test_it_is_no_appointment_of_the_id_that_the_record_founded_before() -> None:
    """The record founds the second one as it founded the first; and a dry run calls it as the run after it does."""
    found = plan_for([listing("site", record("site"))])
    first = again(found)
    first = replace(first, agreed=GONE, mappings=(replace(first.mappings[0], base=mapping("site", GONE).base),))
    plans = [plan_for([listing("site", record("site", HIS))], first) for _ in range(2)]
    ids = [{next_state.id for next_state in plan.next_states} for plan in plans]
    assert ids[0] == ids[1]
    assert (len(ids[0]), first.id in ids[0]) == (2, True)


@pytest.mark.parametrize("replaced", [True, False])
def test_a_record_that_was_gone_and_is_back_with_another_client_revives_nobody(replaced: bool) -> None:
    """Whether or not the appointment has another record there since."""
    gone = mapping("site", GONE, tombstone="deleted")
    others = (mapping("site", GONE, remote_id="2"),) if replaced else ()
    plan = after(record("site", HIS), before=(mapping("crm", GONE), gone, *others))
    assert told(plan) == ["create crm"]
    assert places(plan) == {"Jane": ["crm", *(["site"] if replaced else [])], "Omar": ["site"]}


def test_half_a_listing_tells_nothing_of_it() -> None:
    """The appointment that it is of may be in the other half; so is what single records show that were read again."""
    before = known(mapping("crm", GONE), mapping("site", GONE), agreed=GONE)
    crm = listing("crm", unchanged={"1"})
    plan = plan_for([crm, part("site", record("site", HIS))], before)
    assert (plan.operations, plan.conflicts) == ((), ())
    assert only(plan).agreed == GONE
    as_before = [replace(m, base_unseen=False) for m in sorted(only(plan).mappings, key=lambda m: m.vendor)]
    assert as_before == list(before.mappings)
    assert told(plan_for([crm, listing("site", record("site", HIS))], again(plan))) == ["create crm"]


def test_a_client_who_is_there_again_with_another_one_revives_the_appointment() -> None:
    """Both are in it: it is the first one's, as it was."""
    plan = after(record("site", visit(clients=(OMAR, JANE))))
    assert told(plan) == ["update crm status", "update crm clients"]


def test_the_mark_of_the_one_before_makes_it_nobodys_lost_create() -> None:
    """A create of hers that got no answer carried the mark that the record has still."""
    create = UnsettledCreate(operation="7", vendor="site", intended=visit(), token="hers", intended_at=EARLIER)
    before = known(mapping("crm", GONE), mapping("site", GONE), agreed=GONE, unsettled=(create,))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("site", record("site", HIS, token="hers"))], before)
    assert places(plan) == {"Jane": ["crm"], "Omar": ["site"]}


def test_called_off_elsewhere_a_record_with_another_client_is_a_question() -> None:
    """The cancellation had not reached it. Her time was given to him, or her details were corrected: a person says."""
    plan = after(record("site", HIS), before=(mapping("crm", GONE), mapping("site")))
    assert told(plan) == []
    assert [(conflict.field, conflict.winner) for conflict in plan.conflicts] == [(Field.STATUS, None)]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (Client(first_name="Jane", last_name="Smith"), "hers"),
        (Client(first_name="Jane", last_name="Jones", email="jane@example.com"), "hers"),
        (Client(first_name="Smith", email="jane@example.com"), "hers"),
        (Client(email="jane@example.com", phone="5550199"), "unclear"),
        (Client(first_name="Jane", last_name="Smith", email="new@example.com", phone="5550100"), "unclear"),
        (Client(first_name="Jane", last_name="Smith", email="new@example.com"), "unclear"),
        (Client(first_name="Omar", last_name="Haddad", email="jane@example.com"), "unclear"),
        (Client(first_name="Omar", last_name="Haddad", phone="5550100"), "unclear"),
        (Client(first_name="Rob", last_name="Smith", email="jane@example.com", phone="5550100"), "unclear"),
        (Client(first_name="Rob", last_name="Smith"), "unclear"),
        (Client(first_name="Rob", last_name="Smith", email="rob@example.com"), "another's"),
        (Client(first_name="Omar", last_name="Haddad"), "another's"),
        (Client(email="omar@example.com"), "another's"),
        (Client(first_name="Jane", last_name="Smith\ufffd", email="jane@example.com"), "unclear"),
    ],
)
def test_whose_it_is_is_told_by_all_that_both_sides_have(who: Client, said: str) -> None:
    """By address, number and name; where these disagree, or one came damaged, a person is asked."""
    mappings = (mapping("crm", GONE), mapping("site", GONE))
    seen = [listing("crm", record("crm", visit(clients=(who,)))), listing("site", unchanged={"1"})]
    plan = plan_for(seen, known(*mappings, agreed=GONE))
    if said == "unclear":
        [conflict] = plan.conflicts
        assert (conflict.field, conflict.winner, plan.operations) == (Field.STATUS, None, ())
        assert only(plan).agreed == GONE
        assert plan_for(seen, again(plan)).conflicts == plan.conflicts
    else:
        assert not plan.conflicts
        assert told(plan) == (["update site status"] if said == "hers" else ["create site"])
        assert len(plan.next_states) == (1 if said == "hers" else 2)


def test_a_record_that_names_nobody_any_more_is_asked_about() -> None:
    """Who was in it is not coming by its own word, and nobody else is named."""
    plan = after(record("site", visit(clients=())))
    assert (len(plan.conflicts), plan.operations) == (1, ())


def test_a_row_that_does_not_name_its_client_waits_until_it_is_read() -> None:
    """It shows as much as ever, and the record by id may name another one."""
    row = record("site", HIS)
    row = replace(row, whole=False, shows=row.shows - {Field.CLIENTS}, content=replace(row.content, clients=()))
    plan = after(row)
    assert (plan.operations, plan.conflicts) == ((), ())
    assert only(plan).agreed == GONE


def test_where_clients_were_never_shown_a_revival_is_one() -> None:
    """That says as little for another one as it ever did for her."""
    shows = mapping("site").shows - {Field.CLIENTS}
    bare = mapping("site", replace(GONE, clients=()), shows=shows)
    plan = after(record("site", visit(clients=()), shows=shows), before=(mapping("crm", GONE), bare))
    assert told(plan) == ["update crm status"]


def test_a_revival_of_ours_without_an_answer_is_a_part_of_the_question() -> None:
    """It may have scheduled a record again in which somebody had typed another client before; so it stays open."""
    sent = mapping("site", GONE, in_flight=visit(), in_flight_fields=frozenset({Field.STATUS}))
    plan = after(record("site", HIS), before=(mapping("crm"), sent), agreed=visit())
    assert (len(plan.conflicts), plan.operations) == (1, ())
    [site] = [m for m in only(plan).mappings if m.vendor == "site"]
    assert (site.in_flight, site.base.status) == (visit(), Status.CANCELLED)
    assert len(after(record("site", HIS), before=only(plan).mappings, agreed=visit()).conflicts) == 1


def test_nothing_is_written_to_a_record_that_is_asked_about() -> None:
    """Where the appointment stands elsewhere and has moved since, too."""
    moved = visit(slot=slot(12))
    plan = after(record("site", visit(clients=())), before=(mapping("crm", moved), mapping("site", GONE)), agreed=moved)
    assert (len(plan.conflicts), plan.operations) == (1, ())
