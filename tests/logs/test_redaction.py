"""What never stands in a log, and what stays readable."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from syncd.logs import REDACTED, Redactor, configure
from syncd.model.appointment import Client

_EACH = settings(
    max_examples=settings().max_examples // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)
_SECRETS = st.text(_PRINTABLE, min_size=8, max_size=24).filter(lambda text: not set(text) <= set("redacted[]"))
_WORDS = st.sampled_from(["", "a", "cycle 7", "GET /appointments/17", "x=", "“", "\n", "{'a': 1}", "100 %"])
_CLIENT_KEYS = (
    *("email", "phone", "first_name", "last_name", "client", "client_name", "title", "notes", "location", "summary"),
    *("address", "body", "payload", "headers", "clientEmail", "clientFirstName", "old_title", "X-API-Key", "api_key"),
)
_ADDRESSES = st.builds(
    "{}@{}.{}".format,
    st.from_regex(r"[A-Za-z0-9._+%-]{1,12}", fullmatch=True),
    st.from_regex(r"[a-z0-9-]{1,10}", fullmatch=True),
    st.sampled_from(["com", "org", "co.uk"]),
)
_PHONES = st.sampled_from(
    ["5550100", "+1 415 555 0100", "(415) 555-0100", "415.555.0100", "+381 11 555-0100", "1235550199", "00381115550100"]
)


class Place:
    """Somewhere in an event where a text may stand."""

    def __init__(self, name: str, write: Any) -> None:
        self.name = name
        self.write = write

    def __repr__(self) -> str:
        return self.name


@dataclass
class Holder:
    """A value that shows its content."""

    content_of_it: Any


class Model(BaseModel):
    """A pydantic value that shows its content."""

    inside: str


def _own() -> Any:
    return structlog.get_logger("syncd")


def _raise(text: str, note: str = "") -> None:
    try:
        error = RuntimeError(text)
        if note:
            error.add_note(note)
        raise error
    except RuntimeError as cause:
        raise KeyError(text) from cause


def _own_exception(text: str) -> None:
    try:
        _raise(text, note=text)
    except KeyError:
        _own().exception("failed")


def _foreign_exception(text: str) -> None:
    try:
        _raise(text)
    except KeyError:
        logging.getLogger("asyncio").exception("failed %s", text)


def _exception_group(text: str) -> None:
    try:
        raise ExceptionGroup("several", [ValueError(text), OSError(5, text)])
    except ExceptionGroup:
        _own().exception("failed")


PLACES = [
    Place("event", lambda text: _own().info(text)),
    Place("field", lambda text: _own().info("done", reason=text)),
    Place("key", lambda text: _own().info("done", **{text: 1})),
    Place("nested", lambda text: _own().info("done", data={"a": [{"b": (text, {text})}], text: 2})),
    Place("dataclass", lambda text: _own().info("done", value=Holder([text]))),
    Place("model", lambda text: _own().info("done", value=Model(inside=text))),
    Place("object", lambda text: _own().info("done", value=type("T", (), {"__str__": lambda _: f"<{text!r}>"})())),
    Place("error value", lambda text: _own().info("done", error=ValueError(text))),
    Place("bytes", lambda text: _own().info("done", value=text.encode())),
    Place("positional", lambda text: _own().info("done %s", text)),
    Place("bound", lambda text: _own().bind(reason=text).warning("done")),
    Place("exception", _own_exception),
    Place("exception group", _exception_group),
    Place("foreign args", lambda text: logging.getLogger("uvicorn.error").info("%s and %r", text, [text])),
    Place("foreign message", lambda text: logging.getLogger("apscheduler").info("%s".replace("%s", text))),
    Place("foreign faulty", lambda text: logging.getLogger("apscheduler").info("%d", text)),
    Place("foreign exception", _foreign_exception),
    Place("logger's name", lambda text: logging.getLogger(f"library.{text}").warning("done")),
]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("place", PLACES, ids=str)
@_EACH
@given(secret=_SECRETS, before=_WORDS, after=_WORDS)
def test_a_secret_is_in_no_line_wherever_it_stood(
    stream: io.StringIO, form: Any, place: Place, secret: str, before: str, after: str
) -> None:
    """Fields, keys, messages, exceptions, a library's arguments: none of them shows a known secret."""
    output = io.StringIO()
    configure(form, "debug", output, [secret])
    place.write(f"{before} {secret} {after}")
    assert output.getvalue()
    assert secret not in output.getvalue()
    assert json.dumps(secret)[1:-1] not in output.getvalue()


