"""A record that is not there: deleted, doubtful, or just not seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.plan import Cancel, Create
from syncd.model.policy import Traits
from syncd.model.record import BadRow, Failed, NotPolled, Snapshot
from tests.reconcile.world import (
    ABLE,
    again,
    known,
    listing,
    mapping,
    only,
    origin,
    part,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

GONE = visit(status=Status.CANCELLED)
ONES = ("crm", "office", "site")
CRM_AS_BEFORE = listing("crm", unchanged={"1"})
OTHERS = [listing("office", unchanged={"1"}), listing("site", unchanged={"1"})]
TWO = rules("crm", "site")
TWO_OF_THREE = (mapping("crm"), mapping("office"))
EVERYWHERE = known(*(mapping(vendor) for vendor in ONES))


def without(**crm: object) -> Snapshot:
    """A listing of crm without the record, and with others, so that crm has not lost everything."""
    return listing("crm", unchanged={"2", "3"}, **crm)


def test_what_the_vendor_says_is_gone_is_cancelled() -> None:
    """The vendor's own word that a record does not exist ends the appointment everywhere, with that reason."""
    plan = plan_for([without(gone={"1"}), *OTHERS], EVERYWHERE)
    assert told(plan) == ["cancel office", "cancel site"]
    assert "crm deleted it between" in plan.operations[0].reason
    assert "crm says that it no longer exists" in plan.operations[0].reason
    [ended] = [m for m in only(plan).mappings if m.vendor == "crm"]
    assert ended.tombstone


@pytest.mark.parametrize(
    "snapshot",
    [
        Failed(vendor="crm", reason="crm does not answer"),
        NotPolled(vendor="crm"),
        part("crm"),
        without(),
        without(bad_rows=(BadRow(vendor="crm", remote_id="1", reason="30 February", fingerprint=b"x"),)),
        without(unread={"1": record("crm", whole=False)}),
        without(window=replace(listing("crm").window, until=slot(9).start)),
    ],
    ids=["failed", "not polled", "partial", "no evidence", "unreadable", "unread", "outside"],
)
def test_absence_is_not_deletion(snapshot: Snapshot) -> None:
    """Nothing but the vendor's own word cancels: not an outage, half a listing, a bad row, or another window."""
    plan = plan_for([snapshot, *OTHERS], EVERYWHERE)
    assert not plan.operations
    assert not plan.held
    assert only(plan).agreed == visit()


def test_a_doubtful_absence_is_held() -> None:
    """What would be cancelled if a missing record were deleted is shown and held; the agreed values stay."""
    plan = plan_for([without(doubtful={"1": "it gave no clear answer"}), *OTHERS], EVERYWHERE)
    assert not plan.operations
    assert [type(held.operation) for held in plan.held] == [Cancel, Cancel]
    assert plan.held[0].reason == (
        "it is missing at crm: it gave no clear answer; 'syncd approve' releases it, "
        "'syncd reject' takes back what led to it"
    )
    assert plan.held[0].missing_at == ("crm",)
    assert only(plan).agreed == visit()
    assert only(plan).needs_another_cycle


def test_approving_a_doubtful_absence_asks_the_vendor_first() -> None:
    """Even approved, a doubtful cancellation waits for the vendor's word; with it, the same operations go."""
    doubtful = plan_for([without(doubtful={"1": "no clear answer"}), *OTHERS], EVERYWHERE)
    approved = frozenset(held.operation.id for held in doubtful.held)
    still = plan_for([without(doubtful={"1": "no clear answer"}), *OTHERS], EVERYWHERE, approved=approved)
    assert {held.operation.id for held in still.held} == approved
    clear = plan_for([without(gone={"1"}), *OTHERS], EVERYWHERE, approved=approved)
    assert {operation.id for operation in clear.operations} == approved


