"""Where log lines go and what they look like.

structlog over the standard library: syncd's own events and its libraries' messages pass the same processors, the last
of which before rendering is the redaction. Every line has a stable `event`; a library's words stand in `message` under
`event = "library_message"`.
"""

from __future__ import annotations

import logging
import sys
from collections import abc
from typing import TYPE_CHECKING, Any, Literal, TextIO

from syncd.logs.lean import structlog
from syncd.logs.redaction import Redactor

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

Format = Literal["console", "json"]

_TALKATIVE = (
    *("httpx", "httpcore", "uvicorn.access", "sqlalchemy.engine"),
    *("alembic", "apscheduler.scheduler", "apscheduler.executors"),
)
"""Loggers that write whole addresses, what is in the database, or nothing that an operator could use, at INFO."""
_FIRST = ("timestamp", "level", "logger", "event")


def configure(
    format: Format | None = None,
    level: str | int = "info",
    stream: TextIO | None = None,
    secrets: abc.Sequence[str] = (),
) -> None:
    """Send every log line of this process to `stream` (default: standard error), and nowhere else.

    `format` None is the console's where the stream is a terminal, else JSON lines. `secrets` are kept out of every
    line, in any spelling. Raises ValueError for a level that does not exist.
    """
    target = sys.stderr if stream is None else stream
    chosen: Format = format or ("console" if _is_terminal(target) else "json")
    threshold = _threshold(level)
    handler = _LineHandler(target, _formatter(chosen, Redactor(secrets), colours=_is_terminal(target)))
    root = logging.getLogger()
    root.handlers[:] = [handler]  # another handler would write the same lines unredacted
    root.setLevel(threshold)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_described(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _described() -> list[Processor]:
    """What every event gets, whoever wrote it. Tracebacks become text here: no renderer sees a frame's variables."""
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _formatter(format: Format, redactor: Redactor, *, colours: bool) -> logging.Formatter:
    render: Processor
    if format == "json":
        render = structlog.processors.JSONRenderer()
    else:
        render = structlog.dev.ConsoleRenderer(
            colors=colours, sort_keys=False, exception_formatter=structlog.dev.plain_traceback
        )

    def redact(_logger: Any, _method: str, fields: EventDict) -> EventDict:
        cleaned = redactor.event(fields)
        return {key: cleaned[key] for key in (*_FIRST, *cleaned) if key in cleaned}

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_name_foreign, *_described()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, render],
    )


def _name_foreign(_logger: Any, _method: str, fields: EventDict) -> EventDict:
    return {**fields, "event": "library_message", "message": fields["event"]}


class _LineHandler(logging.StreamHandler[TextIO]):
    """Writes a line whatever it holds, and never the arguments of one that it cannot format."""

    def __init__(self, stream: TextIO, formatter: logging.Formatter) -> None:
        super().__init__(stream)
        self.setFormatter(formatter)

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = super().format(record)
        except Exception as error:  # noqa: BLE001 - a faulty log call must not lose its line, nor show its arguments
            words = f"a log call that cannot be formatted: {type(error).__name__}"
            line = super().format(logging.LogRecord(record.name, record.levelno, "", 0, words, (), None))
        encoding = getattr(self.stream, "encoding", None) or "utf-8"
        return line.encode(encoding, "backslashreplace").decode(encoding)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """A stream that is gone takes its lines with it; the default would print the record's arguments."""


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def _threshold(level: str | int) -> int:
    if isinstance(level, int):
        return level
    known = logging.getLevelNamesMapping()
    if level.upper() not in known:
        raise ValueError(f"'{level}' is no log level: use debug, info, warning or error")
    return known[level.upper()]
