"""s3_bucket_contents: every version goes, however many there are; what is locked is counted and keeps nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.threetier.aws.plugins.module_utils._s3 import bucket_contents


class Bucket:
    """A bucket's API, in pages of two; `locked` versions cannot be deleted."""

    def __init__(self, versions: list[tuple[str, str]], locked: set[str] = frozenset()) -> None:
        self.versions, self.locked, self.ended = dict.fromkeys(versions), locked, []

    def list_object_versions(self, KeyMarker: str = "", VersionIdMarker: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        rest = [one for one in self.versions if one > (KeyMarker, VersionIdMarker)]
        page = [{"Key": key, "VersionId": version} for key, version in rest[:2]]
        if len(rest) <= 2:
            return {"Versions": page}
        marker = {"NextKeyMarker": page[-1]["Key"], "NextVersionIdMarker": page[-1]["VersionId"]}
        return {"Versions": page[:1], "DeleteMarkers": page[1:], "IsTruncated": True, **marker}

    def delete_objects(self, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        errors = [
            dict(one, Code="AccessDenied", Message="locked") for one in Delete["Objects"] if one["Key"] in self.locked
        ]
        for one in Delete["Objects"]:
            if one["Key"] not in self.locked:
                del self.versions[one["Key"], one["VersionId"]]
        return {"Errors": errors}

    def get_paginator(self, _name: str) -> Bucket:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"Uploads": [{"Key": "unfinished", "UploadId": "1"}]}]

    def abort_multipart_upload(self, UploadId: str, **_: Any) -> None:  # noqa: N803
        self.ended.append(UploadId)


def test_all_pages_go_and_those_from_before_versioning():
    bucket = Bucket([(f"k{number}", version) for number in range(5) for version in ("1", "null")])
    assert bucket_contents.count(bucket, "b") == 11
    assert bucket_contents.empty(bucket, "b") == 11
    assert not bucket.versions
    assert bucket.ended == ["1"]


def test_what_is_locked_is_named_and_the_rest_is_gone():
    bucket = Bucket([(f"k{number}", "1") for number in range(5)], locked={"k0", "k3"})
    with pytest.raises(AnsibleAWSError, match="b: 2 versions cannot be deleted, the first is k0: locked"):
        bucket_contents.empty(bucket, "b")
    assert set(bucket.versions) == {("k0", "1"), ("k3", "1")}
    assert bucket.ended == ["1"]
