"""The sentences that say why: in a plan, a report, the journal.

They name vendors, fields, times and titles. Notes and clients are never quoted.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime
from typing import Any

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.catalogue import minutes_of
from syncd.model.times import Slot, minute_of
from syncd.model.wallclock import WallClock

_LONGEST = 60


def by_the_clock(clock: WallClock, *slots: Slot) -> str:
    """When an appointment is by a clock on the wall, with the day of the week; where it is moved, before and after."""
    return f"{' → '.join(_on_the_wall(clock, slot) for slot in slots)} {clock.name}"


def _on_the_wall(clock: WallClock, slot: Slot) -> str:
    start, end = clock.local(slot.start), clock.local(slot.end)
    if slot.all_day:
        return f"{start:%a %Y-%m-%d} all day"
    ends = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%a %Y-%m-%d %H:%M}–{ends}"


def quote(value: Any) -> str:
    """A short value in quotes; nothing for nothing."""
    text = "" if value is None else str(value)
    if not text:
        return "nothing"
    return f"'{text[: _LONGEST - 1]}…'" if len(text) > _LONGEST else f"'{text}'"


def joined(vendor: str, remote_id: str, owner: str | None, part: str) -> str:
    """Why a booking that a vendor put into a standing record of another appointment is left alone."""
    whose = f"which belongs to appointment {owner} and stands" if owner else "which stands for somebody else"
    return (
        f"{vendor} put it into its existing record {remote_id}, {whose}: take {part} out of it there, by hand; "
        "syncd makes no second attempt"
    )


def reused_record(vendor: str, remote_id: str, before: Appointment, left: abc.Sequence[Field]) -> str:
    """That a record is another appointment's from now on. Names the former one: for reports alone."""
    texts = f"; its {' and '.join(left)} may be of the former one, and go nowhere" if left else ""
    return (
        f"{vendor}'s record {remote_id} was of {before.summary()}, which was cancelled, and stands for somebody else "
        f"now: it is another appointment's{texts}"
    )


def whose_unclear(vendor: str, remote_id: str) -> str:
    """Why a person is asked about a record that was cancelled and stands again, and what each answer does."""
    return (
        f"{vendor}'s record {remote_id} was cancelled and stands again, and nothing says for sure whether for the same "
        f"client. Correct the client there: with nothing of the former one's it becomes an appointment of its own. Or "
        f"use 'syncd conflicts resolve': for {vendor} it is scheduled again everywhere, as it is there; for another "
        "vendor it is cancelled there too"
    )


def left_fixed(vendor: str, why: str) -> str:
    """Why a record is not written, and what to do."""
    return f"{vendor}'s record cannot be written: {why}. Change it there by hand"


def doubtful_client(vendors: abc.Sequence[str]) -> str:
    """Why a record is neither linked nor taken for an appointment of its own, and what to do."""
    return (
        f"its client has the e-mail address or the phone number of one whose appointment {' and '.join(vendors)} had "
        "at that time, and contradicts that one in another part: if it is the same person, correct one of the "
        "addresses, numbers or names; if it is somebody else, use 'syncd quarantine release'"
    )


def may_be_missing_one(vendor: str, missing: str) -> str:
    """Why a new record is left alone as long as it may be one that its vendor does not show any more."""
    return (
        f"an appointment of its client, or of its title, has a record {missing} that {vendor} does not show any more: "
        "it may be that one under a new id. If it is, 'syncd link' says so; if it is another booking, use 'syncd "
        "quarantine release'"
    )


def stand_beside(vendor: str, former: str, why: str, current: str | None) -> str:
    """That a record which was given up stands again. `current` is the one that is in use, if there is one."""
    in_use = "" if current is None else f", beside record {current}, which is in use"
    return (
        f"{vendor}'s record {former} was given up ({why}) and stands again{in_use}: cancel {former} there. Until then "
        "what is changed in it changes nothing elsewhere"
    )


