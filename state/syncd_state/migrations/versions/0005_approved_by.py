"""Who released a held operation."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    by: sa.Column[str] = sa.Column("approved_by", sa.String(), nullable=True)
    op.add_column("held", by)
