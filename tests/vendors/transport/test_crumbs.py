"""Answers that are almost nothing but signs."""

from __future__ import annotations

import pytest

from syncd.model.errors import Unreadable
from syncd.vendors.transport.crumbs import is_of_crumbs
from tests.vendors.transport.world import Script, Time, ok, transport

MEBIBYTE = 1024 * 1024
ROW = (
    b'{"id":2311000030,"firstName":"Jane","lastName":"Smith","datetime":"2026-10-22T15:00:00Z","duration":"30",'
    b'"labels":[],"forms":[{"id":1,"values":[{"fieldID":1,"value":""}]}],"canceled":false,"notes":null}'
)
VALUES = [b"{}", b"[]", b"0", b'""', b"null", b'{"id":1}', b'{"id":"7","a":1}', b"[[],[]]", b'"abcdefghijkl"']


def rows(value: bytes, size: int = MEBIBYTE) -> bytes:
    """A list of that value, of that size and a little more."""
    return b"[" + b",".join([value] * (size // (len(value) + 1) + 2)) + b"]"


@pytest.mark.parametrize("value", VALUES, ids=bytes.decode)
def test_millions_of_empty_values_are_no_answer(value: bytes) -> None:
    """Two MiB of `{}` are 700,000 rows, each of which takes a hundred times as much as it says."""
    assert is_of_crumbs(rows(value))
    assert is_of_crumbs(b'{"success":true,"data":' + rows(value) + b"}")
    assert not is_of_crumbs(rows(value, MEBIBYTE // 2))  # so few that they do not matter


@pytest.mark.parametrize("size", [MEBIBYTE, 8 * MEBIBYTE])
def test_what_vendors_send_is_an_answer(size: int) -> None:
    """Rows with little in them, in an answer of any size, and one text of that size."""
    assert not is_of_crumbs(rows(ROW, size))
    assert not is_of_crumbs(b'[{"id":1,"notes":"' + b"x" * size + b'"}]')


async def test_what_says_more_by_its_status_is_heard() -> None:
    """A refusal of that kind, however it is filled, is a refusal."""
    answer = await transport(Script(ok(rows(b"{}"), 404)), Time()).read("GET", "/appointments")
    assert answer.status == 404


@pytest.mark.parametrize("method", ["read", "write"])
async def test_such_an_answer_is_refused_before_it_is_taken_apart(method: str) -> None:
    """A reading says why; of a write nobody knows whether it was done."""
    crm = transport(Script(ok(rows(b"{}"))), Time())
    if method == "read":
        with pytest.raises(Unreadable, match="hardly more than empty values"):
            await crm.read("GET", "/appointments")
        return
    assert "hardly more than empty values" in str(await crm.write("POST", "/appointments"))
