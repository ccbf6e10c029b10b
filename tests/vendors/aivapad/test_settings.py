"""Aivapad's section of the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from syncd.vendors.aivapad import KIND
from syncd.vendors.settings import Origin, VendorSettings


def parsed(**values: Any) -> VendorSettings:
    """The settings that a section makes."""
    section = {"kind": "aivapad", "token": "aiva_x", "timezone": "Europe/Belgrade", **values}
    return KIND.settings.model_validate(section, context=Origin(environ={}, folder=Path()))


def test_token_and_zone_are_enough() -> None:
    """The address has a default."""
    assert parsed().base_url == "https://api.web.aivapad.io/api/external/v1"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"timezone": "Belgrade"}, "no time zone"),
        ({"statuses": {"x": "done"}}, "scheduled"),
        ({"statuses": {"Off": "cancelled", "off": "cancelled"}}, "twice"),
        ({"statuses": {" ": "cancelled"}}, "empty word"),
        ({"statuses": {"off": "scheduled"}, "cancelled_status": "Off"}, "another meaning"),
        ({"cancelled_status": "default"}, "own words"),
        ({"cancelled_status": " "}, "empty"),
        ({"colour": "red"}, "Extra"),
    ],
)
def test_a_section_that_contradicts_itself_is_refused(values: dict[str, Any], words: str) -> None:
    """The sentence says what to correct."""
    with pytest.raises(ValidationError, match=words):
        parsed(**values)
