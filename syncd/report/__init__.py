"""A cycle or a plan as text, JSON or HTML. Shows what the engine says, and decides nothing.

Clients are named only as far as an operator needs to recognise an appointment: in an operation's summary, and in the
values of a conflict, which must not be lost.
"""

from syncd.report.as_html import html
from syncd.report.as_json import document, json_text
from syncd.report.as_text import text

__all__ = ["document", "html", "json_text", "text"]
