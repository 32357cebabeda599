# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bucket's files as they were: versions to what has to be copied or deleted. Private to this collection."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any
from typing import Iterable

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("NoSuchBucket",)


@dataclasses.dataclass
class Plan:
    copies: dict[str, str] = dataclasses.field(default_factory=dict)  # key: version that becomes the newest again
    deletions: list[str] = dataclasses.field(default_factory=list)
    before: dict[str, str] = dataclasses.field(default_factory=dict)
    after: dict[str, str] = dataclasses.field(default_factory=dict)


@_calls.read("list the versions", [], missing=_MISSING)
def versions(client: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    """All versions and delete markers, as S3 lists them: the newest of each key first."""
    found = []
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        found += [dict(one, Deleted=False) for one in page.get("Versions", [])]
        found += [dict(one, Deleted=True) for one in page.get("DeleteMarkers", [])]
    return found


def moment(text: str) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise AnsibleAWSError(message=f'"{text}" is no time. Write it as in 2026-11-21T08:00:00Z.') from error
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)


def plan(listed: Iterable[dict[str, Any]], at: datetime.datetime, purge: bool) -> Plan:
    by_key: dict[str, list[dict[str, Any]]] = {}
    for one in listed:
        by_key.setdefault(one["Key"], []).append(one)
    result = Plan()
    for key, entries in sorted(by_key.items()):
        # The newest first; of two of the same second the one that S3 calls the latest.
        entries.sort(key=lambda one: (one["LastModified"], one["IsLatest"]), reverse=True)
        now, then = entries[0], next((one for one in entries if one["LastModified"] <= at), None)
        if then is not None and then["Deleted"]:
            then = None
        if not now["Deleted"]:
            result.before[key] = now["VersionId"]
        if then and not _same(now, then):
            result.copies[key] = result.after[key] = then["VersionId"]
        elif not then and not now["Deleted"] and purge:
            result.deletions.append(key)
        elif not now["Deleted"]:
            result.after[key] = now["VersionId"]
    return result


def _same(now: dict[str, Any], then: dict[str, Any]) -> bool:
    """Also when it was brought back before: as a newer version with the same contents."""
    return not now["Deleted"] and (now["ETag"], now["Size"]) == (then["ETag"], then["Size"])


@_calls.call("bring the file back")
def copy(client: Any, bucket: str, key: str, version: str) -> None:
    client.copy_object(Bucket=bucket, Key=key, CopySource=dict(Bucket=bucket, Key=key, VersionId=version))


@_calls.call("delete the file")
def delete(client: Any, bucket: str, key: str) -> None:
    client.delete_object(Bucket=bucket, Key=key)
