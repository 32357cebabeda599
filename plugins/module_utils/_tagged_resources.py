# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which resources carry certain tags, service by service. Private to this collection.

The Resource Groups Tagging API alone does not do: it doesn't know Auto Scaling groups and most of IAM, and for an hour
it still shows instances and gateways that are gone. So what a listing below covers is asked of the service itself, and
the tagging API is asked for all the rest.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterator

try:
    import jmespath
except ImportError:
    pass  # it comes with botocore, whose absence AnsibleAWSModule reports

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

GONE = ["NoSuchTagSet", "NoSuchBucket", "NoSuchEntity", "ResourceNotFoundException", "ResourceNotFound", "NotFound"]
GONE += ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "LoadBalancerNotFound", "TargetGroupNotFound"]
GONE += ["DBSubnetGroupNotFoundFault", "DBParameterGroupNotFound", "NotFoundException"]


class _ErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(GONE)


@dataclasses.dataclass(frozen=True)
class Tags:
    """How tags are read where a listing does not hold them."""

    operation: str
    argument: str
    of: str  # what of the resource is the argument
    path: str
    many: bool = False  # whether the argument is a list
    arn: tuple[str, str, str] | None = None  # operation, argument and path, where only the ARN will do


@dataclasses.dataclass(frozen=True)
class Listing:
    """How resources of one type are listed: an operation, where in its answer they are, what identifies them."""

    type: str
    service: str
    operation: str
    path: str
    id: str
    tags: str | Tags = "Tags"
    params: dict = dataclasses.field(default_factory=dict)
    also: tuple[str, ...] = ()  # what else of it is worth knowing, so that nobody has to ask once more


def _ec2(kind: str, operation: str, path: str, key: str, tags: str = "Tags", also: str = "", **params) -> Listing:
    return Listing(f"ec2:{kind}", "ec2", operation, path, key, tags, params, tuple(also.split()))


_ELB_TAGS = {"operation": "describe_tags", "argument": "ResourceArns", "path": "TagDescriptions[0].Tags", "many": True}
_RDS_TAGS = {"operation": "list_tags_for_resource", "argument": "ResourceName", "path": "TagList"}

