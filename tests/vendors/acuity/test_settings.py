"""The `[vendors.NAME]` section of an Acuity account."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from syncd.vendors.acuity import KIND
from syncd.vendors.settings import Origin
from tests.vendors.acuity.world import PLACEHOLDER, settings


def test_a_section_needs_the_two_halves_of_its_credentials_alone() -> None:
    """Address, rate and the rest have the vendor's own defaults."""
    found = settings(client=None)
    assert found.base_url == "https://acuityscheduling.com/api/v1"
    assert found.calendar_ids is None
    assert found.client is None


def test_numbers_may_be_written_as_numbers() -> None:
    """The user id and calendar ids are digits, so that people write them without quotes."""
    found = settings(user_id=18274655, calendar_ids=[14209019, "14209020", 14209019])
    assert found.user_id.get_secret_value() == "18274655"
    assert found.calendar_ids == ("14209019", "14209020")


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"calendar_ids": []}, "calendar_ids"),
        ({"calendar_ids": ["Jordan"]}, "calendar_ids"),
        ({"calendar_ids": [True]}, "calendar_ids"),
        ({"user_id": "182:74655"}, "user_id"),
        ({"api_key": " "}, "api_key"),
        ({"client": {**PLACEHOLDER, "phone": " "}}, "client.phone"),
        ({"client": {"first_name": "Client"}}, "client.last_name"),
        ({"client": {**PLACEHOLDER, "nick": "C"}}, "client.nick"),
        ({"timezone": "Europe/Belgrade"}, "timezone"),
    ],
)
def test_a_wrong_key_is_named(keys: dict[str, Any], named: str) -> None:
    """Whatever is wrong, the error says which key it is, and never shows a secret's value."""
    with pytest.raises(ValidationError) as caught:
        settings(**keys)
    places = [".".join(str(part) for part in error["loc"]) for error in caught.value.errors()]
    assert any(place.startswith(named) for place in places)
    assert "182:74655" not in str(caught.value)


@pytest.mark.parametrize("opened", ["as written", "with every comment switched on"])
def test_the_example_is_a_valid_section(opened: str) -> None:
    """What an operator is given to start from loads, its commented keys too."""
    text = KIND.example.replace("{name}", "book")
    if opened != "as written":
        text = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", text)
    [(name, section)] = tomllib.loads(text)["vendors"].items()
    origin = Origin(environ={"ACUITY_USER": "18274655", "ACUITY_KEY": "k"}, folder=Path())
    found = KIND.settings.model_validate(section, context=origin)
    assert (name, found.kind, found.read_only) == ("book", "acuity", opened != "as written")
