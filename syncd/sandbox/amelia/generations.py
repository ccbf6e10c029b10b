"""The plugin's generations: what changed between its builds, as one value each.

Measured on Lite 1.2.34, 2.1.3 and 2.4.3, each on a real WordPress; of 2.0 to 2.1.2 only the published source was
read. What nobody has seen there is taken for the less convenient of its neighbours' ways.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """What a generation of builds does differently from another."""

    version: str
    """As `GET /settings` shows it."""
    framework: Literal["slim3", "slim4"]
    """Slim 3 cuts the raw query and writes JSON as text/html; where between 2.1.3 and 2.4.3 it went
    is not known."""
    mails_every_status: bool
    """The status endpoint mails the customer whatever the stored flag says, except about a no-show."""
    refuses_moves: bool
    """A move is checked before it is written; else it is written, then refused, and stays."""
    joins: Literal["cancelled", "pending"]
    """Whether every create joins a cancelled record, or a create that is itself pending any record
    of its start."""
    revives_by_update: bool
    """A booking that was called off can be given a live status by the update endpoint."""
    takes_any_status: bool
    """A status that it does not know is stored as an empty text; else it is an exception."""
    pages_as_asked: bool
    """A listing honours `limit` and `sort=id` (2.4.2 on)."""
    shows_people_by_id: bool
    """By id there are the whole customer, employee and service; else their ids alone."""
    flags_as_text: bool
    """Lists and the answers to a status have `notifyParticipants` as text; else it is a number
    everywhere."""
    takes_emoji: bool
    """Notes may hold characters of four bytes."""
    refuses_false: bool
    """`notifyParticipants: false` is an exception: 0 is wanted."""


GENERATIONS = {
    "1.x": Generation(
        version="1.2.34",
        framework="slim3",
        mails_every_status=False,
        refuses_moves=False,
        joins="cancelled",
        revives_by_update=False,
        takes_any_status=False,
        pages_as_asked=False,
        shows_people_by_id=False,
        flags_as_text=False,
        takes_emoji=False,
        refuses_false=True,
    ),
    "2.0": Generation(
        version="2.1.2",
        framework="slim3",
        mails_every_status=False,
        refuses_moves=True,
        joins="pending",
        revives_by_update=False,
        takes_any_status=True,
        pages_as_asked=False,
        shows_people_by_id=False,
        flags_as_text=True,
        takes_emoji=False,
        refuses_false=False,
    ),
    "2.1.3": Generation(
        version="2.1.3",
        framework="slim3",
        mails_every_status=True,
        refuses_moves=True,
        joins="pending",
        revives_by_update=True,
        takes_any_status=True,
        pages_as_asked=False,
        shows_people_by_id=True,
        flags_as_text=True,
        takes_emoji=False,
        refuses_false=False,
    ),
    "2.4": Generation(
        version="2.4.3",
        framework="slim4",
        mails_every_status=True,
        refuses_moves=True,
        joins="pending",
        revives_by_update=True,
        takes_any_status=True,
        pages_as_asked=True,
        shows_people_by_id=True,
        flags_as_text=True,
        takes_emoji=True,
        refuses_false=False,
    ),
}
"""By the name of the first build: 1.x is 1.2.34, 2.0 is 2.0 to 2.1.2, 2.1.3 ends before 2.4.2, 2.4
is 2.4.2 on."""
