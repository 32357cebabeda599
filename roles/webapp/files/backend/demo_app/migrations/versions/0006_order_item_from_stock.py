"""How many of a line were taken from the stock, and go back there if the order is cancelled."""

import sqlalchemy as sa
from demo_app import additions
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    column = sa.Column("from_stock", mysql.INTEGER(unsigned=True), nullable=False, server_default="0")
    additions.add_column("order_items", column)


def downgrade() -> None:
    additions.drop_column("order_items", "from_stock")
