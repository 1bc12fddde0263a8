"""What was done to one row is found without reading the whole audit log."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index by row."""
    op.create_index("ix_audit_entity_key", "audit", ["entity", "key"])


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_audit_entity_key", "audit")
