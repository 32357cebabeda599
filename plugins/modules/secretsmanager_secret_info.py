#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: secretsmanager_secret_info
version_added: 0.1.0
short_description: Find a secret of Secrets Manager without reading its value
description:
  - Describes a secret. The lookup plugins for Secrets Manager hand out values, which most who need an ARN must not see.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name or the ARN of the secret.
    type: str
    required: true
  resource_policy:
    description: Whether to read its policy as well, which is a call more.
    type: bool
    default: false
    version_added: 0.2.0
  versions:
    description: Whether to list its versions as well, which is a call more.
    type: bool
    default: false
    version_added: 0.2.0
"""

EXAMPLES = r"""
- name: Find the application's credentials
  threetier.aws.secretsmanager_secret_info:
    name: demo-app-app-db
  register: found
"""

RETURN = r"""
secrets:
  description: The secret, or nothing if there is none or it is scheduled for deletion.
  type: list
  elements: dict
  returned: always
  contains:
    arn:
      description: The ARN.
      type: str
      sample: arn:aws:secretsmanager:us-east-1:123456789012:secret:demo-app-app-db-AbCdEf
    name:
      description: The name.
      type: str
      sample: demo-app-app-db
    description:
      description: What the secret is for.
      type: str
      sample: User and password with which the application logs in
    tags:
      description: The tags.
      type: dict
    policy:
      description: The document of its policy; nothing if it has none.
      type: dict
      returned: if O(resource_policy=true)
    versions:
      description: Ids of its versions, the newest first; also of those without label, until AWS deletes them.
      type: list
      elements: str
      returned: if O(versions=true)
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._secretsmanager import secrets


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client = module.client("secretsmanager")
    found = secrets.describe(client, module.params["name"])
    if module.params["resource_policy"]:
        found = [dict(one, policy=secrets.policy(client, one["arn"])) for one in found]
    if module.params["versions"]:
        found = [dict(one, versions=[each["id"] for each in secrets.versions(client, one["arn"])]) for one in found]
    return dict(changed=False, secrets=found)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            resource_policy=dict(type="bool", default=False),
            versions=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
