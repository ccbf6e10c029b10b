"""What is not there: which records a vendor does not show, and whether its word for that is
believed.

A listing's gaps prove nothing. A known record that a complete one lacks is asked for by id; only
the vendor's own "not found" makes it gone, and only from a vendor that finds another record, which
surely exists.

    09:00 the listing has 8 and 9, and lacks 7, which is known; asked for by id, 7 is not found
    09:00 8, which was listed just now, is found by id: 7 is gone
    09:00 or 8 is not found either: one of the vendor's two answers is wrong, and 7 is doubtful

What reconciliation makes of what is gone or doubtful is `reconcile.diff.observation`.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace

from syncd.engine.store.indexes import IndexEntry
from syncd.logs.lean import structlog
from syncd.model.errors import Malformed, VendorError
from syncd.model.memory import Mapping
from syncd.model.policy import Limit
from syncd.model.record import Absent, BadRow, Record
from syncd.model.times import Window
from syncd.vendors.port import Vendor

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Absence:
    """What is known of the records that one reading of a vendor does not show, by their ids.

    `listed` are the ids of those that the vendor's listing of `window` had: each of them surely
    exists. `gone` are not found, by the vendor's own word, which is believed but for those
    `unbelieved`; `doubtful` are missing without that word, or against it, each with the reason.
    `aside` are those that the listing need not have, by what was last seen of them, and
    `newly_aside` those of them that an earlier one had. `unshown` are there when asked for,
    although the listing should have had them. `trouble` is the first error that the vendor gave for
    an answer.
    """

    vendor: Vendor
    window: Window
    listed: abc.Set[str]
    gone: set[str] = field(default_factory=set)
    unbelieved: dict[str, str] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)
    newly_aside: set[str] = field(default_factory=set)
    unshown: list[str] = field(default_factory=list)
    trouble: str | None = None
    finds: bool | None = None

    async def finds_another(self) -> bool | None:
        """Whether the vendor finds by id a record that it has listed; None where it listed no
        other. Asked once.

        Raises the vendor's errors.
        """
        # The smallest id, so that a run that is played again asks for the same one.
        witness = None if self.finds is not None else min(self.listed - self.gone, default=None)
        if witness is not None:
            try:
                self.finds = not isinstance(await self.vendor.get(witness), Absent)
            except Malformed:
                self.finds = True  # found, whatever it looks like
        return self.finds

    async def doubt_unless(self, found: abc.Sized) -> None:
        """Doubt what is gone, unless the same reading `found` a record, or the vendor finds another
        one.

        Raises the vendor's errors.
        """
        if self.gone and not found and not await self.finds_another():
            self.doubtful |= dict.fromkeys(
                self.gone, "nothing else is found by which that could be believed"
            )
            self.gone.clear()

    def not_found(self, answer: Absent, before: str = "") -> None:
        """Take a vendor's word that it has no such record, with whatever it doubts itself, or did
        `before`.
        """
        self.gone.add(answer.remote_id)
        doubt = answer.doubt or before
        self.unbelieved |= {answer.remote_id: doubt} if doubt else {}

    async def look_for(
        self,
        missing: abc.Mapping[IndexEntry, Mapping],
        limit: Limit,
        live: int,
        approved: abc.Container[str],
    ) -> list[Record | BadRow]:
        """Ask for the records that a complete listing lacks, by id; those that are there all the
        same.

        With more of them, out of so many `live` ones, than the limit allows, the listing is more
        likely to be wrong: then only those are asked for of whose appointments an operator
        `approved` a cancellation.
        """
        asked = {}
        for entry, mapping in missing.items():
            if self.vendor.capabilities.lists(mapping.base):
                asked[entry] = mapping
                continue
            # Not asked for: that it is missing is no news, and a person who shortens the list of
            # calendars has taken many out of sight at once.
            self.aside.add(entry.remote_id)
            if not mapping.aside:
                self.newly_aside.add(entry.remote_id)
        suspicious = not self.listed or limit.exceeded(len(asked), live)
        found = []
        for entry, mapping in sorted(asked.items(), key=lambda one: one[0].remote_id):
            if suspicious and entry.appointment_id not in approved:
                self.doubtful[entry.remote_id] = (
                    f"{len(asked)} of {live} live records are missing from its listing at once, so "
                    "none was asked for"
                )
                continue
            answer = await self.ask_for(mapping)
            if answer is not None:
                found.append(answer)
        return found

    async def ask_for(self, mapping: Mapping) -> Record | BadRow | None:
        """The record if it is there after all; None where it is gone, or nobody can tell."""
        name, remote_id = self.vendor.name, mapping.remote_id
        try:
            answer = await self.vendor.get(remote_id, mapping.base, mapping.guests)
            if isinstance(answer, Record):
                self._note_unshown(answer)
                return replace(answer, raw=None, fingerprint=None)
            # Of a listing without any record no other can be asked for; an operator has said that
            # this one may go.
            if await self.finds_another() is False:
                self.doubtful[remote_id] = (
                    "it also says that a record does not exist which it has just listed"
                )
            else:
                self.not_found(answer)
                log.info("record_vanished", vendor=name, remote_id=remote_id)
        except Malformed as error:
            return BadRow(vendor=name, remote_id=remote_id, reason=str(error))
        except VendorError as error:
            self.doubtful[remote_id] = f"asked for by id, it gave no clear answer ({error})"
            self.trouble = self.trouble or str(error)
        return None

    def _note_unshown(self, record: Record) -> None:
        """Note a record that is there by id, if the listing should have had it."""
        content, lists = record.content, self.vendor.capabilities.lists
        if content.status.live and content.slot.start in self.window and lists(content):
            self.unshown.append(record.remote_id)
