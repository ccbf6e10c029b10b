"""An Aivapad account as a program uses it."""

from __future__ import annotations

from collections import abc
from typing import Unpack, cast

from syncd.vendors.account import Account
from syncd.vendors.aivapad.adapter import Adapter
from syncd.vendors.aivapad.client import ApiClient
from syncd.vendors.aivapad.settings import NAME, Settings
from syncd.vendors.options import Options


class Aivapad(Account):
    """`async with Aivapad(token=…, timezone="America/Los_Angeles") as office`: an Aivapad account and its clock.

    It has neither services nor staff. `statuses` says what further status words of the account mean; without
    `cancelled_status`, its word for cancelled, cancelling deletes. `token_in_notes` marks what is made by a last line
    of the notes. Raises `Misconfigured` for a value that is none.
    """

    def __init__(
        self,
        *,
        token: str,
        timezone: str,
        base_url: str | None = None,
        statuses: abc.Mapping[str, str] | None = None,
        cancelled_status: str | None = None,
        token_in_notes: bool = False,
        **options: Unpack[Options],
    ) -> None:
        keys = {
            "token": token,
            "timezone": timezone,
            "base_url": base_url,
            "statuses": None if statuses is None else dict(statuses),
            "cancelled_status": cancelled_status,
            "token_in_notes": token_in_notes,
        }
        super().__init__(NAME, Settings, Adapter, keys, options)

    @property
    def api(self) -> ApiClient:
        """Every call of Aivapad's that docs/vendors.md lists."""
        return cast(Adapter, self.adapter).api
