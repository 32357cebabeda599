"""What the account has no room for is said before anything is made; what cannot be asked stops nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _account_limits
from ansible_collections.threetier.aws.plugins.module_utils._s3 import account
from botocore.exceptions import ClientError

from lab.services import servicequotas

ACCOUNT = "123456789012"
NETWORK = {"vpcs": 1, "elastic_ips": 1, "nat_gateways": ["us-east-1a"]}


@pytest.fixture
def quota(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """quota("L-F678F1CE", 1): what the account may have of it."""

    def limit(code: str, value: int) -> None:
        (key,) = [one for one in servicequotas.QUOTAS if one[1] == code]
        monkeypatch.setitem(servicequotas.QUOTAS, key, ("a quota", value))

    return limit


def _ask(run_module: Callable[..., dict[str, Any]], *needs: dict[str, Any]) -> list[str]:
    said = run_module("account_limit_info", account_id=ACCOUNT, needs=list(needs))
    assert said.get("warnings", []) == []
    return list(said["problems"])


def test_what_there_is_room_for_is_no_problem(run_module):
    assert _ask(run_module, NETWORK, {"instance_types": ["t3.micro"], "public_buckets": ["page"]}) == []


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("L-F678F1CE", 1, "VPCs: 1 of 1 are in use in us-east-1, and this run needs 1 more."),
        ("L-0263D0A3", 0, "Elastic IP addresses: 0 of 0 are in use in us-east-1, and this run needs 1 more."),
        ("L-FE5A380F", 0, "NAT gateways: 0 of 0 are in use in us-east-1a, and this run needs 1 more."),
    ],
)
def test_a_quota_that_is_used_up_is_named_with_what_to_do(run_module, quota, code, value, words):
    quota(code, value)  # there is a default VPC
    (problem,) = _ask(run_module, NETWORK)
    assert problem.startswith(f"{words} Ask AWS for a higher quota (Service Quotas, ")
    assert code in problem


def test_addresses_that_others_have_count(run_module, client, quota):
    quota("L-0263D0A3", 2)
    client("ec2").allocate_address(Domain="vpc")
    assert _ask(run_module, NETWORK) == []
    client("ec2").allocate_address(Domain="vpc")
    assert [problem.split(" are ")[0] for problem in _ask(run_module, NETWORK)] == ["Elastic IP addresses: 2 of 2"]


def test_nat_gateways_count_in_their_zone(run_module, client, quota):
    quota("L-FE5A380F", 1)
    subnets = client("ec2").describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1b"]}])[
        "Subnets"
    ]
    client("ec2").create_nat_gateway(SubnetId=subnets[0]["SubnetId"], ConnectivityType="private")
    assert _ask(run_module, NETWORK) == []
    (problem,) = _ask(run_module, NETWORK | {"nat_gateways": ["us-east-1a", "us-east-1b"]})
    assert problem.startswith("NAT gateways: 1 of 1 are in use in us-east-1b")


def test_instances_of_all_roles_are_added_up(run_module, client, quota):
    quota("L-1216C47A", 5)
    assert _ask(run_module, {"instance_types": ["t3.micro"]}, {"instance_types": ["t3.micro"]}) == []
    three = [{"instance_types": ["t3.micro"]}, {"instance_types": ["t3.micro", "t3.micro"]}]
    (problem,) = _ask(run_module, *three)
    assert "0 of 5 are in use in us-east-1, and this run needs 6 more." in problem
    image = client("ec2").register_image(Name="any", RootDeviceName="/dev/xvda")["ImageId"]
    client("ec2").run_instances(ImageId=image, InstanceType="m5.large", MinCount=1, MaxCount=1)
    (problem,) = _ask(run_module, *three)
    assert "2 of 5 are in use in us-east-1, and this run needs 6 more." in problem


@pytest.mark.parametrize(
    ("instance_type", "standard"),
    [
        ("t4g.micro", True),
        ("im4gn.large", True),
        ("x2gd.medium", False),
        ("hpc7g.4xlarge", False),
        ("mac2.metal", False),
    ],
)
def test_other_families_have_other_quotas(instance_type, standard):
    assert _account_limits.is_standard(instance_type) is standard


def test_a_block_of_public_access_for_all_buckets_is_named(run_module, client):
    block = {"BlockPublicAcls": True, "BlockPublicPolicy": True}
    client("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
    (problem,) = _ask(run_module, {"public_buckets": ["page"]})
    assert problem.startswith("The account blocks public access to all of its buckets (BlockPublicPolicy), and page")
    assert _ask(run_module, NETWORK) == []


def test_what_may_not_be_asked_is_a_warning(run_module, monkeypatch):
    def denied(*_arguments: Any, **_names: str) -> None:
        words = f"User: arn:aws:iam::{ACCOUNT}:user/jo is not authorized to perform: servicequotas:GetServiceQuota"
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": words}}, "GetServiceQuota")

    monkeypatch.setattr(servicequotas.ServiceQuotasBackend, "get_service_quota", denied)
    said = run_module("account_limit_info", needs=[NETWORK])
    assert said["problems"] == []
    right = "the right servicequotas:GetServiceQuota is missing for arn:aws:iam::123456789012:user/jo."
    words = f"Failed to read the quota: {right}"
    assert f"Not all limits of the account were looked at: {words}" in str(said["warnings"])


def test_a_quota_that_aws_has_not_written_down_is_its_default():
    class Quotas:
        def get_service_quota(self, **_names: str) -> None:
            raise ClientError({"Error": {"Code": "NoSuchResourceException", "Message": "none"}}, "GetServiceQuota")

        def get_aws_default_service_quota(self, **_names: str) -> dict[str, Any]:
            return {"Quota": {"Value": 5.0}}

    assert _account_limits.value(Quotas(), _account_limits.VPCS) == 5


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("http://123456789012.198.51.100.1:4566/v20180820/x", "http://198.51.100.1:4566/v20180820/x"),
        (
            "https://123456789012.s3-control.us-east-1.amazonaws.com/x",
            "https://123456789012.s3-control.us-east-1.amazonaws.com/x",
        ),
    ],
)
def test_an_endpoint_that_is_an_address_is_taken_as_it_is(url, left):
    params = {"url": url}
    account.leave_addresses_alone(params)
    assert params["url"] == left
