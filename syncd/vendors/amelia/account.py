"""An Amelia site as a program uses it."""

from __future__ import annotations

from typing import Unpack, cast

from syncd.vendors.account import Account
from syncd.vendors.amelia.adapter import Adapter
from syncd.vendors.amelia.client import ApiClient
from syncd.vendors.amelia.settings import NAME, Settings
from syncd.vendors.options import Options


class Amelia(Account):
    """`async with Amelia(base_url=…, api_key=…, timezone="Europe/Belgrade") as site`: an Amelia site and its clock.

    `base_url` is the site's `https://SITE/wp-admin/admin-ajax.php`. `services` go by their number, `staff` by that of
    an employee, alone or with a location's: `{"provider": 1, "location": 1}`. `customer_id` stands in where an
    appointment has no client, and a client whom the site does not know becomes a customer there. `keep_reminders` is
    the key of the configuration. Raises `Misconfigured` for a value that is none.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        timezone: str,
        customer_id: int | None = None,
        keep_reminders: bool = True,
        **options: Unpack[Options],
    ) -> None:
        keys = {
            "base_url": base_url,
            "api_key": api_key,
            "timezone": timezone,
            "customer_id": customer_id,
            "keep_reminders": keep_reminders,
        }
        super().__init__(NAME, Settings, Adapter, keys, options)

    @property
    def api(self) -> ApiClient:
        """Every call of Amelia's that docs/vendors.md lists."""
        return cast(Adapter, self.adapter).api
