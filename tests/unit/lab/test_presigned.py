"""Presigned links, over HTTP as a browser uses them: good as they were signed, until they end, and not otherwise."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from lab import server, services
from lab.services.s3 import signatures

BUCKET, KEY = "links", "a b+ü/x.txt"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    services.install(machines=False)
    made = server.serve(server.build_app(lambda: None), ("127.0.0.1", 0))
    found = f"http://127.0.0.1:{made.ports[0]}"
    requests.post(f"{found}/moto-api/reset", timeout=10)
    client(found, "s3").create_bucket(Bucket=BUCKET)
    yield found
    made.stop()
    services.uninstall()


def client(url: str, service: str, **more: Any) -> Any:
    keys = {"aws_access_key_id": "AKIAUNITTESTSONLY000", "aws_secret_access_key": "never-a-real-secret", **more}
    return boto3.client(service, region_name="us-east-1", endpoint_url=url, **keys)


@pytest.fixture(params=["s3v4", "s3"])
def role(request: pytest.FixtureRequest, url: str) -> Any:
    """S3 as a role that was assumed."""
    iam = client(url, "iam")
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
    name = f"signer-{request.param}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    got = client(url, "sts").assume_role(RoleArn=arn, RoleSessionName="signer")["Credentials"]
    keys = {"aws_access_key_id": got["AccessKeyId"], "aws_secret_access_key": got["SecretAccessKey"]}
    config = Config(signature_version=request.param)
    yield client(url, "s3", aws_session_token=got["SessionToken"], config=config, **keys)
    iam.delete_role(RoleName=name)


def link(s3: Any, operation: str = "put_object", seconds: int = 60, **more: Any) -> str:
    return str(s3.generate_presigned_url(operation, Params={"Bucket": BUCKET, "Key": KEY, **more}, ExpiresIn=seconds))


def code(answer: requests.Response) -> str:
    return answer.text.partition("<Code>")[2].partition("<")[0]


def test_a_link_is_good_for_what_was_signed_and_nothing_else(role: Any) -> None:
    put, get = link(role, ContentType="text/plain"), link(role, "get_object")
    assert requests.put(put, data=b"one", headers={"Content-Type": "text/plain"}, timeout=10).status_code == 200
    assert requests.get(get, timeout=10).content == b"one"
    for answer in (
        requests.put(put, data=b"two", headers={"Content-Type": "text/html"}, timeout=10),
        requests.put(get, data=b"two", timeout=10),
        requests.delete(get, timeout=10),
        requests.get(get.replace("x.txt", "y.txt"), timeout=10),
    ):
        assert (answer.status_code, code(answer)) == (403, "SignatureDoesNotMatch")
    assert requests.get(get, timeout=10).content == b"one"


def test_a_link_ends(role: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    get = link(role, "get_object", seconds=60)
    later = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=61)
    monkeypatch.setattr(signatures, "_now", lambda: later)
    monkeypatch.setattr("lab.services.s3.signatures.time.time", lambda: later.replace(tzinfo=datetime.UTC).timestamp())
    answer = requests.get(get, timeout=10)
    assert (answer.status_code, code(answer)) == (403, "AccessDenied")
    assert "Request has expired" in answer.text


def test_a_link_with_another_token_is_not_good(role: Any) -> None:
    get = link(role, "get_object")
    answer = requests.get(
        get.replace("ecurity-Token=", "ecurity-Token=x").replace("ecurity-token=", "ecurity-token=x"), timeout=10
    )
    assert (answer.status_code, code(answer)) == (403, "InvalidToken")


def test_no_link_is_good_for_more_than_a_week(url: str) -> None:
    s3 = client(url, "s3", config=Config(signature_version="s3v4"))
    answer = requests.get(link(s3, "get_object", seconds=604801), timeout=10)
    assert (answer.status_code, code(answer)) == (400, "AuthorizationQueryParametersError")


def test_a_browsers_question_before_it_uses_a_link_is_answered(role: Any) -> None:
    headers = {"Origin": "http://site", "Access-Control-Request-Method": "PUT"}
    assert requests.options(link(role), headers=headers, timeout=10).status_code != 501
