"""Amelia, the WordPress booking plugin: everything that syncd knows of it (field-notes)."""

from __future__ import annotations

from syncd.vendors.amelia.adapter import build
from syncd.vendors.amelia.settings import AmeliaSettings
from syncd.vendors.kind import Kind

_EXAMPLE = """\
[vendors.{name}]
kind = "amelia"
base_url = "https://example.com/wp-admin/admin-ajax.php"    # your WordPress site; ?lang=en and the like may follow
api_key = { env = "AMELIA_KEY" }      # Amelia: Settings, API (Elite licence)
timezone = "Europe/Belgrade"          # required: the site's zone, as in WordPress: Settings, General
# Where the key may read the site's settings, syncd compares the two zones, and believes no time if they differ.
# Amelia requires a client. This customer's number stands in where an appointment has none; it never travels to another
# vendor. Without it such an appointment is not created in Amelia.
# customer_id = 10
# After a write, a last request switches Amelia's own reminders about that appointment on again; false ends them.
# keep_reminders = true
# Its free starts begin anew at the end of each appointment: after 09:00-09:45 a step of 30 minutes refuses 10:00. Set a
# smaller one there (Amelia: Settings, General, Default Time Slot Step; 5 minutes).
# read_only = true                    # its changes go out, nothing is written to it
# timeout = "20s"
# rate = "10/s"                       # Amelia documents no limit; this is syncd's own
"""

KIND = Kind(name="amelia", settings=AmeliaSettings, build=build, example=_EXAMPLE)

__all__ = ["KIND"]
