"""playbooks/network.yml: each of its switches with each other one, planned, done, planned again, done again; mended."""

from __future__ import annotations

from typing import Any

import pytest

from .test_plan import ADMINS, LOGS, run  # noqa: F401
from .test_plan import test_planned_done_planned_done as cycle

EACH_ZONE = {"threetier_nat_per_az": True}
HTTPS = {
    "threetier_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/opens-port-443",
    "threetier_api_name": "api.example.com",
}
ACLS = {"threetier_network_acls": True}
ENDPOINTS = {"threetier_gateway_endpoints": True}
# Each is built on the one before. Flow logs together with another way in: test_plan.py.
CYCLES: list[tuple[str, dict[str, Any]]] = [
    ("one NAT gateway, network ACLs, gateway endpoints", ACLS | ENDPOINTS),
    (
        "one for each zone, HTTPS, another way in, network ACLs, gateway endpoints",
        EACH_ZONE | HTTPS | ADMINS | ACLS | ENDPOINTS,
    ),
    ("one for each zone, flow logs", EACH_ZONE | LOGS),
    ("one again, flow logs, HTTPS, network ACLs", LOGS | HTTPS | ACLS),
    ("one, another way in", ADMINS),
]


@pytest.fixture(scope="module")
def stack() -> str:
    return "routed"


@pytest.fixture
def ways_out(client, stack):
    """ways_out() says through which NAT gateway each private subnet goes; asserts that each has one."""

    def ask() -> dict[str, str]:
        ec2 = client("ec2")
        mine = [{"Name": "tag:Stack", "Values": [stack]}]
        names = {
            s["SubnetId"]: tag["Value"]
            for s in ec2.describe_subnets(Filters=mine)["Subnets"]
            for tag in s["Tags"]
            if tag["Key"] == "Name"
        }
        found = {}
        for table in ec2.describe_route_tables(Filters=mine)["RouteTables"]:
            for route in table["Routes"]:
                for tie in table["Associations"]:
                    if "NatGatewayId" in route:
                        found[names[tie["SubnetId"]]] = route["NatGatewayId"]
        assert set(found) == {name for name in names.values() if "-private-" in name}
        return found

    return ask


@pytest.mark.parametrize(("step", "choices"), CYCLES, ids=[step for step, _ in CYCLES])
def test_each_switch_with_each(client, note_cycle, run, stack, ways_out, step, choices):  # noqa: F811
    cycle(client, note_cycle, "network", run, stack, step, choices)
    mine = [{"Name": "tag:Stack", "Values": [stack]}]
    gateways = 3 if EACH_ZONE.items() <= choices.items() else 1
    assert len(set(ways_out().values())) == gateways
    assert len(client("ec2").describe_addresses(Filters=mine)["Addresses"]) == gateways
    logs = client("ec2").describe_flow_logs(Filter=mine)["FlowLogs"]
    wanted = [("ALL", f"/aws/vpc/{stack}-flow-log")] if LOGS.items() <= choices.items() else []
    assert [(log["TrafficType"], log["LogGroupName"]) for log in logs] == wanted
    ports = {80, 443} if HTTPS.items() <= choices.items() else {80}
    assert _acls(client, stack) == ({"public": ports, "private": set()} if ACLS.items() <= choices.items() else {})
    _check_endpoints(client, stack, ENDPOINTS.items() <= choices.items())
    for log in logs:
        _only_flow_logs_take_it_on(client, stack, log["DeliverLogsPermissionArn"])


def _check_endpoints(client, stack: str, wanted: bool) -> None:
    """All of the stack's route tables lead to both services, or none does."""
    ec2 = client("ec2")
    mine = [{"Name": "tag:Stack", "Values": [stack]}]
    found = ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]
    services = [f"com.amazonaws.us-east-1.{name}" for name in ("dynamodb", "s3")]
    assert sorted(one["ServiceName"] for one in found) == (services if wanted else [])
    ids = sorted(one["VpcEndpointId"] for one in found)
    for table in ec2.describe_route_tables(Filters=mine)["RouteTables"]:
        assert sorted(r["GatewayId"] for r in table["Routes"] if "DestinationPrefixListId" in r) == ids


def _acls(client, stack: str) -> dict[str, set[int]]:
    """By tier the ports below 1024, but that for logins, that the stack's own ACLs let in from everywhere."""
    ec2 = client("ec2")
    mine = [{"Name": "tag:Stack", "Values": [stack]}]
    tiers = {
        subnet["SubnetId"]: next(tag["Value"].split("-")[-3] for tag in subnet["Tags"] if tag["Key"] == "Name")
        for subnet in ec2.describe_subnets(Filters=mine)["Subnets"]
    }
    found: dict[str, set[int]] = {}
    guarded = []
    for acl in ec2.describe_network_acls(Filters=mine)["NetworkAcls"]:
        tier = next(tag["Value"].split("-")[-2] for tag in acl["Tags"] if tag["Key"] == "Name")
        assert {tiers[tie["SubnetId"]] for tie in acl["Associations"]} == {tier}
        guarded += [tie["SubnetId"] for tie in acl["Associations"]]
        found[tier] = {
            entry["PortRange"]["From"]
            for entry in acl["Entries"]
            if not entry["Egress"] and entry.get("PortRange", {}).get("From", 1024) not in (22, 1024)
        }
    assert sorted(guarded) == (sorted(tiers) if found else [])
    return found


def _only_flow_logs_take_it_on(client, stack: str, arn: str) -> None:
    role = client("iam").get_role(RoleName=f"{stack}-flow-log-iam-role")["Role"]
    assert role["Arn"] == arn
    condition = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert condition["ArnLike"] == {"aws:SourceArn": "arn:aws:ec2:us-east-1:123456789012:vpc-flow-log/*"}
    policy = client("iam").get_role_policy(RoleName=role["RoleName"], PolicyName="flow-log")["PolicyDocument"]
    assert policy["Statement"][0]["Resource"].endswith(f":log-group:/aws/vpc/{stack}-flow-log:*")


def test_what_was_logged_stays(client, stack):
    groups = client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/vpc/{stack}")["logGroups"]
    assert groups[0]["retentionInDays"] == 30


def test_what_hands_opened_is_closed_again(client, play, stack):
    ec2 = client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{stack}-db-sg"]}])
    group = groups["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")
    assert play("network", **ADMINS)["changed"] == 1
    (rule,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert (rule["FromPort"], rule["IpRanges"], len(rule["UserIdGroupPairs"])) == (3306, [], 1)


@pytest.mark.parametrize(
    "variable, words",
    [
        ("threetier_vpc_cidr=10.9.0.0/16", "not inside the VPC's 10.9.0.0/16"),
        ("{threetier_admin_cidrs: []}", "nobody could reach the bastion"),
        ("threetier_stack=Demo_App", "single hyphens"),
    ],
)
def test_refused_before_anything_is_touched(ansible, client, variable, words):
    before = client("ec2").describe_vpcs()["Vpcs"]
    done = ansible("playbook", "playbooks/network.yml", "-e", variable)
    assert done.returncode == 2
    assert words in " ".join(done.stdout.split())
    assert client("ec2").describe_vpcs()["Vpcs"] == before
