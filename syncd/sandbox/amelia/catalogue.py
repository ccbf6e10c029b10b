"""What the sandbox's Amelia site offers: services, employees and locations, as the plugin lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Service:
    """A service; an appointment's usual length is `seconds`."""

    id: int
    name: str
    seconds: int
    price: int = 0


@dataclass(frozen=True, slots=True)
class Provider:
    """An employee."""

    id: int
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Location:
    """A place where services are given."""

    id: int
    name: str
    address: str = ""


_SERVICES = (Service(1, "Viewing", 1800, 20), Service(2, "Showing", 1800, 100), Service(3, "Consultation", 3600, 120))
_PROVIDERS = (
    Provider(1, "Jordan", "Reyes", "jordan@example.com"),
    Provider(2, "Robin", "Hale", "robin@example.com"),
)
_LOCATIONS = (Location(1, "Main office", "1 Market Square"), Location(2, "Annex", "2 Market Square"))


@dataclass(slots=True)
class Catalogue:
    """Everything that can be booked, by id."""

    services: dict[int, Service] = field(default_factory=lambda: {row.id: row for row in _SERVICES})
    providers: dict[int, Provider] = field(default_factory=lambda: {row.id: row for row in _PROVIDERS})
    locations: dict[int, Location] = field(default_factory=lambda: {row.id: row for row in _LOCATIONS})

    def service_of(self, seconds: float) -> Service:
        """The first service of that length, else the first."""
        return next(
            (row for row in self.services.values() if row.seconds == seconds), next(iter(self.services.values()))
        )

    def services_json(self) -> dict[str, Any]:
        """The data of `/services`."""
        return _counted("services", [service_json(row) for row in self.services.values()])

    def providers_json(self) -> dict[str, Any]:
        """The data of `/users/providers`."""
        return _counted("users", [provider_json(row) for row in self.providers.values()])

    def locations_json(self) -> dict[str, Any]:
        """The data of `/locations`."""
        return _counted("locations", [_location_json(row) for row in self.locations.values()])

    def entities_json(self, customers: list[dict[str, Any]], types: str) -> dict[str, Any]:
        """The data of `/entities`: of `types`, separated by commas, those that the site has."""
        services = [service_json(row) for row in self.services.values()]
        known: Mapping[str, Any] = {
            "categories": [{"id": 1, "status": "visible", "name": "All", "serviceList": services, "position": 1}],
            "employees": [provider_json(row) for row in self.providers.values()],
            "locations": [_location_json(row) for row in self.locations.values()],
            "customers": customers,
        }
        return {name: known[name] for name in types.split(",") if name in known}


def _counted(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: rows, "countFiltered": len(rows), "countTotal": len(rows)}


def service_json(row: Service) -> dict[str, Any]:
    """A service, as it stands in listings that do not skip services too."""
    return {
        "id": row.id,
        "name": row.name,
        "description": "",
        "color": "#1788FB",
        "price": row.price,
        "status": "visible",
        "categoryId": 1,
        "minCapacity": 1,
        "maxCapacity": 1,
        "duration": row.seconds,
        "timeBefore": None,
        "timeAfter": None,
        "show": True,
    }


def provider_json(row: Provider) -> dict[str, Any]:
    """An employee, as it stands in listings that do not skip providers too."""
    return {
        "id": row.id,
        "firstName": row.first_name,
        "lastName": row.last_name,
        "email": row.email,
        "phone": "",
        "type": "provider",
        "status": "visible",
        "note": None,
        "externalId": None,
        "locationId": 1,
        "timeZone": None,
    }


def _location_json(row: Location) -> dict[str, Any]:
    return {"id": row.id, "status": "visible", "name": row.name, "description": "", "address": row.address, "phone": ""}
