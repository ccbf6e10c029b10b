"""The revisions of the schema, as Alembic reads them."""
