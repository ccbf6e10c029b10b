"""A cache in front of a vendor: it gives the answer that it kept, byte for byte, whatever has been written since."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from syncd.sandbox.frame.exchange import Answer, Call, http_date


class Clocked(Protocol):
    """What a cache needs of the vendor behind it."""

    def now(self) -> datetime:
        """Its clock."""


@dataclass(slots=True)
class Cache:
    """Answers by request, each as it was when it was first asked for, with its Date, and its Age as caches say it."""

    kept: dict[str, tuple[datetime, Answer]] = field(default_factory=dict)

    def answer(self, vendor: Clocked, call: Call, respond: Callable[[Call], Answer], *, obeys: bool) -> Answer:
        """The kept answer. One that `obeys` has none for whoever asks for none."""
        if obeys and "no-cache" in call.headers.get("cache-control", ""):
            return respond(call)
        if call.target not in self.kept:
            answer = respond(call)
            if answer.is_refusal:
                return answer
            headers = {**answer.headers, "Date": http_date(vendor.now())}
            self.kept[call.target] = (vendor.now(), Answer(200, answer.encoded(), headers, answer.media_type))
        since, kept = self.kept[call.target]
        age = max(0, math.floor((vendor.now() - since).total_seconds()))
        return Answer(kept.status, kept.body, {**kept.headers, "Age": str(age)}, kept.media_type)
