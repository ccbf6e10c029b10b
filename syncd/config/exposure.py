"""Whether others may read the secrets that stand in a configuration as text. It is said, and nothing is refused for it.

Secrets for vendors on this very machine do not matter: they are a sandbox's.
"""

from __future__ import annotations

import hashlib
import shlex
import stat
from collections import abc
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from syncd.config.values import ConfiguredVendor, Exposed

_SIGN = 2
"""Bytes of a digest: so few that almost any secret has the same ones."""


def exposed(path: Path, data: abc.Mapping[str, Any], vendors: abc.Iterable[ConfiguredVendor]) -> Exposed | None:
    """What others may read in the file at `path`, which holds `data`; None: nothing of worth."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    plain = [found for vendor in vendors if not vendor.settings.local for found in _plain(data, vendor)]
    if not mode & (stat.S_IRGRP | stat.S_IROTH) or not plain:
        return None
    keys = ", ".join(key for key, _ in plain)
    digest = hashlib.blake2b(repr((mode, plain)).encode(), digest_size=_SIGN).hexdigest()
    return Exposed(
        sentence=f"{path}: others may read what stands in it as text ({keys}): chmod 600 {shlex.quote(str(path))}",
        sign=f"{mode:o} {digest}",
    )


def _plain(data: abc.Mapping[str, Any], vendor: ConfiguredVendor) -> abc.Iterator[tuple[str, str]]:
    """A vendor's secrets that are written as they are, with their keys."""
    for name in type(vendor.settings).model_fields:
        given = data["vendors"][vendor.name].get(name)
        if isinstance(getattr(vendor.settings, name), SecretStr) and not isinstance(given, abc.Mapping):
            yield f"vendors.{vendor.name}.{name}", str(given)