def test_a_real_cancellation_is_not_held_for_a_doubtful_absence() -> None:
    """Cancelled by a person at one vendor, it is cancelled, whatever another vendor's listing lacks."""
    plan = plan_for(
        [without(doubtful={"1": "no clear answer"}), listing("office", record("office", GONE)), OTHERS[1]], EVERYWHERE
    )
    assert told(plan) == ["cancel site"]
    assert not plan.held


def test_what_is_doubtful_at_one_vendor_is_created_at_no_other() -> None:
    """While a record may have been deleted, it is created nowhere else."""
    before = known(mapping("crm"), mapping("office"))
    plan = plan_for([without(doubtful={"1": "no clear answer"}), OTHERS[0], listing("site")], before)
    assert not plan.operations
    assert plan.waiting == (
        "1 create(s) at site put off: it is missing at crm, which does not say that it was deleted",
    )


@pytest.mark.parametrize("snapshot", [Failed(vendor="crm", reason="crm does not answer"), NotPolled(vendor="crm")])
def test_the_doubt_outlives_a_listing_that_fails(snapshot: Snapshot) -> None:
    """Nothing is known of the record that was not known before; made elsewhere, it would be live again."""
    first = plan_for([without(doubtful={"1": "no clear answer"}), OTHERS[0], listing("site")], known(*TWO_OF_THREE))
    later = plan_for([snapshot, OTHERS[0], listing("site")], again(first))
    assert not later.operations
    assert later.waiting == (
        "1 create(s) at site put off: it is missing at crm, which does not say that it was deleted",
    )
    without_crm = plan_for([OTHERS[0], listing("site")], again(first), policy=rules("office", "site"))
    assert told(without_crm) == ["create site"]
    shown = plan_for([CRM_AS_BEFORE, OTHERS[0], listing("site")], again(later))
    assert told(shown) == ["create site"]
    gone = plan_for([without(gone={"1"}), OTHERS[0], listing("site")], again(later))
    assert told(gone) == ["cancel office"]


@pytest.mark.parametrize("older", [True, False])
def test_a_record_that_is_listed_is_in_doubt_no_more(older: bool) -> None:
    """Restored in an older state, or as a row that cannot be read, it is there: the create is made."""
    before = mapping("crm", revision=5)
    first = plan_for(
        [without(doubtful={"1": "no clear answer"}), OTHERS[0], listing("site")], known(before, mapping("office"))
    )
    seen: Snapshot = listing("crm", record("crm", revision=3), unchanged={"2"})
    if not older:
        seen = without(bad_rows=(BadRow(vendor="crm", remote_id="1", reason="30 February", fingerprint=b"x"),))
    later = plan_for([seen, OTHERS[0], listing("site")], again(first))
    assert told(later) == ["create site"]
    assert not any(one.missing for one in only(later).mappings)


def test_changes_elsewhere_go_on_while_a_record_is_doubtful() -> None:
    """A move reaches the vendors that show the record; the one that does not is left alone."""
    moved = listing("office", record("office", visit(slot=slot(15))))
    plan = plan_for([without(doubtful={"1": "no clear answer"}), moved, OTHERS[1]], EVERYWHERE)
    assert told(plan) == ["move site slot"]


