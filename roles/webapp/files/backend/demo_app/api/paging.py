"""Keyset pagination: a page starts after the last id of the one before, so rows that come or go shift nothing."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from flask import abort
from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.orm import Session

from ..models import Order, Product, User
from ..route_specs import DIGITS, Strict

Limit = Annotated[int, Field(ge=1, le=200), DIGITS]
MAX_ID = 2**31 - 1  # of the columns


R = TypeVar("R", User, Product, Order)


class Page(Strict):
    limit: Limit = 50
    after: Annotated[int, Field(ge=0, le=MAX_ID, description="`next` of the page before"), DIGITS] = 0


def page(session: Session, rows: Select[R], model: type[R], query: Page) -> dict[str, Any]:
    """One page of rows, and where the next one starts, if there is one."""
    found = session.scalars(rows.where(model.id > query.after).order_by(model.id).limit(query.limit + 1)).all()
    more = len(found) > query.limit
    return {"items": found[: query.limit], "next": found[query.limit - 1].id if more else None}


def find(session: Session, model: type[R], key: int) -> R:
    """The row with this id, or 404."""
    found = session.get(model, key) if key <= MAX_ID else None
    return found or abort(404, f"There is no {model.__name__.lower()} {key}.")
