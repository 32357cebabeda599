"""All that an account holds, asked service by service, with neither the collection's own search nor its tags."""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import jmespath
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

Client = Callable[[str], Any]
SERVICES = ["acm", "apigatewayv2", "autoscaling", "cloudwatch", "dynamodb", "ec2", "elbv2", "events", "iam", "lambda"]
SERVICES += [
    "logs",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
]
_GONE = {"terminated", "deleted", "failed", "deregistered"}
_CLOCKS = {"EarliestRestorableDateTime", "LatestRestorableDateTime", "LatestRestorableTime", "LastAccessedDate"}
# What AWS publishes, what an answer says of itself, and what is another answer's part.
_CATALOGUES = {
    "DescribeAccountAttributes", "DescribeAdjustmentTypes", "DescribeAvailabilityZones",
    "DescribeDBEngineVersions", "DescribeInstanceTypeOfferings", "DescribeInstanceTypes",
    "DescribeManagedPrefixLists", "DescribeOrderableDBInstanceOptions", "DescribePrefixLists", "DescribeRegions",
    "DescribeReservedInstancesOfferings", "DescribeSpotPriceHistory", "DescribeTags", "DescribeVpcEndpointServices",
    "DescribeSSLPolicies", "DescribeTerminationPolicyTypes", "GetAccountAuthorizationDetails", "GetCredentialReport",
    "GetRandomPassword", "ListMetrics", "GetUser", "GetAccountSummary", "ListPhoneNumbersOptedOut",
    # What moto stumbles over
    "DescribeOptionGroups", "DescribeReservedInstances", "DescribeReservedInstancesListings",
    "ListReusableDelegationSets", "DescribeSpotDatafeedSubscription", "DescribeVolumeStatus", "ListExports",
    # What is told of long after it is gone
    "DescribeEvents", "GetResources", "GetTagKeys", "DescribeAutoScalingNotificationTypes",
    "DescribeScalingActivities",
}  # fmt: skip
_ARGUMENTS = {
    "iam.list_policies": {"Scope": "Local"},
    "ec2.describe_images": {"Owners": ["self"]},
    "ec2.describe_snapshots": {"OwnerIds": ["self"]},
}


@dataclasses.dataclass(frozen=True)
class Deeper:
    """What can be asked of each thing that a listing names."""

    service: str
    operation: str
    path: str  # the names in the listing's answer
    argument: str
    operations: str
    many: bool = False  # whether the argument takes a list


_DEEPER = [
    Deeper(
        "s3",
        "list_buckets",
        "Buckets[].Name",
        "Bucket",
        "get_bucket_tagging get_bucket_policy get_bucket_notification_configuration get_bucket_lifecycle_configuration"
        " get_bucket_cors get_bucket_website get_bucket_encryption get_bucket_versioning get_public_access_block"
        " get_bucket_ownership_controls list_object_versions list_multipart_uploads",
    ),
    Deeper(
        "iam",
        "list_roles",
        "Roles[].RoleName",
        "RoleName",
        "get_role list_role_tags list_role_policies list_attached_role_policies list_instance_profiles_for_role",
    ),
    Deeper("route53", "list_hosted_zones", "HostedZones[].Id", "HostedZoneId", "list_resource_record_sets"),
    Deeper(
        "acm",
        "list_certificates",
        "CertificateSummaryList[].CertificateArn",
        "CertificateArn",
        "describe_certificate list_tags_for_certificate",
    ),
    Deeper("lambda", "list_functions", "Functions[].FunctionName", "FunctionName", "get_function get_policy"),
    Deeper(
        "sns",
        "list_topics",
        "Topics[].TopicArn",
        "TopicArn",
        "get_topic_attributes list_subscriptions_by_topic",
    ),
    Deeper("sns", "list_topics", "Topics[].TopicArn", "ResourceArn", "list_tags_for_resource"),
    Deeper("sqs", "list_queues", "QueueUrls", "QueueUrl", "list_queue_tags"),
    Deeper(
        "dynamodb", "list_tables", "TableNames", "TableName", "describe_table describe_continuous_backups scan"
    ),
    Deeper("secretsmanager", "list_secrets", "SecretList[].ARN", "SecretId", "describe_secret get_secret_value"),
    Deeper("logs", "describe_log_groups", "logGroups[].logGroupName", "logGroupName", "list_tags_log_group"),
    Deeper("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmArn", "ResourceARN", "list_tags_for_resource"),
    Deeper(
        "elbv2",
        "describe_load_balancers",
        "LoadBalancers[].LoadBalancerArn",
        "LoadBalancerArn",
        "describe_listeners describe_load_balancer_attributes",
    ),
    Deeper(
        "elbv2",
        "describe_target_groups",
        "TargetGroups[].TargetGroupArn",
        "TargetGroupArn",
        "describe_target_group_attributes describe_target_health",
    ),
    Deeper("elbv2", "describe_target_groups", "TargetGroups[].TargetGroupArn", "ResourceArns", "describe_tags", True),
    Deeper(
        "ec2",
        "describe_launch_templates",
        "LaunchTemplates[].LaunchTemplateId",
        "LaunchTemplateId",
        "describe_launch_template_versions",
    ),
    Deeper(
        "rds", "describe_db_parameter_groups", "DBParameterGroups[].DBParameterGroupName", "DBParameterGroupName",
        "describe_db_parameters",
    ),
]  # fmt: skip


