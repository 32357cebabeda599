"""playbooks/network.yml: built, built again, from one NAT gateway to one for each zone and back, mended."""

from __future__ import annotations

import pytest


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


def test_from_one_nat_gateway_to_one_for_each_zone_and_back(client, play, stack, ways_out):
    assert play("network", "--check")["changed"] > 0
    assert play("network")["changed"] > 0
    assert play("network")["changed"] == 0
    assert len(set(ways_out().values())) == 1
    assert play("network", threetier_nat_per_az=True)["changed"] > 0
    assert play("network", threetier_nat_per_az=True)["changed"] == 0
    assert len(set(ways_out().values())) == 3
    assert play("network")["changed"] > 0
    assert len(set(ways_out().values())) == 1
    mine = [{"Name": "tag:Stack", "Values": [stack]}]
    assert len(client("ec2").describe_addresses(Filters=mine)["Addresses"]) == 1


def test_what_hands_opened_is_closed_again(client, play, stack):
    play("network")
    ec2 = client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{stack}-db-sg"]}])
    group = groups["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")
    assert play("network")["changed"] == 1
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


def test_traffic_is_logged_when_wanted_and_logs_outlive_that(client, play, stack):
    play("network")
    assert play("network", "--check", threetier_flow_logs=True)["changed"] > 0
    assert play("network", threetier_flow_logs=True)["changed"] > 0
    assert play("network", threetier_flow_logs=True)["changed"] == 0
    mine = [{"Name": "tag:Stack", "Values": [stack]}]
    (log,) = client("ec2").describe_flow_logs(Filter=mine)["FlowLogs"]
    assert (log["TrafficType"], log["LogGroupName"]) == ("ALL", f"/aws/vpc/{stack}-flow-log")
    role = client("iam").get_role(RoleName=f"{stack}-flow-log-iam-role")["Role"]
    assert log["DeliverLogsPermissionArn"] == role["Arn"]
    condition = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert condition["ArnLike"] == {"aws:SourceArn": "arn:aws:ec2:us-east-1:123456789012:vpc-flow-log/*"}
    policy = client("iam").get_role_policy(RoleName=role["RoleName"], PolicyName="flow-log")["PolicyDocument"]
    assert policy["Statement"][0]["Resource"].endswith(f":log-group:/aws/vpc/{stack}-flow-log:*")
    assert play("network")["changed"] == 2
    assert client("ec2").describe_flow_logs(Filter=mine)["FlowLogs"] == []
    groups = client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/vpc/{stack}")["logGroups"]
    assert groups[0]["retentionInDays"] == 30
