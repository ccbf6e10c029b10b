"""What a vendor says of which state a record is in: nothing, how often it was written, or a mark of this very state."""

from __future__ import annotations

from enum import StrEnum

Revision = int | str
"""A number that grows with each write, or an opaque tag: two that are equal are of one state, and no more is told."""


class Revisions(StrEnum):
    """What the revisions of a vendor's records are."""

    NONE = "none"  # its records have none
    ORDERED = "ordered"  # numbers
    OPAQUE = "opaque"  # tags


def is_earlier(one: Revision | None, other: Revision | None) -> bool:
    """Whether one is surely of an earlier state than the other; tags never tell."""
    return isinstance(one, int) and isinstance(other, int) and one < other


def writes_between(one: Revision | None, other: Revision | None) -> int | None:
    """How often a record was written from one to the other; None where that is not told."""
    return other - one if isinstance(one, int) and isinstance(other, int) else None
