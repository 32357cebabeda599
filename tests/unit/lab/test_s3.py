"""Buckets with odd names, many versions, and versioning that was once off: listed whole, emptied, deleted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.services.s3.versions import page

ODD = ["a b.txt", "ä/ö.txt", "line\nbreak", "control\x12", "no letter \ufffe", "100%.txt", "a&b<c>.txt", "x+y"]


def entries(**versions: int) -> list[tuple[str, list[Any]]]:
    return [
        (name, [SimpleNamespace(name=name, version_id=f"{name}{n}") for n in range(count)])
        for name, count in versions.items()
    ]


def ids(found: Any) -> list[str]:
    return [one.version_id for one in found.versions]


def test_pages_follow_each_other_without_a_gap() -> None:
    there, seen, after = entries(b=3, a=2, c=1), [], ("", "")
    for _ in range(9):
        found = page(there, after_key=after[0], after_version=after[1], most=2)
        seen += ids(found)
        if found.next_key is None:
            break
        after = (found.next_key, found.next_version or "")
    assert seen == ["a0", "a1", "b0", "b1", "b2", "c0"]


def test_what_is_deleted_between_two_pages_hides_nothing() -> None:
    first = page(entries(a=4, b=1), most=2)
    left = [("a", entries(a=4)[0][1][2:]), ("b", entries(b=1)[0][1])]
    second = page(left, after_key=str(first.next_key), after_version=str(first.next_version), most=9)
    assert (ids(first), ids(second)) == (["a0", "a1"], ["a2", "a3", "b0"])


def test_folders_count_once_and_are_not_listed_again_on_the_next_page() -> None:
    there = [(name, entries(x=1)[0][1]) for name in ("a/1", "a/2", "b", "c/1")]
    first = page(there, delimiter="/", most=1)
    assert (first.prefixes, first.next_key) == (["a/"], "a/")
    second = page(there, delimiter="/", after_key="a/", most=9)
    assert (second.prefixes, len(second.versions)) == (["c/"], 1)


@pytest.fixture
def s3(api: None, client: Any) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="files")
    return made


def versioning(s3: Any, status: str) -> None:
    s3.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": status})


def listed(s3: Any, **asked: Any) -> list[tuple[str, str]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket="files", **asked)
    return [
        (v["Key"], v["VersionId"]) for p in pages for kind in ("Versions", "DeleteMarkers") for v in p.get(kind, [])
    ]


def test_every_name_is_listed_as_it_is(s3: Any) -> None:
    versioning(s3, "Enabled")
    for name in ODD:
        s3.put_object(Bucket="files", Key=name, Body=b"x")
    assert sorted(key for key, _ in listed(s3)) == sorted(ODD)
    for call in (s3.list_objects, s3.list_objects_v2):
        assert sorted(one["Key"] for one in call(Bucket="files")["Contents"]) == sorted(ODD)
    assert [key for key, _ in listed(s3, Prefix="ä/")] == ["ä/ö.txt"]
    assert [p["Prefix"] for p in s3.list_object_versions(Bucket="files", Delimiter="/")["CommonPrefixes"]] == ["ä/"]
    for key, version in listed(s3):
        s3.delete_object(Bucket="files", Key=key, VersionId=version)
    s3.delete_bucket(Bucket="files")


def test_a_listing_from_a_name_that_xml_cannot_carry_on(s3: Any) -> None:
    s3.put_object(Bucket="files", Key="z", Body=b"x")
    found = s3.list_objects_v2(Bucket="files", StartAfter="\x12")
    assert (found["StartAfter"], [one["Key"] for one in found["Contents"]]) == ("\x12", ["z"])
    assert s3.list_objects(Bucket="files", Marker="\x12")["Contents"]
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="files", Key="not there\x12\ufffe")


def test_more_than_a_thousand_versions_go_page_by_page(s3: Any) -> None:
    versioning(s3, "Enabled")
    for number in range(1100):
        s3.put_object(Bucket="files", Key=f"{number % 3}", Body=b"")
    assert len(listed(s3)) == len(set(listed(s3))) == 1100
    marker: dict[str, str] = {}
    for _ in range(3):  # each page is deleted before the next one is asked for
        found = s3.list_object_versions(Bucket="files", **marker)
        gone = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found.get("Versions", [])]
        s3.delete_objects(Bucket="files", Delete={"Objects": gone})
        if not found["IsTruncated"]:
            break
        marker = {"KeyMarker": found["NextKeyMarker"], "VersionIdMarker": found["NextVersionIdMarker"]}
    s3.delete_bucket(Bucket="files")


def test_versions_from_before_versioning_and_from_while_it_was_suspended_go_by_their_ids(s3: Any) -> None:
    s3.put_object(Bucket="files", Key="a", Body=b"before")
    versioning(s3, "Enabled")
    kept = s3.put_object(Bucket="files", Key="a", Body=b"versioned")["VersionId"]
    versioning(s3, "Suspended")
    s3.put_object(Bucket="files", Key="a", Body=b"suspended")
    assert sorted(listed(s3)) == sorted([("a", "null"), ("a", kept)])
    assert s3.get_object(Bucket="files", Key="a")["Body"].read() == b"suspended"
    s3.delete_object(Bucket="files", Key="a")
    shown = s3.list_object_versions(Bucket="files")
    assert [(one["VersionId"], one["IsLatest"]) for one in shown["DeleteMarkers"]] == [("null", True)]
    assert [one["VersionId"] for one in shown["Versions"]] == [kept]
    assert s3.get_object(Bucket="files", Key="a", VersionId=kept)["Body"].read() == b"versioned"
    for key, version in listed(s3):
        s3.delete_object(Bucket="files", Key=key, VersionId=version)
    s3.delete_bucket(Bucket="files")
