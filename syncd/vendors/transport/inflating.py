"""An answer's body, inflated step by step, so that whoever takes it can stop: a few KB may inflate to gigabytes."""

from __future__ import annotations

import zlib
from collections import abc

_STEP = 256 * 1024
_PLAIN = ("", "identity")
_GZIP = ("gzip", "x-gzip")
_DEFLATE = "deflate"


class Packed(Exception):
    """A content encoding that was not asked for, or several at once; or a body that is not packed as it says."""


def inflate(encoding: str) -> abc.Callable[[bytes], abc.Iterator[bytes]]:
    """What makes the parts of a body out of its bytes as they come, by the Content-Encoding header.

    An empty last call (`b""`) ends the body. Raises `Packed`.
    """
    name = encoding.strip().lower()
    if name in _PLAIN:
        return _as_it_is
    if name in _GZIP:
        return _Inflating(zlib.MAX_WBITS | 16).parts
    if name == _DEFLATE:
        return _Inflating(zlib.MAX_WBITS).parts
    raise Packed


def _as_it_is(chunk: bytes) -> abc.Iterator[bytes]:
    yield chunk


class _Inflating:
    """A stream of zlib's. Raw deflate, which some servers send under that name, is told by its first bytes."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._begun = False

    def parts(self, chunk: bytes) -> abc.Iterator[bytes]:
        """What these bytes inflate to, no more than a step at once."""
        if not chunk:
            if self._begun and not self._stream.eof:
                raise Packed
            return
        left = chunk
        while not self._stream.eof:
            part = self._inflated(left)
            yield part
            left = self._stream.unconsumed_tail
            if not left and len(part) < _STEP:
                return

    def _inflated(self, chunk: bytes) -> bytes:
        first, self._begun = not self._begun, True
        try:
            return self._stream.decompress(chunk, _STEP)
        except zlib.error:
            if not first or self._window != zlib.MAX_WBITS:
                raise Packed from None
        self._window = -zlib.MAX_WBITS
        self._stream = zlib.decompressobj(self._window)
        try:
            return self._stream.decompress(chunk, _STEP)
        except zlib.error:
            raise Packed from None
