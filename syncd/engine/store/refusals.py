"""What an operator asked for and cannot have: nothing was changed. Apart from the desk, as whoever
tells of it needs no desk for that.
"""

from __future__ import annotations

from syncd.model.errors import SyncdError


class NotFound(SyncdError):
    """What the operator named is not in the store, and where what is can be looked up."""


class NotJoined(SyncdError):
    """Two that cannot be made one, or one that cannot stand alone."""


class NotRejectable(SyncdError):
    """A held operation that cannot be rejected, with the reason and the way out."""
