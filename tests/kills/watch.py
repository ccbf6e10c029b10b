"""The vendors' side of an interruption: counts what they are asked, and sends the signal from there.

At that moment nothing else happens at any vendor: all of them are served by the one thread that sends the signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import abc
from dataclasses import dataclass, field
from functools import partial

from syncd.sandbox.frame.exchange import WRITES, Answer, Call
from syncd.sandbox.frame.faults import NoAnswer
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.kills.moments import Moment, Place

Deed = abc.Callable[[], None]


@dataclass
class Watch:
    """Sees every request to the vendors. `struck` is what was asked at the moment of the interruption."""

    vendors: abc.Mapping[str, SandboxVendor]
    struck: str | None = None
    _moment: Moment | None = None
    _seen: int = 0
    _deed: Deed | None = None
    _pid: int = 0
    _known: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        for vendor in self.vendors.values():
            vendor.handle = partial(self._handle, vendor, vendor.handle)  # type: ignore[method-assign]

    def arm(self, moment: Moment | None, deed: Deed | None = None) -> None:
        """Interrupt the run that is started next; or do something else at that moment, while all vendors wait."""
        self._moment, self._seen, self._deed, self.struck = moment, 0, deed, None
        self._known.clear()

    def started(self, pid: int) -> None:
        """The run that is to be interrupted."""
        self._pid = pid
        self._known.set()

    def disarm(self) -> None:
        """Interrupt nothing any more."""
        self._moment = None

    def _handle(self, vendor: SandboxVendor, handle: abc.Callable[[Call], Answer], call: Call) -> Answer:
        moment = self._moment
        if moment is None or not self._is_it(moment, vendor, call):
            return handle(call)
        self.struck = f"{vendor.name} {call.operation or 'other'}"
        if not moment.after:
            self._strike(moment, committed=False)
            return handle(call)
        answer = handle(call)
        self._strike(moment, committed=True)
        return answer

    def _is_it(self, moment: Moment, vendor: SandboxVendor, call: Call) -> bool:
        vendor.classify(call)
        if moment.place is Place.WRITE and call.operation not in WRITES:
            return False
        if moment.vendor not in (None, vendor.name):
            return False
        self._seen += 1
        return self._seen == moment.number

    def _strike(self, moment: Moment, *, committed: bool) -> None:
        """Interrupt. Raises `NoAnswer` where nobody is left to be answered."""
        if self._deed is not None:
            self._deed()
            return
        self._known.wait()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, moment.signal)
        if moment.signal == signal.SIGKILL:
            raise NoAnswer(committed=committed)
