"""What a record showed before syncd's own last write to it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("mapping", sa.Column("previous", sa.Text(), nullable=True))
