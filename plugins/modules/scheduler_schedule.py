#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: scheduler_schedule
version_added: 0.2.0
short_description: Create, change or delete a schedule of EventBridge Scheduler
description:
  - Creates, changes or deletes a schedule, which is known by its name within its group. It fires at its time, without a
    window.
  - Schedules have no tags; their group has, see M(threetier.aws.scheduler_schedule_group).
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name.
    type: str
    required: true
  group_name:
    description: The group, which has to be there unless O(state=absent).
    type: str
    default: default
  description:
    description: What it is for.
    type: str
    default: ""
  schedule_expression:
    description:
      - When it fires, such as V(cron(0 5 * * ? *)), V(rate(1 day)) or V(at(2026-12-24T18:00:00)).
      - Needed unless O(state=absent).
    type: str
  schedule_expression_timezone:
    description: The time zone that the expression means, such as V(Europe/Berlin).
    type: str
    default: UTC
  enabled:
    description: Whether it fires.
    type: bool
    default: true
  target_arn:
    description: The ARN of the function, queue or topic that gets the event. Needed unless O(state=absent).
    type: str
  role_arn:
    description:
      - The role that delivers, which EventBridge Scheduler has to be able to assume. It may also have to send to
        O(dead_letter_arn).
      - Needed unless O(state=absent).
    type: str
  input:
    description: The event, as JSON. It may hold C(<aws.scheduler.scheduled-time>) and the like. Empty for AWS's own.
    type: str
    default: ""
  dead_letter_arn:
    description: The ARN of the queue that gets what could not be delivered. Empty for none, so that it is lost.
    type: str
    default: ""
  maximum_retry_attempts:
    description: How often a delivery that failed is tried again.
    type: int
    default: 185
  maximum_event_age:
    description: For how many seconds a delivery that failed is tried again.
    type: int
    default: 86400
  state:
    description: Whether it is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Call a function each morning
  threetier.aws.scheduler_schedule:
    name: daily-report
    group_name: demo-app-schedules
    schedule_expression: cron(0 5 * * ? *)
    target_arn: arn:aws:lambda:us-east-1:123456789012:function:demo-app-daily-report-lambda
    role_arn: arn:aws:iam::123456789012:role/demo-app-schedule-iam-role
    dead_letter_arn: arn:aws:sqs:us-east-1:123456789012:demo-app-reports-dead-letter-queue

- name: Delete it
  threetier.aws.scheduler_schedule:
    name: daily-report
    group_name: demo-app-schedules
    state: absent
"""

RETURN = r"""
schedule:
  description: The schedule in the words of the options; in check mode as it was found; empty if it is not there.
  type: dict
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._scheduler import schedules

_SETTINGS = (
    *("description", "schedule_expression", "schedule_expression_timezone", "enabled", "target_arn", "role_arn"),
    *("input", "dead_letter_arn", "maximum_retry_attempts", "maximum_event_age"),
)


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("scheduler"), module.params
    have = schedules.find(client, params["group_name"], params["name"])
    want = {key: params[key] for key in _SETTINGS}
    if have != want and not module.check_mode:
        schedules.put(client, params["group_name"], params["name"], want, new=not have)
    shown = have if module.check_mode else want
    return dict(changed=have != want, schedule=shown, diff=dict(before=have, after=want))


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("scheduler"), module.params
    have = schedules.find(client, params["group_name"], params["name"])
    if have and not module.check_mode:
        schedules.delete(client, params["group_name"], params["name"])
    return dict(changed=bool(have), schedule={}, diff=dict(before=have, after={}))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            group_name=dict(default="default"),
            description=dict(default=""),
            schedule_expression=dict(),
            schedule_expression_timezone=dict(default="UTC"),
            enabled=dict(type="bool", default=True),
            target_arn=dict(),
            role_arn=dict(),
            input=dict(default=""),
            dead_letter_arn=dict(default=""),
            maximum_retry_attempts=dict(type="int", default=185),
            maximum_event_age=dict(type="int", default=86400),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        required_if=[("state", "present", ["schedule_expression", "target_arn", "role_arn"])],
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
