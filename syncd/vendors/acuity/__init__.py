"""Acuity Scheduling: everything that syncd knows of it."""

from __future__ import annotations

from syncd.vendors.acuity.adapter import build
from syncd.vendors.acuity.settings import AcuitySettings
from syncd.vendors.kind import Kind

_EXAMPLE = """\
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

KIND = Kind(name="acuity", settings=AcuitySettings, build=build, example=_EXAMPLE)
