"""What must outlive every change of a stack: names and addresses that others know it by, and data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FILE = {"Key": "kept.txt", "Body": b"kept"}
ITEM = {"file_name": {"S": "kept.txt"}}


def leave_data(client: Callable[[str], Any], stack: str) -> None:
    """A file and what is known of it, as the application leaves them."""
    client("s3").put_object(Bucket=f"{stack}-backend-s3-bucket-123456789012", **FILE)
    client("dynamodb").put_item(TableName=f"{stack}-file-metadata-dynamodb", Item=ITEM)


def invariants(client: Callable[[str], Any], stack: str) -> dict[str, Any]:
    """Ids, ARNs, addresses and data, by what they are of. KeyError or IndexError for what is gone."""
    ec2, s3 = client("ec2"), client("s3")
    mine = [{"Name": "tag:Stack", "Values": [stack]}]
    addresses = {
        next(tag["Value"] for tag in found["Tags"] if tag["Key"] == "Name"): (found["AllocationId"], found["PublicIp"])
        for found in ec2.describe_addresses(Filters=mine)["Addresses"]
    }
    database = client("rds").describe_db_instances(DBInstanceIdentifier=f"{stack}-db")["DBInstances"][0]
    table = client("dynamodb").describe_table(TableName=f"{stack}-file-metadata-dynamodb")["Table"]
    backend = f"{stack}-backend-s3-bucket-123456789012"
    balancer = client("elbv2").describe_load_balancers(Names=[f"{stack}-alb"])["LoadBalancers"][0]
    groups = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[f"{stack}-asg"])
    secret = client("secretsmanager").describe_secret(SecretId=f"{stack}-app-db")
    live = [*mine, {"Name": "instance-state-name", "Values": ["running"]}, {"Name": "tag:Role", "Values": ["bastion"]}]
    return {
        "vpc": [found["VpcId"] for found in ec2.describe_vpcs(Filters=mine)["Vpcs"]],
        "subnets": sorted(found["SubnetId"] for found in ec2.describe_subnets(Filters=mine)["Subnets"]),
        "groups": sorted(found["GroupId"] for found in ec2.describe_security_groups(Filters=mine)["SecurityGroups"]),
        "first address": addresses[f"{stack}-eip-1"],
        "bastion": [
            (found["InstanceId"], found["PublicIpAddress"])
            for answer in ec2.describe_instances(Filters=live)["Reservations"]
            for found in answer["Instances"]
        ],
        "database": [database[key] for key in ("DBInstanceArn", "DbiResourceId", "Endpoint", "InstanceCreateTime")],
        "master secret": database["MasterUserSecret"]["SecretArn"],
        "application secret": secret["VersionIdsToStages"],
        "table": (table["TableArn"], table["TableId"], table["CreationDateTime"]),
        "item": client("dynamodb").get_item(TableName=table["TableName"], Key=ITEM)["Item"],
        "buckets": sorted(
            (found["Name"], found["CreationDate"])
            for found in s3.list_buckets()["Buckets"]
            if found["Name"].startswith(f"{stack}-")
        ),
        "file": s3.get_object(Bucket=backend, Key=FILE["Key"])["Body"].read(),
        "topic": client("sns").get_topic_attributes(TopicArn=f"arn:aws:sns:us-east-1:123456789012:{stack}-sns-topic")[
            "Attributes"
        ]["TopicArn"],
        "load balancer": (balancer["LoadBalancerArn"], balancer["DNSName"]),
        "fleet": [found["AutoScalingGroupARN"] for found in groups["AutoScalingGroups"]],
    }
