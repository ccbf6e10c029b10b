"""A class, as the sandbox's vendors have it: the site and the CRM one record, Acuity and the office one for each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

NAME, TYPE, SERVICE = "Open House", 94517110, 3
"""What it is called, its type at Acuity, and its service at the site."""

LENGTH = timedelta(minutes=45)
EACH_HAS_ONE = ("book", "office")
"""The vendors that have a record for each."""

ROW = f"""
[[services]]
name = "{NAME}"
duration = "45m"
ids = {{ crm = "showing", book = {TYPE}, site = {SERVICE} }}
group = "seats"
"""
"""What the configuration says of it."""

AT_SITE: dict[str, Any] = {"group_services": (SERVICE,), "enforce_slots": False, "customer_conflict": False}
"""The switches of a site that takes several clients in it, at any time."""


def seat_at(name: str, who: str) -> dict[str, Any]:
    """What makes somebody's record a seat of it, at a vendor that has one for each."""
    return {"service": TYPE} if name == "book" else {"title": f"{NAME}, {who}"}
