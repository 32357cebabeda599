"""Invalidations: one for each content of the bucket, whatever a run before has not done."""

from __future__ import annotations

from typing import Any

import pytest

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


@pytest.fixture
def page(run_module: Any, client: Any) -> dict[str, str]:
    """The options of a distribution whose bucket has one object."""
    s3 = client("s3")
    s3.create_bucket(Bucket="page")
    s3.put_object(Bucket="page", Key="index.html", Body=b"one")
    made = run_module(
        "cloudfront_distribution",
        name="demo-cdn",
        origins=[{"id": "page", "domain_name": "page.s3.us-east-1.amazonaws.com"}],
        default_cache_behavior={"target_origin_id": "page", "cache_policy_id": OPTIMIZED},
    )
    return {"distribution_id": made["distribution"]["id"], "bucket": "page"}


def test_a_release_that_comes_back_is_forgotten_as_well(run_module: Any, client: Any, page: dict[str, str]) -> None:
    s3 = client("s3")
    made = []
    for body in (b"one", b"two", b"one"):
        s3.put_object(Bucket="page", Key="index.html", Body=body)
        made.append(run_module("cloudfront_invalidation", **page)["invalidation"]["id"])
    assert len(set(made)) == 3
    again = run_module("cloudfront_invalidation", **page)
    assert (again["changed"], again["invalidation"]["id"]) == (False, made[-1])


def test_one_made_by_hand_says_nothing_of_the_content(run_module: Any, client: Any, page: dict[str, str]) -> None:
    run_module("cloudfront_invalidation", **page)
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "by hand"}
    client("cloudfront").create_invalidation(DistributionId=page["distribution_id"], InvalidationBatch=batch)
    assert run_module("cloudfront_invalidation", **page)["changed"]


def test_without_a_bucket_each_run_makes_one(run_module: Any, page: dict[str, str]) -> None:
    name = page["distribution_id"]
    assert all(run_module("cloudfront_invalidation", distribution_id=name)["changed"] for _turn in range(2))


@pytest.mark.usefixtures("impatient")
def test_waiting_ends_with_a_sentence(run_module: Any, monkeypatch: pytest.MonkeyPatch, page: dict[str, str]) -> None:
    monkeypatch.setattr("lab.services.cloudfront.invalidations._machines", True)  # and no edge behind the API
    failed = run_module("cloudfront_invalidation", **page, wait_timeout=5)
    assert "was not completed within 5 s. CloudFront goes on with it." in failed["msg"]
