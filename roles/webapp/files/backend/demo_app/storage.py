"""Files in the bucket and what the pipeline has written down about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any
from urllib.parse import quote

from boto3.dynamodb.types import TypeDeserializer
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from . import request_ids
from .aws import Account

LINK_SECONDS = 900
_TRANSFER = TransferConfig(max_concurrency=2)
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


class Bucket:
    """The files themselves. A file's name is its key, untouched."""

    def __init__(self, account: Account, name: str) -> None:
        self._account = account
        self._name = name

    @property
    def _client(self) -> Any:
        return self._account.client("s3")

    def names(self) -> Iterator[str]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name):
            yield from (item["Key"] for item in page.get("Contents", ()))

    def page(self, limit: int, after: str, prefix: str) -> list[dict[str, Any]]:
        listed = self._client.list_objects_v2(Bucket=self._name, MaxKeys=limit, StartAfter=after, Prefix=prefix)
        return [_described(item["Key"], item) for item in listed.get("Contents", ())]

    def store(self, name: str, content: IO[bytes], content_type: str) -> None:
        kind = content_type if _MEDIA_TYPE.fullmatch(content_type) else "application/octet-stream"
        extra = {"ContentType": kind, "Metadata": _origin()}
        self._client.upload_fileobj(content, self._name, name, ExtraArgs=extra, Config=_TRANSFER)

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
        origin = _origin()
        signed = {"Bucket": self._name, "Key": name, "ContentLength": size, "ContentType": content_type}
        signed["Metadata"] = origin
        url = self._client.generate_presigned_url("put_object", Params=signed, ExpiresIn=LINK_SECONDS)
        headers = {"Content-Type": content_type, "Content-Length": str(size)}
        headers |= {f"x-amz-meta-{key}": value for key, value in origin.items()}
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

    def __init__(self, account: Account, name: str) -> None:
        self._account = account
        self._name = name

    @property
    def _client(self) -> Any:
        return self._account.client("dynamodb")

    def all(self) -> list[dict[str, Any]]:
        """The record of every file that was not deleted, the newest first."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._name)
        records = [_plain(item) for page in pages for item in page["Items"] if "deleted_at" not in item]
        return sorted(records, key=lambda record: str(record.get("timestamp", "")), reverse=True)

    def get(self, name: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """The file's record, None if there is none or the file was deleted, and those it had before."""
        found = self._client.get_item(TableName=self._name, Key={"file_name": {"S": name}}).get("Item")
        record = _plain(found) if found else {}
        history = [{"file_name": name, **earlier} for earlier in record.pop("history", [])]
        return (None, history) if not record or "deleted_at" in record else (record, history)

    def check(self) -> None:
        self.get(".")  # no file has this name


def _origin() -> dict[str, str]:
    """What is kept with an object, so that the function's log can name the request that stored it."""
    request = request_ids.current()
    return {"request-id": request} if request else {}


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
    return {key: _whole(value) for key, value in values.items()}


def _whole(value: Any) -> Any:
    """DynamoDB's numbers as Python's, in lists and maps too."""
    match value:
        case Decimal():
            return int(value)
        case dict():
            return {key: _whole(inner) for key, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
    return value
