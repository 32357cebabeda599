"""Users.

MySQL commits each table by itself, so a migration makes one table and `if_not_exists` lets it be run again after a
crash between the table and its record.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.CheckConstraint("char_length(trim(name)) > 0", name=op.f("ck_users_name")),
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("users", if_exists=True)
