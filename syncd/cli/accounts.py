"""Whose accounts the records in the store are of, and what a person says of one that is in doubt."""

from __future__ import annotations

import secrets

import typer

from syncd.assembly import instance_lock, open_ledger
from syncd.cli import stopping
from syncd.cli.failing import WrongUse, told
from syncd.cli.options import Setting
from syncd.cli.setting import load
from syncd.config import Configuration, meant
from syncd.engine.store.accounts import KeptAccount, listed, moved_to, same_as_before
from syncd.vendors.port import AccountSign


@told
def list_accounts(setting: Setting) -> None:
    """One line for each vendor: which account its records are of, and whether the configuration opens that one."""
    stopping.heed()
    configuration = load(setting)
    ledger = open_ledger(configuration, readonly=True)
    try:
        with ledger.legible():
            found = listed(ledger, [vendor.name for vendor in configuration.vendors])
    finally:
        ledger.close()
    for vendor in configuration.vendors:
        typer.echo(f"{vendor.name}: {_said(found[vendor.name], vendor.settings.sign)}")


@told
def moved(setting: Setting, vendor: str) -> None:
    """Set the records of a vendor's former account aside; no cycle may run meanwhile."""
    stopping.heed()
    configuration = load(setting)
    _require(vendor, configuration)
    with instance_lock(configuration):
        ledger = open_ledger(configuration)
        try:
            with ledger.legible():
                number = moved_to(ledger, vendor, configuration.vendor(vendor).settings.sign)
        finally:
            ledger.close()
    typer.echo(
        f"{vendor}: {number} records of the account before are set aside. The next cycle links what the account has by "
        "time and client, and makes what it lacks: 'syncd --dry-run' shows that first"
    )


@told
def same(setting: Setting, vendor: str) -> None:
    """Say that a vendor's records are of the account that it opens now, whatever they look like there by now."""
    stopping.heed()
    configuration = load(setting)
    _require(vendor, configuration)
    ledger = open_ledger(configuration)
    try:
        with ledger.legible():
            sign = configuration.vendor(vendor).settings.sign
            same_as_before(ledger, vendor, sign, secrets.token_bytes(16))
    finally:
        ledger.close()
    typer.echo(
        f"{vendor}: its records are of {sign.place}. The next cycle reads it, and takes what differs from what is "
        "known for changes that people made: 'syncd --dry-run' shows that first"
    )


def _require(vendor: str, configuration: Configuration) -> None:
    names = [one.name for one in configuration.vendors]
    if vendor not in names:
        raise WrongUse(f"{vendor}: no vendor has this name; {meant(vendor, names)}")


def _said(kept: KeptAccount | None, sign: AccountSign) -> str:
    if kept is None:
        return "no account is known yet: the first cycle that reads it keeps which it is"
    since = f"{kept}, known since {kept.since:%Y-%m-%d %H:%M} UTC"
    return since if kept.is_opened_by(sign) else f"{since}; the configuration says {kept.other(sign)} now"
