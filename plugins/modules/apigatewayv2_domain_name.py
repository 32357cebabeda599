#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: apigatewayv2_domain_name
version_added: 0.2.0
short_description: Give an HTTP API of API Gateway a name of its own
description:
  - Creates, changes or deletes a custom domain name, with TLS 1.2 or newer, that leads to the stage C($default) of one
    API. Mappings of paths below it are left alone.
  - Somebody has to make the record that leads from the name to RV(domain_name.target).
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  name:
    description: The name.
    type: str
    required: true
  certificate_arn:
    description: A certificate of ACM in this region that covers the name. Needed unless O(state=absent).
    type: str
  api_id:
    description: The API. Needed unless O(state=absent).
    type: str
  state:
    description: Whether it is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let the API answer as reports.example.com
  threetier.aws.apigatewayv2_domain_name:
    name: reports.example.com
    certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/4bf5be0e-5de7-4b1a-a8a5-a64b0c9e7b1f
    api_id: a1b2c3d4e5

- name: Delete the name
  threetier.aws.apigatewayv2_domain_name:
    name: reports.example.com
    state: absent
"""

RETURN = r"""
domain_name:
  description: The domain name; in check mode as it was found; empty if it is not there.
  type: dict
  returned: always
  contains:
    target:
      description: The name that an alias has to lead to.
      type: str
      sample: d-a1b2c3d4e5.execute-api.us-east-1.amazonaws.com
    hosted_zone_id:
      description: The hosted zone of that name.
      type: str
      sample: Z1UJRXOUMOOFQ8
    certificate_arn:
      description: The ARN of its certificate.
      type: str
    api_id:
      description: The API that it leads to.
      type: str
      sample: a1b2c3d4e5
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils import _tags
from ansible_collections.threetier.aws.plugins.module_utils._apigatewayv2 import domain_names
from ansible_collections.threetier.aws.plugins.module_utils._apigatewayv2 import tags


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("apigatewayv2"), module.params
    found = domain_names.find(client, params["name"])
    have = domain_names.state(client, found)
    want = dict(certificate_arn=params["certificate_arn"], api_id=params["api_id"])
    want["tags"] = _tags.wanted(params, have.get("tags", {}))
    if have != want and not module.check_mode:
        if found:
            tags.apply(client, f"domainnames/{params['name']}", have["tags"], want["tags"])
        found = domain_names.apply(client, params["name"], have, want)
    shown = have if module.check_mode else want
    return dict(changed=have != want, domain_name=described(found, shown), diff=dict(before=have, after=want))


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client = module.client("apigatewayv2")
    found = domain_names.find(client, module.params["name"])
    have = domain_names.state(client, found)
    if found and not module.check_mode:
        domain_names.delete(client, module.params["name"])
    return dict(changed=bool(found), domain_name={}, diff=dict(before=have, after={}))


def described(found: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    if not found:
        return {}
    settings = found["DomainNameConfigurations"][0]
    return dict(target=settings["ApiGatewayDomainName"], hosted_zone_id=settings["HostedZoneId"], **state)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            certificate_arn=dict(),
            api_id=dict(),
            state=dict(choices=["present", "absent"], default="present"),
            tags=dict(type="dict", aliases=["resource_tags"]),
            purge_tags=dict(type="bool", default=True),
        ),
        required_if=[("state", "present", ["certificate_arn", "api_id"])],
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
