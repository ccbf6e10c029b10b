"""Records that stand in the place of one that is not there any more: an import or a restore gave
them new ids. Pure.

    09:00 the office has 14 records, each of its appointment
    09:05 its database is restored: none of the 14 ids is there, and 14 new records equal the old
    09:06 each goes on in the place of the one that it equals: nothing is made, nothing is called
          off
Only a record that is gone or missing in this very cycle has such a successor: one that merely
equals another that stands is another booking. What was restored as it was long ago, at another
time, fits nothing. As long as it may be an appointment whose absence is in doubt it waits, and so
does what would follow from the absence:
    09:06 the fifteenth record is at 9:00 again, and was moved to 15:00 yesterday: neither is a new
          appointment made of it, nor is that of 15:00 called off
    09:08 the office says that the old id does not exist, which is true, and says nothing of that
"""

from __future__ import annotations

from collections import abc
from itertools import product

from syncd.compare.attribution import shown_over
from syncd.compare.identity import DOUBT
from syncd.compare.people import may_share_somebody, named
from syncd.model.appointment import Appointment, Field, normal_text
from syncd.model.memory import Mapping
from syncd.model.record import Complete, Record
from syncd.model.wording import may_be_missing_one, renumbered_records
from syncd.reconcile.diff.observation import Presence, doubt_of, replica_of
from syncd.reconcile.link.candidates import (
    Ambiguity,
    Candidate,
    Index,
    Matched,
    Vacancy,
    alike,
    contacts,
    filed_by,
    fits,
    found_by,
    index_keys,
    lookup_keys,
    otherwise,
    read_as,
)
from syncd.reconcile.link.late import Asked

_AT_ONCE = 3
"""So many of two that ended at once ended by an undone restore: nobody deletes so many by hand
within one cycle, each of an appointment that stands there twice.
"""


def find_vacancies(snapshot: Complete, matched: Matched) -> None:
    """Note which appointments have a record there that is not there any more.

    One in which others' bookings stand is left out: which of them a new record holds, its parts do
    not say.
    """
    absent = {*snapshot.gone, *snapshot.doubtful}
    for candidate in matched.candidates if absent else ():
        mapping = candidate.known and candidate.known.at(snapshot.vendor)
        if not mapping or mapping.remote_id not in absent:
            continue
        if mapping.base.status.live and not mapping.guests:
            vacancy = _vacancy(mapping, snapshot)
            if vacancy is not None:
                candidate.vacant[snapshot.vendor] = vacancy


def _vacancy(mapping: Mapping, snapshot: Complete) -> Vacancy | None:
    replica = replica_of(mapping, snapshot)
    match replica.presence:
        case Presence.MISSING:
            return Vacancy(mapping, replica.why)
        case Presence.GONE:
            return Vacancy(mapping, doubt_of(mapping, snapshot))
        case _:
            return None


def take_back(snapshot: Complete, matched: Matched) -> None:
    """Let a record that was given up, and stands again, go on in the place of the one in use, where
    that one is not there any more: a restore was undone. So, too, where it has stood beside that
    one, and the appointment stands without any record there by now:
        09:00 record 7 was replaced by 19, and both stand
        09:10 a person says that 19 is another appointment ('syncd unlink'): 7 is this one's
    But where people may have deleted the one of two, they are asked (`diff.beside`), unless that
    befell several at once.
    """
    vendor = snapshot.vendor
    open_to = [one for one in matched.candidates if one.lacks(vendor) or vendor in one.vacant]
    back = [(one, *found) for one in open_to if (found := _standing_again(one, snapshot))]
    asked = [one.id for one, _, former in back if former.beside and vendor in one.vacant]
    left = asked if len(asked) < _AT_ONCE else []
    for candidate, record, former in back:
        if candidate.id not in left:
            _let_go_on(record, former, candidate)


def _let_go_on(record: Record, former: Mapping, candidate: Candidate) -> None:
    """Link a record that was an appointment's, in the place of one that is not there, or as it
    stood beside the one in use: what it has otherwise then is no news.
    """
    vacant = former.vendor in candidate.vacant
    if vacant or former.beside:
        candidate.link(record)
    if former.beside and not vacant:
        candidate.successors[former.vendor] = former


def _standing_again(candidate: Candidate, snapshot: Complete) -> tuple[Record, Mapping] | None:
    """The one record that was an appointment's, stands, and fits it, with what is known of it; not
    what syncd made too often. None: there is none, or more than one.
    """
    mappings = () if candidate.known is None else candidate.known.mappings
    former = [one for one in mappings if one.vendor == snapshot.vendor and one.tombstone]
    found = []
    for one in former:
        record = None if one.surplus else replica_of(one, snapshot).record
        if record is not None and record.content.status.live and fits(record, candidate):
            found.append((read_as(record, candidate.contents), one))
    return found[0] if len(found) == 1 else None


def open_to_new_ids(vendor: str, matched: Matched) -> list[Candidate]:
    """The appointments to which a new record may go in the place of one that is not there.

    Where a vendor says that it deleted a record that named nobody, any other of that title may have
    been entered in its place, for anybody.
    """
    found = []
    for candidate in matched.separate():
        vacancy = candidate.vacant.get(vendor)
        if vacancy and (vacancy.doubt or _names_somebody(vacancy.mapping.base, candidate)):
            found.append(candidate)
    return found


