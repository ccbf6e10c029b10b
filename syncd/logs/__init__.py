"""Logs: one processor chain for syncd and its libraries, with what must not be read taken out."""

from syncd.logs.patterns import REDACTED
from syncd.logs.redaction import Redactor
from syncd.logs.setup import configure

__all__ = ["REDACTED", "Redactor", "configure"]
