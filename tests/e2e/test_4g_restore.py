"""A bad moment is undone: rows and files are as before it, and the old database is kept until told otherwise."""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests

from tests import iam
from tests.api import poll

from .conftest import STACK, Run, Stack, asked, playbook


def test_rows_and_files_are_as_they_were_before_a_bad_moment(stack, client, figures):
    mark = uuid.uuid4().hex[:8]
    for number in range(5):
        _insert(stack, f"{mark}-kept-{number}")
    _upload(stack, f"{mark}.txt", b"good")
    moment = _a_moment_between()
    for number in range(5):
        _insert(stack, f"{mark}-lost-{number}")
    _upload(stack, f"{mark}.txt", b"bad")
    before = stack.database
    last = asked()[-1]["number"]
    done = _restore(f"restore_time={moment}", f"restore_files_time={moment}", f"restore_files_prefix={mark}")
    assert done.code == 0, done.why()
    figures["seconds of restore.yml"] = round(done.seconds, 1)
    policies = iam.operator()
    assert (
        iam.needed(asked(after=last)) - iam.allowed([policies[name] for name in ("find", "read", "restore")]) == set()
    )

    def serving() -> bool:
        """the application reaches the restored database"""
        return requests.get(f"{stack.api}/ready", timeout=20).status_code == 200

    poll(serving, deadline=60)
    users = [name for _, name in requests.get(f"{stack.api}/fetch", timeout=20).json()["users"]]
    assert sorted(name for name in users if name.startswith(mark)) == [f"{mark}-kept-{n}" for n in range(5)]
    assert _contents(stack, client, f"{mark}.txt") == b"good"
    after = _databases(stack, client)[before["DBInstanceIdentifier"]]
    assert after["DbiResourceId"] != before["DbiResourceId"]
    assert after["Endpoint"] == before["Endpoint"]
    for kept in ("DBInstanceClass", "DeletionProtection", "PubliclyAccessible", "VpcSecurityGroups", "MultiAZ"):
        assert after[kept] == before[kept], kept
    assert after["MasterUserSecret"]["SecretStatus"] == "active"
    assert len(_databases(stack, client)) == 2


def test_the_role_has_nothing_left_to_change(stack):
    again = playbook("database")
    assert (again.code, again.total("changed")) == (0, 0), again.why("changed")


def test_the_old_one_goes_when_told(stack, client):
    gone = _restore("restore_discard=true")
    assert gone.code == 0, gone.why()
    assert list(_databases(stack, client)) == [stack.database["DBInstanceIdentifier"]]


def _restore(*choices: str) -> Run:
    words = [word for choice in (*choices, f"restore_confirm={STACK}") for word in ("-e", choice)]
    return playbook("restore", *words)


def _a_moment_between() -> str:
    """A second in which nothing happened."""
    time.sleep(2)
    moment = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
    time.sleep(2)
    return moment


def _insert(stack: Stack, name: str) -> None:
    assert requests.post(f"{stack.api}/insert", json={"name": name}, timeout=20).status_code == 200


def _upload(stack: Stack, name: str, contents: bytes) -> None:
    assert requests.post(f"{stack.api}/upload", files={"file": (name, contents)}, timeout=20).status_code == 200


def _contents(stack: Stack, client: Callable[[str], Any], name: str) -> bytes:
    s3 = client("s3")
    buckets = (one["Name"] for one in s3.list_buckets()["Buckets"])
    bucket = next(found for found in buckets if found.startswith(f"{stack.name}-backend-"))
    return bytes(s3.get_object(Bucket=bucket, Key=name)["Body"].read())


def _databases(stack: Stack, client: Callable[[str], Any]) -> dict[str, dict[str, Any]]:
    found = client("rds").describe_db_instances()["DBInstances"]
    return {
        one["DBInstanceIdentifier"]: one for one in found if {"Key": "Stack", "Value": stack.name} in one["TagList"]
    }
