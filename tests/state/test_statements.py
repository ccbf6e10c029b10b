"""The words of statements: few shapes for lists of any length, and no parameter that is forgotten in silence."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import bindparam, select

from syncd_state import tables
from syncd_state.statements import compiled, parameters_of

_META = tables.Meta.__table__


@pytest.mark.parametrize(("length", "places"), [(1, 1), (2, 2), (3, 4), (5, 8), (500, 512)])
def test_lists_of_like_length_share_a_shape(length: int, places: int) -> None:
    """The places that are left over repeat the last value."""
    values = [f"r{number}" for number in range(length)]
    shape, parameters = parameters_of({"id": values})
    assert shape == (("id", places),)
    assert list(parameters.values()) == values + values[-1:] * (places - length)


def test_a_parameter_that_was_not_given_is_no_null() -> None:
    """The driver refuses the statement."""
    statement = compiled(select(_META.c.value).where(_META.c.key == bindparam("wanted")))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE meta (key, value)")
        with pytest.raises(sqlite3.ProgrammingError, match="wanted"):
            connection.execute(statement.sql, statement.constants)


def test_a_value_that_is_always_the_same_goes_with_the_statement() -> None:
    """So that no caller has to know of it."""
    statement = compiled(select(_META.c.value).where(_META.c.key.in_(["one", "two"])))
    assert sorted(statement.constants.values()) == ["one", "two"]
