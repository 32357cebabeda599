"""The doctor on a distribution: what is wrong is named, with what mends it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._findings import cdn

NAMES = ["www.example.test", "example.test"]
ARN = "arn:aws:cloudfront::123456789012:distribution/E1"
FOUND = {"id": "E1", "arn": ARN, "domain_name": "d1.cloudfront.net", "enabled": True, "status": "Deployed"}
BLOCKED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)


def bucket(**other: Any) -> dict[str, Any]:
    reads = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Condition": {"StringEquals": {"aws:SourceArn": ARN}},
    }
    policy = json.dumps({"Statement": [reads]})
    return {"buckets": [{"name": "page", "bucket_policy": {"Policy": policy}, "public_access_block": BLOCKED, **other}]}


def answer(url: str, **other: Any) -> dict[str, Any]:
    return {"item": url, "url": url, "status": 200, "x_amz_cf_id": "abc", **other}


PAGE, API = "https://www.example.test/", "https://www.example.test/api/v1/ready"


def seen(found: dict[str, Any] | None = None, names: list[str] | None = None, **other: Any) -> dict[str, Any]:
    """All well, but for what is said."""
    return {
        "distribution": {"distribution": FOUND | (found or {}), "diff": {"before": {"aliases": names or NAMES}}},
        "bucket": bucket(),
        "answers": [answer(PAGE), answer(API)],
        **other,
    }


def told(looked: dict[str, Any]) -> dict[str, str]:
    """What is not well, by place."""
    return {
        one["place"]: f"{one['says']} {one['mend']}" for one in cdn.findings(looked, NAMES) if one["state"] != "good"
    }


def test_a_stack_without_a_cdn_has_nothing_to_look_at() -> None:
    assert cdn.findings({}, []) == []


def test_a_distribution_that_is_well() -> None:
    assert told(seen()) == {}
    assert [one["address"] for one in cdn.findings(seen(), NAMES) if one.get("address")] == [PAGE]


@pytest.mark.parametrize(
    ("fault", "place", "says"),
    [
        (seen({"enabled": False}), "distribution", "It is disabled"),
        (seen({"status": "InProgress"}), "distribution", "A change of it is under way"),
        (seen(names=["example.test"]), "distribution", "It does not answer for www.example.test."),
        (seen(distribution={"distribution": {}}), "distribution", "There is no distribution"),
        (seen(distribution={"failed": True, "msg": "denied"}), "distribution", "denied"),
        (seen(bucket=bucket(bucket_policy="")), "origin", "Its policy does not let the distribution read"),
        (seen(bucket=bucket(public_access_block={})), "origin", "Public access is not blocked"),
        (seen(bucket={"buckets": []}), "origin", "It is gone"),
        (seen(answers=[answer(PAGE, status=-1, msg="timed out")]), "page", "No answer: timed out"),
        (seen(answers=[{"item": PAGE, "url": PAGE, "status": 200}]), "page", "something else than CloudFront"),
        (seen(answers=[answer(PAGE, status=502)]), "page", "It answers 502."),
        (seen(answers=[answer(API, status=403)]), "api", "X-Origin-Verify"),
    ],
)
def test_each_fault_is_named_by_its_place(fault: dict[str, Any], place: str, says: str) -> None:
    found = told(fault)
    assert list(found) == [place]
    assert says in found[place]


def test_a_policy_for_another_distribution_does_not_count() -> None:
    looked = seen({"arn": ARN.replace("E1", "E2")})
    assert "does not let the distribution read" in told(looked)["origin"]
