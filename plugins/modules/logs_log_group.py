#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_log_group
version_added: 0.2.0
short_description: Make a log group of CloudWatch Logs, and say for how long it keeps its events
description:
  - Makes a log group with a retention and tags, or sets these of one that is there. What it holds stays.
  - M(amazon.aws.cloudwatchlogs_log_group) sets another retention in check mode, too, and deletes the group with all
    that it holds where it does not know the retention.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The group's name.
    type: str
    required: true
  retention_in_days:
    description: For how many days an event is kept.
    type: int
    required: true
    choices: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
  tags:
    description: The group's tags. Others are removed.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Keep what a function says for a month
  threetier.aws.logs_log_group:
    name: /aws/lambda/demo-app-metadata-lambda
    retention_in_days: 30
    tags:
      Stack: demo-app
"""

RETURN = r"""
retention_in_days:
  description: For how many days an event is kept; in check mode for how many it would be.
  type: int
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._logs import groups

_RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, name = module.client("logs"), module.params["name"]
    before = groups.find(client, name)
    after = dict(retention_in_days=module.params["retention_in_days"], tags=module.params["tags"])
    changed = before != after
    if changed and not module.check_mode:
        if not before:
            groups.create(client, name, after["tags"])
        elif before["tags"] != after["tags"]:
            groups.tag(client, name, *compare_aws_tags(before["tags"], after["tags"]))
        if before.get("retention_in_days") != after["retention_in_days"]:
            groups.keep(client, name, after["retention_in_days"])
    return dict(changed=changed, retention_in_days=after["retention_in_days"], diff=dict(before=before, after=after))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            retention_in_days=dict(type="int", required=True, choices=_RETENTIONS),
            tags=dict(type="dict", default={}),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
