"""Users."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint
from sqlalchemy import select

from ..attempts import READER_FIRST
from ..models import User
from ..names import Name
from ..route_specs import Answer, Strict, operation
from ..services import transaction
from .paging import Next, Page, Search, Total, find, page

routes = Blueprint("users", __name__, url_prefix="/api/v1/users")


class UserIn(Strict):
    name: Name


class UserOut(Answer):
    id: int
    name: str


class UserPage(Answer):
    items: list[UserOut]
    next: Next
    total: Total


class UserQuery(Page):
    sort: Literal["id", "-id", "name", "-name"] = "id"
    search: Search = ""


@routes.get("")
@operation("A page of users", reads=READER_FIRST, query=UserQuery, returns=UserPage)
def list_users(query: UserQuery) -> dict[str, Any]:
    with transaction() as session:
        return page(session, select(User).where(User.name.contains(query.search, autoescape=True)), User, query)


@routes.post("")
@operation("Create a user", body=UserIn, once=True, returns=UserOut, status=201)
def create_user(body: UserIn) -> User:
    with transaction() as session:
        session.add(user := User(**body.model_dump()))
    return user


@routes.get("/<int:user_id>")
@operation("One user", reads=READER_FIRST, returns=UserOut, errors=(404, 503))
def read_user(user_id: int) -> User:
    with transaction() as session:
        return find(session, User, user_id)


@routes.put("/<int:user_id>")
@operation("Change a user", body=UserIn, returns=UserOut, errors=(404, 503))
def update_user(user_id: int, body: UserIn) -> User:
    with transaction() as session:
        user = find(session, User, user_id)
        user.name = body.name
    return user


@routes.delete("/<int:user_id>")
@operation("Delete a user who has no orders", status=204, errors=(404, 409, 503))
def delete_user(user_id: int) -> None:
    with transaction() as session:
        session.delete(find(session, User, user_id))
