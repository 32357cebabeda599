# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policies that stand in a role of IAM itself. Private to this collection."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("NoSuchEntity",)


@_calls.read("read the role's policies", {}, missing=_MISSING)
def found(client: Any, role: str) -> dict[str, Any]:
    """Each policy's document by its name; nothing if there is no such role."""
    pages = client.get_paginator("list_role_policies").paginate(RoleName=role)
    names = [name for page in pages for name in page["PolicyNames"]]
    return {name: client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}


@_calls.call("set the role's policy", retry_on=["NoSuchEntity"])
def put(client: Any, role: str, name: str, document: dict[str, Any]) -> None:
    """A role that was made a moment ago may not be known everywhere yet: hence the retries."""
    client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


@_calls.delete("delete the role's policy", missing=_MISSING)
def delete(client: Any, role: str, name: str) -> None:
    client.delete_role_policy(RoleName=role, PolicyName=name)
