"""The keys of an Aivapad section, and what the account's status words mean.

Only two words are documented. The operator may say what others mean, and which word, if any, stands for cancelled.
"""

from __future__ import annotations

from collections import abc
from typing import Literal

from pydantic import Field, StrictBool, field_validator, model_validator

from syncd.model.appointment import Status
from syncd.model.wallclock import Repeated
from syncd.vendors.settings import Secret, VendorSettings, Zone

NAME = "aivapad"

RATE = (10, 1.0)
"""None is documented; 10 requests per second trouble no API."""

REPEATED = Repeated.FIRST
"""What is taken for meant by a time that its clock shows twice: nobody knows [?], and most programs take the first.

The other reading goes along with the record, and an equal time elsewhere or what was known before decides for it.
"""

DOCUMENTED = {"default": Status.SCHEDULED, "success": Status.COMPLETED}
"""The two words of the reference, by field-notes."""

EXAMPLE = """\
[vendors.{name}]
kind = "aivapad"
# base_url = "https://api.web.aivapad.io/api/external/v1"
token = { env = "AIVAPAD_TOKEN" }         # with the scopes appointments:read and appointments:write
timezone = "America/Los_Angeles"          # the account's zone: its times carry none
# statuses = { confirmed = "scheduled" }  # what further status words of the account mean
# cancelled_status = "cancelled"          # the account's word for cancelled; without one, cancelling deletes the record
# token_in_notes = true                   # mark records that syncd creates by a last line of their notes
"""


def fold(word: str) -> str:
    """A status word as it is looked up: blanks stripped, lower case."""
    return word.strip().casefold()


Meaning = Literal["pending", "scheduled", "completed", "cancelled", "no_show"]


class Settings(VendorSettings):
    """`[vendors.NAME]` with `kind = "aivapad"`."""

    kind: Literal["aivapad"]
    base_url: str = "https://api.web.aivapad.io/api/external/v1"
    token: Secret = Field(description='add token = { env = "AIVAPAD_TOKEN" }')
    timezone: Zone = Field(description='add the zone of its clock, such as timezone = "America/Los_Angeles"')
    statuses: dict[str, Meaning] = Field(default_factory=dict)
    cancelled_status: str | None = Field(default=None, min_length=1)
    token_in_notes: StrictBool = False

    @property
    def zone(self) -> str:
        """The zone of its clock."""
        return self.timezone

    @field_validator("cancelled_status")
    @classmethod
    def _not_documented(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("must not be empty; leave the key out where the account has no such word")
        if value is not None and fold(value) in DOCUMENTED:
            raise ValueError("is one of Aivapad's own words for appointments that are not cancelled")
        return value if value is None else value.strip()

    @model_validator(mode="after")
    def _one_meaning(self) -> Settings:
        words = [fold(word) for word in self.statuses]
        if "" in words or len(words) > len(set(words)):
            raise ValueError("statuses has an empty word, or one twice in capitals and small letters")
        told = {fold(word): meaning for word, meaning in self.statuses.items()}
        if told.get(fold(self.cancelled_status or ""), "cancelled") != "cancelled":
            raise ValueError("statuses gives the word of cancelled_status another meaning: correct one of the two")
        return self

    def words(self) -> Words:
        """The account's status words, both ways."""
        return Words(self.statuses, self.cancelled_status)


class Words:
    """What each status word means, and by which word a status is written."""

    def __init__(self, statuses: abc.Mapping[str, str], cancelled: str | None) -> None:
        told = {word.strip(): Status(meaning) for word, meaning in statuses.items()}
        told_of = {fold(word) for word in told}
        words = {word: meaning for word, meaning in DOCUMENTED.items() if word not in told_of} | told
        # Without `cancelled_status` cancelling deletes, so that a word for it is only ever read.
        self._words: dict[Status, str] = {
            meaning: word for word, meaning in reversed(words.items()) if meaning is not Status.CANCELLED
        }
        self._meanings = {fold(word): meaning for word, meaning in words.items()}
        if cancelled:
            self._words[Status.CANCELLED] = cancelled
            self._meanings[fold(cancelled)] = Status.CANCELLED

    def meaning(self, word: str) -> Status | None:
        """What a word means; None for one that nobody knows. No word at all is the default."""
        return self._meanings.get(fold(word) or "default")

    def word(self, status: Status) -> str | None:
        """The word to write; None where the account has none."""
        return self._words.get(status)

    @property
    def cancels(self) -> bool:
        """Whether a record can be cancelled by a word: without one, cancelling deletes it."""
        return Status.CANCELLED in self._words

    @property
    def writable(self) -> frozenset[Status]:
        """The statuses that have a word."""
        return frozenset(self._words)
