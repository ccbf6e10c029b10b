"""Whom the plugin mails about what: customers by rules that differ between its generations, employees always.

Sources: creates, statuses and deletions were measured on 1.2.34, 2.1.3 and 2.4.3. Lite has no listener for edits: that
an update mails customers by the flag is read in Elite's published source alone.
"""

from syncd.sandbox.amelia.bookings import Appointment
from syncd.sandbox.amelia.site import Site


def about_create(site: Site, entry: Appointment) -> None:
    """Customers by the flag of the request, which is stored by now."""
    _send(site, entry, customers=entry.notify)


def about_update(site: Site, old: Appointment, new: Appointment) -> None:
    """By the flag as it is after the request, and only what a client would want to hear of."""
    names = ("start", "end", "service", "staff", "bookings")
    if any(getattr(old, name) != getattr(new, name) for name in names):
        _send(site, new, customers=new.notify)


def about_status(site: Site, old: Appointment, new: Appointment) -> None:
    """The status endpoint: by the stored flag where it changed something, from 2.1.3 on always but for a no-show."""
    if site.generation.mails_every_status:
        _send(site, new, customers=new.word != "no-show")
    else:
        _send(site, new, customers=new.notify and new.bookings != old.bookings)


def about_deletion(site: Site, entry: Appointment) -> None:
    """By the stored flag, and only the end of what stood."""
    _send(site, entry, customers=entry.notify and entry.is_live)


def _send(site: Site, entry: Appointment, *, customers: bool) -> None:
    """The employee hears of everything that has not begun yet."""
    if customers:
        site.keeper.notify(entry)
    if entry.start > site.keeper.now():
        site.keeper.notify_staff(entry)
