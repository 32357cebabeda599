"""Products."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sku", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
        sa.UniqueConstraint("sku", name="uq_products_sku"),
        sa.CheckConstraint("char_length(trim(name)) > 0", name=op.f("ck_products_name")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_products_price")),
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("products", if_exists=True)
