"""The operation that a request to a REST service (S3, Lambda) asks for, by botocore's own model of the service."""

from __future__ import annotations

import functools
import re
from collections.abc import Container
from typing import Any, NamedTuple

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader


class _Operation(NamedTuple):
    name: str
    method: str
    path: re.Pattern[str]
    query: dict[str, str]  # what the query has to hold: an empty value stands for any
    headers: tuple[str, ...]


def name(service: str, method: str, path: str, query: dict[str, str], headers: Container[str]) -> str | None:
    """
    :param path: decoded, without the query.
    :param headers: the names of the request's headers, in small letters.
    :returns: "PutBucketPolicy"; None if the service is not one of REST, or has no such operation.
    """
    for operation in _operations(service):
        if (
            operation.method == method
            and operation.path.fullmatch(path)
            and all(key in query and value in ("", query[key]) for key, value in operation.query.items())
            and all(header in headers for header in operation.headers)
        ):
            return operation.name
    return None


def protocol(service: str) -> str:
    """Such as rest-xml; nothing if botocore knows no service that is signed for by this name."""
    return str(_model(service).get("metadata", {}).get("protocol", ""))


@functools.cache
def _model(service: str) -> dict[str, Any]:
    """By the name that calls are signed for, which is mostly that of botocore's folder."""
    try:
        return dict(Loader().load_service_model(service, "service-2"))
    except UnknownServiceError:
        return {}


@functools.cache
def _operations(service: str) -> list[_Operation]:
    """Those that ask for more come first: PutObject is what is left of all that PUT to a key."""
    model = _model(service)
    if not protocol(service).startswith("rest"):
        return []
    found = [_operation(name, one, model["shapes"]) for name, one in model["operations"].items() if _current(one)]
    return sorted(found, key=lambda one: -len(one.query) - len(one.headers))


def _current(operation: dict[str, Any]) -> bool:
    return not operation.get("deprecated")


def _operation(name: str, operation: dict[str, Any], shapes: dict[str, Any]) -> _Operation:
    uri, _, fixed = operation["http"]["requestUri"].partition("?")
    query = {key: value for key, _, value in (pair.partition("=") for pair in fixed.split("&")) if key}
    headers = []
    shape = shapes[operation["input"]["shape"]] if "input" in operation else {}
    for member in shape.get("required", []):
        where = shape["members"][member]
        if where.get("location") == "querystring":
            query.setdefault(where["locationName"], "")
        elif where.get("location") == "header":
            headers.append(where["locationName"].lower())
    return _Operation(name, operation["http"]["method"], _pattern(uri), query, tuple(headers))


def _pattern(uri: str) -> re.Pattern[str]:
    """/{Bucket}/{Key+}: a name is one part of the path, one with a plus all the rest."""
    parts = re.split(r"(\{[^}]+\})", uri.rstrip("/"))
    return re.compile("".join(map(_part, parts)) + "/?", re.DOTALL)


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return "(.+)" if part.endswith("+}") or part == "{ResourceArn}" else "([^/]+)"  # an ARN's own slashes come decoded
