"""Amelia's answers, judged by their body alone: their status codes cannot be trusted (field-notes).

Handled errors come as 200 or as 409 and 500, with JSON; a key that is not accepted as 403 or as 200 with nothing; a
plugin that is switched off as `0`. What an endpoint's answer must hold is the client's.
"""

from __future__ import annotations

import re
from collections import abc
from dataclasses import dataclass, field
from typing import Any

import msgspec

from syncd.model.errors import Misconfigured, Unreachable, Unreadable, VendorError
from syncd.vendors.transport import Answer

_NOT_FREE = (
    "the time is not free there: it is taken, outside the employee's hours, or off the grid of free starts, which "
    "begins anew at the end of each appointment (of somebody who works round the clock not with the day, but with the "
    "month); look at that day there, or set a smaller step (Amelia: Settings, General, Default Time Slot Step)"
)
_TIMES = ("timeSlotUnavailable", "timeSlotBooked", "bookingUnavailable")
_ADDRESS_TAKEN = (
    "an employee of the site, or a customer who is not listed, has this e-mail address, and Amelia gives an address to "
    "one person alone: correct it here or there"
)
_FLAGS = {
    **dict.fromkeys(_TIMES, _NOT_FREE),
    "customerAlreadyBooked": "this customer has a booking there at that time already",
    "entityMissing": "its service, employee, location or customer does not exist there any more; correct the catalogue",
    "packageBookingUnavailable": "the customer's package does not cover it",
    "maximumCapacityReached": (
        "it has more people than the service takes: raise its maximum capacity there, or name who of them is yours in "
        "own_addresses of the vendors that show them"
    ),
    "bookingsLimitReached": "the limit of bookings is reached there",
    "emailError": _ADDRESS_TAKEN,
    "reauthorize": "the key is not accepted",
}
_WORDINGS = (
    (re.compile(r"Email '.*' is not a valid email", re.DOTALL), "the e-mail address is none that Amelia takes"),
    (re.compile(r"'.*' must be less than", re.DOTALL), "a name or an address is longer than the 255 letters it takes"),
    (re.compile(r"Email already exist"), _ADDRESS_TAKEN),
    (
        re.compile(r"invalid data|too long", re.IGNORECASE),
        "a text is longer than it takes (65,535 letters of notes), or has a sign that its database cannot hold (an "
        "emoji, up to Amelia 2.1.3)",
    ),
)
"""Refusals that quote what was sent, and what they come to without the quotation (amelia-measured)."""
_UNKNOWN_ID = re.compile(r"\s*Invalid key (\S+?)\.?\s*")
_PRIVATE = re.compile(r"[@\"`<>{}]|(?<!\w)'|'(?!\w)|\d{5}")
_LONGEST = 120
_BLANK = b"\xef\xbb\xbf \t\r\n"
_OFF = (b"0", b"-1")


class _Envelope(msgspec.Struct):
    message: Any = None
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    code: Any = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in Amelia's shape: its message (translated, may be empty), and the raw JSON of each key of its data."""

    status: int
    message: str
    data: abc.Mapping[str, bytes] = field(repr=False)

    @property
    def problem(self) -> str | None:
        """What an error flag says is wrong, None without one."""
        return next((said for flag, said in _FLAGS.items() if self.data.get(flag) == b"true"), None)

    @property
    def taken(self) -> bool:
        """Whether it was the time that was refused."""
        return any(self.data.get(flag) == b"true" for flag in _TIMES)

    @property
    def reason(self) -> str:
        """Why nothing was done, as far as it is told and names nobody."""
        known = self.problem or next((said for shape, said in _WORDINGS if shape.search(self.message)), None)
        if known:
            return known
        quotable = self.message and len(self.message) <= _LONGEST and not _PRIVATE.search(self.message)
        return f"it answered “{self.message}”" if quotable else "it gave no reason that is known"

    def says_absent(self, remote_id: str) -> bool:
        """Whether this is the proof that a record does not exist: `Invalid key 742.`, for that very id."""
        match = _UNKNOWN_ID.fullmatch(self.message)
        return match is not None and match[1] == remote_id


def parse(answer: Answer) -> Reply | None:
    """The answer, if its body is in Amelia's shape whatever its status; None for anything else.

    WordPress's own errors are JSON too, with a `code`: they say nothing about what Amelia did.
    """
    try:
        envelope = msgspec.json.decode(answer.body.strip(_BLANK), type=_Envelope)
        if envelope.code is not None or (envelope.message is None and envelope.data is msgspec.UNSET):
            return None
        data = _members(envelope.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    said = envelope.message or _word(data.get("message", b"null"))
    return Reply(answer.status, said.strip() if isinstance(said, str) else "", data)


def final(answer: Answer) -> bool:
    """Whether a 5xx is an error that Amelia handled: asking again would bring the same. Its own are all 500."""
    return answer.status == 500 and parse(answer) is not None


def fault(vendor: str, what: str, answer: Answer) -> VendorError | None:
    """The error of an answer that never reached Amelia's own code, whatever was asked; None for any other."""
    if answer.body.strip(_BLANK) in _OFF:
        return Unreachable(vendor, f"{vendor}: {what}: the Amelia plugin is switched off on the site; activate it")
    if answer.status in (401, 403):
        reason = f"answered {answer.status}; give a key of Amelia's API settings that may do this as api_key"
        return Misconfigured(vendor, f"{vendor}: {what}: {reason}")
    if answer.status == 404:
        reason = (
            "answered 404; base_url must be the site's https://…/wp-admin/admin-ajax.php; if it is, this licence of "
            "Amelia has no API (Lite has none), or its build lacks this"
        )
        return Misconfigured(vendor, f"{vendor}: {what}: {reason}")
    return None


def understood(vendor: str, what: str, answer: Answer) -> Reply:
    """What a read brought. Raises `Misconfigured`, `Unreachable` or `Unreadable`."""
    failed = fault(vendor, what, answer)
    if failed is not None:
        raise failed
    reply = parse(answer)
    if reply is not None:
        if reply.data.get("reauthorize") == b"true":
            raise Misconfigured(vendor, f"{vendor}: {what}: {_FLAGS['reauthorize']}; correct api_key")
        return reply
    if answer.status == 200 and not answer.body.strip(_BLANK):
        reason = "the answer is empty, which is how Amelia refuses a key; correct api_key"
        raise Misconfigured(vendor, f"{vendor}: {what}: {reason}")
    reason = f"the answer ({answer.status}) is not Amelia's JSON; see what the site says at that address"
    raise Unreadable(vendor, f"{vendor}: {what}: {reason}")


def _members(data: msgspec.Raw | msgspec.UnsetType) -> dict[str, bytes]:
    """The members of `data`; PHP's empty object is `[]`."""
    if data is msgspec.UNSET or bytes(memoryview(data)[:1]) != b"{":  # a raw value begins with its own first sign
        return {}
    return {key: bytes(raw) for key, raw in msgspec.json.decode(data, type=dict[str, msgspec.Raw]).items()}


def _word(raw: bytes) -> Any:
    return msgspec.json.decode(raw)
