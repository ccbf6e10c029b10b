"""Which status a record is given where its vendor has no word for the agreed one, or none that the
record comes to.

The nearest word is one that says nothing false of the appointment. Whether it is time to write it
is `steps`.
"""

from __future__ import annotations

from syncd.model.appointment import Field, Status
from syncd.model.capabilities import Capabilities


def word_for(agreed: Status, shown: Status, able: Capabilities) -> Status | None:
    """The status of a record that shows `shown`, so that it says that its live appointment is
    `agreed`, or comes near.

    That may be the one that it shows. None: it comes to no such word, so that it keeps its own or
    is replaced.
    """
    over = able.ends(shown)
    if not able.ability(Field.STATUS).updated:
        return None if over else shown
    comes_back = able.uncancels or not over
    if agreed in able.statuses and (comes_back or able.ends(agreed)):
        return agreed
    return _nearest(agreed, shown, able) if comes_back else None


def _nearest(agreed: Status, shown: Status, able: Capabilities) -> Status | None:
    """The word that comes nearest to one that a vendor does not have."""
    if shown.open:
        return shown  # that it is over is not said there; nothing that is said is false
    if agreed is Status.NO_SHOW and not shown.live:
        return None  # to call it scheduled would be no nearer
    stays = None if able.ends(shown) else shown
    return next(
        (word for word in (Status.SCHEDULED, Status.PENDING) if word in able.statuses), stays
    )


def says(word: Status, agreed: Status) -> bool:
    """Whether a word means the agreed status, rather than standing in for it: that it is to come
    has two words.
    """
    return word is agreed or (word.open and agreed.open)
