#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket_notification
version_added: 0.1.0
short_description: Add or remove one event notification of a bucket
description:
  - Adds, changes or removes one notification of a bucket, known by its name, and leaves all others as they are.
  - S3 takes only the whole configuration. M(community.aws.s3_bucket_notification) writes it back without EventBridge,
    which so is turned off, and fails if S3 cannot reach a destination yet whose policy has just been written.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  bucket:
    description: The bucket.
    type: str
    required: true
  name:
    description: The name of the notification.
    type: str
    required: true
  topic_arn:
    description: The SNS topic that is told. Its policy must let S3 publish.
    type: str
  queue_arn:
    description: The SQS queue that is told. Its policy must let S3 send messages.
    type: str
  function_arn:
    description: The Lambda function that is told. It must permit S3 to invoke it.
    type: str
  events:
    description: Of what it is told. Needed if O(state=present).
    type: list
    elements: str
  prefix:
    description: Only objects whose key starts like this.
    type: str
    default: ""
  suffix:
    description: Only objects whose key ends like this.
    type: str
    default: ""
  state:
    description: Whether the notification is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Tell a topic of every new object
  threetier.aws.s3_bucket_notification:
    bucket: demo-app-backend-s3-bucket-123456789012
    name: demo-app-s3-object-upload-notification
    topic_arn: arn:aws:sns:us-east-1:123456789012:demo-app-sns-topic
    events: ["s3:ObjectCreated:*"]
"""

RETURN = r"""
notification:
  description: The notification as S3 keeps it; nothing once it is gone.
  type: dict
  returned: always
  sample:
    Id: demo-app-s3-object-upload-notification
    Events: ["s3:ObjectCreated:*"]
    TopicArn: arn:aws:sns:us-east-1:123456789012:demo-app-sns-topic
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._s3 import buckets


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("s3"), module.params
    configuration = buckets.notifications(client, params["bucket"])
    before = buckets.find_notification(configuration, params["name"])
    after = buckets.wanted_notification(params) if params["state"] == "present" else {}
    if before != after and not module.check_mode:
        buckets.put_notifications(
            client, params["bucket"], buckets.merge_notification(configuration, params["name"], after)
        )
    return dict(changed=before != after, notification=after, diff=dict(before=before, after=after))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            bucket=dict(required=True),
            name=dict(required=True),
            topic_arn=dict(),
            queue_arn=dict(),
            function_arn=dict(),
            events=dict(type="list", elements="str"),
            prefix=dict(default=""),
            suffix=dict(default=""),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        mutually_exclusive=[["topic_arn", "queue_arn", "function_arn"]],
        required_if=[
            ["state", "present", ["events"]],
            ["state", "present", ["topic_arn", "queue_arn", "function_arn"], True],
        ],
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
