"""Files in the bucket and what the pipeline has written down about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO
from urllib.parse import quote

from boto3.dynamodb.types import TypeDeserializer
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

LINK_SECONDS = 900
_TRANSFER = TransferConfig(max_concurrency=2)
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def clean_name(given: str) -> str:
    """The name of a file as its user gave it, path parts cut. Raises ValueError with a sentence."""
    name = re.split(r"[/\\]", given)[-1]
    if name in ("", ".", ".."):
        raise ValueError("The file has no name.")
    if len(name.encode()) > 1024:
        raise ValueError("The file's name is longer than 1024 bytes.")
    if re.search(r"[\x00-\x1f\x7f]", name):
        raise ValueError("The file's name holds control characters.")
    return name


class Bucket:
    """The files themselves. A file's name is its key, untouched."""

    def __init__(self, client, name: str) -> None:
        self._client = client
        self._name = name

    def names(self) -> Iterator[str]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name):
            yield from (item["Key"] for item in page.get("Contents", ()))

    def page(self, limit: int, after: str) -> list[dict[str, Any]]:
        listed = self._client.list_objects_v2(Bucket=self._name, MaxKeys=limit, StartAfter=after)
        return [_described(item["Key"], item) for item in listed.get("Contents", ())]

    def store(self, name: str, content: BinaryIO, content_type: str) -> None:
        kind = content_type if _MEDIA_TYPE.fullmatch(content_type) else "application/octet-stream"
        self._client.upload_fileobj(content, self._name, name, ExtraArgs={"ContentType": kind}, Config=_TRANSFER)

    def describe(self, name: str) -> dict[str, Any] | None:
        try:
            return _described(name, self._client.head_object(Bucket=self._name, Key=name))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return None
            raise

    def delete(self, name: str) -> None:
        self._client.delete_object(Bucket=self._name, Key=name)

    def upload_link(self, name: str, size: int, content_type: str) -> dict[str, Any]:
        """A request that stores exactly this name, size and type for anyone who makes it within the time."""
        signed = {"Bucket": self._name, "Key": name, "ContentLength": size, "ContentType": content_type}
        url = self._client.generate_presigned_url("put_object", Params=signed, ExpiresIn=LINK_SECONDS)
        headers = {"Content-Type": content_type, "Content-Length": str(size)}
        return {"method": "PUT", "url": url, "headers": headers, "expires_in": LINK_SECONDS}

    def download_link(self, name: str) -> dict[str, Any]:
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        signed = {"Bucket": self._name, "Key": name, "ResponseContentDisposition": disposition}
        url = self._client.generate_presigned_url("get_object", Params=signed, ExpiresIn=LINK_SECONDS)
        return {"method": "GET", "url": url, "headers": {}, "expires_in": LINK_SECONDS}

    def check(self) -> None:
        self._client.head_bucket(Bucket=self._name)


class MetadataTable:
    """What the Lambda function recorded about each upload."""

    def __init__(self, client, name: str) -> None:
        self._client = client
        self._name = name

    def all(self) -> list[dict[str, Any]]:
        """Every record, the newest first."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._name)
        records = [_plain(item) for page in pages for item in page["Items"]]
        return sorted(records, key=lambda record: str(record.get("timestamp", "")), reverse=True)

    def get(self, name: str) -> dict[str, Any] | None:
        found = self._client.get_item(TableName=self._name, Key={"file_name": {"S": name}}).get("Item")
        return _plain(found) if found else None

    def check(self) -> None:
        self.get(".")  # no file has this name


def _described(name: str, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "size": item.get("Size", item.get("ContentLength")),
        "etag": item["ETag"].strip('"'),
        "modified": item["LastModified"],
        "content_type": item.get("ContentType"),
    }


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    values = {key: TypeDeserializer().deserialize(value) for key, value in item.items()}
    return {key: int(value) if isinstance(value, Decimal) else value for key, value in values.items()}
