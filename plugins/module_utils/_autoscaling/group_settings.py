# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single settings of an Auto Scaling group: what is, what is wanted, the calls between. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_SIZES = {"min_size": "MinSize", "max_size": "MaxSize", "desired_capacity": "DesiredCapacity"}


def current(group: dict[str, Any]) -> dict[str, Any]:
    """The settings this module knows, as it returns them."""
    return {
        **{option: group[key] for option, key in _SIZES.items()},
        "launch_template_version": group.get("LaunchTemplate", {}).get("Version", ""),
        "suspended_processes": sorted(process["ProcessName"] for process in group.get("SuspendedProcesses", [])),
        "tags": {tag["Key"]: tag["Value"] for tag in group.get("Tags", [])},
    }


def wanted(now: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """What the settings will be; raises if the sizes contradict each other."""
    suspended = (set(now["suspended_processes"]) | set(params["suspend"])) - set(params["resume"])
    sizes = {option: now[option] if params[option] is None else params[option] for option in _SIZES}
    if not sizes["min_size"] <= sizes["desired_capacity"] <= sizes["max_size"]:
        raise AnsibleAWSError(
            message="desired_capacity ({desired_capacity}) has to be between min_size ({min_size}) and max_size "
            "({max_size}). What is not given stays as it is.".format(**sizes)
        )
    tags = {key: value for key, value in {**now["tags"], **params["tags"]}.items() if key not in params["remove_tags"]}
    version = params["launch_template_version"]
    return {
        **sizes,
        "launch_template_version": now["launch_template_version"] if version is None else str(version),
        "suspended_processes": sorted(suspended),
        "tags": tags,
    }


def apply(client: Any, group: dict[str, Any], now: dict[str, Any], then: dict[str, Any]) -> None:
    """Tags are set first and removed last: a run that is cut off leaves the note of what it was about to do."""
    name = group["AutoScalingGroupName"]
    _tag(client, name, {key: value for key, value in then["tags"].items() if now["tags"].get(key) != value})
    before, after = set(now["suspended_processes"]), set(then["suspended_processes"])
    if after - before:
        _suspend(client, AutoScalingGroupName=name, ScalingProcesses=sorted(after - before))
    changes = {key: then[option] for option, key in _SIZES.items() if then[option] != now[option]}
    if then["launch_template_version"] != now["launch_template_version"]:
        template_id = group["LaunchTemplate"]["LaunchTemplateId"]
        changes["LaunchTemplate"] = {"LaunchTemplateId": template_id, "Version": then["launch_template_version"]}
    if changes:
        _update(client, AutoScalingGroupName=name, **changes)
    if before - after:
        _resume(client, AutoScalingGroupName=name, ScalingProcesses=sorted(before - after))
    _untag(client, name, sorted(now["tags"].keys() - then["tags"].keys()))


def _tag(client: Any, name: str, tags: dict[str, str]) -> None:
    if tags:
        of = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
        _create_tags(client, Tags=[{**of, "Key": key, "Value": value} for key, value in tags.items()])


def _untag(client: Any, name: str, keys: list[str]) -> None:
    if keys:
        of = {"ResourceId": name, "ResourceType": "auto-scaling-group"}
        _delete_tags(client, Tags=[{**of, "Key": key} for key in keys])


@_calls.call("tag the Auto Scaling group")
def _create_tags(client: Any, **call: Any) -> None:
    client.create_or_update_tags(**call)


@_calls.call("remove tags of the Auto Scaling group")
def _delete_tags(client: Any, **call: Any) -> None:
    client.delete_tags(**call)


@_calls.call("suspend scaling processes")
def _suspend(client: Any, **call: Any) -> None:
    client.suspend_processes(**call)


@_calls.call("resume scaling processes")
def _resume(client: Any, **call: Any) -> None:
    client.resume_processes(**call)


@_calls.call("update the Auto Scaling group")
def _update(client: Any, **call: Any) -> None:
    client.update_auto_scaling_group(**call)
