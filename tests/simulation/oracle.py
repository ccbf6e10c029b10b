"""What must hold, judged by what people did; syncd's own memory is asked only for what it lists as undecided.

**What people want of a field** of an appointment is the set of *standing* deeds (see `deeds`): values that nobody
knowingly replaced. Mostly that is one value, and then it is the only right one. Several are a conflict between people,
and then any of them is right, as long as the others are not lost.

At every write of syncd's:

- *Never against people's will.* syncd cancels or deletes a record only if a person cancelled or deleted that
  appointment (and nobody revived it, as far as a whole earlier cycle could see), and it makes or revives a record only
  if, so far, it stands. A time or a note is written only if a person entered it for that appointment.
- *No blind write past a version.* At a vendor that refuses stale versions, no edit is written over that no answer had
  shown. (At a vendor without versions an edit in the very moment between syncd's last look and its write is lost: no
  program could help that, and such a deed is struck out.)
- *No mail.* No vendor counts a notification, ever.

After every cycle:

- *Never twice.* No vendor has two live records of one appointment (of twins: not more than people made).

When edits and faults have stopped and at most three cycles have run, with an approval between them if the guard holds
something:

- *Convergence.* For each appointment either all vendors show it live, or none does, as a standing deed says; all show
  one and the same standing deed's time, as far as the vendor keeps it (its own end, its rounding), and its status,
  notes, title, location and client, at those vendors that can be written in that respect. A vendor for which an open
  quarantine, or an open conflict, lists the appointment is left out of this, and of nothing else; when an operator has
  released all quarantines and at most three more cycles have run, it is claimed again.
- *Nothing is lost.* An appointment that nobody cancelled stands at least somewhere, whatever is quarantined. Every
  standing deed is still shown by a record, or is in the conflict record, or was lost in the moment of a write.
- *Rest.* One more cycle sends nothing but list requests, and plans nothing.

Left out, because nothing could be demanded: a person's edit that no list row shows (`optional`); values about which a
vendor lied in a well-formed answer (`blurred`), for which only agreement is claimed.
"""

from __future__ import annotations

from collections import Counter, abc
from dataclasses import dataclass, field
from typing import Any

from syncd.engine.result import CycleResult
from syncd.sandbox.records import Entry
from tests.simulation.deeds import CLIENT, STATUSES, TAKES, Deed, Register, is_kept, owner_of, view
from tests.simulation.world import World

_ANYWHERE = "*"
_FORGETFUL = ("book", "office")
"""Where a record that was cancelled is made anew, if at all."""


