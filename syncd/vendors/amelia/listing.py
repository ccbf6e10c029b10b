"""A listing's `appointments`, sliced into rows: nothing is decoded but each row's id.

Three shapes occur: an object keyed by date, `[]` where it would be empty, and a list (`asArray`).
"""

from __future__ import annotations

from collections import abc
from hashlib import blake2b

import msgspec

from syncd.vendors.amelia.schemas import Glance, as_id
from syncd.vendors.port import Page, Row

FINGERPRINT_SIZE = 16


def slice_rows(appointments: bytes) -> Page:
    """The rows of a listing, the same id perhaps twice. Raises msgspec's `DecodeError` for another shape."""
    rows: list[Row] = []
    unidentified: list[str] = []
    for raw in _items(appointments):
        glance = _glance(raw)
        if glance is None:
            unidentified.append("a row that is no appointment")
        elif glance.appointments is not msgspec.UNSET and glance.id is None:
            inner = slice_rows(bytes(glance.appointments))
            rows.extend(inner.rows)
            unidentified.extend(inner.unidentified)
        elif (remote_id := as_id(glance.id)) is None:
            unidentified.append("a row without an `id`")
        else:
            body = bytes(raw)
            rows.append(Row(remote_id, body, blake2b(body, digest_size=FINGERPRINT_SIZE).digest()))
    return Page(tuple(rows), tuple(unidentified))


def identify(raw: bytes) -> str | None:
    """The id of an appointment's JSON, None where it shows none."""
    glance = _glance(raw)
    return None if glance is None else as_id(glance.id)


def _glance(raw: bytes | msgspec.Raw) -> Glance | None:
    try:
        return msgspec.json.decode(raw, type=Glance)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def _items(raw: bytes) -> abc.Iterable[msgspec.Raw]:
    if raw.lstrip().startswith(b"{"):
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).values()
    return msgspec.json.decode(raw, type=list[msgspec.Raw])
