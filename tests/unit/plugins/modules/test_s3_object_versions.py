"""A bucket's files brought back to how they were at a moment."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._s3 import object_versions

BUCKET = "files"
NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


def entry(key: str, minutes: int, version: str, *, latest: bool = False, deleted: bool = False) -> dict[str, Any]:
    """A version of a key, so many minutes after noon."""
    return {
        "Key": key,
        "VersionId": version,
        "IsLatest": latest,
        "Deleted": deleted,
        "LastModified": NOON + datetime.timedelta(minutes=minutes),
        "ETag": version,
        "Size": 1,
    }


def test_the_version_of_then_becomes_the_newest_where_it_is_not():
    listed = [
        entry("same", -5, "a", latest=True),
        entry("overwritten", 5, "c", latest=True),
        entry("overwritten", -5, "b"),
        entry("overwritten", -9, "z"),
        entry("deleted", 5, "", latest=True, deleted=True),
        entry("deleted", -5, "d"),
        entry("new", 5, "e", latest=True),
        entry("gone then and now", 6, "", latest=True, deleted=True),
        entry("gone then and now", 5, "f"),
        entry("gone then", 5, "h", latest=True),
        entry("gone then", -5, "", deleted=True),
        entry("gone then", -6, "g"),
    ]
    plan = object_versions.plan(listed, NOON, purge=False)
    assert plan.copies == {"overwritten": "b", "deleted": "d"}
    assert plan.deletions == []
    assert object_versions.plan(listed, NOON, purge=True).deletions == ["gone then", "new"]


def test_a_second_run_finds_the_copy_and_does_nothing():
    listed = [entry("a", 9, "x", latest=True), entry("a", 5, "y"), entry("a", -5, "x")]
    assert object_versions.plan(listed, NOON, purge=False).copies == {}


@pytest.fixture
def bucket(client: Callable[[str], Any]) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


def test_files_come_back_with_their_contents_and_the_prediction_is_the_deed(cycle, bucket):
    bucket.put_object(Bucket=BUCKET, Key="a+b ü.txt", Body=b"first", ContentType="text/plain")
    bucket.put_object(Bucket=BUCKET, Key="kept.txt", Body=b"kept")
    moment = max(one["LastModified"] for one in bucket.list_object_versions(Bucket=BUCKET)["Versions"])
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=5)
    while datetime.datetime.now(datetime.UTC) < moment + datetime.timedelta(seconds=1.1):  # S3 knows seconds only
        assert datetime.datetime.now(datetime.UTC) < end
    bucket.put_object(Bucket=BUCKET, Key="a+b ü.txt", Body=b"second")
    bucket.delete_object(Bucket=BUCKET, Key="a+b ü.txt")
    bucket.put_object(Bucket=BUCKET, Key="new.txt", Body=b"new")
    seen = cycle("s3_object_versions", bucket=BUCKET, at=moment.isoformat(), purge=True)
    assert (seen[1]["restored"], seen[1]["deleted"]) == (["a+b ü.txt"], ["new.txt"])
    back = bucket.get_object(Bucket=BUCKET, Key="a+b ü.txt")
    assert (back["Body"].read(), back["ContentType"]) == (b"first", "text/plain")
    assert [one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["a+b ü.txt", "kept.txt"]


def test_a_time_that_is_none_is_a_sentence(run_module, bucket):
    said = run_module("s3_object_versions", bucket=BUCKET, at="yesterday")
    assert said["msg"].startswith('"yesterday" is no time.')
