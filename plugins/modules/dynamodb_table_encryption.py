#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: dynamodb_table_encryption
version_added: 0.2.0
short_description: Say with which key a DynamoDB table is encrypted
description:
  - DynamoDB encrypts every table at rest, with a key that AWS owns unless told otherwise. With a key of the account in
    KMS its use is logged, can be restricted and can be ended.
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
  key:
    description:
      - V(kms) encrypts the table with a key of the account in KMS.
      - V(aws_owned) encrypts it with a key that AWS owns, which costs nothing.
    type: str
    choices: [kms, aws_owned]
    default: kms
  kms_key_id:
    description: Id, ARN or alias of the key. The account's key for DynamoDB, C(alias/aws/dynamodb), by default.
    type: str
    default: alias/aws/dynamodb
  wait:
    description: Whether to wait until the table is encrypted with that key.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds to wait at most.
    type: int
    default: 600
"""

EXAMPLES = r"""
- name: Encrypt with a key that may be taken away
  threetier.aws.dynamodb_table_encryption:
    table_name: demo-app-file-metadata-dynamodb
    kms_key_id: alias/demo-app
"""

RETURN = r"""
encryption:
  description: How it stands; in check mode how it would stand.
  type: dict
  returned: always
  contains:
    key:
      description: V(kms) or V(aws_owned).
      type: str
    kms_key_arn:
      description: The ARN of the key; its alias where KMS makes the key only now.
      type: str
      returned: when it is a key of KMS
      sample: arn:aws:kms:us-east-1:123456789012:key/6d8972f3-2a6a-4f1c-9a6a-1d3e1f0b8d3a
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils._dynamodb import tables
from ansible_collections.threetier.aws.plugins.module_utils import _errors


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("dynamodb"), module.params
    before = tables.encryption(client, params["table_name"])
    after = dict(key=params["key"])
    if params["key"] == "kms":
        after["kms_key_arn"] = tables.key_arn(module.client("kms"), params["kms_key_id"])
    if not module.check_mode:
        if before != after:
            tables.encrypt(client, params["table_name"], after)
        if params["wait"]:
            tables.wait(client, params["table_name"], params["wait_timeout"])
    return dict(changed=before != after, encryption=after, diff=dict(before=before, after=after))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            table_name=dict(required=True),
            key=dict(choices=["kms", "aws_owned"], default="kms", no_log=False),
            kms_key_id=dict(default="alias/aws/dynamodb", no_log=False),
            wait=dict(type="bool", default=True),
            wait_timeout=dict(type="int", default=600),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
