"""Versions of objects: listed page by page in S3's order, and kept when versioning is suspended."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from moto.core.responses import ActionResult
from moto.s3.exceptions import AccessDeniedByLock
from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.responses import S3Response

from ...monkeypatch import wrap
from .buckets import tell_of_delete_markers

_suspended = threading.Lock()  # one writer at a time to buckets whose versioning is suspended
_OWNER = {"ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a", "DisplayName": "webfile"}


class Page(NamedTuple):
    """One answer's part of a listing, in S3's order; the markers are those of its last entry if more follows."""

    versions: list[Any]
    prefixes: list[str]
    next_key: str | None = None
    next_version: str | None = None


def page(
    entries: Iterable[tuple[str, Sequence[Any]]],
    prefix: str = "",
    delimiter: str = "",
    after_key: str = "",
    after_version: str = "",
    most: int = 1000,
) -> Page:
    """
    :param entries: each name with its versions, the newest first.
    :param after_key: the name that the page before ended with; begins behind all of its versions if after_version is
        not given. A version that has been deleted since does not matter: what is left of its name follows.
    """
    found = Page([], [])
    count, last = 0, ("", None)
    for name, versions in sorted(entries):
        if not name.startswith(prefix) or name < after_key or (name == after_key and not after_version):
            continue
        rest = name[len(prefix) :]
        if delimiter and delimiter in rest:
            folder = prefix + rest[: rest.index(delimiter) + len(delimiter)]
            if folder in found.prefixes or after_key.startswith(folder):
                continue
            if count == most:
                return found._replace(next_key=last[0], next_version=last[1])
            found.prefixes.append(folder)
            count, last = count + 1, (folder, None)
            continue
        for version in _behind(versions, after_version if name == after_key else ""):
            if count == most:
                return found._replace(next_key=last[0], next_version=last[1])
            found.versions.append(version)
            count, last = count + 1, (name, version.version_id)
    return found


def _behind(versions: Sequence[Any], version_id: str) -> Sequence[Any]:
    ids = [version.version_id for version in versions]
    return versions[ids.index(version_id) + 1 :] if version_id in ids else versions


def list_in_order(_original: Any) -> Any:
    """moto finds the next page by the last version of the one before, and nothing more once that is deleted."""

    def list_object_versions(self: S3Response) -> Any:
        bucket = self.backend.get_bucket(self.bucket_name)
        asked = {name: values[0] for name, values in self._get_querystring(self.request, self.uri).items()}
        most = int(asked.get("max-keys") or 1000)
        entries = [(name, list(reversed(versions))) for name, versions in list(bucket.keys.iterlists())]
        latest = {id(versions[0]) for _, versions in entries if versions}
        key, version = asked.get("key-marker", ""), asked.get("version-id-marker", "")
        found = page(entries, asked.get("prefix", ""), asked.get("delimiter", ""), key, version, min(most, 1000))
        result: dict[str, Any] = {
            "Name": bucket.name,
            "Prefix": asked.get("prefix", ""),
            "KeyMarker": key,
            "VersionIdMarker": version,
            "MaxKeys": most,
            "IsTruncated": found.next_key is not None,
            "Versions": [_shown(one, latest) for one in found.versions if isinstance(one, FakeKey)],
            "DeleteMarkers": [_shown(one, latest) for one in found.versions if not isinstance(one, FakeKey)],
            "CommonPrefixes": [{"Prefix": prefix} for prefix in found.prefixes],
            "Delimiter": asked.get("delimiter"),
            "EncodingType": asked.get("encoding-type"),
            "NextKeyMarker": found.next_key,
            "NextVersionIdMarker": found.next_version,
        }
        self.data["Action"] = "ListObjectVersions"
        return self.serialized(ActionResult({name: value for name, value in result.items() if value is not None}))

    return list_object_versions


def _shown(version: Any, latest: set[int]) -> dict[str, Any]:
    shown = {
        "Key": version.name,
        "VersionId": version.version_id,
        "IsLatest": id(version) in latest,
        "LastModified": version.last_modified_ISO8601,
        "Owner": _OWNER,
    }
    if isinstance(version, FakeKey):
        shown |= {"ETag": version.etag, "Size": version.size, "StorageClass": version.storage_class}
    return shown


def let_go_of_nothing(_original: Any) -> Any:
    """A marker has no content; moto's store of versions expects each of them to have some."""

    def dispose(self: FakeDeleteMarker, garbage: bool = False) -> None:
        del garbage

    return dispose


def replace_only_null_version(original: Any) -> Any:
    """While versioning is suspended a new object takes the place of the version "null"; moto drops all others too."""

    def put_object(self: S3Backend, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> FakeKey:
        bucket = self.get_bucket(bucket_name)
        made: FakeKey
        if bucket.versioning_status != "Suspended":
            made = original(self, bucket_name, key_name, *args, **kwargs)
            return made
        with _suspended:
            known = bucket.keys.getlist(key_name, [])
            others = [one for one in known if one.version_id != "null"]
            if others:
                bucket.keys.setlist(key_name, others)
            elif known:
                bucket.keys.pop(key_name)
            bucket.versioning_status = "Enabled"  # for moto to add to the others and not to replace them
            try:
                made = original(self, bucket_name, key_name, *args, **kwargs)
            finally:
                bucket.versioning_status = "Suspended"
            made._version_id = "null"
        return made

    return put_object


def delete_one_version(original: Any) -> Any:
    """While versioning is suspended: the version that is named, or else "null", whose place a marker takes; moto
    deletes the whole object."""

    def delete_object(
        self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> tuple[bool, dict[str, Any]]:
        bucket = self.get_bucket(bucket_name)
        if bucket.versioning_status != "Suspended":
            deleted: tuple[bool, dict[str, Any]] = original(self, bucket_name, key_name, version_id, bypass)
            return deleted
        known = bucket.keys.getlist(key_name, [])
        gone = [one for one in known if one.version_id == (version_id or "null")]
        if any(isinstance(one, FakeKey) and one.is_locked(governance_bypass=bypass) for one in gone):
            raise AccessDeniedByLock
        kept = [one for one in known if one not in gone]
        meta = {"version-id": version_id or "null"}
        if version_id is None and known:
            marker = FakeDeleteMarker(key=known[-1])
            marker._version_id = "null"
            kept.append(marker)
            meta["delete-marker"] = "true"
        elif any(isinstance(one, FakeDeleteMarker) for one in gone):
            meta["delete-marker"] = "true"
        if kept:
            bucket.keys.setlist(key_name, kept)
        elif known:
            bucket.keys.pop(key_name)
        return bool(gone or kept), meta

    return delete_object


def install(_machines: bool = False) -> None:
    wrap(S3Response, "list_object_versions", list_in_order)
    wrap(FakeDeleteMarker, "dispose", let_go_of_nothing)
    wrap(S3Backend, "put_object", replace_only_null_version)
    wrap(S3Backend, "delete_object", lambda original: tell_of_delete_markers(delete_one_version(original)))
