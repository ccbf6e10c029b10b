"""A cycle or a plan as text, JSON or HTML. Shows what the engine says, and decides nothing.

Clients are named only as far as an operator needs to recognise an appointment and to judge what is done to it: in an
operation's summary, in the parts of a client that it changes, and in the values of a conflict, which must not be lost.
"""

from syncd.report.as_html import html, page_of
from syncd.report.as_json import detailed, document, json_of, json_text, kept_text
from syncd.report.as_text import changed_lines, lines_of, planned_lines, text
from syncd.report.legible import one_line

__all__ = [
    "changed_lines",
    "detailed",
    "document",
    "html",
    "json_of",
    "json_text",
    "kept_text",
    "lines_of",
    "one_line",
    "page_of",
    "planned_lines",
    "text",
]
