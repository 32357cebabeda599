"""Pure: what an HTTP API says of cross-origin requests, itself, whatever its functions say."""

from __future__ import annotations

from typing import Any

from .events import Request, Response


def preflight(settings: dict[str, Any] | None, request: Request) -> Response | None:
    """The answer to a browser's question before a request; None if this is none, or the API answers none."""
    asks = "origin" in request.headers and "access-control-request-method" in request.headers
    if not settings or request.method != "OPTIONS" or not asks:
        return None
    origin = _origin(settings, request)
    if origin is None:
        return Response(204, [], b"")
    lists = {
        "access-control-allow-methods": settings.get("allowMethods"),
        "access-control-allow-headers": settings.get("allowHeaders"),
    }
    found = [(name, ",".join(values)) for name, values in lists.items() if values]
    if "maxAge" in settings:
        found.append(("access-control-max-age", str(settings["maxAge"])))
    return Response(204, [*_common(settings, origin), *found], b"")


def apply(settings: dict[str, Any] | None, request: Request, response: Response) -> Response:
    """The response with the API's own headers in the place of the function's."""
    if not settings:
        return response
    kept = [pair for pair in response.headers if not pair[0].startswith("access-control-")]
    origin = _origin(settings, request)
    if origin is not None:
        kept += _common(settings, origin)
        if exposed := settings.get("exposeHeaders"):
            kept.append(("access-control-expose-headers", ",".join(exposed)))
    return Response(response.status, kept, response.body, response.error)


def _origin(settings: dict[str, Any], request: Request) -> str | None:
    asked = request.headers.get("origin")
    allowed = settings.get("allowOrigins") or []
    if asked is None:
        return None
    return "*" if "*" in allowed else asked if asked in allowed else None


def _common(settings: dict[str, Any], origin: str) -> list[tuple[str, str]]:
    found = [("access-control-allow-origin", origin)]
    if origin != "*":
        found.append(("vary", "origin"))
    if settings.get("allowCredentials"):
        found.append(("access-control-allow-credentials", "true"))
    return found
