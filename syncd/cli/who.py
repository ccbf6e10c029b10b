"""Who acts: the login name by which a decision is recorded."""

from __future__ import annotations

import os
import pwd

from syncd.report import one_line

_LONGEST = 64


def login() -> str:
    """The login name of whoever runs the command; that of `$SYNCD_OPERATOR`, where a wrapper that changes the account
    says who asked for it.
    """
    named = os.environ.get("SYNCD_OPERATOR", "").strip()
    return one_line(named or _of_terminal() or _of_account())[:_LONGEST]


def _of_terminal() -> str:
    """Whoever logged in at this terminal, also behind `sudo`."""
    try:
        return os.getlogin()
    except OSError:  # no terminal
        return ""


def _of_account() -> str:
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
