"""The keys of an ActuallyCare section, and how its key is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import field_validator

from syncd.vendors.settings import Duration, Secret, VendorSettings

NAME = "actuallycare"

RATE = (500, 900.0)
"""500 requests per 15 minutes and address (field-notes)."""

EXAMPLE = """\
[vendors.{name}]
kind = "actuallycare"
# base_url = "https://api.actuallycare.com/v1"
api_key = { env = "ACTUALLYCARE_KEY" }    # an API key with the scopes for appointments and
                                          # for reading clients, or a JWT
# clients_every = "1h"                    # how often clients are read again, to see a changed e-mail or phone number
# clients = "stand-in"                    # appointments whose client cannot be read count as having none
# own_addresses = ["@agency.example"]     # people of yours, who attend appointments and are never the client
# rate = "500/15m"                        # what ActuallyCare allows an address, over all accounts
# read_only = true                        # its changes go out, nothing is written to it
"""


class Settings(VendorSettings):
    """`[vendors.NAME]` with `kind = "actuallycare"`."""

    kind: Literal["actuallycare"]
    base_url: str = "https://api.actuallycare.com/v1"
    api_key: Secret
    clients: Literal["read", "stand-in"] = "read"
    clients_every: Duration = timedelta(hours=1)

    @field_validator("clients_every")
    @classmethod
    def _not_all_the_time(cls, value: timedelta) -> timedelta:
        if value < timedelta(minutes=1):
            raise ValueError("at least a minute")
        return value

    def credentials(self) -> dict[str, str]:
        """The header that carries the key: a JWT goes as a bearer token, anything else as `X-API-Key`."""
        key = self.api_key.get_secret_value()
        if key.startswith("ey") and key.count(".") == 2:
            return {"Authorization": f"Bearer {key}"}
        return {"X-API-Key": key}

    def service_fault(self, given: Any) -> str | None:
        """A service is an appointment type, which goes by a word."""
        return None if isinstance(given, str) and given.strip() else 'a word: the appointment type, like "showing"'
