"""What is in a report: pure, but for the database that it reads, within one transaction that can change nothing."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import os
import ssl
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

TOP = 10  # products
_ORDERS = """
    select orders.status, count(distinct orders.id) orders, coalesce(sum(quantity), 0) items,
      coalesce(sum(quantity * price), 0) amount
    from orders left join order_items on order_items.order_id = orders.id
    where created_at >= %s and created_at < %s group by orders.status
"""
_PRODUCTS = """
    select sku, name, sum(quantity) quantity, sum(quantity * order_items.price) amount
    from orders join order_items on order_items.order_id = orders.id join products on products.id = product_id
    where created_at >= %s and created_at < %s and status <> 'cancelled'
    group by products.id, sku, name order by amount desc, sku limit %s
"""
_USERS = """
    select (select count(*) from users) total,
      (select count(distinct user_id) from orders where created_at >= %s and created_at < %s) ordering
"""


@contextlib.contextmanager
def connect(secret: dict[str, str], tls: ssl.SSLContext) -> Iterator[Any]:
    """A connection in a transaction that reads one state of the database and may change nothing."""
    connection = pymysql.connect(
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ["DATABASE_PORT"]),
        database=os.environ["DATABASE_NAME"],
        user=secret["username"],
        password=secret["password"],
        charset="utf8mb4",
        cursorclass=DictCursor,
        ssl=tls,
        connect_timeout=5,
        read_timeout=20,
    )
    with contextlib.closing(connection):
        with connection.cursor() as cursor:
            cursor.execute("start transaction with consistent snapshot, read only")
        yield connection


def of_database(connection: Any, day: datetime.date) -> dict[str, Any]:
    """Users and orders of a day, by UTC, as the database has the times."""
    span = (day, day + datetime.timedelta(days=1))
    (users,) = _rows(connection, _USERS, span)
    states = _rows(connection, _ORDERS, span)
    products = _rows(connection, _PRODUCTS, (*span, TOP))
    taken = [one for one in states if one["status"] != "cancelled"]
    return {
        "users": {"total": int(users["total"]), "ordering": int(users["ordering"])},
        "orders": {
            "count": sum(int(one["orders"]) for one in states),
            "by_status": {one["status"]: int(one["orders"]) for one in states},
            "items": sum(int(one["items"]) for one in taken),  # without those of cancelled orders
            "amount": _money(sum((one["amount"] for one in taken), Decimal())),
        },
        "products": [
            {"sku": one["sku"], "name": one["name"], "quantity": int(one["quantity"]), "amount": _money(one["amount"])}
            for one in products
        ],
    }


def _rows(connection: Any, statement: str, values: Iterable[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, tuple(values))
        return list(cursor.fetchall())


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def of_uploads(objects: Iterable[dict[str, Any]], day: datetime.date) -> dict[str, int]:
    """Of the files that are there, those that were stored on the day."""
    sizes = [one["Size"] for one in objects if one["LastModified"].astimezone(datetime.UTC).date() == day]
    return {"count": len(sizes), "bytes": sum(sizes)}


def as_csv(found: dict[str, Any]) -> str:
    """One line for each figure: what of, which, count, amount."""
    orders = found["orders"]
    rows: list[tuple[Any, ...]] = [
        ("day", found["day"], "", ""),
        ("users", "total", found["users"]["total"], ""),
        ("users", "ordering", found["users"]["ordering"], ""),
        ("orders", "all", orders["count"], orders["amount"]),
        *(("orders", status, count, "") for status, count in sorted(orders["by_status"].items())),
        ("items", "all", orders["items"], orders["amount"]),
        *(("product", f"{one['sku']} {one['name']}", one["quantity"], one["amount"]) for one in found["products"]),
        ("uploads", "all", found["uploads"]["count"], ""),
        ("uploads", "bytes", found["uploads"]["bytes"], ""),
    ]
    text = io.StringIO()
    csv.writer(text).writerows([("of", "which", "count", "amount"), *([_plain(one) for one in row] for row in rows)])
    return text.getvalue()


def _plain(value: Any) -> Any:
    """A name that a spreadsheet would take for a formula is kept from being one."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
