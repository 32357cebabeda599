"""The gateway: a request to an API's name becomes an invocation of a function, if nothing stands against it."""

from __future__ import annotations

import contextlib
import http.client
import re
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ... import backends, config
from ..iam import policies
from ..lambda_ import functions, pool
from . import access_log, authorization, cors, events
from .events import Request, Response
from .routes import Bucket, choose
from .store import stores

_HOST = re.compile(r"^(?P<id>[a-z0-9]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com$")
_FUNCTION = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d+:function:[^/]+")
_LARGEST = 10 * 1024 * 1024  # bytes of a request
_DEFAULT_RATE, _DEFAULT_BURST = 10000.0, 5000  # of an account in a region
_calls = ThreadPoolExecutor(max_workers=64, thread_name_prefix="gateway")


@dataclass(frozen=True)
class Endpoint:
    """
    Where a request goes.

    :param mapping: the path that a custom domain name maps to the stage; None: asked under the API's own name.
    """

    backend: Any
    api: Any
    stage: Any
    path: str  # what is left for the routes
    mapping: str | None = None


def find_endpoint(environ: dict[str, Any]) -> bool:
    """Whether a request is for an API Gateway's name, whatever is behind it."""
    host = _host(environ)
    return bool(_HOST.match(host)) or any(host in backend.domain_names for backend in backends.regions("apigatewayv2"))


