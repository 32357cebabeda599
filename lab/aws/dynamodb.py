"""DynamoDB: each table has an id."""

from __future__ import annotations

import uuid
from typing import Any

from moto.dynamodb.models.table import Table

from .patching import wrap


def give_table_an_id(original: Any) -> Any:
    def describe(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        shown: dict[str, Any] = original(self, base_key)
        identity = f"{self.table_arn}/{self.created_at.isoformat()}"
        shown[base_key]["TableId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, identity))
        return shown

    return describe


def install(_machines: bool = False) -> None:
    wrap(Table, "describe", give_table_an_id)