def which_of_two(vendor: str, ended: str, others: abc.Sequence[str]) -> str:
    """Why a person is asked about a record that was cancelled while others that were given up stand beside it."""
    return (
        f"{vendor}'s record {ended} is cancelled or not found there, and record {' and '.join(others)} of the same "
        "appointment, given up before, stands there: the appointment is called off, or one of two was one too many. "
        f"Use 'syncd conflicts resolve': for {vendor} it is cancelled everywhere; for another vendor it goes on"
    )


def former_stands(vendor: str, others: abc.Sequence[str]) -> str:
    """Why no record is made where one that was given up stands."""
    return f"its record {' and '.join(others)} at {vendor}, which was given up, stands there again"


def one_of_two(others: abc.Sequence[str]) -> str:
    """Why a record was given up that ended while another of the same appointment stood there."""
    return f"it ended, and record {' and '.join(others)} stands there"


def moved_meanwhile(appointments: abc.Sequence[str]) -> str:
    """Why a new record is left alone that may have stood at a time from which its appointment was moved since."""
    return (
        f"it is at a time from which appointment {' or '.join(appointments)} of the same client, or of that title, was "
        "moved before this record could be read: it may be that one. If it is, 'syncd link' says so; if it is another "
        "booking, use 'syncd quarantine release'"
    )


def may_be_lost_create(vendor: str, appointments: abc.Sequence[str]) -> str:
    """Why a record is left alone that may be what became of a create without an answer."""
    return (
        f"it may be the record of appointment {' or '.join(appointments)}, whose create at {vendor} got no answer, as "
        "somebody changed it since, or another booking of that client or title: neither is it carried on, nor that one "
        "made again. If it is, 'syncd link' says so; if it is another booking, use 'syncd quarantine release'"
    )


def may_be_waiting(vendor: str, record: str) -> str:
    """Why no record is made where one stands that waits for a person."""
    return f"{vendor}'s record {record} may be it, and waits for a person: see 'syncd quarantine'"


def renumbered_records(vendor: str, number: int) -> str:
    """That records have new ids."""
    return (
        f"{number} new record(s) of {vendor} go on in the place of one that it does not show any more, with the same "
        "start and client: as after an import or a restore, they have new ids"
    )


def would_be_another(vendor: str) -> str:
    """What is to be said of a create that its vendor has somebody else's address for."""
    return (
        f"{vendor} has this client's e-mail address for somebody of another name or number, and gives it to nobody "
        "else: give one of the two another address, or correct the one there, then 'syncd quarantine release'"
    )


def gone_unclear(vendor: str, remote_id: str) -> str:
    """Why a person is asked about a record that is gone, when nobody knows whether it had been scheduled again."""
    return (
        f"{vendor}'s record {remote_id} is gone. syncd was scheduling it again there, and got no answer: deleted after "
        f"that, the appointment is called off; before, a cancelled record was tidied away. Use 'syncd conflicts "
        f"resolve': for {vendor} it is cancelled everywhere; for another vendor it stands, and is made anew there"
    )


def status_unclear(vendor: str, remote_id: str, shown: Status) -> str:
    """Why a person is asked about a record that has another status, when nobody knows whether it had been cancelled."""
    return (
        f"{vendor}'s record {remote_id} is '{shown}' now. syncd was cancelling it there, and got no answer: changed "
        "after that, it is scheduled again; before, the change goes down with the cancellation. Cancel it there, or "
        f"use 'syncd conflicts resolve': for {vendor} it is scheduled again everywhere; for another vendor it is "
        "cancelled there too"
    )


def ending_unclear(vendor: str, remote_id: str) -> str:
    """Why a person is asked about a record that is cancelled, when nobody knows whether a late write did that."""
    return (
        f"{vendor}'s record {remote_id} is cancelled. syncd was cancelling it there, got no answer, and somebody "
        "scheduled it again since: carried out late, that write undid it; or somebody called it off after all. Use "
        f"'syncd conflicts resolve': for {vendor} it is cancelled everywhere; for another vendor it is scheduled again"
    )


