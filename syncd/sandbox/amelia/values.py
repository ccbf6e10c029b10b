"""Which texts the plugin's value objects take. A refusal quotes the value that it refuses (measured)."""

import re
from typing import Any

from syncd.sandbox.amelia.requests import Thrown
from syncd.sandbox.amelia.site import Site

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", re.ASCII)
_LONGEST_NAME = 255
_LONGEST_NOTES = 65_535
_BASIC = 0xFFFF


def check_email(email: str) -> None:
    """An empty one is none. Raises `Thrown`."""
    if email and not (email.isascii() and _EMAIL.fullmatch(email)):
        raise Thrown(f"Email '{email}' is not a valid email")


def check_name(name: str) -> None:
    """Raises `Thrown`."""
    if len(name) > _LONGEST_NAME:
        raise Thrown(f"Name '{name}' must be less than {_LONGEST_NAME} chars")


def checked_notes(site: Site, value: Any) -> str:
    """Internal notes as text; nothing is none. Raises `Thrown`."""
    notes = str(value or "")
    if len(notes) > _LONGEST_NOTES:
        raise Thrown(f"Description '{notes}' must be less than {_LONGEST_NOTES} chars")
    if not site.generation.takes_emoji and any(ord(character) > _BASIC for character in notes):
        raise Thrown("The supplied value may be too long or contains invalid data.")
    return notes


def checked_flag(site: Site, value: Any) -> Any:
    """`notifyParticipants` as given. Raises `Thrown`."""
    if site.generation.refuses_false and value is False:
        raise Thrown("Argument #1 must be of type int: notifyParticipants")
    return value
