"""A vendor's answer as it came over the wire, and what its headers say. Its body is for the vendor package to judge."""

from __future__ import annotations

import re
from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DAY = 86400.0
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_CHARSET = re.compile(r";\s*charset\s*=\s*([^;]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower-case names) and the whole body. Its `repr` shows the status alone: the rest is private."""

    status: int
    headers: abc.Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters; empty where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def date(self) -> datetime | None:
        """The vendor's clock (the Date header) in UTC; None where there is none that can be read.

        What a cache kept (it says its Age) tells the time at which it was kept.
        """
        if _number(self.headers.get("age", "0")) != 0:
            return None
        return _http_date(self.headers.get("date", ""))

    def retry_after(self, now: datetime) -> float | None:
        """Seconds to wait, from Retry-After (seconds, or a date on the vendor's clock); None where it says nothing."""
        text = self.headers.get("retry-after", "").strip()
        seconds = _number(text)
        if seconds is not None:
            return seconds
        moment = _http_date(text)
        return None if moment is None else max(0.0, (moment - (self.date or now)).total_seconds())

    def remaining(self) -> tuple[int, float] | None:
        """RateLimit-Remaining and -Reset: requests left, and seconds until there are more; None without them."""
        left = _number(self.headers.get("ratelimit-remaining", ""))
        reset = _number(self.headers.get("ratelimit-reset", ""))
        if left is None or reset is None or reset > _DAY:
            return None
        return int(left), reset


def charset_of(headers: abc.Mapping[str, str]) -> str:
    """The charset that the content type names; empty where it names none."""
    found = _CHARSET.search(headers.get("content-type", ""))
    return found[1] if found else ""


def _number(text: str) -> float | None:
    return float(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
