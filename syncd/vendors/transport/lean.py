"""httpx without what a request of ours needs none of. All of the transport takes httpx from here."""

from __future__ import annotations

import importlib.util
import logging
import sys

__all__ = ["httpx"]

if importlib.util.find_spec("sniffio") is None:
    # httpcore looks for it several times a request: a search in vain that takes a quarter of the request's time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

if "httpx" in sys.modules:
    import httpx
else:
    sys.modules["httpx._main"] = None  # type: ignore[assignment] # its command line: with click, rich and pygments
    try:
        import httpx
    finally:
        del sys.modules["httpx._main"]

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # at INFO they write whole addresses
