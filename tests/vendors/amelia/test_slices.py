"""A listing in every shape that Amelia's builds give it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from syncd.vendors.amelia.slices import slice_rows
from syncd.vendors.port import Page
from tests.vendors.amelia.world import row

ONE, TWO = row(id=1), row(id="2")


@pytest.mark.parametrize(
    "appointments",
    [
        [ONE, TWO],
        {"1": ONE, "2": TWO},
        {"2026-10-22": {"date": "2026-10-22", "appointments": [ONE]}, "2026-10-23": {"appointments": {"7": TWO}}},
        [{"date": "2026-10-22", "appointments": [ONE, TWO]}],
    ],
)
def test_every_shape_brings_the_same_rows(appointments: Any) -> None:
    """By date, by id or as a list: the rows are sliced as they are, with a fingerprint of their bytes."""
    [page] = slice_rows(json.dumps(appointments).encode()).pages(2)
    assert [one.remote_id for one in page.rows] == ["1", "2"]
    assert [json.loads(one.raw) for one in page.rows] == [ONE, TWO]
    assert len({one.fingerprint for one in page.rows}) == 2
    assert {len(one.fingerprint) for one in page.rows} == {16}


@pytest.mark.parametrize(("most", "sizes"), [(1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (4, [3])])
def test_one_answer_is_handed_on_in_parts(most: int, sizes: list[int]) -> None:
    """Each row once and in its order; what has no id is told once, and only the first part begins an answer."""
    pages = list(slice_rows(json.dumps([ONE, TWO, 7, row(id=3)]).encode()).pages(most))
    assert [len(page.rows) for page in pages] == sizes
    assert [one.remote_id for page in pages for one in page.rows] == ["1", "2", "3"]
    assert sum(len(page.unidentified) for page in pages) == len(pages[0].unidentified) == 1
    assert [page.continued for page in pages] == [False] + [True] * (len(sizes) - 1)


@pytest.mark.parametrize("empty", ["[]", "{}", '{"2026-10-22": {"appointments": []}}'])
def test_an_empty_listing_is_empty(empty: str) -> None:
    """PHP writes an empty object as a list. It is an answer all the same."""
    [page] = slice_rows(empty.encode()).pages(500)
    assert page == Page(rows=())


def test_rows_that_cannot_be_told_are_reported_and_the_others_stand() -> None:
    """A row without an id, or that is no object, spoils no other."""
    slices = slice_rows(json.dumps([ONE, 7, {"id": None}, {"id": True}, ONE]).encode())
    [page] = slices.pages(500)
    assert [one.remote_id for one in page.rows] == ["1", "1"]
    assert len(page.unidentified) == 3
    assert slices.count == 5


@pytest.mark.parametrize("other", ["null", '"none"', "3", ""])
def test_another_shape_is_no_listing(other: str) -> None:
    """What is neither a list nor an object is not taken for an empty listing."""
    with pytest.raises(msgspec.DecodeError):
        slice_rows(other.encode())
