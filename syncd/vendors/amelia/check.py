"""What of the catalogue does not fit the site: ids that Amelia does not have."""

from __future__ import annotations

from collections import abc

from syncd.model.catalogue import Catalogue
from syncd.model.errors import Unreadable
from syncd.vendors.amelia.client import ApiClient


async def doubts(vendor: str, client: ApiClient, catalogue: Catalogue) -> tuple[str, ...]:
    """One sentence for each id that an operator should look at; `vendor` is the configured name."""
    services = {str(row.ids[vendor]): row.name for row in catalogue.services if vendor in row.ids}
    staff = [(row.name, _table(row.ids[vendor])) for row in catalogue.staff if vendor in row.ids]
    providers = {str(ids["provider"]): name for name, ids in staff if "provider" in ids}
    locations = {str(ids["location"]): name for name, ids in staff if "location" in ids}
    return (
        *(
            f"{vendor}: ids.{vendor} of '{name}' must be {{ provider = 1, location = 1 }}; location may be left out"
            for name, ids in staff
            if "provider" not in ids or ids.keys() - {"provider", "location"}
        ),
        *await _missing(vendor, client, "service", services, "/services", "services"),
        *await _missing(vendor, client, "employee", providers, "/users/providers", "users"),
        *await _missing(vendor, client, "location", locations, "/locations", "locations"),
    )


async def _missing(
    vendor: str, client: ApiClient, what: str, wanted: abc.Mapping[str, str], path: str, key: str
) -> tuple[str, ...]:
    if not wanted:
        return ()
    try:
        there = await client.catalogue_ids(path, key)
    except Unreadable as error:
        return (str(error),)
    return tuple(
        f"{vendor}: {what} {shown} of '{name}' does not exist: correct ids.{vendor}"
        for shown, name in wanted.items()
        if shown not in there
    )


def _table(configured: object) -> abc.Mapping[str, object]:
    return configured if isinstance(configured, abc.Mapping) else {"provider": configured}
