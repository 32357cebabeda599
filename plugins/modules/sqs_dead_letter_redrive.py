#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: sqs_dead_letter_redrive
version_added: 0.2.0
short_description: Hand the dead letters of a Lambda function to it again
description:
  - Calls a function with each event in its dead-letter queue, one after the other, and waits for each outcome. An
    event leaves the queue once the function has dealt with it. What fails again stays.
  - Takes what Lambda puts there after its last attempt, and what SNS and EventBridge Scheduler could not deliver to the
    function.
  - SQS itself can move messages only to where a queue is the source, and publishing them to the topic once more would
    reach its other subscribers too.
  - The function gets an event again if this module is interrupted between the call and the deletion, as always with
    events that come at least once.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Says changed where messages wait; receives none.
    support: full
  diff_mode:
    description: Says how many messages wait before and after; beforehand, as if none would fail again.
    support: full
options:
  queue_name:
    description: The name of the dead-letter queue.
    type: str
    required: true
  function_name:
    description: The name of the function.
    type: str
    required: true
  timeout:
    description: For how many seconds a message is hidden from others, all calls of the run included.
    type: int
    default: 3600
  limit:
    description: How many messages to take at most.
    type: int
    default: 10000
"""

EXAMPLES = r"""
- name: Deal with what failed
  threetier.aws.sqs_dead_letter_redrive:
    queue_name: demo-app-metadata-dead-letter-queue
    function_name: demo-app-metadata-lambda
"""

RETURN = r"""
waiting:
  description: How many messages waited before, about.
  type: int
  returned: always
  sample: 12
redriven:
  description: How many the function has dealt with. In check mode how many would be tried.
  type: int
  returned: always
  sample: 11
kept:
  description: Those that stay in the queue, and why.
  type: list
  elements: dict
  returned: always
  sample: [{message_id: 5fea7756-0ea4-451a-a703-a558b933e274, problem: "KeyError: 'TABLE_NAME'"}]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._sqs import queues


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("sqs"), module.params
    url = queues.url_of(client, params["queue_name"])
    if not url:
        raise AnsibleAWSError(message=f"There is no queue {params['queue_name']}.")
    waiting = queues.attributes(client, url)["ApproximateNumberOfMessages"]
    outcome = queues.Outcome(done=min(waiting, params["limit"]))
    if not module.check_mode:
        outcome = queues.redrive(
            client, module.client("lambda"), url, params["function_name"], params["timeout"], params["limit"]
        )
    return dict(
        changed=outcome.done > 0,
        waiting=waiting,
        redriven=outcome.done,
        kept=outcome.kept,
        diff=dict(before=dict(messages=waiting), after=dict(messages=max(0, waiting - outcome.done))),
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            queue_name=dict(required=True),
            function_name=dict(required=True),
            timeout=dict(type="int", default=3600),
            limit=dict(type="int", default=10000),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
