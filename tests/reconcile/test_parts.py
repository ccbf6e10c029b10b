"""Vendors that show a part of a value decide that part alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.model.appointment import Client, Field
from syncd.model.memory import Known
from syncd.model.plan import Plan
from syncd.model.policy import ConflictRule
from syncd.reconcile.merge.taking import operator_choice
from tests.reconcile.world import (
    JANE,
    NOON,
    OMAR,
    THREE,
    again,
    ago,
    as_shown,
    known,
    listing,
    mapping,
    merged,
    only,
    origin,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)


class TestParts:
    """Vendors that show a part of a value decide that part alone."""

    policy = rules("site", "book", "crm", "office")

    def test_hidden_parts_of_a_client_stay(self) -> None:
        """A vendor that shows no phone numbers renames the client, and the number is kept everywhere."""
        renamed = replace(JANE, last_name="Jones")
        plan = merged(record("site", visit(clients=(renamed,))), policy=self.policy)
        assert only(plan).agreed.clients == (renamed,)
        assert told(plan) == ["update book clients", "update crm clients", "update office clients"]

    def test_a_record_that_shows_no_client_any_more_changes_none(self) -> None:
        """A client that a vendor leaves out for once, and shows again, has lost nothing that others know of it."""
        nobody = merged(record("site", visit(clients=())), policy=self.policy)
        assert not nobody.operations
        assert only(nobody).agreed.clients == (JANE,)
        back = merged(record("site"), policy=self.policy, before=again(nobody))
        assert not back.operations
        assert only(back).agreed.clients == (JANE,)

    def test_a_client_left_out_for_once_may_come_back_corrected(self) -> None:
        """Shown again under another address, it is the same client, and keeps the number that this vendor hides."""
        nobody = merged(record("site", visit(clients=())), policy=self.policy)
        corrected = replace(JANE, email="jane.smith@example.com", last_name="Smyth")
        plan = merged(record("site", visit(clients=(corrected,))), policy=self.policy, before=again(nobody))
        assert only(plan).agreed.clients == (corrected,)

    def test_a_client_who_is_corrected_beside_another_keeps_the_number(self) -> None:
        """Another name and another address in the second of two places: it is the second client still."""
        tom = Client(first_name="Tom", last_name="Berg", email="tom@example.com", phone="5550122")
        corrected = replace(tom, last_name="Burg", email="tom.burg@example.com")
        two = visit(clients=(JANE, tom))
        plan = merged(
            record("site", visit(clients=(JANE, corrected))),
            policy=rules("crm", "site"),
            before=known(mapping("crm", two), mapping("site", two)),
        )
        assert only(plan).agreed.clients == (JANE, corrected)

    def test_a_client_who_is_not_shown_stays_when_another_is_renamed(self) -> None:
        """The office has room for one: who comes as well is still agreed, and shown where both are."""
        both = visit(clients=(JANE, OMAR))
        renamed = replace(JANE, first_name="Janet")
        plan = merged(
            record("office", visit(clients=(renamed,))),
            policy=rules("crm", "office"),
            before=known(mapping("crm", both), mapping("office", both, base=visit()), agreed=both),
        )
        assert only(plan).agreed.clients == (renamed, OMAR)
        assert told(plan) == ["update crm clients"]

    def test_the_same_renaming_at_two_vendors_is_agreed(self) -> None:
        """Renamed where phone numbers show and where they do not, it is one change."""
        renamed = replace(JANE, last_name="Jones")
        plan = merged(*(record(v, visit(clients=(renamed,))) for v in ("site", "crm")), policy=self.policy)
        assert not plan.conflicts
        assert only(plan).agreed.clients == (renamed,)

    def test_a_renamed_client_keeps_the_number_as_others_write_it(self) -> None:
        """A vendor that formats numbers its own way is not written to for the number when it renames the client."""
        agreed = visit(clients=(replace(JANE, phone="+1 555-0100"),))
        shown = mapping("office", agreed, base=visit(clients=(replace(JANE, phone="5550100"),)))
        plan = merged(
            record("office", visit(clients=(replace(JANE, phone="5550100", last_name="Jones"),))),
            policy=rules("crm", "office"),
            before=known(mapping("crm", agreed), shown),
        )
        assert told(plan) == ["update crm clients"]
        assert only(plan).agreed.clients[0].phone == "+1 555-0100"

    def test_clients_that_change_places_keep_their_numbers(self) -> None:
        """Where two clients are shown in another order, nobody gets the other's number."""
        tom = Client(first_name="Tom", last_name="Berg", email="tom@example.com", phone="5550122")
        two = visit(clients=(JANE, tom))
        plan = merged(
            record("site", visit(clients=(tom, JANE))),
            policy=rules("crm", "site"),
            before=known(mapping("crm", two), mapping("site", two)),
        )
        assert only(plan).agreed.clients == (tom, JANE)

    def test_an_end_that_a_vendor_cannot_choose_decides_nothing(self) -> None:
        """Moved to the same start where the end is chosen and where it is not: the chosen end counts, no conflict."""
        plan = merged(
            record("book", visit(slot=slot(12, minutes=50))), record("crm", visit(slot=NOON)), policy=self.policy
        )
        assert only(plan).agreed.slot == NOON
        assert told(plan) == ["move site slot", "move office slot"]
        assert not plan.conflicts

    def test_the_winner_stands_for_all_who_agree_with_it(self) -> None:
        """The latest move was made where no end is chosen; the end comes from who moved it there as well."""
        before = known(*(mapping(v) for v in ("site", "crm", "office")), mapping("book", known_at=ago(20)))
        plan = merged(
            record("book", visit(slot=slot(12, minutes=50))),
            record("crm", visit(slot=NOON), modified_at=ago(90)),
            record("office", visit(slot=THREE), modified_at=ago(60)),
            policy=self.policy,
            before=before,
        )
        assert plan.conflicts[0].winner == "book"
        assert only(plan).agreed.slot == NOON

    def test_two_chosen_ends_conflict_whatever_a_third_vendor_shows(self) -> None:
        """A vendor that chooses no end does not make two different ends one."""
        plan = merged(
            record("book", visit(slot=slot(12, minutes=50))),
            record("crm", visit(slot=NOON)),
            record("office", visit(slot=slot(12, minutes=90))),
            policy=self.policy,
        )
        assert plan.conflicts[0].values == {
            "book": slot(12, minutes=50),
            "crm": NOON,
            "office": slot(12, minutes=90),
        }

    def test_seconds_that_a_vendor_drops_are_no_conflict(self) -> None:
        """The same minute, with seconds and without, is one time: the one with seconds."""
        exact = replace(NOON, start=NOON.start + timedelta(seconds=20), end=NOON.end + timedelta(seconds=20))
        plan = merged(record("crm", visit(slot=exact)), record("office", visit(slot=NOON)), policy=self.policy)
        assert not plan.conflicts
        assert only(plan).agreed.slot == exact
        assert told(plan) == ["move site slot", "move book slot"]


