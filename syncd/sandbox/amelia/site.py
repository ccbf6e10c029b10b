"""The WordPress site: its records, its catalogue, its customers and its rules, for whatever a request does there.

Decides which generation it is like, what is free, which record a create joins, and what is left of a time that it
keeps. What an endpoint answers and whom it mails is decided by those who ask; the server owns one site.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any, cast

from syncd.sandbox.amelia import slots
from syncd.sandbox.amelia.bookings import Appointment, Booking, derived, length
from syncd.sandbox.amelia.catalogue import Catalogue
from syncd.sandbox.amelia.customers import Customers
from syncd.sandbox.amelia.generations import GENERATIONS, Generation
from syncd.sandbox.amelia.rows import Form, Manner, appointment_row
from syncd.sandbox.amelia.times import stored, zone_of
from syncd.sandbox.frame.exchange import Row
from syncd.sandbox.frame.normalise import normalised
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import SandboxVendor


class Site:
    """A site. `keeper` keeps its records, its switches and its counters."""

    def __init__(self, keeper: SandboxVendor) -> None:
        self.keeper = keeper
        self.catalogue = Catalogue()
        self.customers = Customers(self._reworded)
        self._last_id = 741
        self._last_booking = 978

    @property
    def behaviour(self) -> dict[str, Any]:
        """Its switches."""
        return self.keeper.behaviour

    @property
    def generation(self) -> Generation:
        """What its build does."""
        return GENERATIONS[self.behaviour["generation"]]

    @property
    def framework(self) -> str:
        """`slim3` or `slim4`."""
        build: str = self.behaviour["build"]
        return self.generation.framework if build == "generation" else build

    @property
    def zone(self) -> tzinfo:
        """Its zone."""
        return zone_of(self.behaviour["zone"])

    # -- records --------------------------------------------------------------------------------

    def new_id(self) -> str:
        """The next number."""
        self._last_id += 1
        while str(self._last_id) in self.keeper.entries:
            self._last_id += 1
        return str(self._last_id)

    def fresh_booking(self, like: Booking | None = None) -> Booking:
        """A booking with a number of its own, made now, otherwise like the one given."""
        self._last_booking += 1
        now = self.keeper.now()
        if like is not None:
            return dataclasses.replace(like, id=self._last_booking, created_at=now)
        return Booking(id=self._last_booking, customer_id=0, status="approved", duration=0, created_at=now)

    def kept(self, entry: Entry) -> Appointment:
        """A stored record as what it is here."""
        assert isinstance(entry, Appointment)
        return entry

    def appointments(self) -> Iterable[Appointment]:
        """All records."""
        return cast(Iterable[Appointment], self.keeper.entries.values())

    def insert(self, entry: Appointment) -> Appointment:
        """Keep a new record."""
        return self.kept(self.keeper.insert(entry))

    def amend(self, entry: Appointment, *, by: str = "api", **changes: Any) -> Appointment:
        """Keep a changed copy."""
        return self.kept(self.keeper.amend(entry, by=by, **changes))

    def named(self, entry: Appointment) -> Appointment:
        """With the title and the location that follow from service and place."""
        place = None if entry.place is None else self.catalogue.locations.get(entry.place)
        title = self.catalogue.services[entry.service].name
        return dataclasses.replace(entry, title=title, location=place.name if place else "")

    def derived(self, start: datetime, bookings: Sequence[Booking]) -> dict[str, Any]:
        """What follows from a start and bookings, once both times went through the site's wall clock.

        So 23:30Z and an hour in Belgrade's overlap are stored as two: to 02:30, which is 01:30Z (measured).
        """
        end = stored(start + length(bookings), self.zone)
        return derived(start, end, bookings, self.customers)

    # -- rules ----------------------------------------------------------------------------------

    def joinable(self, wanted: Appointment) -> Appointment | None:
        """The record that a create would join.

        A group service's: any of its start. Else by the generation: a cancelled one, or, where the create is itself
        pending, any (measured over cancelled ones; over others a [?] that is played).
        """
        if wanted.service in self.behaviour["group_services"]:
            return slots.joined(wanted, self.appointments(), lambda entry: True)
        if self.generation.joins == "cancelled":
            return slots.joined(wanted, self.appointments(), slots.is_cancelled)
        if wanted.word != "pending":
            return None
        return slots.joined(wanted, self.appointments(), lambda entry: True)

    def is_free(self, entry: Appointment) -> bool:
        """Whether the appointment can take its time."""
        if not self.behaviour["enforce_slots"]:
            return True
        calendar = slots.Calendar(self.zone, self.behaviour["hours"], self.behaviour["slot_step"])
        return slots.is_free(entry, self.appointments(), calendar, self.keeper.now())

    def clashes(self, entry: Appointment) -> bool:
        """Whether one of its customers is elsewhere at that time, and the site minds."""
        minds: bool = self.behaviour["customer_conflict"]
        return minds and not slots.customers_are_free(entry, self.appointments())

    # -- rows -----------------------------------------------------------------------------------

    def manner(self) -> Manner:
        """How its rows are written."""
        by_id = self.behaviour["by_id"] == "generation" and self.generation.shows_people_by_id
        return Manner(
            zone=self.zone,
            catalogue=self.catalogue,
            customers=self.customers,
            flags=self.behaviour["flags"],
            flags_as_text=self.generation.flags_as_text,
            people_by_id=by_id,
        )

    def rendered(self, entry: Entry, form: Form) -> dict[str, Any]:
        """The record as an answer of that form has it."""
        return appointment_row(self.kept(entry), form, self.manner())

    def shown(self, entry: Appointment, answer: str) -> Row:
        """The record as the answer to a write has it."""
        return Row(self.rendered(entry, Form(answer)))

    def _reworded(self, person: Person) -> Person:
        now = self.keeper.now()
        stand_in = Entry(id="", start=now, end=now, created_at=now, modified_at=now, people=[person])
        return normalised(stand_in, self.behaviour).people[0]