def put_back_unclear(vendor: str, remote_id: str, *, by_row: bool) -> str:
    """Why a person is asked about a value that is as before, when nobody knows whether a write of it was undone.

    `by_row`: a listing's row showed it as written.
    """
    seen = "was written by somebody since", "the write was not carried out, and somebody edited something else"
    if by_row:
        seen = "was listed as written for a while", "that listing was an old one, and the write was not carried out"
    return (
        f"{vendor}'s record {remote_id} shows it as before syncd's write of it, which got no answer, and {seen[0]}: "
        f"somebody put it back; or {seen[1]}. Use 'syncd conflicts resolve': for {vendor} it is put back everywhere; "
        "for another vendor it is written again"
    )


def resized_unclear(vendor: str, remote_id: str) -> str:
    """Why a person is asked about a time whose start is as written, and whose length is as before that."""
    return (
        f"{vendor}'s record {remote_id} starts where syncd's last write, which got no answer, was to move it, and is "
        "as long as it was before: somebody set that since; or an earlier write alone was carried out. Use 'syncd "
        f"conflicts resolve': for {vendor} it goes everywhere; for another vendor it is written again"
    )


def status_not_kept(said: str) -> str:
    """Why a record is left alone whose vendor said that its status was written, when it is as before."""
    return (
        f"{said}: it did not do it, or somebody changed it back right after. Nothing is written to the record until it "
        "is otherwise: put it right there, and enter no other; where it is right, change another vendor's; 'syncd "
        "quarantine release' has the status written again"
    )


def bookings(names: abc.Iterable[str]) -> str:
    """Parts of a record as a sentence names them."""
    return " and ".join(f"booking {name}" for name in names)


def superfluous(vendor: str, remote_id: str, part: str, guest: str) -> str:
    """That a booking stands in another appointment's record, and that the one for which it is has no use for it."""
    whose = f"appointment {guest}, which has no use for it" if guest else "others, and nobody knows for which of them"
    return (
        f"{vendor}'s record {remote_id} has {part} in it, which was put there for {whose}: syncd ends nothing of "
        "that; take it out of the record there, by hand"
    )


def kept_word(vendor: str, shown: Status, agreed: Appointment, *, too_late: bool) -> str:
    """That a record keeps its status, and why. Names the appointment, so it is for reports alone."""
    why = "what is past is not made again" if too_late else "it has no word for that"
    return f"{vendor} keeps '{shown}' for {agreed.summary()}, which is '{agreed.status}' elsewhere: {why}"


def kept_place(vendor: str, shown: Appointment, agreed: Appointment) -> str:
    """That a record is moved no more, as it has ended for good. Names the appointment: for reports alone."""
    return f"{vendor} keeps {shown.slot} for {agreed.summary()}: what is '{shown.status}' there is not moved"


def unlike_length(vendor: str, shown: Slot, agreed: Slot) -> str | None:
    """That a record takes another time than was agreed, as far as people see it; None where it does not."""
    if _minutes(shown) == _minutes(agreed):
        return None
    return f"{vendor} shows {minutes_of(shown.duration)}, and {minutes_of(agreed.duration)} were agreed"


def no_room(vendor: str, own: Slot, booked: Slot, other: Slot, remote_id: str | None, *, made: bool) -> str:
    """Why a record that takes longer than its appointment is not made or moved. Times in UTC; names nobody."""
    what = f"no service of {vendor} is as long: booked" if made else f"not moved to {own}: {vendor} has it booked"
    into = f"record {remote_id}" if remote_id else "an appointment that is to be booked there"
    way = (
        "add a service that is as long with its [[services]] row" if made else "give it a service there that is as long"
    )
    return (
        f"{what} for {minutes_of(booked.duration)}, until {booked.end:%H:%M} UTC, it would run into {into} ({other}), "
        f"which goes first; make room there, or {way}"
    )


def overlaid(vendor: str, shown: Appointment, booked: Slot, remote_id: str | None, other: Appointment) -> str:
    """That a record lost the time that it takes after its appointment. Names appointments: for reports alone."""
    return (
        f"{vendor} has {shown.summary()} booked until {booked.end:%H:%M} UTC (record {remote_id}), longer than was "
        f"agreed, and that time is now {other.summary()}'s, which goes first: both stand there; shorten the record"
    )


