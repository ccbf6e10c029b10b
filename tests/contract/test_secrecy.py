"""Neither a secret nor a client's details are ever in an error or in a log, whatever goes wrong."""

from __future__ import annotations

import logging
import traceback

import pytest

from syncd.model.appointment import Client
from syncd.model.errors import Malformed, VendorError
from syncd.vendors.port import Uncertain
from tests.contract.world import WRITES, World, person

SECRETIVE = Client(
    first_name="Wilhelmina", last_name="Quackenbush", email="w.quackenbush@example.com", phone="2125550199"
)
PRIVATE = ("Wilhelmina", "Quackenbush", "w.quackenbush", "5550199", "the key is under")
TROUBLE = [
    ("html", {}),
    ("truncate", {}),
    ("empty", {}),
    ("hang", {}),
    ("reset_after", {}),
    ("status", {"code": 401}),
    ("status", {"code": 403}),
    ("status", {"code": 409}),
    ("status", {"code": 422, "body": {"message": "Wilhelmina Quackenbush <w.quackenbush@example.com> cannot"}}),
    ("status", {"code": 400, "body": {"success": False, "error": {"code": "X", "message": "Quackenbush 2125550199"}}}),
    ("status", {"code": 500, "body": {"message": "no customer w.quackenbush@example.com"}}),
    ("missing_field", {"field": "id"}),
]


def secrets_of(world: World) -> set[str]:
    """The credentials of the vendor's section, and every header value that carries one."""
    given = {value for key, value in world.server.settings().items() if key not in ("timezone", "user_id")}
    sent = {
        request.headers[name]
        for request in world.wire.requests
        for name in ("authorization", "x-api-key", "amelia")
        if name in request.headers
    }
    return given | sent | {header.rpartition(" ")[2] for header in sent}


@pytest.mark.parametrize("what", ["list", "get", *WRITES])
@pytest.mark.parametrize(("kind", "arguments"), TROUBLE)
async def test_nothing_private_is_told(
    world: World,
    what: str,
    kind: str,
    arguments: dict[str, object],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not in the message, not in what caused it, not in any log line down to the lowest level, not on a terminal."""
    caplog.set_level(logging.DEBUG)
    entry = world.enter(people=[person(SECRETIVE)], notes="the key is under the mat")
    world.wire.before.clear()
    told = ""
    try:
        if what == "list":
            world.fault(kind, "list", **arguments)
            [world.vendor.decode(row) for row in await world.listing()]
        elif what == "get":
            world.fault(kind, "get", **arguments)
            await world.read(entry.id)
        else:
            world.fault_on(what, kind, **arguments)
            target = world.target(clients=(SECRETIVE,), notes="the key is under the mat")
            result = await (
                world.vendor.create(target, "token-1") if what == "create" else world.perform(what, entry.id)
            )
            told += result.reason if isinstance(result, Uncertain) else result.note or ""
    except (VendorError, Malformed) as error:
        told += "".join(traceback.format_exception_only(error))
        while (cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
            told += "".join(traceback.format_exception_only(cause))
            error = cause  # type: ignore[assignment]
    told += caplog.text + "".join(capfd.readouterr())
    assert [word for word in (*PRIVATE, *secrets_of(world)) if word in told] == []
