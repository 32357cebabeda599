"""DynamoDB: each table has an id, and another key can encrypt it."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from ...monkeypatch import wrap


def give_table_an_id(original: Any) -> Any:
    def describe(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        shown: dict[str, Any] = original(self, base_key)
        identity = f"{self.table_arn}/{self.created_at.isoformat()}"
        shown[base_key]["TableId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, identity))
        return shown

    return describe


def change_encryption(original: Any) -> Any:
    """UpdateTable drops SSESpecification."""

    def update_table(self: DynamoHandler) -> ActionResult:
        answer: ActionResult = original(self)
        wanted = self.body.get("SSESpecification")
        if wanted:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            own = table._get_default_encryption_key(self.current_account, self.region)
            table.sse_specification = {"KMSMasterKeyId": own, **wanted}
        return answer

    return update_table


def install(_machines: bool = False) -> None:
    wrap(DynamoHandler, "update_table", change_encryption)
    wrap(Table, "describe", give_table_an_id)
