# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is in a bucket, and its deletion. Private to this collection."""

from __future__ import annotations

from typing import Any
from typing import Iterator

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("NoSuchBucket", "NoSuchUpload")


def count(client: Any, bucket: str) -> int:
    """How many versions, delete markers and unfinished uploads there are. 0 if there is no such bucket."""
    return sum(len(page) for page in _versions(client, bucket)) + len(_uploads(client, bucket))


def empty(client: Any, bucket: str) -> int:
    """
    Delete all of them and say how many they were. AnsibleAWSError if some could not be deleted; the others are.

    The versions are listed until a round deletes nothing: a list that is read while it gets shorter may leave some out.
    """
    deleted = 0
    while True:
        before, refused = deleted, []
        for page in _versions(client, bucket):
            errors = _delete(client, bucket, page)
            refused += errors
            deleted += len(page) - len(errors)
        if deleted == before:
            break
    for upload in _uploads(client, bucket):
        _abort(client, bucket, upload)
        deleted += 1
    if refused:
        raise AnsibleAWSError(
            message=f"{bucket}: {len(refused)} versions cannot be deleted, the first is {refused[0]['Key']}: "
            f"{refused[0].get('Message') or refused[0].get('Code')}"
        )
    return deleted


def _versions(client: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    """Pages of at most 1,000, which is what one call deletes. A version from before versioning has the id "null"."""
    start: dict[str, str] | None = {}
    while start is not None:
        answer = _version_page(client, bucket, start)
        listed = answer.get("Versions", []) + answer.get("DeleteMarkers", [])
        if listed:
            yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
        start = None
        if answer.get("IsTruncated") and answer.get("NextKeyMarker"):
            start = {"KeyMarker": answer["NextKeyMarker"]}
            if answer.get("NextVersionIdMarker"):
                start["VersionIdMarker"] = answer["NextVersionIdMarker"]


@_calls.read("list the bucket's versions", {}, missing=_MISSING)
def _version_page(client: Any, bucket: str, start: dict[str, str]) -> dict[str, Any]:
    page: dict[str, Any] = client.list_object_versions(Bucket=bucket, MaxKeys=1000, **start)
    return page


@_calls.read("list the bucket's unfinished uploads", [], missing=_MISSING)
def _uploads(client: Any, bucket: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket)
    return [upload for page in pages for upload in page.get("Uploads", [])]


@_calls.call("delete the bucket's versions")
def _delete(client: Any, bucket: str, page: list[dict[str, str]]) -> list[dict[str, Any]]:
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": page, "Quiet": True})
    return [one for one in answer.get("Errors", []) if one.get("Code") != "NoSuchVersion"]


@_calls.delete("end an unfinished upload", missing=_MISSING)
def _abort(client: Any, bucket: str, upload: dict[str, Any]) -> None:
    client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
