"""The configuration of an Acuity account: its key, the calendars that count, and who stands in for a missing client."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, field_validator

from syncd.model.appointment import Client
from syncd.vendors.settings import Secret, VendorSettings, is_number

NAME = "acuity"

RATE = (10, 1.0)
"""Requests per seconds and IP address, all accounts of one host together (field-notes)."""

EXAMPLE = """\
[vendors.{name}]
kind = "acuity"
# base_url = "https://acuityscheduling.com/api/v1"
user_id = { env = "ACUITY_USER" }     # Acuity: Integrations, API
api_key = { env = "ACUITY_KEY" }
# calendar_ids = [14209019]           # only these calendars; default: all of the account
# Stands in where an appointment has no client; its name also where a client has none, its e-mail and phone only where
# your account refuses to do without. It never travels to another vendor. Without it such an appointment is not created
# in Acuity.
# client = { first_name = "Client", last_name = "Unknown", email = "desk@example.com", phone = "5550100" }
# read_only = true                    # its changes go out, nothing is written to it
# timeout = "20s"
# rate = "10/s"                       # Acuity's limit for one IP address, all accounts together
"""


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_blank(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("some text, not blank")
    return value.strip()


def _digits(value: Any) -> str:
    text = _number_as_text(value)
    if not isinstance(text, str) or re.fullmatch("[0-9]+", text) is None:
        raise ValueError("a calendar's id is a whole number")
    return text


Words = Annotated[str, BeforeValidator(_not_blank)]
UserId = Annotated[Secret, BeforeValidator(_number_as_text)]
CalendarId = Annotated[str, BeforeValidator(_digits)]


class Placeholder(BaseModel):
    """The client of appointments that have none, and of the parts that Acuity does not do without."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    first_name: Words
    last_name: Words
    email: Words
    phone: Words

    def client(self) -> Client:
        """The same as a client."""
        return Client(first_name=self.first_name, last_name=self.last_name, email=self.email, phone=self.phone)


class Settings(VendorSettings):
    """`[vendors.NAME]` with `kind = "acuity"`.

    `user_id` and `api_key` are the two halves of HTTP Basic. `calendar_ids` leaves out every other calendar of the
    account. Without `client`, an appointment that lacks a client part which Acuity requires is not created there.
    """

    kind: Literal["acuity"]
    base_url: str = "https://acuityscheduling.com/api/v1"
    user_id: UserId
    api_key: Secret
    calendar_ids: tuple[CalendarId, ...] | None = None
    client: Placeholder | None = None

    @field_validator("user_id")
    @classmethod
    def _fits_basic(cls, value: SecretStr) -> SecretStr:
        if ":" in value.get_secret_value():
            raise ValueError("the user id holds no colon; it is the number beside the API key")
        return value

    @field_validator("calendar_ids")
    @classmethod
    def _some_calendar(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and not value:
            raise ValueError("names no calendar; leave the key out to sync all of them")
        return value if value is None else tuple(dict.fromkeys(value))

    @property
    def account_name(self) -> str | None:
        """The user id is the account's."""
        return self.user_id.get_secret_value()

    def service_fault(self, given: Any) -> str | None:
        """An appointment type goes by its number."""
        return None if is_number(given) else "the number of an appointment type, as Acuity shows it"

    def staff_fault(self, given: Any) -> str | None:
        """Staff go by the number of their calendar."""
        return None if is_number(given) else "the number of a calendar, as Acuity shows it"
