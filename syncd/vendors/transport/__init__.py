"""HTTP to the vendors: the one place that knows httpx, retries and rate limits.

It decides what is safe to repeat and when to give up. What an answer means is each vendor package's business.
"""

from syncd.vendors.transport.answer import Answer
from syncd.vendors.transport.limits import Limiter, Limits
from syncd.vendors.transport.surroundings import Connection, Surroundings
from syncd.vendors.transport.transport import Params, Transport

__all__ = ["Answer", "Connection", "Limiter", "Limits", "Params", "Surroundings", "Transport"]
