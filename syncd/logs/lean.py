"""structlog without rich, which takes as long to load as everything else of a log.

structlog takes it for tracebacks in colours, where it is installed. Here a traceback is text before anything renders it
(`setup`). Whoever logs takes structlog from here, as only its first loading decides.
"""

from __future__ import annotations

import sys

__all__ = ["structlog"]

if "structlog" in sys.modules or "rich" in sys.modules:
    import structlog
else:
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog
    finally:
        del sys.modules["rich"]
