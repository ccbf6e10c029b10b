"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("updated_at", sa.String(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index("ix_appointment_pending", "appointment", ["pending", "id"])
    op.create_index("ix_appointment_start", "appointment", ["start", "id"])

    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("appointment_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("winner", sa.String(), nullable=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.String(), nullable=False),
        sa.Column("resolved_at", sa.String(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("values_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("key", name=op.f("uq_conflict_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_conflict_appointment_id"), "conflict", ["appointment_id"])
    op.create_index(op.f("ix_conflict_open"), "conflict", ["open"])

    op.create_table(
        "cycle",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", sa.String(), nullable=False),
        sa.Column("finished_at", sa.String(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle")),
    )
    op.create_index("ix_cycle_reported", "cycle", ["started_at", "id"], sqlite_where=sa.text("report IS NOT NULL"))
    op.create_index("ix_cycle_started_at", "cycle", ["started_at", "id"])

    op.create_table(
        "held",
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("approved_at", sa.String(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_held")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("appointment_id", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("intended_at", sa.String(), nullable=False),
        sa.Column("settled_at", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("intended", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('intended', 'done', 'failed', 'unknown', 'stale', 'resolved')", name=op.f("ck_journal_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_journal_appointment_id"), "journal", ["appointment_id"])
    op.create_index(op.f("ix_journal_cycle_id"), "journal", ["cycle_id"])
    op.create_index(op.f("ix_journal_state"), "journal", ["state"])

    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "observation",
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=False),
        sa.Column("window_start", sa.Float(), nullable=False),
        sa.Column("window_end", sa.Float(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("clock_offset", sa.Float(), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("vendor", name=op.f("pk_observation")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("appointment_id", sa.String(), nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("vendor", "key", name=op.f("uq_quarantine_vendor_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("start", sa.Float(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("tombstone", sa.Boolean(), nullable=False),
        sa.Column("tombstone_reason", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("modified_at", sa.String(), nullable=True),
        sa.Column("base_at", sa.Float(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_mapping_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping")),
        sa.UniqueConstraint("vendor", "remote_id", name=op.f("uq_mapping_vendor_remote_id")),
    )
    op.create_index(op.f("ix_mapping_appointment_id"), "mapping", ["appointment_id"])
    op.create_index(
        "ix_mapping_vendor_live",
        "mapping",
        ["vendor", "live", "remote_id", "appointment_id", "start", "tombstone", "fingerprint"],
    )
