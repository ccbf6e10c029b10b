"""Where a report goes: standard output, or a file that is replaced whole or not at all.

Decides how a report is spelt where the stream has not all of its characters, and that a report which cannot be written
hides no exit code of the cycle's.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
from collections import abc
from contextlib import suppress
from pathlib import Path

from syncd import report
from syncd.cli import stopping
from syncd.cli.ending import tell
from syncd.cli.failing import WrongUse
from syncd.cli.options import ReportFormat
from syncd.engine.result import CycleResult

STANDARD_OUTPUT = Path("-")

_RENDERERS: dict[ReportFormat, abc.Callable[[CycleResult], str]] = {
    ReportFormat.TEXT: report.text,
    ReportFormat.JSON: report.json_text,
    ReportFormat.HTML: report.html,
}


def check_target(output: Path | None, kept: abc.Sequence[Path] = ()) -> None:
    """Refuse a file that could not be written, or is one of `kept`, before anything is done. Raises WrongUse."""
    if output is None or output == STANDARD_OUTPUT:
        return
    if output.resolve() in {path.resolve() for path in kept}:
        raise WrongUse(f"{output} is a file that syncd needs itself: name another one")
    if _takes_writing(output):
        return
    folder = output.resolve().parent
    if output.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise WrongUse(f"cannot write {output}: name a file in a folder that exists and is writable")


def show(result: CycleResult, form: ReportFormat, output: Path | None) -> int:
    """Write the report; returns the exit code, as `written`."""
    return written(_RENDERERS[form](result), result.exit_code, output, form)


def written(text: str, code: int, output: Path | None, form: ReportFormat) -> int:
    """Write text to standard output (None or `-`), or to a file readable by its owner alone; returns the exit code.

    That is `code`: where the text cannot be written, that is told. Raises WrongUse instead where nothing else is wrong.
    """
    try:
        _write(text, output, form)
    except WrongUse as error:
        if not code:
            raise
        tell(str(error))
    return code


def _write(text: str, output: Path | None, form: ReportFormat) -> None:
    if output is None or output == STANDARD_OUTPUT:
        _heed_stops()
        sys.stdout.write(_spelt(text, sys.stdout.encoding, form))
        sys.stdout.flush()
        return
    spelt = _spelt(text, "utf-8", form)
    try:
        if _takes_writing(output):
            _heed_stops()
            _pour(output, spelt)
        else:
            _replace(output.resolve(), spelt)
    except OSError as error:
        unread = error.errno == errno.ENXIO
        raise WrongUse(f"cannot write {output}: {'nobody reads from it' if unread else error.strerror}") from None


def _heed_stops() -> None:
    """A reader who takes nothing must not keep the process for ever."""
    if not stopping.asked():
        stopping.heed()


def _pour(output: Path, text: str) -> None:
    """Write to a device or a pipe, without waiting for somebody to read from it; one who has read enough may leave."""
    descriptor = os.open(output, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with suppress(BrokenPipeError), os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.set_blocking(descriptor, True)
        file.write(text)


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
