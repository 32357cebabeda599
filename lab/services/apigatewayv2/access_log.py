"""A stage's access log: one line for each request, in the stage's own format, in its log group."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from moto.core.utils import unix_time_millis

from . import apis

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_.]+[A-Za-z0-9_])")


def line(template: str, values: Mapping[str, Any]) -> str:
    """The template with its variables of $context filled in; "-" for what a request has not got."""
    return _VARIABLE.sub(lambda found: str(values.get(found[1], "-")), template)


def write(stage: Any, api_id: str, values: Mapping[str, Any]) -> None:
    settings = stage.access_log_settings or {}
    group = apis.log_group_of(settings["destinationArn"]) if settings.get("destinationArn") else None
    if group is None or not settings.get("format"):
        return
    stream = f"{api_id}/{stage.name}/{time.strftime('%Y-%m-%d', time.gmtime())}"
    if stream not in group.streams:
        group.create_log_stream(stream)
    text = line(settings["format"], values)
    group.put_log_events(stream, [{"timestamp": int(unix_time_millis()), "message": text}])
