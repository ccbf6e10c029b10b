"""What goes wrong inside the rows of an answer: a text cut in half, a value of another type, another encoding, no end.

Decides what the damaged rows look like. When it strikes and where the rows are is `faults`'.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

HALF_A_CHARACTER = "\ud83d"
"""What JavaScript leaves of an emoji when it cuts a text by its length: in JSON the six letters `\\ud83d`."""


def is_record(row: dict[str, Any], record: str | None) -> bool:
    """Whether this is the row of that id; any is where none is named, or `*`."""
    return record in (None, "*") or record in (str(row.get("id")), str(row.get("_id")))


def with_half_a_character(row: dict[str, Any], path: str) -> dict[str, Any]:
    """The row with half a surrogate pair behind the text at `path`; a row without such a text gets one."""
    before = _at(row, path)
    return with_value(row, path, f"{before if isinstance(before, str) else ''}{HALF_A_CHARACTER}")


def with_value(row: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the row with another value at `path` (keys and places in lists with dots between), if that exists."""
    changed = deepcopy(row)
    *way, last = path.split(".")
    place = _at(changed, ".".join(way)) if way else changed
    if isinstance(place, dict):
        place[last] = value
    elif isinstance(place, list) and last.isdecimal() and int(last) < len(place):
        place[int(last)] = value
    return changed


def in_latin_1(body: bytes) -> bytes:
    """JSON whose letters are single bytes, whatever the content type calls them."""
    try:
        whole = json.loads(body)
    except ValueError:
        return body
    return json.dumps(whole, ensure_ascii=False).encode("latin-1", "replace")


def not_in_utf_8(body: bytes) -> bytes:
    """JSON each of whose texts begins with two bytes that are no letter of UTF-8."""
    return re.sub(rb':\s*"', lambda found: found[0] + b"\xff\xfe", body)


def over_and_over(row: dict[str, Any], least: int, new_id: Callable[[], str]) -> Iterator[dict[str, Any]]:
    """The row again and again, each time with another id, until these have so many bytes."""
    key = "id" if "id" in row else "_id"
    size = len(json.dumps(row))
    for _ in range(-(-least // size)):
        yield {**row, key: type(row.get(key, ""))(new_id())}


def _at(row: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(row, dict):
            row = row.get(part)
        elif isinstance(row, list) and part.isdecimal() and int(part) < len(row):
            row = row[int(part)]
        else:
            return None
    return row
