"""Where things lie: the configuration file that is meant, its text, and the state store.

Decides on paths; what the text says is for `loading`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import abc
from pathlib import Path
from typing import Any

from syncd.config.problems import ConfigurationError
from syncd.vendors.settings import below

USUAL = (Path("syncd.toml"), Path("/etc/syncd/syncd.toml"))
"""Where a configuration is looked for when none is named, first found first."""

_SCHEME = "sqlite:///"
_STATE_NAME = "syncd.db"
_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)


def find(argument: Path | str | None, environ: abc.Mapping[str, str], usual: abc.Sequence[Path] = USUAL) -> Path:
    """The configuration file: `argument` (-c), else `$SYNCD_CONFIG`, else the first of `usual` that is there.

    One that is named is not replaced by another. Raises `ConfigurationError`, which lists what was looked for.
    """
    named = environ.get("SYNCD_CONFIG")
    if argument is not None:
        return _must_exist(Path(argument), "-c")
    if named:
        return _must_exist(Path(named), "$SYNCD_CONFIG")
    for path in usual:
        if os.path.lexists(path):
            return path
    looked = ", ".join(["$SYNCD_CONFIG (not set)", *(str(path.absolute()) for path in usual)])
    raise ConfigurationError(
        [f"no configuration: looked for {looked}; name one with -c FILE, or write one with: syncd init"]
    )


def _must_exist(path: Path, by: str) -> Path:
    if not os.path.lexists(path):
        raise ConfigurationError([f"{path}: no such file (named by {by}); write one with: syncd init"])
    return path


def read_toml(path: Path) -> dict[str, Any]:
    """The file's content. Raises `ConfigurationError` with file, line and column where it is no TOML."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError([f"{path}, line {line}: not UTF-8: save the file in that encoding"]) from None
    except IsADirectoryError:
        raise ConfigurationError([f"{path}: a folder, not a file: name the file in it"]) from None
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not a path"
        raise ConfigurationError([f"{path}: cannot be read: {reason}"]) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([_syntax(path, text, str(error))]) from None
    except (RecursionError, ValueError):
        raise ConfigurationError(
            [f"{path}: not TOML that can be read: nested too deep, or a number too long"]
        ) from None


def _syntax(path: Path, text: str, message: str) -> str:
    place = _PLACE.fullmatch(message)
    what = place["what"] if place else message
    if place and place["line"]:
        line, column = int(place["line"]), int(place["column"])
    else:
        line, column = text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1
    return f"{path}, line {line}, column {column}: not TOML: {what}; text stands in quotes, tables in {{ }} or [ ]"


def state_url(url: str | None, folder: Path, environ: abc.Mapping[str, str]) -> str:
    """The state store's address with an absolute path. Raises ValueError, saying why, for one that cannot be used."""
    if url is None:
        home = environ.get("STATE_DIRECTORY", "").partition(":")[0]
        path = Path(home).absolute() / _STATE_NAME if home else folder / _STATE_NAME
    else:
        if not url.startswith(_SCHEME):
            raise ValueError('only SQLite files hold the state: "sqlite:///state.db"')
        path = below(folder, url.removeprefix(_SCHEME))
        if url.removeprefix(_SCHEME) in ("", ":memory:"):
            raise ValueError('the state must outlast the process: name a file, as in "sqlite:///state.db"')
    if any(letter in str(path) for letter in "?\x00"):
        raise ValueError("the path of the state must hold neither a question mark nor a null character")
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name a file in it")
    return f"{_SCHEME}{path}"
