#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_origin_access_control
version_added: 0.2.0
short_description: Say how CloudFront signs its requests to an origin
description:
  - Creates, changes or deletes an origin access control of CloudFront, which is known by its name.
  - With one, an S3 bucket can be closed to all but the distributions that its policy names by C(aws:SourceArn).
  - One that a distribution still has cannot be deleted.
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
  description:
    description: What it is for.
    type: str
    default: ""
  origin_type:
    description: The kind of the origin.
    type: str
    choices: [s3, mediastore, mediapackagev2, lambda]
    default: s3
  signing_behavior:
    description: Which requests are signed; V(no-override) leaves those alone that the viewer has signed.
    type: str
    choices: [always, never, no-override]
    default: always
  state:
    description: Whether it is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Sign what is asked of the page's bucket
  threetier.aws.cloudfront_origin_access_control:
    name: demo-app-page
    description: Requests to the page's bucket

- name: Delete it
  threetier.aws.cloudfront_origin_access_control:
    name: demo-app-page
    state: absent
"""

RETURN = r"""
id:
  description: The id, which origins of a distribution name. Empty if it is not there.
  type: str
  returned: always
  sample: E2QWRUHAPOMQZL
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import named


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params
    config = dict(
        Name=params["name"],
        Description=params["description"],
        SigningProtocol="sigv4",  # the only one
        SigningBehavior=params["signing_behavior"],
        OriginAccessControlOriginType=params["origin_type"],
    )
    return named.ensure(module, named.ORIGIN_ACCESS_CONTROL, config, {})


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    return named.remove(module, named.ORIGIN_ACCESS_CONTROL)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            description=dict(default=""),
            origin_type=dict(choices=["s3", "mediastore", "mediapackagev2", "lambda"], default="s3"),
            signing_behavior=dict(choices=["always", "never", "no-override"], default="always"),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
