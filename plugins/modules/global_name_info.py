#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: global_name_info
version_added: 0.2.0
short_description: Say which global names a stack cannot take
description:
  - IAM roles and buckets have names that are not a region's own. A stack of the same name in another region would take
    over what is there, and its teardown would delete it.
  - A name is taken if the resource is tagged V(Region) with another region, stands in another region (buckets), is
    tagged V(Stack) or V(ManagedBy) with something else, or belongs to another account (buckets).
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  stack:
    description: The stack that wants the names.
    type: str
    required: true
  roles:
    description: Names of IAM roles.
    type: list
    elements: str
    default: []
  buckets:
    description: Names of buckets.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Find out whether the stack can have its names in this region
  threetier.aws.global_name_info:
    stack: demo-app
    roles: [demo-app-lambda-iam-role]
    buckets: [demo-app-backend-s3-bucket-123456789012]
  register: names

- name: Refuse names that are taken
  ansible.builtin.assert:
    that: names['problems'] | length == 0
    fail_msg: "{{ names['problems'] | join(' ') }}"
"""

RETURN = r"""
problems:
  description: A sentence for each name that is taken; none if all are free, or the stack's own in this region.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils import _global_names


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    wanted, region = module.params, str(module.region)
    iam, s3 = module.client("iam"), module.client("s3")
    roles = {name: _global_names.role(iam, name) for name in wanted["roles"]}
    buckets = {name: _global_names.bucket(s3, name) for name in wanted["buckets"]}
    return dict(changed=False, problems=_global_names.problems(wanted["stack"], region, roles, buckets))


def main() -> None:
    names = dict(type="list", elements="str", default=[])
    module = AnsibleAWSModule(
        argument_spec=dict(stack=dict(required=True), roles=names, buckets=names), supports_check_mode=True
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
