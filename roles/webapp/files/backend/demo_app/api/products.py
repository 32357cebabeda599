"""Products."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from flask import Blueprint
from pydantic import Field, StringConstraints
from sqlalchemy import select

from ..legacy_routes import Name
from ..models import Product
from ..route_specs import Answer, Strict, operation
from ..services import transaction
from .paging import Page, find, page

routes = Blueprint("products", __name__, url_prefix="/api/v1/products")


class ProductIn(Strict):
    sku: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    name: Name
    price: Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]


class ProductOut(Answer):
    id: int
    sku: str
    name: str
    price: Decimal


class ProductPage(Answer):
    items: list[ProductOut]
    next: int | None


@routes.get("")
@operation("A page of products", query=Page, returns=ProductPage)
def list_products(query: Page):
    with transaction() as session:
        return page(session, select(Product), Product, query)


@routes.post("")
@operation("Create a product", body=ProductIn, returns=ProductOut, status=201, errors=(409, 503))
def create_product(body: ProductIn):
    with transaction() as session:
        session.add(product := Product(**body.model_dump()))
    return product


@routes.get("/<int:product_id>")
@operation("One product", returns=ProductOut, errors=(404, 503))
def read_product(product_id: int):
    with transaction() as session:
        return find(session, Product, product_id)


@routes.put("/<int:product_id>")
@operation("Change a product", body=ProductIn, returns=ProductOut, errors=(404, 409, 503))
def update_product(product_id: int, body: ProductIn):
    with transaction() as session:
        product = find(session, Product, product_id)
        for name, value in body.model_dump().items():
            setattr(product, name, value)
    return product


@routes.delete("/<int:product_id>")
@operation("Delete a product that is part of no order", status=204, errors=(404, 409, 503))
def delete_product(product_id: int):
    with transaction() as session:
        session.delete(find(session, Product, product_id))