LISTINGS = [
    _ec2(
        "instance",
        "describe_instances",
        "Reservations[].Instances[?State.Name != 'terminated'][]",
        "InstanceId",
        also="State",
    ),
    _ec2("launch-template", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    _ec2("image", "describe_images", "Images", "ImageId", Owners=["self"]),
    _ec2("snapshot", "describe_snapshots", "Snapshots", "SnapshotId", OwnerIds=["self"]),
    _ec2("volume", "describe_volumes", "Volumes[?State != 'deleting']", "VolumeId"),
    _ec2("key-pair", "describe_key_pairs", "KeyPairs", "KeyName"),
    _ec2(
        "natgateway",
        "describe_nat_gateways",
        "NatGateways[?!contains(['deleted', 'failed'], State)]",
        "NatGatewayId",
        also="State",
    ),
    _ec2("elastic-ip", "describe_addresses", "Addresses", "AllocationId", also="PublicIp"),
    _ec2("network-interface", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId", "TagSet"),
    _ec2("vpc-endpoint", "describe_vpc_endpoints", "VpcEndpoints[?State != 'deleted']", "VpcEndpointId"),
    _ec2(
        "security-group",
        "describe_security_groups",
        "SecurityGroups",
        "GroupId",
        also="GroupName Description VpcId IpPermissions IpPermissionsEgress",
    ),
    _ec2("route-table", "describe_route_tables", "RouteTables", "RouteTableId"),
    _ec2("subnet", "describe_subnets", "Subnets", "SubnetId", also="VpcId CidrBlock"),
    _ec2("internet-gateway", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    _ec2("vpc-flow-log", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    _ec2("vpc", "describe_vpcs", "Vpcs", "VpcId"),
    Listing(
        "autoscaling:autoScalingGroup",
        "autoscaling",
        "describe_auto_scaling_groups",
        "AutoScalingGroups",
        "AutoScalingGroupName",
        also=("Status",),
    ),
    Listing(
        "elasticloadbalancing:loadbalancer",
        "elbv2",
        "describe_load_balancers",
        "LoadBalancers",
        "LoadBalancerName",
        Tags(of="LoadBalancerArn", **_ELB_TAGS),
    ),
    Listing(
        "elasticloadbalancing:targetgroup",
        "elbv2",
        "describe_target_groups",
        "TargetGroups",
        "TargetGroupName",
        Tags(of="TargetGroupArn", **_ELB_TAGS),
    ),
    Listing(
        "rds:db",
        "rds",
        "describe_db_instances",
        "DBInstances",
        "DBInstanceIdentifier",
        "TagList",
        also=("DBInstanceStatus", "DeletionProtection"),
    ),
    Listing(
        "rds:snapshot",
        "rds",
        "describe_db_snapshots",
        "DBSnapshots",
        "DBSnapshotIdentifier",
        "TagList",
        {"SnapshotType": "manual"},
    ),
    Listing(
        "rds:subgrp",
        "rds",
        "describe_db_subnet_groups",
        "DBSubnetGroups",
        "DBSubnetGroupName",
        Tags(of="DBSubnetGroupArn", **_RDS_TAGS),
    ),
    Listing(
        "rds:pg",
        "rds",
        "describe_db_parameter_groups",
        "DBParameterGroups",
        "DBParameterGroupName",
        Tags(of="DBParameterGroupArn", **_RDS_TAGS),
    ),
    Listing(
        "secretsmanager:secret", "secretsmanager", "list_secrets", "SecretList[?!DeletedDate && !OwningService]", "ARN"
    ),
    Listing(
        "dynamodb:table",
        "dynamodb",
        "list_tables",
        "TableNames[].{Name: @}",
        "Name",
        Tags(
            "list_tags_of_resource",
            "ResourceArn",
            "Name",
            "Tags",
            arn=("describe_table", "TableName", "Table.TableArn"),
        ),
    ),
    Listing(
        "s3:bucket", "s3", "list_buckets", "Buckets", "Name", Tags("get_bucket_tagging", "Bucket", "Name", "TagSet")
    ),
    Listing(
        "sns:topic",
        "sns",
        "list_topics",
        "Topics",
        "TopicArn",
        Tags("list_tags_for_resource", "ResourceArn", "TopicArn", "Tags"),
    ),
    Listing(
        "sqs:queue",
        "sqs",
        "list_queues",
        "QueueUrls[].{Url: @}",
        "Url",
        Tags("list_queue_tags", "QueueUrl", "Url", "Tags"),
    ),
    Listing(
        "lambda:function",
        "lambda",
        "list_functions",
        "Functions",
        "FunctionName",
        Tags("list_tags", "Resource", "FunctionArn", "Tags"),
    ),
    Listing(
        "logs:log-group",
        "logs",
        "describe_log_groups",
        "logGroups",
        "logGroupName",
        Tags("list_tags_for_resource", "resourceArn", "logGroupArn", "tags"),
    ),
    Listing(
        "cloudwatch:alarm",
        "cloudwatch",
        "describe_alarms",
        "MetricAlarms",
        "AlarmName",
        Tags("list_tags_for_resource", "ResourceARN", "AlarmArn", "Tags"),
    ),
    Listing(
        "iam:instance-profile",
        "iam",
        "list_instance_profiles",
        "InstanceProfiles",
        "InstanceProfileName",
        Tags("get_instance_profile", "InstanceProfileName", "InstanceProfileName", "InstanceProfile.Tags"),
    ),
    Listing(
        "iam:role", "iam", "list_roles", "Roles", "RoleName", Tags("list_role_tags", "RoleName", "RoleName", "Tags")
    ),
    Listing(
        "iam:policy",
        "iam",
        "list_policies",
        "Policies",
        "Arn",
        Tags("list_policy_tags", "PolicyArn", "Arn", "Tags"),
        {"Scope": "Local"},
    ),
]
TYPES = [listing.type for listing in LISTINGS]


def listed(client, listing: Listing, wanted: dict, names: list[str] = ()) -> list[dict]:
    """
    The resources of one listing that carry all the wanted tags.

    :param names: shell patterns; what is named so is found as well if it has none of the wanted tags' keys: nobody
        has said yet whose it is.
    """
    found = []
    for resource in _list(client, listing):
        tags, identifier = normal(_tags(client, listing.tags, resource)), resource[listing.id]
        unclaimed = not wanted.keys() & tags.keys()
        if wanted.items() <= tags.items() or (unclaimed and _is_named(identifier, names)):
            also = {_snake(key): resource[key] for key in listing.also if key in resource}
            found.append({"type": listing.type, "id": identifier, "tags": tags, "properties": also})
    return found


def others(client, wanted: dict) -> list[dict]:
    """What the tagging API knows of types that have no listing here."""
    filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    found = []
    for resource in _tagged(client, filters):
        kind = type_of(resource["ResourceARN"])
        if kind not in TYPES:
            tags = normal(resource["Tags"])
            found.append({"type": kind, "id": resource["ResourceARN"], "tags": tags, "properties": {}})
    return found


def normal(tags) -> dict[str, str]:
    """Tags as a dictionary, however the service writes them."""
    if isinstance(tags, dict):
        return tags
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in tags or []}


def _is_named(identifier: str, names: list[str]) -> bool:
    """By the whole identifier, or by the end of an address such as a queue's."""
    return any(fnmatch.fnmatchcase(identifier, name) or identifier.endswith(f"/{name}") for name in names)


def _snake(key: str) -> str:
    return camel_dict_to_snake_dict({key: None}).popitem()[0]


def type_of(arn: str) -> str:
    """The type in an ARN: service and, where the name is preceded by one, kind."""
    _arn, _partition, service, _region, _account, rest = arn.split(":", 5)
    kind = re.match(r"([\w-]+)[:/]", rest)
    if kind:
        return f"{service}:{kind[1]}"
    return {"s3": "s3:bucket", "sns": "sns:topic", "sqs": "sqs:queue"}.get(service, service)


@_ErrorHandler.list_error_handler("list resources", [])
@AWSRetry.jittered_backoff()
def _list(client, listing: Listing) -> list[dict]:
    return list(_pages(client, listing.operation, listing.path, **listing.params))


@_ErrorHandler.list_error_handler("read a resource's tags", [])
@AWSRetry.jittered_backoff()
def _tags(client, tags: str | Tags, resource: dict):
    if isinstance(tags, str):
        return resource.get(tags) or []
    value = resource[tags.of]
    if tags.arn:
        operation, argument, path = tags.arn
        value = jmespath.search(path, getattr(client, operation)(**{argument: value}))
    answer = getattr(client, tags.operation)(**{tags.argument: [value] if tags.many else value})
    return jmespath.search(tags.path, answer)


@_ErrorHandler.common_error_handler("ask the tagging API")
@AWSRetry.jittered_backoff()
def _tagged(client, filters: list[dict]) -> list[dict]:
    return list(_pages(client, "get_resources", "ResourceTagMappingList", TagFilters=filters))


def _pages(client, operation: str, path: str, **params) -> Iterator[dict]:
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate(**params)
    else:
        pages = [getattr(client, operation)(**params)]
    for page in pages:
        yield from jmespath.search(path, page) or []
