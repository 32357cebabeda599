"""Which pages may call us. The headers are on every answer, errors included, or a page could not read the sentence."""

from __future__ import annotations

from flask import Flask, Response, request

_READABLE = (
    "ETag, Idempotency-Replayed, Location, Retry-After, X-Consistency-Token, X-Error-Cause, X-Request-Id, "
    "X-Served-By-Database"
)


def install(app: Flask, origins: str) -> None:
    allowed = {origin.strip().rstrip("/") for origin in origins.split(",")}

    @app.after_request
    def allow(response: Response) -> Response:
        origin = request.headers.get("Origin", "")
        if "*" in allowed:
            response.headers["Access-Control-Allow-Origin"] = "*"
        else:
            response.vary.add("Origin")
            if origin not in allowed:
                return response
            response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _READABLE
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key, X-Consistency-Token"
            response.headers["Access-Control-Max-Age"] = "600"
        return response