@_EACH
@given(secret=_SECRETS, user=_SECRETS)
def test_a_secret_is_recognised_in_every_usual_spelling(secret: str, user: str) -> None:
    """Quoted, percent-encoded, in JSON, HTML or base64, alone or as `user:key`."""
    redact = Redactor([user, secret]).text
    for spelt in (
        secret,
        repr(secret)[1:-1],
        repr(repr(secret)),
        json.dumps({"a": secret}),
        json.dumps(json.dumps(secret)),
        quote(secret),
        quote(secret, safe=""),
        quote(quote(secret, safe=""), safe=""),
        quote_plus(secret),
        html.escape(secret),
        base64.b64encode(secret.encode()).decode(),
        base64.b64encode(f"{user}:{secret}".encode()).decode(),
        base64.urlsafe_b64encode(f"{user}:{secret}".encode()).decode(),
        quote(base64.b64encode(f"{user}:{secret}".encode()).decode(), safe=""),
    ):
        shown = redact(f"before {spelt} after")
        assert spelt.strip("'\"=") not in shown
        assert REDACTED in shown


@pytest.mark.parametrize("place", PLACES, ids=str)
@_EACH
@given(canary=_ADDRESSES | _PHONES)
def test_an_address_or_a_number_of_a_client_is_in_no_line(stream: io.StringIO, place: Place, canary: str) -> None:
    """E-mail addresses and telephone numbers are recognised by their looks, in any place."""
    output = io.StringIO()
    configure("json", "debug", output)
    place.write(f"asked for {canary} today")
    assert output.getvalue()
    assert canary not in output.getvalue()


@pytest.mark.parametrize("key", _CLIENT_KEYS)
@_EACH
@given(
    value=st.recursive(
        st.just("Canary"), lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.just("k"), inner)
    )
)
def test_a_client_s_detail_is_taken_out_by_the_name_of_its_field(key: str, value: Any) -> None:
    """At the top, nested, and quoted in a text."""
    redactor = Redactor()
    shown = [
        redactor.event({key: value}),
        redactor.event({"changes": [{"row": {key: value}}]}),
        redactor.text(json.dumps({key: "Canary"})),
        redactor.text(f"{key}='Canary'"),
    ]
    assert "Canary" not in str(shown)


def test_values_of_the_model_are_logged_without_their_clients() -> None:
    """An appointment's client that somebody logs by mistake shows nothing."""
    client = Client(first_name="Canary", last_name="Canary", email="canary@example.com", phone="5550100")
    shown = Redactor().event({"value": client, "values": [client], "text": f"{client}"})
    assert "anary" not in str(shown)
    assert "5550100" not in str(shown)


@pytest.mark.parametrize(
    "header",
    [
        "Authorization: Bearer aiva_CANARY",
        "authorization: Basic Q0FOQVJZOkNBTkFSWQ==CANARY",
        "{'x-api-key': 'CANARY'}",
        "[(b'X-API-Key', b'CANARY')]",
        "https://example.com/x?api_key=CANARY&y=1",
        "token=CANARY",
        "[SQL: INSERT …]\n[parameters: ('CANARY', 'Smith')]",
        "[type=string_type, input_value={'x': 'CANARY'}, input_type=dict]",
    ],
)
def test_credentials_that_nobody_told_of_are_recognised_by_their_looks(header: str) -> None:
    """Headers, queries, and what libraries quote of data."""
    assert "CANARY" not in Redactor().text(header)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T10:00:00Z",
        "at 2026-12-01 10:00:00.123456+00:00 for 12345678 ms",
        "GET /appointments/1722118401: answered 404",
        "id=1722118401 appointmentTypeID: 94517100",
        "eeaa0637-a55e-4f9b-9e54-ec4f9f2b9e95",
        "127.0.0.1:54321 and 0:00:12.345678",
        "job1234567890 at 0x7fc577015c50",
        "took 0.0001234567 s, 123456789 bytes",
        "Acuity answered 429, too many requests",
        "the token, the scope or the account is wrong",
    ],
)
def test_what_an_operator_works_with_stays_readable(text: str) -> None:
    """Times, durations, ids, addresses of machines."""
    assert Redactor(["a-secret"]).text(text) == text


def test_numbers_under_telling_names_stay_readable() -> None:
    """Ids, statuses and measures are no telephone numbers."""
    fields = {"id": "1722118401", "remote_id": 1722118401, "status": 200, "ms": 12345678, "ratio": 0.5, "ok": True}
    fields |= {"appointment": "5550100", "nothing": None, "vendor": "crm", "appointmentTypeID": 94517100}
    assert Redactor().event(fields) == fields


def test_times_and_durations_are_written_plainly() -> None:
    """ISO for moments, seconds for durations."""
    shown = Redactor().event({"since": datetime(2026, 12, 1, tzinfo=UTC), "interval": timedelta(minutes=2)})
    assert shown == {"since": "2026-12-01T00:00:00+00:00", "interval": 120.0}


def test_an_object_that_cannot_be_shown_does_not_lose_the_line() -> None:
    """A broken `__str__` and an endless structure are no crash."""

    def broken(_: object) -> str:
        raise RuntimeError

    endless: list[Any] = []
    endless.append(endless)
    shown = Redactor().event({"value": type("Broken", (), {"__str__": broken})(), "endless": endless})
    assert shown["value"] == "<Broken>"
