#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: dynamodb_table_deletion_protection
version_added: 0.2.0
short_description: Turn the deletion protection of a DynamoDB table on or off
description:
  - Sets whether a table can be deleted. M(community.aws.dynamodb_table) does not know of it.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  table_name:
    description: The table. If there is none, nothing is done.
    type: str
    required: true
  enabled:
    description: Whether the table is protected from being deleted.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Protect the table
  threetier.aws.dynamodb_table_deletion_protection:
    table_name: demo-app-metadata-dynamodb-table
"""

RETURN = r"""
enabled:
  description: Whether the table is protected; in check mode whether it would be.
  type: bool
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._dynamodb import tables


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, table, wanted = module.client("dynamodb"), module.params["table_name"], module.params["enabled"]
    found = tables.protected(client, table)
    changed = found not in (None, wanted)
    if changed and not module.check_mode:
        tables.protect(client, table, wanted)
    return dict(changed=changed, enabled=wanted, diff=dict(before=dict(enabled=found), after=dict(enabled=wanted)))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(table_name=dict(required=True), enabled=dict(type="bool", default=True)),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
