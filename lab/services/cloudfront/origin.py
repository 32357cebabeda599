"""Buckets as origins: S3 answers the edge, by the bucket's policy, for the distribution that asks."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from moto.s3.exceptions import MissingBucket

from ... import backends, config
from ..iam import policies
from ..s3 import website

_HOST = re.compile(r"^(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3([.-][a-z0-9-]+)?\.amazonaws\.com(:\d+)?$")


def is_asked_by_edge(environ: dict[str, Any]) -> bool:
    """Whether the edge asks for an object. No other machine has the edge's address."""
    edge = environ.get("REMOTE_ADDR") == config.EDGE_ADDRESS
    return edge and bool(_HOST.match(environ.get("HTTP_HOST", "").lower()))


def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """
    The WSGI application.

    A request that an origin access control signs names its distribution in X-Lab-Source-Arn, which stands for the
    signature. Any other may be anybody's.
    """
    host = _HOST.match(environ["HTTP_HOST"].lower())
    assert host
    key = unquote(environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")).lstrip("/")
    status, headers, body = _answer(host["bucket"], key, environ)
    start_response(status, [*headers.items(), ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" or status.startswith("304") else body]


def _answer(name: str, key: str, environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return _error("405 Method Not Allowed", "MethodNotAllowed")
    try:
        bucket = backends.worldwide("s3").get_bucket(name)
    except MissingBucket:
        return _error("404 Not Found", "NoSuchBucket")
    found = website.find(bucket, key, functools.partial(allowed, bucket, environ.get("HTTP_X_LAB_SOURCE_ARN")))
    if found == "NoSuchKey":
        return _error("404 Not Found", found)
    if isinstance(found, str):
        return _error("403 Forbidden", found)
    code, reason, headers, body = website.document(found, environ)
    return f"{code} {reason}", headers, body


def allowed(bucket: Any, source_arn: str | None, action: str, resource: str) -> bool:
    """:param source_arn: of the distribution that signs; None if none does, and the bucket has to be open to all."""
    if source_arn is None:
        return website.is_public(bucket, action, resource)
    account = source_arn.split(":")[4]
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": account, "aws:SecureTransport": "true"}
    return policies.allows(
        bucket.policy, action=action, resource=resource, service="cloudfront.amazonaws.com", context=context
    )


def _error(status: str, code: str) -> tuple[str, dict[str, str], bytes]:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(code)}</Code></Error>'
    return status, {"Content-Type": "application/xml"}, body.encode()
