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

# AWS's labels: what is in use, what is to be in use next, and what was
CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
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
def value(client: Any, arn: str, stage: str = CURRENT) -> str | None:
    """The text that the secret holds, to be handed to AWS, never to a module's result. None if it is not there."""
    return str(client.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"])


def current_and_previous(client: Any, arn: str) -> list[str]:
    """The values that are in use and that were until the last change, likewise. None if the secret is not there."""
    return [text for text in (value(client, arn, stage) for stage in (CURRENT, PREVIOUS)) if text is not None]


@_calls.read("list the secret's versions", [], missing=_MISSING)
def versions(client: Any, name: str) -> list[dict[str, Any]]:
    """Its versions, the newest first, each with id and stages; also those without, until AWS deletes them."""
    page = client.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)
    found = page["Versions"]
    while page.get("NextToken"):
        page = client.list_secret_version_ids(SecretId=name, IncludeDeprecated=True, NextToken=page["NextToken"])
        found += page["Versions"]
    found.reverse()  # of two of the same second the later one comes first
    found.sort(key=lambda one: str(one["CreatedDate"]), reverse=True)
    return [{"id": one["VersionId"], "stages": sorted(one.get("VersionStages", []))} for one in found]


@_calls.call("add a version to the secret")
def add_pending(client: Any, name: str, value: dict[str, str], version: str) -> None:
    """A version that nobody is given who does not ask for it. A second call with the same id changes nothing."""
    client.put_secret_value(
        SecretId=name, SecretString=json.dumps(value), ClientRequestToken=version, VersionStages=[PENDING]
    )


@_calls.call("change which version of the secret is in use")
def make_current(client: Any, name: str, version: str, instead_of: str) -> None:
    """AWS calls the one of before AWSPREVIOUS."""
    client.update_secret_version_stage(
        SecretId=name, VersionStage=CURRENT, MoveToVersionId=version, RemoveFromVersionId=instead_of
    )


@_calls.call("say that the secret's rotation is done")
def remove_pending(client: Any, name: str, version: str) -> None:
    client.update_secret_version_stage(SecretId=name, VersionStage=PENDING, RemoveFromVersionId=version)
