#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_managed_prefix_list_info
version_added: 0.2.0
short_description: Find managed prefix lists of EC2
description:
  - Finds prefix lists by filters, such as those in which AWS keeps the addresses of its own services.
  - The rule of a security group takes the id of one, see O(amazon.aws.ec2_security_group#module:rules).
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  filters:
    description:
      - Filters of C(DescribeManagedPrefixLists), such as C(prefix-list-name) and C(owner-id).
      - Without any, all that the account sees are found.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Find the addresses from which CloudFront asks origins
  threetier.aws.ec2_managed_prefix_list_info:
    filters:
      prefix-list-name: com.amazonaws.global.cloudfront.origin-facing
  register: found
"""

RETURN = r"""
prefix_lists:
  description: The prefix lists, sorted by name.
  type: list
  elements: dict
  returned: always
  contains:
    prefix_list_id:
      description: The id.
      type: str
      sample: pl-3b927c52
    prefix_list_name:
      description: The name.
      type: str
      sample: com.amazonaws.global.cloudfront.origin-facing
    address_family:
      description: V(IPv4) or V(IPv6).
      type: str
      sample: IPv4
    owner_id:
      description: The account that owns it; V(AWS) for those of AWS.
      type: str
      sample: AWS
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.transformation import ansible_dict_to_boto3_filter_list

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._ec2 import prefix_lists


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    filters = ansible_dict_to_boto3_filter_list(module.params["filters"])
    return dict(changed=False, prefix_lists=prefix_lists.find(module.client("ec2"), filters))


def main() -> None:
    module = AnsibleAWSModule(argument_spec=dict(filters=dict(type="dict", default={})), supports_check_mode=True)
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
