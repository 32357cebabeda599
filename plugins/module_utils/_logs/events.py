# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events in CloudWatch Logs. Private to this collection."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls


_MISSING = ("ResourceNotFoundException",)


@_calls.read("read the log", [], missing=_MISSING)
def _filter(client: Any, group: str, phrase: str, since: datetime.datetime, limit: int) -> list[dict[str, Any]]:
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern=f'"{phrase}"',
        startTime=int(since.timestamp() * 1000),
        PaginationConfig=dict(MaxItems=limit),
    )
    found: list[dict[str, Any]] = pages.build_full_result().get("events", [])
    return found


def find(client: Any, group: str, phrases: list[str], seconds: int, limit: int) -> list[dict[str, str]]:
    """What holds one of the phrases, the newest last."""
    since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    found = {one["eventId"]: one for phrase in phrases for one in _filter(client, group, phrase, since, limit)}
    newest = sorted(found.values(), key=lambda one: one["timestamp"])[-limit:]
    return [dict(time=_iso(one["timestamp"]), message=one["message"].rstrip("\n")) for one in newest]


def _iso(milliseconds: int) -> str:
    return f"{datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
