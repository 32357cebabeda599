"""Products are sorted by name."""

from demo_app import additions

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    additions.create_index("ix_products_name", "products", ["name"])


def downgrade() -> None:
    additions.drop_index("ix_products_name", "products")
