"""Answers that are almost nothing but signs: `[{},{},…]`, millions of values without a content.

What such an answer holds as bytes is a small part of what it takes as values: 2 MiB of `{}` are 700,000 rows, of which
each slice alone takes 72 bytes (measured with msgspec 0.22.0, whose own word on that is none: findings). No
vendor's record is told in so little, and an answer of some size that is made so is not taken apart at all. The bounds
leave room: the sandbox's answers, which have the fields that the vendors' documents name, have 19 bytes and more a
comma, 75 and more an object. On a vendor's own answers of such a size that was not measured.
"""

from __future__ import annotations

_LOOKED_AT = 1024 * 1024
"""From so many bytes on; what is smaller can hold no number of values that matters."""
_AN_OBJECT, _A_LIST, _A_COMMA = 32, 32, 6
"""Fewer bytes than these for each object, each list and each comma, and there is no content."""
_KEYS = 1000
"""More values than these an object, and they are no objects' but a list's of its own."""


def is_of_crumbs(body: bytes) -> bool:
    """Whether an answer has so many values for its size that nothing can be in them."""
    size = len(body)
    if size < _LOOKED_AT:
        return False
    objects, lists, commas = body.count(b"{"), body.count(b"["), body.count(b",")
    many = objects * _AN_OBJECT > size or lists * _A_LIST > size or commas * _A_COMMA > size
    return many or commas > _KEYS * (objects + 1)
