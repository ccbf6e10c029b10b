"""The `[vendors.NAME]` section of an ActuallyCare account, as a file is loaded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.config import ConfigurationError, load
from syncd.vendors.actuallycare.settings import Settings

_SECTION = '[vendors.crm]\nkind = "actuallycare"\napi_key = "5a5a"\n'


def loaded(folder: Path, text: str) -> Settings:
    """The settings of the vendor `crm` of a file with this text."""
    path = folder / "syncd.toml"
    path.write_text(text, encoding="utf-8")
    settings = load(path, {}).vendor("crm").settings
    assert isinstance(settings, Settings)
    return settings


def test_clients_are_read_again_as_often_as_is_configured(tmp_path: Path) -> None:
    """Once an hour where nothing is said."""
    assert loaded(tmp_path, _SECTION).clients_every == timedelta(hours=1)
    assert loaded(tmp_path, _SECTION + 'clients_every = "10m"\n').clients_every == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('clients_every = "59s"', "vendors.crm.clients_every: at least a minute"),
        ('clients_every = "0h"', "vendors.crm.clients_every: at least a minute"),
        ('clients_every = "hourly"', 'vendors.crm.clients_every: a duration is written as "90s"'),
        ("clients_every = 3600", 'vendors.crm.clients_every: a duration is written as "90s"'),
        ('clients_evry = "1h"', "vendors.crm.clients_evry: unknown key; did you mean clients_every?"),
        ('[sync]\nclients_every = "1h"', "sync.clients_every: unknown key here; it is a key of [vendors.crm]"),
        ('clients = "hidden"', "vendors.crm.clients: must be 'read' or 'stand-in'"),
    ],
)
def test_a_wrong_value_is_named_by_its_key(tmp_path: Path, line: str, told: str) -> None:
    """With what can stand there, or where the key belongs."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, _SECTION + line + "\n")
    [fault] = caught.value.lines
    assert told in fault
