# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may call a function: the statements of its policy. Private to this collection."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("ResourceNotFoundException",)
_CONDITIONS = {"AWS:SourceArn": "source_arn", "AWS:SourceAccount": "source_account"}


@_calls.read("read the function's policy", {}, missing=_MISSING)
def found(client: Any, function: str) -> dict[str, dict[str, Any]]:
    """Each statement by its id, in the words of the module's options; nothing if there is no function or no policy."""
    policy = json.loads(client.get_policy(FunctionName=function)["Policy"])
    return {statement["Sid"]: _read(statement) for statement in policy["Statement"]}


def _read(statement: dict[str, Any]) -> dict[str, Any]:
    principal = statement["Principal"]
    said = dict(
        action=statement["Action"],
        principal=next(iter(principal.values())) if isinstance(principal, dict) else principal,
    )
    for operands in (statement.get("Condition") or {}).values():
        for key, value in operands.items():
            said[_CONDITIONS.get(key, key)] = value
    return said


@_calls.call("let it be called", retry_on=["ResourceConflictException"], tries=5)
def add(client: Any, function: str, statement_id: str, said: dict[str, Any]) -> None:
    words = dict(StatementId=statement_id, Action=said["action"], Principal=said["principal"])
    for key, option in (("SourceArn", "source_arn"), ("SourceAccount", "source_account")):
        if said.get(option):
            words[key] = said[option]
    client.add_permission(FunctionName=function, **words)


@_calls.delete("take the permission to call it", missing=_MISSING)
def remove(client: Any, function: str, statement_id: str) -> None:
    client.remove_permission(FunctionName=function, StatementId=statement_id)
