"""S3's website endpoint: serves a bucket's objects to a browser, if its policy lets everybody read them."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote

import xmltodict
from moto.s3.exceptions import MissingBucket

from ... import backends
from ..iam import policies

_HOST = re.compile(r"^(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3-website[-.](?P<region>[a-z0-9-]+)\.amazonaws\.com(:\d+)?$")
_SENTENCES = {
    "AccessDenied": (403, "Forbidden", "Access Denied"),
    "NoSuchKey": (404, "Not Found", "The specified key does not exist."),
    "NoSuchBucket": (404, "Not Found", "The specified bucket does not exist"),
    "NoSuchWebsiteConfiguration": (
        404,
        "Not Found",
        "The specified bucket does not have a website configuration",
    ),
    "MethodNotAllowed": (
        405,
        "Method Not Allowed",
        "The specified method is not allowed against this resource.",
    ),
}

Start = Callable[..., Any]
Answer = tuple[int, str, dict[str, str], bytes]


def is_website(environ: dict[str, Any]) -> bool:
    return bool(_HOST.match(environ.get("HTTP_HOST", "").lower()))


def serve_website(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """The WSGI application for hosts that are website endpoints."""
    host = _HOST.match(environ["HTTP_HOST"].lower())
    assert host
    path = unquote(environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"))
    status, reason, headers, body = _answer(host["bucket"], environ["REQUEST_METHOD"], path, environ)
    start_response(
        f"{status} {reason}",
        [*headers.items(), ("Content-Length", str(len(body))), ("Server", "AmazonS3")],
    )
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" or status == 304 else body]


def _answer(name: str, method: str, path: str, environ: dict[str, Any]) -> Answer:
    try:
        bucket = backends.worldwide("s3").get_bucket(name)
    except MissingBucket:
        return _error("NoSuchBucket", BucketName=name)
    if method not in ("GET", "HEAD"):
        return _error("MethodNotAllowed", Method=method)
    if not bucket.website_configuration:
        return _error("NoSuchWebsiteConfiguration", BucketName=name)
    site = xmltodict.parse(bucket.website_configuration)["WebsiteConfiguration"]
    index = (site.get("IndexDocument") or {}).get("Suffix", "index.html")
    key = path.lstrip("/")
    if key == "" or key.endswith("/"):
        key += index
    public = functools.partial(is_public, bucket)
    found = find(bucket, key, public)
    if (
        isinstance(found, str)
        and not path.endswith("/")
        and not isinstance(find(bucket, f"{key}/{index}", public), str)
    ):
        return 302, "Moved Temporarily", {"Location": quote(path) + "/"}, b""
    if not isinstance(found, str):
        return document(found, environ)
    custom = (site.get("ErrorDocument") or {}).get("Key")
    page = find(bucket, custom, public) if custom else "NoSuchKey"
    if isinstance(page, str):
        return _error(found, Key=key)
    status, reason, _ = _SENTENCES[found]
    return status, reason, _headers(page), page.value


def find(bucket: Any, key: str, allowed: Callable[[str, str], bool]) -> Any:
    """
    The object, or the code of the error that S3 would answer: who may not list isn't told what exists.

    :param allowed: whether who asks may do this action with the resource of this ARN.
    """
    if not allowed("s3:GetObject", f"{bucket.arn}/{key}"):
        return "AccessDenied"
    found = backends.worldwide("s3").get_object(bucket.name, key)
    if found is None:
        return "NoSuchKey" if allowed("s3:ListBucket", bucket.arn) else "AccessDenied"
    return found


def is_public(bucket: Any, action: str, resource: str) -> bool:
    """Whether a bucket's policy lets everybody do this, and no block of public access keeps it from that."""
    block = bucket.public_access_block
    if block and str(block.restrict_public_buckets).lower() == "true":
        return False
    return policies.allows(
        bucket.policy,
        action=action,
        resource=resource,
        context={"aws:SecureTransport": "true"},
    )


def document(found: Any, environ: dict[str, Any]) -> Answer:
    """The answer with an object, or that it is still the one that who asks has."""
    headers = _headers(found)
    if environ.get("HTTP_IF_NONE_MATCH", "").removeprefix("W/") == headers["ETag"]:
        return 304, "Not Modified", headers, b""
    return 200, "OK", headers, found.value


def _headers(found: Any) -> dict[str, str]:
    kept = {key.title(): str(value) for key, value in (found.metadata or {}).items()}
    wanted = (
        "Content-Type",
        "Cache-Control",
        "Content-Encoding",
        "Content-Language",
        "Content-Disposition",
    )
    headers = {key: kept[key] for key in wanted if key in kept}
    headers.setdefault("Content-Type", "binary/octet-stream")
    return {
        **headers,
        "ETag": found.etag,
        "Last-Modified": found.last_modified_RFC1123,
        "Accept-Ranges": "bytes",
    }


def _error(code: str, **details: str) -> Answer:
    status, reason, message = _SENTENCES[code]
    items = "".join(
        f"<li>{key}: {html.escape(value)}</li>\n"
        for key, value in {"Code": code, "Message": message, **details}.items()
    )
    title = f"{status} {reason}"
    body = f"<body>\n<h1>{title}</h1>\n<ul>\n{items}</ul>\n<hr/>\n</body>"
    page = f"<html>\n<head><title>{title}</title></head>\n{body}\n</html>\n"
    return status, reason, {"Content-Type": "text/html; charset=utf-8"}, page.encode()
