#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_response_headers_policy
version_added: 0.2.0
short_description: Say which headers CloudFront adds to what it answers
description:
  - Creates, changes or deletes a response headers policy of CloudFront, which is known by its name.
  - A header that is not given is not added any more. What the policy says of CORS and of C(Server-Timing) is left as
    it is.
  - M(community.aws.cloudfront_response_headers_policy) says changed in check mode whatever there is, and tells a change
    by the time of the last one.
  - A policy that a distribution still has cannot be deleted.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name, unique within the account.
    type: str
    required: true
  comment:
    description: What it is for.
    type: str
    default: ""
  override:
    description: Whether the policy's value of a header takes the place of the origin's.
    type: bool
    default: true
  strict_transport_security:
    description: For how long browsers ask for the host by HTTPS only.
    type: dict
    suboptions:
      max_age:
        description: Seconds.
        type: int
        required: true
      include_subdomains:
        description: Whether it counts for all names below the host's as well.
        type: bool
        default: false
      preload:
        description: Whether browsers may have the host in their built-in list.
        type: bool
        default: false
  content_security_policy:
    description: The value of C(Content-Security-Policy).
    type: str
  content_type_options:
    description: Whether C(X-Content-Type-Options) forbids browsers to guess the type of what they get.
    type: bool
    default: false
  frame_options:
    description: Who may show the page in a frame.
    type: str
    choices: [DENY, SAMEORIGIN]
  referrer_policy:
    description: How much browsers tell other sites of where a link stood.
    type: str
    choices: [no-referrer, no-referrer-when-downgrade, origin, origin-when-cross-origin, same-origin, strict-origin,
              strict-origin-when-cross-origin, unsafe-url]
  custom_headers:
    description: Other headers, with their values by their names.
    type: dict
    default: {}
  remove_headers:
    description: Headers of the origin that no viewer gets.
    type: list
    elements: str
    default: []
  state:
    description: Whether it is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Have browsers be strict with the page
  threetier.aws.cloudfront_response_headers_policy:
    name: demo-app-page
    strict_transport_security:
      max_age: 31536000
    content_security_policy: default-src 'self'
    content_type_options: true
    frame_options: DENY
    referrer_policy: strict-origin-when-cross-origin

- name: Delete it
  threetier.aws.cloudfront_response_headers_policy:
    name: demo-app-page
    state: absent
"""

RETURN = r"""
id:
  description: The id, which behaviors of a distribution name. Empty if it is not there.
  type: str
  returned: always
  sample: 67f7725c-6f97-4210-82d7-5512b31e9d03
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import headers
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import named

_REFERRER_POLICIES = (
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
)


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    return named.ensure(module, named.RESPONSE_HEADERS_POLICY, headers.wanted(module.params), headers.NONE)


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    return named.remove(module, named.RESPONSE_HEADERS_POLICY)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            comment=dict(default=""),
            override=dict(type="bool", default=True),
            strict_transport_security=dict(
                type="dict",
                options=dict(
                    max_age=dict(type="int", required=True),
                    include_subdomains=dict(type="bool", default=False),
                    preload=dict(type="bool", default=False),
                ),
            ),
            content_security_policy=dict(),
            content_type_options=dict(type="bool", default=False),
            frame_options=dict(choices=["DENY", "SAMEORIGIN"]),
            referrer_policy=dict(choices=list(_REFERRER_POLICIES)),
            custom_headers=dict(type="dict", default={}),
            remove_headers=dict(type="list", elements="str", default=[]),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
