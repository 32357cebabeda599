# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of a distribution. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import configurations

BEHAVIOR = dict(
    target_origin_id=dict(required=True),
    viewer_protocol_policy=dict(choices=["allow-all", "redirect-to-https", "https-only"], default="redirect-to-https"),
    allowed_methods=dict(choices=list(configurations.METHODS), default="read"),
    compress=dict(type="bool", default=True),
    cache_policy_id=dict(required=True),
    origin_request_policy_id=dict(),
    response_headers_policy_id=dict(),
)
ORIGIN = dict(
    id=dict(required=True),
    domain_name=dict(required=True),
    path=dict(),
    origin_access_control_id=dict(),
    secret_headers=dict(type="dict", no_log=False),  # names and ARNs
    protocol_policy=dict(choices=["http-only", "https-only", "match-viewer"]),
    http_port=dict(type="int", default=80),
    https_port=dict(type="int", default=443),
    ssl_protocols=dict(type="list", elements="str", choices=["TLSv1", "TLSv1.1", "TLSv1.2"], default=["TLSv1.2"]),
    read_timeout=dict(type="int"),
    keepalive_timeout=dict(type="int"),
    connection_attempts=dict(type="int"),
    connection_timeout=dict(type="int"),
)
ERROR = dict(
    error_code=dict(type="int", required=True),
    response_code=dict(),
    response_page_path=dict(),
    error_caching_min_ttl=dict(type="int"),
)
LOGGING = dict(bucket=dict(required=True), prefix=dict(default=""), include_cookies=dict(type="bool", default=False))


def distribution() -> dict[str, Any]:
    """All options of the module."""
    return dict(
        name=dict(),
        distribution_id=dict(),
        match_tags=dict(type="dict", default={}),
        comment=dict(),
        aliases=dict(type="list", elements="str"),
        certificate_arn=dict(),
        minimum_protocol_version=dict(default="TLSv1.2_2021"),
        default_root_object=dict(),
        enabled=dict(type="bool", default=True),
        price_class=dict(choices=["PriceClass_100", "PriceClass_200", "PriceClass_All"]),
        http_version=dict(choices=["http1.1", "http2", "http3", "http2and3"]),
        ipv6_enabled=dict(type="bool"),
        web_acl_id=dict(),
        logging=dict(type="dict", options=LOGGING),
        origins=dict(type="list", elements="dict", options=ORIGIN),
        default_cache_behavior=dict(type="dict", options=BEHAVIOR),
        cache_behaviors=dict(type="list", elements="dict", options=dict(path_pattern=dict(required=True), **BEHAVIOR)),
        custom_error_responses=dict(type="list", elements="dict", options=ERROR),
        state=dict(choices=["present", "absent"], default="present"),
        tags=dict(type="dict", aliases=["resource_tags"]),
        purge_tags=dict(type="bool", default=True),
        wait=dict(type="bool", default=True),
        wait_timeout=dict(type="int", default=1800),
    )
