"""resourcegroupstaggingapi_resource_info: whose a resource is, where it is, and what of others holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.plugin_utils import _resource_kinds

from lab import backends
from lab.services.ec2 import images

TAGS = {"ManagedBy": "threetier.aws", "Stack": "alpha"}
LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]


@pytest.fixture
def found(run_module: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def ask(*types: str, region: str = "us-east-1") -> dict[str, Any]:
        kinds = [kind for kind in _resource_kinds.read() if kind["type"] in types]
        listings = _resource_kinds.listings(kinds, "alpha")
        return run_module("resourcegroupstaggingapi_resource_info", tags=TAGS, listings=listings, region=region)

    return ask


def tagged(kind: str, tags: list[dict[str, str]] = LIST) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]}


def test_a_tag_of_the_stack_alone_makes_nothing_the_stacks(client, found):
    theirs = [{"Key": "Stack", "Value": "alpha"}, {"Key": "ManagedBy", "Value": "terraform"}]
    client("ec2").create_vpc(CidrBlock="10.0.0.0/16", **tagged("vpc", theirs))
    client("ec2").create_vpc(CidrBlock="10.0.0.0/16", **tagged("vpc", theirs[:1]))
    client("s3").create_bucket(Bucket="alpha-backend-s3-bucket-123456789012")
    client("s3").put_bucket_tagging(Bucket="alpha-backend-s3-bucket-123456789012", Tagging={"TagSet": theirs})
    assert found("ec2:vpc", "s3:bucket")["resources"] == []


def test_a_bucket_and_a_role_of_another_region_are_elsewhere(client, found):
    client("s3").create_bucket(Bucket="alpha-files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_bucket_tagging(Bucket="alpha-files", Tagging={"TagSet": LIST})
    for name, tags in (("here", [{"Key": "Region", "Value": "us-east-1"}]), ("old", [])):
        client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}", Tags=LIST + tags)
    asked = found("s3:bucket", "iam:role")
    assert {one["id"]: one["region"] for one in asked["resources"]} == {"here": "us-east-1", "old": None}
    assert {one["id"]: one["region"] for one in asked["elsewhere"]} == {"alpha-files": "eu-west-1"}
    asked = found("s3:bucket", "iam:role", region="eu-west-1")
    assert {one["id"] for one in asked["resources"]} == {"alpha-files", "old"}
    assert {one["id"] for one in asked["elsewhere"]} == {"here"}


def test_a_certificate_for_cloudfront_belongs_to_the_region_that_its_tag_says(found, run_module):
    def request(name: str, region: str, **tags: str) -> str:
        done = run_module("acm_certificate_request", domain_name=name, tags=TAGS | tags, region=region)
        return str(done["certificate"]["certificate_arn"])

    api = request("api.example.test", "eu-west-1")
    page = request("www.example.test", "us-east-1", Region="eu-west-1")
    other = request("api.example.org", "us-east-1")
    asked = found("acm:certificate", region="eu-west-1")
    assert {one["id"] for one in asked["resources"]} == {api, page}
    assert {one["id"]: one["region"] for one in asked["elsewhere"]} == {other: "us-east-1"}
    asked = found("acm:certificate")
    assert {one["id"] for one in asked["resources"]} == {other}
    assert {one["id"]: one["region"] for one in asked["elsewhere"]} == {page: "eu-west-1"}


def test_web_acls_before_cloudfront_are_listed_once_and_belong_to_the_region_that_their_tag_says(client, found):
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "x"}
    for scope, name, made in (
        ("CLOUDFRONT", "alpha-eu-west-1-web-acl", "eu-west-1"),
        ("CLOUDFRONT", "alpha-us-east-1-web-acl", "us-east-1"),
        ("REGIONAL", "alpha-web-acl", "us-east-1"),
    ):
        tags = [{"Key": key, "Value": value} for key, value in (TAGS | {"Region": made}).items()]
        client("wafv2").create_web_acl(
            Name=name, Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=seen, Tags=tags
        )
    kinds = ("wafv2:global/webacl", "wafv2:regional/webacl")

    def names(resources):
        return {one["id"].split("/")[2] if "/" in one["id"] else one["id"] for one in resources}

    assert names(found(*kinds)["resources"]) == {"alpha-us-east-1-web-acl", "alpha-web-acl"}
    asked = found(*kinds, region="eu-west-1")
    assert names(asked["resources"]) == {"alpha-eu-west-1-web-acl"}
    assert names(asked["elsewhere"]) == {"alpha-us-east-1-web-acl"}


def test_what_has_no_tags_is_found_by_its_description(run_module, found):
    mark = " ".join(f"{key}={value}" for key, value in (TAGS | {"Region": "us-east-1"}).items())
    run_module("cloudfront_origin_access_control", name="alpha-page", description=mark)
    run_module("cloudfront_origin_access_control", name="alpha-by-hand", description="a page")
    run_module("cloudfront_response_headers_policy", name="alpha-page", comment=mark.replace("us-east-1", "eu-west-1"))
    asked = found("cloudfront:origin-access-control", "cloudfront:response-headers-policy")
    assert [(one["type"], one["id"]) for one in asked["resources"]] == [
        ("cloudfront:origin-access-control", "alpha-page")
    ]
    assert [one["type"] for one in asked["elsewhere"]] == ["cloudfront:response-headers-policy"]


def test_others_in_the_vpc_are_found_with_what_they_hold_and_aws_own_are_not(client, found):
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", **tagged("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", **tagged("subnet"))["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc, **tagged("security-group"))["GroupId"]
    address = ec2.allocate_address(Domain="vpc", **tagged("elastic-ip"))["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, **tagged("natgateway"))
    types = [
        f"ec2:{kind}" for kind in ("vpc", "subnet", "security-group", "network-interface", "natgateway", "elastic-ip")
    ]
    types += ["ec2:route-table", "ec2:instance"]
    assert found(*types)["in_the_way"] == []
    eni = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
    theirs = ec2.create_security_group(GroupName="theirs", Description="d", VpcId=vpc)["GroupId"]
    more = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    held = {one["id"]: one["holds"] for one in found(*types)["in_the_way"]}
    assert held == {eni: sorted([group, subnet, vpc]), theirs: [vpc], more: [vpc]}


def test_protections_are_asked_of_what_is_the_stacks_and_of_nothing_else(client, found):
    image = images.register(backends.backend("ec2", "us-east-1"), "debian-12").id
    one = {"ImageId": image, "MinCount": 1, "MaxCount": 1}
    ours = client("ec2").run_instances(**one, **tagged("instance"))["Instances"][0]["InstanceId"]
    client("ec2").modify_instance_attribute(InstanceId=ours, DisableApiTermination={"Value": True})
    client("ec2").run_instances(**one)
    (instance,) = found("ec2:instance")["resources"]
    assert (instance["id"], instance["properties"]["protected"]) == (ours, True)