class TestPartsOfOneClient:
    """A client's name, e-mail and phone number are merged each on its own."""

    policy = rules("crm", "book", "office")
    renamed, called = replace(JANE, last_name="Jones"), replace(JANE, phone="5550199")

    def test_a_name_and_a_number_changed_at_two_vendors_both_stand(self) -> None:
        """Nobody decides between them, under any rule; the reason names both."""
        for rule in ConflictRule:
            plan = merged(
                record("crm", visit(clients=(self.called,))),
                record("office", visit(clients=(self.renamed,))),
                policy=replace(self.policy, conflict=rule),
            )
            assert not plan.conflicts
            assert only(plan).agreed.clients == (replace(self.renamed, phone="5550199"),)
            [book] = [operation for operation in plan.operations if operation.vendor == "book"]
            assert "crm changed its clients" in book.reason
            assert "office changed its clients" in book.reason

    def test_of_two_numbers_one_wins_and_a_name_changed_elsewhere_stands(self) -> None:
        """The conflict is between the two; the third goes against nobody."""
        plan = merged(
            record("crm", visit(clients=(self.called,))),
            record("book", visit(clients=(replace(JANE, phone="5550188"),))),
            record("office", visit(clients=(self.renamed,))),
            policy=replace(self.policy, conflict=ConflictRule.PRIORITY),
        )
        [conflict] = plan.conflicts
        assert (set(conflict.values), conflict.winner) == ({"crm", "book"}, "crm")
        assert only(plan).agreed.clients == (replace(self.renamed, phone="5550199"),)
        text = {key: origin.text for key, origin in only(plan).provenance.items()}
        assert "crm comes first in the priority" in text["clients/0/phone"]
        assert text["clients/0/name"].startswith("office changed its clients")

    def test_while_two_numbers_wait_for_a_person_so_does_a_name(self) -> None:
        """Nothing is written for a client that waits, and what waits is seen again in the next cycle."""
        names = {"crm": self.called, "book": replace(JANE, phone="5550188"), "office": self.renamed}
        records = [record(vendor, visit(clients=(client,))) for vendor, client in names.items()]
        plan = merged(*records, policy=replace(self.policy, conflict=ConflictRule.MANUAL))
        assert only(plan).agreed.clients == (JANE,)
        assert not plan.operations
        assert {m.base.clients[0].name for m in only(plan).mappings} == {JANE.name}

    def test_a_number_and_a_name_that_a_vendor_has_not_heard_of_both_stand(self) -> None:
        """The name was agreed while this vendor was away; its people's number is no answer to it."""
        before = known(
            mapping("crm", visit(clients=(self.renamed,))),
            mapping("book"),
            agreed=visit(clients=(self.renamed,)),
            provenance={Field.CLIENTS: origin("crm")},
        )
        found = record("book", visit(clients=(self.called,)))
        plan = merged(found, policy=rules("crm", "book"), before=before)
        assert not plan.conflicts
        assert only(plan).agreed.clients == (replace(self.renamed, phone="5550199"),)

    def heard(self) -> Known:
        """The office gave her a new name; book has heard of it and crm has not."""
        agreed = visit(clients=(self.renamed,))
        told_of_it = {Field.CLIENTS: origin("office", text="office renamed her")}
        return known(
            mapping("office", agreed), mapping("book", agreed), mapping("crm"), agreed=agreed, provenance=told_of_it
        )

    def test_a_number_from_who_has_heard_does_not_settle_a_name_for_who_has_not(self) -> None:
        """The two names are a conflict, whoever changed another part meanwhile."""
        plan = merged(
            record("book", visit(clients=(replace(self.renamed, phone="5550199"),))),
            record("crm", visit(clients=(replace(JANE, last_name="Doe"),))),
            policy=rules("office", "book", "crm", conflict=ConflictRule.PRIORITY),
            before=self.heard(),
        )
        [conflict] = plan.conflicts
        assert {vendor: clients[0].last_name for vendor, clients in conflict.values.items()} == {
            "office": "Jones",
            "crm": "Doe",
        }
        assert conflict.winner == "office"
        assert only(plan).agreed.clients == (replace(self.renamed, phone="5550199"),)

    def test_what_was_agreed_together_with_its_own_part_goes_against_its_next_one(self) -> None:
        """Site cannot be told of a client: it gave a number when office gave an e-mail, and then another e-mail."""
        renewed = replace(JANE, email="jane@new.example.com")
        policy = rules("office", "site", conflict=ConflictRule.PRIORITY)
        first = merged(
            record("office", visit(clients=(renewed,))),
            record("site", visit(clients=(replace(JANE, last_name="Jones"),))),
            policy=policy,
        )
        assert not first.conflicts
        own = replace(JANE, last_name="Jones", email="jane@site.example.com")
        office, site = only(first).mappings
        accepted = replace(office, base=only(first).agreed, acknowledged=only(first).agreed)
        before = again(first, replace(only(first), mappings=(accepted, site)))
        plan = merged(record("site", visit(clients=(own,))), policy=policy, before=before)
        [conflict] = plan.conflicts
        emails = {vendor: clients[0].email for vendor, clients in conflict.values.items()}
        assert emails == {"office": renewed.email, "site": own.email}

    def test_a_name_from_who_has_heard_stands_for_the_one_before_it(self) -> None:
        """Renamed once more by book, and given a number by crm: nothing goes against anything."""
        plan = merged(
            record("book", visit(clients=(replace(self.renamed, last_name="Smythe"),))),
            record("crm", visit(clients=(self.called,))),
            policy=rules("office", "book", "crm"),
            before=self.heard(),
        )
        assert not plan.conflicts
        assert only(plan).agreed.clients == (replace(JANE, last_name="Smythe", phone="5550199"),)
        assert not [operation for operation in plan.operations if "office renamed her" in operation.reason]

    def test_two_further_names_go_against_each_other_alone(self) -> None:
        """Book knew the office's name and gave another one: nobody stands for the office's any more."""
        plan = merged(
            record("book", visit(clients=(replace(self.renamed, last_name="Smythe"),))),
            record("crm", visit(clients=(replace(JANE, last_name="Doe"),))),
            policy=rules("office", "book", "crm", conflict=ConflictRule.PRIORITY),
            before=self.heard(),
        )
        assert [(set(conflict.values), conflict.winner) for conflict in plan.conflicts] == [({"book", "crm"}, "book")]

    def test_whatever_else_they_changed(self) -> None:
        """Book moved the appointment as well: of its number, and of crm's name, the same is said."""
        plan = merged(
            record("book", visit(slot=NOON, clients=(replace(self.renamed, phone="5550199"),))),
            record("crm", visit(clients=(replace(JANE, last_name="Doe"),))),
            policy=rules("office", "book", "crm", conflict=ConflictRule.PRIORITY),
            before=self.heard(),
        )
        assert [set(conflict.values) for conflict in plan.conflicts] == [{"office", "crm"}]
        assert only(plan).agreed.clients == (replace(self.renamed, phone="5550199"),)

    def test_another_person_from_who_has_not_heard_goes_against_the_name(self) -> None:
        """Crm puts Omar in the place of whom office has renamed: one of the two is meant."""
        plan = merged(
            record("crm", visit(clients=(OMAR,))),
            policy=rules("office", "book", "crm", conflict=ConflictRule.PRIORITY),
            before=self.heard(),
        )
        assert [set(conflict.values) for conflict in plan.conflicts] == [{"office", "crm"}]
        assert only(plan).agreed.clients == (self.renamed,)

    def test_a_number_that_was_agreed_with_anothers_name_goes_against_a_later_one(self) -> None:
        """Site, which shows no numbers, was the last whose part of the client was agreed; crm has heard of neither."""
        agreed = visit(clients=(replace(self.renamed, phone="5550199"),))
        before = known(
            mapping("site", agreed),
            mapping("office", agreed),
            mapping("crm"),
            agreed=agreed,
            provenance={Field.CLIENTS: origin("site")},
        )
        found = record("crm", visit(clients=(replace(JANE, phone="5550188"),)))
        policy = rules("site", "office", "crm", conflict=ConflictRule.PRIORITY)
        plan = merged(found, policy=policy, before=before)
        assert [set(conflict.values) for conflict in plan.conflicts] == [{"site", "crm"}]
        assert only(plan).agreed == agreed

    def test_what_nobody_has_taken_is_said_in_nobodys_name(self) -> None:
        """A name that was agreed with site's own part reached no other vendor either: site's next name stands."""
        agreed = visit(clients=(self.renamed,))
        provenance = {Field.CLIENTS: origin("site")}
        before = known(mapping("site"), mapping("office"), agreed=agreed, provenance=provenance)
        own = replace(JANE, last_name="Doe")
        plan = merged(record("site", visit(clients=(own,))), policy=rules("office", "site"), before=before)
        assert not plan.conflicts
        assert only(plan).agreed.clients == (own,)

    def test_a_name_changed_further_leaves_an_email_that_was_agreed_with_the_first_one(self) -> None:
        """Book gave a name and an e-mail, and another name since; crm, which heard of neither, another e-mail."""
        agreed = visit(clients=(replace(self.renamed, email="jones@example.com"),))
        before = known(
            mapping("book", agreed),
            mapping("office", agreed),
            mapping("crm"),
            agreed=agreed,
            provenance={Field.CLIENTS: origin("book")},
        )
        further = replace(agreed.clients[0], last_name="Smythe")
        own = replace(JANE, email="jane@crm.example.com")
        plan = merged(
            record("book", visit(clients=(further,))),
            record("crm", visit(clients=(own,))),
            policy=rules("crm", "book", "office", conflict=ConflictRule.PRIORITY),
            before=before,
        )
        [conflict] = plan.conflicts
        emails = {vendor: clients[0].email for vendor, clients in conflict.values.items()}
        assert emails == {"book": "jones@example.com", "crm": own.email}
        assert only(plan).agreed.clients == (replace(further, email=own.email),)

    def test_an_email_shown_again_does_not_settle_the_name_that_came_when_it_was_not(self) -> None:
        """Book left her e-mail out when it renamed her, and shows it now; crm, which heard of neither, renames her."""
        agreed = visit(clients=(replace(self.renamed, email=""),))
        before = known(
            mapping("book", agreed),
            mapping("office", agreed),
            mapping("crm"),
            agreed=agreed,
            provenance={Field.CLIENTS: origin("book")},
        )
        plan = merged(
            record("book", visit(clients=(self.renamed,))),
            record("crm", visit(clients=(replace(JANE, last_name="Doe"),))),
            policy=rules("crm", "book", "office", conflict=ConflictRule.PRIORITY),
            before=before,
        )
        [conflict] = plan.conflicts
        names = {vendor: clients[0].last_name for vendor, clients in conflict.values.items()}
        assert names == {"book": "Jones", "crm": "Doe"}
        assert only(plan).agreed.clients == (replace(JANE, last_name="Doe"),)

    def test_clients_in_another_order_go_against_a_name(self) -> None:
        """Whose name it is cannot be told where the two have changed places; a shorter list tells as little."""
        two = visit(clients=(JANE, OMAR))
        before = known(mapping("crm", two), mapping("office", two), agreed=two)
        renamed = visit(clients=(replace(JANE, last_name="Jones"), OMAR))
        for other in ((OMAR, JANE), (OMAR,), (replace(OMAR, first_name="X", email="x@example.com", phone="1"), JANE)):
            plan = merged(
                record("crm", visit(clients=other)),
                record("office", renamed),
                policy=rules("crm", "office", conflict=ConflictRule.PRIORITY),
                before=before,
            )
            assert [conflict.winner for conflict in plan.conflicts] == ["crm"]

    def test_another_person_from_who_has_heard_stands_for_the_name_before(self) -> None:
        """Book put Omar in her place, knowing the new name: against crm's number, which is hers."""
        plan = merged(
            record("book", visit(clients=(OMAR,))),
            record("crm", visit(clients=(self.called,))),
            policy=rules("office", "book", "crm", conflict=ConflictRule.PRIORITY),
            before=self.heard(),
        )
        assert [set(conflict.values) for conflict in plan.conflicts] == [{"book", "crm"}]
        assert only(plan).agreed.clients == (OMAR,)

    def test_another_person_goes_against_whatever_the_first_one_is_given(self) -> None:
        """Omar in Jane's place, and a new number for Jane: one of them is meant."""
        plan = merged(
            record("crm", visit(clients=(self.called,))),
            record("site", visit(clients=(OMAR,))),
            policy=rules("crm", "site", conflict=ConflictRule.PRIORITY),
        )
        assert [conflict.winner for conflict in plan.conflicts] == ["crm"]
        assert only(plan).agreed.clients == (self.called,)


