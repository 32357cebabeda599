"""The metadata function, on moto's S3 and DynamoDB."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from urllib.parse import quote_plus

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

FILE = Path(__file__).parents[2] / "roles/messaging/files/metadata/handler.py"
BUCKET, TABLE = "demo-app-backend", "demo-app-metadata"
OLDER, NEWER, NEWEST = "0055AED6DCD90281E5", "0055AED6DCD90281E6", "0055AED6DCD90281E7"


@pytest.fixture
def account(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAQQUNITTESTQQKEYQ",
        "AWS_SECRET_ACCESS_KEY": "a-long-and-unlikely-value-of-a-unit-test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TABLE_NAME": TABLE,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        boto3.client("dynamodb").create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "file_name", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "file_name", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield


@pytest.fixture
def invoke(account):
    """The function, freshly loaded as in a new execution environment."""
    spec = importlib.util.spec_from_file_location("metadata_handler", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def text(message):
        return message if isinstance(message, str) else json.dumps(message)

    def call(*messages):
        envelopes = [{"EventSource": "aws:sns", "Sns": {"Message": text(message)}} for message in messages]
        return module.handler({"Records": envelopes}, None)

    call.module = module
    return call


def upload(name, content=b"hello", content_type="text/plain"):
    stored = boto3.client("s3").put_object(Bucket=BUCKET, Key=name, Body=content, ContentType=content_type)
    return stored.get("VersionId")


def created(name, sequencer=OLDER, time="2026-11-21T05:00:00.000Z", event="ObjectCreated:Put", **stored):
    stored = {"key": quote_plus(name), "size": 5, "eTag": "abc", "sequencer": sequencer} | stored
    return {"eventName": event, "eventTime": time, "s3": {"bucket": {"name": BUCKET}, "object": stored}}


def removed(name, sequencer, event="ObjectRemoved:Delete", time="2026-11-22T05:00:00.000Z", **stored):
    stored = {"key": quote_plus(name), "sequencer": sequencer} | stored
    return {"eventName": event, "eventTime": time, "s3": {"bucket": {"name": BUCKET}, "object": stored}}


def message(*records):
    return {"Records": list(records)}


def items():
    return boto3.resource("dynamodb").Table(TABLE).scan()["Items"]


def test_an_upload_becomes_one_item_with_all_that_is_known(invoke):
    boto3.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    version = upload("report.txt")
    upload("report.txt", content_type="text/of-a-later-version")
    assert invoke(message(created("report.txt", versionId=version))) == {"written": 1, "outdated": 0, "skipped": 0}
    assert items() == [
        {
            "file_name": "report.txt",
            "bucket_name": BUCKET,
            "timestamp": "2026-11-21T05:00:00.000Z",
            "size": 5,
            "etag": "abc",
            "version_id": version,
            "content_type": "text/plain",
            "sha256": hashlib.sha256(b"hello").hexdigest(),
            "sequencer": OLDER.ljust(64, "0"),
        }
    ]


def test_a_file_too_large_to_be_read_in_time_has_no_checksum(invoke, monkeypatch):
    monkeypatch.setattr(invoke.module, "SUMMED", 4)
    upload("long.txt")
    assert invoke(message(created("long.txt")))["written"] == 1
    (item,) = items()
    assert item["content_type"] == "text/plain"
    assert "sha256" not in item


@pytest.mark.parametrize(
    "name", ["a b+c%ü.txt", "100%25.txt", "a%2Bb", 'it\'s "quoted".txt', "日本語 🎉.png", "+", "%"]
)
def test_a_name_is_decoded_exactly_once(invoke, name):
    upload(name)
    invoke(message(created(name)))
    assert [(item["file_name"], item["content_type"]) for item in items()] == [(name, "text/plain")]


def test_the_same_event_twice_leaves_one_item(invoke):
    upload("a.txt")
    event = message(created("a.txt"))
    assert invoke(event)["written"] == 1
    assert invoke(event) == {"written": 0, "outdated": 1, "skipped": 0}
    assert len(items()) == 1


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (OLDER, NEWER),
        ("0055AED6DCD9", "0055AED6DCD90281E5"),  # the shorter one counts as padded with zeros
        ("0055AED6DCD90281E5", "0055AEE0"),
        ("00aa", "00AB"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_the_newest_event_stays_whatever_the_order_of_arrival(invoke, older, newer, late):
    upload("a.txt")
    events = [created("a.txt", older, size=1), created("a.txt", newer, size=2)]
    for event in reversed(events) if late else events:
        invoke(message(event))
    assert [item["size"] for item in items()] == [2]


def test_sequencers_that_differ_in_padding_only_are_the_same_event(invoke):
    upload("a.txt")
    invoke(message(created("a.txt", "00AB", size=1)))
    assert invoke(message(created("a.txt", "00ab00", size=2)))["outdated"] == 1


def test_each_record_of_each_message_is_written(invoke):
    for name in "abc":
        upload(name)
    assert invoke(message(created("a"), created("b")), message(created("c")))["written"] == 3
    assert sorted(item["file_name"] for item in items()) == ["a", "b", "c"]


def test_a_test_event_is_skipped_with_a_line(invoke, caplog):
    assert invoke({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET})["skipped"] == 1
    assert "s3:TestEvent" in caplog.text
    assert items() == []


@pytest.mark.parametrize(
    "record",
    [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}, "object": {}}},
        {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "a"}}},
        {"eventName": "ObjectCreated:Put"},
    ],
)
def test_a_record_without_bucket_or_key_is_skipped_with_a_line_and_the_next_is_written(invoke, caplog, record):
    upload("b.txt")
    assert invoke(message(record, created("b.txt"))) == {"written": 1, "outdated": 0, "skipped": 1}
    assert "no bucket or no key" in caplog.text


def test_a_deleted_file_is_marked_and_what_it_was_is_its_history(invoke):
    upload("a.txt")
    invoke(message(created("a.txt")))
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="a.txt")
    gone = removed("a.txt", NEWER, time="2026-11-22T05:00:00.000Z")
    assert invoke(message(gone))["written"] == 1
    assert invoke(message(gone))["outdated"] == 1
    (item,) = items()
    assert item["deleted_at"] == "2026-11-22T05:00:00.000Z"
    assert [(old["size"], old["timestamp"]) for old in item["history"]] == [(5, "2026-11-21T05:00:00.000Z")]
    upload("a.txt")
    invoke(message(created("a.txt", NEWEST, size=9)))
    (item,) = items()
    assert ("deleted_at" in item, item["size"], len(item["history"])) == (False, 9, 2)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_a_name_that_was_used_twice_and_deleted_has_one_history_in_any_order_of_arrival(invoke, order):
    events = [created("a.txt", OLDER, size=1), created("a.txt", NEWER, size=2), removed("a.txt", NEWEST)]
    for number in order:
        invoke(message(events[number]))
    (item,) = items()
    assert "deleted_at" in item
    assert [old.get("size") for old in item["history"]] == [2, 1]


def test_a_name_that_is_used_for_ever_has_a_history_of_a_bounded_length(invoke):
    for number in range(60):
        invoke(message(created("a.txt", f"{number:04}", size=number)))
    (item,) = items()
    assert (item["size"], len(item["history"]), item["history"][0]["size"]) == (59, 50, 58)


def test_an_old_version_that_is_removed_leaves_the_item_as_it_was(invoke):
    boto3.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    old, new = upload("a.txt"), upload("a.txt", b"hello again")
    invoke(message(created("a.txt", OLDER, versionId=old), created("a.txt", NEWER, versionId=new, size=11)))
    before = items()
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="a.txt", VersionId=old)
    assert invoke(message(removed("a.txt", NEWEST, versionId=old)))["outdated"] == 1
    assert items() == before


def test_a_file_whose_delete_marker_is_removed_is_there_again(invoke):
    boto3.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    version = upload("a.txt")
    invoke(message(created("a.txt", OLDER, versionId=version)))
    marker = boto3.client("s3").delete_object(Bucket=BUCKET, Key="a.txt")["VersionId"]
    invoke(message(removed("a.txt", NEWER, event="ObjectRemoved:DeleteMarkerCreated", versionId=marker)))
    assert "deleted_at" in items()[0]
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="a.txt", VersionId=marker)
    invoke(message(removed("a.txt", NEWEST, versionId=marker)))
    (item,) = items()
    assert ("deleted_at" in item, item["version_id"], item["size"]) == (False, version, 5)


def test_the_log_names_the_request_that_stored_the_file(invoke, caplog):
    metadata = {"request-id": "1-67891233-abcdef012345678912345678"}
    boto3.client("s3").put_object(Bucket=BUCKET, Key="a.txt", Body=b"hello", Metadata=metadata)
    invoke(message(created("a.txt")))
    assert '"request": "1-67891233-abcdef012345678912345678"' in caplog.text


def test_an_item_that_another_call_writes_meanwhile_is_read_again(invoke, monkeypatch):
    upload("a.txt")
    invoke(message(created("a.txt", OLDER, size=1)))
    table = boto3.resource("dynamodb").Table(TABLE)
    stale, now = items()[0], items()[0] | {"sequencer": "0055AED6DCD90281E5".ljust(64, "1"), "size": 7}
    table.put_item(Item=now)
    answers = [{"Item": stale}]

    class Table:
        put_item = table.put_item

        def get_item(self, **arguments):
            return answers.pop() if answers else table.get_item(**arguments)

    monkeypatch.setattr(invoke.module, "_table", Table)
    assert invoke(message(created("a.txt", NEWEST, size=9)))["written"] == 1
    (item,) = items()
    assert [item["size"], *(old["size"] for old in item["history"])] == [9, 7]


@pytest.mark.parametrize("event", ["ObjectTagging:Put", "s3:ObjectAcl:Put"])
def test_what_neither_creates_nor_removes_changes_nothing(invoke, event):
    upload("a.txt")
    invoke(message(created("a.txt")))
    assert invoke(message(created("a.txt", NEWER, event=event, size=0)))["skipped"] == 1
    assert items()[0]["size"] == 5


def test_a_file_that_is_gone_by_now_is_still_written_down(invoke):
    assert invoke(message(created("gone.txt")))["written"] == 1
    assert "content_type" not in items()[0]


def test_a_missing_table_raises_so_that_the_event_is_tried_again(invoke):
    upload("a.txt")
    boto3.client("dynamodb").delete_table(TableName=TABLE)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        invoke(message(created("a.txt")))


def test_a_bucket_that_may_not_be_read_raises(invoke):
    upload("a.txt")
    boto3.client("s3").put_bucket_policy(
        Bucket=BUCKET,
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
                ],
            }
        ),
    )
    with pytest.raises(ClientError, match="403"):
        invoke(message(created("a.txt")))
    assert items() == []


def test_a_message_that_is_no_json_raises(invoke):
    with pytest.raises(json.JSONDecodeError):
        invoke("hello")
