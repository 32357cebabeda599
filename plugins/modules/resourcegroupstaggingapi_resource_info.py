#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: resourcegroupstaggingapi_resource_info
version_added: 0.1.0
short_description: Find every resource that carries certain tags, in all services
description:
  - Asks each service for its resources with the tags, and the Resource Groups Tagging API for types not listed here.
  - Unlike the tagging API alone it knows Auto Scaling groups and IAM, and does not show what was deleted lately.
  - Nothing is left out silently; a service that can't be asked is an error.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed, or would change in C(check_mode), when in diff mode.
    support: none
options:
  tags:
    description: The tags, all of which a resource must carry. At least one.
    type: dict
    required: true
  types:
    description:
      - Types to look for, such as V(ec2:vpc) and V(rds:db). All of them, and those of the tagging API, by default.
    type: list
    elements: str
  names:
    description:
      - By type, names (or shell patterns of names) of resources that are found as well, as long as they carry none of
        the keys in O(tags). Some services are told of a resource's tags in a second call, and a run may be cut off
        between the two; others make resources that nobody has tagged, such as log groups.
    type: dict
    default: {}
    version_added: 0.2.0
"""

EXAMPLES = r"""
- name: Find all that belongs to a stack
  threetier.aws.resourcegroupstaggingapi_resource_info:
    tags:
      Stack: demo-app
  register: found

- name: And a log group that the service may have made
  threetier.aws.resourcegroupstaggingapi_resource_info:
    tags:
      Stack: demo-app
    names:
      logs:log-group: [/aws/lambda/demo-app-metadata-lambda]
  register: found

- name: Show its VPCs
  ansible.builtin.debug:
    msg: "{{ found['ids']['ec2:vpc'] }}"
"""

RETURN = r"""
resources:
  description: The resources, in no special order.
  type: list
  elements: dict
  returned: always
  contains:
    type:
      description: Service and kind, as in an ARN.
      type: str
      sample: ec2:vpc
    id:
      description: What modules take to name it; an id, a name, or an ARN where the service has nothing else.
      type: str
      sample: vpc-0123456789abcdef0
    tags:
      description: All its tags.
      type: dict
    properties:
      description: What its removal has to know of it, such as a subnet's VPC and a database's status.
      type: dict
      sample: {vpc_id: vpc-0123456789abcdef0, cidr_block: 10.0.1.0/24}
ids:
  description: The ids by type. Every type listed is there, most of them with an empty list.
  type: dict
  returned: always
"""

from concurrent.futures import ThreadPoolExecutor

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils import _tagged_resources


def run(module: AnsibleAWSModule) -> dict:
    wanted = {key: str(value) for key, value in module.params["tags"].items()}
    types, names = module.params["types"], module.params["names"]
    listings = [listing for listing in _tagged_resources.LISTINGS if types is None or listing.type in types]
    clients = {listing.service: module.client(listing.service) for listing in listings}
    tagging = module.client("resourcegroupstaggingapi") if types is None else None
    # Dozens of questions to services that know nothing of each other
    with ThreadPoolExecutor(max_workers=8) as side_by_side:
        answers = [
            side_by_side.submit(
                _tagged_resources.listed, clients[listing.service], listing, wanted, names.get(listing.type, [])
            )
            for listing in listings
        ]
        if tagging:
            answers.append(side_by_side.submit(_tagged_resources.others, tagging, wanted))
    resources = [resource for answer in answers for resource in answer.result()]
    ids = {kind: [] for kind in _tagged_resources.TYPES}
    for resource in resources:
        ids.setdefault(resource["type"], []).append(resource["id"])
    return dict(changed=False, resources=resources, ids=ids)


def main():
    module = AnsibleAWSModule(
        argument_spec=dict(
            tags=dict(type="dict", required=True),
            types=dict(type="list", elements="str"),
            names=dict(type="dict", default={}),
        ),
        supports_check_mode=True,
    )
    if not module.params["tags"]:
        module.fail_json(msg="tags is empty: every resource of the account would be meant.")
    unknown = {*(module.params["types"] or []), *module.params["names"]} - set(_tagged_resources.TYPES)
    if unknown:
        module.fail_json(
            msg=f"Unknown types: {', '.join(sorted(unknown))}. There are {', '.join(_tagged_resources.TYPES)}."
        )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
