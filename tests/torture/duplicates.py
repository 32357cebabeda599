"""What a stack has twice: of one kind and one Name. What has its name from its service can't be there twice."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import jmespath
from ansible_collections.threetier.aws.plugins.plugin_utils import _resource_kinds


def duplicates(client: Callable[[str], Any], stack: str) -> list[str]:
    """A sentence for each name that several resources have. A group's members share theirs, as do their volumes."""
    ec2 = client("ec2")  # the one service whose resources have no names of their own
    members = {
        instance["InstanceId"]
        for group in client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        for instance in group["Instances"]
    }
    found = []
    for kind in _resource_kinds.read():
        listing = kind["list"]
        if listing["service"] != "ec2":
            continue
        answer = getattr(ec2, listing["operation"])(**listing.get("params", {}))
        named = [(_name(one, stack), one) for one in jmespath.search(listing["path"], answer)]
        counted = collections.Counter(name for name, one in named if name and not _of(one) & members)
        found += [f"twice: {kind['type']}: {name} ({count})" for name, count in counted.items() if count > 1]
    return found


def _name(resource: dict[str, Any], stack: str) -> str | None:
    tags = {tag["Key"]: tag["Value"] for tag in resource.get("Tags", resource.get("TagSet", []))}
    return tags.get("Name") if tags.get("Stack") == stack else None


def _of(resource: dict[str, Any]) -> set[str]:
    """The instances that the resource is or is attached to."""
    attached = {attachment.get("InstanceId", "") for attachment in resource.get("Attachments", [])}
    attached.add((resource.get("Attachment") or {}).get("InstanceId", ""))
    return {one for one in attached | {resource.get("InstanceId", "")} if one}
