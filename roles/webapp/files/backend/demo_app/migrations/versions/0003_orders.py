"""Orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False, server_default="new"),
        sa.Column("created_at", mysql.DATETIME(fsp=6), nullable=False, server_default=sa.text("(utc_timestamp(6))")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_orders_user_id"),
        sa.CheckConstraint("status in ('new', 'paid', 'shipped', 'cancelled')", name=op.f("ck_orders_status")),
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("orders", if_exists=True)
