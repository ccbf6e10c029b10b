"""Values to the store's rows and back."""

from __future__ import annotations

import pytest

from syncd.engine.store.rows import mapping_from
from syncd.model.revision import Revision
from tests.engine.test_retention import NOW, Past, mapping


@pytest.mark.parametrize("revision", [None, 7, "7", 'W/"7"', "0x1e3"])
def test_a_revision_comes_back_as_it_was(revision: Revision | None) -> None:
    """A tag of digits stays a tag, although SQLite would take it for a number."""
    past = Past()
    past.put("a", NOW, mapping("1", NOW, revision=revision))
    with past.ledger.store.read() as tx:
        [row] = tx.mappings_of(["a"])
    assert mapping_from(row, None, {}, undated=False).revision == revision
