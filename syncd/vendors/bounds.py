"""How large and how far away what a vendor shows may be. What goes beyond is a row that cannot be read.

The store keeps whole numbers of 64 bits, and every text twice. A time in 1970 or 9999 is a program's word for "none" or
"never": nobody has an appointment then.
"""

from __future__ import annotations

from syncd.model.appointment import DAMAGE
from syncd.model.errors import Malformed
from syncd.model.record import Record
from syncd.model.times import Slot

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_ID = 128
LONGEST_TEXT = 100_000
"""Letters of a title, a place or notes; the most that any vendor is known to keep is 65,535."""
LONGEST_NAME = 2_000
"""Letters of one part of a client (several e-mail addresses are one), or of a word for a service or a person."""
MOST_CLIENTS = 1_000
_WHOLE_NUMBER = 2**63


def usable_id(text: str) -> bool:
    """Whether a text can be a record's id: some letters, none of them blank, unprintable or damaged, and not many.

    It goes into addresses, where dots alone would name another place. A damaged one names nothing: asked for by it, the
    vendor does not find the record, which would look as if somebody had deleted it.
    """
    sound = text.isprintable() and " " not in text and DAMAGE not in text
    return 0 < len(text) <= LONGEST_ID and sound and text.strip(".") != ""


def bounded(record: Record) -> Record:
    """The record, if all of it is within bounds. Raises `Malformed`, which names what is not."""
    content = record.content
    if not usable_id(record.remote_id):
        raise Malformed("its id is none: too long, or with letters that cannot be printed")
    for slot in (content.slot, *record.other_readings):
        _near(slot)
    if isinstance(record.revision, int) and not -_WHOLE_NUMBER <= record.revision < _WHOLE_NUMBER:
        raise Malformed("its version is a number that is too large")
    if isinstance(record.revision, str) and len(record.revision) > LONGEST_ID:
        raise Malformed("its revision is a text that is too long")
    texts = {"title": content.title, "location": content.location, "notes": content.notes}
    for name, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise Malformed(f"its {name} has more than {LONGEST_TEXT:,} letters")
    words = (content.service, content.staff, record.token, record.unlisted, *record.kept.values(), *record.parts)
    if any(word is not None and len(word) > LONGEST_NAME for word in words):
        raise Malformed(f"a word in it has more than {LONGEST_NAME:,} letters")
    if max(len(content.clients), len(record.parts)) > MOST_CLIENTS:
        raise Malformed(f"it has more than {MOST_CLIENTS:,} clients")
    for client in content.clients:
        if max(map(len, (client.first_name, client.last_name, client.email, client.phone))) > LONGEST_NAME:
            raise Malformed(f"a part of a client's name or address has more than {LONGEST_NAME:,} letters")
    return record


def _near(slot: Slot) -> None:
    if slot.start.year < FIRST_YEAR or slot.end.year > LAST_YEAR:
        raise Malformed(f"it takes place outside the years {FIRST_YEAR} to {LAST_YEAR}")
