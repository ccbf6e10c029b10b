"""The registry of kinds."""

from __future__ import annotations

import pytest

from syncd.vendors import KINDS


def test_the_four_kinds_are_known_by_the_names_of_the_configuration() -> None:
    """`kind = "…"` takes these and no other."""
    assert list(KINDS) == ["actuallycare", "acuity", "aivapad", "amelia"]
    assert len(KINDS) == 4
    assert "caldav" not in KINDS
    with pytest.raises(KeyError):
        KINDS["caldav"]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_brings_its_settings_and_an_example(name: str) -> None:
    """A kind answers to its own name, and its example is a section for a vendor of it."""
    kind = KINDS[name]
    assert kind.name == name
    assert "kind" in kind.settings.model_fields
    assert f'kind = "{name}"' in kind.example
    assert "[vendors.{name}]" in kind.example
