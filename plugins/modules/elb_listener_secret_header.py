#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: elb_listener_secret_header
version_added: 0.2.0
short_description: Have a load balancer answer only who sends a secret header
description:
  - Adds two rules to each listener of an Application Load Balancer that forwards by default. The first forwards what
    carries the header with the value of a secret, the second refuses all the rest with status 403.
  - A distribution of CloudFront sends such a header, see O(threetier.aws.cloudfront_distribution#module:origins). So
    nobody comes past it.
  - The values of the versions C(AWSCURRENT) and C(AWSPREVIOUS) of the secret are accepted. So a secret can be changed
    while requests come in, the load balancer first, then who sends the header.
  - M(amazon.aws.elb_application_lb) would take the value in its arguments, and its result shows those of all rules.
    It leaves these rules alone as long as its option O(amazon.aws.elb_application_lb#module:listeners) names none.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  load_balancer:
    description:
      - The name of the load balancer.
      - In check mode it need not be there yet.
    type: str
    required: true
  header:
    description: The name of the header.
    type: str
    default: X-Origin-Verify
  secret_id:
    description:
      - The name or the ARN of the secret of Secrets Manager that holds the value as text, of letters and digits.
      - Required to close the listeners. The value stands in no result and in no diff.
      - In check mode it need not be there yet.
    type: str
  close:
    description:
      - Whether listeners are closed that are open. If it is V(false), those that are closed accept the secret's values
        of today, and others are left alone.
    type: bool
    default: true
  priority:
    description: The priority of the first rule. The second has the next one.
    type: int
    default: 1
  state:
    description: V(present) closes the listeners, V(absent) opens them to everybody again.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Refuse who comes past CloudFront
  threetier.aws.elb_listener_secret_header:
    load_balancer: demo-app-alb
    secret_id: demo-app-origin-verify

- name: Let everybody in again
  threetier.aws.elb_listener_secret_header:
    load_balancer: demo-app-alb
    state: absent
"""

RETURN = r"""
ports:
  description: The ports whose listeners are closed, or opened with O(state=absent).
  type: list
  elements: int
  returned: always
  sample: [443]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._elbv2 import listener_rules
from ansible_collections.threetier.aws.plugins.module_utils._secretsmanager import secrets


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("elbv2"), module.params
    gates = listener_rules.find(client, params["load_balancer"], params["header"])
    values = secrets.current_and_previous(module.client("secretsmanager"), params["secret_id"])
    if not module.check_mode and not (gates and values) and params["close"]:
        missing = f"secret {params['secret_id']}" if gates else f"listener of {params['load_balancer']} that forwards"
        raise AnsibleAWSError(message=f"There is no {missing}.")
    if not params["close"]:
        gates = [gate for gate in gates if gate.refusing and values]
    due = [gate for gate in gates if not listener_rules.is_closed(gate, values)]
    for gate in [] if module.check_mode else due:
        listener_rules.close(client, gate, params["header"], values, params["priority"])
    header = params["header"]
    before = [one for one in (listener_rules.shown(gate, header, values) for gate in gates) if one]
    after = [listener_rules.wanted(gate, header) for gate in gates]
    if params["close"] and not gates:
        after = [dict(header=header)]  # of a plan
    return dict(
        changed=bool(due) or not gates and params["close"],
        ports=[gate.listener["Port"] for gate in gates],
        diff=dict(before=dict(rules=before), after=dict(rules=after)),
    )


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("elbv2"), module.params
    gates = listener_rules.find(client, params["load_balancer"], params["header"])
    before = [one for one in (listener_rules.shown(gate, params["header"], []) for gate in gates) if one]
    for gate in [] if module.check_mode else gates:
        listener_rules.open_up(client, gate)
    return dict(
        changed=bool(before),
        ports=[gate.listener["Port"] for gate in gates],
        diff=dict(before=dict(rules=before), after=dict(rules=[])),
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            load_balancer=dict(required=True),
            header=dict(default="X-Origin-Verify"),
            secret_id=dict(no_log=False),
            close=dict(type="bool", default=True),
            priority=dict(type="int", default=1),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        required_if=[("state", "present", ["secret_id"])],
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
