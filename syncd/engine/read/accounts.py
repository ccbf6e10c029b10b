"""Whose records a vendor's are: whether its configuration opens the account that the store knows.

Ids mean something within one account alone. Read with another one's, a store full of appointments
would find that every record is gone, and call all of them off:

    09:00 book's records 7, 8 and 9 are known
    09:30 user_id is changed, and opens the account of a branch
    09:35 it lists none of the three; asked for 7, it says that there is no such record

So nothing is asked of a vendor before that is settled. As long as address and secrets are what they
were, it is the account that it was. Where they differ, the vendor's own name for it decides, if it
has one. Else known records are read by id: one that is there as it is known is proof. A store of
an older version never kept an account, so that nothing says that it changed: there, one that still
has its time or its client is proof. What that leaves open a person settles.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field

from syncd.compare.sameness import differs
from syncd.engine.store.accounts import AccountBook, KeptAccount
from syncd.engine.tasks import together
from syncd.logs.lean import structlog
from syncd.model.appointment import Field
from syncd.model.errors import Malformed, Misconfigured, VendorError
from syncd.model.memory import Mapping
from syncd.model.record import Record
from syncd.vendors.port import Vendor

log = structlog.get_logger(__name__)

_ASKED = 5
"""So many known records are read at most, to see whether they are there as they are known."""

_PEOPLE = (Field.CLIENTS, Field.TITLE)
"""By what an appointment is told from another one at its time."""


class _Another(Exception):
    """It opens another account, or one that shows nothing of what is known; how that was told."""


@dataclass(slots=True)
class Accounts:
    """Settles for each vendor whose account it opens, once for as long as it holds.

    `token` gives a new unguessable text each time.
    """

    vendors: abc.Mapping[str, Vendor]
    book: AccountBook
    token: abc.Callable[[], str]
    _settled: set[str] = field(default_factory=set)

    async def doubts(self, *, keep: bool) -> dict[str, str]:
        """Why vendors must not be read in this cycle, by their names. What was settled is kept,
        unless the cycle is a dry one.
        """
        open_ones = [one for name, one in self.vendors.items() if name not in self._settled]
        found = await together(self._doubt(vendor, keep=keep) for vendor in open_ones)
        named = zip(open_ones, found, strict=True)
        return {vendor.name: doubt for vendor, doubt in named if doubt is not None}

    async def _doubt(self, vendor: Vendor, *, keep: bool) -> str | None:
        kept = await self.book.kept(vendor.name)
        if kept is None or not kept.is_opened_by(vendor.sign):
            try:
                proof = await self._proof(vendor, kept)
            except _Another as how:
                reason = _told(vendor, kept, str(how))
                log.warning("account_in_doubt", vendor=vendor.name, problem=reason)
                return reason
            except VendorError as error:
                return str(error)
            if not keep:
                return None
            salt = kept.row.salt if kept else bytes.fromhex(self.token())
            await self.book.keep(vendor.name, vendor.sign, salt)
            log.info("account_kept", vendor=vendor.name, place=vendor.sign.place, because=proof)
        self._settled.add(vendor.name)
        return None

    async def _proof(self, vendor: Vendor, kept: KeptAccount | None) -> str:
        """How it is known that a vendor's records are of the account that it opens now.

        Raises `_Another` where it is not, and the vendor's errors.
        """
        if not await self.book.has_records(vendor.name):
            return "none of its records is known yet"
        if kept is not None and kept.tells(vendor.sign):
            return await _by_name(vendor, kept)
        mappings = await self.book.to_ask_for(vendor.name, _ASKED)
        if not mappings and kept is None:
            return "none of its records is in use"
        return await _by_a_record(vendor, mappings, _is_as_known if kept else _is_of_it)


async def _by_name(vendor: Vendor, kept: KeptAccount) -> str:
    place, name = vendor.sign.place, vendor.sign.name
    if name is not None and kept.is_called(place, name):
        return "its name for the account is as before"
    shown = await vendor.named()
    if shown is not None and kept.is_called(place, shown):
        return "it shows the name that the account had before"
    raise _Another("it has another name for it")


async def _by_a_record(
    vendor: Vendor,
    mappings: abc.Iterable[Mapping],
    proves: abc.Callable[[Record, Mapping], bool],
) -> str:
    asked = list[str]()
    refused = ""
    for mapping in mappings:
        asked.append(mapping.remote_id)
        try:
            answer = await vendor.get(mapping.remote_id, mapping.base, mapping.guests)
        except (Malformed, Misconfigured) as error:  # to another's record a vendor may refuse
            refused = refused or f" ({error})"
            continue
        if isinstance(answer, Record) and proves(answer, mapping):
            return f"record {mapping.remote_id} is as it is known"
    ids = ", ".join(asked) or "none, as none is in use"
    raise _Another(f"it shows no known record as it is known; asked for: {ids}{refused}")


def _is_as_known(record: Record, mapping: Mapping) -> bool:
    """Whether a record is the known one: at its time, and with its client or its title."""
    base, content = mapping.base, record.content
    told = [name for name in _PEOPLE if name in record.shows & mapping.shows and base.get(name)]
    if not told or Field.SLOT not in record.shows & mapping.shows:
        return False
    return not any(differs(name, base, content) for name in (Field.SLOT, *told))


def _is_of_it(record: Record, mapping: Mapping) -> bool:
    """Whether a record is the known one, though somebody moved it or corrected its client."""
    both = record.shows & mapping.shows
    told = [name for name in (Field.SLOT, Field.CLIENTS) if name in both and mapping.base.get(name)]
    return not all(differs(name, mapping.base, record.content) for name in told)


def _told(vendor: Vendor, kept: KeptAccount | None, how: str) -> str:
    """What an operator is told, with the ways out."""
    name, opened = vendor.name, vendor.sign.place
    before = "the account whose records the store knows"
    if kept is not None:
        opened = kept.other(vendor.sign)
        before += f", {kept}, known since {kept.since:%Y-%m-%d %H:%M} UTC"
    return (
        f"{name}: it opens {opened}, and that may not be {before}: {how}. Until that is settled "
        "it is neither read nor written, and nothing is concluded from it. Was it changed by "
        f"mistake, put [vendors.{name}] back as it was. Is it the same account, 'syncd account "
        f"same {name}' says so. Did its appointments move to another account, 'syncd account moved "
        f"{name}' links them anew, by time and client. Are they others', give them a store of "
        "their own (url of [state])"
    )
