"""Orders: who ordered how much of what, at the price of that day."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from flask import Blueprint, abort
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import select

from .. import stock
from ..attempts import READER_FIRST
from ..models import Order, OrderItem, Product, User
from ..route_specs import DIGITS, WHOLE, Answer, Moment, Strict, operation
from ..services import transaction
from .paging import MAX_ID, Next, Page, Search, Total, find, page

routes = Blueprint("orders", __name__, url_prefix="/api/v1/orders")

Id = Annotated[int, Field(ge=1, le=MAX_ID), WHOLE]
State = Literal["new", "paid", "shipped", "cancelled"]


class ItemIn(Strict):
    product_id: Id
    quantity: Annotated[int, Field(ge=1, le=1_000_000), WHOLE]


def _each_product_once(items: list[ItemIn]) -> list[ItemIn]:
    if len({item.product_id for item in items}) < len(items):
        raise PydanticCustomError("own_words", "{words}", {"words": "may name each product once only"})
    return items


class OrderIn(Strict):
    user_id: Id
    items: Annotated[
        list[ItemIn],
        Field(min_length=1, max_length=100, description="each product once"),
        AfterValidator(_each_product_once),
    ]


class OrderChange(Strict):
    status: State


class ItemOut(Answer):
    product_id: int
    product_name: str
    quantity: int
    price: Decimal
    total: Decimal


class OrderOut(Answer):
    id: int
    user_id: int
    user_name: str
    status: State
    created_at: Moment
    items: list[ItemOut]
    total: Decimal


class OrderPage(Answer):
    items: list[OrderOut]
    next: Next
    total: Total


class OrderQuery(Page):
    sort: Literal["id", "-id"] = "id"
    user_id: Annotated[int | None, Field(ge=1, le=MAX_ID, description="orders of this user only"), DIGITS] = None
    status: Annotated[State | None, Field(description="orders in this state only")] = None
    search: Annotated[Search, Field(description="part of the user's name, in either case")] = ""


@routes.get("")
@operation("A page of orders, of all users or of one", reads=READER_FIRST, query=OrderQuery, returns=OrderPage)
def list_orders(query: OrderQuery) -> dict[str, Any]:
    rows = select(Order)
    if query.user_id is not None:
        rows = rows.where(Order.user_id == query.user_id)
    if query.status is not None:
        rows = rows.where(Order.status == query.status)
    if query.search:
        users = select(User.id).where(User.name.contains(query.search, autoescape=True))
        rows = rows.where(Order.user_id.in_(users))
    with transaction() as session:
        return page(session, rows, Order, query)


@routes.post("")
@operation(
    "Place an order; what is counted is taken from the stock",
    body=OrderIn,
    once=True,
    returns=OrderOut,
    status=201,
    errors=(409, 503),
)
def create_order(body: OrderIn) -> Order:
    wanted = {item.product_id: item.quantity for item in body.items}
    with transaction() as session:
        prices = dict(iter(session.execute(select(Product.id, Product.price).where(Product.id.in_(wanted)))))
        if missing := sorted(wanted.keys() - prices.keys()):
            abort(409, f"There is no product {missing[0]}.")
        items = [OrderItem(product_id=key, quantity=wanted[key], price=prices[key]) for key in sorted(wanted)]
        stock.take(session, items)
        session.add(order := Order(user_id=body.user_id, items=items))
        session.flush()
        session.expunge_all()  # the database sets the state, the time and the sums
        return find(session, Order, order.id)


@routes.get("/<int:order_id>")
@operation("One order", reads=READER_FIRST, returns=OrderOut, errors=(404, 503))
def read_order(order_id: int) -> Order:
    with transaction() as session:
        return find(session, Order, order_id)


@routes.patch("/<int:order_id>")
@operation(
    "Change the state of an order; what is cancelled goes back into the stock",
    body=OrderChange,
    returns=OrderOut,
    errors=(404, 409, 503),
)
def update_order(order_id: int, body: OrderChange) -> Order:
    with transaction() as session:
        order = find(session, Order, order_id, lock=True)
        if body.status == "cancelled":
            stock.give_back(session, order.items)
        elif order.status == "cancelled":
            stock.take(session, order.items)
        order.status = body.status
    return order


@routes.delete("/<int:order_id>")
@operation("Delete an order and its items; what was not shipped goes back", status=204, errors=(404, 503))
def delete_order(order_id: int) -> None:
    with transaction() as session:
        order = find(session, Order, order_id, lock=True)
        if order.status != "shipped":
            stock.give_back(session, order.items)
        session.delete(order)
