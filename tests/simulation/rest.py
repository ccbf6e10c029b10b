"""What must hold when edits and faults have stopped: the last part of what `oracle` demands, and says."""

from __future__ import annotations

from collections import Counter, abc
from dataclasses import dataclass, field
from typing import Any

from syncd.engine.store.entries import is_question
from syncd.sandbox.frame.records import Entry
from syncd.sandbox.samples import SERVICES
from tests.simulation.deeds import CLIENT, ENDED, STARTS, STATUSES, TAKES, Deed, as_kept, is_kept, view
from tests.simulation.register import Register
from tests.simulation.world import World

_ANYWHERE = "*"
_FORGETFUL = ("book", "office")
"""Where a record that was cancelled is made anew, if at all."""


def _stays(name: str, vendor: str, entry: Entry) -> bool:
    return name == "slot" and ENDED.get(vendor) == entry.status


@dataclass(slots=True)
class Rest:
    """One look at all appointments at rest, at a named stage of a history."""

    world: World
    register: Register
    cancel_wins: bool
    stage: str
    figures: Counter[str] = field(default_factory=Counter)
    _violations: list[str] = field(default_factory=list)
    _texts: dict[int, list[str]] | None = None
    _asked: set[tuple[str, str | None]] = field(default_factory=set)

    def violations(self) -> list[str]:
        """What does not hold, in sentences."""
        with self.world.ledger.store.read() as tx:
            self._asked = {(row.vendor, row.remote_id) for row in tx.quarantines() if is_question(row)}
        excused = self._listed()
        self.figures[f"appointments {self.stage}"] += len(self.register.everyone)
        self.figures[f"excused {self.stage}"] += sum(bool(excused.get(who)) for who in self.register.everyone)
        asked = [who for who in self.register.everyone if _ANYWHERE in excused.get(who, ())]
        self.figures[f"asked about {self.stage}"] += len(asked)
        for who in self.register.everyone:
            self._converged(who, excused.get(who, set()))
            self._survived(who, excused.get(who, set()))
        for who, number in self.register.twins.items():
            if not excused.get(who):
                found = {v: sorted(e.start for e in self.register.live_at(who, v)) for v in self.world.vendors}
                self._claim(
                    all(len(starts) == number for starts in found.values())
                    and len(set(map(tuple, found.values()))) == 1,
                    f"of the twins #{who} {number} should stand, and there are {_counts(found)}",
                )
        self._named()
        return self._violations

    def _named(self) -> None:
        """Whatever came too late is the appointment's own by now, or ended, or a person is asked about it."""
        with self.world.ledger.store.read() as tx:
            asked = {(row.vendor, row.remote_id) for row in tx.quarantines()}
        for vendor, key in sorted(self.register.strays):
            entry = self.world.vendors[vendor].entries.get(key)
            if entry is None or entry.is_cancelled:
                self.figures[f"too late and ended {self.stage}"] += 1
            elif self.register.is_stray((vendor, key)):
                self.figures[f"too late and asked about {self.stage}"] += 1
                self._claim((vendor, key) in asked, f"{vendor}'s {key} came too late, and nobody is told")
            else:
                self.figures[f"too late and linked {self.stage}"] += 1

    def _converged(self, who: int, excused: set[str]) -> None:
        places = [name for name in self.world.vendors if not {name, _ANYWHERE} & excused]
        live = {name: self.register.uncancelled_at(who, name) for name in places}
        wanted = self._statuses(who, excused)
        everywhere = [n for name in self.world.vendors for n in self.register.live_at(who, name)]
        if "cancelled" not in wanted:
            self._claim(bool(everywhere), f"#{who} is lost: nobody cancelled it, and no vendor has it")
        for name, some in live.items():
            most = self.register.most_of(who)
            self._claim(len(some) <= most, f"#{who}: {name} calls a record that was replaced {ENDED.get(name)}")
        lacking = [name for name, entries in live.items() if not entries]
        having = [name for name, entries in live.items() if entries]
        over = wanted & {"completed", "no_show"}
        if over:  # of what is over, nothing is made any more, and a record is revived only to say so
            lacking = [name for name in lacking if self._could_say(who, name, over)]
        self._claim(
            not (lacking and having),
            f"#{who} is live at {having} and not at {lacking}; wanted: {sorted(wanted)}",
        )
        if having and not lacking:
            self._claim(bool(wanted - {"cancelled"}), f"#{who} is live at {having}, and was cancelled")
        if lacking and not having:
            self._claim("cancelled" in wanted, f"#{who} is at none of {lacking}, and nobody cancelled it")
        entries = {name: some[0] for name, some in live.items() if some}
        for name in ("status", "slot", "notes", "title", "location", "name", "email", "phone"):
            self._agreed(who, name, entries, excused)

    def _could_say(self, who: int, vendor: str, over: abc.Set[str]) -> bool:
        """Whether a vendor has a record that it could call so, whichever of them it is.

        One that its listing leaves out as it is cancelled is asked for by id, unless so many are missing that the guard
        takes the listing for a wrong one: with low limits that is one already. Nothing depends on it any more then.
        """
        there = bool(self.register.records_of(who, vendor))
        unasked = self.world.cast.guard and not self.world.vendors["crm"].behaviour["cancelled_listed"]
        if vendor == "crm" and unasked:
            return False
        return there and vendor not in _FORGETFUL and over <= STATUSES[vendor]

    def _may_stand(self, who: int, name: str, excused: set[str]) -> list[Deed]:
        """The deeds that may be right: those that stand, and those that only a deed in quarantine goes against.

        What is done to a record of which nobody has said yet whose it is concerns no other record. (Entered at several
        vendors at once, it is the first one's deed.)
        """
        every = self.register.deeds.get((who, name), [])
        deeds = [deed for deed in every if deed.key not in self._asked] or every[:1]
        return [deed for deed in deeds if deed.optional or deed.stands_but(excused)]

    def _statuses(self, who: int, excused: set[str]) -> set[str]:
        """The statuses that may be right."""
        if (who, "status") in self.register.blurred:
            return {"cancelled", "scheduled", *(deed.value for deed in self.register.deeds.get((who, "status"), ()))}
        may_stand = self._may_stand(who, "status", excused)
        wanted = {deed.value for deed in may_stand}
        texts = self._conflict_texts(who)
        for deed in may_stand:  # who has no word for "pending" says "scheduled" of what stands, and nothing against it
            if deed.value == "scheduled" and "pending" not in STATUSES[deed.key[0]]:
                wanted |= {old.value for old in deed.replaces if old.value == "pending" and old.taken_in}
        for deed in may_stand:  # it lost, and that is on record
            wanted |= {old.value for old in deed.replaces} if any(self._says(text, deed) for text in texts) else set()
        if self.world.cast.sync["conflict"] == "manual":  # a cancellation that waited was taken back
            wanted |= {old.value for deed in may_stand for old in deed.replaces if old.value != "cancelled"}
        edited = self.register.edits_beside(who) or self.register.lied_about(who)
        if "cancelled" in wanted and not self.cancel_wins and edited:
            # A cancellation that loses leaves the status as it was.
            wanted |= {
                "scheduled",
                *(old.value for deed in may_stand if deed.value == "cancelled" for old in deed.last),
            }
        return wanted

    def _agreed(self, who: int, name: str, entries: abc.Mapping[str, Entry], excused: set[str]) -> None:
        deeds = self._may_stand(who, name, excused)
        texts = self._conflict_texts(who)
        lost = [deed for deed in deeds if any(self._says(text, deed) for text in texts)]
        for deed in lost:
            deeds += [other for other in deed.replaces if other not in deeds]  # it lost, and that is on record
        if (who, name) in self.register.blurred or (name in CLIENT and self.register.contested(who)):
            deeds = self.register.deeds.get((who, name), [])
        shown = {
            vendor: view(self.world.vendors[vendor], entry)[name]
            for vendor, entry in entries.items()
            if name in TAKES[vendor] and not self._own_secret(vendor, entry, name) and not _stays(name, vendor, entry)
        }
        if (who, name) in self.register.blurred:  # a vendor said once that there is none: others may have none
            shown = {vendor: value for vendor, value in shown.items() if value != ""}
        if not deeds or not shown:
            return
        if name == "status" and (who, name) in self.register.blurred:
            return  # what is shown once the word is known again is accepted there, and levelled with nobody
        if all(deed.optional for deed in deeds):
            return
        if name in self.register.apart[who] and name != "slot" and not any(deed.replaces for deed in deeds):
            return  # entered so at several vendors, and nobody edited one of them since
        values = [deed.value for deed in deeds] if name != "status" else sorted(self._statuses(who, excused))
        if name == "slot" and (who, name) in self.register.blurred:
            values += shown.values()  # what was shown of an older time may have been rounded, and spread as it was
        if self.world.cast.sync["conflict"] == "manual" and any(
            not any(self._was_agreed(old) for old in deed.replaces) for deed in lost
        ):
            values.append("")  # an operator decided for the cancellation that it went against, and revived it after all
        if name in CLIENT and self.register.contested(who):
            values.append("")  # the part that one of two people gave first may be lost with the client who lost
        self._claim(
            any(all(self._fits(who, v, name, value, wanted) for v, value in shown.items()) for wanted in values),
            f"#{who}'s {name} is {shown}; wanted: {values}",
        )

    def _was_agreed(self, deed: Deed) -> bool:
        """Whether what somebody gave a field was agreed on; where an operator decides, it may have waited only."""
        return deed.taken_in > 0 and (self.cancel_wins or not self.register.only_waited(deed))

    def _own_secret(self, vendor: str, entry: Entry, name: str) -> bool:
        """Whether a record shows what a person entered there and syncd cannot see."""
        return any(deed.optional for deed in self.register.shows[vendor, entry.id].get(name, ()))

    def _fits(self, who: int, vendor: str, name: str, shown: Any, wanted: Any) -> bool:
        if name == "status" and wanted not in STATUSES[vendor]:
            return bool(shown != "cancelled")
        if name == "title" and not wanted:  # a record made anew without one goes by service and client
            return bool(not shown or shown.partition(",")[0] in {service.name for service in SERVICES})
        deeds = self.register.deeds.get((who, "slot"), ())
        loose = any(deed.lost or (deed.key[0] in STARTS and deed.value == wanted) for deed in deeds)
        loose = loose or "slot" in self.register.apart[who] or any(deed.start_alone for deed in deeds)
        return is_kept(self.world.vendors[vendor], name, shown, wanted, start_only=loose)

    def _survived(self, who: int, excused: set[str]) -> None:
        conflicts = self._conflict_texts(who)
        cancels = [deed for deed in self.register.deeds.get((who, "status"), ()) if deed.value == "cancelled"]
        for (owner, name), deeds in self.register.deeds.items():
            if owner != who or (who, name) in self.register.blurred:
                continue
            for deed in deeds:
                if not deed.stands or deed.optional or deed.ended:
                    continue
                called_off = [self._called_off(cancel) for cancel in cancels if cancel.stands or name == "status"]
                if 0 < deed.taken_in < max(called_off, default=0):
                    continue  # settled, and then the appointment was called off; a revival gives a status of its own
                if self._went_with_its_like(deed) or self._has_no_place(deed) or self._waits(deed, excused):
                    continue
                if any(
                    other.optional and (other.key != deed.key or other in deed.replaced_by) and self._shown(other)
                    for other in deeds
                ):
                    continue  # what no listing shows came to light later, and seems to be of that day
                self._claim(
                    self._shown(deed) or any(self._says(text, deed) for text in conflicts),
                    f"#{who}'s {name} {deed.value!r} of {deed.key[0]} is gone, and in no conflict record",
                )

    def _called_off(self, cancel: Deed) -> int:
        """The cycle from which syncd went by a cancellation.

        That a record is gone is not believed of a vendor that does not find another one either: then it is later. So it
        is where a person has to decide, who sees what was entered meanwhile.
        """
        known = max(cancel.taken_in, cancel.noted_in)
        if self.world.cast.sync["conflict"] == "manual" or cancel.who in self.register.judged:
            return max([known, *self.register.called_off[cancel.who]])
        if cancel.key[1] in self.world.vendors[cancel.key[0]].entries:
            return known
        return min((cycle for cycle in self.register.called_off[cancel.who] if cycle > known), default=known)

    def _has_no_place(self, deed: Deed) -> bool:
        """Whether no vendor that can be given the field has a record any more, and none is made.

        So it is of an appointment that was called off, revived elsewhere, and is over.
        """
        places = [name for name in self.world.vendors if deed.name in TAKES[name]]
        over = self._statuses(deed.who, set()) & {"completed", "no_show"}
        return bool(over) and not any(self.register.live_at(deed.who, name) for name in places)

    def _waits(self, deed: Deed, excused: abc.Set[str]) -> bool:
        """Whether whoever can be given the field has no record, and a create there waits for an operator, who may have
        to say first whether the appointment stands.
        """
        places = {name for name in self.world.vendors if deed.name in TAKES[name]}
        waiting = (places | {_ANYWHERE}) & excused
        return bool(waiting) and not any(self.register.live_at(deed.who, name) for name in places)

    def _went_with_its_like(self, deed: Deed) -> bool:
        """Whether two people gave it the same value, and one of them changed it further: that goes for both."""
        return any(
            later.stands and later.at >= deed.at
            for like in self.register.deeds[deed.who, deed.name]
            if like is not deed and like.value == deed.value
            for later in like.replaced_by
        )

    def _shown(self, deed: Deed) -> bool:
        for vendor in self.world.vendors.values():
            for entry in self.register.records_of(deed.who, vendor.name):
                shown = view(vendor, entry)
                alone = deed.start_alone
                if deed.name in shown and is_kept(vendor, deed.name, shown[deed.name], deed.value, start_only=alone):
                    return True
        # A cancellation is kept by what is not there any more.
        gone = deed.value == "cancelled" and deed.key[1] not in self.world.vendors[deed.key[0]].entries
        return gone

    # -- what syncd says of itself ------------------------------------------------------------------------------

    def _listed(self) -> dict[int, set[str]]:
        """Appointments that are listed as undecided: by whom, and at which vendor."""
        names = owners(self.world, self.register)
        found: dict[int, set[str]] = {}
        with self.world.ledger.store.read() as tx:
            for row in tx.quarantines():
                who = names.get(row.appointment_id or "")
                if who is None and row.remote_id is not None:
                    who = self.register.owner.get((row.vendor, row.remote_id))
                if who is not None:
                    found.setdefault(who, set()).add(row.vendor)
            for conflict in tx.conflicts_open():
                if conflict.appointment_id in names:
                    found.setdefault(names[conflict.appointment_id], set()).add(_ANYWHERE)
        return found

    def _conflict_texts(self, who: int) -> list[str]:
        if self._texts is None:
            self._texts = {}
            names = owners(self.world, self.register)
            with self.world.ledger.store.read() as tx:
                for name, owner in names.items():
                    self._texts.setdefault(owner, []).extend(row.values_json for row in tx.conflicts_of(name))
        return self._texts.get(who, [])

    def _says(self, text: str, deed: Deed) -> bool:
        """Whether a conflict record names a deed's value; a time also as a vendor that rounds kept it."""
        if deed.name == "slot":
            kept = {as_kept(place, "slot", deed.value)[0] for place in self.world.vendors.values()}
            return any(start.strftime("%Y-%m-%dT%H:%M:%S") in text for start in (deed.value[0], *kept))
        if deed.name == "name":
            return all(part in text for part in deed.value.split())
        return str(deed.value) in text

    def _claim(self, holds: bool, sentence: str) -> None:
        if not holds:
            self._violations.append(f"{self.stage}: {sentence}")


def owners(world: World, register: Register) -> dict[str, int]:
    """Whose each of syncd's appointments is: by the records that it has for them."""
    with world.ledger.store.read() as tx:
        return {
            entry.appointment_id: register.owner[vendor, entry.remote_id]
            for vendor in world.vendors
            for entry in tx.index(vendor, float("-inf"))
            if (vendor, entry.remote_id) in register.owner
        }


def _counts(found: abc.Mapping[str, list[Any]]) -> str:
    return ", ".join(f"{name} {len(starts)}" for name, starts in found.items())
