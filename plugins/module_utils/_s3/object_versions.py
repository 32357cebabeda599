# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""A bucket's files as they were: versions to what has to be copied or deleted. Private to this collection."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any
from typing import Iterable

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry


class _Missing(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("NoSuchBucket")


@dataclasses.dataclass
class Plan:
    copies: dict[str, str] = dataclasses.field(default_factory=dict)  # key: version that becomes the newest again
    deletions: list[str] = dataclasses.field(default_factory=list)
    before: dict[str, str] = dataclasses.field(default_factory=dict)
    after: dict[str, str] = dataclasses.field(default_factory=dict)


@_Missing.list_error_handler("list the versions", [])
@AWSRetry.jittered_backoff()
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
        there = then is not None and not then["Deleted"]
        if not now["Deleted"]:
            result.before[key] = now["VersionId"]
        if there and not _same(now, then):
            result.copies[key] = result.after[key] = then["VersionId"]
        elif not there and not now["Deleted"] and purge:
            result.deletions.append(key)
        elif not now["Deleted"]:
            result.after[key] = now["VersionId"]
    return result


def _same(now: dict[str, Any], then: dict[str, Any]) -> bool:
    """Also when it was brought back before: as a newer version with the same contents."""
    return not now["Deleted"] and (now["ETag"], now["Size"]) == (then["ETag"], then["Size"])


@AWSErrorHandler.common_error_handler("bring the file back")
@AWSRetry.jittered_backoff()
def copy(client: Any, bucket: str, key: str, version: str) -> None:
    client.copy_object(Bucket=bucket, Key=key, CopySource=dict(Bucket=bucket, Key=key, VersionId=version))


@AWSErrorHandler.common_error_handler("delete the file")
@AWSRetry.jittered_backoff()
def delete(client: Any, bucket: str, key: str) -> None:
    client.delete_object(Bucket=bucket, Key=key)
