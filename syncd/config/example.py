"""The commented syncd.toml that `syncd init` writes.

Joins the sections that every configuration may have with the example of each kind of vendor.
"""

from __future__ import annotations

from collections import abc
from typing import TYPE_CHECKING

from syncd.vendors import KINDS

if TYPE_CHECKING:
    from syncd.vendors.kind import Kind

_NAMES = {"actuallycare": "crm", "acuity": "book", "aivapad": "office", "amelia": "site"}
"""Telling names for the kinds that the catalogue's example speaks of; another kind's example bears the kind's own."""

_HEAD = """\
# syncd keeps the same appointments in step at several vendors. Unknown keys are errors.
# Check this file with: syncd check. See what a cycle would do with: syncd --dry-run.

[sync]
interval = "2m"                 # how often the daemon looks; durations: "90s", "2m", "1h", "30d"
past = "1d"                     # the window: now - past …
future = "90d"                  # … to now + future
conflict = "newest"             # two vendors changed one field: newest | priority | manual
# priority = [{priority}]
                                # first wins; default: the order of the vendors below
cancel_wins = true              # cancelled at one vendor and changed at another: cancelled everywhere
notify_clients = false          # true: the vendors may mail clients about what syncd writes
lengths = "exact"               # where a service decides the length (Acuity) and none is as long: "exact" quarantines
                                # the create, "cover" books the shortest row of that service that is long enough
# region = "US"                 # where phone numbers without a country code are from: two letters, ISO 3166

[guard]                         # what exceeds both count and percent waits for `syncd approve`, per vendor and cycle;
                                # so do three cancellations that are half of its records (a quarter where it deletes)
max_cancels = { count = 10, percent = 20 }
max_changes = { count = 10, percent = 50 }

# [state]
# url = "sqlite:///state.db"    # relative to this file; default: $STATE_DIRECTORY/syncd.db, else syncd.db beside it
# keep = "400d"                 # how long what is over stays in it, with clients' details

# [http]                        # webhooks, health, metrics, dashboard
# listen = "127.0.0.1:8377"

# The vendors. A secret is "text", or { env = "NAME" }, { file = "path, mode 0600" }, { credential = "systemd's name" }.
# Any of them may have: read_only = true, timeout = "20s", rate = "10/s" or "500/15m", ca_file = "path"; and how long
# what got no answer may still be carried out: settle = "2m"; and what one listing may take, more of which is half a
# listing: listing = { bytes = "128M", time = "15m" }. busy = true, which a service may have as well: what it has of
# whole days is blocked time at a vendor that has that (Acuity).
"""

_CATALOGUE = """\
# The catalogue: what is one service, or one member of staff, at several vendors. Without a fitting row nothing is
# created at a vendor that needs one; changes still go there.
#
# [[services]]
# name = "Showing"
# duration = "30m"              # left out: any length; rows may share a name, one for each length of the service
# ids = { crm = "showing", book = 94517100, site = 2 }
# default = true                # where several rows fit
# generic = true                # with lengths = "cover": may stand in where nobody knows the service
# group = "seats"               # several attend together: a record for each of them ("seats"), or for all ("one")
#
# [[staff]]
# name = "Jordan"
# ids = { book = 14209019, site = { provider = 1, location = 1 } }
# default = true                # for appointments whose staff is unknown
"""


def example(kinds: abc.Mapping[str, Kind] = KINDS) -> str:
    """The text of a syncd.toml with one vendor of each kind; `kinds` is the registry."""
    names = {kind: _NAMES.get(kind, kind) for kind in kinds}
    sections = [kinds[kind].example.replace("{name}", name).strip() for kind, name in names.items()]
    head = _HEAD.replace("{priority}", ", ".join(f'"{name}"' for name in names.values()))
    return "\n\n".join([head.strip(), *sections, _CATALOGUE.strip()]) + "\n"
