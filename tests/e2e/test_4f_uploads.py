"""Many uploads while the function fails one time in five: in the end each has its item, and none was written twice."""

from __future__ import annotations

import concurrent.futures
import io
import json
import os
import re
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from ansible_collections.threetier.aws.plugins.lookup import lambda_package

from tests.api import poll

from .conftest import TOP, Run, Stack, playbook

UPLOADS = int(os.environ.get("THREETIER_UPLOADS", "100"))
DOOMED = 5  # of them fail whenever they are tried, until the function is mended

# Beside the function's own code, of which nothing is changed.
FLAKY = """
import json, os
import handler as real

def handler(event, context):
    told = json.dumps(event)
    if "doomed" in told or os.urandom(1)[0] % 5 == 0:
        raise RuntimeError("one time in five")
    return real.handler(event, context)
"""


@pytest.fixture
def function(client: Callable[[str], Any], stack: Stack) -> Iterator[str]:
    """The function's name. Its own code is back afterwards."""
    name, own = f"{stack.name}-metadata-lambda", _own_code()
    yield name
    client("lambda").update_function_code(FunctionName=name, ZipFile=own)
    client("lambda").update_function_configuration(FunctionName=name, Handler="handler.handler")


def test_every_upload_has_its_item_in_the_end(function, client, stack, figures):
    mark = uuid.uuid4().hex[:8]
    names = [f"{mark}-{'doomed' if number < DOOMED else 'file'}-{number:04}.txt" for number in range(UPLOADS)]
    client("lambda").update_function_code(FunctionName=function, ZipFile=_flaky_code())
    client("lambda").update_function_configuration(FunctionName=function, Handler="flaky.handler")
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda name: _upload(stack.api, name), names)) == {200}
    queue = client("sqs").get_queue_url(QueueName=f"{stack.name}-metadata-dead-letter-queue")["QueueUrl"]

    def dealt_with() -> bool:
        """each upload has its item or is a dead letter"""
        return len(_items(client, stack, mark)) + _waiting(client, queue) >= UPLOADS

    poll(dealt_with, deadline=60 + UPLOADS, pause=2)
    dead = _waiting(client, queue)
    assert DOOMED <= dead < UPLOADS
    figures[f"dead letters of {UPLOADS} uploads, 1 in 5 failing, {DOOMED} doomed"] = dead
    figures[f"seconds until {UPLOADS} uploads were dealt with"] = round(time.monotonic() - begin, 1)

    early = _redrive()
    assert early.code != 0  # the doomed fail again, and stay
    assert "one time in five" in early.output
    assert DOOMED <= _waiting(client, queue) <= dead
    client("lambda").update_function_code(FunctionName=function, ZipFile=_own_code())
    client("lambda").update_function_configuration(FunctionName=function, Handler="handler.handler")
    done = _redrive()
    assert done.code == 0, done.why()
    assert _waiting(client, queue) == 0
    assert Counter(_items(client, stack, mark)) == Counter(names)
    assert _written(client, function, mark) == Counter(names)


def test_a_second_redrive_finds_nothing(stack):
    again = _redrive()
    assert (again.code, again.total("changed")) == (0, 0)


def _redrive() -> Run:
    return playbook("redrive")


def _upload(api: str, name: str) -> int:
    return requests.post(f"{api}/upload", files={"file": (name, b"contents")}, timeout=30).status_code


def _items(client: Callable[[str], Any], stack: Stack, mark: str) -> list[str]:
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=f"{stack.name}-file-metadata-dynamodb")
    found = [item["file_name"]["S"] for page in pages for item in page["Items"]]
    return [name for name in found if name.startswith(mark)]


def _waiting(client: Callable[[str], Any], queue: str) -> int:
    wanted = ["ApproximateNumberOfMessages"]
    answer = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=wanted)["Attributes"]
    return int(answer["ApproximateNumberOfMessages"])


def _written(client: Callable[[str], Any], function: str, mark: str) -> Counter[str]:
    """How often the function's log says that a file's item was written."""
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    # A traceback quotes the line of code that has the word as well.
    lines = [re.search(r'\{.*"written".*\}', one["message"]) for page in pages for one in page["events"]]
    said = [json.loads(line.group()) for line in lines if line]
    return Counter(one["file"] for one in said if one["file"].startswith(mark))


def _own_code() -> bytes:
    """As the role packs it, byte for byte."""
    packed = lambda_package.LookupModule().run([str(TOP / "roles/messaging/files/metadata")])[0]
    with open(packed, "rb") as file:
        return file.read()


def _flaky_code() -> bytes:
    packed = io.BytesIO(_own_code())
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("flaky.py", FLAKY)
    return packed.getvalue()
