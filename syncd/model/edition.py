"""The edition of the zone database: governments change their rules, and another one may show another time.

Apart from the zones themselves: `syncd --version` tells it, and needs none of them.
"""

from __future__ import annotations

import importlib

EDITION: str = importlib.import_module("tzdata").IANA_VERSION
"""Such as `2026b`, of the tzdata wheel, whose rules alone `wallclock` goes by."""
