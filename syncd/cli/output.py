"""Where a report goes: standard output, or a file that is replaced whole or not at all.

Decides how a report is spelt where the stream has not all of its characters, and that a reader who leaves early
(`head`) is no failure of the cycle.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import abc
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from syncd import report
from syncd.cli.failing import WrongUse, abandon_output
from syncd.engine.result import CycleResult

STANDARD_OUTPUT = Path("-")


class ReportFormat(StrEnum):
    """How a cycle or a plan is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


_RENDERERS: dict[ReportFormat, abc.Callable[[CycleResult], str]] = {
    ReportFormat.TEXT: report.text,
    ReportFormat.JSON: report.json_text,
    ReportFormat.HTML: report.html,
}


def check_target(output: Path | None, kept: abc.Sequence[Path] = ()) -> None:
    """Refuse a file that could not be written, or is one of `kept`, before anything is done. Raises WrongUse."""
    if output is None or output == STANDARD_OUTPUT or _takes_writing(output):
        return
    if output.resolve() in {path.resolve() for path in kept}:
        raise WrongUse(f"{output} is a file that syncd needs itself: name another one")
    folder = output.resolve().parent
    if output.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise WrongUse(f"cannot write {output}: name a file in a folder that exists and is writable")


def show(result: CycleResult, form: ReportFormat, output: Path | None) -> None:
    """Write the report."""
    write(_RENDERERS[form](result), output, form)


def write(text: str, output: Path | None, form: ReportFormat = ReportFormat.TEXT) -> None:
    """Write text to standard output (None or `-`), or to a file readable by its owner alone."""
    if output is None or output == STANDARD_OUTPUT:
        _print(text, form)
        return
    try:
        if _takes_writing(output):
            output.write_text(_spelt(text, "utf-8", form), encoding="utf-8")
        else:
            _replace(output.resolve(), _spelt(text, "utf-8", form))
    except OSError as error:
        raise WrongUse(f"cannot write {output}: {error.strerror}") from None


def _takes_writing(output: Path) -> bool:
    """Whether it is a device or a pipe: written to, and never replaced by a file."""
    return output.exists() and not output.is_file() and not output.is_dir()


def _replace(target: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.replace(file.name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(file.name)
            raise


def _print(text: str, form: ReportFormat) -> None:
    if sys.stdout is None:  # closed by whoever started us
        return
    try:
        sys.stdout.write(_spelt(text, sys.stdout.encoding, form))
        sys.stdout.flush()
    except BrokenPipeError:
        abandon_output()
    except OSError as error:
        abandon_output()
        raise WrongUse(f"cannot write the report to standard output: {error.strerror}") from None


def _spelt(text: str, encoding: str, form: ReportFormat) -> str:
    """The text in characters that the encoding has; any other is escaped as the form allows."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        match form:
            case ReportFormat.JSON:
                return json.dumps(json.loads(text), indent=2) + "\n"
            case ReportFormat.HTML:
                return text.encode(encoding, "xmlcharrefreplace").decode(encoding)
            case ReportFormat.TEXT:
                return text.encode(encoding, "backslashreplace").decode(encoding)
    return text
