"""Loaded into a run of the command before it starts: makes it a version whose schema has one revision more."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import syncd_state
from syncd_state.schema import Schema

VARIABLE = "SYNCD_TEST_REVISIONS"
"""The environment variable that names the folder of the revision."""

HEAD = "9001"
"""That revision."""

if VARIABLE in os.environ:
    syncd_state.open_store = partial(syncd_state.open_store, schema=Schema(Path(os.environ[VARIABLE]), head=HEAD))
