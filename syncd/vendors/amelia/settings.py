"""The configuration of an Amelia site: its address and key, its clock, and who stands in for a missing client."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, StrictBool, field_validator

from syncd.model.wallclock import Repeated
from syncd.vendors.settings import Secret, VendorSettings, Zone, is_number

NAME = "amelia"

RATE = (10, 1.0)
"""Requests per seconds. Amelia documents no limit; this is what one WordPress site bears beside its visitors."""

REPEATED = Repeated.SECOND
"""What Amelia means by a time that its clock shows twice: PHP takes local text for the later one (amelia-measured)."""

EXAMPLE = """\
[vendors.{name}]
kind = "amelia"
base_url = "https://example.com/wp-admin/admin-ajax.php"    # your WordPress site; ?lang=en and the like may follow
api_key = { env = "AMELIA_KEY" }      # Amelia: Settings, API (Elite licence)
timezone = "Europe/Belgrade"          # required: the site's zone, as in WordPress: Settings, General
# Where the key may read the site's settings, syncd compares the two zones, and believes no time if they differ.
# Amelia requires a client. This customer's number stands in where an appointment has none; it never travels to another
# vendor. Without it such an appointment is not created in Amelia.
# customer_id = 10
# After a write, a last request switches Amelia's own reminders about that appointment on again; false ends them.
# keep_reminders = true
# Its free starts begin anew at the end of each appointment: after 09:00-09:45 a step of 30 minutes refuses 10:00. Set a
# smaller one there (Amelia: Settings, General, Default Time Slot Step; 5 minutes).
# read_only = true                    # its changes go out, nothing is written to it
# timeout = "20s"
# rate = "10/s"                       # Amelia documents no limit; this is syncd's own
"""

_CALL = "action=wpamelia_api&call=/api/v1"


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


class Settings(VendorSettings):
    """`[vendors.NAME]` with `kind = "amelia"`.

    `base_url` is the site's `https://SITE/wp-admin/admin-ajax.php`, with or without Amelia's own query. `timezone` is
    the zone of the WordPress site: Amelia's times carry none. Without `customer_id`, an appointment that has no client
    is not created there. `keep_reminders` sends a last request after each write to an appointment whose client Amelia
    reminds: otherwise the write ends that.
    """

    kind: Literal["amelia"]
    api_key: Secret
    timezone: Zone
    customer_id: Annotated[int, BeforeValidator(_no_truth_value), Field(gt=0)] | None = None
    keep_reminders: StrictBool = True

    @property
    def zone(self) -> str:
        """The zone of its clock."""
        return self.timezone

    @field_validator("base_url")
    @classmethod
    def _site(cls, value: str) -> str:
        parts = urlsplit(value)
        given = parse_qsl(parts.query, keep_blank_values=True)
        others = [(key, text) for key, text in given if key not in ("action", "call")]
        return urlunsplit(parts._replace(query=urlencode(others)))

    @property
    def endpoint(self) -> str:
        """The address that every endpoint's path is appended to: Amelia takes it in a query parameter.

        Builds up to 2.1.3 cut the path out of the raw query, behind exactly this beginning (amelia-measured).
        """
        return f"{self.base_url.partition('?')[0]}?{_CALL}"

    @property
    def further(self) -> tuple[tuple[str, str], ...]:
        """The site's own query parameters, such as `lang=en`: they go behind the path."""
        return tuple(parse_qsl(urlsplit(self.base_url).query, keep_blank_values=True))

    def service_fault(self, given: Any) -> str | None:
        """A service goes by its number."""
        return None if is_number(given) else "the number of a service, as Amelia shows it"

    def staff_fault(self, given: Any) -> str | None:
        """Staff go by the number of an employee, alone or with that of a location."""
        if is_number(given):
            return None
        fits = isinstance(given, dict) and "provider" in given and given.keys() <= {"provider", "location"}
        if fits and all(is_number(number) for number in given.values()):
            return None
        return "the number of an employee, or { provider = 1, location = 1 }; location may be left out"
