"""What every command needs first: the configuration, the logs, and the options that both are chosen by."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from syncd import logs
from syncd.config import Configuration, find, load


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


@dataclass(slots=True)
class Setting:
    """The options that stand before a command's name."""

    config: Path | None = None
    log_format: LogFormat | None = None
    log_level: LogLevel | None = None
    secrets: tuple[str, ...] = ()

    def load(self, config: Path | None = None) -> Configuration:
        """The configuration; from here on logs keep its secrets out, and those of earlier ones.

        Raises ConfigurationError.
        """
        self.start_logs(self.secrets)
        configuration = load(find(config or self.config, os.environ), os.environ)
        self.secrets = tuple(dict.fromkeys((*self.secrets, *configuration.secrets)))
        self.start_logs(self.secrets)
        return configuration

    def start_logs(self, secrets: tuple[str, ...], usual: LogLevel = LogLevel.INFO) -> None:
        """Set the logs up; `usual` is the level where none was asked for."""
        form: Literal["console", "json"] | None = None
        if self.log_format is not None:
            form = "console" if self.log_format is LogFormat.CONSOLE else "json"
        logs.configure(form, (self.log_level or usual).value, sys.stderr, secrets)


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


def setting_of(context: typer.Context) -> Setting:
    """The setting that the options before the command's name made."""
    found = context.find_object(Setting)
    return found if found is not None else Setting()
