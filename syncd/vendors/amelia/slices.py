"""A listing's `appointments`, sliced into rows: nothing is decoded but each row's id.

Three shapes occur: an object keyed by date, `[]` where it would be empty, and a list (`asArray`). A site that does not
page answers with all rows at once, which is tens of megabytes at a busy one: they are copied out of the answer a few
hundred at a time.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass

import msgspec

from syncd.vendors.amelia.schemas import Glance, as_id
from syncd.vendors.payloads import unpack
from syncd.vendors.port import Page, Row


@dataclass(frozen=True, slots=True)
class Slices:
    """The rows of one answer where they stand in it, each with its id, the same one perhaps twice.

    `unidentified` are reasons for rows whose id cannot be told.
    """

    found: tuple[tuple[str, msgspec.Raw], ...]
    unidentified: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.found) + len(self.unidentified)

    def pages(self, most: int) -> abc.Iterator[Page]:
        """The rows by themselves, at most so many at once, as pages that hold on to none of them."""
        for first in range(0, max(len(self.found), 1), most):
            rows = tuple(Row.of(remote_id, bytes(raw)) for remote_id, raw in self.found[first : first + most])
            yield Page(rows, () if first else self.unidentified, continued=first > 0)
            del rows


def slice_rows(appointments: bytes | msgspec.Raw) -> Slices:
    """The rows of a listing. Raises msgspec's `DecodeError` for another shape."""
    found: list[tuple[str, msgspec.Raw]] = []
    unidentified: list[str] = []
    for raw in _items(appointments):
        glance = unpack(raw, Glance)
        if glance is None:
            unidentified.append("a row that is no appointment")
        elif glance.appointments is not msgspec.UNSET and glance.id is None:
            inner = slice_rows(glance.appointments)
            found.extend(inner.found)
            unidentified.extend(inner.unidentified)
        elif (remote_id := as_id(glance.id)) is None:
            unidentified.append("a row without an `id`")
        else:
            found.append((remote_id, raw))
    return Slices(tuple(found), tuple(unidentified))


def identify(raw: bytes) -> str | None:
    """The id of an appointment's JSON, None where it shows none."""
    glance = unpack(raw, Glance)
    return None if glance is None else as_id(glance.id)


def _items(raw: bytes | msgspec.Raw) -> abc.Iterable[msgspec.Raw]:
    if bytes(memoryview(raw)[:1]) == b"{":  # what stands in an answer begins with its own first sign
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).values()
    return msgspec.json.decode(raw, type=list[msgspec.Raw])