def answer_lost(until: datetime) -> str:
    """Until when nothing is written to a record."""
    return f"waits until {until:%H:%M} UTC: the answer to the last write was lost"


def not_blocked(vendor: str) -> str:
    """That an appointment of whole days, which is to be blocked time, is left alone at a vendor."""
    return f"{vendor} has no blocked time, and no place for whole days: it is left alone there"


def zone_in_question(vendor: str) -> str:
    """Why no time is written at a vendor."""
    return f"a person is asked about the zone of {vendor}"


def _minutes(slot: Slot) -> int:
    return minute_of(slot.end) - slot.minute


def own_word(vendor: str, status: Status, appointment: Appointment) -> str:
    """What follows from a vendor's word for a record that is one seat of several. Names people: for reports alone."""
    return f"{appointment.summary()}: {vendor} says '{status}' of one of its clients; it says nothing of the others"


def seat_edited(vendor: str, remote_id: str, appointment: Appointment) -> str:
    """That a client was edited in a seat of which nobody knows whose it is. Names people: for reports alone."""
    return (
        f"{appointment.summary()}: the client in {vendor}'s record {remote_id} was changed, which has room for fewer "
        "clients than the appointment has, and nothing tells which of them it stood for; that changes nobody "
        f"elsewhere: where it should, change it there as well, or, where it is none of its clients', use 'syncd unlink "
        f"{vendor}:{remote_id}'"
    )


def seat_unclear(vendor: str, appointment: Appointment) -> str:
    """That nothing tells whose a record is of several clients who changed. Names people: for reports alone."""
    return (
        f"{appointment.summary()}: {vendor} has no room for all of its clients, and nothing tells any more which of "
        f"them its record was made for, if any; syncd gives it to nobody, and makes none: look at {vendor}, and "
        "correct, cancel or enter there by hand what is to be otherwise"
    )


def seat_revived(vendor: str, remote_id: str) -> str:
    """Why a person is asked about a seat that stands again of an appointment that was called off."""
    return (
        f"{vendor}'s record {remote_id} is one client's seat of an appointment that was called off for all, and stands "
        f"again. Use 'syncd conflicts resolve': for {vendor} it is scheduled again everywhere, for all of its clients; "
        "for another vendor it is cancelled there too"
    )


def seat_unknown(vendor: str, remote_id: str) -> str:
    """Why a person is asked about the end of a record that is somebody's seat, and nobody knows whose."""
    return (
        f"{vendor}'s record {remote_id} has room for fewer clients than the appointment has, was cancelled, and "
        f"nothing tells whose seat it was. Use 'syncd conflicts resolve': for {vendor} the appointment is called off "
        "for all; for another vendor it stands for all"
    )


def seat_asked(vendors: abc.Sequence[str], unable: abc.Sequence[str], *, comes: bool, leaves: bool) -> str:
    """Why a person is asked about a seat: whose it is, and who cannot follow."""
    asked, others = " and ".join(vendors), " and ".join(unable)
    happened = "was given to somebody else" if leaves and comes else "stands again" if comes else "was cancelled"
    why, way = "who came may be another client of it", "Correct one of the two"
    if not comes:
        why, way = "it was found so, and nothing says who is in it", "Change one of them"
    if unable:
        why, way = f"{others} cannot be told so by syncd", f"Enter it at {others} by hand"
    return (
        f"the record at {asked} is one client's seat of several, and {happened}; {why}. {way}, or use "
        f"'syncd conflicts resolve': for {asked} that is so; for another vendor the clients stay as they were, and "
        f"{asked} follows"
    )


def seat_over(vendor: str, appointment: Appointment) -> str:
    """That a record ended with its client's seat. Names people: for reports alone."""
    return (
        f"{appointment.summary()}: the record at {vendor} was the seat of a client who is not in it any more; {vendor} "
        "has none of the others, and none is made"
    )
