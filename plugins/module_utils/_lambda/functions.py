# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Functions of Lambda. Private to this collection."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_RESERVED = "ReservedConcurrentExecutions"


@_calls.read("read the function", {}, missing=["ResourceNotFoundException"])
def find(client: Any, name: str) -> dict[str, Any]:
    """The function in the words of M(amazon.aws.lambda); nothing if there is no such function."""
    answer = client.get_function(FunctionName=name)
    found, reserved = answer["Configuration"], answer.get("Concurrency") or {}
    return dict(
        function_name=found["FunctionName"],
        description=found.get("Description", ""),
        runtime=found.get("Runtime", ""),
        handler=found.get("Handler", ""),
        role=found["Role"],
        timeout=found["Timeout"],
        memory_size=found["MemorySize"],
        dead_letter_arn=(found.get("DeadLetterConfig") or {}).get("TargetArn", ""),
        environment_variables=(found.get("Environment") or {}).get("Variables", {}),
        vpc_subnet_ids=sorted((found.get("VpcConfig") or {}).get("SubnetIds", [])),
        code_sha256=base64.b64decode(found["CodeSha256"]).hex(),
        tags=answer.get("Tags") or {},
        **({"reserved_concurrent_executions": reserved[_RESERVED]} if _RESERVED in reserved else {}),
    )
