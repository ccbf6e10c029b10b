"""A complete syncd.toml for sandbox vendors, with their demo credentials in plain text.

Knows the configuration's keys from the contract with users, not from the code that reads it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import SERVICES, STAFF, CatalogueRow

_DESK = {"first_name": "Front", "last_name": "Desk", "email": "desk@example.com", "phone": "5550100"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "actuallycare": {"own_addresses": ["agent@example.com"]},
    "acuity": {"client": _DESK},
    "amelia": {"customer_id": 10},
}
"""What a kind can be given besides credentials: so that appointments without a client can be created there, and so that
the agent who attends at the CRM is not taken for one."""


def configuration(
    addresses: Mapping[str, str],
    vendors: Sequence[SandboxVendor],
    state_url: str,
    *,
    rate: str | None = None,
    sync: Mapping[str, Any] | None = None,
    guard: Mapping[str, Any] | None = None,
    http: Mapping[str, Any] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """The text of a syncd.toml.

    `addresses` are root URLs by vendor name. `rate` (`"1000/s"`) replaces every vendor's limit. `sync`, `guard` and
    `http` add keys to those tables; `options` adds keys to a vendor's own, by name, and a value of None takes one out.
    """
    tables = [_table("sync", {"priority": [vendor.name for vendor in vendors], **(sync or {})})]
    tables += [_table(name, values) for name, values in (("guard", guard), ("http", http)) if values]
    tables.append(_table("state", {"url": state_url}))
    for vendor in vendors:
        given = (options or {}).get(vendor.name, {})
        tables.append(_table(f"vendors.{vendor.name}", _vendor(vendor, addresses[vendor.name], rate) | dict(given)))
    tables += [_row("services", row, vendors) for row in SERVICES]
    tables += [_row("staff", row, vendors) for row in STAFF]
    return "\n".join(tables)


def _vendor(vendor: SandboxVendor, address: str, rate: str | None) -> dict[str, Any]:
    keys = {"kind": vendor.kind, "base_url": address + vendor.base_path}
    return keys | _OPTIONS.get(vendor.kind, {}) | vendor.settings() | ({} if rate is None else {"rate": rate})


def _row(name: str, row: CatalogueRow, vendors: Sequence[SandboxVendor]) -> str:
    ids = {vendor.name: row.ids[vendor.kind] for vendor in vendors if vendor.kind in row.ids}
    values = {"name": row.name, "duration": row.duration, "ids": ids, "default": row.default or None}
    return _table(name, values, brackets=("[[", "]]"))


def _table(name: str, values: Mapping[str, Any], brackets: tuple[str, str] = ("[", "]")) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]
    return "\n".join([brackets[0] + name + brackets[1], *lines, ""])


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
        case _:
            raise TypeError(f"{value!r} has no form in TOML")
