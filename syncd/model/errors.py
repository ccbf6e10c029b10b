"""The errors of syncd, one tree by the caller's next move.

A message says what was tried, at which vendor, and what to do. It never holds a secret; client details only where the
reader of a report needs them, and never in one that is logged.
"""

from __future__ import annotations

from datetime import datetime


class SyncdError(Exception):
    """Anything that syncd says about the world in its own words."""


LONGEST_WORDING = 1_000
"""Letters of a message: what a vendor put into it is no longer than a person reads."""


def cut(text: str, longest: int = LONGEST_WORDING) -> str:
    """A text that is no longer than that; where something was left out, it ends so."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class InvalidSlot(SyncdError):
    """Two times that make no slot: one is naive, or the end is not after the start, or one is beyond the calendar.

    `why` says which, without the times.
    """

    def __init__(self, start: datetime, end: datetime, why: str = "it does not end after it starts") -> None:
        super().__init__(f"not a slot: {start.isoformat()} to {end.isoformat()}")
        self.start = start
        self.end = end
        self.why = why


class InvalidTime(SyncdError):
    """A wall-clock time that does not exist in its zone, or not at all (30 February)."""


class Malformed(SyncdError):
    """One row of a vendor that cannot be read as an appointment; the listing around it stands.

    Next move: quarantine that record with this reason.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(cut(reason))


class VendorError(SyncdError):
    """A vendor did not do what it was asked; `vendor` is its configured name."""

    def __init__(self, vendor: str, message: str) -> None:
        super().__init__(cut(message))
        self.vendor = vendor


class Unreachable(VendorError):
    """It could not be reached, was too busy, or failed on its side: try later. Nothing was changed by the request."""


class TooMuch(VendorError):
    """It may have been asked for too much at once: ask for less, not for the same again."""


class TooSlow(Unreachable, TooMuch):
    """No answer within the time-out, or an error on its side (500), as a site gives that runs out of memory."""


class Refused(VendorError):
    """It understood and said no to this one request (slot taken, invalid data): quarantine the operation."""


class Taken(Refused):
    """It said no to a time (taken, outside the hours, off its grid): it may say yes when the records around change."""


class Contradicted(Refused):
    """A client would be somebody else there, by all that the vendor tells: it may say yes once that is corrected."""


class Stale(VendorError):
    """The record moved on since it was read (a version conflict): observe again, merge again."""


class Unsettled(VendorError):
    """What a write came to is not known, or is not what was asked for: look before anything is written again.

    For a program that writes by itself: a sync keeps such an outcome as a value in its journal.
    """


class Misconfigured(VendorError):
    """Credentials, scopes, plan or address are wrong: tell the operator; do not go on at this vendor."""


class Unreadable(VendorError):
    """The answer is not in the vendor's protocol (HTML, truncated, not JSON, other shape): believe nothing of it."""


class TooLarge(Unreadable, TooMuch):
    """The answer is over the size that is read."""


class BudgetSpent(VendorError):
    """The vendor's rate leaves no request for this now: go on in the next cycle. `retry_after` is in seconds."""

    def __init__(self, vendor: str, message: str, retry_after: float) -> None:
        super().__init__(vendor, message)
        self.retry_after = retry_after
