"""The API's web server: moto behind an access log, the websites of buckets, and a bell that wakes the controllers."""

from __future__ import annotations

import collections
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import flask
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.serving import BaseWSGIServer, make_server

from . import backends, config, operations, services
from .errors import Answer, answer
from .faults import Faults

_REMEMBERED = 100_000
_S3_CONTROL = "/v20180820/"  # begins the paths of S3's API for what an account has, whose calls are signed as S3's
_CALL = "lab.call"  # service and action of a request, in its environment
App = Callable[[dict[str, Any], Any], Iterable[bytes]]
_log = logging.getLogger("lab.api")
_READS = (
    "Describe",
    "List",
    "Get",
    "Head",
    "Lookup",
    "Simulate",
    "Decode",
    "Search",
    "Query",
    "Scan",
    "Filter",
    "BatchGet",
    "Assume",
)


def build_app(
    on_change: Callable[[], None], status: Callable[[], list[dict[str, Any]]] = list, latency: float = 0
) -> App:
    """
    :param on_change: called after each request that may have changed something.
    :param status: the rows of `lab status`, served at /lab/status.
    :param latency: seconds that each call waits before it is looked at. Calls side by side wait side by side.
    """
    moto = DomainDispatcherApplication(_create_app)
    calls, faults = Calls(), Faults()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/lab/status":
            return _json(start_response, status())
        if environ.get("PATH_INFO") == "/lab/calls":
            return _json(start_response, calls.after(int(parse_qs(environ["QUERY_STRING"]).get("after", ["0"])[0])))
        if environ.get("PATH_INFO") == "/lab/faults":
            answered = _faults(environ, start_response, faults)
            on_change()
            return answered
        page = services.serve(environ)
        service, action = ("page", f"Get {environ['PATH_INFO']}") if page else describe(environ)
        begin, seen, writes = time.monotonic(), ["-"], not action.startswith(_READS)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            seen[0] = status.split(" ", 1)[0]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        environ[_CALL] = service, action
        time.sleep(latency)
        failure = None
        if page is None:
            failure = _refused(environ, service) or faults.meet(environ, service, writes, _access_key(environ))
        try:
            return (failure.send if failure else page or moto)(environ, start)
        finally:
            milliseconds = round((time.monotonic() - begin) * 1000)
            call = {"service": service, "action": action, "status": seen[0], "ms": milliseconds}
            _log.info(json.dumps(call))
            calls.add({**call, "access_key": _access_key(environ), "writes": writes})
            if writes and not failure:
                on_change()

    return app


def _create_app(service: Any) -> Any:
    """moto's application for one service, None if moto has not got it; what it cannot do is said in AWS's format."""
    if service is None:
        return _no_service
    app = create_backend_app(service)
    for kind in (NotImplementedError, NotFound, MethodNotAllowed):
        app.register_error_handler(kind, _cannot)
    app.register_error_handler(Exception, _broke)
    return app


def _cannot(problem: Exception) -> Any:
    if isinstance(problem, HTTPException) and flask.request.routing_exception is not problem:
        return problem  # the service's own answer
    return _response(_unknown(flask.request.environ))


