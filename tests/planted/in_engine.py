"""Mistakes that somebody could make where decisions meet the vendors: `syncd/engine`."""

from __future__ import annotations

from tests.planted.bug import Bug

_E = "tests/e2e/behaviour"
_DELETION = f"{_E}/test_deletion.py"
_LOST = f"{_E}/test_lost_creates.py"
_STALE = f"{_E}/test_stale.py"

BUGS = (
    Bug(
        id="listed-and-not-found-is-gone",
        says="A vendor that lists an appointment and does not find it right before a write cancels it at all others.",
        file="syncd/engine/again.py",
        old="gone=gone - earlier.records.keys() - earlier.unchanged,",
        new="gone=gone,",
        tests=(_DELETION,),
    ),
    Bug(
        id="doubt-asks-nobody",
        says="A record that is missing, against a change about which a person must decide, is told to nobody.",
        file="syncd/reconcile/__init__.py",
        old="        conflicts += asked\n",
        new="        assert asked is not None\n",
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="lone-change-decides",
        says="Of two times about which a person is asked, one is written while the vendor of the other is away.",
        file="syncd/reconcile/standing.py",
        old="for name, vendors in known.undecided.items() if vendors & unseen)",
        new="for name, vendors in known.undecided.items() if not vendors)",
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="overtaken-conflict-stays",
        says="A conflict in which a vendor has a part that is configured no more stays open for ever.",
        file="syncd/engine/conflicts.py",
        old="if (old.appointment_id, old.field) in fields:",
        new="if False:",
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="ended-conflict-stays",
        says="A conflict that people ended themselves can still be decided, and writes over what they agreed on.",
        file="syncd/engine/conflicts.py",
        old="elif Field(old.field) not in undecided.get",
        new="elif None in undecided.get",
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="decision-empties-phone-numbers",
        says="To decide for the name that a vendor without phone numbers gave empties the number everywhere else.",
        file="syncd/engine/desk.py",
        old="        value = chosen(shown, value, known.agreed.clients)\n",
        new="        assert shown is not None\n",
        tests=("tests/e2e/cli/test_conflicts.py",),
    ),
    Bug(
        id="decision-revives",
        says="To decide which of two times was right brings an appointment back that was called off meanwhile.",
        file="syncd/engine/desk.py",
        old="    agreed = known.agreed.with_values({name: value})\n",
        new=(
            "    agreed = known.agreed.with_values({name: value})\n"
            "    if name is not Field.STATUS and not agreed.status.live:\n"
            "        agreed = agreed.with_values({Field.STATUS: Status.SCHEDULED})\n"
        ),
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="moved-over-with-a-revival",
        says="A length that somebody gave a record right before it was cancelled is written over when it is revived.",
        file="syncd/engine/aftermath.py",
        old="if expected is None or mapping is None or not expected.content.status.live:",
        new="if expected is None or mapping is None:",
        tests=(f"{_E}/test_quicker.py",),
    ),
    Bug(
        id="written-over-with-a-revival",
        says="A name that was typed in right before a cancellation is written over when the appointment is revived.",
        file="syncd/engine/apply.py",
        old="told_first(before, operation, current)\n",
        new="operation\n",
        tests=(f"{_E}/test_quicker.py",),
    ),
    Bug(
        id="read-back-as-nobody",
        says="A vendor that shows no client for once costs the others the client's phone number later.",
        file="syncd/engine/aftermath.py",
        old="    told = told_by(kept)\n",
        new="    told = kept.shows\n",
        tests=(f"{_E}/test_lossy.py",),
    ),
    Bug(
        id="older-version-before-a-write",
        says="A revival that was cut off before it was sent is taken for one that a person undid, and cancelled.",
        file="syncd/engine/apply.py",
        old="        before = looked_at(before, current, frozenset(operation.changes))\n",
        new="",
        tests=("tests/e2e/behaviour/test_interrupted.py",),
    ),
    Bug(
        id="believed-but-not-shown",
        says="A note typed over one of ours that could not be read back stays at its vendor.",
        file="syncd/engine/aftermath.py",
        old="shows=before.shows | asked.keys(),",
        new="shows=before.shows,",
        tests=(f"{_E}/test_quicker.py",),
    ),
    Bug(
        id="row-forgotten",
        says="What a row of the list showed, and a reading by id did not, is written over and on no record.",
        file="syncd/engine/observe.py",
        old="replace(filled(answer, row), fingerprint=fingerprint, raw=None)",
        new="replace(answer, fingerprint=fingerprint, raw=None)",
        tests=(_STALE,),
    ),
    Bug(
        id="quarantined-under-another-name",
        says="What a vendor did not keep is written again in the next cycle, over whatever a person did there.",
        file="syncd/engine/refusals.py",
        old="if not same_at(name, operation.target, mapping.base, able)\n",
        new="if name\n",
        tests=(f"{_E}/test_unkept.py",),
    ),
    Bug(
        id="unsettled-not-looked-at",
        says="A revival right after a cancellation that was cut off is undone, although a version tells of it.",
        file="syncd/engine/ledger.py",
        old="looked_at_anew(vendor, entry, open_ones)",
        new="looked_at_anew(vendor, entry, ())",
        tests=("tests/e2e/behaviour/test_interrupted.py",),
    ),
    Bug(
        id="absence-not-asked",
        says="A record that a listing does not show is cancelled everywhere, without asking its vendor for it.",
        file="syncd/engine/observe.py",
        old="            await self._ask_for(listing, entry.remote_id, bases)",
        new="            listing.gone.add(entry.remote_id)",
        tests=(_DELETION,),
    ),
    Bug(
        id="no-answer-is-deletion",
        says="A record whose vendor gives no clear answer about it is cancelled everywhere.",
        file="syncd/engine/observe.py",
        old='listing.doubtful[remote_id] = f"asked for by id, it gave no clear answer ({error})"',
        new="listing.gone.add(remote_id)",
        tests=(_DELETION,),
    ),
    Bug(
        id="blind-vendor-believed",
        says="A vendor that says of everything that it does not exist cancels whatever its listing lacks.",
        file="syncd/engine/observe.py",
        old="elif await self._finds_what_exists(listing):",
        new="elif listing.finds is not False:",
        tests=(_DELETION,),
    ),
    Bug(
        id="blind-vendor-believed-in-the-middle",
        says="A vendor that finds nothing of what it has right before a write cancels an appointment at all others.",
        file="syncd/engine/again.py",
        old="if gone and not records:",
        new="if gone and not mappings:",
        tests=(_DELETION,),
    ),
    Bug(
        id="empty-calendar-asked",
        says="A small calendar that is suddenly empty is asked for record by record.",
        file="syncd/engine/observe.py",
        old="suspicious = listing.present == 0 or limit",
        new="suspicious = listing.present == 0 and limit",
        tests=(f"{_E}/test_guard.py::test_a_small_calendar_that_is_suddenly_empty_cancels_nothing_either",),
    ),
    Bug(
        id="partial-is-complete",
        says="A listing that broke off is taken for the whole: what it lacks is created again.",
        file="syncd/engine/listing.py",
        old="    if listing.failure is not None:\n        return Partial(",
        new="    if listing.failure is not None and not listing.listed:\n        return Partial(",
        tests=(f"{_E}/test_outage.py::test_half_a_listing_cancels_and_creates_nothing",),
    ),
    Bug(
        id="partial-lacks-records",
        says="What a broken-off listing does not show is taken for missing.",
        file="syncd/engine/observe.py",
        old="        if listing.failure is None:\n            await self._look_for_missing",
        new="        if listing.any_page:\n            await self._look_for_missing",
        tests=(f"{_E}/test_outage.py::test_half_a_listing_asks_for_nothing_and_concludes_nothing",),
    ),
    Bug(
        id="fingerprint-compared-wrongly",
        says="Changes of records are never noticed.",
        file="syncd/engine/listing.py",
        old="else entry.fingerprint == row.fingerprint:",
        new="else entry.fingerprint is not None:",
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="earlier-row-counts",
        says="Of a record that comes twice in a listing, what it was before counts.",
        file="syncd/engine/listing.py",
        old="        listing.rows[key] = row\n        listing.unchanged.discard(key)",
        new="        listing.rows.setdefault(key, row)",
        tests=(f"{_E}/test_shifting_pages.py",),
    ),
    Bug(
        id="listed-when-it-ended",
        says="An edit made during a long listing counts as newer than what somebody did after it, and wins.",
        file="syncd/engine/rows.py",
        old="started_at=snapshot.started_at.timestamp(),",
        new="started_at=snapshot.ended_at.timestamp(),",
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="unlinked-for-ever",
        says="A client who is corrected where no list shows it does not settle which of two records is meant.",
        file="syncd/engine/listing.py",
        old="return record if listing.started_at - read_at < _STILL_KNOWN else None",
        new="return record",
        tests=("tests/e2e/scale/test_idle.py",),
    ),
    Bug(
        id="read-back-skipped",
        says="The base is what syncd sent: what the vendor made of it looks like somebody's edit in the next cycle.",
        file="syncd/engine/aftermath.py",
        old="taken = {name: kept.content.get(name) for name in fields & told}",
        new="taken = {name: operation.target.get(name) for name in fields & told}",
        tests=(f"{_E}/test_lossy.py",),
    ),
    Bug(
        id="created-as-sent",
        says="The base of a new record is what syncd sent, and not what the vendor made of it.",
        file="syncd/engine/aftermath.py",
        old="base=base.with_values(edited_since(kept, answer, target, ALL_FIELDS)),",
        new="base=target,",
        tests=(f"{_E}/test_lossy.py",),
    ),
    Bug(
        id="typed-in-taken-for-ours",
        says="A phone number that a person typed in right after a write is lost with the next write.",
        file="syncd/engine/aftermath.py",
        old="if name is Field.CLIENTS and _gained(said.clients,",
        new="if False and _gained(said.clients,",
        tests=(f"{_E}/test_quicker.py",),
    ),
    Bug(
        id="accepted-as-shown",
        says="A value that a vendor rounded is written to it again and again.",
        file="syncd/engine/aftermath.py",
        old="accepted=before.accepted.with_values(done),",
        new="accepted=before.accepted.with_values(taken),",
        tests=(f"{_E}/test_lossy.py",),
    ),
    Bug(
        id="whole-record-taken-over",
        says="A person's edit of another field, made while syncd wrote, is never seen by anybody.",
        file="syncd/engine/aftermath.py",
        old="        base=before.base.with_values(taken),",
        new="        base=shown_over(before.base, kept),",
        tests=(_STALE,),
    ),
    Bug(
        id="not-kept-unnoticed",
        says="A vendor that says that it moved an appointment, and did not, is believed.",
        file="syncd/engine/aftermath.py",
        old="if not rounded(kept.slot, target.slot) and (ignored or off >= ROUNDING):",
        new="if not rounded(kept.slot, target.slot) and ignored and off >= 2 * ROUNDING:",
        tests=(f"{_E}/test_unkept.py",),
    ),
    Bug(
        id="stale-read-back-believed",
        says="A reading from before syncd's own write counts as what became of it.",
        file="syncd/engine/looking.py",
        old="isinstance(kept, Record) and untouched(kept, before, operation):",
        new="isinstance(kept, Record) and not kept.shows:",
        tests=(f"{_STALE}::test_a_stale_read_back_is_no_broken_promise",),
    ),
    Bug(
        id="older-than-the-answer-believed",
        says="A vendor that goes on showing the old record for some minutes undoes a move everywhere.",
        file="syncd/engine/looking.py",
        old="if isinstance(kept, Record) and older(kept, answer.record):",
        new="if kept is None and answer.record:",
        tests=(_STALE,),
    ),
    Bug(
        id="not-looked-before-writing",
        says="A write goes over a change that a person made since the listing.",
        file="syncd/engine/apply.py",
        old="        if moved:\n            what",
        new="        if moved and current.version is not None:\n            what",
        tests=(_STALE,),
    ),
    Bug(
        id="stale-not-merged-again",
        says="A record that was moved under a plan is left behind until the next cycle, without being merged again.",
        file="syncd/engine/cycle.py",
        old="if r.outcome is Outcome.STALE}",
        new="if r.outcome is Outcome.FAILED}",
        tests=(_STALE,),
    ),
    Bug(
        id="merged-for-ever",
        says="A record that people keep changing keeps a cycle from ending.",
        file="syncd/engine/cycle.py",
        old="            rounds -= 1\n",
        new="",
        tests=(f"{_STALE}::test_a_record_that_people_keep_editing_is_given_up_for_this_cycle",),
    ),
    Bug(
        id="held-carried-out-in-the-middle",
        says="A cancellation that comes while syncd writes goes past the guard.",
        file="syncd/engine/again.py",
        old="await applier.carry_out(plan.operations)",
        new="await applier.carry_out((*plan.operations, *(entry.operation for entry in plan.held)))",
        tests=(f"{_E}/test_guard.py",),
    ),
    Bug(
        id="create-not-journalled-first",
        says="A create that a power cut interrupts leaves no trace, and is made twice.",
        file="syncd/engine/apply.py",
        old="""\
        entry = await self.ledger.intend(self.cycle, operation, token)
        answer = await self._send(vendor.create(operation.target, token, operation.replaces), operation, entry)""",
        new="""\
        written = await vendor.create(operation.target, token, operation.replaces)
        entry = await self.ledger.intend(self.cycle, operation, token)
        answer = await self._send(asyncio.sleep(0, written), operation, entry)""",
        tests=(f"{_E}/test_interrupted.py",),
    ),
    Bug(
        id="change-not-journalled-first",
        says="What a write did that a power cut interrupted is taken for a person's change.",
        file="syncd/engine/apply.py",
        old="""\
        entry = await self.ledger.intend(self.cycle, operation, self.token(), before, owed)
        result = await self._written(vendor, planned, operation, before, current, entry)
""",
        new="""\
        if isinstance(operation, Cancel):
            await vendor.cancel(current)
        else:
            await vendor.write(current, operation.target, frozenset(operation.changes))
        entry = await self.ledger.intend(self.cycle, operation, self.token(), before, owed)
        result = await self._written(vendor, planned, operation, before, current, entry)
""",
        tests=(f"{_E}/test_interrupted.py",),
    ),
    Bug(
        id="unknown-settled-as-failed",
        says="A create whose answer was lost counts as not done, and is sent again.",
        file="syncd/engine/apply.py",
        old='await self._settle(operation, entry, "unknown", error=answer.reason)',
        new='await self._settle(operation, entry, "failed", error=answer.reason)',
        tests=(f"{_LOST}::test_a_lost_create_that_carries_syncds_mark_is_known_wherever_it_was_moved",),
    ),
    Bug(
        id="settled-before-the-look",
        says="A create is settled before its record is linked: a power cut in between leaves it to be found by chance.",
        file="syncd/engine/ledger.py",
        old="""\
            rows = [mapping_row(owner, mapping) for owner, mapping in settlement.others]""",
        new="""\
        with self.store.write() as tx:
            rows = [mapping_row(owner, mapping) for owner, mapping in settlement.others]""",
        tests=(f"{_E}/test_interrupted.py",),
    ),
    Bug(
        id="mapping-not-settled",
        says="What became of a record is not remembered: syncd's own write comes back as a person's.",
        file="syncd/engine/ledger.py",
        old="            if rows:\n                tx.upsert_mappings(rows)",
        new="            if len(rows) > 1:\n                tx.upsert_mappings(rows)",
        tests=(f"{_E}/test_idle.py", _LOST),
    ),
    Bug(
        id="unsettled-never-closed",
        says="A create that was looked for and not found waits for ever.",
        file="syncd/engine/ledger.py",
        old="if row.id in settled or mapped:",
        new="if mapped:",
        tests=(f"{_LOST}::test_a_lost_create_is_settled_in_the_end",),
    ),
    Bug(
        id="quarantine-ends-unseen",
        says="A refusal is forgotten whenever its vendor cannot be listed, and tried again after each outage.",
        file="syncd/engine/ledger.py",
        old="if again and complete and (old.vendor, old.key) not in current:",
        new="if again and (old.vendor, old.key) not in current:",
        tests=(f"{_E}/test_quarantine.py::test_an_outage_releases_nothing",),
    ),
    Bug(
        id="conflicts-not-stored",
        says="A conflict that waits for a decision cannot be found by the operator.",
        file="syncd/engine/conflicts.py",
        old="for conflict in plan.conflicts]",
        new="for conflict in plan.conflicts if conflict.winner]",
        tests=(f"{_E}/test_conflicts.py",),
    ),
    Bug(
        id="decision-overrun",
        says="An operator's decision about a conflict is undone by the cycle that ran at that moment.",
        file="syncd/engine/ledger.py",
        old="if tx.get_meta(DECISION) != self._decision:",
        new="if self._decision and tx.get_meta(DECISION) != self._decision:",
        tests=("tests/e2e/cli/test_any_moment.py::test_a_decision_about_a_conflict_counts_whenever_it_comes",),
    ),
    Bug(
        id="pending-forgotten",
        says="A write that a vendor could not take today is never tried again.",
        file="syncd/engine/rows.py",
        old="pending=outlook.pending or working,",
        new="pending=False,",
        tests=(f"{_E}/test_outage.py",),
    ),
    Bug(
        id="dry-run-remembers",
        says="A dry run changes what syncd remembers.",
        file="syncd/engine/cycle.py",
        old="""\
        if not dry_run:
            await self.ledger.start(run.id, run.started_at)
            await self._make_up(run)
        observed, planned = await self._plan(run, due)
        plan = planned
        results: dict[str, StepResult] = {}
""",
        new="""\
        if not dry_run:
            await self.ledger.start(run.id, run.started_at)
            await self._make_up(run)
        observed, planned = await self._plan(run, due)
        plan = planned
        results: dict[str, StepResult] = {}
        await self.ledger.begin(run.id, plan, observed.snapshots, observed.memory, planned)
""",
        tests=(f"{_E}/test_quarantine.py::test_a_dry_run_remembers_nothing",),
    ),
    Bug(
        id="dry-run-writes",
        says="A dry run carries the plan out.",
        file="syncd/engine/cycle.py",
        old="        if not dry_run:\n            plan = _restricted(planned, only)",
        new="        if not dry_run or planned.operations:\n            plan = _restricted(planned, only)",
        tests=(f"{_E}/test_quarantine.py::test_a_dry_run_shows_what_the_next_run_does_and_writes_nothing",),
    ),
    Bug(
        id="other-plan-applied",
        says="`syncd apply PLAN` carries out what nobody has read.",
        file="syncd/engine/cycle.py",
        old="if o.id in chosen or isinstance(o, Adopt))",
        new="if chosen or isinstance(o, Adopt))",
        tests=("tests/e2e/cli/test_plans.py::test_apply_carries_out_exactly_the_plan",),
    ),
    Bug(
        id="joined-is-new",
        says="A booking that a group service put into another client's appointment takes that record over.",
        file="syncd/engine/apply.py",
        old="        if host is not None and host.stands:",
        new="        if host is not None and host.owner == operation.appointment:",
        tests=(f"{_E}/test_matching.py",),
    ),
    Bug(
        id="wrong-key-keeps-writing",
        says="A vendor that no longer accepts the key is sent every other operation of the cycle too.",
        file="syncd/engine/apply.py",
        old="        if vendor.name in self.shut and not",
        new="        if operation.id in self.shut and not",
        tests=(f"{_E}/test_outage.py::test_a_vendor_that_accepts_the_key_no_more_is_sent_no_further_write",),
    ),
    Bug(
        id="cached-row-believed",
        says="A listing out of a cache, from before our own write, moves everybody back.",
        file="syncd/engine/listing.py",
        old="if mapping is not None and may_lag(record, mapping, listing.vendor.capabilities):",
        new="if mapping is not None and mapping.tombstone is not None and record.content.status.live:",
        tests=(f"{_E}/test_cached.py",),
    ),
    Bug(
        id="old-row-counts-when-unread",
        says="An old listing moves everybody back whenever the vendor gives no answer by id.",
        file="syncd/engine/observe.py",
        old="if not known and (mapping is None or may_lag(row, mapping, able)):",
        new="if not known and mapping is None:",
        tests=(f"{_E}/test_cached.py",),
    ),
    Bug(
        id="damaged-name-is-somebody-new",
        says="An appointment is made twice, as the client's name came with half a character.",
        file="syncd/engine/damage.py",
        old="    if struck.isdisjoint(told_by | {Field.CLIENTS}):",
        new="    if struck.isdisjoint(told_by - {Field.CLIENTS}):",
        tests=(f"{_E}/test_damage.py",),
    ),
    Bug(
        id="refusal-not-kept",
        says="What a vendor refuses is sent to it again in every cycle, and is no quarantine.",
        file="syncd/engine/apply.py",
        old="            await self.ledger.quarantine(self.cycle, quarantine)\n",
        new="",
        tests=(f"{_E}/test_quarantine.py",),
    ),
    Bug(
        id="failure-is-success",
        says="A cycle in which an answer was lost ends with 0, and cron stays silent.",
        file="syncd/engine/result.py",
        old="bad = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.STALE)",
        new="bad = (Outcome.FAILED, Outcome.STALE)",
        tests=(_LOST,),
    ),
    Bug(
        id="aside-is-a-hole",
        says="A record in a calendar that is not synced makes the listing count as incomplete, for weeks.",
        file="syncd/engine/observe.py",
        old="content.slot.start in listing.window and lists(content):",
        new="content.slot.start in listing.window:",
        tests=("tests/e2e/behaviour/test_out_of_sight.py",),
    ),
    Bug(
        id="aside-is-looked-at",
        says="A listing that leaves a record out counts as a look at it: its change is taken for a new one.",
        file="syncd/engine/rows.py",
        old="not (base.missing or base.aside)",
        new="not base.missing",
        tests=("tests/e2e/behaviour/test_out_of_sight.py",),
    ),
    Bug(
        id="untold-client-is-none",
        says="An appointment whose client the key may not read is made everywhere with the stand-in.",
        file="syncd/engine/observe.py",
        old="        set_aside(listing)\n",
        new="",
        tests=(f"{_E}/test_clients_by_id.py",),
    ),
    Bug(
        id="made-without-a-client-had-one",
        says="A client whom a person names at the CRM, without a phone number, loses it everywhere.",
        file="syncd/engine/aftermath.py",
        old="    if Field.CLIENTS not in given:",
        new="    if Field.CLIENTS in given:",
        tests=(f"{_E}/test_clients_by_id.py",),
    ),
    Bug(
        id="ascending-creates",
        says="At a site whose grid begins anew after each appointment, half of a first run's creates are refused.",
        file="syncd/engine/lanes.py",
        old="-one.target.slot.start.timestamp()",
        new="one.target.slot.start.timestamp()",
        tests=(f"{_E}/test_grid.py",),
    ),
    Bug(
        id="created-before-moved",
        says="An appointment is refused because the one in its place is moved away after it, in the same cycle.",
        file="syncd/engine/lanes.py",
        old="    return [*(one for one in given if not isinstance(one, Create)), *creates]",
        new="    return [*creates, *(one for one in given if not isinstance(one, Create))]",
        tests=(f"{_E}/test_grid.py",),
    ),
    Bug(
        id="owed-after-the-write",
        says="A write that a power cut interrupts ends an appointment's reminders for good.",
        file="syncd/engine/ledger.py",
        old="                if owed and operation.remote_id is not None:",
        new="                if owed and operation.remote_id is None:",
        tests=(f"{_E}/test_reminders.py",),
    ),
    Bug(
        id="owed-forgotten-too-soon",
        says="A write without an answer that lands late ends an appointment's reminders.",
        file="syncd/engine/debts.py",
        old=" and (vendor, remote_id) not in open_ones:",
        new=":",
        tests=(f"{_E}/test_reminders.py",),
    ),
    Bug(
        id="joined-cancelled-is-left",
        says="An appointment that took a cancelled record over is quarantined, and its later moves reach nobody there.",
        file="syncd/engine/joining.py",
        old="mapping.base.status is not Status.CANCELLED",
        new="mapping.remote_id",
        tests=(f"{_E}/test_takeover.py",),
    ),
    Bug(
        id="anothers-notes",
        says="Notes about the client who was there before are copied to the appointment that took the record over.",
        file="syncd/engine/apply.py",
        old="            mapping = taken_over(mapping, kept)",
        new="            pass",
        tests=(f"{_E}/test_takeover.py",),
    ),
)
