# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Invalidations of a distribution: what its edges have been told to forget. Private to this collection."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits

_PAUSE = 5  # seconds between two looks at an invalidation that is under way


@_calls.call("list the bucket's objects")
def digest(client: Any, bucket: str) -> str:
    """Of what is in a bucket and when it was put there: an object that was put anew counts, even if it is the same."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [
        f"{one['Key']} {one['ETag']} {one['LastModified'].isoformat()}"
        for page in pages
        for one in page.get("Contents", [])
    ]
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def newest(client: Any, distribution_id: str) -> dict[str, Any]:
    """The last one that was made, with its batch; empty if there is none."""
    ids = _newest_ids(client, distribution_id)
    return _get(client, distribution_id, ids[0]) if ids else {}


@_calls.call("list the invalidations")
def _newest_ids(client: Any, distribution_id: str) -> list[str]:
    answer = client.list_invalidations(DistributionId=distribution_id, MaxItems="1")  # the newest comes first
    return [one["Id"] for one in answer["InvalidationList"].get("Items") or []]


@_calls.read("read the invalidation", {}, missing=["NoSuchInvalidation"])
def _get(client: Any, distribution_id: str, invalidation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_invalidation(DistributionId=distribution_id, Id=invalidation_id)["Invalidation"]
    return found


def create(client: Any, distribution_id: str, paths: list[str], content: str) -> dict[str, Any]:
    """:param content: a digest that its caller reference begins with. Its rest keeps an older one from being meant."""
    return _create(client, distribution_id, paths, f"{content}-{uuid.uuid4()}")


@_calls.call("create the invalidation", retry_on=["TooManyInvalidationsInProgress"])
def _create(client: Any, distribution_id: str, paths: list[str], reference: str) -> dict[str, Any]:
    batch = dict(Paths=dict(Quantity=len(paths), Items=paths), CallerReference=reference)
    made: dict[str, Any] = client.create_invalidation(DistributionId=distribution_id, InvalidationBatch=batch)
    return dict(made["Invalidation"])


def wait(client: Any, distribution_id: str, found: dict[str, Any], timeout: int) -> dict[str, Any]:
    """
    Wait until all edges have forgotten; the invalidation as it is then.

    :param timeout: seconds.
    :raises AnsibleAWSError: if they have not by then.
    """
    if found["Status"] == "Completed":
        return found
    _waits.until(
        client,
        "GetInvalidation",
        dict(DistributionId=distribution_id, Id=found["Id"]),
        [dict(matcher="path", argument="Invalidation.Status", expected="Completed", state="success")],
        purpose="wait for the invalidation",
        timeout=timeout,
        pause=_PAUSE,
        failure=lambda _answer: (
            f"The invalidation {found['Id']} was not completed within {timeout} s. CloudFront goes on with it."
        ),
    )
    return dict(found, Status="Completed")
