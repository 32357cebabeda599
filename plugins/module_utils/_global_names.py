# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names that are not a region's own: those of IAM roles and of buckets. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.threetier.aws.plugins.module_utils import _calls

Resource = dict[str, Any]
MANAGED_BY = "threetier.aws"
FORBIDDEN: Resource = {"forbidden": True}
_MISSING = ("404", "NoSuchBucket", "NoSuchTagSet")


@_calls.read("look at the IAM role", {}, missing=["NoSuchEntity"])
def role(client: Any, name: str) -> Resource:
    """Its tags; empty if there is none."""
    found = client.get_role(RoleName=name)["Role"]
    return {"tags": _flat(found.get("Tags", []))}


@_calls.read("look for the bucket", {}, missing=_MISSING)
def bucket(client: Any, name: str) -> Resource:
    """Its region and tags; empty if there is none, FORBIDDEN if S3 says no more than that there is one."""
    try:
        return {"region": client.head_bucket(Bucket=name).get("BucketRegion", ""), "tags": _bucket_tags(client, name)}
    except is_boto3_error_code("403"):
        return FORBIDDEN


@_calls.read("read the bucket's tags", {}, missing=_MISSING)
def _bucket_tags(client: Any, name: str) -> dict[str, str]:
    return _flat(client.get_bucket_tagging(Bucket=name)["TagSet"])


def _flat(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def problems(stack: str, region: str, roles: dict[str, Resource], buckets: dict[str, Resource]) -> list[str]:
    """A sentence for each name that the stack cannot take in that region."""
    taken = [_role_problem(stack, region, name, found) for name, found in roles.items() if found]
    taken += [_bucket_problem(stack, region, name, found) for name, found in buckets.items() if found]
    return [sentence for sentence in taken if sentence]


def _role_problem(stack: str, region: str, name: str, found: Resource) -> str:
    tags = found["tags"]
    if _is_foreign(stack, tags):
        return (
            f"The IAM role {name} exists and does not belong to the stack {stack}. Choose another name for the stack."
        )
    there = tags.get("Region", region)  # a role of version 0.2.0 or before has no such tag
    if there != region:
        return _stands_elsewhere(stack, f"The IAM role {name}", there, region)
    return ""


def _bucket_problem(stack: str, region: str, name: str, found: Resource) -> str:
    if found is FORBIDDEN:
        return (
            f"S3 does not let us look at the bucket {name}. It belongs to another account, for bucket names are unique "
            "in the world, or the right s3:ListBucket is missing. Choose another threetier_bucket_suffix."
        )
    if _is_foreign(stack, found["tags"]):
        foreign = f"The bucket {name} exists and does not belong to the stack {stack}."
        return f"{foreign} Choose another threetier_bucket_suffix."
    if found["region"] not in ("", region):
        return _stands_elsewhere(stack, f"The bucket {name}", found["region"], region)
    return ""


def _is_foreign(stack: str, tags: dict[str, str]) -> bool:
    """Whether tags say that it is somebody else's. One without tags may be ours, made by a run that was cut off."""
    return tags.get("Stack", stack) != stack or tags.get("ManagedBy", MANAGED_BY) != MANAGED_BY


def _stands_elsewhere(stack: str, what: str, there: str, here: str) -> str:
    return (
        f"{what} belongs to the stack {stack} in {there}, and such a name can be used only once in an account. "
        f"Choose another name for the stack in {here} (THREETIER_STACK), or run this in {there}."
    )
