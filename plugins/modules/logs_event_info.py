#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_event_info
version_added: 0.2.0
short_description: Find lines in a log group of CloudWatch Logs
description:
  - Finds the events of the last while that hold one of some phrases.
  - M(amazon.aws.cloudwatchlogs_log_group_info) finds groups and no events.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  log_group_name:
    description: The name of the log group.
    type: str
    required: true
  phrases:
    description: Of these an event holds one at least.
    type: list
    elements: str
    required: true
  seconds:
    description: How far back to look.
    type: int
    default: 900
  limit:
    description: How many events to return at most, for each phrase and in all.
    type: int
    default: 100
"""

EXAMPLES = r"""
- name: Look for what the function failed at
  threetier.aws.logs_event_info:
    log_group_name: /aws/lambda/demo-app-metadata-lambda
    phrases: ["[ERROR]", "Task timed out"]
"""

RETURN = r"""
events:
  description: The events, the newest last. None if there is no such group.
  type: list
  elements: dict
  returned: always
  sample: [{time: "2026-11-21T08:00:00Z", message: "[ERROR] KeyError: 'TABLE_NAME'"}]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._logs import events


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params
    found = events.find(
        module.client("logs"), params["log_group_name"], params["phrases"], params["seconds"], params["limit"]
    )
    return dict(changed=False, events=found)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            log_group_name=dict(required=True),
            phrases=dict(type="list", elements="str", required=True),
            seconds=dict(type="int", default=900),
            limit=dict(type="int", default=100),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
