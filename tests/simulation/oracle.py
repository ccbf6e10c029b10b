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

When edits and faults have stopped and at most three cycles have run, with approvals between them if the guard holds
something:

- *Convergence.* For each appointment either all vendors show it live, or none does, as a standing deed says; all show
  one and the same standing deed's time, as far as the vendor keeps it (its own end, its rounding), and its status,
  notes, title, location and client, at those vendors that can be written in that respect. A vendor for which an open
  quarantine, or an open conflict, lists the appointment is left out of this, and of nothing else; when an operator has
  released all quarantines, and then decided all conflicts, and at most three more cycles have run each time, it is
  claimed again.
- *Named.* A record that was made after syncd had stopped waiting for it is linked, ended, or in quarantine; until it is
  linked, it is none of the appointment's, and everything else is claimed without it.
- *Nothing is lost.* An appointment that nobody cancelled stands at least somewhere, whatever is quarantined. Every
  standing deed is still shown by a record, or is in the conflict record, or was lost in the moment of a write; or the
  only record that could show it is still to be made, and that waits in quarantine.
- *Rest.* One more cycle sends nothing but list requests, and plans nothing; while a conflict waits, it may ask for
  single records.

Before every cycle that nothing befalls, and when all is at rest, a dry run writes nothing, and plans what that cycle
does.

Under new rules of a zone, when all was at rest, `rules` says what must hold. Where an account as a whole becomes
another, where all ids, a zone or the clock do, where records vanish, two share an address, several share a record, and
where staff and services are edited, each of `plays` says so.

Left out, because nothing could be demanded:

- *Optional*: a person's edit that nothing which syncd reads shows for sure. No list row shows it; it was taken back
  before it was heard of, or leaves a record as syncd knew it; it looks like what the vendor made of syncd's own write
  in that moment; it went down with a record which is still cancelled; or an operator overruled it.
- *Apart*: texts that differed when an appointment was entered at several vendors, until somebody edits one of them; of
  lengths that did, all show the same start.
- *Blurred*: values about which a vendor lied in a well-formed answer, for which only agreement is claimed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from syncd.engine.result import CycleResult
from syncd.engine.store.entries import is_question
from syncd.sandbox.frame.records import Entry
from tests.simulation.deeds import ENDED, TAKES, Deed, is_kept, owner_of, view
from tests.simulation.register import Register
from tests.simulation.rest import Rest
from tests.simulation.world import World


