#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sns_subscription
version_added: 0.1.0
short_description: Subscribe one endpoint to an SNS topic
description:
  - Subscribes an endpoint to a topic, with a dead-letter queue for what cannot be delivered and a filter, or removes
    the subscription.
  - M(community.aws.sns_topic) knows neither redrive nor filter policies.
  - A person has to confirm a subscription by e-mail. Until then it is there but not confirmed, has no attributes,
    cannot be removed, and never counts as changed.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  topic_arn:
    description: The ARN of the topic.
    type: str
    required: true
  protocol:
    description: How the endpoint is reached.
    type: str
    choices: [email, email-json, http, https, lambda, sqs, sms, firehose, application]
    required: true
  endpoint:
    description: The endpoint, such as the address or the ARN of a function.
    type: str
    required: true
  dead_letter_queue_arn:
    description:
      - The SQS queue that gets what could not be delivered. Its policy must let the topic send messages.
      - An empty string takes the queue off; not given, it is left as it is.
    type: str
  raw_message_delivery:
    description: Whether a message is delivered without the envelope of SNS.
    type: bool
  filter_policy:
    description: Which messages are delivered. V({}) lets all through; not given, the filter is left as it is.
    type: dict
  filter_policy_scope:
    description: To what the filter applies.
    type: str
    choices: [MessageAttributes, MessageBody]
  state:
    description: Whether the subscription is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Call a function for each message, and keep what it never got
  threetier.aws.sns_subscription:
    topic_arn: arn:aws:sns:us-east-1:123456789012:demo-app-sns-topic
    protocol: lambda
    endpoint: arn:aws:lambda:us-east-1:123456789012:function:demo-app-metadata-lambda
    dead_letter_queue_arn: arn:aws:sqs:us-east-1:123456789012:demo-app-metadata-dead-letter-queue

- name: Write to a person, once that person has agreed
  threetier.aws.sns_subscription:
    topic_arn: arn:aws:sns:us-east-1:123456789012:demo-app-sns-topic
    protocol: email
    endpoint: someone@example.com
"""

RETURN = r"""
subscription_arn:
  description: The ARN; empty as long as the subscription is not confirmed, or in check mode before it is there.
  type: str
  returned: always
  sample: arn:aws:sns:us-east-1:123456789012:demo-app-sns-topic:11111111-2222-3333-4444-555555555555
confirmed:
  description: Whether messages are delivered; false for one that waits for a person, or is not there.
  type: bool
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._sns import subscriptions


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("sns"), module.params
    target = (params["topic_arn"], params["protocol"], params["endpoint"])
    found = subscriptions.find(client, *target)
    return absent(module, client, found) if params["state"] == "absent" else present(module, client, target, found)


def present(
    module: AnsibleAWSModule, client: Any, target: tuple[str, str, str], found: dict[str, Any]
) -> dict[str, Any]:
    waits = bool(found) and not found["confirmed"]  # and takes no attributes until a person has confirmed it
    wanted = {} if waits else subscriptions.wanted_attributes(module.params)
    have = found.get("attributes", {})
    missing = subscriptions.differing(have, wanted)
    before = {name: have.get(name) if name in missing else wanted[name] for name in wanted}
    changed = not found or bool(missing)
    diff = dict(before=dict(before, subscribed=True) if found else {}, after=dict(wanted, subscribed=True))
    if changed and not module.check_mode:
        if found:
            for name, value in missing.items():
                subscriptions.set_attribute(client, found["arn"], name, value)
        else:
            subscriptions.subscribe(client, *target, wanted)
        found = subscriptions.find(client, *target)
    return dict(
        changed=changed,
        subscription_arn=found.get("arn", ""),
        confirmed=found.get("confirmed", False),
        diff=diff,
    )


def absent(module: AnsibleAWSModule, client: Any, found: dict[str, Any]) -> dict[str, Any]:
    changed = bool(found) and found["confirmed"]  # SNS forgets one that nobody confirms
    if changed and not module.check_mode:
        subscriptions.unsubscribe(client, found["arn"])
    before = dict(subscribed=True) if found else {}
    diff = dict(before=before, after={} if changed else before)
    return dict(changed=changed, subscription_arn="", confirmed=False, diff=diff)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            topic_arn=dict(required=True),
            protocol=dict(
                required=True,
                choices=["email", "email-json", "http", "https", "lambda", "sqs", "sms", "firehose", "application"],
            ),
            endpoint=dict(required=True),
            dead_letter_queue_arn=dict(),
            raw_message_delivery=dict(type="bool"),
            filter_policy=dict(type="dict"),
            filter_policy_scope=dict(choices=["MessageAttributes", "MessageBody"]),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
