# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Pure: what a module's options say of a distribution, in CloudFront's words, held against what it has.

What an option does not speak of stays as CloudFront has it, its defaults among it. Private to this collection.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

Config = dict[str, Any]
_METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
METHODS = {"read": _METHODS[:2], "read_options": _METHODS[:3], "all": _METHODS}
_IDENTITIES = ("Id", "PathPattern", "ErrorCode", "HeaderName")  # of members of lists
_WITHOUT_POLICY = ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL")  # of a behaviour, which a cache policy replaces
_HIDDEN, _OTHER = "as the secret has it", "another value"

_TOP = dict(
    comment="Comment",
    default_root_object="DefaultRootObject",
    enabled="Enabled",
    price_class="PriceClass",
    http_version="HttpVersion",
    ipv6_enabled="IsIPV6Enabled",
    web_acl_id="WebACLId",
)
_ORIGIN = dict(
    id="Id",
    domain_name="DomainName",
    path="OriginPath",
    origin_access_control_id="OriginAccessControlId",
    connection_attempts="ConnectionAttempts",
    connection_timeout="ConnectionTimeout",
)
_CUSTOM_ORIGIN = dict(
    protocol_policy="OriginProtocolPolicy",
    http_port="HTTPPort",
    https_port="HTTPSPort",
    read_timeout="OriginReadTimeout",
    keepalive_timeout="OriginKeepaliveTimeout",
)
_BEHAVIOR = dict(
    path_pattern="PathPattern",
    target_origin_id="TargetOriginId",
    viewer_protocol_policy="ViewerProtocolPolicy",
    compress="Compress",
    cache_policy_id="CachePolicyId",
    origin_request_policy_id="OriginRequestPolicyId",
    response_headers_policy_id="ResponseHeadersPolicyId",
)
_ERROR = dict(
    error_code="ErrorCode",
    response_code="ResponseCode",
    response_page_path="ResponsePagePath",
    error_caching_min_ttl="ErrorCachingMinTTL",
)
_LOGGING = dict(bucket="Bucket", prefix="Prefix", include_cookies="IncludeCookies")


def wanted(params: dict[str, Any], secrets: dict[str, str]) -> Config:
    """
    What the options say.

    :param secrets: the values of the secrets that origins' headers carry, by ARN.
    """
    config = _named(params, _TOP)
    if params["aliases"] is not None:
        config["Aliases"] = _listed(params["aliases"])
    if params["origins"] is not None:
        config["Origins"] = _listed([_origin(one, secrets) for one in params["origins"]])
    if params["default_cache_behavior"] is not None:
        config["DefaultCacheBehavior"] = _behavior(params["default_cache_behavior"])
    if params["cache_behaviors"] is not None:
        config["CacheBehaviors"] = _listed([_behavior(one) for one in params["cache_behaviors"]])
    if params["custom_error_responses"] is not None:
        config["CustomErrorResponses"] = _listed([_named(one, _ERROR) for one in params["custom_error_responses"]])
    if params["certificate_arn"] is not None:
        config["ViewerCertificate"] = _certificate(params)
    if params["logging"] is not None:
        config["Logging"] = dict(Enabled=bool(params["logging"]["bucket"]), **_named(params["logging"], _LOGGING))
    return config


def overlaid(found: Config, asked: Config) -> Config:
    """The configuration that is found, changed as far as was asked."""
    after: Config = _overlaid(found, asked)
    behaviors = [after.get("DefaultCacheBehavior", {}), *after.get("CacheBehaviors", {}).get("Items", [])]
    for behavior in behaviors:
        if behavior.get("CachePolicyId"):
            for name in _WITHOUT_POLICY:
                behavior.pop(name, None)
    kinds = {one["Id"]: _kind(one) for one in asked.get("Origins", {}).get("Items", [])}
    for origin in after.get("Origins", {}).get("Items", []):
        for kind in {"S3OriginConfig", "CustomOriginConfig"} - {kinds.get(origin["Id"], _kind(origin))}:
            origin.pop(kind, None)
    certificate = asked.get("ViewerCertificate")
    if certificate and found.get("ViewerCertificate", {}).get("ACMCertificateArn") != certificate.get(
        "ACMCertificateArn"
    ):
        after["ViewerCertificate"] = certificate  # no part of the one before
    return after


