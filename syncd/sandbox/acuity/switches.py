"""How the sandbox's Acuity can behave: the reference, recordings of the live service, and what is not known."""

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.frame.normalise import Switch, count_or_none, rate_switch
from syncd.sandbox.frame.zones import is_zone_name

SWITCHES = {
    "rate": rate_switch((10, 1)),
    "retry_after_header": Switch(True, "429 says when to try again", choices=(True, False)),
    "reformat_phone": Switch("digits", "phone numbers become digits, (123) 555-0199, or stay", (None, "digits", "us")),
    "times": Switch(
        "recorded",
        "recorded: `datetime` and display times; reference: ISO `time` alone; mixed: both, `duration` a number",
        choices=("recorded", "reference", "mixed"),
    ),
    "hours": Switch("12h", "how display times are written", choices=("12h", "24h")),
    "paging": Switch(
        "doc",
        "doc: `max` (100) and no pages, newest first; reference: `page` and `limit` (20), oldest first",
        choices=("doc", "reference"),
    ),
    "create_status": Switch(200, "the status that answers a booking", choices=(200, 201)),
    "refusal": Switch("doc", "codes of a taken slot: 400, or 409 and 422", choices=("doc", "reference")),
    "check_times": Switch("valid", "the key in which check-times answers", choices=("valid", "available")),
    "recent_cancel_blocks": Switch(False, "a slot stays taken ten minutes after a cancel", choices=(True, False)),
    "plan_has_api": Switch(True, "false: every request gets 403", choices=(True, False)),
    "email_required": Switch(
        True, "an admin's booking needs an e-mail, too: the reference, or the account's settings", choices=(True, False)
    ),
    "phone_required": Switch(
        True, "a booking needs a phone number: the reference, or the account's settings", choices=(True, False)
    ),
    "update": Switch(
        "doc", "reference: PUT also moves to another calendar, and takes notes", choices=("doc", "reference")
    ),
    "calendar_zone": Switch("America/New_York", "the zone of the account and its calendars", check=is_zone_name),
    "calendar_zones": Switch(
        "one", "own: a calendar may be in a zone of its own, as the second one is", choices=("one", "own")
    ),
    "row_cap": Switch(
        None, "the rows to which any listing is cut without a word, or null: no limit is known", check=count_or_none
    ),
    "classes": Switch(False, "the account also offers a class and a series", choices=(True, False)),
}
UNKIND: Mapping[str, Any] = {
    "times": "recorded",
    "paging": "doc",
    "refusal": "doc",
    "update": "doc",
    "retry_after_header": False,
    "recent_cancel_blocks": True,
    "email_required": True,
    "phone_required": True,
    "calendar_zones": "own",
    "row_cap": 100,
    "classes": True,
}
"""A listing that is cut at 100 without a word is the vendor's page read to the letter (`max`, default 100)."""
