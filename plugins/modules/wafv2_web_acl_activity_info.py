#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: wafv2_web_acl_activity_info
version_added: 0.2.0
short_description: Say what a web ACL is on, and what it has blocked, allowed and counted of late
description:
  - Asks WAF which load balancers it is on, or CloudFront which distributions, CloudWatch for the counts, and WAF for
    samples of the requests that its rules have met.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The web ACL's name.
    type: str
    required: true
  scope:
    description: Its scope. Of V(CLOUDFRONT) the region has to be the one that has CloudFront's web ACLs.
    type: str
    choices: [REGIONAL, CLOUDFRONT]
    default: REGIONAL
  seconds:
    description: How many seconds back is looked; AWS keeps samples for three hours.
    type: int
    default: 3600
  samples:
    description: How many samples of each rule are returned at most.
    type: int
    default: 5
"""

EXAMPLES = r"""
- name: See what the firewall has done within the last hour
  threetier.aws.wafv2_web_acl_activity_info:
    name: demo-app-web-acl
  register: firewall
"""

RETURN = r"""
web_acl:
  description: The web ACL as GetWebACL returns it; empty if there is none of the name.
  type: dict
  returned: always
resources:
  description: The ARNs of the load balancers, or of the distributions, that it is on.
  type: list
  elements: str
  returned: always
requests:
  description: How many requests were C(allowed), C(blocked) and C(counted).
  type: dict
  returned: always
  sample: {allowed: 1200, blocked: 7, counted: 0}
samples:
  description: Requests that rules have met, the newest first.
  type: list
  elements: dict
  returned: always
  sample:
    - time: "2026-11-30T13:00:00+00:00"
      action: BLOCK
      rule: SQLi_QUERYARGUMENTS
      client_ip: 203.0.113.9
      method: GET
      uri: /api/v1/users?id=1'+OR+'1'='1
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._wafv2 import activity
from ansible_collections.threetier.aws.plugins.module_utils._wafv2 import web_acls


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    params, client = module.params, module.client("wafv2")
    scope, seconds = params["scope"], params["seconds"]
    acl = web_acls.find(client, params["name"], scope)
    if not acl:
        return dict(changed=False, web_acl={}, resources=[], requests={}, samples=[])
    regional = scope == "REGIONAL"
    metric, arn = acl["VisibilityConfig"]["MetricName"], acl["ARN"]
    used = activity.resources(client, arn) if regional else activity.distributions(module.client("cloudfront"), arn)
    rules = [rule["VisibilityConfig"]["MetricName"] for rule in acl["Rules"]]
    samples = [
        sample for rule in rules for sample in activity.samples(client, arn, scope, rule, seconds, params["samples"])
    ]
    region = client.meta.region_name if regional else None
    return dict(
        changed=False,
        web_acl=acl,
        resources=used,
        requests=activity.requests(module.client("cloudwatch"), metric, region, seconds),
        samples=sorted(samples, key=lambda sample: str(sample["time"]), reverse=True),
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            scope=dict(choices=["REGIONAL", "CLOUDFRONT"], default="REGIONAL"),
            seconds=dict(type="int", default=3600),
            samples=dict(type="int", default=5),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
