"""Names of IAM and S3 are an account's or the world's: a stack of the same name elsewhere keeps what it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _global_names
from botocore.exceptions import ClientError

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
MINE = {"Stack": "alpha", "ManagedBy": "threetier.aws"}


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _ask(run_module: Callable[..., Any]) -> list[str]:
    return list(
        run_module("global_name_info", stack="alpha", roles=["alpha-role"], buckets=["alpha-bucket"])["problems"]
    )


def test_names_that_are_free_are_no_problem(run_module):
    assert _ask(run_module) == []


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (MINE | {"Region": "us-east-1"}, ""),
        (MINE, ""),  # of a version that did not write the region down
        (MINE | {"Region": "eu-west-1"}, "The IAM role alpha-role belongs to the stack alpha in eu-west-1, and"),
        ({"Stack": "beta"}, "The IAM role alpha-role exists and does not belong to the stack alpha."),
        ({"Stack": "alpha", "ManagedBy": "terraform"}, "exists and does not belong to the stack alpha."),
    ],
)
def test_a_role_is_of_the_region_that_made_it(client, run_module, tags, words):
    client("iam").create_role(RoleName="alpha-role", AssumeRolePolicyDocument=TRUST, Tags=_tags(tags))
    problems = _ask(run_module)
    assert len(problems) == bool(words)
    assert words in "".join(problems)


@pytest.mark.parametrize(
    ("region", "tags", "words"),
    [
        ("us-east-1", MINE, ""),
        ("us-east-1", {}, ""),  # a run was cut off before it had tagged the bucket
        ("eu-west-1", MINE, "The bucket alpha-bucket belongs to the stack alpha in eu-west-1, and such a name can be"),
        ("us-east-1", MINE | {"ManagedBy": "terraform"}, "The bucket alpha-bucket exists and does not belong to"),
    ],
)
def test_a_bucket_is_of_the_region_that_it_stands_in(run_module, region, tags, words):
    s3 = boto3.client("s3", region_name=region)
    place: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
    s3.create_bucket(Bucket="alpha-bucket", **place)
    if tags:
        s3.put_bucket_tagging(Bucket="alpha-bucket", Tagging={"TagSet": _tags(tags)})
    problems = _ask(run_module)
    assert len(problems) == bool(words)
    assert words in "".join(problems)


def test_a_bucket_of_another_account_is_told_from_one_that_is_free():
    class Closed:
        def head_bucket(self, **_names: str) -> None:
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

    found = _global_names.bucket(Closed(), "alpha-bucket")
    (problem,) = _global_names.problems("alpha", "us-east-1", {}, {"alpha-bucket": found})
    assert "It belongs to another account" in problem
    assert "threetier_bucket_suffix" in problem
