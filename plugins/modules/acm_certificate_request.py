#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: acm_certificate_request
version_added: 0.2.0
short_description: Request a certificate that ACM issues once DNS proves its names
description:
  - Requests a public certificate with validation by DNS, unless one for exactly these names is issued or pending.
  - The records that prove the names are returned, for M(amazon.aws.route53). They have to stay, for ACM renews by them.
  - M(community.aws.acm_certificate) imports certificates, and deletes all kinds, but can request none.
  - A certificate that failed, that was not validated within 72 hours, or that expired does not count; a new one is
    requested.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  domain_name:
    description: The first name of the certificate, which may be a wildcard such as V(*.example.com).
    type: str
    required: true
  subject_alternative_names:
    description: Its further names.
    type: list
    elements: str
    default: []
  wait:
    description: Whether to wait until it is issued. The records that prove its names have to be made before.
    type: bool
    default: false
  wait_timeout:
    description: For how many seconds to wait.
    type: int
    default: 600
notes:
  - A certificate for CloudFront has to be of the region V(us-east-1).
  - With a tag C(Name) in O(tags), a certificate of another C(Name) is another one, even if it is for the same names.
"""

EXAMPLES = r"""
- name: Request a certificate
  threetier.aws.acm_certificate_request:
    domain_name: api.example.com
    tags:
      Name: demo-app-api
  register: requested

- name: Prove its names
  amazon.aws.route53:
    zone: example.com
    record: "{{ item['name'] }}"
    type: "{{ item['type'] }}"
    value: "{{ item['value'] }}"
    state: present
  loop: "{{ requested['certificate']['validation_records'] }}"

- name: Wait until it is issued
  threetier.aws.acm_certificate_request:
    domain_name: api.example.com
    tags:
      Name: demo-app-api
    wait: true
"""

RETURN = r"""
certificate:
  description: The certificate as ACM describes it; empty in check mode if there is none yet.
  type: dict
  returned: always
  contains:
    certificate_arn:
      description: The ARN.
      type: str
      sample: arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
    status:
      description: V(PENDING_VALIDATION) or V(ISSUED).
      type: str
      sample: ISSUED
    validation_records:
      description: The records that prove its names, each with C(name), C(type) and C(value).
      type: list
      elements: dict
    pending_names:
      description: The names that nothing has proven yet.
      type: list
      elements: str
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._acm import certificates


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("acm"), module.params
    names = list(dict.fromkeys(name.lower() for name in [params["domain_name"], *params["subject_alternative_names"]]))
    given = params["tags"]
    found = certificates.find(client, names, given or {})
    have = found.get("Tags", {})
    asked = have if given is None else given
    set_tags, drop_tags = compare_aws_tags(have, asked, params["purge_tags"])
    tags = {name: value for name, value in {**have, **set_tags}.items() if name not in drop_tags}
    fixed = dict(domain_name=names[0], subject_alternative_names=sorted(names))
    before, after = dict(fixed, tags=have) if found else {}, dict(fixed, tags=tags)
    if not module.check_mode:
        arn = found.get("CertificateArn") or certificates.request(client, names, tags)
        if found:
            certificates.tag(client, arn, set_tags, {name: have[name] for name in drop_tags})
        else:
            certificates.wait_for_records(client, arn)
        if params["wait"]:
            certificates.wait_until_issued(client, arn, params["wait_timeout"])
        if before != after or params["wait"]:
            found = certificates.describe(client, arn)
    return dict(changed=before != after, certificate=describe(found), diff=dict(before=before, after=after))


def describe(found: dict[str, Any]) -> dict[str, Any]:
    if not found:
        return {}
    return dict(
        camel_dict_to_snake_dict(found),
        validation_records=certificates.validation_records(found),
        pending_names=certificates.pending_names(found),
        tags=found["Tags"],
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            domain_name=dict(required=True),
            subject_alternative_names=dict(type="list", elements="str", default=[]),
            wait=dict(type="bool", default=False),
            wait_timeout=dict(type="int", default=600),
            tags=dict(type="dict", aliases=["resource_tags"]),
            purge_tags=dict(type="bool", default=True),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
