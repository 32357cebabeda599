"""What a stack has twice: of one kind and one Name. What has its name from its service can't be there twice."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import jmespath

_KINDS = {
    "describe_vpcs": "Vpcs",
    "describe_subnets": "Subnets",
    "describe_route_tables": "RouteTables",
    "describe_internet_gateways": "InternetGateways",
    "describe_nat_gateways": "NatGateways[?State != 'deleted']",
    "describe_addresses": "Addresses",
    "describe_security_groups": "SecurityGroups",
    "describe_vpc_endpoints": "VpcEndpoints",
    "describe_flow_logs": "FlowLogs",
    "describe_key_pairs": "KeyPairs",
    "describe_launch_templates": "LaunchTemplates",
    "describe_images": "Images",
    "describe_snapshots": "Snapshots",
    "describe_volumes": "Volumes",
    "describe_instances": "Reservations[].Instances[?State.Name != 'terminated'][]",
}


def twins(client: Callable[[str], Any], stack: str) -> list[str]:
    """A sentence for each name that several resources have. A group's members share theirs, as do their volumes."""
    ec2 = client("ec2")
    members = {
        instance["InstanceId"]
        for group in client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        for instance in group["Instances"]
    }
    found = []
    for operation, path in _KINDS.items():
        resources = jmespath.search(path, getattr(ec2, operation)())
        names = [name for resource in resources if (name := _name(resource, stack)) and not _of(resource) & members]
        found += [
            f"twice: {operation}: {name} ({count})" for name, count in collections.Counter(names).items() if count > 1
        ]
    return found


def _name(resource: dict[str, Any], stack: str) -> str | None:
    tags = {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}
    return tags.get("Name") if tags.get("Stack") == stack else None


def _of(resource: dict[str, Any]) -> set[str]:
    """The instances that the resource is or is attached to."""
    attached = {attachment.get("InstanceId", "") for attachment in resource.get("Attachments", [])}
    return attached | {resource.get("InstanceId", "")}
