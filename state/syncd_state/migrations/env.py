"""How Alembic runs the revisions: on the connection it is given, inside that connection's transaction.

Tables are altered by copying them (`render_as_batch`), as SQLite can alter little in place. A revision that copies a
table with AUTOINCREMENT must say so again: `batch_alter_table(…, table_kwargs={"sqlite_autoincrement": True})`.
"""

from alembic import context

from syncd_state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
