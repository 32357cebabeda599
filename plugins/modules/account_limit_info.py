#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_limit_info
version_added: 0.2.0
short_description: Say what an account has no room for
description:
  - Holds what a run would make against the quotas of the account in this region and what they leave, and against the
    account's block of public access to buckets. So a run that would fail half-way is refused before it makes anything.
  - What AWS does not tell, because a right is missing for one, is no problem but a warning.
  - All is asked side by side, and nothing is asked about what is not needed.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  account_id:
    description: The account's number. It is needed where O(needs[].public_buckets) names some.
    type: str
    default: ""
  needs:
    description: What would be made. The elements are added up, so that each role can say its own.
    type: list
    elements: dict
    required: true
    suboptions:
      vpcs:
        description: How many VPCs.
        type: int
        default: 0
      elastic_ips:
        description: How many Elastic IP addresses.
        type: int
        default: 0
      nat_gateways:
        description: The availability zone of each NAT gateway.
        type: list
        elements: str
        default: []
      instance_types:
        description:
          - The type of each On-Demand instance.
          - Types outside of the families A, C, D, H, I, M, R, T and Z have other quotas and are not looked at.
        type: list
        elements: str
        default: []
      public_buckets:
        description: The names of buckets that everybody may read.
        type: list
        elements: str
        default: []
"""

EXAMPLES = r"""
- name: Look at what the account has room for
  threetier.aws.account_limit_info:
    needs:
      - vpcs: 1
        elastic_ips: 1
        nat_gateways: [us-east-1a]
      - instance_types: [t3.micro, t3.micro]
        public_buckets: [demo-app-frontend-s3-bucket-123456789012]
    account_id: "123456789012"
  register: limits

- name: Refuse what there is no room for
  ansible.builtin.assert:
    that: limits['problems'] | length == 0
    fail_msg: "{{ limits['problems'] | join(' ') }}"
"""

RETURN = r"""
problems:
  description: A sentence for each thing that there is no room for.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _account_limits
from ansible_collections.threetier.aws.plugins.module_utils import _errors

_LISTS = ("nat_gateways", "instance_types", "public_buckets")


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    needs: dict[str, Any] = {name: sum(one[name] for one in module.params["needs"]) for name in ("vpcs", "elastic_ips")}
    needs |= {name: [each for one in module.params["needs"] for each in one[name]] for name in _LISTS}
    clients = {"ec2": module.client("ec2"), "service-quotas": module.client("service-quotas")}
    if needs["public_buckets"]:
        clients["s3control"] = module.client("s3control")
    account_id = module.params["account_id"]
    problems, unknown = _account_limits.problems(clients, str(module.region), account_id, needs)
    if unknown:
        module.warn(f"Not all limits of the account were looked at: {' '.join(unknown)}")
    return dict(changed=False, problems=problems)


def main() -> None:
    count = dict(type="int", default=0)
    names = dict(type="list", elements="str", default=[])
    needs = dict(vpcs=count, elastic_ips=count, **dict.fromkeys(_LISTS, names))
    module = AnsibleAWSModule(
        argument_spec=dict(
            account_id=dict(default=""), needs=dict(type="list", elements="dict", required=True, options=needs)
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
