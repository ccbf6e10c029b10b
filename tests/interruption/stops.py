"""Where a process may be gone: around every request and every commit, and between the statements of an upgrade.

Decides what counts as a boundary and lets the process die at a chosen one. What people do in the moment of a request
hangs here too, as it belongs to the same moments.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field

from syncd.sandbox.frame.exchange import Answer, Call
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.simulation.world import Died

SHOWN = 400
"""Characters of a body in a story."""


@dataclass(slots=True)
class Meanwhile:
    """What a person does right before a request of this operation reaches the vendor, once."""

    vendor: str
    operation: str
    act: abc.Callable[[], object]
    done: bool = False


@dataclass(slots=True)
class Stops:
    """Counts boundaries while `counting`, from 1 in each life of the process, and ends a life at the given one.

    `left` are the boundaries at which this and the following lives end. `died` is called in that very moment, with
    the boundary in words. `say` takes the lines of the story.
    """

    left: list[int]
    died: abc.Callable[[str], None] = lambda where: None
    say: abc.Callable[[str], None] = lambda line: None
    counting: bool = False
    met: int = 0
    dead: bool = False
    deaths: int = 0
    meanwhile: list[Meanwhile] = field(default_factory=list)
    unquiet: int = 0
    """Requests other than listings, since it was set to nought."""
    writes: int = 0
    """And those that were no reading."""

    def boundary(self, where: str) -> None:
        """One of the moments at which the process may be gone. Raises `Died`."""
        if self.dead:
            raise Died
        if not self.counting:
            return
        self.met += 1
        if self.left and self.met == self.left[0]:
            self.say(f"  ✝ here the process is gone, at boundary {self.met}: {where}")
            self.left.pop(0)
            self.dead = True
            self.deaths += 1
            self.died(where)
            raise Died

    def alive_again(self) -> None:
        """A new process begins, and counts anew."""
        self.dead = False
        self.met = 0

    # -- the world's hooks --------------------------------------------------------------------------------------

    def before_request(self, vendor: SandboxVendor, call: Call) -> None:
        """A request has been sent and was not handled yet."""
        vendor.classify(call)
        self.boundary(f"before {vendor.name} gets {call.method} {call.target}")
        self.unquiet += call.operation != "list"
        self.writes += call.method != "GET"
        for one in self.meanwhile:
            if not one.done and (one.vendor, one.operation) == (vendor.name, call.operation):
                one.done = True
                one.act()

    def handled(self, vendor: SandboxVendor, call: Call, answer: Answer | None) -> None:
        """A request was handled; None where no answer comes."""
        sent = f" {call.body.decode(errors='replace')[:SHOWN]}" if call.body else ""
        got = f"{answer.status} {answer.encoded().decode(errors='replace')[:SHOWN]}" if answer else "no answer"
        self.say(f"    {vendor.name} {call.method} {call.target}{sent} → {got}")
        self.boundary(f"after {vendor.name} handled {call.method} {call.target}")

    def before_commit(self) -> None:
        """The store is about to commit."""
        self.boundary("before a commit of the store")

    def after_commit(self) -> None:
        """The store has committed."""
        self.say("    (the store has committed)")
        self.boundary("after a commit of the store")
