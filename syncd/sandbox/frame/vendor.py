"""What the four sandbox vendors share as servers; the module to import from when writing one.

Decides what is counted, and the order in which a request meets faults, rate limit and authentication. Leaves paths,
payloads, rules and words to each vendor, and records to `Keeper`. Never reads the machine's clock.
"""

import math
import random
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, ClassVar

from syncd.sandbox.frame.counters import Counters
from syncd.sandbox.frame.exchange import WRITES, Answer, Call, Refused, Row, http_date, stamp
from syncd.sandbox.frame.faults import Fault, Faults, NoDelivery, answer_with
from syncd.sandbox.frame.keeper import Keeper, UnknownRecord
from syncd.sandbox.frame.normalise import COMMON_SWITCHES, Switch, count_or_none, rate_switch
from syncd.sandbox.frame.rate import RateWindow
from syncd.sandbox.frame.records import Entry, Person

__all__ = [
    "Answer",
    "Call",
    "Counters",
    "Entry",
    "Person",
    "Refused",
    "Row",
    "SandboxVendor",
    "Switch",
    "UnknownRecord",
    "count_or_none",
    "rate_switch",
    "stamp",
]


class SandboxVendor(Keeper):
    """One vendor as a server. `handle` answers a request; the `person_…` methods are what its users do.

    A subclass gives `kind`, `base_path`, `switches`, `nullable` and the abstract methods. It handles a request in
    `respond`, synchronously: it reads by `visible`, `find` and `page_of`, shows by `row`, and changes records only by
    `insert`, `amend` and `remove`.
    """

    kind: ClassVar[str]
    base_path: ClassVar[str]
    """Where the vendor's API begins on its server: the path part of its base URL."""
    switches: ClassVar[Mapping[str, Switch]] = {}
    """The vendor's own named behaviours, besides `COMMON_SWITCHES`."""
    unkind: ClassVar[Mapping[str, Any]] = {}
    """Values of its switches with which it gives a client least and takes it least kindly, each of them documented,
    recorded or measured: what the demo, the simulation and the tests must stand."""
    nullable: ClassVar[tuple[str, ...]] = ()
    """Keys of a row that may be null: what the fault `null_fields` empties by default."""
    window_slides: ClassVar[bool] = True
    """Whether the rate counts over the last n seconds (True) or in windows that begin afresh (False)."""

    def __init__(
        self,
        name: str,
        *,
        clock: Callable[[], datetime],
        rng: random.Random | None = None,
        skew: timedelta = timedelta(0),
        behaviour: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(name, clock, rng or random.Random(f"{self.kind}:{name}"), skew)
        self.counters = Counters()
        self.faults = Faults()
        self.postponed: list[tuple[datetime, Call]] = []
        """Requests that are carried out later, with when."""
        self._window: RateWindow | None = None
        self.behaviour = {key: deepcopy(switch.default) for key, switch in self.all_switches().items()}
        self.set_behaviour(**(behaviour or {}))

    # -- what each vendor supplies ------------------------------------------------------------------------------

    @abstractmethod
    def classify(self, call: Call) -> None:
        """Fill in `call.operation`, `record_id` and `page` from method and path. Must not raise."""

    @abstractmethod
    def authenticate(self, call: Call) -> Answer | None:
        """The vendor's refusal of wrong credentials, or None."""

    @abstractmethod
    def respond(self, call: Call) -> Answer:
        """Carry the request out. May raise `Refused`."""

    @abstractmethod
    def map_rows(self, body: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
        """The answer's body with its rows (a listing's, or the one) replaced by `change(rows)`; others as they are."""

    @abstractmethod
    def failure(self, status: int) -> Answer:
        """An error of this HTTP status in the vendor's own envelope."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The keys of its `[vendors.NAME]` table apart from `kind` and `base_url`, with working credentials."""

    def with_status(self, row: dict[str, Any], word: str) -> dict[str, Any]:
        """A rendered row whose status is the unknown `word`."""
        return {**row, "status": word}

    def too_many(self, seconds: int) -> Answer:
        """The refusal of a request over the rate, which ends in `seconds`."""
        answer = self.failure(429)
        answer.headers = {"Retry-After": str(seconds), **answer.headers}
        return answer

    def headers(self, call: Call) -> dict[str, str]:
        """Headers that the vendor adds to each of its answers."""
        return {}

    def describe(self, call: Call) -> str:
        """The request as it stands in `counters.requests`."""
        return f"{call.method} {call.path}"

    # -- behaviour ----------------------------------------------------------------------------------------------

    @classmethod
    def all_switches(cls) -> dict[str, Switch]:
        """Every behaviour of this kind with its default and its meaning."""
        return {**COMMON_SWITCHES, **cls.switches}

    def set_behaviour(self, **changes: Any) -> None:
        """Turn switches. Raises `ValueError` naming an unknown switch or a value that it does not take."""
        known = self.all_switches()
        for key, value in changes.items():
            if key not in known:
                raise ValueError(f"{key}: {self.kind} has no such behaviour; it has {', '.join(sorted(known))}")
            if not known[key].takes(value):
                raise ValueError(f"{key}: {value!r} is not {known[key].expects}")
        with self.lock:
            self.behaviour.update(changes)
            if "rate" in changes or self._window is None:
                rate = self.behaviour["rate"]
                self._window = None if rate is None else RateWindow(*rate, slides=self.window_slides)
            self.forget_rows()

    # -- a request ----------------------------------------------------------------------------------------------

    def handle(self, call: Call) -> Answer:
        """What the client gets. Raises `ConnectionDropped` and `NoAnswer` where a fault says so."""
        with self.lock:
            self.catch_up()
            self.classify(call)
            self.counters.requests.append(self.describe(call))
            fault = self.faults.strike(call)
            try:
                answer = answer_with(self, fault, call, self._served)
            except NoDelivery as lost:
                self._record_request(call, fault, type(lost).__name__)
                raise
            answer.headers = {"Date": http_date(self.now()), **answer.headers}
            self._record_request(call, fault, answer.status)
            return answer

    def postpone(self, call: Call, seconds: float) -> None:
        """Carry a request out so many seconds later, whatever its client was told."""
        self.postponed.append((self.clock() + timedelta(seconds=seconds), call))

    def catch_up(self) -> None:
        """Carry out the postponed requests whose time has come, in that order."""
        with self.lock:
            due = sorted((one for one in self.postponed if one[0] <= self.clock()), key=lambda one: one[0])
            for one in due:
                self.postponed.remove(one)
                answer = self._served(one[1])
                self.note("carried_out_late", method=one[1].method, target=one[1].target, outcome=answer.status)

    def _served(self, call: Call) -> Answer:
        turned_away = self._over_rate() or self.authenticate(call)
        if turned_away is not None:
            self.counters.refused += 1
            answer = turned_away
        else:
            try:
                answer = self.respond(call)
            except Refused as refusal:
                answer = refusal.answer
            self._count(call, answer)
        answer.headers = {**self.headers(call), **answer.headers}
        return answer

    def _over_rate(self) -> Answer | None:
        if self._window is None or self._window.admits(self.clock()):
            return None
        return self.too_many(math.ceil(self._window.resets_in(self.clock())))

    def rate_state(self) -> tuple[int, int, int] | None:
        """Limit, requests left, and seconds until more are allowed; None without a rate."""
        if self._window is None:
            return None
        now = self.clock()
        return self._window.limit, self._window.remaining(now), math.ceil(self._window.resets_in(now))

    def _count(self, call: Call, answer: Answer) -> None:
        counters = self.counters
        if call.operation == "list":
            counters.lists += 1
        elif call.operation == "get":
            counters.gets += 1
        elif call.operation in WRITES and answer.is_refusal:
            counters.refused += 1
        elif call.operation in WRITES:
            counters.writes += 1
            counters.creates += call.operation == "create"

    def _record_request(self, call: Call, fault: Fault | None, outcome: int | str) -> None:
        self.note(
            "request",
            method=call.method,
            target=call.target,
            operation=call.operation,
            id=call.record_id,
            outcome=outcome,
            fault=fault.kind if fault else None,
        )

    def notify(self, entry: Entry) -> None:
        """Count a mail to the record's client."""
        self.counters.notifications += 1
        self.note("mail", id=entry.id)

    def notify_staff(self, entry: Entry) -> None:
        """Count a mail to the vendor's own staff about the record."""
        self.counters.staff_notifications += 1
        self.note("staff_mail", id=entry.id)

    def reminders(self) -> Iterable[Entry]:
        """The records whose clients the vendor will remind: none where it does not."""
        return ()
