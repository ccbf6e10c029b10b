"""The options that several commands take, and what can be said by them.

What is done with them is for the commands: this loads nothing that their help does not need.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class LogFormat(StrEnum):
    """How logs are written to standard error."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least serious log line that is shown."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class ReportFormat(StrEnum):
    """How a cycle or a plan is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


@dataclass(slots=True)
class Setting:
    """The options that stand before a command's name, `-c` perhaps after it; and the secrets that were read since."""

    config: Path | None = None
    log_format: LogFormat | None = None
    log_level: LogLevel | None = None
    secrets: tuple[str, ...] = ()


def setting_of(context: typer.Context, config: Path | None = None) -> Setting:
    """The setting that the options before the command's name made, with the `-c` after it."""
    found = context.find_object(Setting)
    setting = found if found is not None else Setting()
    setting.config = config or setting.config
    return setting


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        metavar="FILE",
        readable=False,  # it is read, and refused as any other wrong configuration
        help="The configuration; default: $SYNCD_CONFIG, ./syncd.toml, /etc/syncd/syncd.toml.",
    ),
]
UnusedConfigOption = Annotated[Path | None, typer.Option("-c", "--config", hidden=True)]
"""`-c` may stand after any command's name; some bring a configuration of their own."""
ReportOption = Annotated[
    ReportFormat,
    typer.Option("--report", metavar="FORM", help="How to show the cycle or the plan: text, json or html."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Where to put the report; default: standard output.")
]
NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID|VENDOR...", help="Held operations by id, or its start; or all that are held at a vendor."
    ),
]
ZoneDataOption = Annotated[
    bool,
    typer.Option("--zone-data", help="Decide all that a changed zone, or its changed rules, brought for the winner."),
]
ZoneChangedOption = Annotated[
    str | None,
    typer.Option(
        "--zone-changed",
        metavar="VENDOR",
        help="Its zone changed and nobody moved anything: each is decided for the vendor that its time came from.",
    ),
]
UnkindOption = Annotated[
    bool, typer.Option("--unkind", help="The vendors at their least kind, as measured or documented.")
]
