"""What all vendors' payloads are read by: texts, ids, flags, whole rows, and a row's fingerprint."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import pytest
from pydantic import TypeAdapter

from syncd.model.errors import Malformed
from syncd.vendors.payloads import AnyText, OptionalText, Payload, Text, as_flag, plain_id, read_as, unpack
from syncd.vendors.port import Row


class Note(Payload):
    """A payload with a text of each kind."""

    strict: Text = ""
    lenient: AnyText = ""
    optional: OptionalText = None


NOTE = TypeAdapter(Note)


@pytest.mark.parametrize(
    ("value", "strict", "lenient", "optional"),
    [
        ('" a "', " a ", "a", " a "),
        ("null", "", "", None),
        ("12", "12", "12", None),
        ("false", None, "", None),
        ("[1]", None, "", None),
    ],
)
def test_a_text_is_read_as_leniently_as_its_vendor_needs(
    value: str, strict: str | None, lenient: str, optional: str | None
) -> None:
    """A strict one refuses another shape: read as empty, it would be emptied elsewhere."""
    read = read_as(NOTE, f'{{"lenient": {value}, "optional": {value}}}'.encode())
    assert (read.lenient, read.optional) == (lenient, optional)
    raw = f'{{"strict": {value}}}'.encode()
    if strict is None:
        with pytest.raises(Malformed, match=r"^its `strict` cannot be read: "):
            read_as(NOTE, raw)
    else:
        assert read_as(NOTE, raw).strict == strict


@pytest.mark.parametrize("raw", [b"", b"nothing", b"[1]", b'"Jane"', b"[" * 100_000, b'{"strict": "\xff"}'])
def test_what_is_no_row_is_malformed(raw: bytes) -> None:
    """Whatever the bytes are, and none of them stands in the error."""
    with pytest.raises(Malformed, match=r"^its `row` cannot be read: ") as caught:
        read_as(NOTE, raw)
    assert "Jane" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_payload_knows_which_keys_it_was_shown() -> None:
    """An absent key is not an empty one."""
    read = read_as(NOTE, b'{"strict": null, "other": 1}')
    assert read.shown("strict")
    assert not read.shown("strict", "lenient")


@pytest.mark.parametrize(
    ("value", "found"),
    [(" 742 ", "742"), (742, "742"), (True, ""), (None, ""), (7.0, ""), ("", ""), ("..", ""), ("a b", ""), ([7], "")],
)
def test_an_id_is_text_or_a_whole_number(value: Any, found: str) -> None:
    """And can stand in an address."""
    assert plain_id(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [(True, True), ("Yes", True), (1, True), ("1", True), (False, False), ("no", False), ("", False), (0, False)],
)
def test_a_flag_has_several_spellings(value: Any, found: bool) -> None:
    """Another word is neither."""
    assert as_flag(value) is found
    assert as_flag("perhaps") is None


def test_bytes_of_another_shape_are_no_value() -> None:
    """Numbers in text are numbers only where that is asked for."""
    assert unpack(b'{"a": 1}', dict[str, int]) == {"a": 1}
    assert unpack(b'{"a": "1"}', dict[str, int]) is None
    assert unpack(b'{"a": "1"}', dict[str, int], strict=False) == {"a": 1}
    assert unpack(b"[" * 100_000, list[Any]) is None


def test_a_fingerprint_is_of_the_bytes_and_of_what_stands_beside_them() -> None:
    """It stands in stores: it never becomes another one for the same row."""
    assert Row.of("7", b"{}") == Row("7", b"{}", blake2b(b"{}", digest_size=16).digest())
    assert Row.of("7", b"{}", b"\0abc").fingerprint == blake2b(b"{}\0abc", digest_size=16).digest()
