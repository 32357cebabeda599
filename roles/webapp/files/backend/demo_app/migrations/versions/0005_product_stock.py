"""How many of a product there are. Those of before are not counted, until somebody says how many there are."""

import sqlalchemy as sa
from demo_app import additions
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    additions.add_column("products", sa.Column("stock", mysql.INTEGER(unsigned=True)))


def downgrade() -> None:
    additions.drop_column("products", "stock")
