"""The written scenarios, by what happens in them."""

from tests.interruption.scenarios import (
    calling_off,
    changing,
    conflicts,
    creating,
    guarding,
    matching,
    stored,
    troubles,
)

MODULES = (creating, changing, calling_off, conflicts, matching, guarding, troubles, stored)
"""Importing them enters their scenarios into the list."""
