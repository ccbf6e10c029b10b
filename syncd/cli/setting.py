"""What every command needs first: the configuration and the logs, as the options chose them."""

from __future__ import annotations

import os
import sys
from typing import Literal

from syncd import config, logs
from syncd.cli import loading
from syncd.cli.options import LogFormat, LogLevel, Setting


def load(setting: Setting) -> config.Configuration:
    """The configuration; from here on logs keep its secrets out, and those of earlier ones.

    With it the vendors' packages are loaded, and so is all that a command works with. Raises ConfigurationError.
    """
    start_logs(setting)
    configuration = config.load(config.find(setting.config, os.environ), os.environ)
    loading.end()
    setting.secrets = tuple(dict.fromkeys((*setting.secrets, *configuration.secrets)))
    start_logs(setting)
    return configuration


def start_logs(setting: Setting, usual: LogLevel = LogLevel.INFO) -> None:
    """Set the logs up; `usual` is the level where none was asked for."""
    form: Literal["console", "json"] | None = None
    if setting.log_format is not None:
        form = "console" if setting.log_format is LogFormat.CONSOLE else "json"
    logs.configure(form, (setting.log_level or usual).value, sys.stderr, setting.secrets)
