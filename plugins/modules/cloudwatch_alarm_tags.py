#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_alarm_tags
version_added: 0.1.0
short_description: Tag a CloudWatch alarm
description:
  - Sets the tags of an alarm, which M(amazon.aws.cloudwatch_metric_alarm) cannot.
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
    description: The name of the alarm.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say whose alarm it is
  threetier.aws.cloudwatch_alarm_tags:
    name: demo-app-metadata-lambda-errors
    tags:
      Stack: demo-app
"""

RETURN = r"""
alarm_arn:
  description: The ARN of the alarm; empty in check mode before it is there.
  type: str
  returned: always
  sample: arn:aws:cloudwatch:us-east-1:123456789012:alarm:demo-app-metadata-lambda-errors
tags:
  description: The tags; in check mode those that it would have.
  type: dict
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._cloudwatch import alarms


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("cloudwatch"), module.params
    arn = alarms.alarm_arn(client, params["name"])
    if not arn and not module.check_mode:
        raise AnsibleAWSError(message=f"There is no alarm named {params['name']}.")
    before = alarms.tags(client, arn) if arn else {}
    wanted = before if params["tags"] is None else params["tags"]
    set_tags, drop_tags = compare_aws_tags(before, wanted, params["purge_tags"])
    after = {key: value for key, value in dict(before, **set_tags).items() if key not in drop_tags}
    if before != after and not module.check_mode:
        alarms.tag(client, arn, set_tags, drop_tags)
    return dict(changed=before != after, alarm_arn=arn, tags=after, diff=dict(before=before, after=after))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            tags=dict(type="dict", aliases=["resource_tags"]),
            purge_tags=dict(type="bool", default=True),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
