"""Pure: a request to a function's event, and a function's answer to a response, in payload format 2.0."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Request:
    """
    What a client has asked.

    :param path: decoded, with the stage or the mapping's key that it begins with.
    :param headers: names in lower case.
    """

    id: str
    method: str
    path: str
    query: str
    protocol: str
    host: str
    source: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    error: str = ""  # for the access log


def message(status: int, text: str, error: str = "") -> Response:
    """An answer of the gateway's own."""
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    return Response(status, [("content-type", "application/json")], body, error)


def event(
    request: Request,
    *,
    account: str,
    api_id: str,
    stage: Any,
    route: str,
    parameters: Mapping[str, str],
    caller: dict[str, Any] | None,
) -> dict[str, Any]:
    """:param caller: who has signed the request, None if nobody had to."""
    now = time.time()
    query: dict[str, str] = {}
    for key, value in parse_qsl(request.query, keep_blank_values=True):
        query[key] = f"{query[key]},{value}" if key in query else value
    cookies = [one.strip() for one in request.headers.get("cookie", "").split(";") if one.strip()]
    found: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": {name: value for name, value in request.headers.items() if name != "cookie"},
        "requestContext": {
            "accountId": account,
            "apiId": api_id,
            "domainName": request.host,
            "domainPrefix": request.host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.protocol,
                "sourceIp": request.source,
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": request.id,
            "routeKey": route,
            "stage": stage.name,
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if caller:
        found["requestContext"]["authorizer"] = {"iam": caller}
    optional = {
        "cookies": cookies,
        "queryStringParameters": query,
        "pathParameters": dict(parameters),
        "stageVariables": stage.stage_variables,
    }
    found |= {key: value for key, value in optional.items() if value}
    if request.body:
        found |= _body(request)
    return found


def _body(request: Request) -> dict[str, Any]:
    """Text as it is, all else in base64: API Gateway goes by the type that the client says."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    texts = ("application/json", "application/javascript", "application/xml", "application/x-www-form-urlencoded")
    if kind.startswith("text/") or kind in texts or kind.endswith(("+json", "+xml")):
        return {"body": request.body.decode("utf-8", "replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}


def response(answer: Any) -> Response:
    """What a function has returned: a response, or something that is the body of one."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Response(200, [("content-type", "application/json")], json.dumps(answer).encode())
    body = answer.get("body") or ""
    try:
        status = int(answer["statusCode"])
        data = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
        headers = {str(key).lower(): str(value) for key, value in (answer.get("headers") or {}).items()}
        cookies = [("set-cookie", str(cookie)) for cookie in answer.get("cookies") or []]
    except (AttributeError, TypeError, ValueError) as problem:
        return message(500, "Internal Server Error", f"The function's answer is malformed: {problem}")
    return Response(status, [*{"content-type": "text/plain;charset=UTF-8", **headers}.items(), *cookies], data)
