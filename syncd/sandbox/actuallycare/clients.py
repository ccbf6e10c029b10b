"""The clients of the CRM: people with an id, whom appointments name by it.

By the vendor's clients page: a list under `data.clients` with the usual `meta`, seven keys a client, a create that
needs both names and the type. What the page does not show (which values a type has, what an update takes and
answers) is made up here, and such an answer says so.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from syncd.sandbox.actuallycare.requests import Invalid, portion
from syncd.sandbox.frame.records import Person

UNDOCUMENTED = "The shape of this answer is documented nowhere: the sandbox made it up"
_PARTS = ("first_name", "last_name", "email", "phone")
_KEYS = (*_PARTS, "client_type", "status")
_SPACE = uuid.UUID("7d0c3f52-8a1e-4c0b-9a44-0f5f8f3b2c61")


@dataclass(frozen=True, slots=True)
class Client:
    """One client."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    client_type: str = "buyer"
    status: str = "active"

    @property
    def person(self) -> Person:
        """The client as a person."""
        return Person(self.first_name, self.last_name, self.email, self.phone)

    def row(self) -> dict[str, Any]:
        """The keys of the vendor's page."""
        return asdict(self)


class Clients:
    """All clients by id. Two people with equal names, e-mail and phone are one client."""

    def __init__(self) -> None:
        self._rows: dict[str, Client] = {}
        self._ids: dict[tuple[str, ...], str] = {}
        self._made = 0

    def __iter__(self) -> Iterator[Client]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, client_id: str) -> Client | None:
        """The client, if there is one."""
        return self._rows.get(client_id)

    def id_of(self, person: Person) -> str:
        """The id of the client who is this person; one that was deleted keeps it. A new person becomes a client."""
        known = self._ids.get(_key(person))
        return known if known is not None else self.add(**asdict(person)).id

    def add(self, **values: str) -> Client:
        """A new client."""
        self._made += 1
        return self._put(Client(id=str(uuid.uuid5(_SPACE, str(self._made))), **values))

    def edit(self, client_id: str, **values: str) -> Client:
        """Change a client, who keeps the id. Raises `ValueError` where that would make two equal ones."""
        changed = replace(self._rows[client_id], **values)
        if self._ids.get(_key(changed.person), client_id) != client_id:
            raise ValueError("client: there is another one with these names, e-mail and phone")
        return self._put(changed)

    def remove(self, client_id: str) -> None:
        """Delete a client; appointments go on naming the id."""
        del self._rows[client_id]

    def _put(self, client: Client) -> Client:
        self._rows[client.id] = client
        self._ids[_key(client.person)] = client.id
        return client


def respond(
    kept: Clients,
    method: str,
    path: str,
    query: Mapping[str, str],
    body: dict[str, Any],
    edit: Callable[..., Client],
) -> tuple[int, Any, str | None] | None:
    """Status, data and message of a request for what stands behind `/clients`; None: not found. Raises `Invalid`."""
    found = kept.find(path)
    match method:
        case "GET" if not path:
            return 200, _listing(kept, *portion(query)), None
        case "POST" if not path:
            return 201, kept.add(**creation(body)).row(), "Client created successfully"
        case "GET" if found is not None:
            return 200, found.row(), None
        case "PUT" if found is not None:
            return 200, edit(found.id, **changes(body)).row(), UNDOCUMENTED
        case "DELETE" if found is not None:
            kept.remove(found.id)
            return 200, {}, UNDOCUMENTED
        case _:
            return None


def _listing(kept: Clients, page: int, limit: int) -> dict[str, Any]:
    rows, first = [client.row() for client in kept], (page - 1) * limit
    pages = -(-len(rows) // limit)
    meta = {"page": page, "limit": limit, "total": len(rows), "totalPages": pages, "hasMore": page < pages}
    return {"clients": rows[first : first + limit], "meta": meta}


def creation(body: dict[str, Any]) -> dict[str, str]:
    """The values of a new client. Raises `Invalid`."""
    for key in ("first_name", "last_name", "client_type"):
        if not isinstance(body.get(key), str) or not body[key].strip():
            raise Invalid(key, "Required")
    return changes(body)


def changes(body: dict[str, Any]) -> dict[str, str]:
    """The values that a body gives; anything else in it is ignored. Raises `Invalid`."""
    given = {key: body[key] for key in _KEYS if body.get(key) is not None}
    for key, value in given.items():
        if not isinstance(value, str):
            raise Invalid(key, "Must be a string")
    return given


def _key(person: Person) -> tuple[str, ...]:
    return tuple(getattr(person, part) for part in _PARTS)
