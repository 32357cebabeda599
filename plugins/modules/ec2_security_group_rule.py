#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_security_group_rule
version_added: 0.1.0
short_description: Open or close one inbound rule of a security group
description:
  - Adds one inbound rule to a security group, or removes it, and leaves all other rules as they are.
  - M(amazon.aws.ec2_security_group) can add a rule without purging, but takes one away only by declaring all others;
    this module is for an opening that is not there all the time and belongs to somebody else than the group.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  group_id:
    description: The id of the security group that has the rule.
    type: str
    required: true
  source_group_id:
    description: The id of the security group whose members are let in.
    type: str
    required: true
  port:
    description: The TCP port.
    type: int
    required: true
  description:
    description:
      - Why the rule is there, as people see it.
      - The description of a rule that is there already is left alone.
    type: str
    default: ""
  state:
    description: Whether the rule is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Open the database to the builder
  threetier.aws.ec2_security_group_rule:
    group_id: sg-0123456789abcdef0
    source_group_id: sg-0fedcba9876543210
    port: 3306
    description: The builder of images, while it migrates the schema

- name: Close it again
  threetier.aws.ec2_security_group_rule:
    group_id: sg-0123456789abcdef0
    source_group_id: sg-0fedcba9876543210
    port: 3306
    state: absent
"""

RETURN = r"""
rule_ids:
  description: The ids of the rules found or made; none in check mode before the rule is there, or once it is gone.
  type: list
  elements: str
  returned: always
  sample: [sgr-0123456789abcdef0]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._ec2 import security_groups


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client = module.client("ec2")
    params = module.params
    rule = security_groups.Rule(params["group_id"], params["source_group_id"], params["port"])
    before = security_groups.rule_ids(client, rule)
    wanted = params["state"] == "present"
    changed = wanted != bool(before)
    after = before if wanted else []
    if changed and not module.check_mode:
        if wanted:
            after = security_groups.open_rule(client, rule, params["description"])
        else:
            security_groups.close_rules(client, rule, before)
    said = {"from_group": rule.source_group_id, "port": rule.port}
    return {
        "changed": changed,
        "rule_ids": after,
        "diff": {"before": said if before else {}, "after": said if wanted else {}},
    }


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "group_id": {"required": True},
            "source_group_id": {"required": True},
            "port": {"type": "int", "required": True},
            "description": {"default": ""},
            "state": {"choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
