"""How a known secret may be spelt in a text: as it is, escaped, percent-encoded, in base64.

Finds what is known beforehand; what merely looks private is `patterns`' business.
"""

from __future__ import annotations

import base64
import html
import re
from collections import abc
from itertools import chain
from urllib.parse import quote

_NEIGHBOURS = 3
"""How far apart two secrets of one vendor stand in a configuration's list: HTTP Basic joins two."""
_SHORT = 4
"""A secret below this length counts only where it stands alone, lest it blot out every word that has its letters."""


def matcher(secrets: abc.Sequence[str]) -> re.Pattern[str] | None:
    """An expression that finds any of the secrets in any usual spelling; None where there is no secret."""
    known = [secret for secret in dict.fromkeys(part.strip() for part in secrets) if secret]
    if not known:
        return None
    spellings = [_spelt(secret) for secret in sorted(known, key=len, reverse=True)]
    encoded = {_in_base64(text, alphabet) for text in _credentials(known) for alphabet in (b"+/", b"-_")}
    spellings += [f"{_spelt(text)}=*" for text in sorted(encoded, key=len, reverse=True)]
    return re.compile("|".join(spellings))


def _credentials(known: abc.Sequence[str]) -> abc.Iterator[str]:
    yield from known
    for place, one in enumerate(known):
        for other in known[place + 1 : place + 1 + _NEIGHBOURS]:
            yield from (f"{one}:{other}", f"{other}:{one}")
    yield from chain.from_iterable((f"{one}:", f":{one}", f"{one}:{one}") for one in known)


def _in_base64(text: str, alphabet: bytes) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass"), alphabet).decode().rstrip("=")


def _spelt(secret: str) -> str:
    """An expression for one secret: quoting of any kind leaves letters and digits as they are."""
    body = "".join(letter if letter.isascii() and letter.isalnum() else _letter(letter) for letter in secret)
    return rf"(?<![^\W_]){body}(?![^\W_])" if len(secret) < _SHORT else body


def _letter(letter: str) -> str:
    octets = letter.encode("utf-8", "surrogatepass")
    code = ord(letter)
    ways = [
        r"\\+" if letter == "\\" else rf"\\*{re.escape(letter)}",
        "".join(rf"%(?:25)*(?i:{octet:02x})" for octet in octets),
        "".join(rf"\\+x(?i:{octet:02x})" for octet in octets),
        rf"\\+x(?i:{code:02x})",
        rf"\\+u(?i:{code:04x})" if code <= 0xFFFF else rf"\\+U(?i:{code:08x})",
        re.escape(html.escape(letter)),
        re.escape(quote(letter)),
    ]
    if code > 0xFFFF:
        ways.append("".join(rf"\\+u(?i:{half:04x})" for half in _halves(code)))
    if letter in _NAMED:
        ways.append(rf"\\+{_NAMED[letter]}")
    if letter == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


_NAMED = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


def _halves(code: int) -> tuple[int, int]:
    """The surrogate pair by which JSON writes a character beyond the first 65536."""
    return 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)
