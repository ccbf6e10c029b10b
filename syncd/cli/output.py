"""Where a report goes: standard output, or a file that is replaced whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import abc
from enum import StrEnum
from pathlib import Path

from syncd import report
from syncd.cli.failing import WrongUse
from syncd.engine.result import CycleResult


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


def check_target(output: Path | None) -> None:
    """Refuse a file that could not be written, before anything is done. Raises WrongUse."""
    if output is None:
        return
    folder = output.absolute().parent
    if output.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise WrongUse(f"cannot write {output}: name a file in a folder that exists and is writable")


def show(result: CycleResult, form: ReportFormat, output: Path | None) -> None:
    """Write the report."""
    write(_RENDERERS[form](result), output)


def write(text: str, output: Path | None) -> None:
    """Write text to standard output, or to a file readable by its owner alone."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=output.absolute().parent, delete=False) as file:
            file.write(text)
        os.replace(file.name, output)
    except OSError as error:
        raise WrongUse(f"cannot write {output}: {error.strerror}") from None
