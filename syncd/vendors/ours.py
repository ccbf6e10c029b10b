"""Whose e-mail addresses are the operator's own: agents and desks who attend an appointment, and are never its client.

`own_addresses` of any vendor: `"agent@agency.example"`, or `"@agency.example"` for everybody there. An account of a
vendor that says itself who the client is (by an id) is believed before this.
"""

from __future__ import annotations

import re
from collections import abc
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from syncd.compare.addresses import addresses
from syncd.model.appointment import Client

_ADDRESS = re.compile(r"[^@\s,*]*@[^@\s,*]+\.[^@\s,*]+")


@dataclass(frozen=True, slots=True)
class Ours:
    """The operator's own addresses, case-folded; one that begins with @ stands for all of its domain."""

    addresses: frozenset[str] = frozenset()

    def own(self, client: Client) -> bool:
        """Whether every address that a person has is ours."""
        theirs = addresses(client.email)
        return bool(theirs) and all(self._is_ours(email) for email in theirs)

    def without(self, people: abc.Iterable[Client]) -> tuple[Client, ...]:
        """The people who are not ours, in their order."""
        return tuple(one for one in people if not self.own(one))

    def _is_ours(self, email: str) -> bool:
        _, at, domain = email.rpartition("@")
        return email in self.addresses or at + domain in self.addresses


def ours_of(addresses: abc.Iterable[str]) -> Ours:
    """The value of configured addresses."""
    return Ours(frozenset(address.casefold() for address in addresses))


def check_address(value: str) -> str:
    """An address, or @ and a domain."""
    if not _ADDRESS.fullmatch(value.strip()):
        raise ValueError('an address is "agent@agency.example", or "@agency.example" (without *) for everybody there')
    return value.strip()


Address = Annotated[str, AfterValidator(check_address)]
