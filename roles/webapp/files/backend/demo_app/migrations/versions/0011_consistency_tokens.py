"""Transactions that wrote something: a reader that has the row of one has all of it."""

import sqlalchemy as sa
from alembic import op
from demo_app import additions
from sqlalchemy.dialects import mysql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "consistency_tokens",
        sa.Column("id", mysql.BIGINT, primary_key=True, autoincrement=True),
        sa.Column("created_at", mysql.DATETIME(fsp=6), nullable=False, server_default=sa.text("(utc_timestamp(6))")),
        if_not_exists=True,
    )
    additions.create_index("ix_consistency_tokens_created_at", "consistency_tokens", ["created_at"])


def downgrade() -> None:
    op.drop_table("consistency_tokens", if_exists=True)
