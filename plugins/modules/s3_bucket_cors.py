#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket_cors
version_added: 0.1.0
short_description: Set which web pages of other origins may use a bucket
description:
  - Sets or removes the cross-origin rules of a bucket.
  - M(community.aws.s3_cors) says changed on every run and knows no check mode.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  bucket:
    description: The bucket.
    type: str
    required: true
  rules:
    description: The rules, all of them; the first that matches a request counts. Needed if O(state=present).
    type: list
    elements: dict
    suboptions:
      allowed_origins:
        description: The origins, as in V(https://www.example.com), or V(*).
        type: list
        elements: str
        required: true
      allowed_methods:
        description: What they may do.
        type: list
        elements: str
        choices: [GET, PUT, POST, DELETE, HEAD]
        required: true
      allowed_headers:
        description: The headers that they may send.
        type: list
        elements: str
      expose_headers:
        description: The headers of the answer that scripts may read.
        type: list
        elements: str
      max_age_seconds:
        description: For how long a browser may remember the answer to its preflight request.
        type: int
  state:
    description: Whether the bucket has cross-origin rules.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let pages upload with presigned addresses
  threetier.aws.s3_bucket_cors:
    bucket: demo-app-backend-s3-bucket-123456789012
    rules:
      - allowed_origins: ["https://www.example.com"]
        allowed_methods: [GET, PUT]
        allowed_headers: ["*"]
        expose_headers: [ETag]
        max_age_seconds: 3600
"""

RETURN = r"""
rules:
  description: The rules as S3 keeps them; none if there are none.
  type: list
  elements: dict
  returned: always
  sample:
    - AllowedMethods: [GET, PUT]
      AllowedOrigins: ["https://www.example.com"]
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._s3 import buckets


RULE = dict(
    allowed_origins=dict(type="list", elements="str", required=True),
    allowed_methods=dict(type="list", elements="str", required=True, choices=["GET", "PUT", "POST", "DELETE", "HEAD"]),
    allowed_headers=dict(type="list", elements="str"),
    expose_headers=dict(type="list", elements="str"),
    max_age_seconds=dict(type="int"),
)


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, bucket = module.client("s3"), module.params["bucket"]
    before = buckets.canonical_cors(buckets.cors_rules(client, bucket))
    after = buckets.canonical_cors(wanted(module.params["rules"])) if module.params["state"] == "present" else []
    if before != after and not module.check_mode:
        buckets.put_cors_rules(client, bucket, after)
    return dict(changed=before != after, rules=after, diff=dict(before=dict(rules=before), after=dict(rules=after)))


def wanted(rules: list[Any]) -> list[Any]:
    given = [{key: value for key, value in rule.items() if value is not None} for rule in rules]
    return [snake_dict_to_camel_dict(rule, capitalize_first=True) for rule in given]


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            bucket=dict(required=True),
            rules=dict(type="list", elements="dict", options=RULE),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        required_if=[["state", "present", ["rules"]]],
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
