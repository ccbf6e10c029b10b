"""Whose addresses are the operator's own."""

from __future__ import annotations

import pytest

from syncd.model.appointment import Client
from syncd.vendors.ours import check_address, ours_of

OURS = ours_of(["@Agency.example", "desk@example.com"])


@pytest.mark.parametrize(
    ("email", "own"),
    [
        ("ana@agency.example", True),
        ("ANA@AGENCY.EXAMPLE", True),
        ("desk@example.com", True),
        ("desk@example.com, ana@agency.example", True),
        ("desk@example.com, jane@home.example", False),
        ("jane@example.com", False),
        ("ana@sub.agency.example", False),
        ("ana@notagency.example", False),
        ("agency.example", False),
        ("", False),
    ],
)
def test_somebody_is_ours_by_every_address_alone(email: str, own: bool) -> None:
    """Somebody with an address beside ours, or with none, may be a client."""
    assert OURS.own(Client(first_name="Ana", email=email)) is own


@pytest.mark.parametrize("address", ["@agency.example", "agent@agency.example", " agent@agency.example "])
def test_an_address_or_a_domain_can_be_given(address: str) -> None:
    """With @ in front, the domain stands for everybody there."""
    assert check_address(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "agency.example",
        "agent@",
        "*@agency.example",
        "@*.agency.example",
        "a b@agency.example",
        "agent@agency",
    ],
)
def test_anything_else_is_refused_with_an_example(address: str) -> None:
    """The message shows both forms."""
    with pytest.raises(ValueError, match=r"@agency\.example"):
        check_address(address)
