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
from collections.abc import Iterable, Iterator
from typing import Any

try:
    import jmespath
except ImportError:
    pass  # it comes with botocore, whose absence AnsibleAWSModule reports

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls

GONE = ["NoSuchTagSet", "NoSuchBucket", "NoSuchEntity", "ResourceNotFoundException", "ResourceNotFound", "NotFound"]
GONE += ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "LoadBalancerNotFound", "TargetGroupNotFound"]
GONE += ["DBSubnetGroupNotFoundFault", "DBParameterGroupNotFound", "NotFoundException", "InvalidInstanceID.NotFound"]
GONE += ["ObjectLockConfigurationNotFoundError", "NoSuchHostedZone"]


LEASE = re.compile(r":parameter/threetier/[^/]+/lease$")  # no part of a stack: who changes it, or removes it, holds it


@dataclasses.dataclass(frozen=True)
class Tags:
    """How tags are read where a listing does not hold them."""

    operation: str
    argument: str
    of: str  # what of the resource is the argument
    path: str
    many: bool = False  # whether the argument is a list
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    arn: list[str] | None = None  # operation, argument and path, where only the ARN will do


@dataclasses.dataclass(frozen=True)
class Texts:
    """Tags that the listing holds as texts such as "Stack=demo-app", with their quotes, as TXT records have them."""

    texts: str  # their path, or that of one text in which blanks part them


@dataclasses.dataclass(frozen=True)
class Within:
    """What is listed first, where each listing is of one of its resources, such as records of a hosted zone."""

    operation: str
    path: str  # of what the argument takes
    argument: str  # which each resource then has as well


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked of a resource that was found, beside its tags."""

    operation: str
    argument: str
    of: str  # what of the resource is the argument
    path: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    service: str = ""  # who is asked, where it is another service than the one that lists


@dataclasses.dataclass(frozen=True)
class Listing:
    """How resources of one type are listed, see docs/resources.md. Paths are JMESPath's."""

    type: str
    service: str
    operation: str
    path: str
    id: str
    tags: str | Tags | Texts = "Tags"
    within: Within | None = None
    prefix: str = ""  # of the ids, which calls do not take
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    also: dict[str, str] = dataclasses.field(default_factory=dict)  # properties that are returned: name and path
    ask: dict[str, Question] = dataclasses.field(default_factory=dict)  # properties that take a call of their own
    names: list[str] = dataclasses.field(default_factory=list)  # patterns of names of what may have no tags yet
    anywhere: bool = False  # whether it is listed in every region, as buckets and roles are
    edge: bool = False  # whether CloudFront's region may have some as well, whose tag Region says who made them
    edge_only: bool = False  # whether no other region has any
    holds: str = ""  # the ids of what cannot be deleted as long as it is there


@dataclasses.dataclass
class Found:
    """What one listing has of the wanted, and of others what may lie in the way of it."""

    resources: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    elsewhere: list[dict[str, Any]] = dataclasses.field(default_factory=list)  # wanted, but of another region
    others: list[dict[str, Any]] = dataclasses.field(default_factory=list)


def listing(said: dict[str, Any]) -> Listing:
    """A listing as the kind of a resource says it, see docs/resources.md."""
    given = {key: value for key, value in said.items() if value is not None}
    if isinstance(given.get("tags"), dict):
        given["tags"] = (Texts if "texts" in given["tags"] else Tags)(**given["tags"])
    if "within" in given:
        given["within"] = Within(**given["within"])
    given["also"] = {_snake(key): key for key in given.get("also", [])} | given.pop("properties", {})
    given["ask"] = {name: Question(**question) for name, question in given.get("ask", {}).items()}
    return Listing(**given)


def services(listing: Listing) -> set[str]:
    """Those that a listing asks, as boto3 names them."""
    return {listing.service} | {question.service for question in listing.ask.values() if question.service}


def listed(clients: dict[str, Any], listing: Listing, wanted: dict[str, Any], region: str) -> Found:
    """
    The resources of one listing that carry all the wanted tags, and those of others that hold something.

    What is named as the listing's patterns say is found as well if it has none of the wanted tags' keys: nobody has
    said yet whose it is.

    :param clients: one for each of the listing's services, by its name.
    :param region: the stack's; clients of what is listed everywhere do not say it.
    """
    found, client = Found(), clients[listing.service]
    edge = listing.edge or listing.edge_only
    asked = client.meta.region_name if edge else region
    for resource in _list(client, listing):
        tags, identifier = normal(_tags(client, listing.tags, resource)), resource[listing.id]
        unclaimed = not wanted.keys() & tags.keys()
        entry = {"type": listing.type, "id": identifier, "tags": tags}
        if wanted.items() <= tags.items() or (unclaimed and _is_named(identifier, listing.names)):
            entry["properties"] = _properties(clients, listing, resource)
            made = entry["properties"].get("region") or tags.get("Region") if listing.anywhere else asked
            made = tags.get("Region", made) if edge else made
            entry["region"], away = made, made not in (None, region)
            (found.elsewhere if away else found.resources).append(entry)
        elif listing.holds and (held := jmespath.search(listing.holds, resource)):
            found.others.append({**entry, "holds": sorted({one for one in held if one})})
    return found