def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The WSGI application."""
    begin = time.monotonic()
    length = int(environ.get("CONTENT_LENGTH") or 0)
    request = _request(environ, environ["wsgi.input"].read(length))
    endpoint = _endpoint(request)
    if endpoint is None:
        answer = events.message(404, "Not Found")
    else:
        answer, told = _answer(endpoint, request)
        _log(endpoint, request, answer, {**told, "responseLatency": round((time.monotonic() - begin) * 1000)})
    headers = [*answer.headers, ("apigw-requestid", request.id)]
    if answer.status != 204:
        headers.append(("content-length", str(len(answer.body))))
    start_response(f"{answer.status} {http.client.responses.get(answer.status, 'Unknown')}", headers)
    return [b"" if request.method == "HEAD" else answer.body]


def _host(environ: dict[str, Any]) -> str:
    return str(environ.get("HTTP_HOST", "")).partition(":")[0].lower()


def _request(environ: dict[str, Any], body: bytes) -> Request:
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[key.replace("_", "-").lower()] = environ[key]
    source = environ.get("REMOTE_ADDR", "")
    if source == config.API_GATEWAY_ADDRESS:  # the proxy says who is behind it
        source = headers.get("x-forwarded-for", source)
    return Request(
        id=uuid.uuid4().hex[:15] + "=",
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace") or "/",
        query=environ.get("QUERY_STRING", ""),
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        host=_host(environ),
        source=source,
        headers=headers,
        body=body,
    )


def _endpoint(request: Request) -> Endpoint | None:
    """None for an API, a stage or a path of a domain name that is not there."""
    own = _HOST.match(request.host)
    if own:
        backend = backends.backend("apigatewayv2", own["region"])
        api = backend.apis.get(own["id"])
        if api is None or api.disable_execute_api_endpoint:
            return None
        first, _, rest = request.path.lstrip("/").partition("/")
        if first in api.stages:
            return _live(Endpoint(backend, api, api.stages[first], f"/{rest}"))
        return _live(Endpoint(backend, api, api.stages.get("$default"), request.path))
    for backend in backends.regions("apigatewayv2"):
        if request.host in backend.domain_names:
            return _mapped(backend, request)
    return None


def _mapped(backend: Any, request: Request) -> Endpoint | None:
    """The longest path counts of those that a domain name maps."""
    mappings = sorted(backend.get_api_mappings(request.host), key=lambda one: -len(one.api_mapping_key))
    for one in mappings:
        prefix = f"/{one.api_mapping_key}" if one.api_mapping_key else ""
        if f"{request.path}/".startswith(f"{prefix}/"):
            api = backend.apis.get(one.api_id)
            stage = api.stages.get(one.stage) if api else None
            return _live(Endpoint(backend, api, stage, request.path.removeprefix(prefix) or "/", one.api_mapping_key))
    return None


def _live(endpoint: Endpoint) -> Endpoint | None:
    """A stage serves what was deployed to it; the lab knows that of AutoDeploy."""
    return endpoint if endpoint.stage is not None and endpoint.stage.auto_deploy else None


def _answer(endpoint: Endpoint, request: Request) -> tuple[Response, dict[str, Any]]:
    """The response, and what the access log is told besides."""
    settings = endpoint.api.cors_configuration
    if found := cors.preflight(settings, request):
        return found, {}
    response, told = _route(endpoint, request)
    return cors.apply(settings, request, response), told


def _route(endpoint: Endpoint, request: Request) -> tuple[Response, dict[str, Any]]:
    api, stage = endpoint.api, endpoint.stage
    routes = {route.route_key: route for route in list(api.routes.values())}
    match = choose(routes, request.method, endpoint.path)
    if match is None:
        return events.message(404, "Not Found"), {}
    told: dict[str, Any] = {"routeKey": match.key}
    if len(request.body) > _LARGEST:
        return events.message(413, "Request Entity Too Large"), told
    region, account = endpoint.backend.region_name, endpoint.backend.account_id
    arn = f"arn:aws:execute-api:{region}:{account}:{api.api_id}/{stage.name}/{request.method}"
    caller = None
    if routes[match.key].authorization_type == "AWS_IAM":
        caller = _caller(request, region, arn + endpoint.path)
        if caller is None:
            return events.message(403, "Forbidden"), told
        told |= {"identity.caller": caller["callerId"], "identity.userArn": caller["userArn"]}
    if not _bucket(endpoint, match.key).take():
        return events.message(429, "Too Many Requests"), told
    event = events.event(
        request,
        account=account,
        api_id=api.api_id,
        stage=stage,
        route=match.key,
        parameters=match.parameters,
        caller=caller,
    )
    sources = (arn + endpoint.path, f"{arn}{match.key.partition(' ')[2]}")
    return _integrate(api, routes[match.key], event, sources, told), told


def _caller(request: Request, region: str, resource: str) -> dict[str, Any] | None:
    url = f"https://{request.host}{quote(request.path, safe='/~')}{'?' if request.query else ''}{request.query}"
    asked = authorization.Asked(request.method, url, dict(request.headers), request.body)
    return authorization.identify(asked, region, resource)


def _bucket(endpoint: Endpoint, key: str) -> Bucket:
    """The route's own limits count before those of all the stage's routes."""
    stage = endpoint.stage
    found = {**(stage.default_route_settings or {}), **(stage.route_settings or {}).get(key, {})}
    limits = (
        float(found.get("throttlingRateLimit", _DEFAULT_RATE)),
        int(found.get("throttlingBurstLimit", _DEFAULT_BURST)),
    )
    known = stores.of(endpoint.backend).stages[stage].buckets
    if key not in known or known[key].limits != limits:
        known[key] = Bucket(*limits)
    return known[key]


def _integrate(api: Any, route: Any, event: Any, sources: tuple[str, str], told: dict[str, Any]) -> Response:
    """Have the function answer. What is wrong with it, the access log says; the client learns that something is."""
    integration = api.integrations.get((route.target or "").rpartition("/")[2])
    function = _function(integration.integration_uri) if integration else None
    if function is None:
        return _failed(told, 500, "The function is not there.")
    if not _permitted(function, sources):
        return _failed(told, 500, "The IAM role configured on the integration or API Gateway doesn't have permissions.")
    begin = time.monotonic()
    try:
        outcome, _ = _calls.submit(functions.invoke_now, function, event).result(integration.timeout_in_millis / 1000)
    except TookTooLong:
        return _failed(told, 503, "Endpoint request timed out")
    except pool.Throttled:
        return _failed(told, 503, "Rate Exceeded.")
    finally:
        told["integrationLatency"] = told["integration.latency"] = round((time.monotonic() - begin) * 1000)
    if outcome.failed:
        told["integration.status"] = 200
        return _failed(told, 500, "The Lambda function returned the following error: " + _says(outcome.payload))
    response = events.response(outcome.payload)
    told |= {"integration.status": 200, "integrationStatus": response.status}
    return _failed(told, response.status, response.error) if response.error else response


def _failed(told: dict[str, Any], status: int, why: str) -> Response:
    told |= {"integrationErrorMessage": why, "integration.error": why}
    return events.message(status, "Service Unavailable" if status == 503 else "Internal Server Error")


def _says(payload: Any) -> str:
    return str(payload.get("errorMessage", "")) if isinstance(payload, dict) else ""


def _function(uri: str) -> Any:
    """moto's function of an integration's URI, None if there is none."""
    found = _FUNCTION.search(uri or "")
    if found is None:
        return None
    with contextlib.suppress(Exception):  # moto's errors for each way of not being there
        return backends.backend("lambda", found[0].split(":")[3]).get_function(found[0])
    return None


def _permitted(function: Any, sources: tuple[str, str]) -> bool:
    statements = {"Statement": function.policy.statements if function.policy else []}
    return any(
        policies.allows(
            statements,
            action="lambda:InvokeFunction",
            service="apigateway.amazonaws.com",
            context={"aws:SourceArn": source, "aws:SourceAccount": config.ACCOUNT},
        )
        for source in sources
    )


def _log(endpoint: Endpoint, request: Request, answer: Response, told: dict[str, Any]) -> None:
    values = {
        "accountId": endpoint.backend.account_id,
        "apiId": endpoint.api.api_id,
        "domainName": request.host,
        "domainPrefix": request.host.partition(".")[0],
        "httpMethod": request.method,
        "identity.sourceIp": request.source,
        "identity.userAgent": request.headers.get("user-agent", "-"),
        "path": request.path,
        "protocol": request.protocol,
        "requestId": request.id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
        "requestTimeEpoch": int(time.time() * 1000),
        "responseLength": len(answer.body),
        "stage": endpoint.stage.name,
        "status": answer.status,
        **told,
    }
    access_log.write(endpoint.stage, endpoint.api.api_id, values)
