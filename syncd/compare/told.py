"""What an operation changes, as a person reads it: atom by atom, and of a client no more than that
atom. Pure.

    an e-mail address changes     Jane Smith, e-mail jane@example.com → Jane Smith, e-mail
                                  js@example.com; and not Jane Smith → Jane Smith
    somebody else comes           Jane Smith → Omar Haddad
"""

from __future__ import annotations

from collections import abc
from typing import Any

from syncd.compare.atoms import CLIENTS, changed_atoms
from syncd.model.appointment import Client, Field

_WORDS = {"email": "e-mail", "phone": "phone"}
_TOLD = tuple(_WORDS)

Side = tuple[str, ...]
"""Some clients, one text each."""


def told_clients(old: Any, new: Any) -> tuple[Side | None, Side | None]:
    """The clients before and after (None: there was no record), each with the parts that differ
    where the same people have other ones.
    """
    if old is None or new is None:
        return _names(old), _names(new)
    atoms = changed_atoms(Field.CLIENTS, old, new)
    if CLIENTS in atoms or not atoms:
        return _everybody(old, new), _everybody(new, old)
    parts = [(atom.who, atom.part) for atom in atoms]
    return _with_parts(old, parts), _with_parts(new, parts)


def _names(clients: abc.Iterable[Client] | None) -> Side | None:
    return None if clients is None else tuple(map(_called, clients))


def _called(client: Client) -> str:
    return client.name or client.email or client.phone


def _everybody(clients: abc.Sequence[Client], others: abc.Sequence[Client]) -> Side:
    """Clients by their names; one who is called as somebody else among the others, by all that
    tells them apart.
    """
    alike = {_called(one).casefold() for one in others}
    same = {_called(one).casefold() for one in clients} == alike
    return tuple(_whole(one) if same else _called(one) for one in clients)


def _whole(client: Client) -> str:
    said = [f"{_WORDS[part]} {_part(client, part)}" for part in _TOLD if _part(client, part)]
    return ", ".join([client.name or "no name", *said])


def _with_parts(clients: abc.Sequence[Client], parts: abc.Sequence[tuple[int, str]]) -> Side:
    said = []
    for place, client in enumerate(clients):
        own = [part for who, part in parts if who == place and part in _WORDS]
        told = [f"{_WORDS[part]} {_part(client, part) or 'none'}" for part in own]
        said.append(", ".join([_called(client), *told]))
    return tuple(said)


def _part(client: Client, part: str) -> str:
    return str(getattr(client, part)).strip()