def _names_somebody(content: Appointment, candidate: Candidate) -> bool:
    """Whether a record tells whose it was, by a client or in its title."""
    words = set(normal_text(content.title).split())
    people = (set(normal_text(client.name).split()) for client in candidate.clients)
    return bool(named(content.clients)) or any(name and name <= words for name in people)


def without_missing_ones(
    vendor: str, records: list[Record], matched: Matched, asked: Asked
) -> list[Record]:
    """Records without those that may be one whose absence is in doubt, restored at another time or
    for a client of whom nobody can tell whether it is the same, or one that named nobody.

    The vendor's word that the old id does not exist is doubted as well, where it gave others new
    ids just now, or was not believed before.
    """
    number = sum(_has_new_id(one, vendor) for one in matched.candidates)
    may_be = _missing_ones(vendor, records, matched, believed=not number)
    waiting = set[str]()
    for record in records:
        candidate = may_be.get(record.remote_id)
        if candidate is None or asked.is_theirs(record):
            continue
        waiting.add(record.remote_id)
        reason = may_be_missing_one(vendor, candidate.vacant[vendor].mapping.remote_id)
        key = f"{DOUBT}{record.remote_id}"
        matched.ambiguous.append(Ambiguity(record, reason, key, candidate.id))
        _doubt(vendor, candidate, record)
    if number:
        matched.remarks.append((vendor, renumbered_records(vendor, number)))
    return [record for record in records if record.remote_id not in waiting]


def _has_new_id(candidate: Candidate, vendor: str) -> bool:
    """Whether a record goes on in the place of another, and not just again."""
    before = candidate.successors.get(vendor)
    return before is not None and before.ref not in {one.ref for one in candidate.linked}


def _missing_ones(
    vendor: str, records: list[Record], matched: Matched, *, believed: bool
) -> dict[str, Candidate]:
    """The appointment that each standing record may be of, by the record's id. `believed`: the
    vendor's word counts.
    """
    vacant = [one for one in matched.separate() if vendor in one.vacant]
    live = [record for record in records if record.content.status.live] if vacant else []
    pairs = product(live, vacant)
    nameless = {record.remote_id: one for record, one in pairs if fits(record, one)}
    lost = [
        one for one in vacant if nameless or not believed or one.vacant[vendor].may_be_elsewhere
    ]
    return _missed_by_evidence(live, lost) | nameless


def _missed_by_evidence(
    live: abc.Iterable[Record], lost: abc.Iterable[Candidate]
) -> dict[str, Candidate]:
    """The one of some appointments that each record may be of by its client or its values."""
    index = filed_by(lost, lambda one: index_keys(one.contents) | contacts(one.clients))
    found = {record.remote_id: _missing_one(record, index) for record in live}
    return {key: one for key, one in found.items() if one is not None}


def doubt_beside_waiting(vendor: str, matched: Matched) -> None:
    """Let a vendor's word that a record is gone be doubted as long as a new one waits that may be
    it.

        09:00 Ann has two appointments at 9:00, alike but for what is noted to one of them
        09:05 the office is restored: both ids are new, and nothing tells which record is whose
        09:06 both records wait for a person: neither appointment is called off meanwhile
    """
    waiting = [one.record for one in matched.ambiguous if one.record.vendor == vendor]
    standing = [record for record in waiting if record.content.status.live]
    for candidate in matched.separate() if standing else ():
        if vendor in candidate.vacant:
            for record in standing:
                if fits(record, candidate):
                    _doubt(vendor, candidate, record)


def _doubt(vendor: str, candidate: Candidate, record: Record) -> None:
    """Do not believe that the record of an appointment is gone, as this one may be it."""
    vacancy = candidate.vacant[vendor]
    if vacancy.doubt is None:
        candidate.doubts[vendor] = (
            f"it says that record {vacancy.mapping.remote_id} does not exist, "
            f"and record {record.remote_id} of the same client, or of that title, may be that one "
            "under a new id"
        )


def _missing_one(record: Record, index: Index) -> Candidate | None:
    """An appointment of which a record may be, whenever it starts."""
    near = found_by(lookup_keys(record.content) | contacts(record.content.clients), index)
    near.sort(key=lambda one: one.id)
    return next((one for one in near if _may_be(record, one)), None)


def _may_be(record: Record, candidate: Candidate) -> bool:
    if alike(record.content, candidate.contents):
        return True
    return may_share_somebody(record.content.clients, candidate.clients)


def carried_over(record: Record, mapping: Mapping, agreed: Appointment) -> Mapping:
    """The mapping of a record that goes on in the place of another: as it was, under its new id.

    What it has otherwise is nobody's change, as a restore brings back what was; it is accepted as
    it is, as where two records are linked for the first time. But for its start: that is brought to
    what is agreed.
    """
    taken = {name: agreed.get(name) for name in otherwise(record, mapping)}
    if Field.SLOT in taken and record.content.slot.minute != agreed.slot.minute:
        taken[Field.SLOT] = record.content.slot
    return Mapping(
        vendor=mapping.vendor,
        remote_id=record.remote_id,
        base=shown_over(mapping.base, record),
        shows=mapping.shows | record.shows,
        acknowledged=mapping.acknowledged.with_values(taken),
        known_at=mapping.known_at,
        fingerprint=record.fingerprint,
        revision=record.revision,
        modified_at=record.modified_at,
        parts=record.parts,
        wall=record.wall,
        keeps_word=mapping.keeps_word,
        unlike=mapping.unlike,
    )
