"""Running Alembic on an open connection: no configuration file, no command line."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_SCRIPTS = Path(__file__).parent / "migrations"

# Alembic hands the connection to a migration through module globals.
_alembic = Lock()


def upgrade(connection: Connection, further: Sequence[Path] = ()) -> None:
    """Carry out all missing revisions in the connection's open transaction."""
    config = _config(further)
    config.attributes["connection"] = connection
    with _alembic:
        command.upgrade(config, "head")


def revisions(further: Sequence[Path] = ()) -> frozenset[str]:
    """All revisions that there are."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config(further)).walk_revisions())


def _config(further: Sequence[Path]) -> Config:
    config = Config()
    # A percent sign starts an interpolation in Alembic's configuration.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    folders = [_SCRIPTS / "versions", *further]
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, folders)).replace("%", "%%"))
    return config
