"""The API's web server over real sockets."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from lab import config, server, services

SITE = "demo-site"
READ = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{SITE}/*",
        },
    ],
}


class Region:
    def __init__(self, latency: float = 0) -> None:
        self.changes = 0
        self.server = server.serve(server.build_app(self._change, latency=latency), ("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.ports[0]}"

    def _change(self) -> None:
        self.changes += 1

    def client(self, service: str) -> Any:
        keys = {
            "aws_access_key_id": "AKIAUNITTESTSONLY000",
            "aws_secret_access_key": "never-a-real-secret",
        }
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, **keys)

    def browse(
        self,
        path: str,
        method: str = "GET",
        host: str = f"{SITE}.s3-website-us-east-1.amazonaws.com",
        **more: Any,
    ) -> Any:
        headers = {"Host": host, **more}
        return requests.request(method, self.url + path, headers=headers, timeout=10, allow_redirects=False)


@pytest.fixture
def region() -> Iterator[Region]:
    services.install(machines=False)
    made = Region()
    requests.post(made.url + "/moto-api/reset", timeout=10)
    made.changes = 0
    yield made
    made.server.stop()
    services.uninstall()


@pytest.fixture
def site(region: Region) -> Region:
    s3 = region.client("s3")
    s3.create_bucket(Bucket=SITE)
    s3.put_bucket_website(
        Bucket=SITE,
        WebsiteConfiguration={
            "IndexDocument": {"Suffix": "index.html"},
            "ErrorDocument": {"Key": "error.html"},
        },
    )
    s3.put_object(
        Bucket=SITE,
        Key="index.html",
        Body=b"<p>hello</p>",
        ContentType="text/html",
        CacheControl="no-cache",
    )
    s3.put_object(Bucket=SITE, Key="docs/index.html", Body=b"docs", ContentType="text/html")
    return region


def test_only_requests_that_change_something_ring_the_bell(region: Region) -> None:
    ec2, s3 = region.client("ec2"), region.client("s3")
    ec2.describe_vpcs()
    s3.list_buckets()
    region.client("dynamodb").list_tables()
    assert region.changes == 0
    ec2.create_vpc(CidrBlock="10.9.0.0/16")
    s3.create_bucket(Bucket="some-bucket")
    assert region.changes == 2


def test_each_request_makes_a_line_of_json(region: Region, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "lab.api"):
        region.client("ec2").describe_vpcs()
    line = json.loads(caplog.messages[-1])
    assert (line["service"], line["action"], line["status"]) == (
        "ec2",
        "DescribeVpcs",
        "200",
    )
    assert line["ms"] >= 0


@pytest.mark.parametrize("between", "-.")
def test_a_website_answers_like_s3(site: Region, between: str) -> None:
    site.client("s3").put_bucket_policy(Bucket=SITE, Policy=json.dumps(READ))
    host = f"{SITE}.s3-website{between}us-east-1.amazonaws.com"
    page = site.browse("/", host=host)
    assert (page.status_code, page.text, page.headers["Content-Type"]) == (
        200,
        "<p>hello</p>",
        "text/html",
    )
    assert page.headers["Cache-Control"] == "no-cache"
    assert site.browse("/docs", host=host).headers["Location"] == "/docs/"
    assert site.browse("/docs/", host=host).text == "docs"
    head = site.browse("/index.html", "HEAD", host=host)
    assert (head.status_code, head.text, head.headers["Content-Length"]) == (
        200,
        "",
        "12",
    )
    assert site.browse("/", host=host, **{"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert site.browse("/", "POST", host=host).status_code == 405


def test_a_website_whose_policy_opens_nothing_is_forbidden(site: Region) -> None:
    page = site.browse("/")
    assert (page.status_code, "Access Denied" in page.text) == (403, True)


def test_a_website_shows_its_own_error_page(site: Region) -> None:
    s3 = site.client("s3")
    s3.put_bucket_policy(Bucket=SITE, Policy=json.dumps(READ))
    assert site.browse("/nothing").status_code == 403  # who may not list is not told what exists
    lists = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:ListBucket",
        "Resource": f"arn:aws:s3:::{SITE}",
    }
    s3.put_bucket_policy(
        Bucket=SITE,
        Policy=json.dumps({**READ, "Statement": [*READ["Statement"], lists]}),
    )
    assert "NoSuchKey" in site.browse("/nothing").text
    s3.put_object(Bucket=SITE, Key="error.html", Body=b"lost")
    page = site.browse("/nothing")
    assert (page.status_code, page.text) == (404, "lost")


def test_blocked_public_access_wins_over_the_policy(site: Region) -> None:
    s3 = site.client("s3")
    s3.put_bucket_policy(Bucket=SITE, Policy=json.dumps(READ))
    s3.put_public_access_block(Bucket=SITE, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert site.browse("/").status_code == 403


def test_a_bucket_that_is_no_website_says_so(region: Region) -> None:
    assert "NoSuchBucket" in region.browse("/").text
    region.client("s3").create_bucket(Bucket=SITE)
    assert "NoSuchWebsiteConfiguration" in region.browse("/").text


def test_the_database_authority_is_published(region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "CA_CERT", tmp_path / "ca.pem")
    assert requests.get(region.url + "/lab/ca.pem", timeout=10).status_code == 404
    config.CA_CERT.write_text("PEM")
    assert requests.get(region.url + "/lab/ca.pem", timeout=10).text == "PEM"


def test_a_presigned_url_works_at_the_address_of_the_api(site: Region) -> None:
    s3 = site.client("s3")
    put = s3.generate_presigned_url("put_object", Params={"Bucket": SITE, "Key": "a b+ü.txt"}, ExpiresIn=60)
    assert requests.put(put, data=b"body", timeout=10).status_code == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": SITE, "Key": "a b+ü.txt"}, ExpiresIn=60)
    assert requests.get(get, timeout=10).content == b"body"


def test_calls_are_remembered_with_who_made_them_and_whether_they_write(region):
    topics, begin = region.client("sns"), requests.get(f"{region.url}/lab/calls", timeout=10).json()
    topics.list_topics()
    seen = requests.get(f"{region.url}/lab/calls?after={begin[-1]['number'] if begin else 0}", timeout=10).json()
    topics.create_topic(Name="t")
    after = requests.get(f"{region.url}/lab/calls?after={seen[-1]['number']}", timeout=10).json()
    assert [(call["service"], call["action"], call["writes"]) for call in seen] == [("sns", "ListTopics", False)]
    assert [(call["action"], call["status"], call["writes"]) for call in after] == [("CreateTopic", "200", True)]
    assert after[0]["access_key"] == "AKIAUNITTESTSONLY000"


def test_calls_side_by_side_wait_side_by_side(region):
    """Twenty calls of a second each take less than ten."""
    calls, latency = 20, 1.0
    far = Region(latency)

    def ask(_number: int) -> tuple[float, float]:
        begin = time.monotonic()
        assert far.browse("/", host="s3.amazonaws.com").status_code == 200
        return begin, time.monotonic()

    try:
        ask(0)  # loads what is loaded once
        with ThreadPoolExecutor(calls) as pool:
            spans = list(pool.map(ask, range(calls)))
    finally:
        far.server.stop()
    assert min(end - begin for begin, end in spans) >= latency
    assert max(end for _, end in spans) - min(begin for begin, _ in spans) < calls * latency / 2
