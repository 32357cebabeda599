"""Orders: who ordered how much of what, at the price of that day."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Literal

from flask import Blueprint, abort
from pydantic import Field, model_validator
from sqlalchemy import select

from ..models import ORDER_STATES, Order, OrderItem, Product
from ..route_specs import Answer, Strict, operation
from ..services import transaction
from .paging import Page, find, page

routes = Blueprint("orders", __name__, url_prefix="/api/v1/orders")

Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
State = Literal[ORDER_STATES]


class ItemIn(Strict):
    product_id: Id
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class OrderIn(Strict):
    user_id: Id
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def each_product_once(self):
        if len({item.product_id for item in self.items}) < len(self.items):
            raise ValueError("name each product once")
        return self


class OrderChange(Strict):
    status: State


class ItemOut(Answer):
    product_id: int
    quantity: int
    price: Decimal


class OrderOut(Answer):
    id: int
    user_id: int
    status: State
    created_at: datetime.datetime
    items: list[ItemOut]


class OrderPage(Answer):
    items: list[OrderOut]
    next: int | None


class OrderQuery(Page):
    user_id: Annotated[int | None, Field(ge=1, description="orders of this user only")] = None


@routes.get("")
@operation("A page of orders, of all users or of one", query=OrderQuery, returns=OrderPage)
def list_orders(query: OrderQuery):
    rows = select(Order) if query.user_id is None else select(Order).where(Order.user_id == query.user_id)
    with transaction() as session:
        return page(session, rows, Order, query)


@routes.post("")
@operation("Place an order", body=OrderIn, returns=OrderOut, status=201, errors=(409, 503))
def create_order(body: OrderIn):
    wanted = {item.product_id: item.quantity for item in body.items}
    with transaction() as session:
        prices = dict(session.execute(select(Product.id, Product.price).where(Product.id.in_(wanted))).all())
        if missing := sorted(wanted.keys() - prices.keys()):
            abort(409, f"There is no product {missing[0]}.")
        items = [OrderItem(product_id=key, quantity=wanted[key], price=prices[key]) for key in sorted(wanted)]
        session.add(order := Order(user_id=body.user_id, items=items))
        session.flush()
        session.refresh(order)  # the database sets the state and the time
    return order


@routes.get("/<int:order_id>")
@operation("One order", returns=OrderOut, errors=(404, 503))
def read_order(order_id: int):
    with transaction() as session:
        return find(session, Order, order_id)


@routes.patch("/<int:order_id>")
@operation("Change the state of an order", body=OrderChange, returns=OrderOut, errors=(404, 503))
def update_order(order_id: int, body: OrderChange):
    with transaction() as session:
        order = find(session, Order, order_id)
        order.status = body.status
    return order


@routes.delete("/<int:order_id>")
@operation("Delete an order and its items", status=204, errors=(404, 503))
def delete_order(order_id: int):
    with transaction() as session:
        session.delete(find(session, Order, order_id))