def in_the_way(found: Iterable[Found]) -> Iterator[dict[str, Any]]:
    """Of what is others', that which keeps a wanted resource from being deleted."""
    found = list(found)
    ours = {identity for one in found for resource in one.resources for identity in _identities(resource)}
    for one in found:
        for other in one.others:
            held = [identity for identity in other["holds"] if identity in ours]
            if held:
                yield {**other, "holds": held}


def _identities(resource: dict[str, Any]) -> set[str]:
    return {resource["id"], resource["properties"].get("arn") or resource["id"]}


def _properties(clients: dict[str, Any], listing: Listing, resource: dict[str, Any]) -> dict[str, Any]:
    known = {name: jmespath.search(path, resource) for name, path in listing.also.items()}
    asked = {
        name: _ask(clients[question.service or listing.service], question, resource)
        for name, question in listing.ask.items()
    }
    return {name: value for name, value in {**known, **asked}.items() if value is not None}


@_calls.read("look at a resource", None, missing=GONE)
def _ask(client: Any, question: Question, resource: dict[str, Any]) -> Any:
    answer = getattr(client, question.operation)(**{question.argument: resource[question.of]}, **question.params)
    return jmespath.search(question.path, answer)


def unlisted(client: Any, wanted: dict[str, Any], types: set[str]) -> Found:
    """What the tagging API knows of other types than these."""
    filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    found = Found()
    for resource in _tagged(client, filters):
        kind = type_of(resource["ResourceARN"])
        if kind not in types and not LEASE.search(resource["ResourceARN"]):
            entry = {"type": kind, "id": resource["ResourceARN"], "tags": normal(resource["Tags"]), "properties": {}}
            found.resources.append({**entry, "region": client.meta.region_name})
    return found


def normal(tags: Any) -> dict[str, str]:
    """Tags as a dictionary, however the service writes them."""
    if isinstance(tags, dict):
        return tags
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in tags or []}


def _is_named(identifier: str, names: list[str]) -> bool:
    """By the whole identifier, or by the end of an address such as a queue's."""
    return any(fnmatch.fnmatchcase(identifier, name) or identifier.endswith(f"/{name}") for name in names)


def _snake(key: str) -> str:
    return str(camel_dict_to_snake_dict({key: None}).popitem()[0])


def type_of(arn: str) -> str:
    """The type in an ARN: service and, where the name is preceded by one, kind."""
    _arn, _partition, service, _region, _account, rest = arn.split(":", 5)
    kind = re.match(r"((?:global|regional)/[\w-]+|[\w-]+)[:/]", rest)  # WAF says the scope as well
    if kind:
        return f"{service}:{kind[1]}"
    return {"s3": "s3:bucket", "sns": "sns:topic", "sqs": "sqs:queue"}.get(service, service)


@_calls.read("list resources", [], missing=GONE)
def _list(client: Any, listing: Listing) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {**resource, **inside}
        for inside in _insides(client, listing.within)
        for resource in _pages(client, listing.operation, listing.path, **listing.params, **inside)
    ]
    return [{**resource, listing.id: resource[listing.id].removeprefix(listing.prefix)} for resource in found]


def _insides(client: Any, within: Within | None) -> list[dict[str, Any]]:
    """The arguments of the calls that list: none, or one of what they are listed within."""
    return [{within.argument: one} for one in _pages(client, within.operation, within.path)] if within else [{}]


@_calls.read("read a resource's tags", [], missing=GONE)
def _tags(client: Any, tags: str | Tags | Texts, resource: dict[str, Any]) -> Any:
    if isinstance(tags, str):
        return resource.get(tags) or []
    if isinstance(tags, Texts):
        texts = jmespath.search(tags.texts, resource) or ""
        texts = texts.split() if isinstance(texts, str) else texts
        pairs = [text.strip('"').partition("=") for text in texts]
        return {tag: value for tag, _sign, value in pairs}
    value = resource[tags.of]
    if tags.arn:
        operation, argument, path = tags.arn
        value = jmespath.search(path, getattr(client, operation)(**{argument: value}))
    answer = getattr(client, tags.operation)(**{tags.argument: [value] if tags.many else value}, **tags.params)
    return jmespath.search(tags.path, answer)


@_calls.call("ask the tagging API")
def _tagged(client: Any, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(_pages(client, "get_resources", "ResourceTagMappingList", TagFilters=filters))


def _pages(client: Any, operation: str, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate(**params)
    else:
        pages = [getattr(client, operation)(**params)]
    for page in pages:
        yield from jmespath.search(path, page) or []
