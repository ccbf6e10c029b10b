"""What a report says of the clients that an operation changes: what is another, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.compare.told import told_clients
from syncd.model.appointment import Client
from tests.reconcile.world import JANE, OMAR

NAMELESS = Client(email="someone@example.com")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            (JANE,),
            (replace(JANE, email="js@example.com"),),
            (("Jane Smith, e-mail jane@example.com",), ("Jane Smith, e-mail js@example.com",)),
        ),
        ((JANE,), (replace(JANE, phone=""),), (("Jane Smith, phone 5550100",), ("Jane Smith, phone none",))),
        ((JANE,), (replace(JANE, last_name="Jones"),), (("Jane Smith",), ("Jane Jones",))),
        ((JANE,), (OMAR,), (("Jane Smith",), ("Omar Haddad",))),
        ((JANE,), (JANE, OMAR), (("Jane Smith",), ("Jane Smith", "Omar Haddad"))),
        (
            (JANE, OMAR),
            (JANE, replace(OMAR, phone="5550199")),
            (("Jane Smith", "Omar Haddad, phone 5550177"), ("Jane Smith", "Omar Haddad, phone 5550199")),
        ),
        (
            (JANE,),
            (Client(first_name="Jane", last_name="Smith", email="other@example.com", phone="5550199"),),
            (
                ("Jane Smith, e-mail jane@example.com, phone 5550100",),
                ("Jane Smith, e-mail other@example.com, phone 5550199",),
            ),
        ),
        ((NAMELESS,), (JANE,), (("someone@example.com",), ("Jane Smith",))),
        (None, (JANE,), (None, ("Jane Smith",))),
        ((), (JANE,), ((), ("Jane Smith",))),
    ],
)
def test_what_differs_is_told(
    old: tuple[Client, ...] | None, new: tuple[Client, ...], told: tuple[object, object]
) -> None:
    """The part that is another; of other people their names, and all that tells two of one name apart."""
    assert told_clients(old, new) == told
