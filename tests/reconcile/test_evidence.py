"""Whether two descriptions of a client are of one person: the tables of docs/matching.md, and laws."""

from __future__ import annotations

import re
from collections import abc
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.compare.addresses import addresses
from syncd.compare.atoms import first_told
from syncd.compare.names import Likeness, filed, likeness, sought
from syncd.compare.people import Evidence, agreeing, alike_in, name_likeness, weighed
from syncd.compare.phones import at_home_in, ends, may_be_number, same_number, same_numbers
from syncd.model.appointment import Client
from tests.reconcile.world import listing, plan_for, record, rules, told, visit

PAGE = Path(__file__).parents[2] / "docs" / "matching.md"
WORDS = {
    "one person": Evidence.SAME,
    "another": Evidence.ANOTHER,
    "doubt": Evidence.DOUBT,
    "nothing": Evidence.UNKNOWN,
}
NONE = "–"


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of the page."""
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return found[2:]


CASES, RULES = rows("Cases"), rows("What follows")


def described(cell: str) -> Client:
    """Name · e-mail address · phone number, as the page has them."""
    name, email, phone = ("" if part == NONE else part for part in cell.split(" · "))
    first, _, last = (name, "", "") if re.search(r"[,(]", name) else name.partition(" ")
    return Client(first_name=first, last_name=last, email=email, phone=phone)


@pytest.mark.parametrize(("one", "other", "region", "says"), CASES)
def test_each_case_of_the_page_is_as_it_says(one: str, other: str, region: str, says: str) -> None:
    """Whichever is asked about."""
    mine, theirs = described(one), described(other)
    with at_home_in(None if region == NONE else region):
        assert {weighed(mine, theirs), weighed(theirs, mine)} == {WORDS[says]}


@pytest.mark.parametrize(("one", "other", "region", "says"), CASES)
def test_each_case_of_the_page_is_linked_doubted_or_two(one: str, other: str, region: str, says: str) -> None:
    """A first run: linked, left to a person, or made at the other vendor; the region comes by the policy."""
    snapshots = [
        listing(vendor, record(vendor, visit(title=vendor, clients=(described(who),))))
        for vendor, who in (("crm", one), ("office", other))
    ]
    plan = plan_for(snapshots, policy=replace(rules("crm", "office"), region=None if region == NONE else region))
    match WORDS[says]:
        case Evidence.SAME:
            assert told(plan)[:1] == ["adopt office"]
            assert not plan.quarantined
        case Evidence.DOUBT:
            assert told(plan) == []
            assert [(entry.vendor, entry.key) for entry in plan.quarantined] == [("office", "doubt:1")]
        case _:
            assert sorted(told(plan)) == ["create crm", "create office"]


ADDRESSES = {"agrees": "ann@example.com", "differs": "lee@example.com", "not told": ""}
NUMBERS = {"agrees": "5550143", "differs": "5550177", "not told": ""}
NAMES = {
    "same": ("Ann", "Lee"),
    "akin": ("Ann", "Miller"),
    "related": ("Tom", "Lee"),
    "other": ("Omar", "Haddad"),
    "not told": ("", ""),
}


@pytest.mark.parametrize(
    ("address", "number", "name"), list(product(ADDRESSES, NUMBERS, NAMES)), ids=lambda word: word.replace(" ", "-")
)
def test_the_rule_is_the_table_of_the_page(address: str, number: str, name: str) -> None:
    """Each combination stands in one row, and comes to what is said there."""
    ann = Client(first_name="Ann", last_name="Lee", email="ann@example.com", phone="5550143")
    first, last = NAMES[name]
    other = Client(first_name=first, last_name=last, email=ADDRESSES[address], phone=NUMBERS[number])
    [says] = [
        said
        for *cells, said in RULES
        if all(word in re.split(r", | or ", cell) for word, cell in zip((address, number, name), cells, strict=True))
    ]
    assert weighed(ann, other) is WORDS[says]


TEXT = st.text(max_size=12)
NAMED = ["", "Ann", "ann", "A.", "Lee", "Lee, Ann", "Ann (Nan)", "Nan", "Tom", "Анна", "Anne-Lee"]
MAILED = ["", "ann@example.com", "Ann <ann@Example.com>", "tom@example.com; ann@example.com", "n/a"]
CALLED = ["", "555-0143", "+1 303 555 0143", "0151 12345678", "+49 151 12345678", "+43 151 12345678 ext 1"]
NAME, EMAIL, PHONE = (st.sampled_from(texts) | TEXT for texts in (NAMED, MAILED, CALLED))
CLIENTS = st.builds(Client, first_name=NAME, last_name=NAME, email=EMAIL, phone=PHONE)
REGIONS = st.sampled_from([None, "US", "DE"])


@given(CLIENTS, CLIENTS, REGIONS)
def test_evidence_is_symmetric_and_two_contradictions_are_never_one_person(
    one: Client, other: Client, region: str | None
) -> None:
    """Nor is anybody another than herself, in whatever she is described."""
    with at_home_in(region):
        said = weighed(one, other)
        assert said is weighed(other, one)
        against = [*agreeing(one, other).values()].count(False)
        against += name_likeness(one, other) in (Likeness.RELATED, Likeness.OTHER)
        assert said is not Evidence.SAME or against < 2
        assert weighed(one, one) in (Evidence.SAME, Evidence.UNKNOWN)


@given(CLIENTS, CLIENTS, REGIONS)
def test_what_is_one_is_found(one: Client, other: Client, region: str | None) -> None:
    """Nobody compares all with all: the same name, address or number is filed under what it is sought by."""
    with at_home_in(region):
        mine, theirs = ((each.first_name, each.last_name) for each in (one, other))
        if likeness(mine, theirs) is Likeness.SAME:
            assert filed(*mine) & sought(*theirs)
            assert filed(*theirs) & sought(*mine)
        if same_number(one.phone, other.phone):
            assert ends(one.phone) & ends(other.phone)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+49 151 12345678", "4915112345678", None),
        ("0151/12345678", "0151 12345678", True),
        ("0151 12345678 oder 030 1234567", "+49 30 1234567", True),
        ("030 1234567; 0151 12345678", "+49 170 1234567", False),
        ("+49 30 1234567 ext. 12", "+49 30 1234567 x34", False),
        ("+49 30 12345678901234", "+49 151 12345678", None),
        ("112", "+49 151 12345678", None),
        ("ask at the desk", "+49 151 12345678", None),
    ],
)
def test_two_texts_tell_of_one_number_two_or_nobody_knows(one: str, other: str, same: bool | None) -> None:
    """In Germany."""
    with at_home_in("DE"):
        assert (same_number(one, other), same_number(other, one)) == (same, same)


def test_an_extension_is_no_other_number_and_yet_worth_writing() -> None:
    """Whoever adds it changed something; how a number is typed changes nothing."""
    assert same_number("+1 303 555 0143 ext. 12", "+1 303 555 0143")
    assert not same_numbers("+1 303 555 0143 ext. 12", "+1 303 555 0143")
    assert same_numbers("+49 (0)151 12345678", "+49 151 123 45678")


@pytest.mark.parametrize(("shown", "made"), [("303 555 0143", True), ("777", False), ("+1 303 555 0177", False)])
def test_a_vendor_may_have_made_a_number_of_another_by_leaving_digits_out(shown: str, made: bool) -> None:
    """Not by making others of them."""
    assert may_be_number(shown, "+1 303 555 0143") is made


@pytest.mark.parametrize("text", ["12", "112", "ask at the desk 7", "+1 303 555 0143"])
def test_a_text_tells_what_it_tells_whether_or_not_that_is_a_number(text: str) -> None:
    """Equal ones are no difference; nor are they proof of one person."""
    assert may_be_number(text, text)
    assert alike_in(Client(phone=text), Client(phone=text)) == {"phone": True}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ann@xn--bcher-kva.example", {"ann@bücher.example"}),
        ('"ann"@example.com', {"ann@example.com"}),
        ("ann@clinic.local (work)", {"ann@clinic.local"}),
        ("Lee, Ann <ann@example.com>", {"ann@example.com"}),
        ("ann@[", {"ann@"}),
        ("(((", {"((("}),
        (" ; ", set()),
        ("x" * 600 + "; ann@example.com", {"x" * 600 + "; ann@example.com"}),
    ],
)
def test_what_is_no_address_is_text(text: str, read: abc.Set[str]) -> None:
    """It is neither lost nor an error."""
    assert addresses(text) == read


@pytest.mark.parametrize(
    ("entered", "given"),
    [
        (Client(first_name="Ann", last_name="Lee"), {"email": "ann@example.com", "phone": "+1 303 555 0100"}),
        (Client(first_name="Ann", last_name="Lee", phone="+1 303 555 0199"), {}),
        (Client(first_name="Ann", last_name="Lee", email="lee@example.org"), {}),
        (Client(email="ann@example.com"), {"first_name": "Ann", "last_name": "Lee", "phone": "+1 303 555 0100"}),
    ],
    ids=["her name alone", "her name with another number", "her name with another address", "her address alone"],
)
def test_who_is_entered_where_nobody_was_gets_what_is_hers_by_evidence(entered: Client, given: dict[str, str]) -> None:
    """Nobody gets an address or a number for having a name that is known."""
    ann = Client(first_name="Ann", last_name="Lee", email="ann@example.com", phone="+1 303 555 0100")
    assert first_told(entered, [ann], frozenset()) == replace(entered, **given)
