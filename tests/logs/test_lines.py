"""What a log line looks like, whoever wrote it."""

from __future__ import annotations

import io
import json
import logging
import warnings
from typing import Any

import pytest
import structlog

from syncd.logs import configure


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The JSON lines written so far."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """As a terminal says."""
        return True


def test_an_event_is_a_json_line_with_a_stable_name_and_its_fields(stream: io.StringIO) -> None:
    """A program can filter on `event`; the time is UTC in ISO form."""
    configure("json", "info", stream)
    structlog.get_logger("syncd.engine").info("record_vanished", vendor="crm", remote_id="1722118401")
    [line] = lines(stream)
    assert list(line) == ["timestamp", "level", "logger", "event", "vendor", "remote_id"]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["event"], line["remote_id"]) == ("info", "record_vanished", "1722118401")


def test_a_library_s_message_is_a_line_of_the_same_kind(stream: io.StringIO) -> None:
    """apscheduler, uvicorn, sqlalchemy and asyncio come out like syncd's own events."""
    configure("json", "info", stream)
    for name in ("apscheduler.scheduler", "uvicorn.error", "sqlalchemy.pool", "asyncio"):
        logging.getLogger(name).warning("%s is %s", "something", "up")
    assert {line["event"] for line in lines(stream)} == {"library_message"}
    assert {line["message"] for line in lines(stream)} == {"something is up"}
    assert [line["logger"] for line in lines(stream)][3] == "asyncio"


def test_a_terminal_gets_console_lines_and_anything_else_json(stream: io.StringIO) -> None:
    """The form follows the stream unless it is asked for."""
    terminal = Terminal()
    configure(None, "info", terminal)
    structlog.get_logger().info("cycle_started")
    configure(None, "info", stream)
    structlog.get_logger().info("cycle_started")
    assert "cycle_started" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert lines(stream)[0]["event"] == "cycle_started"


def test_the_console_can_be_asked_for_without_a_terminal(stream: io.StringIO) -> None:
    """A file gets no colours."""
    configure("console", "info", stream)
    structlog.get_logger().info("cycle_started", vendor="crm")
    assert "vendor=crm" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_configuring_again_replaces_the_first_configuration(stream: io.StringIO) -> None:
    """No line is written twice."""
    first = io.StringIO()
    configure("json", "info", first)
    configure("json", "info", stream)
    structlog.get_logger().info("cycle_started")
    assert first.getvalue() == ""
    assert len(lines(stream)) == 1


def test_what_is_below_the_level_is_not_written(stream: io.StringIO) -> None:
    """The level holds for syncd and for libraries."""
    configure("json", "warning", stream)
    structlog.get_logger().info("cycle_started")
    logging.getLogger("asyncio").info("chatter")
    assert stream.getvalue() == ""


def test_a_level_that_does_not_exist_is_refused(stream: io.StringIO) -> None:
    """The message says which there are."""
    with pytest.raises(ValueError, match="debug, info, warning or error"):
        configure("json", "loud", stream)


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "uvicorn.access", "sqlalchemy.engine.Engine"])
def test_libraries_that_write_whole_addresses_are_silenced_up_to_warnings(stream: io.StringIO, name: str) -> None:
    """Even at debug level no request's address is logged."""
    configure("json", "debug", stream)
    logging.getLogger(name).info("GET https://api.example.com/clients?search=Jane")
    logging.getLogger(name).warning("something is wrong")
    assert [line["message"] for line in lines(stream)] == ["something is wrong"]


def test_a_python_warning_is_a_log_line(stream: io.StringIO) -> None:
    """Standard error stays JSON lines whatever a library warns of."""
    configure("json", "info", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("old ways", UserWarning, stacklevel=1)
    assert lines(stream)[0]["logger"] == "py.warnings"


def test_a_traceback_shows_the_way_and_no_variables(stream: io.StringIO) -> None:
    """Chained exceptions are there, the frames' values are not."""
    configure("console", "info", stream)
    hidden = "value of a variable".replace("a", "4")
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error
    except ValueError:
        structlog.get_logger().exception("cycle_failed")
    assert "KeyError: 'first'" in stream.getvalue()
    assert "ValueError: second" in stream.getvalue()
    assert hidden not in stream.getvalue()


def test_a_faulty_log_call_keeps_its_line_and_loses_its_arguments(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """The standard library would print the arguments to standard error."""
    configure("json", "info", stream)
    logging.getLogger("asyncio").info("%d rows", "canary")
    assert "TypeError" in lines(stream)[0]["message"]
    assert "canary" not in stream.getvalue() + capsys.readouterr().err


def test_a_stream_that_is_gone_is_no_error(stream: io.StringIO) -> None:
    """A closed pipe does not stop the daemon."""
    configure("json", "info", stream)
    stream.close()
    structlog.get_logger().info("cycle_started")


def test_a_narrow_stream_gets_escapes(stream: io.StringIO) -> None:
    """A console without UTF-8 shows what it can."""
    content = io.BytesIO()
    configure("console", "info", io.TextIOWrapper(content, encoding="ascii", write_through=True))
    structlog.get_logger().info("cycle_started", reason="größer")
    assert b"gr\\xf6" in content.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_value_cannot_forge_a_line_or_steer_a_terminal(stream: io.StringIO, form: Any) -> None:
    """Line ends and control characters in values are escaped."""
    configure(form, "info", stream)
    structlog.get_logger().info("cycle_started", reason="a\nb\x1b[2J\r")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
