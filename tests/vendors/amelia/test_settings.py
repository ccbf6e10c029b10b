"""The `[vendors.NAME]` section of an Amelia site."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from syncd.vendors import KINDS
from tests.vendors.amelia.world import ADDRESS, World, listing, settings


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        (ADDRESS, f"{ADDRESS}?action=wpamelia_api&call=/api/v1"),
        (f"{ADDRESS}?action=wpamelia_api&call=/api/v1", f"{ADDRESS}?action=wpamelia_api&call=/api/v1"),
        (f"{ADDRESS}?lang=en&call=x", f"{ADDRESS}?action=wpamelia_api&call=/api/v1"),
    ],
)
def test_the_address_may_be_given_with_amelia_s_query(given: str, endpoint: str) -> None:
    """The address in Amelia's documents and the bare one mean the same; older builds cut it out by its beginning."""
    assert settings(base_url=given).endpoint == endpoint


async def test_a_site_s_own_parameters_go_behind_the_path() -> None:
    """Of `?lang=en` as well: older builds take all that stands before `call` for the path of another endpoint."""
    world = World()
    await listing(world.vendor(base_url=f"{ADDRESS}?lang=en&currency="))
    query = world.seen[0].url.query.decode()
    assert query.startswith("action=wpamelia_api&call=/api/v1/appointments&lang=en&currency=&dates=")


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": None},
        {"timezone": "Belgrade"},
        {"base_url": None},
        {"api_key": None},
        {"customer_id": 0},
        {"customer_id": True},
        {"customer_id": "nobody"},
        {"customers": 4},
        {"keep_reminders": "yes"},
        {"keep_reminders": 1},
    ],
)
def test_what_is_missing_or_wrong_is_an_error(wrong: dict[str, Any]) -> None:
    """Address, key and zone are required; unknown keys are errors."""
    with pytest.raises(ValidationError) as caught:
        settings(**wrong)
    assert next(iter(wrong)) in str(caught.value)


def test_the_example_is_a_valid_section() -> None:
    """What `syncd init` writes is TOML with only known keys, also where its comments are taken in."""
    kind = KINDS["amelia"]
    text = kind.example.replace("{name}", "site").replace("# customer_id", "customer_id").replace("# rate", "rate")
    section = tomllib.loads(text)["vendors"]["site"] | {"api_key": "k"}
    assert kind.settings.model_validate(section).kind == "amelia"
