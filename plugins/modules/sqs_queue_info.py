#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sqs_queue_info
version_added: 0.2.0
short_description: Read a queue of SQS, how many messages wait in it included
description:
  - Reads the attributes of a queue. No other module tells how many messages wait in one.
  - Receives no message.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name of the queue.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Look for dead letters
  threetier.aws.sqs_queue_info:
    name: demo-app-metadata-dead-letter-queue
  register: found

- name: Say how many there are
  ansible.builtin.debug:
    msg: "{{ found['queues'][0]['approximate_number_of_messages'] }}"
"""

RETURN = r"""
queues:
  description: The queue, or nothing if there is none.
  type: list
  elements: dict
  returned: always
  contains:
    queue_url:
      description: The URL.
      type: str
      sample: https://queue.amazonaws.com/123456789012/demo-app-metadata-dead-letter-queue
    queue_arn:
      description: The ARN.
      type: str
      sample: arn:aws:sqs:us-east-1:123456789012:demo-app-metadata-dead-letter-queue
    approximate_number_of_messages:
      description: How many messages wait, about.
      type: int
      sample: 0
    approximate_number_of_messages_not_visible:
      description: How many messages somebody has received and not deleted yet, about.
      type: int
      sample: 0
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._sqs import queues


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client = module.client("sqs")
    url = queues.url_of(client, module.params["name"])
    found = queues.attributes(client, url) if url else {}
    described = [dict(camel_dict_to_snake_dict(found), queue_url=url)] if found else []
    return dict(changed=False, queues=described)


def main() -> None:
    module = AnsibleAWSModule(argument_spec=dict(name=dict(required=True)), supports_check_mode=True)
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
