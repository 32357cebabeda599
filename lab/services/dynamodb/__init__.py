"""DynamoDB: tables have an id, and another key can encrypt them."""

from __future__ import annotations

from . import tables


def install(machines: bool) -> None:
    tables.install(machines)
