"""Mistakes that somebody could make in seeing and merging changes, and in the guard and the model that they use."""

from __future__ import annotations

from tests.planted.bug import Bug

_R = "tests/reconcile"

BUGS = (
    Bug(
        id="first-note-of-a-cancelled-record",
        says="A first note that a person left in a record right before it was cancelled stays there for good.",
        file="syncd/reconcile/standing.py",
        old="for name in record.shows - told if is_known(name, mapping)}",
        new="for name in mapping.shows & record.shows - told}",
        tests=(f"{_R}/test_revival.py",),
    ),
    Bug(
        id="called-off-unseen",
        says="A record that was missing when its appointment was called off undoes a later revival.",
        file="syncd/reconcile/standing.py",
        old="or (mapping.missing and not sight.readable):",
        new="or False:",
        tests=(f"{_R}/test_absence.py",),
    ),
    Bug(
        id="dropped-is-emptied",
        says="Notes that a vendor drops from a write that could not be read back are emptied everywhere.",
        file="syncd/reconcile/sight.py",
        old="if field in TEXTS and not shown:",
        new="if False:",
        tests=(f"{_R}/test_remembered.py",),
    ),
    Bug(
        id="rounded-is-put-back",
        says="A time that a vendor rounded is taken for a person's, where the record was written more often.",
        file="syncd/reconcile/sight.py",
        old="for field in mapping.pending_fields} | landed",
        new="for field in mapping.pending_fields}",
        tests=(f"{_R}/test_unsettled.py",),
    ),
    Bug(
        id="parts-of-a-client-compete",
        says="Of a client's new name and new phone number, entered at two vendors, one is lost.",
        file="syncd/reconcile/merge.py",
        old="if name is Field.CLIENTS and not alone:",
        new="if False and not alone:",
        tests=(f"{_R}/test_parts.py",),
    ),
    Bug(
        id="parts-of-another-client",
        says="A new client is given the phone number that somebody entered for the one before.",
        file="syncd/reconcile/carrying.py",
        old="old.name != new.name and old.emails != new.emails for",
        new="False for",
        tests=(f"{_R}/test_parts.py",),
    ),
    Bug(
        id="unseen-counts-as-settled",
        says="A cancellation of ours that shows late is taken for a person's, and undoes a revival.",
        file="syncd/reconcile/standing.py",
        old="unsettled = is_unsettled(mapping, record)",
        new="unsettled = False",
        tests=("tests/reconcile/test_remembered.py",),
    ),
    Bug(
        id="unlisted-is-deleted",
        says="A record that its vendor need not list (it left the window) is taken for deleted.",
        file="syncd/reconcile/sight.py",
        old="seen=Seen.UNSEEN if unreadable else Seen.OUTSIDE)",
        new="seen=Seen.UNSEEN if unreadable else Seen.GONE)",
        tests=(f"{_R}/test_absence.py",),
    ),
    Bug(
        id="doubt-is-deletion",
        says="A record that is missing without its vendor's word is cancelled everywhere.",
        file="syncd/reconcile/changes.py",
        old="case Seen.DOUBTFUL if not suppose:",
        new="case Seen.DOUBTFUL if suppose:",
        tests=(f"{_R}/test_absence.py",),
    ),
    Bug(
        id="lost-everything-believed",
        says="A vendor that suddenly has nothing any more cancels all its appointments at the others.",
        file="syncd/reconcile/sight.py",
        old="snapshot.listed == 0 and snapshot.expected > 0",
        new="snapshot.listed == 0 and snapshot.expected == 0",
        tests=(f"{_R}/test_absence.py::TestLostEverything",),
    ),
    Bug(
        id="stale-version-believed",
        says="A reading that is older than what syncd wrote undoes that write.",
        file="syncd/reconcile/sight.py",
        old="return record.version < mapping.version\n",
        new="return record.version > mapping.version\n",
        tests=(f"{_R}/test_writing.py::TestStale",),
    ),
    Bug(
        id="own-write-is-an-edit",
        says="What an unanswered write of syncd's own brought about is taken for somebody's change.",
        file="syncd/reconcile/sight.py",
        old="            sights.append(absorb(sight))",
        new="            sights.append(sight)",
        tests=(f"{_R}/test_writing.py::TestUnsettled",),
    ),
    Bug(
        id="newest-swapped",
        says="Of two changes the older one wins.",
        file="syncd/reconcile/merge.py",
        old="other.when.surely_before(change.when)",
        new="change.when.surely_before(other.when)",
        tests=(f"{_R}/test_merging.py",),
    ),
    Bug(
        id="overlap-decides",
        says="Of two changes whose times cannot be told apart, one is called the newer.",
        file="syncd/model/times.py",
        old="return self.latest < other.earliest",
        new="return self.latest < other.latest",
        tests=(f"{_R}/test_merging.py",),
    ),
    Bug(
        id="clock-offset-sign",
        says="A vendor whose clock is ahead is corrected the wrong way round, so that the older change wins.",
        file="syncd/reconcile/changes.py",
        old="modified - timedelta(seconds=snapshot.clock_offset or 0.0)",
        new="modified + timedelta(seconds=snapshot.clock_offset or 0.0)",
        tests=(f"{_R}/test_merging.py::test_a_vendors_clock_is_corrected",),
    ),
    Bug(
        id="priority-reversed",
        says="The vendor that is named last in the priority wins.",
        file="syncd/reconcile/merge.py",
        old="first = min(everyone,",
        new="first = max(everyone,",
        tests=(f"{_R}/test_merging.py",),
    ),
    Bug(
        id="conflict-not-recorded",
        says="The value that lost a conflict is found nowhere any more.",
        file="syncd/reconcile/merge.py",
        old="""\
        merged.conflicts.append(_conflict(appointment, name, values, winner, rule, text))
        merged.frozen |=""",
        new="""\
        merged.frozen |=""",
        tests=(f"{_R}/test_merging.py",),
    ),
    Bug(
        id="lost-value",
        says="A conflict is recorded with the winner's value alone.",
        file="syncd/reconcile/merge.py",
        old="values = {change.vendor: change.new for change in rivals}",
        new="values = {change.vendor: change.new for change in winning or rivals}",
        tests=(f"{_R}/test_merging.py",),
    ),
    Bug(
        id="cancelled-against-an-edit-unsaid",
        says="An edit that a cancellation overruled is not in the conflict record.",
        file="syncd/reconcile/merge.py",
        old="""\
        merged.conflicts.append(_conflict(appointment, name, values, winner, rule, text))
    if winner is None:""",
        new="""\
    if winner is None:""",
        tests=(f"{_R}/test_merging.py::TestCancelling",),
    ),
    Bug(
        id="manual-decides-itself",
        says="Under `manual` a field with a conflict is written again in the next cycle without anybody's decision.",
        file="syncd/reconcile/merge.py",
        old="merged.frozen |= set() if winner else {name}",
        new="merged.frozen |= set()",
        tests=(f"{_R}/test_manual.py",),
    ),
    Bug(
        id="end-from-another-vendor",
        says="A moved appointment has its start from one vendor and its end from another.",
        file="syncd/reconcile/carrying.py",
        old="    if change.field is not Field.CLIENTS or change.undelivered:\n        return change.new",
        new="""\
    if change.field is Field.SLOT:
        return replace(change.new, end=max(change.new.end, agreed.slot.end))
    if change.field is not Field.CLIENTS or change.undelivered:
        return change.new""",
        tests=(f"{_R}/test_slots.py",),
    ),
    Bug(
        id="poorest-change-counts",
        says="The end of an appointment follows a vendor that cannot choose it.",
        file="syncd/reconcile/carrying.py",
        old="lacks = 2 * (not able.sets_end) + able.whole_minutes",
        new="lacks = 2 * able.sets_end + able.whole_minutes",
        tests=(f"{_R}/test_parts.py",),
    ),
    Bug(
        id="unshown-parts-erased",
        says="A rename at a vendor that shows no telephone numbers erases them at the others.",
        file="syncd/reconcile/carrying.py",
        old="parts = _able(change, policy).client_parts",
        new="parts = _PARTS",
        tests=(f"{_R}/test_parts.py",),
    ),
    Bug(
        id="absent-vendor-overrules",
        says="A vendor that was away overrules what the others agreed on meanwhile, and nobody hears of it.",
        file="syncd/reconcile/changes.py",
        old="            if behind and origin.vendor != vendor and",
        new="            if not behind and origin.vendor != vendor and",
        tests=(f"{_R}/test_away.py",),
    ),
    Bug(
        id="tombstone-forgotten",
        says="A deleted record counts as there for ever, so that its appointment can never be booked there again.",
        file="syncd/reconcile/standing.py",
        old="pending=None, tombstone=sight.why\n",
        new="pending=None, tombstone=None\n",
        tests=(f"{_R}/test_absence.py",),
    ),
    Bug(
        id="replaced-record-returns",
        says="An old record that was replaced takes the place of the one that the vendor has now.",
        file="syncd/reconcile/sight.py",
        old="sight.record.content.status.live and known.at(mapping.vendor) is None:",
        new="sight.record.content.status.live:",
        tests=(f"{_R}/test_joining.py::TestReturns",),
    ),
    Bug(
        id="guard-either",
        says="The guard holds back every second cancellation of a small calendar.",
        file="syncd/model/policy.py",
        old="number > self.count and number * 100",
        new="number > self.count or number * 100",
        tests=(f"{_R}/test_guard.py",),
    ),
    Bug(
        id="guard-one-off",
        says="The guard's count is off by one.",
        file="syncd/model/policy.py",
        old="return number > self.count and",
        new="return number >= self.count and",
        tests=(f"{_R}/test_guard.py",),
    ),
    Bug(
        id="guard-percent-off",
        says="The guard's percentage is taken of the cycle's operations: eleven cancellations of thousands are held.",
        file="syncd/reconcile/guard.py",
        old="if limit.exceeded(len(some), live):",
        new="if limit.exceeded(len(some), len(operations)):",
        tests=(f"{_R}/test_guard.py",),
    ),
    Bug(
        id="held-forgotten",
        says="A held mass cancellation goes out in pieces, as soon as the cycle after has fewer of them.",
        file="syncd/reconcile/guard.py",
        old="""\
        for operation in operations:
            if operation.id in memory.held:
                reasons.setdefault(operation.id, "it was held before, and nobody has approved it")
""",
        new="",
        tests=(f"{_R}/test_guard.py", "tests/e2e/behaviour/test_guard.py"),
    ),
    Bug(
        id="held-applied",
        says="What the guard holds is carried out all the same.",
        file="syncd/reconcile/guard.py",
        old="go = [draft.operation for draft in drafts if draft.operation.id not in reasons]",
        new="go = [draft.operation for draft in drafts]",
        tests=(f"{_R}/test_guard.py",),
    ),
    Bug(
        id="quarantine-forgotten",
        says="What a vendor refused is sent to it again in every cycle.",
        file="syncd/reconcile/__init__.py",
        old="entry = quarantines.get((operation.vendor, operation.id))",
        new="entry = quarantines.get((operation.vendor, operation.appointment))",
        tests=(f"{_R}/test_names.py",),
    ),
)