def shown(before: Config, after: Config) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both as a diff may show them: without the values of headers and the reference that creating has made up."""
    return _in_words(before, {}), _in_words(after, _headers(before))


def _kind(origin: Config) -> str:
    return "S3OriginConfig" if "S3OriginConfig" in origin else "CustomOriginConfig"


def _named(options: dict[str, Any], names: dict[str, str]) -> Config:
    return {key: options[name] for name, key in names.items() if options.get(name) is not None}


def _listed(items: list[Any]) -> Config:
    return dict(Quantity=len(items), Items=list(items))


def _origin(options: dict[str, Any], secrets: dict[str, str]) -> Config:
    origin = _named(options, _ORIGIN)
    if options["protocol_policy"]:
        protocols = _listed(options["ssl_protocols"])
        origin["CustomOriginConfig"] = dict(_named(options, _CUSTOM_ORIGIN), OriginSslProtocols=protocols)
    else:
        origin["S3OriginConfig"] = dict(OriginAccessIdentity="")
    if options["secret_headers"] is not None:
        headers = [
            dict(HeaderName=name, HeaderValue=secrets[arn]) for name, arn in sorted(options["secret_headers"].items())
        ]
        origin["CustomHeaders"] = _listed(headers)
    return origin


def _behavior(options: dict[str, Any]) -> Config:
    behavior = _named(options, _BEHAVIOR)
    if options["allowed_methods"]:
        allowed = _listed(list(METHODS[options["allowed_methods"]]))
        behavior["AllowedMethods"] = dict(allowed, CachedMethods=_listed(list(METHODS["read"])))
    return behavior


def _certificate(params: dict[str, Any]) -> Config:
    if not params["certificate_arn"]:
        return dict(CloudFrontDefaultCertificate=True)
    return dict(
        ACMCertificateArn=params["certificate_arn"],
        SSLSupportMethod="sni-only",
        MinimumProtocolVersion=params["minimum_protocol_version"],
    )


def _overlaid(found: Any, asked: Any) -> Any:
    if not isinstance(asked, dict):
        return asked
    found = found if isinstance(found, dict) else {}
    if "Items" in asked:
        items = _members(found.get("Items") or [], asked["Items"])
        rest = {key: value for key, value in asked.items() if key not in ("Quantity", "Items")}
        kept = {key: value for key, value in found.items() if key not in ("Quantity", "Items")}
        return {**_overlaid(kept, rest), "Quantity": len(items), **({"Items": items} if items else {})}
    return {**found, **{key: _overlaid(found.get(key), value) for key, value in asked.items()}}


def _members(found: list[Any], asked: list[Any]) -> list[Any]:
    """Those that were asked for, in their order; the order of what is a set says nothing."""
    if not any(isinstance(one, dict) for one in asked):
        return found if sorted(found) == sorted(asked) else asked
    by_identity = {_identity(one): one for one in found}
    return [_overlaid(by_identity.get(_identity(one)), one) for one in asked]


def _identity(member: Config) -> str:
    return next(str(member[name]) for name in _IDENTITIES if name in member)


def _headers(config: Config) -> dict[tuple[str, str], str]:
    """The values of the headers of origins, by the origin's id and the header's name."""
    return {
        (origin["Id"], header["HeaderName"]): header["HeaderValue"]
        for origin in config.get("Origins", {}).get("Items", [])
        for header in origin.get("CustomHeaders", {}).get("Items", [])
    }


def _in_words(config: Config, before: dict[tuple[str, str], str]) -> dict[str, Any]:
    """
    In the words of Ansible, lists plain, and headers without their values.

    :param before: the values of headers that another one is told from.
    """
    seen = {key: value for key, value in config.items() if key != "CallerReference"}
    if "Origins" in seen:
        seen["Origins"] = dict(Items=[_without_values(one, before) for one in seen["Origins"].get("Items", [])])
    words: dict[str, Any] = _plain(camel_dict_to_snake_dict(seen))
    return words


def _without_values(origin: Config, before: dict[tuple[str, str], str]) -> Config:
    headers = {
        header["HeaderName"]: _HIDDEN
        if before.get((origin["Id"], header["HeaderName"]), header["HeaderValue"]) == header["HeaderValue"]
        else _OTHER
        for header in origin.get("CustomHeaders", {}).get("Items", [])
    }
    return {**origin, "CustomHeaders": dict(Items=[f"{name}: {value}" for name, value in headers.items()])}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "quantity" in value or "items" in value:
        more = {key: _plain(one) for key, one in value.items() if key not in ("quantity", "items", "enabled")}
        items = [_plain(one) for one in value.get("items") or []]
        return dict(more, items=items) if more else items
    return {key: _plain(one) for key, one in value.items()}
