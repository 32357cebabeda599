"""The stock of products: no more is taken than there is, however many orders come at once.

Rows are locked in the order of their ids, so that two orders of the same products wait for each other and never both.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .models import OrderItem, Product


def take(session: Session, items: Iterable[OrderItem]) -> None:
    """Take what these lines want, of the products that are counted; 409 if there is too little of one."""
    wanted = {item.product_id: item for item in items if not item.from_stock}
    counted = select(Product.id).where(Product.id.in_(wanted), Product.stock.is_not(None)).order_by(Product.id)
    for key in session.scalars(counted).all():
        quantity = wanted[key].quantity
        enough = update(Product).where(Product.id == key, Product.stock >= quantity)
        if not session.execute(enough.values(stock=Product.stock - quantity)).rowcount:  # type: ignore[attr-defined]
            _refuse(session, key)
        wanted[key].from_stock = quantity


def give_back(session: Session, items: Iterable[OrderItem]) -> None:
    """Put back what was taken for these lines; what is not counted any more stays so."""
    for item in sorted(items, key=lambda item: item.product_id):
        if item.from_stock:
            product = update(Product).where(Product.id == item.product_id)
            session.execute(product.values(stock=Product.stock + item.from_stock))
            item.from_stock = 0


def _refuse(session: Session, key: int) -> None:
    name, left = session.execute(select(Product.name, Product.stock).where(Product.id == key).with_for_update()).one()
    abort(409, f"Of product {key}, {name}, only {left} are left." if left else f"Product {key}, {name}, is sold out.")
