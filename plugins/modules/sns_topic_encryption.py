#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sns_topic_encryption
version_added: 0.2.0
short_description: Say with which key of KMS an SNS topic is encrypted
description:
  - SNS encrypts the messages of a topic while they wait to be delivered, with a key of KMS. M(community.aws.sns_topic)
    does not know of it.
  - Services that publish to the topic, as S3 and CloudWatch do, must be allowed to by the key's policy. The policy of
    the account's own key for SNS, C(alias/aws/sns), cannot be changed, so they cannot publish to what it encrypts.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  topic_arn:
    description: The topic.
    type: str
    required: true
  kms_key_id:
    description: Id, ARN or alias of the key. Empty to encrypt the topic no longer.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Encrypt what waits for delivery
  threetier.aws.sns_topic_encryption:
    topic_arn: arn:aws:sns:us-east-1:123456789012:demo-app-sns-topic
    kms_key_id: arn:aws:kms:us-east-1:123456789012:key/6d8972f3-2a6a-4f1c-9a6a-1d3e1f0b8d3a
"""

RETURN = r"""
kms_key_id:
  description: The topic's key, as it was given; in check mode the one that it would have. Empty if it is not encrypted.
  type: str
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._sns import topics


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, arn, wanted = module.client("sns"), module.params["topic_arn"], module.params["kms_key_id"]
    found = topics.key(client, arn)
    if found != wanted and not module.check_mode:
        topics.set_key(client, arn, wanted)
    diff = dict(before=dict(kms_key_id=found), after=dict(kms_key_id=wanted))
    return dict(changed=found != wanted, kms_key_id=wanted, diff=diff)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(topic_arn=dict(required=True), kms_key_id=dict(default="", no_log=False)),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
