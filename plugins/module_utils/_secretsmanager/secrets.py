# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets in Secrets Manager. No value leaves the module that reads it. Private to this collection."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("ResourceNotFoundException",)


@_calls.read("read the secret", [], missing=_MISSING)
def describe(client: Any, name: str) -> list[dict[str, Any]]:
    """The secret of that name or ARN. None if there is none, or if it is only waiting to be deleted."""
    found = client.describe_secret(SecretId=name)
    if found.get("DeletedDate"):
        return []
    found.pop("ResponseMetadata", None)
    return [dict(camel_dict_to_snake_dict(found), tags=boto3_tag_list_to_ansible_dict(found.get("Tags", [])))]


@_calls.read("read the secret's policy", None, missing=_MISSING)
def policy(client: Any, arn: str) -> dict[str, Any] | None:
    document = client.get_resource_policy(SecretId=arn).get("ResourcePolicy")
    return dict(json.loads(document)) if document else None


@_calls.read("read the secret's value", None, missing=_MISSING)
def value(client: Any, arn: str) -> str | None:
    """The text that the secret holds, to be handed to AWS, never to a module's result. None if it is not there."""
    return str(client.get_secret_value(SecretId=arn)["SecretString"])