class TestChosen:
    """Which clients an operator means who finds a vendor's right."""

    agreed = (replace(JANE, phone="+1 555 0100"),)

    def test_a_number_that_the_vendor_never_showed_stays(self) -> None:
        """It knows a name and an e-mail; the name is new."""
        old, new = replace(JANE, phone=""), replace(JANE, phone="", first_name="Janet")
        assert operator_choice((old,), (new,), self.agreed) == (replace(self.agreed[0], first_name="Janet"),)

    def test_a_number_that_the_vendor_emptied_is_empty(self) -> None:
        """It had shown one."""
        assert operator_choice(self.agreed, (replace(JANE, phone=""),), self.agreed) == (replace(JANE, phone=""),)

    def test_a_number_that_the_vendor_gave_is_taken(self) -> None:
        """It shows one now, and had none."""
        new = replace(JANE, phone="+1 555 0199")
        assert operator_choice((replace(JANE, phone=""),), (new,), self.agreed) == (new,)

    def test_another_person_keeps_nothing_of_the_first(self) -> None:
        """Omar has no number that anybody knows of."""
        other = replace(OMAR, phone="")
        assert operator_choice((replace(JANE, phone=""),), (other, replace(JANE, phone="")), self.agreed) == (
            other,
            *self.agreed,
        )