class TestMissing:
    """A record that is missing without the vendor's own word, while others go on."""

    doubtful = without(doubtful={"1": "it gave no clear answer"})

    def test_it_is_remembered_since_when_it_is_missing(self) -> None:
        """Its last sighting is not the last listing, and stays so until it is seen again."""
        found = only(plan_for([self.doubtful, *OTHERS], EVERYWHERE))
        assert [m.missing for m in found.mappings if m.vendor == "crm"] == [True]
        seen = only(plan_for([CRM_AS_BEFORE, *OTHERS], replace(EVERYWHERE, mappings=found.mappings)))
        assert not any(m.missing for m in seen.mappings)

    def test_an_outage_in_between_does_not_change_that(self) -> None:
        """What is remembered of its absence holds until its vendor is read and shows it."""
        absent = mapping("crm", missing=True, lapsed=True)
        site = mapping("site")
        for crm, remembered in ((Failed(vendor="crm", reason="down"), True), (CRM_AS_BEFORE, False)):
            plan = plan_for([crm, OTHERS[1]], known(absent, site), policy=TWO)
            assert [(m.missing, m.lapsed) for m in only(plan).mappings if m.vendor == "crm"] == [(remembered,) * 2]

    def test_that_it_is_gone_undoes_no_later_revival(self) -> None:
        """Called off while it was missing and then scheduled again: its end was the one before, and it is made anew."""
        ended = plan_for([self.doubtful, listing("office", gone={"1"}), OTHERS[1]], EVERYWHERE)
        site = replace(mapping("site", GONE), acknowledged=GONE)
        lapsed = [m for m in only(ended).mappings if m.vendor == "crm"]
        revived = plan_for(
            [self.doubtful, listing("site", record("site", visit()))], known(*lapsed, site, agreed=GONE), policy=TWO
        )
        assert only(revived).agreed.status is Status.SCHEDULED
        before = known(*only(revived).mappings, agreed=visit())
        plan = plan_for([without(gone={"1"}), OTHERS[1]], before, policy=TWO)
        assert told(plan) == ["create crm"]
        assert not plan.conflicts

    def test_nor_where_its_vendor_could_not_be_read_when_it_was_called_off(self) -> None:
        """Missing first; called off elsewhere while its vendor was down; scheduled again, and then it is gone."""
        found = only(plan_for([self.doubtful, *OTHERS], EVERYWHERE))
        down = Failed(vendor="crm", reason="down")
        before = replace(EVERYWHERE, mappings=found.mappings)
        ended = only(plan_for([down, listing("office", gone={"1"}), OTHERS[1]], before))
        absent = [m for m in ended.mappings if m.vendor == "crm"]
        plan = plan_for([without(gone={"1"}), OTHERS[1]], known(*absent, mapping("site"), agreed=visit()), policy=TWO)
        assert told(plan) == ["create crm"]

    def test_that_it_is_gone_is_news_where_it_was_not_called_off_meanwhile(self) -> None:
        """Missing first and deleted by the vendor's word later, it is cancelled elsewhere."""
        found = only(plan_for([self.doubtful, *OTHERS], EVERYWHERE))
        plan = plan_for([without(gone={"1"}), *OTHERS], replace(EVERYWHERE, mappings=found.mappings))
        assert told(plan) == ["cancel office", "cancel site"]

    def test_what_was_revived_meanwhile_is_made_elsewhere_and_held_where_it_is_missing(self) -> None:
        """Its absence says nothing any more: no other waits for it, and an operator says whether it is gone."""
        site, office = mapping("site", visit()), replace(mapping("office", GONE), tombstone="deleted")
        before = known(replace(mapping("crm"), missing=True, lapsed=True), site, office, agreed=visit())
        plan = plan_for([self.doubtful, listing("site", unchanged={"1"}), listing("office", unchanged={"2"})], before)
        assert told(plan) == ["create office"]
        [held] = plan.held
        assert (held.operation.vendor, held.operation.action, held.doubtful) == ("crm", "create", True)
        assert "it is missing at crm" in held.reason

    def test_what_could_not_be_made_anew_where_it_is_missing_is_said(self) -> None:
        """Nothing is held then, so that nobody would hear that it is not there."""
        site = mapping("site", visit())
        before = known(replace(mapping("crm"), missing=True, lapsed=True), site, agreed=visit())
        able = replace(ABLE["crm"], objection=lambda _: "no service fits")
        policy = rules(Traits(name="crm", capabilities=able), "site")
        plan = plan_for([self.doubtful, listing("site", unchanged={"1"})], before, policy=policy)
        assert (told(plan), plan.held) == ([], ())
        assert [(entry.vendor, entry.reason) for entry in plan.quarantined] == [("crm", "no service fits")]

    def test_seen_again_it_is_cancelled_as_the_others_were(self) -> None:
        """It was only hidden: called off while it was, it is called off there too."""
        ended = only(plan_for([self.doubtful, listing("office", gone={"1"}), OTHERS[1]], EVERYWHERE))
        crm = [m for m in ended.mappings if m.vendor == "crm"]
        plan = plan_for([CRM_AS_BEFORE, OTHERS[1]], known(*crm, mapping("site", GONE), agreed=GONE), policy=TWO)
        assert told(plan) == ["cancel crm"]
        assert not any(m.lapsed for m in only(plan).mappings)


