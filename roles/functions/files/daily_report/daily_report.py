"""The report of a day: users, orders and uploads, as JSON and CSV in a bucket, by schedule and over HTTP.

A schedule's event, {"scheduled": "<its time>"}, makes the report of the day before. A request of API Gateway gets a
day's report, which is made first if it is not there. What fails is raised: Lambda tries an event of a schedule again
and at last hands it to the dead-letter queue; a client of the API gets a 500.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import ssl
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = Path(__file__).parent
sys.path += [str(wheel) for wheel in HERE.glob("*.whl")]

import report  # noqa: E402  # beside this file, which Lambda has in its path

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
_KINDS = {"json": "application/json", "csv": "text/csv; charset=utf-8"}

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Entry point, of both kinds of events."""
    if "requestContext" in event:
        return _respond(event.get("queryStringParameters") or {})
    moment = datetime.datetime.fromisoformat(event["scheduled"])
    day = moment.date() - datetime.timedelta(days=1)
    _make(day)
    return {"day": day.isoformat()}


def _respond(query: dict[str, str]) -> dict[str, Any]:
    today = datetime.datetime.now(datetime.UTC).date()
    kind = query.get("format", "json")
    try:
        day = datetime.date.fromisoformat(query.get("day", str(today - datetime.timedelta(days=1))))
    except ValueError:
        return _problem(400, f"day is {query['day']!r}. Take one such as {today - datetime.timedelta(days=1)}.")
    if kind not in _KINDS:
        return _problem(400, f"format is {kind!r}. Take {' or '.join(_KINDS)}.")
    if day >= today:
        return _problem(404, f"{day} is not over, by UTC.")
    body = _read(day, kind)
    if body is None:
        body = _make(day)[kind]
    return {"statusCode": 200, "headers": {"content-type": _KINDS[kind], "cache-control": "no-store"}, "body": body}


def _problem(status: int, sentence: str) -> dict[str, Any]:
    body = json.dumps({"message": sentence})
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": body}


def _make(day: datetime.date) -> dict[str, str]:
    """Make a day's report and keep it; its text by format."""
    with report.connect(_secret(), _tls()) as connection:
        found = {"day": day.isoformat(), **report.of_database(connection, day)}
    found["uploads"] = report.of_uploads(_objects(), day)
    texts = {"json": json.dumps(found, ensure_ascii=False, indent=2) + "\n", "csv": report.as_csv(found)}
    for kind, text in texts.items():
        _s3().put_object(
            Bucket=os.environ["REPORTS_BUCKET"], Key=_key(day, kind), Body=text.encode(), ContentType=_KINDS[kind]
        )
    _log.info(json.dumps({"outcome": "made", "day": day.isoformat(), "orders": found["orders"]["count"]}))
    return texts


def _read(day: datetime.date, kind: str) -> str | None:
    try:
        found = _s3().get_object(Bucket=os.environ["REPORTS_BUCKET"], Key=_key(day, kind))
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    return str(found["Body"].read().decode())


def _key(day: datetime.date, kind: str) -> str:
    return f"reports/{day}/report.{kind}"


def _objects() -> Any:
    """All that is in the bucket of uploads now."""
    for page in _s3().get_paginator("list_objects_v2").paginate(Bucket=os.environ["UPLOADS_BUCKET"]):
        yield from page.get("Contents", [])


def _secret() -> dict[str, str]:
    """Read each time: it may have been rotated."""
    client = boto3.client("secretsmanager", config=_CONFIG)
    found: dict[str, str] = json.loads(
        client.get_secret_value(SecretId=os.environ["DATABASE_SECRET_ARN"])["SecretString"]
    )
    return found


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(HERE / "database-ca.pem"))


def _s3() -> Any:
    return boto3.client("s3", config=_CONFIG)
