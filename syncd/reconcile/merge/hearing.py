"""Which agreed values a vendor only hears of, as no write is to bring them there.

They count as told as soon as a later cycle has seen its record beside them, without a change of its
own.
"""

from __future__ import annotations

from syncd.compare.sameness import same_slot_at
from syncd.compare.words import word_for
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities


def is_only_heard(
    name: Field, agreed: Appointment, acknowledged: Appointment, shown: Status, able: Capabilities
) -> bool:
    """Whether a vendor cannot be given an agreed value, or cannot show what is new in it.

    `acknowledged` are the values that its record stands for, and `shown` is the status that it has.
    """
    match name:
        case Field.SLOT:  # a time that a vendor cannot be given is not told by being kept from it
            return (
                same_slot_at(agreed.slot, acknowledged.slot, able)
                or not able.ability(Field.SLOT).updated
            )
        case Field.STATUS:
            live = agreed.status.live and acknowledged.status.live
            return (
                live
                and agreed.status is not shown
                and word_for(agreed.status, shown, able) is shown
            )
        case _:
            return not can_be_told(name, agreed, able)


def can_be_told(name: Field, agreed: Appointment, able: Capabilities) -> bool:
    """Whether a write could bring the agreed value of a field to a vendor."""
    return name is Field.STATUS or (able.ability(name).updated and able.holds(name, agreed))