class TestFirstClient:
    """A record that had no client, or none that could be told, and names one."""

    policy = rules("crm", "site", "office")

    def test_what_the_first_client_lacks_was_taken_from_nobody(self) -> None:
        """A person names Jane at a record that we made without a client; her card there has no phone number."""
        card = replace(JANE, phone="", last_name="Smyth")
        before = known(mapping("office", base=visit(clients=())), mapping("site"), agreed=visit())
        plan = merged(record("office", visit(clients=(card,))), policy=rules("office", "site"), before=before)
        assert only(plan).agreed.clients == (replace(JANE, last_name="Smyth"),)

    def test_one_of_the_same_name_keeps_what_a_card_lacks(self) -> None:
        """The name alone stands there: nobody took the address away."""
        card = Client(first_name="Jane", last_name="Smith")
        before = known(mapping("office", base=visit(clients=())), mapping("site"), agreed=visit())
        plan = merged(record("office", visit(clients=(card,))), policy=rules("office", "site"), before=before)
        assert only(plan).agreed.clients == (JANE,)
        assert not plan.operations

    def test_two_of_whom_no_name_is_known_are_two(self) -> None:
        """A number here, an address there: nothing says that they are one person's."""
        reached, called = Client(email="jane@example.com"), Client(phone="5550177")
        nobody = mapping("office", base=visit(clients=()))
        before = known(nobody, mapping("site", visit(clients=(called,))), agreed=visit(clients=(called,)))
        plan = merged(record("office", visit(clients=(reached,))), policy=rules("office", "site"), before=before)
        assert only(plan).agreed.clients == (reached,)

    def test_the_first_client_of_an_appointment_without_one_is_its_client(self) -> None:
        """Nobody could tell who it was when the appointment was made with the stand-in."""
        nobody = visit(clients=())
        told_nothing = mapping("crm", nobody, shows=frozenset({Field.SLOT, Field.STATUS, Field.TITLE}))
        before = known(told_nothing, mapping("office", nobody), agreed=nobody)
        plan = merged(record("crm"), policy=rules("crm", "office"), before=before)
        assert only(plan).agreed.clients == (JANE,)
        assert told(plan) == ["update office clients"]

    def test_a_client_told_for_the_first_time_goes_against_no_agreed_one(self) -> None:
        """That it could not be told before is no change."""
        told_nothing = mapping("crm", base=visit(clients=()), shows=frozenset({Field.SLOT, Field.STATUS}))
        before = known(told_nothing, mapping("office"))
        plan = merged(record("crm", visit(clients=(OMAR,))), policy=rules("crm", "office"), before=before)
        assert not plan.operations
        assert only(plan).agreed.clients == (JANE,)


