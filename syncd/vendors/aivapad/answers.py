"""What an answer of Aivapad's means: data, or which error, and whether it is the vendor's own word.

There are no codes: the status decides, and whether the body is the vendor's envelope. Its texts (perhaps Portuguese)
go into no error: they may quote a client.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from syncd.model.errors import Misconfigured, Refused, Stale, Unreadable, VendorError
from syncd.vendors.payloads import unpack
from syncd.vendors.transport import Answer

Keys = dict[str, msgspec.Raw]

_FORBIDDEN = (
    "the token is wrong or expired, lacks a scope (appointments:read, appointments:write), or belongs to no active "
    "account: Aivapad does not say which; correct all three"
)


@dataclass(frozen=True, slots=True)
class Data:
    """A success: the bytes of `data` (empty where there is none), whether it says so itself, and what else it says."""

    raw: bytes
    confirmed: bool = False
    beside: Keys = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed answer: its status, and whether it is in the vendor's own envelope."""

    status: int
    own: bool

    @property
    def not_found(self) -> bool:
        """Whether the vendor itself says that there is no such record."""
        return self.status == 404 and self.own

    def error(self, vendor: str, request: str, *, record: bool = False, write: bool = False) -> VendorError:
        """The error to raise for `request` (method and path). `record` is one that names a record by id."""
        start = f"{vendor}: {request}: "
        match self.status:
            case 401 | 403:
                return Misconfigured(vendor, f"{start}{_FORBIDDEN} ({self.status})")
            case 404 if self.own and record:
                return Stale(vendor, f"{start}the record is gone (404); it is looked for in the next cycle")
            case 404 if self.own:
                return Misconfigured(vendor, f"{start}the address does not exist there (404); correct base_url")
            case 404:
                reason = "answered 404, and not in Aivapad's words; see whether base_url is right"
                return Unreadable(vendor, f"{start}{reason}")
            case _ if write and (self.own or self.status in (400, 409, 422)):
                reason = f"it was refused ({self.status}); see what the appointment lacks at the vendor"
                return Refused(vendor, f"{start}{reason}")
            case _:
                reason = f"answered {self.status}{' with success: false' if self.own else ''}; it is tried again later"
                return Unreadable(vendor, f"{start}{reason}")


def data_of(answer: Answer) -> Data | Failure | None:
    """The data of a success, the failure, or None for a 2xx that is not the vendor's JSON.

    Both `{success, data}` and the bare list or object are accepted (field-notes).
    """
    good = 200 <= answer.status < 300
    keys = unpack(answer.body, Keys)
    if keys is None:
        if not good:
            return Failure(answer.status, own=False)
        return Data(answer.body) if unpack(answer.body, list[msgspec.Raw]) is not None else None
    success = unpack(keys["success"], bool) if "success" in keys else None
    if not good or success is False:
        return Failure(answer.status, own=success is False)
    beside = {key: value for key, value in keys.items() if key not in ("success", "data")}
    if "data" in keys:
        return Data(bytes(keys["data"]), success is True, beside)
    return Data(b"", True, beside) if success is True else Data(answer.body)
