"""An ActuallyCare account as a program uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Unpack, cast

from syncd.vendors.account import Account
from syncd.vendors.actuallycare.adapter import Adapter
from syncd.vendors.actuallycare.client import ApiClient
from syncd.vendors.actuallycare.settings import NAME, Settings
from syncd.vendors.options import Options


class ActuallyCare(Account):
    """`async with ActuallyCare(api_key=…) as crm`: an ActuallyCare account. The key may be a JWT.

    `services` are appointment types by their word. No write can name a client there. `clients` and `clients_every` are
    the keys of the configuration. Raises `Misconfigured` for a value that is none.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str | None = None,
        clients: Literal["read", "stand-in"] | None = None,
        clients_every: timedelta | str | None = None,
        **options: Unpack[Options],
    ) -> None:
        keys = {"api_key": api_key, "base_url": base_url, "clients": clients, "clients_every": clients_every}
        super().__init__(NAME, Settings, Adapter, keys, options)

    @property
    def api(self) -> ApiClient:
        """Every call of ActuallyCare's that docs/vendors.md lists."""
        return cast(Adapter, self.adapter).api
