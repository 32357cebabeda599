#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: dynamodb_continuous_backups
version_added: 0.1.0
short_description: Turn point-in-time recovery of a DynamoDB table on or off
description:
  - Turns point-in-time recovery of a table on or off and says how far back it reaches.
  - M(community.aws.dynamodb_table) does not know of it.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - threetier.aws.dynamodb
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  point_in_time_recovery:
    description: Whether the table can be restored to any second of the last days.
    type: bool
    default: true
  recovery_period_in_days:
    description: How many days back, from 1 to 35.
    type: int
    default: 35
"""

EXAMPLES = r"""
- name: Be able to take the table back to any second of the last five weeks
  threetier.aws.dynamodb_continuous_backups:
    table_name: demo-app-file-metadata-dynamodb
"""

RETURN = r"""
point_in_time_recovery:
  description: How it stands; in check mode how it would stand.
  type: dict
  returned: always
  contains:
    enabled:
      description: Whether it is on.
      type: bool
    recovery_period_in_days:
      description: How many days back.
      type: int
      returned: when it is on
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._dynamodb import tables


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("dynamodb"), module.params
    before = tables.recovery(client, params["table_name"])
    after = dict(enabled=params["point_in_time_recovery"])
    if after["enabled"]:
        after["recovery_period_in_days"] = params["recovery_period_in_days"]
    if before != after and not module.check_mode:
        tables.set_recovery(client, params["table_name"], after)
    return dict(changed=before != after, point_in_time_recovery=after, diff=dict(before=before, after=after))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            table_name=dict(required=True),
            point_in_time_recovery=dict(type="bool", default=True),
            recovery_period_in_days=dict(type="int", default=35),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
