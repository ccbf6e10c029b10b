"""How the sandbox's Amelia can behave: its builds, its settings, and what is known from the plugin's source alone."""

from typing import Any

from syncd.sandbox.amelia.times import is_zone
from syncd.sandbox.frame.normalise import Switch, count_or_none


def _is_ids(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(type(item) is int for item in value)


SWITCHES = {
    "build": Switch(
        "slim4",
        "slim3: handled errors are HTTP 200, text/html; slim4: 409 or 500, and listings honour `limit`",
        choices=("slim3", "slim4"),
    ),
    "errors_as_conflict": Switch(True, "slim4: handled errors are 409; false: 500", choices=(True, False)),
    "error_messages": Switch(True, "handled errors have a message; false: null", choices=(True, False)),
    "bad_key": Switch("403", "what a wrong key gets: 403, or 200 without a body", choices=("403", "empty")),
    "plugin_off": Switch(False, "the plugin is switched off: every body is `0`", choices=(True, False)),
    "list_shape": Switch("honour", "by_date: `asArray` is ignored", choices=("honour", "by_date")),
    "empty_as_array": Switch(True, "an empty listing is `[]` even where an object is due", choices=(True, False)),
    "page_size": Switch(
        12, "rows of a page where `limit` does not say", check=lambda size: type(size) is int and size > 0
    ),
    "shuffle_ties": Switch(False, "equal starts come in any order, anew in each answer", choices=(True, False)),
    "group_services": Switch((), "ids of services whose creates join an appointment of the same start", check=_is_ids),
    "slot_grid": Switch(None, "minutes to whose multiples a start must fall, or null", check=count_or_none),
    "enforce_slots": Switch(True, "an employee's time cannot be taken twice", choices=(True, False)),
    "customer_conflict": Switch(False, "a customer cannot be at two places", choices=(True, False)),
    "zone": Switch("Europe/Belgrade", "the site's zone, by name or as a fixed offset", check=is_zone),
    "time_endpoint": Switch(True, "the build has appointments/time", choices=(True, False)),
    "flags": Switch("int", "how notifyParticipants is written: 1, `1` or true", choices=("int", "text", "bool")),
}
