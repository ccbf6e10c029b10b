"""Which fields of a record syncd has written itself."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("mapping", sa.Column("written", sa.Text(), nullable=True))
