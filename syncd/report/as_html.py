"""The report as one HTML page without scripts or outside resources: to be mailed, or opened from a file."""

from __future__ import annotations

import jinja2

from syncd.engine.result import CycleResult
from syncd.report.as_json import document

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("syncd.report"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
)


def html(result: CycleResult) -> str:
    """The whole report as a page."""
    return _ENVIRONMENT.get_template("report.html").render(report=document(result))
