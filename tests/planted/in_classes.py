"""Mistakes that somebody could make about classes: who is in which, and what is written for them."""

from __future__ import annotations

from tests.planted.bug import Bug

_BUNDLES, _CLASSES = "tests/reconcile/test_bundles.py", "tests/e2e/behaviour/test_classes.py"
_READING, _WRITING = "syncd/vendors/classes/reading.py", "syncd/vendors/classes/writing.py"

BUGS = (
    Bug(
        id="who-left-a-class-is-in-it",
        says="One participant who moves herself to another time stays in the class that she left.",
        file="syncd/compare/bundles.py",
        old="        return [*(self.there or self.taken), *(",
        new="        return [*self.taken, *(",
        tests=(_BUNDLES,),
    ),
    Bug(
        id="scattered-class-is-guessed",
        says="A class whose participants are at several times is taken for moved to one of them.",
        file="syncd/compare/bundles.py",
        old="        return self.moved and len({(place.staff, place.start) for place in self.now}) > 1\n",
        new="        return self.moved and len(self.now) > len(self.taken)\n",
        tests=(_BUNDLES,),
    ),
    Bug(
        id="scattered-class-is-called-off",
        says="A class whose participants are at several times is cancelled everywhere, and nobody is asked.",
        file="syncd/reconcile/diff/observation.py",
        old="    if isinstance(snapshot, Complete | Partial) and mapping.remote_id in snapshot.unbelieved:\n",
        new="    if isinstance(snapshot, Partial) and mapping.remote_id in snapshot.unbelieved:\n",
        tests=(f"{_CLASSES}::test_where_a_class_is_that_is_at_several_times_is_asked",),
    ),
    Bug(
        id="notes-of-one-are-everybodys",
        says="What one participant of a class wrote is written into the records of the others.",
        file="syncd/compare/bundles.py",
        old="_EACH_ITS_OWN = frozenset({Field.TITLE, Field.NOTES})\n",
        new="_EACH_ITS_OWN = frozenset({Field.TITLE})\n",
        tests=(_BUNDLES,),
    ),
    Bug(
        id="two-seats-double-her",
        says="A client with two records in one class is booked twice at every other vendor.",
        file="syncd/compare/bundles.py",
        old="        if not any(same_person(client, other) for other, _ in found):\n",
        new="        if client not in [other for other, other_key in found if other_key == key]:\n",
        tests=(_BUNDLES,),
    ),
    Bug(
        id="move-under-way-is-leaving",
        says="While a class is moved record by record, those who were not moved yet leave it, and are cancelled.",
        file="syncd/compare/bundles.py",
        old="            starts.add(asked.slot.start)\n",
        new="            starts.add(base.slot.start)\n",
        tests=(f"{_CLASSES}::test_a_move_that_broke_off_goes_on",),
    ),
    Bug(
        id="half-a-class-stays-moved",
        says="A class of which one record is refused the new time is left at two times, as if some had left it.",
        file=_WRITING,
        old="        for moved in after if fields & _MOVES else ():\n",
        new="        for moved in after[len(after) :]:\n",
        tests=(f"{_CLASSES}::test_half_a_move_is_taken_back",),
    ),
    Bug(
        id="half-a-listing-takes-her-out",
        says="A participant whose record a listing skipped is taken out of the class everywhere.",
        file=_READING,
        old="            if content.status.live and content.slot.start in window and self",
        new="            if not content.status.live and content.slot.start in window and self",
        tests=(f"{_CLASSES}::test_half_a_listing_takes_nobody_out",),
    ),
    Bug(
        id="renamed-seat-is-out",
        says="Who renames a participant's record at the office calls her off everywhere else.",
        file=_READING,
        old="            if record is None or (record.seat_of is None and key not in members):\n",
        new="            if record is None or record.seat_of is None:\n",
        tests=(f"{_CLASSES}::test_a_vendor_without_services_knows_a_class_by_its_name",),
    ),
    Bug(
        id="in-one-record-alone-is-out",
        says="Who is in a class at one vendor alone when it is linked is cancelled as soon as anybody else comes.",
        file="syncd/reconcile/link/founding.py",
        old="            gained[Field.CLIENTS] += _others(agreed.clients, theirs)\n",
        new="            gained[Field.CLIENTS] += ()\n",
        tests=(f"{_CLASSES}::test_who_is_in_it_at_one_vendor_alone_is_in_it_at_both",),
    ),
    Bug(
        id="booking-that-failed-is-forgotten",
        says="A participant whose booking the site could not take when she came never gets one.",
        file="syncd/reconcile/case.py",
        old="return bool(self.new_seats(vendor, stands, base))\n",
        new="return False\n",
        tests=(f"{_CLASSES}::test_a_booking_that_could_not_be_made_is_made_later",),
    ),
    Bug(
        id="class-deleted-past-the-guard",
        says="A class of a dozen is deleted for good as one cancellation, and the guard sees one.",
        file="syncd/reconcile/plan/guard.py",
        old="    if able.soft_cancel or not able.seats(operation.target) or operation.mapping is None:\n",
        new="    if able.soft_cancel or able.seats(operation.target) or operation.mapping is None:\n",
        tests=(f"{_CLASSES}::test_the_guard_counts_the_seats_that_are_deleted_for_good",),
    ),
    Bug(
        id="one-seat-is-claimed-for-three",
        says="Of a class, one participant gets a record at Acuity, and the report says that all have one.",
        file="syncd/engine/write/apply.py",
        old="        if sent is operation or end.result.outcome is not Outcome.DONE:\n",
        new="        if sent is not None or end.result.outcome is not Outcome.DONE:\n",
        tests=(f"{_CLASSES}::test_the_site_has_it_and_each_gets_a_seat",),
    ),
    Bug(
        id="who-comes-sends-others-away",
        says="Who books a class at Acuity sends home whoever booked it at the site and has no record there yet.",
        file="syncd/reconcile/merge/seats.py",
        old="    if policy.is_class(known.agreed):\n",
        new="    if policy.is_class(known.agreed) and not changes:\n",
        tests=(f"{_CLASSES}::test_who_comes_at_one_vendor_sends_nobody_away_at_another",),
    ),
    Bug(
        id="second-seat-is-cancelled",
        says="A client who took two seats in a class loses one as soon as anybody comes or goes.",
        file=_WRITING,
        old="if n not in stay and not share_somebody([one], target.clients)]",
        new="if n not in stay and one.name is not None]",
        tests=(f"{_CLASSES}::test_two_seats_of_one_client_are_one_elsewhere",),
    ),
    Bug(
        id="class-without-staff-falls-apart",
        says="Who moves her seat to another time at a vendor that shows no staff stays in the class, and is in two.",
        file="syncd/compare/bundles.py",
        old="        its_own = not seat.whose or seat.place.staff in self.staff\n",
        new="        its_own = seat.place.staff in self.staff\n",
        tests=("tests/reconcile/test_bundles.py", "tests/e2e/behaviour/test_classes.py"),
    ),
)
