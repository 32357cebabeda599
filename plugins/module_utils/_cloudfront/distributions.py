# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Distributions of CloudFront, known by their tag Name. Private to this collection."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits

_MISSING = ("NoSuchDistribution", "NoSuchResource")
_PAUSE = 5  # seconds between two looks at a distribution that is being deployed
_JUST_MADE = ("NoSuchOriginAccessControl", "InvalidOriginAccessControl", "NoSuchResponseHeadersPolicy")


def find(client: Any, name: str, match_tags: dict[str, str]) -> dict[str, Any]:
    """
    The distribution with the tag Name of this value and these other tags, as CloudFront describes it, with C(ETag) and
    C(Tags); empty if there is none.

    CloudFront does not look for tags: those of one after the other are read, first of what has the name as its comment.
    """
    wanted = {**match_tags, "Name": name}.items()
    for one in sorted(_list(client), key=lambda known: known.get("Comment") != name):
        tags = _tags(client, one["ARN"])
        if wanted <= tags.items() and (found := describe(client, one["Id"])):
            return dict(found, Tags=tags)
    return {}


def by_id(client: Any, distribution_id: str) -> dict[str, Any]:
    """The distribution of this id, as C(find) returns one; empty if there is none."""
    found = describe(client, distribution_id)
    return dict(found, Tags=_tags(client, found["ARN"])) if found else {}


@_calls.call("list the distributions")
def _list(client: Any) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_distributions").paginate()
    return [one for page in pages for one in page["DistributionList"].get("Items") or []]


@_calls.read("read the distribution's tags", {}, missing=_MISSING)
def _tags(client: Any, arn: str) -> dict[str, str]:
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(Resource=arn)["Tags"]["Items"])
    return tags


@_calls.read("read the distribution", {}, missing=_MISSING)
def describe(client: Any, distribution_id: str) -> dict[str, Any]:
    answer = client.get_distribution(Id=distribution_id)
    return dict(answer["Distribution"], ETag=answer["ETag"])


@_calls.call("create the distribution", retry_on=_JUST_MADE)
def create(client: Any, config: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    wanted = dict(
        DistributionConfig=dict(config, CallerReference=str(uuid.uuid4())),
        Tags=dict(Items=ansible_dict_to_boto3_tag_list(tags)),
    )
    answer = client.create_distribution_with_tags(DistributionConfigWithTags=wanted)
    return dict(answer["Distribution"], ETag=answer["ETag"], Tags=tags)


@_calls.call("change the distribution", retry_on=_JUST_MADE)
def update(client: Any, found: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Change what was found; an error if somebody else has changed it since."""
    answer = client.update_distribution(Id=found["Id"], IfMatch=found["ETag"], DistributionConfig=config)
    return dict(answer["Distribution"], ETag=answer["ETag"], Tags=found["Tags"])


@_calls.call("tag the distribution")
def tag(client: Any, arn: str, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    if set_tags:
        client.tag_resource(Resource=arn, Tags=dict(Items=ansible_dict_to_boto3_tag_list(set_tags)))
    if drop_tags:
        client.untag_resource(Resource=arn, TagKeys=dict(Items=drop_tags))


def wait(client: Any, found: dict[str, Any], timeout: int) -> dict[str, Any]:
    """
    Wait until all edges have the configuration; the distribution as it is then.

    :param timeout: seconds.
    :raises AnsibleAWSError: if they have not by then.
    """
    if found["Status"] == "Deployed":
        return found
    _waits.until(
        client,
        "GetDistribution",
        dict(Id=found["Id"]),
        [dict(matcher="path", argument="Distribution.Status", expected="Deployed", state="success")],
        purpose="wait for the distribution",
        timeout=timeout,
        pause=_PAUSE,
        failure=lambda _answer: (
            f"The distribution {found['Id']} was not deployed within {timeout} s. CloudFront goes on "
            "with it; run again to wait for it."
        ),
    )
    return dict(describe(client, found["Id"]), Tags=found["Tags"])


@_calls.delete("delete the distribution", missing=_MISSING)
def delete(client: Any, found: dict[str, Any]) -> None:
    client.delete_distribution(Id=found["Id"], IfMatch=found["ETag"])