def _no_service(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    return _unknown(environ).send(environ, start_response)


def _unknown(environ: dict[str, Any]) -> Answer:
    """An operation that moto lacks: 501, which no client tries again."""
    service, action = environ[_CALL]
    message = f"The lab does not know the operation {action} of {service}."
    return answer(environ, service, "501 Not Implemented", "NotImplemented", message)


def _broke(problem: Exception) -> Any:
    """moto failed where AWS would not have."""
    if isinstance(problem, HTTPException):
        return problem
    environ = flask.request.environ
    service, action = environ[_CALL]
    _log.error("%s of %s failed", action, service, exc_info=problem)
    message = f"The lab failed at {action} of {service}: {type(problem).__name__}: {problem}"
    return _response(answer(environ, service, "500 Internal Server Error", "InternalFailure", message))


def _response(found: Answer) -> flask.Response:
    return flask.Response(found.body, found.status, found.headers)


def _refused(environ: dict[str, Any], service: str) -> Answer | None:
    """The answer to a call for a region that AWS has not got, and to one that its service would not let through."""
    region = _scope(environ)[2]
    if region and region not in backends.known_regions():
        message = f"Credential should be scoped to a valid region, not '{region}'."
        json_ = "HTTP_X_AMZ_TARGET" in environ or operations.protocol(service) == "rest-json"
        code = "InvalidSignatureException" if json_ else "SignatureDoesNotMatch"
        return answer(environ, service, "403 Forbidden", code, message)
    own = next((name for name, address in config.SERVICE_ADDRESSES.items() if address == environ["SERVER_NAME"]), None)
    if own and not service.startswith(own):
        message = f"At {environ['SERVER_NAME']} {own} answers, and not {service}."
        return answer(environ, service, "404 Not Found", "UnknownEndpoint", message)
    found: Answer | None = services.refuse(environ)
    return found


class Calls:
    """The last calls of the API, numbered: what a plan has asked for, what a policy has to allow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._calls: collections.deque[dict[str, Any]] = collections.deque(maxlen=_REMEMBERED)

    def add(self, call: dict[str, Any]) -> None:
        with self._lock:
            self._count += 1
            self._calls.append({"number": self._count, **call})

    def after(self, number: int) -> list[dict[str, Any]]:
        """Those made after the call of this number (0: all that are remembered), oldest first."""
        with self._lock:
            return [call for call in self._calls if call["number"] > number]


def _json(start_response: Any, value: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(value).encode()]


def _faults(environ: dict[str, Any], start_response: Any, faults: Faults) -> list[bytes]:
    """PUT sets what is to fail, DELETE ends it, each answers what there was."""
    seen, method = faults.show(), environ["REQUEST_METHOD"]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if method in ("PUT", "DELETE"):
        try:
            faults.set(json.loads(body) if method == "PUT" else {})
        except (TypeError, ValueError) as error:
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return [f"{error}\n".encode()]
    return _json(start_response, seen)


def _scope(environ: dict[str, Any]) -> list[str]:
    """What a call is signed for: access key, date, region, service, the words aws4_request; empty texts if unsigned."""
    text = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0]
    if not text:
        text = parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [""])[0]
    parts = text.strip().split("/")
    return parts if len(parts) == 5 else [""] * 5


def _access_key(environ: dict[str, Any]) -> str:
    return _scope(environ)[0]


def describe(environ: dict[str, Any]) -> tuple[str, str]:
    """Service and action of a request; method and path where its service knows no such request."""
    path, method = environ.get("PATH_INFO", "/"), environ.get("REQUEST_METHOD", "GET")
    query = parse_qs(environ.get("QUERY_STRING", ""))
    service = _scope(environ)[3] or "s3"
    if service == "s3" and path.startswith(_S3_CONTROL):
        service = "s3control"
    if service == "apigateway" and path.startswith("/v2/"):
        service = "apigatewayv2"
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return service, target.rpartition(".")[2]
    if "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", ""):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        query |= parse_qs(body.decode("utf-8", "replace"))
    if "Action" in query:
        return service, query["Action"][0]
    asked = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    headers = {key.removeprefix("HTTP_").replace("_", "-").lower() for key in environ}
    action = operations.name(service, method, path, asked, headers)
    return service, action or f"{'Get' if method in ('GET', 'HEAD', 'OPTIONS') else method.title()} {path}"


class _Handler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """lab.api says it better; what goes wrong in the server itself still belongs in the log."""
        if type == "error":
            _log.error(message, *args)


class Server:
    """The application on one or more (host, port) pairs, each with a thread for each request."""

    def __init__(self, app: App, *pairs: tuple[str, int]) -> None:
        self._servers: list[BaseWSGIServer] = []
        try:
            for host, port in pairs:
                self._servers.append(make_server(host, port, app, threaded=True, request_handler=_Handler))
        except BaseException:
            self._close()
            raise
        self._threads = [
            threading.Thread(
                target=server.serve_forever,
                name=f"api {server.server_port}",
                daemon=True,
            )
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()

    @property
    def ports(self) -> list[int]:
        return [server.server_port for server in self._servers]

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
        for thread in self._threads:
            thread.join(5)
        self._close()

    def _close(self) -> None:
        for server in self._servers:
            server.server_close()


def serve(app: App, *pairs: tuple[str, int]) -> Server:
    """Start serving. OSError, with the address in it, if one of the pairs is taken."""
    return Server(app, *pairs)
