"""What Amelia's answers mean, which their status codes do not tell."""

from __future__ import annotations

import json

import pytest

from syncd.model.errors import Misconfigured, Unreachable, Unreadable
from syncd.vendors.amelia.answers import final, parse, understood
from syncd.vendors.transport import Answer


def answer(status: int, body: object) -> Answer:
    """An answer with this body; text and bytes as they are, the rest as JSON."""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(status, {}, content)


@pytest.mark.parametrize(
    ("status", "body", "handled"),
    [
        (500, {"message": "Invalid key 742."}, True),
        (500, {"message": None, "data": {"timeSlotUnavailable": True}}, True),
        (500, {"data": {"message": "Not allowed"}}, True),
        (500, {"code": "internal_server_error", "message": "critical error", "data": {"status": 500}}, False),
        (503, {"message": "Service Unavailable"}, False),
        (500, "<h1>Error</h1>", False),
        (500, "", False),
        (500, "[]", False),
        (500, "{}", False),
        (500, '{"message": "x", "data": {', False),
        (500, b'{"message": "\xff"}', False),
        (500, "[" * 100_000, False),
    ],
)
def test_only_an_answer_of_amelia_s_own_is_final(status: int, body: object, handled: bool) -> None:
    """An error that Amelia handled is not tried again; one of WordPress or of a proxy may pass."""
    assert final(answer(status, body)) is handled


@pytest.mark.parametrize(
    ("message", "absent"),
    [
        ("Invalid key 742.", True),
        ("Invalid key 742", True),
        ("Invalid key 74.", False),
        ("Invalid key 7421.", False),
        ("Clé non valide 742.", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("status", [200, 409, 500])
def test_only_the_very_id_asked_for_is_proved_absent(message: str, absent: bool, status: int) -> None:
    """A message that is translated, or names another id, proves nothing, whatever its status."""
    reply = parse(answer(status, {"message": message, "data": []}))
    assert reply is not None
    assert reply.says_absent("742") is absent


@pytest.mark.parametrize(
    ("status", "body", "error", "hint"),
    [
        (200, "0", Unreachable, "plugin is switched off"),
        (400, "0", Unreachable, "plugin is switched off"),
        (403, "", Misconfigured, "api_key"),
        (401, {"message": "no"}, Misconfigured, "api_key"),
        (403, {"data": {"message": "You are not allowed"}}, Misconfigured, "api_key"),
        (200, "", Misconfigured, "api_key"),
        (200, {"message": None, "data": {"reauthorize": True}}, Misconfigured, "api_key"),
        (404, "<html>", Misconfigured, "base_url"),
        (200, "<html>Down for maintenance</html>", Unreadable, "not Amelia's JSON"),
        (200, '{"message": "Successfully', Unreadable, "not Amelia's JSON"),
        (200, "null", Unreadable, "not Amelia's JSON"),
        (400, "<html>", Unreadable, "(400)"),
    ],
)
def test_a_read_that_brought_nothing_says_what_to_do(
    status: int, body: object, error: type[Exception], hint: str
) -> None:
    """Each way of not answering is an error of its own, with the way out."""
    with pytest.raises(error) as caught:
        understood("site", "listing the appointments", answer(status, body))
    assert hint in str(caught.value)
    assert str(caught.value).startswith("site: listing the appointments: ")


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n "])
def test_what_php_prints_before_the_json_is_overlooked(before: bytes) -> None:
    """A byte order mark or blank lines of some other plugin do not hide the answer."""
    reply = parse(answer(200, before + b'{"message": "ok", "data": {"a": 1}}'))
    assert reply is not None
    assert reply.data == {"a": b"1"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"message": "Zauzeto", "data": {"timeSlotUnavailable": True}}, "the time is not free there: it is taken"),
        ({"message": "Unable to save", "data": []}, "it answered “Unable to save”"),
        ({"message": "L'horaire est pris"}, "it answered “L'horaire est pris”"),
        ({"message": "Duplicate entry 'jane@example.com'"}, "it gave no reason that is known"),
        ({"message": "call 2125550123"}, "it gave no reason that is known"),
        ({"message": None, "data": []}, "it gave no reason that is known"),
    ],
)
def test_a_reason_names_nobody(body: object, reason: str) -> None:
    """An error flag is put in words; a message is quoted unless it may hold a client's details."""
    reply = parse(answer(200, body))
    assert reply is not None
    assert reply.reason.startswith(reason)
    assert reply.reason == reason or reply.taken


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Email 'jané@example.com' is not a valid email", "none that Amelia takes"),
        ("Name 'Jane Smith of 4 Elm Row' must be less than 255 chars", "longer than the 255 letters"),
        ("First Name 'Jane\nSmith' must be less than 255 chars", "longer than the 255 letters"),
        ("Email already exist.", "an employee of the site"),
        ("Processing the value for `internalNotes` failed: too long, or contains invalid data: Jane", "an emoji"),
        ("Data too long for column 'internalNotes' at row 1: Jane", "65,535 letters"),
    ],
)
def test_a_refusal_that_quotes_what_was_sent_is_put_in_words(message: str, reason: str) -> None:
    """Whoever reads it knows what to correct, and no client's detail goes along."""
    reply = parse(answer(500, {"message": message, "data": []}))
    assert reply is not None
    assert reason in reply.reason
    assert not any(part in reply.reason for part in ("jan", "Jane", "Elm"))


@pytest.mark.parametrize("word", ["grid", "hours", "taken", "General, Default Time Slot Step"])
def test_a_time_that_is_refused_is_explained(word: str) -> None:
    """Whoever looks there and sees a free employee reads what else may be the reason, and which setting helps."""
    reply = parse(answer(409, {"message": None, "data": {"timeSlotUnavailable": True}}))
    assert reply is not None
    assert word in reply.reason
