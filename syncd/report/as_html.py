"""The report as one HTML page without scripts or outside resources: to be mailed, or opened from a file."""

from __future__ import annotations

from collections import abc
from functools import cache
from typing import TYPE_CHECKING, Any

from syncd.engine.result import CycleResult
from syncd.report.as_json import detailed
from syncd.report.as_text import shown, still_open
from syncd.report.legible import one_line

if TYPE_CHECKING:
    from jinja2 import Template


def html(result: CycleResult) -> str:
    """The whole report as a page."""
    return page_of(detailed(result))


def page_of(report: abc.Mapping[str, Any]) -> str:
    """A detailed report document as a page."""
    return _template().render(report=report, open=still_open(report))


@cache
def _template() -> Template:
    import jinja2  # reports in the other forms need none of it

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("syncd.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: one_line(value) if isinstance(value, str) else value,
    )
    environment.filters["shown"] = shown
    return environment.get_template("report.html")
