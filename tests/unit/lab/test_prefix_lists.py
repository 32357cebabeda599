"""Prefix lists that AWS manages: where they lead here, and in rules of security groups."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import backends, config
from lab.services.ec2 import prefix_lists, vpc_controller
from lab.services.ec2.firewall import Rule


@pytest.fixture
def edge(api: None, client: Any) -> str:
    """The id of CloudFront's list."""
    named = [{"Name": "prefix-list-name", "Values": [prefix_lists.CLOUDFRONT]}]
    (found,) = client("ec2").describe_managed_prefix_lists(Filters=named)["PrefixLists"]
    assert found["OwnerId"] == "AWS"
    return str(found["PrefixListId"])


@pytest.fixture
def group(api: None, client: Any) -> str:
    ec2 = client("ec2")
    vpc_id = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    return str(ec2.create_security_group(GroupName="balancer", Description="A test's.", VpcId=vpc_id)["GroupId"])


def let_in(list_id: str, port: int, words: str = "the edge") -> dict[str, Any]:
    lists = [{"PrefixListId": list_id, "Description": words}]
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "PrefixListIds": lists}


def test_the_list_of_cloudfront_holds_the_labs_edge(edge: str, client: Any) -> None:
    entries = client("ec2").get_managed_prefix_list_entries(PrefixListId=edge)["Entries"]
    assert [entry["Cidr"] for entry in entries] == [f"{config.EDGE_ADDRESS}/32"]


def test_a_list_of_ones_own_keeps_its_entries(api: None, client: Any) -> None:
    ec2 = client("ec2")
    made = ec2.create_managed_prefix_list(
        PrefixListName="office", AddressFamily="IPv4", MaxEntries=5, Entries=[{"Cidr": "192.0.2.0/24"}]
    )["PrefixList"]["PrefixListId"]
    (entry,) = ec2.get_managed_prefix_list_entries(PrefixListId=made)["Entries"]
    assert entry["Cidr"] == "192.0.2.0/24"
    assert prefix_lists.cidrs(backends.backend("ec2", "us-east-1"), [made, "pl-0"]) == {"192.0.2.0/24"}


def test_a_rule_with_a_list_opens_to_its_addresses_alone(edge: str, group: str, client: Any) -> None:
    client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[let_in(edge, 443)])
    backend = backends.backend("ec2", "us-east-1")
    found = backend.get_security_group_from_id(group).ip_permissions
    assert vpc_controller._rules(found, backend) == (Rule("tcp", 443, 443, cidrs=(f"{config.EDGE_ADDRESS}/32",)),)


def test_a_rule_with_a_list_is_shown_with_its_description_and_taken_back(edge: str, group: str, client: Any) -> None:
    ec2 = client("ec2")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[let_in(edge, 443)])
    (rule,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert rule["PrefixListIds"] == [{"PrefixListId": edge, "Description": "the edge"}]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"] == []


def test_the_list_of_cloudfront_fits_once_into_a_group(edge: str, group: str, client: Any) -> None:
    """It counts for 55 of 60 rules."""
    ec2 = client("ec2")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[let_in(edge, 443)])
    with pytest.raises(ClientError, match="RulesPerSecurityGroupLimitExceeded"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[let_in(edge, 80)])
    (rule,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert rule["FromPort"] == 443


def test_a_list_that_is_not_there_is_refused(group: str, client: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidPrefixListID\.NotFound.*pl-0123"):
        client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[let_in("pl-0123", 443)])
