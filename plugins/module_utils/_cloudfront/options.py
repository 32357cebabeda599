# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of a distribution that are dictionaries. Private to this collection."""

from __future__ import annotations

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
