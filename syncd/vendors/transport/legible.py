"""An answer's JSON made legible, so that one damaged text does not make all of an answer unreadable.

A vendor that cuts a text by its length sends half a surrogate pair (`"\\ud83d"`), an old site sends single bytes for
letters, a plug-in puts a bare line break or a `NaN` where JSON allows none. Parsers refuse the whole answer for that,
in keys too that nobody reads. What is damaged becomes U+FFFD, the character that says so; all else stays, byte for
byte. What is no JSON otherwise (a page of HTML, half an answer) is left as it came, for the vendor package to refuse.
"""

from __future__ import annotations

import re

import msgspec

_BLANK = b"\xef\xbb\xbf \t\r\n"
"""Blanks and the mark of UTF-8, in any order."""
_REPLACED = rb"\ufffd"
_ESCAPE = re.compile(
    rb"""\\(?:
      (u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})  # a whole pair
    | (u[dD][89a-fA-F][0-9a-fA-F]{2})                             # half of one
    | .)""",
    re.VERBOSE | re.DOTALL,
)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_BARE = re.compile(rb"[\x00-\x1f]")
_NO_ESCAPE = re.compile(rb'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|(.?))', re.DOTALL)
_SINGLE_BYTES = re.compile(r"(?:iso-?8859-?|windows-?|cp-?|latin-?)[0-9]{1,4}")


def legible(body: bytes, charset: str = "") -> bytes:
    """The answer as JSON in UTF-8, if it can be made that. `charset` is what its content type names.

    What is UTF-8 is read as that, whatever is named (RFC 8259); only for other bytes the name counts.
    """
    if _is_json(body) and _is_utf_8(body):
        return body
    bare = body.lstrip(_BLANK)
    if bare[:1] not in (b"{", b"["):
        return body
    mended = _in_utf_8(bare, charset)
    for mend in (_without_halves, _without_bare_tokens):
        if _is_json(mended):
            break
        mended = mend(mended)
    return mended if _is_json(mended) else body


def _is_json(body: bytes) -> bool:
    """Whether it can be sliced: every token, those in skipped keys too."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _is_utf_8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _in_utf_8(body: bytes, charset: str) -> bytes:
    if _is_utf_8(body):
        return body
    name = charset.strip().strip("\"'").lower()
    encoding = name if _SINGLE_BYTES.fullmatch(name) else "utf-8"
    try:
        return body.decode(encoding, "replace").encode()
    except LookupError:
        return body.decode("utf-8", "replace").encode()


def _without_halves(body: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: _REPLACED if found[2] else found[0], body)


def _without_bare_tokens(body: bytes) -> bytes:
    return _TOKEN.sub(lambda found: _text(found[0]) if found[0].startswith(b'"') else b"null", body)


def _text(token: bytes) -> bytes:
    """A text with its bare control characters, and backslashes that begin no escape, written as JSON writes them."""
    escaped = _NO_ESCAPE.sub(lambda found: found[0] if found[1] else rb"\\" + found[2], token)
    return _BARE.sub(lambda found: b"\\u%04x" % found[0][0], escaped)
