"""The part of a vendor's configuration that every kind has, and the types that its keys are written in.

A kind extends `VendorSettings` with its own keys. Validation needs a context: `Origin`, which says where secrets and
relative paths come from. Errors are pydantic's; `syncd.config` turns them into messages that name the key.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import ssl
import stat
import zoneinfo
from collections import abc
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    StrictBool,
    ValidationInfo,
    field_validator,
)

from syncd.model.errors import InvalidTime
from syncd.model.wallclock import WallClock
from syncd.vendors.ours import Address
from syncd.vendors.port import AccountSign

_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([smhd])")
_RATE = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{0,6})\s*([smhd])")
_SIZE = re.compile(r"([0-9]{1,9})\s*([KMG])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_HOST = re.compile(r"(\[[^\[\]]*\]|[^\[\]]*)(:[0-9]*)?")
_SECRET_SIZE = 65536


@dataclass(frozen=True, slots=True)
class Origin:
    """Where secrets and relative paths of a configuration come from, and which files were read for it so far."""

    environ: abc.Mapping[str, str]
    folder: Path
    files: list[Path] = field(default_factory=list)


def parse_duration(value: Any) -> Any:
    """`"90s"`, `"2m"`, `"1h"`, `"30d"` to a timedelta."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a duration is written as "90s", "2m", "1h" or "30d"')
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds > 36500 * 86400:
        raise ValueError("longer than a hundred years")
    return timedelta(seconds=seconds)


