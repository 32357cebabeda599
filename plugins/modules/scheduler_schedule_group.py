#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: scheduler_schedule_group
version_added: 0.2.0
short_description: Create, tag or delete a group of schedules of EventBridge Scheduler
description:
  - Creates, tags or deletes a group, by whose tags its schedules are found, for they have none themselves.
  - With a group all schedules in it are deleted, by AWS, within minutes.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  name:
    description: The name.
    type: str
    required: true
  state:
    description: Whether it is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Have a group for the stack's schedules
  threetier.aws.scheduler_schedule_group:
    name: demo-app-schedules
    tags: {Stack: demo-app}

- name: Delete it, with all schedules in it
  threetier.aws.scheduler_schedule_group:
    name: demo-app-schedules
    state: absent
"""

RETURN = r"""
group:
  description: The group; in check mode as it was found; empty if it is not there.
  type: dict
  returned: always
  contains:
    arn:
      description: The ARN.
      type: str
      sample: arn:aws:scheduler:us-east-1:123456789012:schedule-group/demo-app-schedules
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils import _tags
from ansible_collections.threetier.aws.plugins.module_utils._scheduler import schedules


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("scheduler"), module.params
    found = schedules.find_group(client, params["name"])
    have = found.get("tags", {})
    want = _tags.wanted(params, have)
    changed, before = not found or have != want, dict(tags=have) if found else {}
    if changed and not module.check_mode:
        if found:
            schedules.tag_group(client, found["arn"], *compare_aws_tags(have, want))
        arn = found["arn"] if found else schedules.create_group(client, params["name"], want)
        found = dict(arn=arn, tags=want)
    return dict(changed=changed, group=found, diff=dict(before=before, after=dict(tags=want)))


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("scheduler"), module.params
    found = schedules.find_group(client, params["name"])
    if found and not module.check_mode:
        schedules.delete_group(client, params["name"])
    before = dict(tags=found["tags"]) if found else {}
    return dict(changed=bool(found), group={}, diff=dict(before=before, after={}))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            state=dict(choices=["present", "absent"], default="present"),
            tags=dict(type="dict", aliases=["resource_tags"]),
            purge_tags=dict(type="bool", default=True),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
