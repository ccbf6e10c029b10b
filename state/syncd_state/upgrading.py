"""Running Alembic on an open connection: no configuration file, no command line.

Loaded where there is something to upgrade alone, as SQLAlchemy and Alembic are.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

_SCRIPTS = Path(__file__).parent / "migrations"

# Alembic hands the connection to a migration through module globals.
_alembic = Lock()


@contextmanager
def transaction(opened: sqlite3.Connection) -> Iterator[Connection]:
    """A transaction on this connection, as migrations use it; it holds the write lock from its beginning.

    What SQLite itself refuses is raised as SQLite's own error: SQLAlchemy's also repeats the statement.
    """
    engine = create_engine("sqlite://", creator=lambda: opened, poolclass=StaticPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.connection.cursor().execute("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise error.orig from None
        raise


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
