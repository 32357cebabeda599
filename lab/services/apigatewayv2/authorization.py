"""AWS_IAM: a request signed with version 4, by somebody whose policies let it call the route."""

from __future__ import annotations

import datetime
import hmac
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ... import config
from ..iam import identities

_SKEW = datetime.timedelta(minutes=5)
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Asked:
    """A request as it was sent: what is signed."""

    method: str
    url: str
    headers: dict[str, str]  # names in lower case
    body: bytes


def identify(asked: Asked, region: str, resource: str) -> dict[str, Any] | None:
    """
    Who asks, as a function is told it; None if nobody may ask so.

    :param resource: the ARN of the route, for execute-api:Invoke.
    """
    signed = _parse(asked.headers.get("authorization", ""))
    if signed is None or signed["scope"][2:] != [region, "execute-api", "aws4_request"]:
        return None
    stamp = asked.headers.get("x-amz-date", "")
    if not _is_now(stamp):
        return None
    key = signed["scope"][0]
    who = identities.find(key)
    if who is None:  # the operator's own, of which the lab takes any
        return _told(key, f"arn:aws:iam::{config.ACCOUNT}:root")
    if who.token and asked.headers.get("x-amz-security-token") != who.token:
        return None
    if who.ends and who.ends < _utc_now():
        return None
    if not hmac.compare_digest(_signature(asked, signed, who, region, stamp), signed["signature"]):
        return None
    return _told(key, who.arn) if who.may("execute-api:Invoke", resource) else None


def _told(key: str, arn: str) -> dict[str, Any]:
    return {"accessKey": key, "accountId": config.ACCOUNT, "callerId": key, "userArn": arn, "userId": key}


def _parse(header: str) -> dict[str, Any] | None:
    """The parts of an Authorization header: scope, signed names, signature."""
    algorithm, _, rest = header.partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if algorithm != "AWS4-HMAC-SHA256" or parts.keys() != {"Credential", "SignedHeaders", "Signature"}:
        return None
    scope, names = parts["Credential"].split("/"), parts["SignedHeaders"].split(";")
    if len(scope) != 5 or "host" not in names:
        return None
    return {"scope": scope, "names": names, "signature": parts["Signature"]}


def _signature(asked: Asked, signed: dict[str, Any], who: identities.Identity, region: str, stamp: str) -> str:
    """What the signature has to be, as the SDKs make it."""
    signer = SigV4Auth(Credentials(signed["scope"][0], who.secret, who.token), "execute-api", region)
    headers = {name: asked.headers.get(name, "") for name in signed["names"]}
    request = AWSRequest(method=asked.method, url=asked.url, headers=headers, data=asked.body)
    request.context["timestamp"] = stamp
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


def _is_now(stamp: str) -> bool:
    try:
        return abs(datetime.datetime.strptime(stamp, _STAMP) - _utc_now()) <= _SKEW
    except ValueError:
        return False


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
