# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What CloudFront has under names and without tags: origin access controls and policies. Private to this collection."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@dataclasses.dataclass(frozen=True)
class Kind:
    """
    A kind of such things.

    :param name: as the API's structures have it.
    :param one: as the methods of the client have it.
    :param all: as the method that lists has it.
    :param request: what that method is asked for: the account's own, without those that AWS manages.
    """

    name: str
    one: str
    all: str
    request: dict[str, str] = dataclasses.field(default_factory=dict)


ORIGIN_ACCESS_CONTROL = Kind("OriginAccessControl", "origin_access_control", "origin_access_controls")
RESPONSE_HEADERS_POLICY = Kind(
    "ResponseHeadersPolicy", "response_headers_policy", "response_headers_policies", dict(Type="custom")
)
_MISSING = ("NoSuchOriginAccessControl", "NoSuchResponseHeadersPolicy")


@dataclasses.dataclass(frozen=True)
class Found:
    """One of them, with the ETag that a change has to name."""

    id: str
    etag: str
    config: dict[str, Any]


def _find(client: Any, kind: Kind, name: str) -> Found | None:
    """The one of this name, None if there is none."""
    known = next((one for one in _list(client, kind) if _name(one, kind) == name), None)
    return _get(client, kind, known["Id"]) if known else None


def ensure(module: AnsibleAWSModule, kind: Kind, config: dict[str, Any], nothing: dict[str, Any]) -> dict[str, Any]:
    """
    Have it there with this configuration, and what else of it is found left alone; the module's result.

    :param nothing: what the parts of a configuration are that do nothing, which CloudFront may leave out.
    """
    client = module.client("cloudfront")
    found = _find(client, kind, config["Name"])
    before = {**nothing, **_without_empty(found.config)} if found else {}
    after = {**before, **config}
    changed, found_id = before != after, found.id if found else ""
    if changed and not module.check_mode:
        sent = _without_empty(after)
        found_id = _update(client, kind, found, sent) if found else _create(client, kind, sent)
    return dict(changed=changed, id=found_id, diff=dict(before=_shown(before), after=_shown(after)))


def remove(module: AnsibleAWSModule, kind: Kind) -> dict[str, Any]:
    """Have it gone; the module's result."""
    client = module.client("cloudfront")
    found = _find(client, kind, module.params["name"])
    if found and not module.check_mode:
        _delete(client, kind, found)
    return dict(changed=bool(found), id="", diff=dict(before=_shown(found.config) if found else {}, after={}))


def _shown(config: dict[str, Any]) -> dict[str, Any]:
    return dict(camel_dict_to_snake_dict(config))


def _without_empty(config: dict[str, Any]) -> dict[str, Any]:
    """Without the parts that name nothing, except for texts, which may be empty."""
    return {key: value for key, value in config.items() if value not in ({}, {"Quantity": 0}, None)}


def _name(one: dict[str, Any], kind: Kind) -> str:
    return str(one["Name"] if "Name" in one else one[f"{kind.name}Config"]["Name"])


@_calls.call("list what CloudFront has under names")
def _list(client: Any, kind: Kind) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    request = dict(kind.request)
    while True:
        answer = getattr(client, f"list_{kind.all}")(**request)[f"{kind.name}List"]
        items += [one.get(kind.name, one) for one in answer.get("Items") or []]
        if not answer.get("NextMarker"):
            return items
        request["Marker"] = answer["NextMarker"]


@_calls.read("read what CloudFront has under a name", None, missing=_MISSING)
def _get(client: Any, kind: Kind, found_id: str) -> Found | None:
    answer = getattr(client, f"get_{kind.one}")(Id=found_id)
    return Found(found_id, answer["ETag"], answer[kind.name][f"{kind.name}Config"])


@_calls.call("create what CloudFront has under a name")
def _create(client: Any, kind: Kind, config: dict[str, Any]) -> str:
    return str(getattr(client, f"create_{kind.one}")(**{f"{kind.name}Config": config})[kind.name]["Id"])


@_calls.call("change what CloudFront has under a name")
def _update(client: Any, kind: Kind, found: Found, config: dict[str, Any]) -> str:
    getattr(client, f"update_{kind.one}")(Id=found.id, IfMatch=found.etag, **{f"{kind.name}Config": config})
    return found.id


@_calls.delete("delete what CloudFront has under a name", missing=_MISSING)
def _delete(client: Any, kind: Kind, found: Found) -> None:
    getattr(client, f"delete_{kind.one}")(Id=found.id, IfMatch=found.etag)
