"""Load balancers through boto3."""

from __future__ import annotations

from typing import Any


def test_a_new_balancer_says_all_its_attributes_and_takes_new_values(api: None, client: Any) -> None:
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    made = elb.create_load_balancer(Name="alb", Subnets=[subnet["Subnet"]["SubnetId"] for subnet in subnets])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    key = "routing.http.drop_invalid_header_fields.enabled"

    def attributes() -> dict[str, str]:
        answer = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        return {attribute["Key"]: attribute["Value"] for attribute in answer}

    assert attributes()[key] == "false"
    assert attributes()["idle_timeout.timeout_seconds"] == "60"
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": "true"}])
    assert attributes()[key] == "true"
