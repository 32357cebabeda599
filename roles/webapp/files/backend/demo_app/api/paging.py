"""Keyset pagination: a page starts after the last row of the one before, so rows that come or go shift nothing.

`next` is that row's id and, if the rows are not in the order of their ids, what they are sorted by: 17 or 17~416e6e.
"""

from __future__ import annotations

import operator
import re
from typing import Annotated, Any, Literal, TypeVar

from flask import abort
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_
from sqlalchemy.orm import Session

from ..models import Order, Product, User
from ..names import LONGEST
from ..route_specs import DIGITS, Strict

Limit = Annotated[int, Field(ge=1, le=200), DIGITS]
MAX_ID = 2**31 - 1  # of the columns
_CURSOR = "[0-9]{1,10}(~([0-9a-f]{2}){0,1020})?"  # 255 characters of 4 bytes


R = TypeVar("R", User, Product, Order)


def _cursor(text: str) -> str:
    if not re.fullmatch(_CURSOR, text):
        raise PydanticCustomError("own_words", "{words}", {"words": "must be `next` of the page before"})
    return text


Cursor = Annotated[
    str,
    AfterValidator(_cursor),
    Field(description="`next` of the page before, as it was given", json_schema_extra={"pattern": f"^{_CURSOR}$"}),
]
Next = Annotated[int | str | None, Field(description="`after` of the next page; null on the last one")]
Total = Annotated[int | None, Field(description="how many rows there are on all pages; null if they were not counted")]
Search = Annotated[str, StringConstraints(max_length=LONGEST), Field(description="part of the name, in either case")]


class Page(Strict):
    limit: Limit = 50
    after: Cursor = "0"
    skip: Annotated[int, Field(ge=0, le=1_000_000, description="rows to leave out after that"), DIGITS] = 0
    count: Annotated[Literal["true", "false"], Field(description="whether to count the rows of all pages")] = "false"


def page(session: Session, rows: Select[R], model: type[R], query: Page) -> dict[str, Any]:
    """One page of rows, where the next one starts, if there is one, and how many rows there are, if that is asked."""
    sort: str = getattr(query, "sort")  # noqa: B009 - each noun has fields of its own
    column: ColumnElement[Any] = getattr(model, sort.removeprefix("-"))
    asked = rows.where(_after(query.after, column, model, sort)) if query.after != "0" else rows
    order = (column.desc(), model.id.desc()) if sort.startswith("-") else (column, model.id)
    found = session.scalars(asked.order_by(*order).offset(query.skip).limit(query.limit + 1)).all()
    items, more = found[: query.limit], len(found) > query.limit
    total = None
    if query.count == "true":
        total = session.scalar(rows.with_only_columns(func.count(), maintain_column_froms=True))
    return {"items": items, "next": _next(items[-1], sort.removeprefix("-")) if more else None, "total": total}


def _after(cursor: str, column: ColumnElement[Any], model: type[R], sort: str) -> ColumnElement[bool]:
    digits, _, value = cursor.partition("~")
    beyond = operator.lt if sort.startswith("-") else operator.gt
    further: ColumnElement[bool] = beyond(model.id, int(digits))
    if sort.endswith("id"):
        return further
    last: Any = literal(bytes.fromhex(value).decode(errors="replace"), String)
    last = last if isinstance(column.type, String) else cast(last, column.type)
    return or_(beyond(column, last), and_(column == last, further))


def _next(row: User | Product | Order, name: str) -> int | str:
    return row.id if name == "id" else f"{row.id}~{str(getattr(row, name)).encode().hex()}"


def find(session: Session, model: type[R], key: int, *, lock: bool = False) -> R:
    """The row with this id, kept from others until the end of the transaction if that is said, or 404."""
    found = session.get(model, key, with_for_update=lock or None) if key <= MAX_ID else None
    return found or abort(404, f"There is no {model.__name__.lower()} {key}.")
