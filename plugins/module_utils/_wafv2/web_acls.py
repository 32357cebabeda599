# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Web ACLs by their names. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls


def find(client: Any, name: str, scope: str) -> dict[str, Any]:
    """As GetWebACL returns it; empty if there is none of the name."""
    found = next((one for one in _list(client, scope) if one["Name"] == name), None)
    return _get(client, name, scope, found["Id"]) if found else {}


@_calls.call("list web ACLs")
def _list(client: Any, scope: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    marker: dict[str, str] = {}
    while True:
        page = client.list_web_acls(Scope=scope, Limit=100, **marker)
        found += page["WebACLs"]
        if not page.get("NextMarker"):
            return found
        marker = {"NextMarker": page["NextMarker"]}


@_calls.read("read a web ACL", {}, missing=["WAFNonexistentItemException"])
def _get(client: Any, name: str, scope: str, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_web_acl(Name=name, Scope=scope, Id=identifier)["WebACL"]
    return found
