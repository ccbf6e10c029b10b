"""Packed answers: what is read of them, and that nobody has to hold more than a step of what they inflate to."""

from __future__ import annotations

import gzip
import random
import zlib
from collections import abc

import httpx
import pytest

from syncd.model.errors import TooLarge, Unreadable
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import transport as module
from syncd.vendors.transport.inflating import inflate
from tests.vendors.transport.world import Time, transport

BODY = b'{"success": true}' * 100


def zipped(body: bytes) -> bytes:
    """The same bytes at any time."""
    return gzip.compress(body, mtime=0)


def deflated(body: bytes) -> bytes:
    """Without the header that the name asks for, as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def packed(body: bytes, encoding: str, step: int = 7) -> abc.Callable[[httpx.Request], httpx.Response]:
    """A vendor that sends these bytes in small pieces under that encoding."""

    async def pieces() -> abc.AsyncIterator[bytes]:
        for begin in range(0, len(body), step):
            yield body[begin : begin + step]

    return lambda request: httpx.Response(200, headers={"content-encoding": encoding}, content=pieces())


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", zipped(BODY)),
        ("GZIP", zipped(BODY)),
        ("x-gzip", zipped(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", deflated(BODY)),
        ("identity", BODY),
        ("", BODY),
        ("gzip", zipped(BODY) + b"\0" * 50),
    ],
    ids=lambda given: given if isinstance(given, str) else str(len(given)),
)
async def test_what_was_asked_for_is_read(encoding: str, body: bytes) -> None:
    """In whatever pieces it comes."""
    answer = await transport(packed(body, encoding), Time()).read("GET", "/x")
    assert answer.body == BODY


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip, gzip", zipped(zipped(BODY))),
        ("deflate, gzip", zipped(zlib.compress(BODY))),
        ("identity, gzip", zipped(BODY)),
        ("br", BODY),
        ("gzip", zipped(BODY)[:-9]),
        ("deflate", b"neither of both"),
    ],
    ids=lambda given: given if isinstance(given, str) else str(len(given)),
)
async def test_what_was_not_asked_for_is_refused(encoding: str, body: bytes) -> None:
    """Two layers of packing, one that nobody knows, half of one: no part of it is believed."""
    with pytest.raises(Unreadable, match="compression"):
        await transport(packed(body, encoding), Time()).read("GET", "/x")
    assert isinstance(await transport(packed(body, encoding), Time()).write("POST", "/x"), Uncertain)


def test_a_bomb_is_inflated_no_further_than_it_is_taken() -> None:
    """A thousand times its size, and whoever takes it holds a step."""
    bomb = zipped(b"\0" * 2**24)
    parts = inflate("gzip")(bomb)
    sizes = [len(next(parts)) for _ in range(3)]
    assert max(sizes) <= 256 * 1024


async def test_what_unfolds_bit_by_bit_is_cut_off_at_the_same_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the sum that counts, and not what comes over the wire."""
    monkeypatch.setattr(module, "MAX_BODY", 2000)
    body = random.Random(7).randbytes(1500).hex().encode()
    assert len(zipped(body)) < 2000 < len(body)
    with pytest.raises(TooLarge, match="larger"):
        await transport(packed(zipped(body), "gzip"), Time()).read("GET", "/x", heavy=True)


async def test_a_body_that_goes_on_behind_its_end_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is packed ends, and what comes over the wire does not: that counts as well."""
    monkeypatch.setattr(module, "MAX_BODY", 10_000)
    with pytest.raises(TooLarge, match="larger"):
        await transport(packed(zipped(BODY) + b"x" * 10_000, "gzip"), Time()).read("GET", "/x", heavy=True)
