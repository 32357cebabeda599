"""Tables. What must always hold stands here as a constraint, so that it holds for every writer."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData, Numeric, String, func, select, text
from sqlalchemy.dialects.mysql import BIGINT, CHAR, DATETIME, INTEGER, MEDIUMTEXT, VARCHAR
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship

ORDER_STATES = ("new", "paid", "shipped", "cancelled")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
        }
    )


class User(Base):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("char_length(trim(name)) > 0", name="name"),
        Index("ix_users_name", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("char_length(trim(name)) > 0", name="name"),
        CheckConstraint("price >= 0", name="price"),
        Index("ix_products_name", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    # None: nobody counts them. Unsigned, so that the database refuses to give away what is not there.
    stock: Mapped[int | None] = mapped_column(INTEGER(unsigned=True))


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (CheckConstraint(f"status in {ORDER_STATES}", name="status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(String(16), server_default="new")
    created_at: Mapped[datetime.datetime] = mapped_column(DATETIME(fsp=6), server_default=text("(utc_timestamp(6))"))
    items: Mapped[list[OrderItem]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin", order_by="OrderItem.product_id"
    )


class OrderItem(Base):
    """A line of an order; the price is the product's on the day it was ordered."""

    __tablename__ = "order_items"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"), CheckConstraint("price >= 0", name="price"))

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    quantity: Mapped[int] = mapped_column()
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    # Taken from the product's stock: all of them or none, where nobody counts or they have been given back.
    from_stock: Mapped[int] = mapped_column(INTEGER(unsigned=True), server_default="0")

    product_name: Mapped[str] = column_property(
        select(Product.name).where(Product.id == product_id).correlate_except(Product).scalar_subquery(),
        expire_on_flush=False,
    )
    total: Mapped[Decimal] = column_property(quantity * price, expire_on_flush=False)


# What the database finds and sums up for an order; none of it changes with an order's state.
Order.user_name = column_property(
    select(User.name).where(User.id == Order.user_id).correlate_except(User).scalar_subquery(), expire_on_flush=False
)
Order.total = column_property(
    select(func.sum(OrderItem.quantity * OrderItem.price))
    .where(OrderItem.order_id == Order.id)
    .correlate_except(OrderItem)
    .scalar_subquery(),
    expire_on_flush=False,
)


class IdempotencyKey(Base):
    """A request that was answered, and how; made with what it asked for, in one transaction."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    idempotency_key: Mapped[str] = mapped_column(VARCHAR(255, charset="ascii", collation="ascii_bin"), primary_key=True)
    request_digest: Mapped[str] = mapped_column(CHAR(64, charset="ascii", collation="ascii_bin"))
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(MEDIUMTEXT)
    created_at: Mapped[datetime.datetime] = mapped_column(DATETIME(fsp=6), server_default=text("(utc_timestamp(6))"))


class ConsistencyToken(Base):
    """A transaction that wrote something: whoever sees its row sees all of it."""

    __tablename__ = "consistency_tokens"
    __table_args__ = (Index("ix_consistency_tokens_created_at", "created_at"),)

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    created_at: Mapped[datetime.datetime] = mapped_column(DATETIME(fsp=6), server_default=text("(utc_timestamp(6))"))
