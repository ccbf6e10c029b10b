"""When each operation was sent, by a clock that never runs backwards, and what listings showed of a lost create."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("journal", sa.Column("sent", sa.Float(), nullable=True))
    op.add_column("journal", sa.Column("missed", sa.Integer(), nullable=True))
    op.create_index("ix_journal_missed", "journal", ["missed"], sqlite_where=sa.text("missed IS NOT NULL"))
