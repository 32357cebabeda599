"""Products."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from flask import Blueprint
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlalchemy import select

from ..attempts import READER_FIRST
from ..models import Product
from ..names import Name
from ..route_specs import WHOLE, Answer, Strict, operation
from ..services import transaction
from .paging import Next, Page, Search, Total, find, page

routes = Blueprint("products", __name__, url_prefix="/api/v1/products")


_PRICE = r"^[0-9]{1,8}(\.[0-9]{1,2})?$"
_HIGHEST = Decimal("99999999.99")


def _price(value: object) -> Decimal:
    """A price of a JSON body: a number, or its digits as text."""
    if isinstance(value, str) and re.fullmatch(_PRICE.strip("^$"), value):
        return Decimal(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _HIGHEST:
        price = Decimal(str(value))
        if price == round(price, 2):
            return round(price, 2)
    words = f"must be a price from 0 to {_HIGHEST} with at most two decimals"
    raise PydanticCustomError("own_words", "{words}", {"words": words})


_PRICE_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": float(_HIGHEST), "multipleOf": 0.01},
        {"type": "string", "pattern": _PRICE},
    ]
}


Stock = Annotated[int, Field(ge=0, le=1_000_000_000), WHOLE]


class ProductIn(Strict):
    sku: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    name: Name
    price: Annotated[Decimal, BeforeValidator(_price), WithJsonSchema(_PRICE_SCHEMA)]
    # A caller who says nothing of the stock leaves it as it is: it knows of none, or has not changed it.
    stock: Annotated[Stock | None, Field(description="how many there are; null: not counted")] = None


class ProductOut(Answer):
    id: int
    sku: str
    name: str
    price: Decimal
    stock: int | None


class ProductPage(Answer):
    items: list[ProductOut]
    next: Next
    total: Total


class ProductQuery(Page):
    sort: Literal["id", "-id", "name", "-name", "sku", "-sku", "price", "-price"] = "id"
    search: Search = ""


@routes.get("")
@operation("A page of products", reads=READER_FIRST, query=ProductQuery, returns=ProductPage)
def list_products(query: ProductQuery) -> dict[str, Any]:
    rows = select(Product).where(Product.name.contains(query.search, autoescape=True))
    with transaction() as session:
        return page(session, rows, Product, query)


@routes.post("")
@operation("Create a product", body=ProductIn, once=True, returns=ProductOut, status=201, errors=(409, 503))
def create_product(body: ProductIn) -> Product:
    with transaction() as session:
        session.add(product := Product(**body.model_dump()))
    return product


@routes.get("/<int:product_id>")
@operation("One product", reads=READER_FIRST, returns=ProductOut, errors=(404, 503))
def read_product(product_id: int) -> Product:
    with transaction() as session:
        return find(session, Product, product_id)


@routes.put("/<int:product_id>")
@operation("Change a product", body=ProductIn, returns=ProductOut, errors=(404, 409, 503))
def update_product(product_id: int, body: ProductIn) -> Product:
    with transaction() as session:
        product = find(session, Product, product_id)
        for name, value in body.model_dump(exclude_unset=True).items():
            setattr(product, name, value)
    return product


@routes.delete("/<int:product_id>")
@operation("Delete a product that is part of no order", status=204, errors=(404, 409, 503))
def delete_product(product_id: int) -> None:
    with transaction() as session:
        session.delete(find(session, Product, product_id))
