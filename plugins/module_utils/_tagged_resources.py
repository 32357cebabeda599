# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which resources carry certain tags, service by service. Private to this collection.

The Resource Groups Tagging API alone does not do: it doesn't know Auto Scaling groups and most of IAM, and for an hour
it still shows instances and gateways that are gone. So what a listing below covers is asked of the service itself, and
the tagging API is asked for all the rest.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterator

try:
    import jmespath
except ImportError:
    pass  # it comes with botocore, whose absence AnsibleAWSModule reports

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

GONE = ["NoSuchTagSet", "NoSuchBucket", "NoSuchEntity", "ResourceNotFoundException", "ResourceNotFound", "NotFound"]
GONE += ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "LoadBalancerNotFound", "TargetGroupNotFound"]
GONE += ["DBSubnetGroupNotFoundFault", "DBParameterGroupNotFound", "NotFoundException"]


class _ErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(GONE)


LEASE = re.compile(r":parameter/threetier/[^/]+/lease$")  # no part of a stack: who changes it, or removes it, holds it


@dataclasses.dataclass(frozen=True)
class Tags:
    """How tags are read where a listing does not hold them."""

    operation: str
    argument: str
    of: str  # what of the resource is the argument
    path: str
    many: bool = False  # whether the argument is a list
    arn: list[str] | None = None  # operation, argument and path, where only the ARN will do


@dataclasses.dataclass(frozen=True)
class Listing:
    """How resources of one type are listed: an operation, where in its answer they are, what identifies them."""

    type: str
    service: str
    operation: str
    path: str
    id: str
    tags: str | Tags = "Tags"
    params: dict = dataclasses.field(default_factory=dict)
    also: list[str] = dataclasses.field(default_factory=list)  # what else is worth knowing, so that nobody asks again
    names: list[str] = dataclasses.field(default_factory=list)  # patterns of names of what may have no tags yet


def listing(said: dict) -> Listing:
    """A listing as a kind of resource says it, see docs/resources.md."""
    tags = said.get("tags") or "Tags"
    if isinstance(tags, dict):
        tags = Tags(**{key: value for key, value in tags.items() if value is not None})
    given = {key: said[key] for key in ("type", "service", "operation", "path", "id")}
    return Listing(
        **given, tags=tags, params=said.get("params") or {}, also=said.get("also") or [], names=said.get("names") or []
    )


def listed(client, listing: Listing, wanted: dict) -> list[dict]:
    """
    The resources of one listing that carry all the wanted tags.

    What is named as the listing's patterns say is found as well if it has none of the wanted tags' keys: nobody has
    said yet whose it is.
    """
    found = []
    for resource in _list(client, listing):
        tags, identifier = normal(_tags(client, listing.tags, resource)), resource[listing.id]
        unclaimed = not wanted.keys() & tags.keys()
        if wanted.items() <= tags.items() or (unclaimed and _is_named(identifier, listing.names)):
            also = {_snake(key): resource[key] for key in listing.also if key in resource}
            found.append({"type": listing.type, "id": identifier, "tags": tags, "properties": also})
    return found


def unlisted(client, wanted: dict, types: set[str]) -> list[dict]:
    """What the tagging API knows of other types than these."""
    filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    found = []
    for resource in _tagged(client, filters):
        kind = type_of(resource["ResourceARN"])
        if kind not in types and not LEASE.search(resource["ResourceARN"]):
            tags = normal(resource["Tags"])
            found.append({"type": kind, "id": resource["ResourceARN"], "tags": tags, "properties": {}})
    return found


def normal(tags) -> dict[str, str]:
    """Tags as a dictionary, however the service writes them."""
    if isinstance(tags, dict):
        return tags
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in tags or []}


def _is_named(identifier: str, names: list[str]) -> bool:
    """By the whole identifier, or by the end of an address such as a queue's."""
    return any(fnmatch.fnmatchcase(identifier, name) or identifier.endswith(f"/{name}") for name in names)


def _snake(key: str) -> str:
    return camel_dict_to_snake_dict({key: None}).popitem()[0]


def type_of(arn: str) -> str:
    """The type in an ARN: service and, where the name is preceded by one, kind."""
    _arn, _partition, service, _region, _account, rest = arn.split(":", 5)
    kind = re.match(r"([\w-]+)[:/]", rest)
    if kind:
        return f"{service}:{kind[1]}"
    return {"s3": "s3:bucket", "sns": "sns:topic", "sqs": "sqs:queue"}.get(service, service)


@_ErrorHandler.list_error_handler("list resources", [])
@AWSRetry.jittered_backoff()
def _list(client, listing: Listing) -> list[dict]:
    return list(_pages(client, listing.operation, listing.path, **listing.params))


@_ErrorHandler.list_error_handler("read a resource's tags", [])
@AWSRetry.jittered_backoff()
def _tags(client, tags: str | Tags, resource: dict):
    if isinstance(tags, str):
        return resource.get(tags) or []
    value = resource[tags.of]
    if tags.arn:
        operation, argument, path = tags.arn
        value = jmespath.search(path, getattr(client, operation)(**{argument: value}))
    answer = getattr(client, tags.operation)(**{tags.argument: [value] if tags.many else value})
    return jmespath.search(tags.path, answer)


@_ErrorHandler.common_error_handler("ask the tagging API")
@AWSRetry.jittered_backoff()
def _tagged(client, filters: list[dict]) -> list[dict]:
    return list(_pages(client, "get_resources", "ResourceTagMappingList", TagFilters=filters))


def _pages(client, operation: str, path: str, **params) -> Iterator[dict]:
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate(**params)
    else:
        pages = [getattr(client, operation)(**params)]
    for page in pages:
        yield from jmespath.search(path, page) or []
