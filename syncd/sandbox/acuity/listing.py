"""Which appointments a listing of the sandbox's Acuity shows, and in which order. How they are written is `rows`."""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from syncd.sandbox.acuity.requests import Listing
from syncd.sandbox.acuity.rows import OFF
from syncd.sandbox.frame.records import Entry, Person


def found(entries: Iterable[Entry], asked: Listing, zone: Callable[[int | None], ZoneInfo]) -> list[Entry]:
    """The matching records by start; `zone` tells a calendar's. Records of one start have no promised order."""
    listed = [entry for entry in entries if _is_listed(entry, asked, zone)]
    return sorted(listed, key=lambda entry: entry.start, reverse=asked.descending)


def _is_listed(entry: Entry, asked: Listing, zone: Callable[[int | None], ZoneInfo]) -> bool:
    off = entry.status in OFF
    return (
        (off or not asked.only_cancelled)
        and (not off or asked.only_cancelled or asked.cancelled_too)
        and (asked.since is None or entry.start >= asked.since)
        and (asked.until is None or entry.start < asked.until)
        and asked.calendar_id in (None, entry.staff)
        and asked.type_id in (None, entry.service)
        and _is_in_days(entry, asked, zone)
        and _is_with(entry, asked)
    )


def _is_in_days(entry: Entry, asked: Listing, zone: Callable[[int | None], ZoneInfo]) -> bool:
    """Days count from midnight to midnight in the zone of the appointment's calendar (field-notes)."""
    if asked.first is None and asked.last is None:
        return True
    day = entry.start.astimezone(zone(entry.staff)).date()
    return (asked.first is None or day >= asked.first) and (asked.last is None or day <= asked.last)


def _is_with(entry: Entry, asked: Listing) -> bool:
    """Whether its client is the one asked for; how the vendor compares is not documented, so it is the same text."""
    person = entry.people[0] if entry.people else Person()
    return all(getattr(person, part).casefold() == value.casefold() for part, value in asked.person)