@pytest.mark.parametrize(("title", "written"), [("Showing, Jane Smith", True), ("Walk-in", False), ("", False)])
def test_a_title_that_syncd_made_follows_the_name(title: str, written: bool) -> None:
    """Of one that is none of its own it does not know whose it is: that stays."""
    old, new = (
        visit(title="", service="Showing"),
        visit(title="", service="Showing", clients=(replace(JANE, last_name="Jones"),)),
    )
    office = replace(mapping("office", old), base=as_shown("office", old).with_values({Field.TITLE: title}))
    before = known(mapping("book", old), office, agreed=old)
    plan = plan_for([listing("book", record("book", new)), listing("office", unchanged={"1"})], before)
    [write] = plan.operations
    assert (Field.TITLE in write.changes) is written
    assert write.changes.get(Field.TITLE, (title, ""))[1] == ("Showing, Jane Jones" if written else "")


def test_a_client_of_whom_all_was_changed_elsewhere_is_still_who_she_was() -> None:
    """The book was away when she got another address, number and first name; its people rename her, too."""
    old = replace(JANE, phone="+1 303 555 0100")
    agreed = replace(old, first_name="Ruth", email="ruth@example.com", phone="+1 303 555 0177")
    parts = {f"clients/0/{part}": origin("crm", minutes_ago=5) for part in ("name", "email", "phone")}
    before = known(
        mapping("crm", visit(clients=(agreed,))),
        mapping("book", visit(clients=(old,)), known_at=ago(600)),
        agreed=visit(clients=(agreed,)),
        provenance=parts,
    )
    renamed = record("book", visit(clients=(replace(old, first_name="Janet"),)))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("book", renamed)], before, policy=rules("crm", "book"))
    assert only(plan).agreed.clients[0].email == "ruth@example.com"
    assert only(plan).agreed.clients[0].phone == "+1 303 555 0177"
    [conflict] = plan.conflicts
    assert conflict.field is Field.CLIENTS


