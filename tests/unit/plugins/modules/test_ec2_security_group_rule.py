"""One inbound rule comes and goes; its neighbours stay."""

from __future__ import annotations

import pytest


@pytest.fixture
def groups(client):
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ids = {
        name: ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("db", "app", "builder")
    }
    ec2.authorize_security_group_ingress(
        GroupId=ids["db"],
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": ids["app"]}]}
        ],
    )
    return ids


@pytest.fixture
def let_in(client, groups):
    def sources() -> set[str]:
        found = client("ec2").describe_security_groups(GroupIds=[groups["db"]])["SecurityGroups"][0]["IpPermissions"]
        return {pair["GroupId"] for rule in found for pair in rule["UserIdGroupPairs"]}

    return sources


def _rule(groups):
    return {"group_id": groups["db"], "source_group_id": groups["builder"], "port": 3306}


def test_a_rule_is_opened_beside_the_others(cycle, groups, let_in):
    seen = cycle("ec2_security_group_rule", **_rule(groups), description="while baking")
    assert let_in() == {groups["app"], groups["builder"]}
    assert seen[0]["rule_ids"] == []
    assert len(seen[1]["rule_ids"]) == 1
    assert seen[1]["rule_ids"] == seen[3]["rule_ids"]


def test_a_rule_is_closed_and_the_others_stay(run_module, cycle, groups, let_in):
    run_module("ec2_security_group_rule", **_rule(groups))
    cycle("ec2_security_group_rule", **_rule(groups), state="absent")
    assert let_in() == {groups["app"]}


def test_the_same_group_on_another_port_is_another_rule(run_module, groups):
    run_module("ec2_security_group_rule", **_rule(groups))
    other = run_module("ec2_security_group_rule", **{**_rule(groups), "port": 3307}, state="absent")
    assert not other["changed"]


def test_a_group_that_is_not_there_is_said(run_module, groups):
    said = run_module("ec2_security_group_rule", **{**_rule(groups), "group_id": "sg-00000000000000000"})
    assert said["failed"]
    assert "open the security group" in said["msg"] or "read the security group's rules" in said["msg"]
