#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_distribution
version_added: 0.2.0
short_description: Create, change or delete a distribution of CloudFront
description:
  - Creates, changes or deletes a distribution, which is known by its tag C(Name) and O(match_tags), or by its id.
  - What an option does not speak of is left as CloudFront has it, its own defaults among it. An origin, a behavior or
    an error response that a list does not name goes.
  - A change is refused if somebody else has changed the distribution meanwhile.
  - M(community.aws.cloudfront_distribution) has no check mode, changes the distribution with each run, and drops what
    it does not know, such as the policies of behaviors.
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
    description: The value of the tag C(Name).
    type: str
  distribution_id:
    description: The id of one that is there, in the place of O(name) and O(match_tags).
    type: str
  match_tags:
    description: Other tags that it is known by and gets, such as the stack's region, for CloudFront knows no regions.
    type: dict
    default: {}
  comment:
    description: What it is for, as the console shows it; O(name) for a new distribution. At most 128 characters.
    type: str
  aliases:
    description: Names of its own beside that of C(cloudfront.net). They need O(certificate_arn).
    type: list
    elements: str
  certificate_arn:
    description:
      - The certificate of ACM in C(us-east-1) that covers O(aliases).
      - Empty for CloudFront's own, which covers its name of C(cloudfront.net).
    type: str
  minimum_protocol_version:
    description: The security policy, TLS version and ciphers, that viewers need with a certificate of ACM.
    type: str
    default: TLSv1.2_2021
  default_root_object:
    description: The object that is answered for C(/).
    type: str
  enabled:
    description: Whether it answers.
    type: bool
    default: true
  price_class:
    description: Whose edges serve it; V(PriceClass_100) is North America, Europe and Israel, the cheapest.
    type: str
    choices: [PriceClass_100, PriceClass_200, PriceClass_All]
  http_version:
    description: The newest versions of HTTP that viewers may use.
    type: str
    choices: [http1.1, http2, http3, http2and3]
  ipv6_enabled:
    description: Whether its names have IPv6 addresses too.
    type: bool
  web_acl_id:
    description: The ARN of the web ACL of WAFv2 that requests pass, empty for none.
    type: str
  logging:
    description: Where the access log goes.
    type: dict
    suboptions:
      bucket:
        description: The bucket's name with C(.s3.amazonaws.com), which takes ACLs; empty for no log.
        type: str
        required: true
      prefix:
        description: What the names of log files begin with.
        type: str
        default: ""
      include_cookies:
        description: Whether cookies are logged.
        type: bool
        default: false
  origins:
    description: Where answers come from. Needed for a new distribution.
    type: list
    elements: dict
    suboptions:
      id:
        description: The name that behaviors have for it.
        type: str
        required: true
      domain_name:
        description: The host, of a bucket C(<bucket>.s3.<region>.amazonaws.com).
        type: str
        required: true
      path:
        description: What is put before each path.
        type: str
      origin_access_control_id:
        description: How requests to a bucket are signed, see M(threetier.aws.cloudfront_origin_access_control).
        type: str
      secret_headers:
        description:
          - Headers that each request to the origin carries, each with the ARN of the secret of Secrets Manager that
            holds its value. By one of these the origin can tell the distribution from anybody else.
          - The module hands the value from the one service to the other; neither the result nor the diff has it.
        type: dict
      protocol_policy:
        description: How a host that is no bucket is asked. Without it the origin is a bucket.
        type: str
        choices: [http-only, https-only, match-viewer]
      http_port:
        description: The host's port for HTTP.
        type: int
        default: 80
      https_port:
        description: The host's port for HTTPS.
        type: int
        default: 443
      ssl_protocols:
        description: The versions of TLS that the host may answer with.
        type: list
        elements: str
        choices: [TLSv1, TLSv1.1, TLSv1.2]
        default: [TLSv1.2]
      read_timeout:
        description: For how many seconds an answer is waited for.
        type: int
      keepalive_timeout:
        description: For how many seconds an idle connection is kept.
        type: int
      connection_attempts:
        description: How often a connection is tried.
        type: int
      connection_timeout:
        description: Seconds for each try.
        type: int
  default_cache_behavior:
    description: What is done with a request that no pattern of O(cache_behaviors) fits. Needed for a new distribution.
    type: dict
    suboptions: &behavior
      target_origin_id:
        description: The origin.
        type: str
        required: true
      viewer_protocol_policy:
        description: What is done with a request by HTTP.
        type: str
        choices: [allow-all, redirect-to-https, https-only]
        default: redirect-to-https
      allowed_methods:
        description:
          - The methods that reach the origin. V(read) is GET and HEAD, V(read_options) is OPTIONS too, V(all) is
            PUT, POST, PATCH and DELETE too. GET and HEAD are cached.
        type: str
        choices: [read, read_options, all]
        default: read
      compress:
        description: Whether what is worth it is compressed, if the cache policy says so as well.
        type: bool
        default: true
      cache_policy_id:
        description: What an answer is kept by, and for how long.
        type: str
        required: true
      origin_request_policy_id:
        description: What of the viewer's request the origin gets, beside what it is cached by.
        type: str
      response_headers_policy_id:
        description: The headers that viewers get, see M(threetier.aws.cloudfront_response_headers_policy).
        type: str
  cache_behaviors:
    description: The first whose pattern fits counts.
    type: list
    elements: dict
    suboptions:
      path_pattern:
        description: Of the paths that it is for, as in V(/api/*).
        type: str
        required: true
      <<: *behavior
  custom_error_responses:
    description: What viewers get in the place of an origin's errors.
    type: list
    elements: dict
    suboptions:
      error_code:
        description: The origin's status.
        type: int
        required: true
      response_code:
        description: The viewer's status.
        type: str
      response_page_path:
        description: The path of the page that is shown.
        type: str
      error_caching_min_ttl:
        description: For how many seconds the origin is not asked again.
        type: int
  state:
    description: Whether it is there. It is disabled before it is deleted, and waited for in between.
    type: str
    choices: [present, absent]
    default: present
  wait:
    description:
      - Whether to wait until all edges have the configuration, which takes AWS minutes.
      - To delete it is waited in any case.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds to wait at most.
    type: int
    default: 1800
"""

EXAMPLES = r"""
- name: Serve a page from a closed bucket, and its API from a load balancer
  threetier.aws.cloudfront_distribution:
    name: demo-app-cdn
    default_root_object: index.html
    price_class: PriceClass_100
    http_version: http2and3
    origins:
      - id: page
        domain_name: demo-app-page.s3.us-east-1.amazonaws.com
        origin_access_control_id: E2QWRUHAPOMQZL
      - id: api
        domain_name: api.example.com
        protocol_policy: https-only
        secret_headers:
          X-Origin-Verify: arn:aws:secretsmanager:us-east-1:123456789012:secret:demo-app-cdn-a1b2c3
    default_cache_behavior:
      target_origin_id: page
      cache_policy_id: 658327ea-f89d-4fab-a63d-7e88639e58f6  # Managed-CachingOptimized
    cache_behaviors:
      - path_pattern: /api/*
        target_origin_id: api
        allowed_methods: all
        cache_policy_id: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad  # Managed-CachingDisabled
        origin_request_policy_id: b689b0a8-53d0-40ab-baf2-68738e2966ac  # Managed-AllViewerExceptHostHeader

- name: Disable it, wait, delete it
  threetier.aws.cloudfront_distribution:
    name: demo-app-cdn
    state: absent
"""

RETURN = r"""
distribution:
  description: The distribution; in check mode as it was found; empty if it is not there.
  type: dict
  returned: always
  contains:
    id:
      description: The id.
      type: str
      sample: EDFDVBD632BHDS5
    arn:
      description: The ARN, which the policy of a bucket names.
      type: str
      sample: arn:aws:cloudfront::123456789012:distribution/EDFDVBD632BHDS5
    domain_name:
      description: CloudFront's own name for it.
      type: str
      sample: d111111abcdef8.cloudfront.net
    hosted_zone_id:
      description: The hosted zone that an alias record which leads to it has to name; the same for all distributions.
      type: str
      sample: Z2FDTNDATAQYW2
    enabled:
      description: Whether it answers.
      type: bool
    status:
      description: V(Deployed) once all edges have the configuration, V(InProgress) before.
      type: str
      sample: Deployed
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils import _tags
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import configurations
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import distributions
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import options
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import partitions
from ansible_collections.threetier.aws.plugins.module_utils._secretsmanager import secrets


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("cloudfront"), module.params
    found = _find(client, params)
    needed = ("name", "origins", "default_cache_behavior")
    if missing := [name for name in needed if not found and not params[name]]:
        raise AnsibleAWSError(
            message=f"There is no distribution {params['name'] or params['distribution_id']}; a new one needs "
            f"{', '.join(missing)}."
        )
    if not found and params["comment"] is None:
        params["comment"] = params["name"]
    have = found["DistributionConfig"] if found else {}
    config = configurations.overlaid(have, configurations.wanted(params, _secret_values(module)))
    tags_before, tags = found.get("Tags", {}), _wanted_tags(params, found)
    set_tags, drop_tags = compare_aws_tags(tags_before, tags)
    changed = config != have or bool(set_tags or drop_tags)
    if not module.check_mode:
        if not found:
            found = distributions.create(client, config, tags)
        elif changed:
            if config != have:
                found = distributions.update(client, found, config)
            distributions.tag(client, found["ARN"], set_tags, drop_tags)
            found["Tags"] = tags
        if params["wait"]:
            found = distributions.wait(client, found, params["wait_timeout"])
    before, after = configurations.shown(have, config)
    diff = dict(before=dict(before, tags=tags_before) if have else {}, after=dict(after, tags=tags))
    return dict(changed=changed, distribution=_described(found), diff=diff)


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("cloudfront"), module.params
    found = _find(client, params)
    before = configurations.shown(found["DistributionConfig"], {})[0] if found else {}
    if found and not module.check_mode:
        config = found["DistributionConfig"]
        if config["Enabled"]:
            found = distributions.update(client, found, dict(config, Enabled=False))
        distributions.delete(client, distributions.wait(client, found, params["wait_timeout"]))
    left = _described(found) if module.check_mode else {}
    return dict(changed=bool(before), distribution=left, diff=dict(before=before, after={}))


def _find(client: Any, params: dict[str, Any]) -> dict[str, Any]:
    if params["distribution_id"]:
        return distributions.by_id(client, params["distribution_id"])
    return distributions.find(client, params["name"], params["match_tags"])


def _secret_values(module: AnsibleAWSModule) -> dict[str, str]:
    """What origins' headers are to carry, by the secret's ARN; a secret that is yet to be made counts in check mode."""
    arns = {arn for origin in module.params["origins"] or [] for arn in (origin["secret_headers"] or {}).values()}
    client = module.client("secretsmanager") if arns else None
    found = {arn: secrets.value(client, arn) for arn in sorted(arns)}
    missing = [arn for arn, value in found.items() if value is None]
    if missing and not module.check_mode:
        raise AnsibleAWSError(message=f"There is no secret {', '.join(missing)}, which a header is to carry.")
    return {arn: value or "" for arn, value in found.items()}


def _wanted_tags(params: dict[str, Any], found: dict[str, Any]) -> dict[str, str]:
    known = {**params["match_tags"], "Name": params["name"]} if params["name"] else {}
    return {**_tags.wanted(params, found.get("Tags", {})), **known}


def _described(found: dict[str, Any]) -> dict[str, Any]:
    if not found:
        return {}
    return dict(
        id=found["Id"],
        arn=found["ARN"],
        domain_name=found["DomainName"],
        hosted_zone_id=partitions.hosted_zone(found["ARN"]),
        enabled=found["DistributionConfig"]["Enabled"],
        status=found["Status"],
        tags=found["Tags"],
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=options.distribution(),
        required_one_of=[("name", "distribution_id")],
        mutually_exclusive=[("name", "distribution_id")],
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