class TestSomebodyElse:
    """The site's record stands for Ben, and shows Ann, who has the address there."""

    ann = Client(first_name="Ann", last_name="Lee", email="front@example.com", phone="5550143")
    ben = Client(first_name="Ben", last_name="Moss", email="front@example.com", phone="5550144")

    def changed(self, *now: Client, agreed: tuple[Client, ...] = (), base: tuple[Client, ...] = ()) -> Plan:
        """The plan after the site's record shows these clients."""
        bens = visit(clients=agreed or (self.ben,))
        shown = mapping("site", bens, base=visit(clients=base or (self.ann,)))
        before = known(mapping("book", bens), mapping("crm", bens), shown)
        return merged(record("site", visit(clients=now)), policy=rules("site", "book", "crm"), before=before)

    @pytest.mark.parametrize(
        "parts",
        [
            {"first_name": "Anna"},
            {"last_name": "Miller"},
            {"phone": "5550199"},
            {"email": "ann@example.com"},
            {"first_name": "Carl", "last_name": "Berg"},
            {"first_name": "Ben", "last_name": "Moss"},
            {"first_name": "Ben", "last_name": "Moss", "phone": ""},
        ],
    )
    def test_what_becomes_of_her_is_no_change_of_his(self, parts: dict[str, str]) -> None:
        """Corrected, renamed to whomever, or to Ben himself: he is who he was."""
        plan = self.changed(replace(self.ann, **parts))
        assert (told(plan), plan.conflicts) == ([], ())
        assert only(plan).agreed.clients == (self.ben,)

    def test_nor_where_nothing_of_both_agrees(self) -> None:
        """He got an address of his own meanwhile."""
        ben = replace(self.ben, email="ben@example.com")
        plan = self.changed(replace(self.ann, first_name="Anna"), agreed=(ben,))
        assert (told(plan), only(plan).agreed.clients) == ([], (ben,))

    def test_a_third_person_takes_his_place(self) -> None:
        """The booking was given to Omar."""
        plan = self.changed(OMAR)
        assert [client.email for client in only(plan).agreed.clients] == [OMAR.email]
        assert told(plan) == ["update book clients", "update crm clients"]

    def test_who_stands_beside_her_is_corrected_as_ever(self) -> None:
        """Tom has a booking in it as well, and another number now."""
        tom = Client(first_name="Tom", last_name="Berg", email="tom@example.com", phone="5550122")
        called = replace(tom, last_name="Burg")
        plan = self.changed(replace(self.ann, first_name="Anna"), called, agreed=(self.ben, tom), base=(self.ann, tom))
        assert only(plan).agreed.clients == (self.ben, called)