@dataclass(slots=True)
class Oracle:
    """Watches one history. `violations` are sentences on what did not hold; the first one counts."""

    world: World
    register: Register
    cancel_wins: bool
    violations: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)

    # -- at a write ---------------------------------------------------------------------------------------------

    def wrote(self, vendor: str, before: Entry | None, after: Entry | None, *, answered: bool) -> None:
        """syncd made, changed or removed a record; `answered`: and was told so."""
        blind = self.register.written(vendor, before, after, answered=answered)
        entry = after or before
        assert entry is not None
        who = self.register.owner[vendor, entry.id]
        for deed in blind:
            self.figures["lost in the moment of a write"] += 1
            if vendor == "crm" and self.world.vendors["crm"].behaviour["stale_version"] != "ignored":
                self.claim(False, f"crm: #{who}'s {deed.name} {deed.value!r} was written over past its version")
        if who in self.register.twins:
            return
        new = {"status": "cancelled"} if after is None else view(self.world.vendors[vendor], after)
        old = view(self.world.vendors[vendor], before) if before else {}
        for name in ("status", "slot", "notes"):
            if name in new and old.get(name) != new[name]:
                self._wanted(who, vendor, name, new[name])
        self._own_client(who, vendor, entry)

    def _wanted(self, who: int, vendor: str, name: str, value: Any) -> None:
        """A value that syncd wrote is one that people gave and, as far as syncd could know, still want."""
        if (who, name) in self.register.blurred:
            return
        deeds = self.register.deeds.get((who, name), [])
        place = self.world.vendors[vendor]
        if name == "status":
            live = value != "cancelled"
            fitting = [deed for deed in deeds if (deed.value != "cancelled") is live]
            fitting += self._edits_beside(who) if live and not self.cancel_wins else []
            believed = any(deed.believable for deed in fitting)
            what = "is live again" if live else "is cancelled"
            self.claim(believed, f"{vendor}: #{who} {what} by syncd ({value}), which nobody wants")
            return
        if name == "notes" and value == "":
            return
        self.claim(
            any(is_kept(place, name, value, deed.value, start_only=True) for deed in deeds),
            f"{vendor}: syncd wrote {name} {value!r} for #{who}, which nobody ever entered",
        )

    def _own_client(self, who: int, vendor: str, entry: Entry) -> None:
        email = entry.people[0].email if entry.people else ""
        if email and not email.startswith("desk"):
            mine = email.startswith(f"m{who:02d}")
            self.claim(mine, f"{vendor}: the record {entry.id} of #{who} has another one's client, {email}")
        self.claim(owner_of(entry.start) == who, f"{vendor}: the record {entry.id} of #{who} has another one's time")

    # -- after a cycle ------------------------------------------------------------------------------------------

    def after_cycle(self, result: CycleResult | None) -> None:
        """What holds whenever a cycle has ended, well or not."""
        for vendor in self.world.vendors.values():
            self.claim(vendor.counters.notifications == 0, f"{vendor.name}: clients were mailed")
            live = Counter(
                self.register.owner[vendor.name, entry.id]
                for entry in vendor.entries.values()
                if not entry.is_cancelled and (vendor.name, entry.id) in self.register.owner
            )
            for who, number in live.items():
                most = 2 if who in self.register.twins else 1
                self.claim(number <= most, f"{vendor.name} has #{who} {number} times")
        if result is not None:
            self._note(result)
            for step in result.steps:
                self.claim("this is a bug" not in (step.error or ""), f"a bug in an operation: {step.error}")

    def _note(self, result: CycleResult) -> None:
        """A cycle that ended well has seen what its complete listings showed."""
        whole = {vendor.name for vendor in result.vendors if vendor.snapshot == "complete"}
        for deeds in self.register.deeds.values():
            for deed in deeds:
                if deed.seen and not deed.noted and deed.key[0] in whole and deed.at <= result.started_at:
                    deed.noted_in = self.figures["cycles"]
        if whole == set(self.world.vendors):
            for key, shows in self.register.shows.items():
                self._tell(key, shows)

    def _tell(self, key: tuple[str, str], shows: dict[str, frozenset[Deed]]) -> None:
        """What a vendor cannot hold counts as known there from now on: the next edit there goes against nobody."""
        vendor = key[0]
        who = self.register.owner.get(key)
        entry = self.world.vendors[vendor].entries.get(key[1])
        if who is None or who in self.register.twins or entry is None:
            return
        shown = view(self.world.vendors[vendor], entry)
        for name, value in shown.items():
            for deed in self.register.deeds.get((who, name), ()):
                if not deed.noted or not deed.stands or name == "status":
                    continue
                if name not in TAKES[vendor] or is_kept(self.world.vendors[vendor], name, value, deed.value):
                    shows[name] = shows.get(name, frozenset()) | {deed}

    # -- in the end ---------------------------------------------------------------------------------------------

    def at_rest(self, stage: str) -> None:
        """What holds when people and faults have left syncd alone for long enough."""
        excused = self._listed()
        self.figures[f"appointments {stage}"] += len(self.register.everyone)
        self.figures[f"excused {stage}"] += sum(bool(excused.get(who)) for who in self.register.everyone)
        for who in self.register.everyone:
            self._converged(who, excused.get(who, set()), stage)
            self._survived(who, stage)
        for who, number in self.register.twins.items():
            if not excused.get(who):
                found = {v: sorted(e.start for e in self.register.live_at(who, v)) for v in self.world.vendors}
                self.claim(
                    all(len(starts) == number for starts in found.values())
                    and len(set(map(tuple, found.values()))) == 1,
                    f"{stage}: of the twins #{who} {number} should stand, and there are {_counts(found)}",
                )

    def _converged(self, who: int, excused: set[str], stage: str) -> None:
        places = [name for name in self.world.vendors if not {name, _ANYWHERE} & excused]
        live = {name: self.register.live_at(who, name) for name in places}
        wanted = self._statuses(who, excused)
        everywhere = [n for name in self.world.vendors for n in self.register.live_at(who, name)]
        if "cancelled" not in wanted:
            self.claim(bool(everywhere), f"{stage}: #{who} is lost: nobody cancelled it, and no vendor has it")
        lacking = [name for name, entries in live.items() if not entries]
        having = [name for name, entries in live.items() if entries]
        if wanted & {"completed", "no_show"}:  # of what is over, nothing is made any more
            lacking = [name for name in lacking if self._was_at(who, name) and name not in _FORGETFUL]
        self.claim(
            not (lacking and having),
            f"{stage}: #{who} is live at {having} and not at {lacking}; wanted: {sorted(wanted)}",
        )
        if having and not lacking:
            self.claim(bool(wanted - {"cancelled"}), f"{stage}: #{who} is live at {having}, and was cancelled")
        if lacking and not having:
            self.claim("cancelled" in wanted, f"{stage}: #{who} is at none of {lacking}, and nobody cancelled it")
        entries = {name: some[0] for name, some in live.items() if some}
        for name in ("status", "slot", "notes", "title", "location", "name", "email", "phone"):
            self._agreed(who, name, entries, excused, stage)

    def _was_at(self, who: int, vendor: str) -> bool:
        return any(key[0] == vendor and owner == who for key, owner in self.register.owner.items())

    def _may_stand(self, who: int, name: str, excused: set[str]) -> list[Deed]:
        """The deeds that may be right: those that stand, and those that only a deed in quarantine goes against."""
        return [deed for deed in self.register.deeds.get((who, name), ()) if deed.optional or deed.stands_but(excused)]

    def _statuses(self, who: int, excused: set[str]) -> set[str]:
        """The statuses that may be right."""
        if (who, "status") in self.register.blurred:
            return {"cancelled", "scheduled"}
        wanted = {deed.value for deed in self._may_stand(who, "status", excused)}
        if "cancelled" in wanted and not self.cancel_wins and self._edits_beside(who):
            wanted.add("scheduled")
        return wanted

    def _edits_beside(self, who: int) -> list[Deed]:
        """Edits of other fields, against which a cancellation may lose where it does not always win."""
        return [
            deed
            for (owner, name), deeds in self.register.deeds.items()
            if owner == who and name != "status"
            for deed in deeds
            if deed.replaces or deed.at > deeds[0].at
        ]

    def _agreed(self, who: int, name: str, entries: abc.Mapping[str, Entry], excused: set[str], stage: str) -> None:
        deeds = self._may_stand(who, name, excused)
        texts = self._conflict_texts(who)
        for deed in [deed for deed in deeds if any(_says(text, deed) for text in texts)]:
            deeds += [other for other in deed.replaces if other not in deeds]  # it lost, and that is on record
        if (who, name) in self.register.blurred or (name in CLIENT and self.register.contested(who)):
            deeds = self.register.deeds.get((who, name), [])
        shown = {
            vendor: view(self.world.vendors[vendor], entry)[name]
            for vendor, entry in entries.items()
            if name in TAKES[vendor] and not self._own_secret(vendor, entry, name)
        }
        if not deeds or not shown:
            return
        if all(deed.optional for deed in deeds):
            return
        values = [deed.value for deed in deeds] if name != "status" else sorted(self._statuses(who, excused))
        self.claim(
            any(all(self._fits(who, v, name, value, wanted) for v, value in shown.items()) for wanted in values),
            f"{stage}: #{who}'s {name} is {shown}; wanted: {values}",
        )

    def _own_secret(self, vendor: str, entry: Entry, name: str) -> bool:
        """Whether a record shows what a person entered there and syncd cannot see."""
        return any(deed.optional for deed in self.register.shows[vendor, entry.id].get(name, ()))

    def _fits(self, who: int, vendor: str, name: str, shown: Any, wanted: Any) -> bool:
        if name == "status" and wanted not in STATUSES[vendor]:
            return bool(shown != "cancelled")
        loose = any(deed.lost for deed in self.register.deeds.get((who, "slot"), ()))
        return is_kept(self.world.vendors[vendor], name, shown, wanted, start_only=loose)

    def _survived(self, who: int, stage: str) -> None:
        conflicts = self._conflict_texts(who)
        called_off = [deed.noted_in for deed in self.register.standing(who, "status") if deed.value == "cancelled"]
        for (owner, name), deeds in self.register.deeds.items():
            if owner != who or (who, name) in self.register.blurred:
                continue
            for deed in deeds:
                if not deed.stands or deed.optional or deed.ended:
                    continue
                if 0 < deed.noted_in < max(called_off, default=0):
                    continue  # settled, and then the appointment was called off
                self.claim(
                    self._shown(deed) or any(_says(text, deed) for text in conflicts),
                    f"{stage}: #{who}'s {name} {deed.value!r} of {deed.key[0]} is gone, and in no conflict record",
                )

    def _shown(self, deed: Deed) -> bool:
        for vendor in self.world.vendors.values():
            for entry in self.register.records_of(deed.who, vendor.name):
                shown = view(vendor, entry)
                if deed.name in shown and is_kept(vendor, deed.name, shown[deed.name], deed.value):
                    return True
        # A cancellation is kept by what is not there any more.
        gone = deed.value == "cancelled" and deed.key[1] not in self.world.vendors[deed.key[0]].entries
        return gone

    # -- what syncd says of itself ------------------------------------------------------------------------------

    def _appointments(self) -> dict[str, int]:
        with self.world.ledger.store.read() as tx:
            return {
                entry.appointment_id: self.register.owner[vendor, entry.remote_id]
                for vendor in self.world.vendors
                for entry in tx.index(vendor)
                if (vendor, entry.remote_id) in self.register.owner
            }

    def _listed(self) -> dict[int, set[str]]:
        """Appointments that are listed as undecided: by whom, and at which vendor."""
        names = self._appointments()
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
        ids = [name for name, owner in self._appointments().items() if owner == who]
        with self.world.ledger.store.read() as tx:
            return [row.values_json for name in ids for row in tx.conflicts_of(name)]

    def claim(self, holds: bool, sentence: str) -> None:
        """Remember what does not hold."""
        if not holds:
            self.violations.append(sentence)


def _says(text: str, deed: Deed) -> bool:
    if deed.name == "slot":
        return deed.value[0].strftime("%Y-%m-%dT%H:%M:%S") in text
    if deed.name == "name":
        return all(part in text for part in deed.value.split())
    return str(deed.value) in text


def _counts(found: abc.Mapping[str, list[Any]]) -> str:
    return ", ".join(f"{name} {len(starts)}" for name, starts in found.items())
