"""Which deeds each record shows: the oracle's only memory, made without syncd's."""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncd.sandbox.frame.records import Entry
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.simulation.deeds import CLIENT, ENDED, STARTS, STATUSES, TAKES, Deed, Key, is_kept, owner_of, view
from tests.simulation.knowledge import Knowledge

_COARSEST = timedelta(minutes=30)
"""No vendor rounds further."""

_DETAILS = frozenset({"notes"})
"""What the CRM's poorer rows leave out."""


@dataclass(slots=True)
class Register:
    """All deeds, all records that there ever were, and what each of them shows.

    `judged` are those of which an operator said whether they stand.
    `twins` are pairs that nothing tells apart, with the number that people want to stand. `blurred` are fields of
    appointments about which a vendor lied. `served` are the records that an intact answer showed to syncd, `read` those
    that such answers showed as fully as the vendor ever does before a cycle decided (`reading`: in this cycle).

    `fresh` are the deeds that intact answers showed in this cycle, `passing` those that only a listing showed which
    looked for the record of a create without an answer, `hidden_now` the fields of records of which an
    answer in it showed something else, `buried` those that were done to a record right before syncd called it off,
    `forgotten` those that only cycles had seen which ended suddenly, before their decisions were in the store.
    `limbo` are records of which a write was unsettled when the process ended, and that were not seen since.
    `mapped` tells which records syncd has linked to appointments, `called_off` in which cycles it cancelled records
    of an appointment. `strays` are the records that were made after syncd had stopped waiting for them: until it links
    one, it is no record of the appointment.
    """

    vendors: abc.Mapping[str, SandboxVendor]
    deeds: dict[tuple[int, str], list[Deed]] = field(default_factory=lambda: defaultdict(list))
    owner: dict[Key, int] = field(default_factory=dict)
    shows: dict[Key, dict[str, frozenset[Deed]]] = field(default_factory=lambda: defaultdict(dict))
    twins: dict[int, int] = field(default_factory=dict)
    judged: set[int] = field(default_factory=set)
    blurred: set[tuple[int, str]] = field(default_factory=set)
    served: set[Key] = field(default_factory=set)
    read: set[Key] = field(default_factory=set)
    reading: set[Key] = field(default_factory=set)
    knowledge: Knowledge = field(default_factory=Knowledge)
    fresh: set[Deed] = field(default_factory=set)
    passing: set[Deed] = field(default_factory=set)
    hidden_now: set[tuple[Key, str]] = field(default_factory=set)
    buried: set[Deed] = field(default_factory=set)
    forgotten: set[Deed] = field(default_factory=set)
    limbo: set[Key] = field(default_factory=set)
    mapped: abc.Callable[[], abc.Set[Key]] = frozenset
    linked: abc.Callable[[Key], bool] = lambda _: False
    called_off: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    strays: set[Key] = field(default_factory=set)
    apart: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def everyone(self) -> list[int]:
        """All appointments, but twins."""
        return sorted({who for who, _ in self.deeds})

    def standing(self, who: int, name: str) -> list[Deed]:
        """The deeds that may stand in the end."""
        return [deed for deed in self.deeds.get((who, name), ()) if deed.stands]

    def records_of(self, who: int, vendor: str) -> list[Entry]:
        """An appointment's records that are at a vendor now, in whatever status."""
        entries, owner = self.vendors[vendor].entries, self.owner
        mine = [entry for entry in entries.values() if owner.get((vendor, entry.id)) == who]
        return [entry for entry in mine if not self.is_stray((vendor, entry.id))]

    def is_stray(self, key: Key) -> bool:
        """Whether a record came too late, and syncd has not linked it."""
        return key in self.strays and not self.linked(key)

    def live_at(self, who: int, vendor: str) -> list[Entry]:
        """Those of them that are not cancelled, nor a no-show beside the one that took its place."""
        live = self.uncancelled_at(who, vendor)
        spare = max(0, len(live) - self.most_of(who))
        replaced = [entry for entry in live if ENDED.get(vendor) == entry.status][:spare]
        return [entry for entry in live if entry not in replaced]

    def uncancelled_at(self, who: int, vendor: str) -> list[Entry]:
        """Those of them that are not cancelled."""
        return [entry for entry in self.records_of(who, vendor) if not entry.is_cancelled]

    def most_of(self, who: int) -> int:
        """How many records of it a vendor may have."""
        return 2 if who in self.twins else 1

    def is_known(self, who: int) -> bool:
        """Whether syncd may know it for one appointment: entered at several vendors, all of them have been read."""
        keys = [key for key, owner in self.owner.items() if owner == who]
        return len(keys) == 1 or all(key in self.read or key[1] not in self.vendors[key[0]].entries for key in keys)

    def edits_beside(self, who: int) -> list[Deed]:
        """Edits of other fields, against which a cancellation may lose where it does not always win."""
        mine = [deed for (owner, _), deeds in self.deeds.items() if owner == who for deed in deeds]
        born_at = min((deed.at for deed in mine), default=None)
        return [deed for deed in mine if deed.name != "status" and deed.at != born_at]

    def only_waited(self, deed: Deed) -> bool:
        """Whether an edit went against a cancellation from the first, and was brought nowhere.

        04:03:47 the CRM's people have cancelled it, and the booking page's noted something: an operator is asked
        04:05:55 they have put another note in its place: the operator is asked about that one, and wants it cancelled
        05:50:31 it is scheduled again, with what was noted before: neither note was ever agreed on
        """
        statuses = self.deeds.get((deed.who, "status"), ())
        cancels = [one for one in statuses if one.value == "cancelled" and one.key != deed.key]
        waited = any(0 < cancel.taken_in <= deed.taken_in for cancel in cancels)
        return waited and not deed.brought and deed in self.edits_beside(deed.who)

    def lied_about(self, who: int) -> bool:
        """Whether a vendor showed something of it that is not so: that may have looked like an edit."""
        return any(owner == who for owner, _ in self.blurred)

    # -- people -------------------------------------------------------------------------------------------------

    def born(self, who: int, entries: abc.Mapping[str, Entry], at: datetime) -> None:
        """One appointment was entered, at one vendor or at several at once: equal values are one deed."""
        made: dict[tuple[str, Any], Deed] = {}
        for vendor, entry in sorted(entries.items(), key=lambda one: one[0] in STARTS):
            key = (vendor, entry.id)
            self.owner[key] = who
            for name, value in view(self.vendors[vendor], entry).items():
                told = [one for field, one in made if field == name == "slot"]
                if vendor in STARTS and told:  # its type says how long it takes there, and nothing of the appointment
                    self.shows[key][name] = frozenset({made[name, told[0]]})
                elif value != "":
                    deed = made.get((name, value)) or self._made(who, key, name, value, at)
                    made[name, value] = deed
                    deed.optional = self._unreadable(key, name)
                    self.shows[key][name] = frozenset({deed})
        for name in ("title", "notes", "location", "slot"):
            if sum(name == field for field, _ in made) > 1:
                self.apart[who].add(name)

    def did(self, vendor: str, before: Entry, after: Entry | None, at: datetime) -> list[Deed]:
        """A person changed a record; None: it is gone. Returns what is new."""
        key = (vendor, before.id)
        who = self.owner[key]
        if who in self.twins:
            return []
        old = view(self.vendors[vendor], before)
        new = {"status": "cancelled"} if after is None else view(self.vendors[vendor], after)
        made = []
        for name, value in new.items():
            if value == old[name]:
                continue
            back = name == "status" and old[name] == "cancelled"
            ours = back and bool(self.called_off.get(who))
            undone = key not in self.limbo and not ours and self._is_undone(key, name, value)
            perhaps = undone and name == "status" and self._is_being_revived(who, key)
            if undone and not perhaps:
                self._undo(key, name)
                continue
            seen = self.shows[key].get(name, frozenset()) | self._shown_anyway(who, key, name, old[name])
            deed = self._made(who, key, name, value, at, seen)
            deed.optional = perhaps or self._hidden(key, name, after)
            if name == "slot":
                deed.optional |= self._like_rounding(key, value) or self._as_if_kept(key, value)
            if key in self.limbo and value == "":  # as if the vendor had dropped what was being written
                deed.optional = True
            if deed.optional:
                self._never_seen(key, name)
            revived = key[0] != "crm" and name == "status" and old[name] == "cancelled"
            known = self.knowledge.of(key, name)
            if value in known or (revived and "cancelled" not in known):  # nothing tells that it was ever cancelled
                self._as_known(deed)
            self.shows[key][name] = frozenset({deed})
            made.append(deed)
            if value == "cancelled":
                self._ends(key)
        if after is None:
            self._gone_with(key)
        return made

    def _shown_anyway(self, who: int, key: Key, name: str, shown: Any) -> frozenset[Deed]:
        """A time that somebody gave elsewhere, that syncd knows, and that this record shows without a write.

        23:06 the office shortens 13:30–14:30 to 13:30–14:00; the booking page has no other length, and shows that
        23:07 its people move it: it is that time that they change further
        """
        deeds = self.deeds.get((who, name), ()) if name == "slot" else ()
        return frozenset(one for one in deeds if one.key != key and one.seen and one.value == shown)

    def _never_seen(self, key: Key, name: str) -> None:
        """Something else stands in the place of what a person had entered there: if nobody saw it, nobody will.

        Nor will anybody remember what a cycle alone had seen that came to a sudden end:
            08:58:05 somebody at the office puts another note in the place of the one that syncd knows
            08:58:57 the office's listing shows it, and the process is gone before anything is decided
            08:58:58 the office erases it: whether or not that is heard of, nothing tells any more which note it was
        """
        for deed in self.shows[key].get(name, ()):
            unheard = not deed.seen or deed in self.forgotten
            deed.optional = deed.optional or (deed.key == key and unheard)

    def _made(
        self, who: int, key: Key, name: str, value: Any, at: datetime, seen: frozenset[Deed] = frozenset()
    ) -> Deed:
        replaces = frozenset[Deed]().union(*(parent.ancestry for parent in seen))
        deed = Deed(who, key, name, value, at, replaces=replaces)
        for other in replaces:
            other.replaced_by.append(deed)
        if name in CLIENT:
            for other in self._clients_deeds(who):
                if other.key != key and not other.noted and other.replaces:
                    other.rivals = deed.rivals = True
        self.deeds[who, name].append(deed)
        return deed

    def _as_known(self, deed: Deed) -> None:
        """A record shows again what syncd knows of it: neither this deed nor one on the way to it comes to light.

        What syncd saw on the way while it wrote something else, it has not remembered.
        """
        for one in (deed, *deed.replaces):
            unheard = not one.taken_in or one.glimpsed
            one.optional = one.optional or (one.key == deed.key and unheard)

    def _clients_deeds(self, who: int) -> list[Deed]:
        return [deed for name in CLIENT for deed in self.deeds.get((who, name), ())]

    def contested(self, who: int) -> bool:
        """Whether two people changed the client at once: that is one field to syncd, so one of them loses all of it."""
        return any(deed.rivals for deed in self._clients_deeds(who))

    def _hidden(self, key: Key, name: str, after: Entry | None) -> bool:
        """Whether syncd may never come to see this: no list row shows it, or the record was gone before it was read."""
        if after is None:
            return key not in self.served
        if key[0] == "office" and name == "notes" and not after.notes:
            return True  # it leaves out what is empty
        return key[0] == "crm" and name in _DETAILS and self.vendors["crm"].behaviour["list_rows"] == "reference"

    def _like_rounding(self, key: Key, slot: Any) -> bool:
        """Whether a person gave another end, in the moment of a write, that the vendor may have rounded to.

        Where the process ended over one, nothing tells whether it was sent: it may have asked for what others gave.
        """
        given = self.deeds.get((self.owner[key], "slot"), ()) if key in self.limbo else self.shows[key].get("slot", ())
        asked = [deed.value for deed in given if deed.key != key]
        near = [abs(slot[1] - end) < _COARSEST and start - slot[0] < _COARSEST for start, end in asked]
        open_one = key in self.limbo or "slot" in self.knowledge.unsettled[key]
        return open_one and any(near) and not slot[1].minute % 5

    def _unreadable(self, key: Key, name: str) -> bool:
        """Whether the CRM shows this nowhere."""
        crm = self.vendors["crm"].behaviour
        shown = crm["attendees_in_get"] or "full" in (crm["list_rows"], crm["get_rows"])
        return key[0] == "crm" and name in _DETAILS and not shown

    def _unseen_at(self, key: Key, name: str) -> frozenset[Deed]:
        """What was done to a field of a record since syncd last saw it."""
        shown = self.shows[key].get(name, frozenset())
        return frozenset(deed for other in shown for deed in other.ancestry if deed.key == key and not deed.seen)

    def _before(self, unseen: frozenset[Deed]) -> frozenset[Deed]:
        """What stood there before that."""
        older = frozenset(deed for other in unseen for deed in other.replaces - unseen)
        return frozenset(deed for deed in older if not any(deed in other.replaces for other in older))

    def _is_undone(self, key: Key, name: str, value: Any) -> bool:
        """Whether a person puts back what was there before deeds at this record that syncd has not seen."""
        unseen, shown = self._unseen_at(key, name), self.shows[key].get(name, frozenset())
        return bool(unseen) and shown <= unseen and {deed.value for deed in self._before(unseen)} == {value}

    def _undo(self, key: Key, name: str) -> None:
        """It is as if those deeds had never been."""
        unseen = self._unseen_at(key, name)
        for deed in unseen:
            deed.lost = True
        self.shows[key][name] = self._before(unseen)

    def _is_being_revived(self, who: int, key: Key) -> bool:
        """Whether syncd is about to schedule a record again, so that its end may be seen as one all the same.

        15:54:28 the CRM's people schedule it again, and syncd reads that
        15:54:36 the site's people do so, too, in the moment before syncd's own request, and then delete the record
        15:54:37 syncd's request is confirmed, and the record is gone: somebody deleted it since
        """
        deeds = self.deeds.get((who, "status"), ())
        return any(d.key != key and d.value != "cancelled" and d.seen and d.stands for d in deeds)

    def _ends(self, key: Key) -> None:
        """What was known when an appointment was called off need not outlive it.

        What was entered into a record just before it was cancelled there stays that record's own affair.
        """
        who = self.owner[key]
        for name in TAKES["office"] | {"phone"}:
            for deed in self.deeds.get((who, name), ()):
                here = deed in self.shows[key].get(name, ())
                deed.ended = deed.ended or deed.noted or here
                deed.optional = deed.optional or (name != "status" and deed.key == key and not deed.noted)

    def _gone_with(self, key: Key) -> None:
        """What was entered into a record and never seen elsewhere went with it, by a person's own will."""
        for (who, name), deeds in self.deeds.items():
            if who == self.owner[key] and (name != "status" or key not in self.served):
                for deed in deeds:
                    deed.optional = deed.optional or (deed.key == key and not self._shown_elsewhere(deed, key))

    def _shown_elsewhere(self, deed: Deed, key: Key) -> bool:
        """Whether another record that is there holds it, and does not only count as knowing it."""
        for other, some in self.shows.items():
            place = self.vendors[other[0]]
            if other == key or deed not in some.get(deed.name, ()) or other[1] not in place.entries:
                continue
            shown = view(place, place.entries[other[1]])[deed.name]
            if (shown or not deed.value) and is_kept(
                place, deed.name, shown, deed.value
            ):  # a dropped note is not there
                return True
        return False

    # -- syncd --------------------------------------------------------------------------------------------------

    def written(
        self, vendor: str, before: Entry | None, after: Entry | None, *, answered: bool, late: bool = False
    ) -> list[Deed]:
        """syncd changed, made or removed a record. Returns the deeds that it wrote over without having seen them.

        `answered`: the vendor's answer came back. `late`: it was carried out after syncd had looked for it.
        """
        entry = after or before
        assert entry is not None
        key, place = (vendor, entry.id), self.vendors[vendor]
        if before is None:
            self.owner[key] = owner_of(entry.start)
            if key not in self.strays:
                self._made_without(self.owner[key])
        who, shows = self.owner[key], self.shows[key]
        if who in self.twins or (before is not None and self.is_stray(key)):
            return []  # what came too late is ended for that, whatever people said of the appointment
        old = view(place, before) if before else {}
        new = {"status": "cancelled"} if after is None else view(place, after)
        over: list[Deed] = []
        for name, value in new.items():
            if name in old and old[name] == value:
                continue
            alike = [deed for deed in self._alike(key, name, value) if deed.seen or not deed.lost]
            if name == "status":  # what syncd has not taken in, or forgot in a sudden end, is not what it brought here
                known = [deed for deed in alike if deed.taken_in or deed in self.fresh]
                alike = known or [deed for deed in alike if deed.seen] or alike
            chosen = frozenset([deed for deed in alike if deed.stands] or alike)
            for deed in chosen:
                deed.lost = False  # what syncd brings it has heard, though it was written over just before
                deed.brought = deed.brought or deed.key != key
            over += [deed for deed in shows.get(name, ()) if _unheard(deed, late=late) and deed not in chosen]
            shows[name] = chosen
            self.knowledge.wrote(key, name, value, answered=answered)
        if after is None:
            over += [d for some in shows.values() for d in some if _unheard(d, late=late) and d.key == key]
        if new["status"] == "cancelled" != old.get("status"):
            self._buried(key, late=late)
        lost = [deed for deed in over if not self._shown_elsewhere(deed, key)]
        for deed in lost:
            for other in (deed, *(before for before in deed.replaces if before.key == key and not before.seen)):
                # with what the same people had put there just before it, unless that shows again: a record that was
                # moved and made longer in that moment has its new start still
                other.lost = other is deed or other not in shows.get(other.name, ())
        return lost

    def _alike(self, key: Key, name: str, value: Any) -> list[Deed]:
        """The deeds whose value syncd wrote to a record, as far as its vendor keeps it."""
        place, given = self.vendors[key[0]], self.deeds.get((self.owner[key], name), ())
        alike = [deed for deed in given if is_kept(place, name, value, deed.value)]
        if name == "slot" and not alike:  # its own end, or one that somebody gave it in that moment
            alike = [deed for deed in given if is_kept(place, name, value, deed.value, start_only=True)]
            for deed in alike:
                deed.start_alone = deed.start_alone or (deed.key == key and not deed.seen)
        return alike

    def _as_if_kept(self, key: Key, slot: Any) -> bool:
        """Whether a person gave back, in the moment of a write, the end that it changed: as if that was never kept."""
        written = self.knowledge.values[key].get("slot")
        return self.knowledge.unsettled[key].get("slot") == slot and written is not None and written[0] == slot[0]

    def _made_without(self, who: int) -> None:
        """A record is made before all that people entered of the appointment was read, and linked.

        What those records say otherwise than it, when they are linked later, stays each one's own; what they alone
        say may be lacking there until it is filled.
        """
        linked = self.read & self.mapped()
        for (owner, name), deeds in self.deeds.items():
            if owner == who and name not in ("status", "slot"):
                for deed in deeds:
                    deed.optional = deed.optional or not (deed.replaces or deed.key in linked)

    def decided(self, cycle: int) -> None:
        """The decisions of a cycle are in the store."""
        linked = self.reading - self.read
        self.knowledge.decided()
        self.read |= self.reading
        for deed in self.fresh:
            if deed not in self.passing:
                deed.taken_in = deed.taken_in or cycle
        for vendor, remote_id in sorted(linked):  # what was joined knows what it was joined to
            entry = self.vendors[vendor].entries.get(remote_id)
            self.told(vendor, [entry] if entry else [], cycle + 1)

    def ended_well(self) -> None:
        """A cycle came to its end: syncd remembers what vendors confirmed."""
        self.knowledge.ended_well()

    def was_unread(self, vendor: str, mapped: abc.Set[Key]) -> None:
        """A vendor's listing broke off: what had come of it is not taken in."""
        self.read = {key for key in self.read if key[0] != vendor or key in mapped}

    def died(self, unsettled: abc.Set[Key], mapped: abc.Set[Key]) -> None:
        """The process is gone. It has forgotten what was confirmed of its unsettled writes, and what is not mapped.

        So it has what reading such a record back showed, whatever it stored of other vendors' writes meanwhile:
            14:16:59 a revival is sent to the office, and somebody cancels the record again; it is read back
            14:17:00 what came of a write at the site is stored, and the process is gone
            14:19:14 the record is cancelled, as before the revival: as if that was never carried out
        """
        self.forgotten |= {deed for deed in self.fresh if not deed.taken_in}
        self.limbo |= unsettled  # what people do and undo there looks like our write, undone by them
        self.served &= mapped
        self.read &= mapped
        for key, before in self.knowledge.died(unsettled).items():
            for name, value in before.items():  # what people took back meanwhile was never heard of
                for deed in self.deeds.get((self.owner[key], name), ()):
                    unheard = not deed.seen or deed.glimpsed or (deed in self.fresh and not deed.taken_in)
                    revived = key[0] != "crm" and name == "status" and "cancelled" not in (deed.value, value)
                    as_before = deed.key == key and (deed.value == value or revived)
                    deed.optional = deed.optional or (as_before and unheard)

    def _buried(self, key: Key, *, late: bool) -> None:
        """syncd called a record off: what was entered there in that moment comes to light if it is revived.

        Where it can never be, it may stay that record's own. A moment that ends `late` is as long as the answer took:
            02:57:21 the cancellation gets no answer; a phone number is typed into the record
            02:57:22 asked for by id, the record lives, and has that number: what became of the write is unknown
            03:13:25 it is carried out: the next listing shows a cancelled record, of which nothing else is told
        """
        for some in self.shows[key].values():
            for deed in some:
                own = deed.key == key and (not deed.seen or (late and deed.glimpsed))
                deed.optional = deed.optional or (own and key[0] == "book")
                self.buried |= {deed} if own else set()

    def at_rest(self) -> None:
        """What went down with a record that is still cancelled is that record's own: it comes to light with it."""
        for deed in self.buried:
            entry = self.vendors[deed.key[0]].entries.get(deed.key[1])
            deed.optional = deed.optional or entry is None or entry.is_cancelled

    def was_served(
        self,
        vendor: str,
        entries: abc.Iterable[Entry],
        fields: abc.Set[str],
        *,
        whole: bool = True,
        observing: bool = True,
        enough: bool = True,
        decisive: bool = True,
    ) -> None:
        """An answer showed these fields of these records to syncd as they are; `whole`: and lacked nothing.

        `observing`: before it decided, and not to see how a write went. `enough`: a record that is new is linked by it,
        and not only when it has been read by id as well. `decisive`: something is decided by it, and it does not only
        look for the record of a create that got no answer.
        """
        for entry in entries:
            if whole:
                self.served.add((vendor, entry.id))
            if whole and enough and ("email" in fields or self._unreadable((vendor, entry.id), "email")):
                self.reading.add((vendor, entry.id))
            new = {deed for name in fields for deed in self.shows[vendor, entry.id].get(name, ()) if not deed.seen}
            self._seen((vendor, entry.id), fields, observing)
            self.passing |= set() if decisive else new
            self.limbo -= {(vendor, entry.id)} if observing and whole else set()
            shown = view(self.vendors[vendor], entry)
            told = {name: shown[name] for name in fields & shown.keys()}
            self.knowledge.read((vendor, entry.id), told, observing=observing)

    def told(self, vendor: str, entries: abc.Iterable[Entry], cycle: int) -> None:
        """A listing shows these records: what an earlier cycle decided counts as known there, if they cannot hold it.

        So does what they show as it is, such as a time whose end they keep for themselves.
        """
        for entry in entries:
            who, shows = self.owner.get((vendor, entry.id)), self.shows[vendor, entry.id]
            if who is None:
                continue
            for name, value in view(self.vendors[vendor], entry).items():
                settled = [d for d in self.deeds.get((who, name), ()) if 0 < d.taken_in < cycle]
                own = shows.get(name, frozenset())
                if own.issubset(settled):
                    shows[name] = own.union(d for d in settled if d.stands and self._heard(vendor, name, value, d))

    def _heard(self, vendor: str, name: str, shown: Any, deed: Deed) -> bool:
        """Whether a vendor cannot hold what a person gave elsewhere, or shows it."""
        if name == "status":
            return deed.value != "cancelled" and deed.value not in STATUSES[vendor]
        return name not in TAKES[vendor] or is_kept(self.vendors[vendor], name, shown, deed.value)

    def was_not_confirmed(self, key: Key) -> None:
        """Asked for by id before a decision, a record could not be read: what its row showed is gone by later."""
        for some in self.shows[key].values():
            for deed in some:
                if deed in self.fresh and deed.key == key and not deed.taken_in:
                    deed.seen = False
                    self.fresh.remove(deed)

    def was_masked(self, vendor: str, entries: abc.Iterable[Entry], fields: abc.Set[str]) -> None:
        """An answer showed these records with their versions, and something else in these fields than is there."""
        for entry in entries:
            self.hidden_now |= {((vendor, entry.id), name) for name in fields}
            for name in fields:
                for deed in self.shows[vendor, entry.id].get(name, ()):
                    deed.masked = True

    def overruled(self, key: Key, name: str) -> None:
        """An operator, who was shown what a person put there, has syncd write over it and what it had replaced."""
        for deed in self.shows[key].get(name, ()):
            for one in deed.ancestry:
                one.optional = one.optional or one.key == key

    def called_off_again(self, key: Key) -> None:
        """An operator wants the appointment cancelled, whoever had revived this record."""
        for deed in self.shows[key].get("status", ()):
            for one in deed.ancestry:
                one.optional = one.optional or one.key == key

    def called_off_in_vain(self, who: int, vendor: str) -> None:
        """An operator, who was told that it is cancelled at this vendor, wants the appointment to stand."""
        for deed in self.deeds.get((who, "status"), ()):
            deed.optional = deed.optional or (deed.key[0] == vendor and deed.value == "cancelled")

    def length_decided(self, who: int) -> None:
        """An operator said how long an appointment takes: what syncd knew of its time is kept in its start alone."""
        for deed in self.deeds.get((who, "slot"), ()):
            deed.start_alone = deed.start_alone or deed.taken_in > 0

    def was_denied(self, vendor: str, remote_id: str) -> None:
        """An intact answer said that this record does not exist."""
        self._seen((vendor, remote_id), {"status"})

    def _seen(self, key: Key, fields: abc.Set[str], observing: bool = True) -> None:
        for name, some in self.shows[key].items():
            if name in fields:
                for deed in some:
                    deed.glimpsed = not observing and (deed.glimpsed or not deed.seen)
                    deed.seen = True
                    self.forgotten.discard(deed)
                    self.fresh.add(deed)
                    self.passing.discard(deed)

    def blur(self, vendor: str, keys: abc.Iterable[str], fields: abc.Iterable[str]) -> None:
        """A vendor showed something that is not so."""
        names = list(fields)
        self.blurred |= {
            (self.owner[vendor, key], name) for key in keys if (vendor, key) in self.owner for name in names
        }


def _unheard(deed: Deed, *, late: bool) -> bool:
    """Whether a write went over a deed that stands, and of which syncd had not heard when it sent that.

    13:08:53 an appointment is called off; the office's delete gets no answer
    13:09:02 a note is typed into the record, and the listing that looks for another create's record shows it
    13:11:22 the delete is carried out, as it was sent before anybody typed
    """
    return deed.stands and not (deed.taken_in if late else deed.seen)
