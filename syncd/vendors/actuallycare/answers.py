"""What an answer of ActuallyCare's means: which error it is, and whether it is the vendor's own word.

It branches on the status first, then on `error.code`, never on the message (field-notes). No message of the vendor's
goes into an error: it may quote a client.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncd.model.errors import Misconfigured, Refused, Stale, Unreadable, VendorError
from syncd.vendors.actuallycare.schemas import Envelope, ErrorBody
from syncd.vendors.payloads import unpack
from syncd.vendors.transport import Answer

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_OF_VERSIONS = ("VERSION", "STALE", "CONFLICT")
_OF_ADDRESSES = ("ROUTE", "ENDPOINT", "PATH", "URL")
_ACCOUNT = "ACCOUNT_"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed answer: its status, and the code of the vendor's own envelope (None: not the vendor's words)."""

    status: int
    code: str | None

    @property
    def not_found(self) -> bool:
        """Whether the vendor itself says that there is no such record."""
        return self.status in (404, 410) and self.code is not None and not self._names(_OF_ADDRESSES)

    @property
    def said(self) -> str:
        """Status and code, for a message."""
        return f"{self.status} {self.code or 'without a code'}"

    @property
    def denied(self) -> bool:
        """Whether the vendor itself says that the key may not do this, while the account may be used."""
        return self.status == 403 and self.code is not None and not self.code.upper().startswith(_ACCOUNT)

    def error(self, vendor: str, request: str, *, update: bool = False, write: bool = False) -> VendorError:
        """The error to raise for `request` (method and path). `update` is a write that named a version."""
        start, said = f"{vendor}: {request}: ", self.said
        match self.status:
            case 401:
                return Misconfigured(vendor, f"{start}the key was not accepted ({said}); correct its api_key")
            case 402 | 403:
                return Misconfigured(vendor, f"{start}{self._forbidden()} ({said})")
            case 404 | 405 | 410 if not (update and self.not_found):
                return self._no_such_address(vendor, f"{start}the address does not exist there ({said})")
            case 404 | 410:
                return Stale(vendor, f"{start}the record is gone ({said}); it is looked for in the next cycle")
            case _:
                return self._about_the_request(vendor, start, said, update=update, write=write)

    def _about_the_request(self, vendor: str, start: str, said: str, *, update: bool, write: bool) -> VendorError:
        if update and self._about_version():
            return Stale(vendor, f"{start}the record was changed meanwhile ({said}); it is read and merged again")
        if write and self.code is not None:
            return Refused(vendor, f"{start}it was refused ({said}); see what the record lacks at the vendor")
        return Unreadable(vendor, f"{start}this is no answer that can be used ({said}); it is tried again later")

    def _forbidden(self) -> str:
        if self.code is not None and self.code.upper().startswith(_ACCOUNT):
            return "the account may not be used; settle that with ActuallyCare"
        return "the key may not do this; give it the scopes and the role for appointments"

    def _no_such_address(self, vendor: str, what: str) -> VendorError:
        if self.code is None and self.status != 405:
            return Unreadable(vendor, f"{what}, and not in ActuallyCare's words; see whether base_url is right")
        return Misconfigured(vendor, f"{what}; correct base_url")

    def _about_version(self) -> bool:
        return self.status in (409, 412) or (self.status == 400 and self._names(_OF_VERSIONS))

    def _names(self, words: tuple[str, ...]) -> bool:
        return self.code is not None and any(word in self.code.upper() for word in words)


def data_of(answer: Answer) -> bytes | Failure | None:
    """The `data` of a success, the failure, or None for a 2xx that is not the vendor's envelope."""
    envelope = unpack(answer.body, Envelope, strict=False)
    if 200 <= answer.status < 300:
        if envelope is None or (envelope.success is not False and not bytes(envelope.data)):
            return None
        if envelope.success is not False:
            return bytes(envelope.data)
    return Failure(answer.status, _code(envelope))


def _code(envelope: Envelope | None) -> str | None:
    if envelope is None or envelope.success is not False:
        return None
    error = unpack(envelope.error, ErrorBody, strict=False)
    if error is None:
        return None
    return error.code if _CODE.fullmatch(error.code) else "UNKNOWN"
