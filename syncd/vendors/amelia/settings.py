"""The configuration of an Amelia site: its address and key, its clock, and who stands in for a missing client."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, field_validator

from syncd.vendors.settings import Secret, VendorSettings, Zone

RATE = (10, 1.0)
"""Requests per seconds. Amelia documents no limit; this is what one WordPress site bears beside its visitors."""

_CALL = "action=wpamelia_api&call=/api/v1"


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


class AmeliaSettings(VendorSettings):
    """`[vendors.NAME]` with `kind = "amelia"`.

    `base_url` is the site's `https://SITE/wp-admin/admin-ajax.php`, with or without Amelia's own query. `timezone` is
    the zone of the WordPress site: Amelia's times carry none. Without `customer_id`, an appointment that has no client
    is not created there.
    """

    kind: Literal["amelia"]
    api_key: Secret
    timezone: Zone
    customer_id: Annotated[int, BeforeValidator(_no_truth_value), Field(gt=0)] | None = None

    @field_validator("base_url")
    @classmethod
    def _site(cls, value: str) -> str:
        parts = urlsplit(value)
        others = [(key, text) for key, text in parse_qsl(parts.query) if key not in ("action", "call")]
        return urlunsplit(parts._replace(query=urlencode(others)))

    @property
    def endpoint(self) -> str:
        """The address that every endpoint's path is appended to: Amelia takes it in a query parameter."""
        return f"{self.base_url}{'&' if '?' in self.base_url else '?'}{_CALL}"
