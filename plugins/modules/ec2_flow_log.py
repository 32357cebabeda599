#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_flow_log
version_added: 0.2.0
short_description: Log the traffic of a VPC, a subnet or a network interface
description:
  - Creates, changes or deletes a flow log, known by its resource and its destination, or by its id.
  - EC2 can change the tags of a flow log only. For any other change it is deleted and made anew; what has been logged
    stays where it is.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  resource_id:
    description: The id of the VPC, the subnet or the network interface. Needed if O(state=present).
    type: str
  flow_log_id:
    description: The id of the flow log to delete, instead of O(resource_id) and its destination.
    type: str
  traffic_type:
    description: Which traffic is logged.
    type: str
    choices: [ACCEPT, REJECT, ALL]
    default: ALL
  log_group_name:
    description: The CloudWatch log group that gets the records.
    type: str
  deliver_logs_permission_arn:
    description:
      - The ARN of the role that lets the service C(vpc-flow-logs.amazonaws.com) write to O(log_group_name).
      - Needed with O(log_group_name) if O(state=present). A role that has just been made is waited for.
    type: str
  log_destination:
    description: The ARN of the S3 bucket (with a folder, if wanted) or of the Firehose stream that gets the records.
    type: str
  log_format:
    description: The fields of a record, as in V(${srcaddr} ${dstaddr} ${action}). EC2's own default if not given.
    type: str
  max_aggregation_interval:
    description: Over how many seconds packets are gathered into one record.
    type: int
    choices: [60, 600]
  state:
    description: Whether the flow log is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Log all traffic of the network
  threetier.aws.ec2_flow_log:
    resource_id: vpc-0123456789abcdef0
    traffic_type: ALL
    log_group_name: /aws/vpc/demo-app-flow-log
    deliver_logs_permission_arn: arn:aws:iam::123456789012:role/demo-app-flow-log-iam-role
    max_aggregation_interval: 60
    tags:
      Stack: demo-app

- name: Keep what was refused, in a bucket
  threetier.aws.ec2_flow_log:
    resource_id: subnet-0123456789abcdef0
    traffic_type: REJECT
    log_destination: arn:aws:s3:::demo-app-flow-logs

- name: Log no more
  threetier.aws.ec2_flow_log:
    flow_log_id: fl-0123456789abcdef0
    state: absent
"""

RETURN = r"""
flow_log:
  description: The flow log as EC2 describes it; as it was found in check mode; empty once it is gone.
  type: dict
  returned: always
  contains:
    flow_log_id:
      description: The id.
      type: str
      sample: fl-0123456789abcdef0
    deliver_logs_status:
      description: Whether records arrive, V(SUCCESS) or V(FAILED).
      type: str
      sample: SUCCESS
    deliver_logs_error_message:
      description: Why they don't.
      type: str
      returned: when they don't
      sample: Access error
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._ec2 import flow_logs


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("ec2"), module.params
    found, wanted = flow_logs.find(client, params), flow_logs.wanted(params)
    have = flow_logs.tags_of(found)
    asked = have if params["tags"] is None else params["tags"]
    set_tags, drop_tags = compare_aws_tags(have, asked, params["purge_tags"])
    tags = {key: value for key, value in {**have, **set_tags}.items() if key not in drop_tags}
    before = dict(flow_logs.state_of(found, wanted), tags=have) if found else {}
    after = dict(wanted, tags=tags)
    if before != after and not module.check_mode:
        if any(before.get(name) != value for name, value in wanted.items()):
            if found:
                flow_logs.delete(client, found["FlowLogId"])
            flow_logs.create(client, {**flow_logs.options_of(found), **wanted}, tags)
        else:
            flow_logs.tag(client, found["FlowLogId"], set_tags, drop_tags)
        found = flow_logs.find(client, params)
    return dict(changed=before != after, flow_log=describe(found), diff=dict(before=before, after=after))


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client = module.client("ec2")
    found = flow_logs.find(client, module.params)
    if found and not module.check_mode:
        flow_logs.delete(client, found["FlowLogId"])
    return dict(changed=bool(found), flow_log={}, diff=dict(before=describe(found), after={}))


def describe(found: dict[str, Any]) -> dict[str, Any]:
    return dict(camel_dict_to_snake_dict(found), tags=flow_logs.tags_of(found)) if found else {}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            resource_id=dict(),
            flow_log_id=dict(),
            traffic_type=dict(choices=["ACCEPT", "REJECT", "ALL"], default="ALL"),
            log_group_name=dict(),
            deliver_logs_permission_arn=dict(),
            log_destination=dict(),
            log_format=dict(),
            max_aggregation_interval=dict(type="int", choices=[60, 600]),
            state=dict(choices=["present", "absent"], default="present"),
            tags=dict(type="dict", aliases=["resource_tags"]),
            purge_tags=dict(type="bool", default=True),
        ),
        mutually_exclusive=[["log_group_name", "log_destination", "flow_log_id"], ["resource_id", "flow_log_id"]],
        required_if=[["state", "present", ["resource_id"]]],
        required_one_of=[["log_group_name", "log_destination", "flow_log_id"]],
        required_by=dict(log_group_name=["resource_id"], log_destination=["resource_id"]),
        supports_check_mode=True,
    )
    params = module.params
    if (params["resource_id"] or "vpc-").split("-")[0] not in flow_logs.RESOURCE_TYPES:
        module.fail_json(msg=f"resource_id is {params['resource_id']}: it takes a vpc-, subnet- or eni- id.")
    if params["state"] == "present" and params["log_group_name"] and not params["deliver_logs_permission_arn"]:
        module.fail_json(msg="log_group_name takes deliver_logs_permission_arn as well: who may write to the group.")
    _errors.finish(module, present if params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
