"""Users are sorted by name."""

from demo_app import additions

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    additions.create_index("ix_users_name", "users", ["name"])


def downgrade() -> None:
    additions.drop_index("ix_users_name", "users")
