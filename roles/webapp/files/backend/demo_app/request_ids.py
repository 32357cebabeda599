"""The id by which one request is followed: from the page and the balancer, through nginx and here, to the function.

nginx takes it from the balancer's X-Amzn-Trace-Id or makes one. A request that comes by another way gets one here.
"""

from __future__ import annotations

import re
import uuid

from flask import Flask, Response, g, has_request_context, request

HEADER = "X-Request-Id"
_WELL_FORMED = re.compile(r"[0-9A-Za-z-]{16,64}")


def install(app: Flask) -> None:
    @app.before_request
    def take() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers[HEADER] = current() or ""
        return response


def current() -> str | None:
    """The id of the request that is being answered, if one is."""
    return g.get("request_id") if has_request_context() else None