def duration_of(length: timedelta) -> str:
    """A length as it is written in a configuration, in the largest unit of which it is a whole
    number.
    """
    seconds = length.total_seconds()
    unit = next((unit for unit in ("d", "h", "m") if seconds % _UNITS[unit] == 0), "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


def parse_rate(value: Any) -> Any:
    """`"10/s"` or `"500/15m"` to (requests, seconds)."""
    if isinstance(value, tuple):
        return value
    match = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    count, per = (int(match[1]), int(match[2] or 1) * _UNITS[match[3]]) if match else (0, 0)
    if not count or not per:
        raise ValueError('a rate is written as "10/s" or "500/15m"')
    return count, float(per)


def parse_size(value: Any) -> Any:
    """`"256M"` (mebibytes; also K and G) to bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise ValueError('a size is written as "256M" or "1G"')
    return int(match[1]) * 1024 ** ("KMG".index(match[2]) + 1)


def check_zone(value: str) -> str:
    """A zone that `WallClock` knows; else the error suggests the nearest name."""
    try:
        WallClock(value)
    except InvalidTime as error:
        zones = {zone.casefold(): zone for zone in zoneinfo.available_timezones()}
        near = difflib.get_close_matches(value.strip().replace(" ", "_").casefold(), zones, n=1)
        raise ValueError(f"{error}{f'; did you mean {zones[near[0]]!r}?' if near else ''}") from None
    return value


def resolve_secret(value: Any, info: ValidationInfo) -> Any:
    """Text, or `{ env = … }`, `{ file = … }`, `{ credential = … }`, to the secret itself."""
    if isinstance(value, SecretStr):
        return value
    if isinstance(value, abc.Mapping):
        value = _fetch_secret(value, info.context)
    if not isinstance(value, str):
        raise ValueError("a secret is text in quotes, or { env = … }, { file = … } or { credential = … }")
    if not value.strip():
        raise ValueError("the secret is empty")
    if any(ord(letter) < 32 or ord(letter) > 126 for letter in value.strip()):
        raise ValueError("the secret holds a character that no HTTP header can carry")
    return SecretStr(value.strip())


def _fetch_secret(value: abc.Mapping[str, Any], origin: Origin | None) -> str:
    if origin is None or len(value) != 1 or not all(isinstance(part, str) for part in value.values()):
        raise ValueError("a secret is text, or exactly one of { env = … }, { file = … }, { credential = … }")
    [(source, name)] = value.items()
    if source == "env":
        if not origin.environ.get(name, "").strip():
            # Somebody may have written the secret itself where its variable's name belongs.
            shown = name if _VARIABLE.fullmatch(name) else "that env = … names"
            raise ValueError(f"the environment variable {shown} is {'empty' if name in origin.environ else 'not set'}")
        return origin.environ[name]
    if source == "file":
        origin.files.append(below(origin.folder, name))
        return _read_text(origin.files[-1], private=True)
    if source == "credential":
        folder = origin.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise ValueError(f"$CREDENTIALS_DIRECTORY is not set: give {name} with LoadCredential= in the unit")
        if "/" in name or name in (".", "..", ""):
            raise ValueError("a credential's name has no slash")
        origin.files.append(Path(folder) / name)
        return _read_text(origin.files[-1])
    raise ValueError(f"'{source}' is no source of a secret: use env, file or credential")


def below(folder: Path, name: str | Path) -> Path:
    """A path as a configuration gives it: relative to its folder, `~` for the home."""
    try:
        return folder / Path(name).expanduser()
    except RuntimeError:
        raise ValueError("there is no home folder for ~: give the whole path") from None


def _read_text(path: Path, private: bool = False) -> str:
    try:
        with path.open("rb") as file:
            if private and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise ValueError(f"{path} is readable by others: chmod 600 {path}")
            content = file.read(_SECRET_SIZE + 1)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {os.strerror(error.errno or 0)}") from None
    if len(content) > _SECRET_SIZE:
        raise ValueError(f"{path} is too long for a secret")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not text") from None


_LEAST_SETTLE = timedelta(minutes=2)

Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
Rate = Annotated[tuple[int, float], BeforeValidator(parse_rate)]
Secret = Annotated[SecretStr, BeforeValidator(resolve_secret)]
Zone = Annotated[str, AfterValidator(check_zone)]


class ListingLimits(BaseModel):
    """What one listing may take. More is half a listing, from whose gaps nothing is concluded."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    bytes: Size = 128 * 1024 * 1024
    time: Duration = timedelta(minutes=15)

    @field_validator("time")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= value <= timedelta(days=1):
            raise ValueError("between 1 second and 1 day")
        return value


class VendorSettings(BaseModel):
    """The keys that every `[vendors.NAME]` section may have. A kind sets the default of `base_url`.

    What was sent and got no answer may be carried out until so long afterwards (`settle`): by default three times as
    long as an answer is waited for, and at least two minutes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: str
    base_url: str
    read_only: StrictBool = False
    busy: StrictBool = False
    timeout: Duration = timedelta(seconds=20)
    settle: Duration | None = None
    ca_file: Path | None = None
    rate: Rate | None = None
    listing: ListingLimits = ListingLimits()
    own_addresses: tuple[Address, ...] = ()

    @field_validator("base_url")
    @classmethod
    def _safe_address(cls, value: str) -> str:
        parts = _parts(value)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
            raise ValueError("not an address: it starts with https:// and names a host")
        if parts.username or parts.password:
            raise ValueError("an address holds no user or password; the vendor's own keys do")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise ValueError("http:// is allowed to loopback addresses only; use https://")
        return value.rstrip("/")

    @property
    def local(self) -> bool:
        """Whether the vendor is served by this very machine."""
        parts = _parts(self.base_url)
        return parts is not None and _is_loopback(parts.hostname or "")

    @property
    def account_name(self) -> str | None:
        """What the vendor calls the account, where these keys tell."""
        return None

    @property
    def sign(self) -> AccountSign:
        """By what the account that these keys open is told from another: where it is, and with what it is opened."""
        parts, values = _parts(self.base_url), [getattr(self, name) for name in type(self).model_fields]
        secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        place = (parts.hostname or "") if parts else ""
        return AccountSign(place=place, opened_with=(self.base_url, *secrets), name=self.account_name)

    @property
    def settles_after(self) -> timedelta:
        """How long what got no answer may still be on its way."""
        return self.settle if self.settle is not None else max(3 * self.timeout, _LEAST_SETTLE)

    @property
    def zone(self) -> str | None:
        """The zone of the clock by which its people read times, where the configuration names one."""
        return None

    def service_fault(self, given: Any) -> str | None:
        """What is wrong with the shape of an id in a `[[services]]` row, or None; whether it exists `check` asks."""
        return None

    def staff_fault(self, given: Any) -> str | None:
        """The same of a `[[staff]]` row."""
        return None

    @field_validator("timeout")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if not timedelta(0) < value <= timedelta(minutes=10):
            raise ValueError("between 0 and 10 minutes")
        return value

    @field_validator("settle")
    @classmethod
    def _long_enough(cls, value: timedelta | None, info: ValidationInfo) -> timedelta | None:
        if value is None:
            return None
        timeout, address = info.data.get("timeout", timedelta()), info.data.get("base_url", "")
        parts = _parts(address)
        if not timedelta(0) <= value <= timedelta(days=1):
            raise ValueError("between 0 and 1 day")
        if value < timeout and (parts is None or not _is_loopback(parts.hostname or "")):
            raise ValueError(
                "no shorter than the timeout, or what is still on its way would be made a second time: "
                f'write settle = "{duration_of(timeout)}" or more, or leave it out'
            )
        return value

    @field_validator("ca_file")
    @classmethod
    def _readable(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None:
            return None
        path = below(info.context.folder, value) if isinstance(info.context, Origin) else value
        if not path.is_file():
            raise ValueError(f"{path} is not a file")
        if isinstance(info.context, Origin):
            info.context.files.append(path)
        try:
            ssl.create_default_context(cafile=path)
        except (ssl.SSLError, OSError):
            raise ValueError(f"{path} holds no certificate that can be read (PEM)") from None
        return path


def _parts(address: str) -> SplitResult | None:
    """The parts of an address; None where host or port are none.

    Which of those the standard library refuses by itself, and in which words, differs from release to release.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    odd = any(letter.isspace() or not letter.isprintable() for letter in address)
    return None if odd or port == 0 or not _HOST.fullmatch(parts.netloc.rpartition("@")[2]) else parts


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_number(given: Any) -> bool:
    """Whether a configured id is a whole number, as such or as text."""
    plain = isinstance(given, int | str) and not isinstance(given, bool)
    return plain and re.fullmatch("[0-9]+", str(given)) is not None
