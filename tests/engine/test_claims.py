"""What a report claims of the clients in a record that was written."""

from __future__ import annotations

import pytest

from syncd.engine.write.outcome import fewer_clients
from syncd.model.appointment import Client, Field
from syncd.model.plan import Update
from tests.reconcile.world import JANE, OMAR, record, visit

ANA = Client(first_name="Ana", last_name="Lopes", email="ana@example.com", phone="5550188")
THREE = (JANE, OMAR, ANA)


@pytest.mark.parametrize(
    ("kept", "said"),
    [(THREE, None), ((JANE,), "office was given 3 clients, and its record has 1 of them")],
)
def test_a_record_that_kept_fewer_clients_than_it_was_given_is_said_to(
    kept: tuple[Client, ...], said: str | None
) -> None:
    """A list of three at a vendor that took one."""
    write = Update(
        id="1",
        vendor="office",
        appointment="a",
        target=visit(clients=THREE),
        changes={Field.CLIENTS: ((JANE,), THREE)},
        reason="crm changed its clients",
    )
    assert fewer_clients(write, record("office", visit(clients=kept))) == said


def test_a_record_that_does_not_show_its_clients_says_nothing_of_them() -> None:
    """Nor does one that could not be read."""
    write = Update(id="1", vendor="office", appointment="a", target=visit(), changes={}, reason="crm moved it")
    assert fewer_clients(write, record("office", visit(clients=()))) is None
    assert fewer_clients(write, None) is None
