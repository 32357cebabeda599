"""Network ACLs of the API: what moto forgets or does not know."""

from __future__ import annotations

from typing import Any

import pytest

from lab import backends
from lab.services.ec2 import network_acls


@pytest.fixture
def acl(api: None, client: Any) -> str:
    ec2 = client("ec2")
    made = ec2.create_network_acl(VpcId=ec2.describe_vpcs()["Vpcs"][0]["VpcId"])["NetworkAcl"]["NetworkAclId"]
    assert isinstance(made, str)
    return made


def add(client: Any, acl: str, number: int, **more: Any) -> None:
    client("ec2").create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=number, RuleAction="allow", CidrBlock="0.0.0.0/0", **more
    )


def test_an_entry_keeps_icmps_type_and_code(acl: str, client: Any) -> None:
    add(client, acl, 310, Protocol="1", Egress=True, IcmpTypeCode={"Type": 3, "Code": 4})
    (entry,) = client("ec2").describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    assert entry["IcmpTypeCode"] == {"Type": 3, "Code": 4}


def test_an_acl_is_found_by_its_id(acl: str, client: Any) -> None:
    found = client("ec2").describe_network_acls(Filters=[{"Name": "network-acl-id", "Values": [acl]}])["NetworkAcls"]
    assert [one["NetworkAclId"] for one in found] == [acl]


def test_a_subnet_has_the_default_acl_until_it_is_given_another(acl: str, client: Any) -> None:
    ec2 = client("ec2")
    add(client, acl, 100, Protocol="6", Egress=False, PortRange={"From": 80, "To": 81})
    (default,) = ec2.describe_network_acls(Filters=[{"Name": "default", "Values": ["true"]}])["NetworkAcls"]
    tie, vpc_id = default["Associations"][0], default["VpcId"]
    backend = backends.backend("ec2", "us-east-1")
    assert network_acls.of_subnets(backend, vpc_id)[tie["SubnetId"]].id == default["NetworkAclId"]
    ec2.replace_network_acl_association(AssociationId=tie["NetworkAclAssociationId"], NetworkAclId=acl)
    now = network_acls.of_subnets(backend, vpc_id)[tie["SubnetId"]]
    assert now == network_acls.Acl(acl, (network_acls.Entry(100, False, True, "6", "0.0.0.0/0", (80, 81)),))


def test_a_subnet_that_is_deleted_leaves_its_acl(api: None, client: Any) -> None:
    ec2 = client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.delete_subnet(SubnetId=subnet)
    mine = [{"Name": "association.subnet-id", "Values": [subnet]}]
    assert ec2.describe_network_acls(Filters=mine)["NetworkAcls"] == []
