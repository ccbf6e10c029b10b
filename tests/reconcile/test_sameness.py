"""When two values are the same, and what a vendor may have made of one that it was given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.compare.sameness import on_grid, resembles, rounded, same_at, same_slot_at, same_value
from syncd.model.appointment import Client, Field, Status
from syncd.model.times import Slot
from tests.reconcile.world import BOOK, CRM, JANE, OFFICE, OMAR, SITE, at, slot, visit

SHOUTED = replace(JANE, email=" JANE@Example.COM ")
DASHED = replace(JANE, phone="555-01 00")


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        (Field.SLOT, slot(), replace(slot(), all_day=True), True),
        (Field.SLOT, slot(), slot(minutes=45), False),
        (Field.CLIENTS, (JANE,), (SHOUTED,), True),
        (Field.CLIENTS, (JANE,), (DASHED,), True),
        (Field.CLIENTS, (JANE,), (replace(JANE, last_name="Smythe"),), False),
        (Field.CLIENTS, (JANE,), (replace(JANE, email="j@example.com"),), False),
        (Field.CLIENTS, (JANE,), (JANE, OMAR), False),
        (Field.CLIENTS, (JANE, OMAR), (OMAR, JANE), False),
        (Field.TITLE, "Visit", " Visit\n", True),
        (Field.NOTES, "Ring", "Ring ", True),
        (Field.LOCATION, "8 Oak Lane", "9 Oak Lane", False),
        (Field.STATUS, Status.SCHEDULED, Status.SCHEDULED, True),
        (Field.STATUS, Status.SCHEDULED, Status.PENDING, False),
        (Field.SERVICE, "Showing", "Showing ", False),
        (Field.STAFF, "Jordan", None, False),
    ],
)
def test_blanks_case_and_format_are_no_difference_and_all_else_is(
    field: Field, one: Any, other: Any, same: bool
) -> None:
    """Each field by its own kind of value, either way round."""
    assert same_value(field, one, other) is same
    assert same_value(field, other, one) is same


@pytest.mark.parametrize(
    ("other", "whole", "exact", "without_end"),
    [
        (slot(), True, True, True),
        (Slot(start=at(10, second=20), end=at(10, 30, second=20)), True, False, True),
        (Slot(start=at(10), end=at(10, 30, second=20)), True, False, True),
        (slot(minutes=45), False, False, True),
        (slot(10, 1, minutes=29), False, False, False),
        (slot(11), False, False, False),
    ],
)
def test_a_slot_is_the_same_as_far_as_a_vendor_can_show_it(
    other: Slot, whole: bool, exact: bool, without_end: bool
) -> None:
    """In whole minutes, to the second, and where the vendor sets the end itself."""
    assert same_slot_at(slot(), other, SITE) is whole
    assert same_slot_at(slot(), other, CRM) is exact
    assert same_slot_at(slot(), other, BOOK) is without_end
    assert same_at(Field.SLOT, visit(), visit(slot=other), CRM) is exact


def test_whole_days_count_only_where_they_are_known() -> None:
    """A vendor that knows no whole days cannot show the difference."""
    day = replace(slot(), all_day=True)
    assert not same_slot_at(slot(), day, OFFICE)
    assert same_slot_at(slot(), day, SITE)


@pytest.mark.parametrize(("phone", "same"), [("555-01 00", True), ("5550177", False), ("", False), ("x", False)])
def test_a_telephone_number_is_its_digits_where_it_is_shown(phone: str, same: bool) -> None:
    """A vendor that shows none cannot tell any two numbers apart."""
    other = visit(clients=(replace(JANE, phone=phone),))
    assert same_at(Field.CLIENTS, visit(), other, CRM) is same
    assert same_at(Field.CLIENTS, visit(), other, SITE)
    assert same_at(Field.CLIENTS, visit(), visit(clients=(SHOUTED,)), CRM)
    assert not same_at(Field.CLIENTS, visit(), visit(clients=(OMAR,)), SITE)


def test_a_service_that_is_worded_otherwise_is_another() -> None:
    """Names of the catalogue are compared as they are."""
    assert not same_at(Field.SERVICE, visit(service="Showing"), visit(service="showing"), CRM)
    assert same_at(Field.TITLE, visit(title="Visit"), visit(title="Visit "), CRM)


@pytest.mark.parametrize(
    ("shown", "intended", "may_be"),
    [
        (15, 22, True),
        (20, 22, True),
        (30, 22, True),
        (0, 22, True),
        (22, 22, False),
        (0, 30, True),
        (30, 0, False),
        (21, 22, False),
        (10, 20, False),
        (12, 24, False),
        (25, 24, True),
        (45, 15, False),
        (5, 9, True),
        (10, 4, True),
        (30, 31, True),
        (30, 30, False),
    ],
)
def test_a_start_may_be_rounded_to_a_vendors_grid(shown: int, intended: int, may_be: bool) -> None:
    """To full 5, 10, 15, 30 or 60 minutes, by less than one step, and only where it was not on that grid before."""
    assert rounded(slot(10, shown), slot(10, intended)) is may_be


@pytest.mark.parametrize(
    ("kept", "may_be"),
    [
        pytest.param((), True, id="of a vendor of which nothing is known"),
        pytest.param((600, 660), True, id="of one that keeps full hours"),
        pytest.param((605, 630), False, id="of one that keeps five past"),
    ],
)
def test_a_vendor_rounds_to_nothing_that_would_not_leave_its_other_times(kept: tuple[int, ...], may_be: bool) -> None:
    """An end an hour later instead of half an hour: rounded, unless its times show that it does not round so."""
    assert on_grid(1140, 1110, kept) is may_be


def test_a_start_of_another_hour_is_not_rounded() -> None:
    """On a grid, but hours off: as where the time zone is configured wrongly."""
    assert not rounded(slot(13), slot(10, 22))
    assert not rounded(slot(9), slot(10))
    assert not rounded(slot(9, 22), slot(10, 22))
    assert rounded(slot(11), slot(10, 59))
    assert not rounded(slot(12), slot(10, 59))


@pytest.mark.parametrize(
    ("field", "shown", "intended", "made_of_it"),
    [
        (Field.SLOT, slot(), slot(minutes=60), True),
        (Field.SLOT, Slot(start=at(10), end=at(11)), Slot(start=at(10, second=40), end=at(11)), True),
        (Field.SLOT, slot(10, 15), slot(10, 22), True),
        (Field.SLOT, slot(10, 21), slot(10, 22), False),
        (Field.SLOT, slot(15), slot(10), False),
        (Field.TITLE, "VISIT  of", "Visit of Jane", True),
        (Field.TITLE, "Visit of Jane", "Visit", False),
        (Field.TITLE, "", "Visit", False),
        (Field.NOTES, "", "", True),
        (Field.NOTES, "Ring", "", False),
        (Field.STATUS, Status.SCHEDULED, Status.SCHEDULED, True),
        (Field.STATUS, Status.SCHEDULED, Status.PENDING, False),
        (Field.SERVICE, "Showing", "Visit", False),
    ],
)
def test_what_a_vendor_made_of_a_value_resembles_it(field: Field, shown: Any, intended: Any, made_of_it: bool) -> None:
    """Rounded, cut short, in other letters. Emptied, or moved, is something that a person did."""
    assert resembles(field, shown, intended) is made_of_it


@pytest.mark.parametrize(
    ("shown", "made_of_it"),
    [
        (JANE, True),
        (SHOUTED, True),
        (DASHED, True),
        (replace(JANE, first_name="JANE", last_name="SMITH"), True),
        (replace(JANE, last_name="Smi"), True),
        (replace(JANE, last_name=""), True),
        (replace(JANE, email=""), True),
        (replace(JANE, phone=""), True),
        (replace(JANE, last_name="Smythe"), False),
        (replace(JANE, first_name="Joan"), False),
        (replace(JANE, email="other@example.com"), False),
        (replace(JANE, phone="5550177"), False),
    ],
)
def test_what_a_vendor_made_of_a_client_resembles_them(shown: Client, made_of_it: bool) -> None:
    """A name in other letters or cut short, parts that are left out; another value of any part is another's doing."""
    assert resembles(Field.CLIENTS, (shown,), (JANE,)) is made_of_it
    assert resembles(Field.CLIENTS, (OMAR, shown), (JANE, OMAR)) is made_of_it


def test_parts_that_were_not_given_may_be_filled_by_the_vendor() -> None:
    """A stand-in's last name, e-mail or number is nobody's edit; a first name that was given stays the same."""
    given = Client(first_name="Jane")
    assert resembles(Field.CLIENTS, (Client(first_name="jane", last_name="-", email="desk@example.com"),), (given,))
    assert not resembles(Field.CLIENTS, (Client(first_name="Joan", last_name="-"),), (given,))
    assert not resembles(Field.CLIENTS, (Client(first_name="Jane", last_name="Doe"),), (JANE,))
    assert resembles(Field.CLIENTS, (OMAR,), ())
    assert resembles(Field.CLIENTS, (OMAR,), (Client(email=OMAR.email),))
    assert not resembles(Field.CLIENTS, (OMAR,), (JANE,))
