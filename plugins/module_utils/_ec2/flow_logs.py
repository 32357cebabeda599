# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flow logs of VPCs, subnets and network interfaces. Private to this collection."""

from __future__ import annotations

from typing import Any

try:
    import botocore.exceptions
except ImportError:
    pass  # handled by AnsibleAWSModule

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("InvalidFlowLogId.NotFound",)
FlowLog = dict[str, Any]
RESOURCE_TYPES = {"vpc": "VPC", "subnet": "Subnet", "eni": "NetworkInterface"}  # by the prefix of an id
_NOT_READY = "Unable to assume given IAM role"  # a role just made is not known everywhere at once
# What an option of the module is called in the API. A flow log can't be modified: it is made anew.
_NAMES = dict(
    resource_id="ResourceId",
    traffic_type="TrafficType",
    log_group_name="LogGroupName",
    deliver_logs_permission_arn="DeliverLogsPermissionArn",
    log_destination="LogDestination",
    log_format="LogFormat",
    max_aggregation_interval="MaxAggregationInterval",
)


@_calls.read("read the flow logs", [], missing=_MISSING)
def _describe(client: Any, **which: Any) -> list[FlowLog]:
    found: list[FlowLog] = client.get_paginator("describe_flow_logs").paginate(**which).build_full_result()["FlowLogs"]
    return found


def find(client: Any, params: dict[str, Any]) -> FlowLog:
    """The flow log of that id, or of that resource to that destination; nothing if there is none."""
    if params["flow_log_id"]:
        found = _describe(client, FlowLogIds=[params["flow_log_id"]])
    else:
        found = _describe(client, Filter=[dict(Name="resource-id", Values=[params["resource_id"]])])
        found = [one for one in found if _destination(one) == (params["log_group_name"] or params["log_destination"])]
    return found[0] if found else {}


def _destination(flow_log: FlowLog) -> str | None:
    return flow_log.get("LogGroupName") or flow_log.get("LogDestination")


def wanted(params: dict[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: params[name] for name in _NAMES if params[name] is not None}


def state_of(flow_log: FlowLog, names: Any) -> dict[str, Any]:
    """The flow log in the module's words, as far as they were asked for."""
    return {name: flow_log.get(_NAMES[name]) for name in _NAMES if name in names}


def options_of(flow_log: FlowLog) -> dict[str, Any]:
    """All that it was made with, for one that takes its place."""
    options = {name: flow_log[key] for name, key in _NAMES.items() if flow_log.get(key) is not None}
    if "log_group_name" in options:
        options.pop("log_destination", None)  # EC2 shows the group's ARN there
    return options


def tags_of(flow_log: FlowLog) -> dict[str, str]:
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(flow_log.get("Tags", []))
    return tags


@_calls.call("create the flow log", retry_on_message=_NOT_READY, delay=2, max_delay=15)
def create(client: Any, options: dict[str, Any], tags: dict[str, str]) -> str:
    request = {_NAMES[name]: value for name, value in options.items() if name != "resource_id"}
    request["LogDestinationType"] = destination_type(options)
    if tags:
        tags = ansible_dict_to_boto3_tag_list(tags)
        request["TagSpecifications"] = [dict(ResourceType="vpc-flow-log", Tags=tags)]
    resource = options["resource_id"]
    answer = client.create_flow_logs(
        ResourceIds=[resource], ResourceType=RESOURCE_TYPES[resource.split("-")[0]], **request
    )
    for one in answer.get("Unsuccessful", []):  # EC2 answers 200 all the same
        raise botocore.exceptions.ClientError(dict(Error=one["Error"]), "CreateFlowLogs")
    return str(answer["FlowLogIds"][0])


def destination_type(options: dict[str, Any]) -> str:
    if "log_group_name" in options:
        return "cloud-watch-logs"
    return "kinesis-data-firehose" if ":firehose:" in options["log_destination"] else "s3"


@_calls.delete("delete the flow log", missing=_MISSING)
def delete(client: Any, flow_log_id: str) -> None:
    for one in client.delete_flow_logs(FlowLogIds=[flow_log_id]).get("Unsuccessful", []):
        raise botocore.exceptions.ClientError(dict(Error=one["Error"]), "DeleteFlowLogs")


@_calls.call("tag the flow log")
def tag(client: Any, flow_log_id: str, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    if set_tags:
        client.create_tags(Resources=[flow_log_id], Tags=ansible_dict_to_boto3_tag_list(set_tags))
    if drop_tags:
        client.delete_tags(Resources=[flow_log_id], Tags=[dict(Key=key) for key in drop_tags])
