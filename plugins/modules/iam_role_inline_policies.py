#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_role_inline_policies
version_added: 0.2.0
short_description: Say which inline policies a role of IAM has
description:
  - Sets the policies that stand in a role itself, and deletes those that are not named.
  - M(amazon.aws.iam_policy) sees the one policy that it is given only, so it never finds one that somebody has added,
    and it fails in check mode where the role does not exist yet.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  role_name:
    description: The role's name. In check mode it need not exist.
    type: str
    required: true
  policies:
    description: Each policy's document by its name. V({}) deletes all.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Let instances read one bucket, and nothing else
  threetier.aws.iam_role_inline_policies:
    role_name: demo-app-s3-dynamo-iam-role
    policies:
      application:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: arn:aws:s3:::demo-app-backend-s3-bucket-123456789012/*
"""

RETURN = r"""
policies:
  description: Each policy's document by its name; in check mode as it would be.
  type: dict
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._iam import inline_policies


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, role, after = module.client("iam"), module.params["role_name"], module.params["policies"]
    before = inline_policies.found(client, role)
    missing, surplus = _desired_and_actual.missing_and_surplus(before, after, _desired_and_actual.same_policy)
    if not module.check_mode:
        for name in missing:
            inline_policies.put(client, role, name, after[name])
        for name in surplus:
            inline_policies.delete(client, role, name)
    return dict(changed=bool(missing or surplus), policies=after, diff=dict(before=before, after=after))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(role_name=dict(required=True), policies=dict(type="dict", required=True)),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
