"""Text from outside, made safe to look at.

A title, a name or a vendor's message may hold line breaks, which could forge a line of a report, commands to a
terminal, or marks that turn the direction of writing round. They are shown as spaces and as codes; every other
character stays.
"""

from __future__ import annotations

import re

_BREAK = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_COMMAND = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """The text on one line: a break as a space, a control or direction character as its code (`\\x1b`)."""
    return _COMMAND.sub(lambda found: ascii(found[0])[1:-1], _BREAK.sub(" ", text))


def safe_json(text: str) -> str:
    """A JSON text whose strings say such characters by their code; JSON itself leaves some as they are."""
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
