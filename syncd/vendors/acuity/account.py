"""An Acuity account as a program uses it."""

from __future__ import annotations

import dataclasses
from collections import abc
from typing import Unpack, cast

from syncd.model.appointment import Client
from syncd.vendors.account import Account
from syncd.vendors.acuity.adapter import Adapter
from syncd.vendors.acuity.client import ApiClient
from syncd.vendors.acuity.settings import NAME, Settings
from syncd.vendors.options import Options


class Acuity(Account):
    """`async with Acuity(user_id=…, api_key=…) as book`: an Acuity account.

    `services` are appointment types by their number, `staff` calendars by theirs. `calendar_ids` leaves out every other
    calendar; `client` stands in where an appointment has none. An appointment is as long as its type, whatever end is
    asked for. Raises `Misconfigured` for a value that is none.
    """

    def __init__(
        self,
        *,
        user_id: str | int,
        api_key: str,
        base_url: str | None = None,
        calendar_ids: abc.Sequence[str | int] | None = None,
        client: Client | None = None,
        **options: Unpack[Options],
    ) -> None:
        keys = {
            "user_id": user_id,
            "api_key": api_key,
            "base_url": base_url,
            "calendar_ids": calendar_ids,
            "client": None if client is None else dataclasses.asdict(client),
        }
        super().__init__(NAME, Settings, Adapter, keys, options)

    @property
    def api(self) -> ApiClient:
        """Every call of Acuity's that docs/vendors.md lists."""
        return cast(Adapter, self.adapter).api
