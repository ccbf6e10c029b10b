"""Which Amelia a site runs, and what of its writing follows from that.

Where it is not known, everything is done in the way that mails nobody in any of them (amelia-measured).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAILS_EVERY_STATUS = (2, 1, 3)
"""The first that mails customers about a status set by its status endpoint, whatever the stored flag says."""

_NUMBERS = re.compile(r"\s*(\d{1,4}(?:\.\d{1,4}){0,3})")


@dataclass(frozen=True, slots=True)
class Build:
    """A release of Amelia: its version in numbers, None where it is not known."""

    version: tuple[int, ...] | None = None

    @classmethod
    def of(cls, text: str) -> Build:
        """The build that a text such as `2.1.3` or `1.2.34-beta` names; an unknown one where it names none."""
        found = _NUMBERS.match(text)
        return cls(tuple(int(number) for number in found[1].split("."))) if found else UNKNOWN

    @property
    def revives_by_status(self) -> bool:
        """Whether cancelled appointments are revived by the status endpoint.

        Before 2.1.3 that is what was measured, and it goes by the stored flag, which can be switched off first.
        """
        return self.version is not None and self.version < _MAILS_EVERY_STATUS


UNKNOWN = Build()
