"""The written scenarios, by what happens in them."""

from tests.interruption.scenarios import (
    calling_off,
    changing,
    classes,
    conflicts,
    creating,
    giving_back,
    guarding,
    late,
    matching,
    stored,
    troubles,
)

MODULES = (creating, changing, classes, calling_off, giving_back, conflicts, matching, guarding, troubles, late, stored)
"""Importing them enters their scenarios into the list."""
