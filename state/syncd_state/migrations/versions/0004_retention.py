"""What is over is found by its end, a vendor's records by their start; which records are shared,
which cycles idle.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    shared: sa.Column[bool] = sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("mapping", shared)
    # The JSON text of a mapping names the bookings of others in its record, where there are any.
    op.execute("""UPDATE mapping SET shared = 1 WHERE instr(base, '"guests":{"') > 0""")
    op.drop_index("ix_mapping_vendor_live", "mapping")
    op.create_index(
        "ix_mapping_vendor_start",
        "mapping",
        ["vendor", "start", "live", "remote_id", "appointment_id", "tombstone", "fingerprint"],
    )
    op.create_index("ix_mapping_shared", "mapping", ["shared"], sqlite_where=sa.text("shared = 1"))
    op.create_index("ix_appointment_end", "appointment", ["end", "id"])
    op.create_index("ix_journal_intended_at", "journal", ["intended_at", "id"])
    op.create_index("ix_conflict_seen_at", "conflict", ["seen_at", "id"])
    idle: sa.Column[bool] = sa.Column("idle", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("cycle", idle)
    op.drop_index("ix_cycle_reported", "cycle")
    op.create_index(
        "ix_cycle_idle",
        "cycle",
        ["started_at", "id"],
        sqlite_where=sa.text("idle = 1 AND report IS NOT NULL"),
    )
