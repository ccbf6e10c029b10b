"""How the sandbox's Amelia can behave: its builds, its settings, and what is known from the plugin's source alone."""

import re
from typing import Any

from syncd.sandbox.amelia.generations import GENERATIONS
from syncd.sandbox.amelia.times import is_zone
from syncd.sandbox.frame.normalise import Switch, count_or_none

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _is_ids(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(type(item) is int for item in value)


def _is_hours(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return False
    return all(isinstance(item, str) and _CLOCK.fullmatch(item) for item in value) and value[0] < value[1]


SWITCHES = {
    "generation": Switch(
        "2.4",
        "which builds it is like: it decides status mails, slot checks on moves, joining, shapes and types",
        choices=tuple(GENERATIONS),
    ),
    "build": Switch(
        "generation",
        "slim3: handled errors are HTTP 200, text/html; slim4: 409 or 500; else as the generation has it",
        choices=("generation", "slim3", "slim4"),
    ),
    "lite_errors": Switch(False, "slim3: handled errors are 409, as Lite answers", choices=(True, False)),
    "errors_as_conflict": Switch(True, "slim4: handled errors are 409; false: 500", choices=(True, False)),
    "error_messages": Switch(True, "handled errors have a message; false: null", choices=(True, False)),
    "bad_key": Switch("403", "what a wrong key gets: 403, or 200 without a body", choices=("403", "empty")),
    "licence": Switch("elite", "no_api: a plan without an API, every endpoint is 404", choices=("elite", "no_api")),
    "settings": Switch(
        "yes",
        "whether the key may read `/settings`: 403 or 404 where not",
        choices=("yes", "403", "404"),
    ),
    "plugin_off": Switch(False, "the plugin is switched off: every body is `0`", choices=(True, False)),
    "list_shape": Switch("honour", "by_date: `asArray` is ignored", choices=("honour", "by_date")),
    "empty_as_array": Switch(True, "an empty listing is `[]` even where an object is due", choices=(True, False)),
    "by_id": Switch(
        "generation",
        "what one appointment holds: reference: ids alone; else as the generation has it",
        choices=("generation", "reference"),
    ),
    "flags": Switch(
        "generation",
        "how notifyParticipants is written: 1, `1` or true; else as the generation has it",
        choices=("generation", "int", "text", "bool"),
    ),
    "page_size": Switch(
        12,
        "rows of a page where `limit` does not say",
        check=lambda size: type(size) is int and size > 0,
    ),
    "max_rows_unpaged": Switch(
        None,
        "a listing without a page that finds more rows than this breaks down, or null",
        check=count_or_none,
    ),
    "overload": Switch(
        "500",
        "how a listing breaks down: WordPress's page of a critical error, or no answer",
        choices=("500", "silence"),
    ),
    "shuffle_ties": Switch(False, "equal starts come in any order, anew in each answer", choices=(True, False)),
    "group_services": Switch((), "ids of services whose creates join an appointment of the same start", check=_is_ids),
    "slot_step": Switch(
        None,
        "minutes between the starts that are free, from the beginning of each free interval on, or null: any start",
        check=count_or_none,
    ),
    "hours": Switch(None, "an employee's working hours, [`06:00`, `22:00`], or null: all day", check=_is_hours),
    "enforce_slots": Switch(True, "slots are checked; false: the admin may book at any time", choices=(True, False)),
    "customer_conflict": Switch(False, "a customer cannot be at two places", choices=(True, False)),
    "zone": Switch("Europe/Belgrade", "the site's zone, by name or as a fixed offset", check=is_zone),
    "time_endpoint": Switch(True, "the build has appointments/time", choices=(True, False)),
}
