"""What an answer of Acuity's means: a clear yes, a clear no, or none; and whether it is the vendor's own word.

The status decides, and of a 404 the body whether Acuity said it. Its sentences may quote the client, so that only its
codes go into an error.
"""

from __future__ import annotations

import re

from pydantic import ValidationError

from syncd.model.errors import Misconfigured, Refused, Stale, Taken, Unreadable, VendorError
from syncd.vendors.acuity.people import CONTACTS
from syncd.vendors.acuity.schemas import Envelope
from syncd.vendors.transport import Answer

_CODE = re.compile(r"^[a-z][a-z_]{2,40}$")
_REQUIRES = {f"required_{part}": part for part in CONTACTS}
_TAKEN = {"not_available", "no_available_calendar", "double_booked", "time_unavailable"}
_OK, _UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404


class PartRequired(Refused):
    """The account does not take an appointment without this part of its client, by Acuity's word for it."""

    def __init__(self, vendor: str, message: str, part: str) -> None:
        super().__init__(vendor, message)
        self.part = part


def says_not_found(answer: Answer) -> bool:
    """Whether Acuity itself says that there is no such record."""
    envelope = _envelope(answer) if answer.status == _NOT_FOUND else None
    return envelope is not None and (envelope.status_code == "404" or envelope.error.endswith("not_found"))


def fault(vendor: str, tried: str, answer: Answer) -> VendorError | None:
    """The error of an answer that is none to a reading; None for a good one."""
    if barred := _barred(vendor, tried, answer):
        return barred
    if answer.status != _OK:
        return unreadable(vendor, tried, f"answered {_codes(answer)}, which is no answer to a reading")
    return None


def refusal(vendor: str, tried: str, answer: Answer, *, record: bool) -> VendorError:
    """The error of a write that was not answered with success; `record` says that it was about one that exists."""
    if barred := _barred(vendor, tried, answer):
        return barred
    if record and says_not_found(answer):
        return Stale(vendor, f"{vendor}: {tried}: it is not there any more; observe again")
    if answer.status == _NOT_FOUND:
        return unreadable(vendor, tried, "answered 404, not in Acuity's shape")
    refused = f"{vendor}: {tried}: refused with {_codes(answer)}"
    if part := _REQUIRES.get(_code(answer)):
        return PartRequired(vendor, refused, part)
    kind = Taken if _code(answer) in _TAKEN else Refused
    return kind(vendor, f"{refused}; look at this appointment and its time in Acuity")


def unreadable(vendor: str, tried: str, what: str) -> Unreadable:
    """The error of an answer that is not Acuity's."""
    return Unreadable(vendor, f"{vendor}: {tried}: {what}; see whether base_url is Acuity's API and whether it is up")


def _barred(vendor: str, tried: str, answer: Answer) -> Misconfigured | None:
    if answer.status == _UNAUTHORISED:
        reason = "answered 401, the credentials are wrong; correct user_id and api_key"
    elif answer.status == _FORBIDDEN:
        reason = "answered 403; the key has no right to this, or the account's plan has no API"
    else:
        return None
    return Misconfigured(vendor, f"{vendor}: {tried}: {reason}")


def _envelope(answer: Answer) -> Envelope | None:
    try:
        return Envelope.model_validate_json(answer.body)
    except ValidationError:
        return None


def _code(answer: Answer) -> str:
    envelope = _envelope(answer)
    return envelope.error if envelope is not None else ""


def _codes(answer: Answer) -> str:
    """The status and Acuity's own codes. Its sentences may quote the client, so only words such as `not_available`."""
    envelope = _envelope(answer)
    words = (envelope.error, envelope.message) if envelope is not None else ()
    return " ".join([str(answer.status), *dict.fromkeys(word for word in words if _CODE.match(word))])
