"""What an operator should know of a listing: what waits for how long, what is not known. Pure."""

from __future__ import annotations

import math
from collections import Counter, abc
from datetime import timedelta

from syncd.engine.read.damage import said_of
from syncd.engine.read.listing import Listing

_FOR_READING = 0.9
"""The share of a rate that listings and readings may use: the limiter keeps the rest for writes."""
_LONGEST_WORD = 40


def remarks(listing: Listing, interval: timedelta) -> list[str]:
    """Sentences on a listing, where one is made every `interval`."""
    return [
        *_of_the_rate(listing, interval),
        *_untold(listing),
        *_unlisted(listing),
        *_unknown_words(listing),
        *said_of(listing.name, listing.records.values()),
    ]


def _of_the_rate(listing: Listing, interval: timedelta) -> abc.Iterator[str]:
    """That a rate is too low for the interval; how long it takes to read what is left."""
    name, (limit, seconds) = listing.name, listing.vendor.traffic.rate
    every = max(interval.total_seconds(), 1.0)
    # A limit of so many in a quarter of an hour has to last for all listings in that time.
    needed = listing.requests * max(1, math.ceil(seconds / every))
    spare = int(limit * _FOR_READING) - needed
    if spare <= 0:
        yield (
            f"{name}: one listing takes {listing.requests} requests, which at this interval "
            f"exceeds its rate of {limit} per {seconds:g} s: lengthen sync.interval"
        )
    # Those whose client nobody can tell wait for no reading: they have a line of their own.
    unread = [record for record in listing.unread.values() if record.untold is None]
    if unread:
        turns = math.ceil(len(unread) / max(spare, 1))
        lasting = _lasting(turns * max(timedelta(seconds=seconds), interval))
        more = f"that takes about {lasting} more" if spare > 0 else "nothing is left for them"
        if spare < needed:
            more += " (a longer sync.interval leaves more for them)"
        yield (
            f"{name}: {len(unread)} records are not read yet; at its rate of {limit} requests per "
            f"{seconds:g} s {more}. Until then nothing is created that one of them could turn out "
            "to be"
        )


def _untold(listing: Listing) -> abc.Iterator[str]:
    """Records that nothing is made of, because nobody can tell who their clients are."""
    reasons = Counter(one.untold for one in listing.unread.values() if one.untold is not None)
    name = listing.name
    for reason, count in sorted(reasons.items()):
        yield (
            f"{name}: {count} record(s) whose client cannot be told: {reason}. Nothing is made of "
            f"them anywhere, and nothing is created at {name} at their start"
        )


def _unlisted(listing: Listing) -> abc.Iterator[str]:
    """Services that no catalogue row has, one line each: creates wait elsewhere for them."""
    names = Counter[str]()
    for record in listing.records.values():
        comes = record.content.status.live and record.content.slot.start in listing.window
        if comes and record.unlisted is not None:
            names[record.unlisted] += 1
    for name, count in sorted(names.items()):
        yield (
            f"{listing.name}: {count} record(s) of {name}, which no [[services]] row "
            "names: add it to one, or what needs a service elsewhere is not made; 'syncd check' "
            "shows the row"
        )


def _unknown_words(listing: Listing) -> abc.Iterator[str]:
    """Words of the vendor that no codec knows, in records that are new or changed."""
    # An unchanged record is not decoded: it was told of when it changed.
    words = Counter[tuple[str, str]]()
    for record in listing.records.values():
        words.update(record.kept.items())
    for (key, word), count in sorted(words.items()):
        yield (
            f"{listing.name}: {count} record(s) with the {key} '{word[:_LONGEST_WORD]}', "
            "which is not known: it is kept there and changes nothing elsewhere"
        )


def _lasting(time: timedelta) -> str:
    minutes = max(1, round(time.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
