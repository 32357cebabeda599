# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: a response headers policy's options in CloudFront's words. Private to this collection."""

from __future__ import annotations

from typing import Any

# What a policy has that adds nothing; CloudFront leaves it out, or returns it with a count of 0.
NONE: dict[str, Any] = dict(Comment="", SecurityHeadersConfig={}, CustomHeadersConfig={}, RemoveHeadersConfig={})


def wanted(params: dict[str, Any]) -> dict[str, Any]:
    """All that the module speaks of, whether or not it adds a header."""
    override = params["override"]
    return dict(
        Name=params["name"],
        Comment=params["comment"],
        SecurityHeadersConfig=_security(params),
        CustomHeadersConfig=_listed(
            [dict(Header=name, Value=str(value), Override=override) for name, value in params["custom_headers"].items()]
        ),
        RemoveHeadersConfig=_listed([dict(Header=name) for name in params["remove_headers"]]),
    )


def _security(params: dict[str, Any]) -> dict[str, Any]:
    override, config = params["override"], {}
    if strict := params["strict_transport_security"]:
        config["StrictTransportSecurity"] = dict(
            Override=override,
            AccessControlMaxAgeSec=strict["max_age"],
            IncludeSubdomains=strict["include_subdomains"],
            Preload=strict["preload"],
        )
    if params["content_security_policy"]:
        policy = params["content_security_policy"]
        config["ContentSecurityPolicy"] = dict(Override=override, ContentSecurityPolicy=policy)
    if params["content_type_options"]:
        config["ContentTypeOptions"] = dict(Override=override)
    if params["frame_options"]:
        config["FrameOptions"] = dict(Override=override, FrameOption=params["frame_options"])
    if params["referrer_policy"]:
        config["ReferrerPolicy"] = dict(Override=override, ReferrerPolicy=params["referrer_policy"])
    return config


def _listed(items: list[dict[str, Any]]) -> dict[str, Any]:
    return dict(Quantity=len(items), Items=sorted(items, key=lambda one: str(one["Header"]))) if items else {}
