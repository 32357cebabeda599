#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: wafv2_logging_configuration
version_added: 0.2.0
short_description: Say where the requests that a web ACL has decided over are logged
description:
  - Sets or removes the logging configuration of a web ACL, with a log group of CloudWatch Logs as its destination.
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  web_acl_arn:
    description: The web ACL. One of scope CLOUDFRONT is in the region that has CloudFront's web ACLs.
    type: str
    required: true
  log_group_name:
    description:
      - The log group, which is in the web ACL's region and whose name begins with C(aws-waf-logs-), or WAF refuses it.
      - Needed if O(state=present).
    type: str
  redacted_headers:
    description: The headers whose values are not logged.
    type: list
    elements: str
    default: []
  actions:
    description: Only requests that have met one of these actions are logged; by default all are.
    type: list
    elements: str
    choices: [ALLOW, BLOCK, COUNT, CAPTCHA, CHALLENGE, EXCLUDED_AS_COUNT]
    default: []
  state:
    description: Whether the web ACL logs.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Log what is blocked and counted
  threetier.aws.wafv2_logging_configuration:
    web_acl_arn: arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/demo-app-web-acl/5f7c2c1e
    log_group_name: aws-waf-logs-demo-app
    redacted_headers: [Authorization, Cookie]
    actions: [BLOCK, COUNT]
"""

RETURN = r"""
logging_configuration:
  description: The configuration, with AWS's keys; empty if there is none.
  type: dict
  returned: always
  sample:
    ResourceArn: arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/demo-app-web-acl/5f7c2c1e
    LogDestinationConfigs: ["arn:aws:logs:eu-central-1:123456789012:log-group:aws-waf-logs-demo-app"]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._wafv2 import logging


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("wafv2"), module.params
    arn = params["web_acl_arn"]
    before, after = logging.find(client, arn), {}
    if params["state"] == "present":
        after = logging.configuration(arn, params["log_group_name"], params["redacted_headers"], params["actions"])
    changed = not logging.same(before, after)
    if changed and not module.check_mode:
        if after:
            logging.put(client, after)
        else:
            logging.delete(client, arn)
    found = after if changed else before
    return dict(changed=changed, logging_configuration=found, diff=dict(before=before, after=found))


def main() -> None:
    actions = ["ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE", "EXCLUDED_AS_COUNT"]
    module = AnsibleAWSModule(
        argument_spec=dict(
            web_acl_arn=dict(required=True),
            log_group_name=dict(),
            redacted_headers=dict(type="list", elements="str", default=[]),
            actions=dict(type="list", elements="str", choices=actions, default=[]),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        required_if=[["state", "present", ["log_group_name"]]],
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
