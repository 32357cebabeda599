"""How functions run: environments that are kept and end, their limits, their part of the log, what begins them."""

from __future__ import annotations

import base64
import io
import re
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import delivery
from lab.services.lambda_ import environments, pool

from .test_aws_events import Region, region, unpacked  # noqa: F401

CODE = """
import os, time
print("loading")
def look(event, context):
    found = sorted(os.listdir("/tmp"))
    open(f"/tmp/{event['leave']}", "w").close()
    return {"found": found, "pid": os.getpid(), "work": os.path.exists("/work"), "task": os.environ["LAMBDA_TASK_ROOT"],
            "own": os.listdir(os.environ["LAMBDA_TASK_ROOT"]), "stream": context.log_stream_name}
def wait(event, context):
    open(f"/tmp/at-work", "w").close()
    time.sleep(event["seconds"])
    return os.getpid()
def fill(event, context):
    return len(bytearray(700 << 20))
"""
REPORT = re.compile(
    r"REPORT RequestId: \S+\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\t"
    r"Memory Size: 128 MB\tMax Memory Used: (\d+) MB(?:\tInit Duration: ([\d.]+) ms)?\n$"
)


def make(region: Region, handler: str, name: str = "", code: str = CODE, **more: Any) -> str:  # noqa: F811
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", code)
    wanted = {"Runtime": "python3.13", "Role": region.role, "Timeout": 20, "Code": {"ZipFile": packed.getvalue()}}
    made = region.client("lambda").create_function(
        FunctionName=name or handler, Handler=f"app.{handler}", **{**wanted, **more}
    )
    return str(made["FunctionArn"])


def logged(answer: Any) -> str:
    return base64.b64decode(answer["LogResult"]).decode()


def test_the_first_invocation_says_how_long_it_took_to_begin_and_no_other_one_does(region: Region) -> None:  # noqa: F811
    make(region, "look")
    cold, warm = (REPORT.search(logged(region.call("look", {"leave": "a"}, LogType="Tail")[0])) for _ in range(2))
    assert cold
    assert warm
    assert float(cold[4]) > float(cold[1])
    assert int(cold[2]) >= float(cold[1]) + float(cold[4])
    assert warm[4] is None
    assert 0 < int(warm[3]) < 128
    events = region.client("logs").filter_log_events(logGroupName="/aws/lambda/look")["events"]
    lines = [event["message"] for event in events]
    assert lines[0].startswith("INIT_START")
    assert lines[1] == "loading"
    assert lines.count("loading") == 1


def test_tmp_is_kept_and_belongs_to_one_environment(region: Region) -> None:  # noqa: F811
    make(region, "look")
    make(region, "look", "other")
    assert region.call("look", {"leave": "mine"})[1]["found"] == []
    again = region.call("look", {"leave": "mine"})[1]
    assert (again["found"], again["task"], again["own"], again["work"]) == (["mine"], "/var/task", ["app.py"], False)
    assert region.call("other", {"leave": "mine"})[1]["found"] == []
    region.client("lambda").delete_function(FunctionName="look")
    assert not Path(f"/proc/{again['pid']}").exists()
    (left,) = environments.alive
    left.kill()
    assert not list(Path(str(left._sandbox.scratch)).parent.glob("tmp-*"))


def test_an_environment_writes_to_a_stream_of_its_own(region: Region) -> None:  # noqa: F811
    make(region, "look")
    first = region.call("look", {"leave": "a"})[1]["stream"]
    assert region.call("look", {"leave": "a"})[1]["stream"] == first
    region.client("lambda").update_function_configuration(FunctionName="look", Timeout=19)
    second = region.call("look", {"leave": "a"})[1]["stream"]
    streams = region.client("logs").describe_log_streams(logGroupName="/aws/lambda/look")["logStreams"]
    assert {stream["logStreamName"] for stream in streams} == {first, second}


