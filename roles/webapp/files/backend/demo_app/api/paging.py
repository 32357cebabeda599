"""Keyset pagination: a page starts after the last id of the one before, so rows that come or go shift nothing."""

from __future__ import annotations

from typing import Annotated

from flask import abort
from pydantic import Field
from sqlalchemy import Select
from sqlalchemy.orm import Session

from ..route_specs import Strict

Limit = Annotated[int, Field(ge=1, le=200)]


class Page(Strict):
    limit: Limit = 50
    after: Annotated[int, Field(ge=0, description="`next` of the page before")] = 0


def page(session: Session, rows: Select, model, query: Page) -> dict:
    """One page of rows, and where the next one starts, if there is one."""
    found = session.scalars(rows.where(model.id > query.after).order_by(model.id).limit(query.limit + 1)).all()
    more = len(found) > query.limit
    return {"items": found[: query.limit], "next": found[query.limit - 1].id if more else None}


def find(session: Session, model, key: int):
    """The row with this id, or 404."""
    return session.get(model, key) or abort(404, f"There is no {model.__name__.lower()} {key}.")