@dataclass(slots=True)
class Oracle:
    """Watches one history. `violations` are sentences on what did not hold; the first one counts."""

    world: World
    register: Register
    cancel_wins: bool
    violations: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)

    # -- at a write ---------------------------------------------------------------------------------------------

    def wrote(
        self, vendor: str, before: Entry | None, after: Entry | None, *, answered: bool, late: bool = False
    ) -> None:
        """syncd made, changed or removed a record; `answered`: and was told so.

        `late`: that is what it wanted when it sent that, and nobody can help it if people have changed their minds.
        """
        blind = self.register.written(vendor, before, after, answered=answered, late=late)
        entry = after or before
        assert entry is not None
        who = self.register.owner[vendor, entry.id]
        for deed in blind:
            self.figures["lost in the moment of a write"] += 1
            if (
                vendor == "crm"
                and not late
                and not deed.masked
                and self.world.vendors["crm"].behaviour["stale_version"] != "ignored"
            ):
                self.claim(False, f"crm: #{who}'s {deed.name} {deed.value!r} was written over past its version")
        if who in self.register.twins:
            return
        if late:
            self._own_client(who, vendor, entry)
            return
        if self.register.is_stray((vendor, entry.id)):
            self.claim(after is None or after.is_cancelled, f"{vendor}: syncd changed {entry.id}, which came too late")
            return
        new = {"status": "cancelled"} if after is None else view(self.world.vendors[vendor], after)
        old = view(self.world.vendors[vendor], before) if before else {}
        if new["status"] == "cancelled" and old.get("status") == ENDED.get(vendor):
            self._taken_back(who, vendor)
            return
        if new["status"] == "cancelled":
            self.register.called_off[who].append(self.figures["cycles"])
        for name in ("status", "slot", "notes"):
            if name in new and old.get(name) != new[name]:
                self._wanted(who, vendor, name, new[name], old.get(name))
        self._own_client(who, vendor, entry)

    def _wanted(self, who: int, vendor: str, name: str, value: Any, before: Any) -> None:
        """A value that syncd wrote is one that people gave and, as far as syncd could know, still want."""
        if (who, name) in self.register.blurred:
            return
        deeds = self.register.deeds.get((who, name), [])
        place = self.world.vendors[vendor]
        if name == "status":
            live = value != "cancelled"
            if live and before not in (None, "cancelled") and any(deed.value == value for deed in deeds):
                return  # another word for what stands there, which somebody gave it
            if live and not self.cancel_wins and self.register.lied_about(who):
                return  # a cancellation need not survive an edit, or what looked like one
            fitting = [deed for deed in deeds if (deed.value != "cancelled") is live]
            fitting += self.register.edits_beside(who) if live and not self.cancel_wins else []
            believed = any(deed.believable for deed in fitting)
            what = "is live again" if live else "is cancelled"
            self.claim(believed, f"{vendor}: #{who} {what} by syncd ({value}), which nobody wants")
            return
        if name == "notes" and value == "":
            return
        entered = any(is_kept(place, name, value, deed.value, start_only=True) for deed in deeds)
        entered = entered or (name == "slot" and self._is_half_rounded(value, deeds))
        self.claim(entered, f"{vendor}: syncd wrote {name} {value!r} for #{who}, which nobody ever entered")

    def _is_half_rounded(self, slot: Any, deeds: list[Deed]) -> bool:
        """Whether a time is what a vendor shows that rounds, and where somebody gave another length in that moment.

        09:08:34 syncd moves the site's record to 18:07; somebody there makes it 45 minutes long just before
        09:08:35 the site has 18:05 to 18:50, and the process ends over the answer
        09:10:57 the site's record has neither the time before nor what was sent: as it stands, it is somebody's
        """
        typed = {deed.key[0] for deed in deeds if deed.replaces}
        rounding = [self.world.vendors[name] for name in typed if self.world.vendors[name].behaviour["round_minutes"]]
        return any(is_kept(one, "slot", slot, deed.value, start_only=True) for one in rounding for deed in deeds)

    def _taken_back(self, who: int, vendor: str) -> None:
        """A record that ended in a word which cannot be undone there is called cancelled: it is not so any more, by
        what somebody did, or an operator said.
        """
        deeds = self.register.deeds.get((who, "status"), ())
        believed = any(deed.believable and deed.value != ENDED[vendor] for deed in deeds)
        blurred = (who, "status") in self.register.blurred or who in self.register.judged
        self.claim(believed or blurred, f"{vendor}: #{who} is '{ENDED[vendor]}' no more by syncd, which nobody wants")

    def _own_client(self, who: int, vendor: str, entry: Entry) -> None:
        email = entry.people[0].email if entry.people else ""
        if email and not email.startswith("desk"):
            mine = email.startswith(f"m{who:02d}")
            self.claim(mine, f"{vendor}: the record {entry.id} of #{who} has another one's client, {email}")
        self.claim(owner_of(entry.start) == who, f"{vendor}: the record {entry.id} of #{who} has another one's time")

    # -- after a cycle ------------------------------------------------------------------------------------------

    def _asked_about(self, vendor: str) -> set[str | None]:
        with self.world.ledger.store.read() as tx:
            return {row.remote_id for row in tx.quarantines() if row.vendor == vendor and is_question(row)}

    def after_cycle(self, result: CycleResult | None) -> None:
        """What holds whenever a cycle has ended, well or not."""
        for vendor in self.world.vendors.values():
            self.claim(vendor.counters.notifications == 0, f"{vendor.name}: clients were mailed")
            for who in {owner for (name, _), owner in self.register.owner.items() if name == vendor.name}:
                live, most = self.register.live_at(who, vendor.name), self.register.most_of(who)
                if len(live) > most:  # of two lost creates either may be linked: a person is asked about the other
                    asked = self._asked_about(vendor.name)
                    live = [entry for entry in live if entry.id not in asked]
                self.claim(len(live) <= most, f"{vendor.name} has #{who} {len(live)} times")
        if result is not None:
            self._note(result)
            for step in result.steps:
                self.claim("this is a bug" not in (step.error or ""), f"a bug in an operation: {step.error}")

    def _note(self, result: CycleResult) -> None:
        """A cycle that ended well has seen what its complete listings showed, but for what it could not read."""
        unread = {(one.vendor, one.remote_id) for one in result.quarantined}
        whole = {vendor.name for vendor in result.vendors if vendor.snapshot == "complete"}
        for deeds in self.register.deeds.values():
            for deed in deeds:
                if (deed.key, deed.name) in self.register.hidden_now or deed.key in unread:
                    continue
                began = result.started_at - self.world.step
                if deed.seen and not deed.noted and deed.key[0] in whole and deed.at <= began:
                    deed.noted_in = self.figures["cycles"]
        if whole == set(self.world.vendors):
            for key, shows in self.register.shows.items():
                self._tell(key, shows)

    def _tell(self, key: tuple[str, str], shows: dict[str, frozenset[Deed]]) -> None:
        """What a vendor shows as it was given counts as known there from now on: its next edit goes against nobody.

        Of what a vendor cannot hold it hears at its next listing: `Register.told`.
        """
        vendor = key[0]
        who = self.register.owner.get(key)
        entry = self.world.vendors[vendor].entries.get(key[1])
        if who is None or who in self.register.twins or entry is None:
            return
        shown = view(self.world.vendors[vendor], entry)
        for name, value in shown.items():
            for deed in self.register.deeds.get((who, name), ()):
                if not deed.noted or not deed.stands or name == "status" or name not in TAKES[vendor]:
                    continue
                if is_kept(self.world.vendors[vendor], name, value, deed.value):
                    shows[name] = shows.get(name, frozenset()) | {deed}

    # -- in the end ---------------------------------------------------------------------------------------------

    def at_rest(self, stage: str) -> None:
        """What holds when people and faults have left syncd alone for long enough."""
        self.register.at_rest()
        rest = Rest(self.world, self.register, self.cancel_wins, stage)
        self.violations += rest.violations()
        self.figures.update(rest.figures)

    def claim(self, holds: bool, sentence: str) -> None:
        """Remember what does not hold."""
        if not holds:
            self.violations.append(sentence)