def test_what_is_kept_for_nothing_ends_by_itself(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(pool, "_IDLE", 0.3)
    make(region, "look")
    pid, end = region.call("look", {"leave": "a"})[1]["pid"], time.monotonic() + 20
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_no_more_run_at_once_than_are_reserved(region: Region) -> None:  # noqa: F811
    arn = make(region, "wait")
    client = region.client("lambda")
    client.put_function_concurrency(FunctionName="wait", ReservedConcurrentExecutions=1)
    with pool.slot(arn, None), pytest.raises(ClientError) as refused:
        region.call("wait", {"seconds": 0})
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    region.call("wait", {"seconds": 0})


def test_an_event_waits_until_there_is_room(region: Region) -> None:  # noqa: F811
    make(region, "look")
    client = region.client("lambda")
    client.put_function_concurrency(FunctionName="look", ReservedConcurrentExecutions=0)
    region.call("look", {"leave": "a"}, InvocationType="Event")
    client.delete_function_concurrency(FunctionName="look")
    assert delivery.wait_until_idle()
    events = region.client("logs").filter_log_events(logGroupName="/aws/lambda/look", filterPattern="START")["events"]
    assert len([event for event in events if event["message"].startswith("START")]) == 1


def test_one_that_leaves_while_it_loads_is_an_error_at_once(region: Region) -> None:  # noqa: F811
    make(region, "look", code="import os\nos._exit(7)\n")
    begin = time.monotonic()
    said = region.call("look", {})[1]
    assert said["errorMessage"].endswith("Runtime exited with error: exit status 7")
    assert time.monotonic() - begin < 15  # seconds; its time limit is 20


def test_one_that_takes_long_to_load_goes_on_within_its_invocation(  # noqa: F811
    region: Region,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environments, "_INIT", 0.01)
    make(region, "look", code=f"import time\ntime.sleep(1.5)\n{CODE}")
    assert region.call("look", {"leave": "a"})[1]["found"] == []
    assert region.call("look", {"leave": "a"})[1]["found"] == ["a"]
    events = region.client("logs").filter_log_events(logGroupName="/aws/lambda/look", filterPattern="INIT_REPORT")
    assert events["events"][0]["message"].endswith("Phase: init\tStatus: timeout")


def test_a_result_that_is_no_json_ends_no_environment(region: Region) -> None:  # noqa: F811
    make(region, "pid", code="import os\ndef pid(e, c):\n    return {1} if e['bad'] else os.getpid()\n")
    first = region.call("pid", {"bad": False})[1]
    assert region.call("pid", {"bad": True})[1]["errorType"] == "Runtime.MarshalError"
    assert region.call("pid", {"bad": False})[1] == first


def test_an_upload_reaches_its_function_directly_as_filter_and_policy_say(region: Region) -> None:  # noqa: F811
    s3, client = region.client("s3"), region.client("lambda")
    s3.create_bucket(Bucket="uploads")
    arn = make(
        region, "told", code="import json\ndef told(e, c):\n    print('KEY', e['Records'][0]['s3']['object']['key'])\n"
    )
    wanted = {
        "LambdaFunctionArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]}},
    }
    notify = {"Bucket": "uploads", "NotificationConfiguration": {"LambdaFunctionConfigurations": [wanted]}}
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        s3.put_bucket_notification_configuration(**notify)
    client.add_permission(
        FunctionName="told",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::uploads",
    )
    s3.put_bucket_notification_configuration(**notify)
    for key in ("in/a.csv", "in/a.txt", "out/a.csv"):
        s3.put_object(Bucket="uploads", Key=key, Body=b"1")
    client.remove_permission(FunctionName="told", StatementId="s3")
    s3.put_object(Bucket="uploads", Key="in/late.csv", Body=b"1")
    assert delivery.wait_until_idle()
    events = region.client("logs").filter_log_events(logGroupName="/aws/lambda/told", filterPattern="KEY")["events"]
    assert [event["message"] for event in events] == ["KEY in/a.csv"]