class TestLostEverything:
    """A vendor that should list something lists nothing at all."""

    empty = listing("crm", gone={"1"}, expected=5)

    def test_what_follows_is_held(self) -> None:
        """Even with the vendor's word for each record, the cancellations are held."""
        plan = plan_for([self.empty, *OTHERS], EVERYWHERE)
        assert not plan.operations
        assert len(plan.held) == 2
        assert "crm lists nothing at all any more" in plan.held[0].reason

    def test_it_stays_held(self) -> None:
        """The cycles after that forget nothing: as long as nobody approves, nothing is cancelled."""
        plan = plan_for([self.empty, *OTHERS], EVERYWHERE)
        following = plan_for([self.empty, *OTHERS], again(plan))
        assert not following.operations
        assert [h.operation.id for h in following.held] == [h.operation.id for h in plan.held]

    def test_approved_it_goes(self) -> None:
        """All of an appointment's cancellations approved, they are carried out."""
        held = plan_for([self.empty, *OTHERS], EVERYWHERE).held
        approved = frozenset(h.operation.id for h in held)
        plan = plan_for([self.empty, *OTHERS], EVERYWHERE, approved=approved)
        assert {operation.id for operation in plan.operations} == approved
        some = plan_for([self.empty, *OTHERS], EVERYWHERE, approved=frozenset(sorted(approved)[:1]))
        assert not some.operations

    def test_what_would_be_made_anew_there_is_held_too(self) -> None:
        """Without cancel_wins a later move stands, and the record would be made again at a vendor that may have it."""
        before = known(mapping("crm"), mapping("site", known_at=listing("crm").ended_at))
        empty = listing("crm", gone={"1"}, expected=5, ended_at=listing("crm").started_at)
        snapshots = [empty, listing("site", record("site", visit(slot=slot(15))))]
        policy = rules("crm", "site", cancel_wins=False)
        plan = plan_for(snapshots, before, policy=policy)
        assert not plan.operations
        assert [type(held.operation) for held in plan.held] == [Create]
        approved = frozenset(held.operation.id for held in plan.held)
        assert told(plan_for(snapshots, before, policy=policy, approved=approved)) == ["create crm"]

    def test_it_was_nothing(self) -> None:
        """When the vendor lists its records again, nothing is left to do."""
        plan = plan_for([self.empty, *OTHERS], EVERYWHERE)
        back = plan_for([listing("crm", unchanged={"1"}), *OTHERS], again(plan))
        assert not back.operations
        assert not back.held

    def test_an_empty_vendor_has_lost_nothing(self) -> None:
        """A vendor of which nothing is expected in the window may be empty."""
        plan = plan_for([listing("crm", gone={"1"}, expected=0), *OTHERS], EVERYWHERE)
        assert told(plan) == ["cancel office", "cancel site"]


