# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Functions of Lambda. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.read("read the function's concurrency", None, missing=["ResourceNotFoundException"])
def concurrency(client: Any, name: str) -> dict[str, int] | None:
    """What is reserved, if anything; None if there is no such function."""
    answer = client.get_function_concurrency(FunctionName=name)
    if "ReservedConcurrentExecutions" not in answer:
        return {}
    return dict(reserved_concurrent_executions=answer["ReservedConcurrentExecutions"])
