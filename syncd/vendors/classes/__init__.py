"""Classes at vendors that have a record for each participant: as one record each."""

from syncd.vendors.classes.reading import Seated

__all__ = ["Seated"]
