"""Presigned links: who has one may do what was signed, as it was signed, until it ends."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import HmacV1QueryAuth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from ... import backends
from ...errors import Answer, answer

_WEEK = 604800  # seconds that a link may be good for
_SPELL = {"HTTP_CONTENT_TYPE": "CONTENT_TYPE", "HTTP_CONTENT_LENGTH": "CONTENT_LENGTH"}  # where WSGI has them


@dataclass(frozen=True)
class Known:
    """An access key that the account has given out."""

    secret: str
    token: str | None = None
    ends: datetime.datetime | None = None  # in UTC, without saying so


def refuse(environ: dict[str, Any]) -> Answer | None:
    """S3's answer to a presigned link that is not good, None to one that is, and to all else."""
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if environ.get("REQUEST_METHOD") == "OPTIONS":
        return None  # a browser's question, which nobody signs
    if "X-Amz-Signature" in query:
        problem = _check_4(environ, query)
    elif {"AWSAccessKeyId", "Signature", "Expires"} <= query.keys():
        problem = _check_2(environ, query)
    else:
        return None
    return answer(environ, "s3", *problem) if problem else None


Problem = tuple[str, str, str]
_EXPIRED = ("403 Forbidden", "AccessDenied", "Request has expired")
_WRONG = (
    "403 Forbidden",
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
)


def _malformed(message: str) -> Problem:
    return "400 Bad Request", "AuthorizationQueryParametersError", message


def _check_4(environ: dict[str, Any], query: dict[str, str]) -> Problem | None:
    try:
        signed = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        seconds = int(query["X-Amz-Expires"])
        key, day, region, service, _ = query["X-Amz-Credential"].split("/")
        names = query["X-Amz-SignedHeaders"].split(";")
    except (KeyError, ValueError):
        wanted = "X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders and X-Amz-Expires"
        return _malformed(f"Query-string authentication version 4 requires the {wanted} parameters.")
    if seconds > _WEEK:
        allowed = f"the given X-Amz-Expires must be less than {_WEEK} seconds"
        return _malformed(f"X-Amz-Expires must be less than a week (in seconds); that is, {allowed}")
    if seconds < 0 or signed + datetime.timedelta(seconds=seconds) < _now():
        return _EXPIRED
    known = find(key)
    if known is None:
        return None  # the operator's own, of which the lab takes any
    if problem := _of_credentials(known, query.get("X-Amz-Security-Token")):
        return problem
    path, _, text = _sent(environ).partition("?")
    pairs = sorted(pair.partition("=")[::2] for pair in text.split("&") if not pair.startswith("X-Amz-Signature="))
    headers = "".join(f"{name}:{' '.join(_header(environ, name).split())}\n" for name in names)
    asked = (environ["REQUEST_METHOD"], path, "&".join(f"{name}={value}" for name, value in pairs), headers)
    canonical = "\n".join((*asked, ";".join(names), "UNSIGNED-PAYLOAD"))
    scope = f"{day}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    found = f"AWS4{known.secret}".encode()
    for part in (day, region, service, "aws4_request", f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{digest}"):
        found = hmac.digest(found, part.encode(), "sha256")
    return None if hmac.compare_digest(found.hex(), query["X-Amz-Signature"]) else _WRONG


class _Signer(HmacV1QueryAuth):  # type: ignore[misc]
    """Signs for the moment at which a link ends, and not for one that is so many seconds from now."""

    def _get_date(self) -> str:
        return str(self._expires)


def _check_2(environ: dict[str, Any], query: dict[str, str]) -> Problem | None:
    if not query["Expires"].isdigit() or int(query["Expires"]) < time.time():
        return _EXPIRED
    known = find(query["AWSAccessKeyId"])
    if known is None:
        return None
    token = query.get("x-amz-security-token")
    if problem := _of_credentials(known, token):
        return problem
    own = ("AWSAccessKeyId", "Signature", "Expires", "x-amz-security-token")
    path, _, text = _sent(environ).partition("?")
    rest = "&".join(pair for pair in text.split("&") if pair.partition("=")[0] not in own)
    headers = HTTPHeaders()
    for name, value in [*_amz_headers(environ), ("x-amz-security-token", token or "")]:
        if value:
            headers[name] = value
    for name in ("content-md5", "content-type"):
        if value := _header(environ, name):
            headers[name] = value
    signer = _Signer(Credentials(query["AWSAccessKeyId"], known.secret), expires=query["Expires"])
    sent = urlsplit(f"http://lab{path}?{rest}")
    found = signer.get_signature(environ["REQUEST_METHOD"], sent, headers)
    return None if hmac.compare_digest(str(found), query["Signature"]) else _WRONG


def _of_credentials(known: Known, token: str | None) -> Problem | None:
    if known.token and token != known.token:
        return "403 Forbidden", "InvalidToken", "The provided token is malformed or otherwise invalid."
    if known.ends and known.ends < _now():
        return "400 Bad Request", "ExpiredToken", "The provided token has expired."
    return None


def find(key: str) -> Known | None:
    """An access key of an IAM user or of a role that somebody has assumed."""
    for iam in backends.regions("iam"):
        for user in list(iam.users.values()):
            for own in user.access_keys:
                if own.access_key_id == key:
                    return Known(own.secret_access_key)
    for sts in backends.regions("sts"):
        for role in list(sts.assumed_roles):
            if role.access_key_id == key:
                return Known(role.secret_access_key, role.session_token, role.expiration.replace(tzinfo=None))
    return None


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def _sent(environ: dict[str, Any]) -> str:
    """Path and query as they were sent, which is what was signed."""
    sent = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or "")
    return sent if sent.startswith("/") else "/" + sent.partition("://")[2].partition("/")[2]


def _header(environ: dict[str, Any], name: str) -> str:
    key = "HTTP_" + name.upper().replace("-", "_")
    return str(environ.get(_SPELL.get(key, key), ""))


def _amz_headers(environ: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_X_AMZ_"):
            yield key.removeprefix("HTTP_").replace("_", "-").lower(), str(value)
