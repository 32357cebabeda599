"""Old keys are found by their age."""

from demo_app import additions

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    additions.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def downgrade() -> None:
    additions.drop_index("ix_idempotency_keys_created_at", "idempotency_keys")
