"""What the tests of the logs share: a stream, and the process's logging as it was before."""

from __future__ import annotations

import io
import logging
from collections import abc

import pytest
import structlog

TALKATIVE = (
    *("httpx", "httpcore", "uvicorn.access", "sqlalchemy.engine"),
    *("alembic", "apscheduler.scheduler", "apscheduler.executors"),
)


@pytest.fixture
def stream() -> abc.Iterator[io.StringIO]:
    """A stream to log to; afterwards the process logs as before."""
    root = logging.getLogger()
    level = root.level
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}
    yield io.StringIO()
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:] = [handler for handler in root.handlers if not type(handler).__module__.startswith("syncd.")]
    root.setLevel(level)
    for name, threshold in levels.items():
        logging.getLogger(name).setLevel(threshold)
