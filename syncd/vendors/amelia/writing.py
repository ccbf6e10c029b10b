"""Changing an appointment that exists: which requests, in which order, so that no customer is mailed about it.

Everything goes through the update endpoint with `notifyParticipants: 0`; the status endpoint mails customers since
2.1.3 whatever it is told. The stored flag that this leaves behind also ends the customer's reminders, so that it is
put back afterwards (amelia-measured).
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from syncd.model.appointment import Appointment, Client, Field
from syncd.model.errors import Malformed, Refused, Stale, Taken, Unreachable, VendorError
from syncd.model.record import Absent, Record, names_of
from syncd.vendors.amelia.bookings import WORDS, called, revives_all
from syncd.vendors.amelia.client import ApiClient
from syncd.vendors.amelia.codec import Codec
from syncd.vendors.amelia.schemas import read_row
from syncd.vendors.amelia.site import Site
from syncd.vendors.amelia.slots import of_two
from syncd.vendors.port import Uncertain, WriteResult, Written

_SILENCED = "switched off Amelia's mails about this appointment first"
_REMINDED = "notifyParticipants"

Read = abc.Callable[[str, Appointment, abc.Collection[str]], abc.Awaitable[Record | Absent]]


@dataclass(slots=True)
class Writing:
    """Changes at one site. `read` reads a record by id, without those of its bookings that are another appointment's.

    `seen` are the customers that were met, by id. `notify` lets Amelia mail customers about a write, and
    `keep_reminders` puts the flag back that others need for their reminders. `site` knows the build that it runs, if
    anybody does.
    """

    vendor: str
    client: ApiClient
    codec: Codec
    seen: abc.Mapping[str, Client]
    read: Read
    site: Site
    notify: bool
    keep_reminders: bool

    async def change(
        self, record: Record, target: Appointment, fields: frozenset[Field], new: abc.Collection[int] = ()
    ) -> WriteResult:
        """Bring slot, status and notes of a record that was just read to the target's, in one request.

        So with a booking for each of the customers who are `new`.
        """
        what = f"{self.vendor}: changing appointment {record.remote_id}"
        if Field.STATUS in fields and target.status not in WORDS:
            raise Refused(self.vendor, f"{what}: Amelia has no status for {target.status.value}")
        try:
            body = self.codec.changes(record, target, fields, self.seen, new)
            revival = Field.STATUS in fields and _is_revival(record, target)
            by_status = revival and revives_all(record)
        except Malformed as error:
            raise Refused(self.vendor, f"{what}: {error}") from None
        if not body:
            return Written(remote_id=record.remote_id)
        if record.of_guests is not None and "bookingStart" in body:
            raise Refused(self.vendor, f"{what}: {_taken_along(record.of_guests)}")
        by_status = by_status and await self._revives_by_status()
        checked = revival or "bookingStart" in body
        note = _left_standing(record) if "bookings" in body else None
        try:
            if by_status:
                done = await self._revive(record, target, fields, body)
                if isinstance(done, Written) and isinstance(done.refused, Taken):
                    return replace(done, refused=self._of_two(done.refused, target))
                return done
            return await self._update(record, target, fields, body, slot_checked=checked, note=note)
        except Taken as refusal:
            raise self._of_two(refusal, target) from None

    def _of_two(self, refusal: Taken, target: Appointment) -> Taken:
        """A refusal of a time, which may be one of two that the clock shows alike."""
        return Taken(self.vendor, f"{refusal}{of_two(self.codec.wall, target.slot.start)}")

    def owed(self, record: Record) -> str:
        """The flag that a write to this record takes from it, where it is surely on and is to be kept."""
        if self.notify or not self.keep_reminders or not _is_on(record.raw):
            return ""
        return _REMINDED

    async def give_back(self, remote_id: str, owed: str) -> WriteResult:
        """Switch the flag on again, by a request that carries nothing else."""
        if owed != _REMINDED or not self.keep_reminders:
            return Written(remote_id=remote_id)
        outcome = await self.client.update(remote_id, {_REMINDED: 1}, idempotent=True)
        return outcome if isinstance(outcome, Uncertain) else Written(remote_id=remote_id)

    async def _revives_by_status(self) -> bool:
        """Whether the status endpoint goes by the flag, as of now: the plugin may have been updated since the look."""
        return self.site.build.revives_by_status and (await self.site.build_now()).revives_by_status

    async def _update(
        self,
        record: Record,
        target: Appointment,
        fields: frozenset[Field],
        body: dict[str, Any],
        *,
        slot_checked: bool,
        note: str | None = None,
    ) -> WriteResult:
        try:
            outcome = await self.client.update(record.remote_id, body)
        except Refused as refusal:
            if not slot_checked:
                raise
            return await self._refused_yet_done(record, target, body, refusal)
        if isinstance(outcome, Uncertain):
            return outcome
        return Written(remote_id=record.remote_id, record=self._confirmed(record, outcome, target, fields), note=note)

    async def _revive(
        self, record: Record, target: Appointment, fields: frozenset[Field], body: dict[str, Any]
    ) -> WriteResult:
        """Revive by the status endpoint where that goes by the stored flag, and write the rest afterwards.

        So a time that is taken is found out before anything else is changed. Whatever becomes of the second request,
        the first one was carried out:
            09:00:00 set to approved; 09:00:01 somebody deletes the appointment; 09:00:02 it is to be moved, and is gone
            Taken for a write that did nothing, that would be a cancelled record tidied away, and be made anew
        """
        note = await self._silence(record)
        outcome = await self.client.set_status(record.remote_id, WORDS[target.status])
        if isinstance(outcome, Uncertain):
            return outcome
        if body.keys() & {"bookingStart", "internalNotes"}:
            moves = "bookingStart" in body
            try:
                return await self._update(record, target, fields, body, slot_checked=moves, note=note)
            except Refused as refusal:  # it stands again all the same, at the time that it had
                return Written(remote_id=record.remote_id, note=note, refused=refusal)
            except Stale:  # it stood again, and read back it is gone
                return Written(remote_id=record.remote_id, note=note)
            except VendorError as error:
                return Uncertain(reason=f"{error}; it stands again, and what else was to change is tried again")
        confirmed = self._confirmed(record, outcome, target, frozenset({Field.STATUS}))
        return Written(remote_id=record.remote_id, record=confirmed, note=note)

    async def _silence(self, record: Record) -> str | None:
        """Switch the stored flag off, by which this build mails about a status. Raises where that did not surely work.

        A row that does not show the flag may have it on; so may one that shows it off:
            09:00:00 a write switches the flag off; 09:00:01 it is given back
            09:00:02 the record is read from a cache, as it was a second before
        """
        if self.notify:
            return None
        outcome = await self.client.update(record.remote_id, {_REMINDED: 0}, idempotent=True)
        what = f"{self.vendor}: reviving appointment {record.remote_id}"
        if isinstance(outcome, Uncertain):
            reason = "whether its mails are switched off is not known, so its status was left; it is tried again"
            raise Unreachable(self.vendor, f"{what}: {reason}")
        if _is_on(outcome):
            reason = "its mails cannot be switched off; set it by hand, or allow notify_clients"
            raise Refused(self.vendor, f"{what}: {reason}")
        return None if _is_off(record.raw) else _SILENCED

    async def _refused_yet_done(
        self, record: Record, target: Appointment, body: dict[str, Any], refusal: Refused
    ) -> WriteResult:
        """Some builds write before they find the time taken: the record alone tells what stayed.

        Neither where it was nor where it was to go, it says only that something was done: by the write, if the site
        keeps round minutes, or by somebody.
        """
        try:
            now = await self.read(record.remote_id, target, _guests(record))
        except (VendorError, Malformed):
            return Uncertain(reason=f"{refusal}; whether it was moved all the same could not be read")
        if not isinstance(now, Record):
            raise refusal
        moved = "bookingStart" in body and now.content.slot.covers(target.slot)
        revived = "bookingStart" not in body and now.content.status is target.status
        if moved or revived:
            how = "moved" if moved else "revived"
            return Written(remote_id=record.remote_id, record=now, note=f"{refusal}; it was {how} all the same")
        if "bookingStart" in body and now.content.slot != record.content.slot:
            return Uncertain(reason=f"{refusal}; it is at another time than before all the same")
        raise refusal

    def _confirmed(self, before: Record, raw: bytes, hint: Appointment, fields: frozenset[Field]) -> Record | None:
        """What a change was answered with, of the fields that it was about."""
        try:
            record = self.codec.decode(read_row(raw), raw, self.seen, hint=hint, guests=_guests(before))
        except Malformed:
            return None
        return replace(record, shows=record.shows & fields)


def _guests(record: Record) -> tuple[str, ...]:
    """The bookings that stand in a record for another appointment."""
    return () if record.of_guests is None else names_of(record.of_guests.parts)


def _left_standing(record: Record) -> str | None:
    if record.of_guests is None:
        return None
    return f"{called(record.of_guests.parts)} in it was put there for another appointment, and is left as it is"


def _taken_along(guests: Record) -> str:
    """Why a record is not moved that holds another appointment's bookings."""
    taken = called(guests.parts)
    return (
        f"Amelia has one time for all bookings of an appointment, and would move {taken} along, put there for another "
        f"appointment: take {taken} out of it there, by hand, then 'syncd quarantine release'"
    )


def _is_revival(record: Record, target: Appointment) -> bool:
    return not record.content.status.open and target.status.open


def _is_on(raw: bytes | None) -> bool:
    """Whether an appointment's JSON shows that its flag is on."""
    return _shown(raw) is True


def _is_off(raw: bytes | None) -> bool:
    """Whether it shows that its flag is off."""
    return _shown(raw) is False


def _shown(raw: bytes | None) -> bool | None:
    """The flag of an appointment's JSON; None where that shows none."""
    try:
        shown = msgspec.json.decode(raw or b"{}", type=_Flagged).flag
        return None if shown is None else read_row(raw or b"").notify
    except (msgspec.DecodeError, Malformed):
        return None


class _Flagged(msgspec.Struct):
    flag: Any = msgspec.field(default=None, name=_REMINDED)
