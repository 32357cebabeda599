#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: secretsmanager_secret_rotation
version_added: 0.2.0
short_description: Rotate a secret of Secrets Manager step by step
description:
  - Makes a new version of a secret that holds a user's name and password, makes it the one in use, and ends the
    rotation. Between these steps somebody has to give the password to the database.
  - The password is made by the module. It is neither taken nor returned, and no value of the secret is read.
  - M(community.aws.secretsmanager_secret) replaces the value at once, so that no moment is left for the database.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name or the ARN of the secret.
    type: str
    required: true
  step:
    description:
      - With V(begin) there is a version with the label C(AWSPENDING). One that a run of before has left is kept, so
        that a second run goes on with it.
      - With V(promote) that version is the one in use, C(AWSCURRENT).
      - With V(finish) no version has the label C(AWSPENDING).
    type: str
    choices: [begin, promote, finish]
    required: true
  username:
    description: The user's name, for O(step=begin).
    type: str
"""

EXAMPLES = r"""
- name: Make a new password
  threetier.aws.secretsmanager_secret_rotation:
    name: demo-app-app-db
    step: begin
    username: app
  register: rotation
"""

RETURN = r"""
version:
  description: The id of the version that the rotation makes the one in use. Empty if there is no rotation.
  type: str
  returned: always
  sample: 6b3bcb5f-53a3-4c9b-9a39-39b1a0d9e1ad
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._secretsmanager import rotation
from ansible_collections.threetier.aws.plugins.module_utils._secretsmanager import secrets


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, name = module.client("secretsmanager"), module.params["name"]
    versions = secrets.versions(client, name)
    now, then = rotation.labels(versions), rotation.wanted(versions, module.params["step"])
    if then != now and not module.check_mode:
        rotation.apply(client, name, now, then, module.params["username"])
    return dict(
        changed=then != now,
        version=now.pending or then.pending,
        diff=dict(before=now._asdict(), after=then._asdict()),
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            step=dict(required=True, choices=["begin", "promote", "finish"]),
            username=dict(),
        ),
        required_if=[("step", "begin", ["username"])],
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