class TestTombstones:
    """A record that was gone."""

    ended = known(
        mapping("crm", GONE, tombstone="crm says that it no longer exists"),
        mapping("office", GONE),
        mapping("site", GONE),
        agreed=GONE,
        provenance={Field.STATUS: origin("crm")},
    )

    def test_it_is_not_created_again(self) -> None:
        """An ended appointment stays ended."""
        plan = plan_for([without(), *OTHERS], self.ended)
        assert not plan.operations

    def test_it_comes_back_with_its_record(self) -> None:
        """A record that is back, live, brings its appointment back."""
        plan = plan_for([listing("crm", record("crm")), *OTHERS], self.ended, policy=rules(*ONES))
        assert told(plan) == ["create office", "update site status"]
        assert "crm scheduled it again" in plan.operations[1].reason
        assert [m.tombstone for m in only(plan).mappings if m.vendor == "crm"] == [None]

    def test_it_has_no_fingerprint_by_which_its_return_could_be_missed(self) -> None:
        """A record that comes back exactly as it was is looked at anew."""
        before = known(mapping("crm", fingerprint=b"as it was"), mapping("office"))
        plan = plan_for([without(gone={"1"}), OTHERS[0]], before)
        assert [m.fingerprint for m in only(plan).mappings if m.vendor == "crm"] == [None]

    def test_a_cancelled_record_that_is_back_changes_nothing(self) -> None:
        """A record that is back, cancelled, is as good as gone."""
        plan = plan_for([listing("crm", record("crm", GONE)), *OTHERS], self.ended)
        assert not plan.operations

    def test_ids_of_different_vendors_are_not_mixed_up(self) -> None:
        """A tombstone survives a current record of the same id at another vendor."""
        plan = plan_for([without(), *OTHERS], self.ended)
        assert len(only(plan).mappings) == 3

    def test_the_old_record_of_a_replaced_one_stays_out(self) -> None:
        """Where a new record has taken its place, the old one is not taken back, even if somebody revives it."""
        before = known(mapping("crm"), mapping("office", GONE, "1", tombstone="replaced"), mapping("office", None, "2"))
        plan = plan_for([CRM_AS_BEFORE, listing("office", record("office"), unchanged={"2"})], before)
        assert not plan.operations
        assert {m.remote_id for m in only(plan).mappings if m.tombstone is None and m.vendor == "office"} == {"2"}


@pytest.mark.parametrize("content", [visit(slot=slot(day=-3)), visit(slot=slot(day=91))], ids=["past", "far"])
def test_leaving_the_window_neither_cancels_nor_creates(content: Appointment) -> None:
    """An appointment that no listing reaches any more is left as it is, also where it is lacking."""
    before = known(mapping("crm", content), mapping("office", content))
    plan = plan_for([listing("crm", unchanged={"2"}), listing("office", unchanged={"2"}), listing("site")], before)
    assert not plan.operations
    assert not plan.held


def test_moved_out_of_the_window_it_is_moved_elsewhere_too() -> None:
    """A record that a vendor shows by id, at a start beyond the window, has moved like any other."""
    far = visit(slot=slot(day=120))
    plan = plan_for([listing("crm", record("crm", far), unchanged={"2"}), *OTHERS], EVERYWHERE)
    assert told(plan) == ["move office slot", "move site slot"]


def test_a_record_outside_a_listing_can_be_written() -> None:
    """Moved into the window at one vendor, it is moved at another, whose record no listing has reached yet."""
    far = visit(slot=slot(day=120))
    before = known(mapping("crm", far), mapping("office", far))
    plan = plan_for([listing("crm", record("crm")), listing("office", unchanged={"2"})], before)
    assert told(plan) == ["move office slot"]
    assert plan.operations[0].expected is None


def test_a_vendor_that_cannot_be_read_is_not_written() -> None:
    """What changed elsewhere waits until the vendor answers; the appointment stays open until then."""
    moved = listing("office", record("office", visit(slot=slot(15))))
    plan = plan_for([Failed(vendor="crm", reason="down"), moved, OTHERS[1]], EVERYWHERE)
    assert told(plan) == ["move site slot"]
    assert only(plan).needs_another_cycle


def test_deleted_against_a_later_change_it_is_made_anew() -> None:
    """Without cancel_wins, a later move stands against a deletion: the record is made again where it was deleted."""
    before = known(mapping("crm"), mapping("site", known_at=listing("crm").ended_at))
    gone = without(gone={"1"}, ended_at=listing("crm").started_at)
    plan = plan_for(
        [gone, listing("site", record("site", visit(slot=slot(15))))],
        before,
        policy=rules("crm", "site", cancel_wins=False),
    )
    assert told(plan) == ["create crm"]
    assert plan.operations[0].target.slot == slot(15)