def everything(client: Client) -> dict[str, list[str]]:
    """Each question and its answer's items as sorted JSON, without what lingers when it is gone, as instances do."""
    found = {}
    for service in SERVICES:
        asked = client(service)
        for operation in _questions(service, asked):
            found[f"{service}.{operation}"] = _answer(asked, operation, _ARGUMENTS.get(f"{service}.{operation}", {}))
    for deeper in _DEEPER:
        asked = client(deeper.service)
        for name in jmespath.search(deeper.path, getattr(asked, deeper.operation)()) or []:
            for operation in deeper.operations.split():
                argument = {deeper.argument: [name] if deeper.many else name}
                found[f"{deeper.service}.{operation} {name}"] = _answer(asked, operation, argument)
    return {question: answer for question, answer in found.items() if answer}


def difference(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    """What is there no more and what is new, by question."""
    changed = {}
    for question in sorted({*before, *after}):
        old, new = before.get(question, []), after.get(question, [])
        if old != new:
            changed[question] = {"gone": [i for i in old if i not in new], "new": [i for i in new if i not in old]}
    return changed


def _questions(service: str, client: Any) -> Iterator[str]:
    """Every operation that reads and needs no argument, if moto knows it."""
    model = client.meta.service_model
    known = _moto(service)
    for method, operation in client.meta.method_to_api_mapping.items():
        shape = model.operation_model(operation).input_shape
        reads = operation.startswith(("Describe", "List", "Get")) and operation not in _CATALOGUES
        if reads and method in known and not (shape and shape.required_members):
            yield method


def _moto(service: str) -> set[str]:
    responses = importlib.import_module(f"moto.{'awslambda' if service == 'lambda' else service}.responses")
    return {name for kind in vars(responses).values() if isinstance(kind, type) for name in dir(kind)}


def _answer(client: Any, operation: str, arguments: dict[str, Any]) -> list[str]:
    """The items of all lists in all pages; an answer without a list is one item, an error too."""
    try:
        if client.can_paginate(operation):
            pages = list(client.get_paginator(operation).paginate(**arguments))
        else:
            pages = [getattr(client, operation)(**arguments)]
    except ClientError as error:
        return [error.response["Error"]["Code"]]
    except ResponseParserError:
        return []  # moto stumbles over the question
    items = []
    for page in pages:
        page.pop("ResponseMetadata", None)
        lists = [value for value in page.values() if isinstance(value, list)]
        items += [item for value in lists for item in _flat(value)] if lists else [page] if page else []
    return sorted(json.dumps(_without_clocks(item), sort_keys=True, default=str) for item in items)


def _without_clocks(value: Any) -> Any:
    """Without the times that go on by themselves."""
    if isinstance(value, dict):
        return {key: _without_clocks(inner) for key, inner in value.items() if key not in _CLOCKS}
    return [_without_clocks(inner) for inner in value] if isinstance(value, list) else value


def _flat(items: list[Any]) -> Iterator[Any]:
    """Without what is gone but still told of; a reservation's instances one by one."""
    for item in items:
        if isinstance(item, dict) and "Instances" in item and "ReservationId" in item:
            yield from _flat(item["Instances"])
        elif not (isinstance(item, dict) and _GONE & {_state(item), str(item.get("Status"))}):
            yield item


def _state(item: dict[str, Any]) -> str:
    state = item.get("State", item.get("InstanceState"))
    return str(state.get("Name") if isinstance(state, dict) else state)
