"""The report as one HTML page without scripts or outside resources: to be mailed, or opened from a file."""

from __future__ import annotations

from collections import abc
from typing import Any

import jinja2

from syncd.engine.result import CycleResult
from syncd.report.as_json import detailed
from syncd.report.as_text import shown, still_open
from syncd.report.legible import one_line

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("syncd.report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    finalize=lambda value: one_line(value) if isinstance(value, str) else value,
)
_ENVIRONMENT.filters["shown"] = shown


def html(result: CycleResult) -> str:
    """The whole report as a page."""
    return page_of(detailed(result))


def page_of(report: abc.Mapping[str, Any]) -> str:
    """A detailed report document as a page."""
    return _ENVIRONMENT.get_template("report.html").render(report=report, open=still_open(report))
