"""An answer's JSON is made legible where single texts are damaged, and left as it came where it is no JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.vendors.transport.legible import legible

TEXTS = st.text(st.characters() | st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def joined(text: str) -> str:
    """The text as a reader of UTF-16 has it: two halves side by side are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def whole(value: Any) -> Any:
    """A value in which each half of a pair is the mark for damage."""
    match value:
        case str():
            return re.sub("[\ud800-\udfff]", "\ufffd", joined(value))
        case list():
            return [whole(one) for one in value]
        case dict():
            return {whole(key): whole(one) for key, one in value.items()}
        case _:
            return value


@given(st.lists(VALUES, max_size=3))
def test_every_half_of_a_pair_is_marked_and_nothing_else_changes(value: list[Any]) -> None:
    """For any JSON that escapes its letters, whatever stands beside the halves."""
    assert msgspec.json.decode(legible(json.dumps(value).encode())) == whole(value)


@given(st.lists(VALUES, max_size=3))
def test_what_is_whole_comes_byte_for_byte(value: list[Any]) -> None:
    """With its letters escaped or as UTF-8: fingerprints of rows do not change."""
    for escaped in (True, False):
        body = json.dumps(whole(value), ensure_ascii=escaped).encode()
        assert legible(body) is body


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'["\ud83d"]', ["\ufffd"]),
        (rb'["\\ud83d", "\\\ud83d"]', ["\\ud83d", "\\\ufffd"]),
        (rb'["\ud83d\ud83d\ude00"]', ["\ufffd\U0001f600"]),
        (rb'["\udE00\uD83d"]', ["\ufffd\ufffd"]),
        (rb'{"\ud83d": 1}', {"\ufffd": 1}),
        (b'["a\nb\x00"]', ["a\nb\x00"]),
        (rb'["it\'s \d"]', ["it\\'s \\d"]),
        (b'{"a": NaN, "b": -Infinity, "c": "NaN"}', {"a": None, "b": None, "c": "NaN"}),
        (b'\xef\xbb\xbf["a"]', ["a"]),
        (b'["Zo\xeb"]', ["Zo\ufffd"]),
        (b'["\xed\xa0\xbd"]', ["\ufffd\ufffd\ufffd"]),
    ],
)
def test_damage_is_marked(body: bytes, value: Any) -> None:
    """A half, bare control characters, backslashes that escape nothing, numbers that are none, single bytes."""
    assert msgspec.json.decode(legible(body)) == value


@pytest.mark.parametrize("name", ["iso-8859-1", "ISO-8859-15", '"windows-1252"', "latin1", "cp1252"])
def test_single_bytes_are_read_by_the_charset_that_is_named(name: str) -> None:
    """Where they are no UTF-8."""
    assert msgspec.json.decode(legible(b'["Zo\xeb"]', name)) == ["Zoë"]
    assert msgspec.json.decode(legible('["Zoë"]'.encode(), name)) == ["Zoë"]


@pytest.mark.parametrize("name", ["base64", "unicode_escape", "utf-16", "iso-8859-99", "rot13", "\x00"])
def test_a_charset_that_nobody_uses_for_this_is_not_believed(name: str) -> None:
    """Neither an encoding that is none of letters nor one that does not exist."""
    assert msgspec.json.decode(legible(b'["Zo\xeb"]', name)) == ["Zo\ufffd"]


@pytest.mark.parametrize(
    "body",
    [b"", b"0", b"null", b"<html>\\ud83d</html>", b'{"a": "b', b"[1, 2}", b"\xff\xfe", b"{'a': 1}", b"[" * 5000],
)
def test_what_is_no_json_is_left_as_it_came(body: bytes) -> None:
    """A page, half an answer, a word: the vendor package refuses it in its own way."""
    assert legible(body) is body or legible(body) == body
