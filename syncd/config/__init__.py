"""syncd.toml: where it is found, what it says, and everything that is wrong with it."""

from syncd.config.example import example
from syncd.config.loading import load
from syncd.config.places import find
from syncd.config.problems import ConfigurationError, meant
from syncd.config.values import Configuration, ConfiguredVendor, Listen, Sync

__all__ = [
    "Configuration",
    "ConfigurationError",
    "ConfiguredVendor",
    "Listen",
    "Sync",
    "example",
    "find",
    "load",
    "meant",
]
