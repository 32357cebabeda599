"""The page behind the link in a confirmation mail: whoever has the token may confirm, unsigned."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from . import topics


def is_link(environ: dict[str, Any]) -> bool:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return query.get("Action") == ["ConfirmSubscription"] and "HTTP_AUTHORIZATION" not in environ


def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The WSGI application: confirms the subscription, and says so."""
    query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
    arn = topics.confirm(query.get("TopicArn", ""), query.get("Token", ""))
    status = "200 OK" if arn else "400 Bad Request"
    text = f"<h1>Subscription confirmed!</h1><p>{arn}</p>" if arn else "<h1>Invalid token</h1>"
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    return [text.encode()]
