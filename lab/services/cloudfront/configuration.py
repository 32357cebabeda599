"""Pure: the configuration of a distribution as CloudFront returns it: what was sent, with AWS's defaults around it."""

from __future__ import annotations

import copy
from typing import Any

# CloudFront returns methods in an order of its own, whatever order they were sent in.
_METHODS = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH")
_DEFAULT_CERTIFICATE = {
    "CloudFrontDefaultCertificate": True,
    "SSLSupportMethod": "vip",
    "MinimumProtocolVersion": "TLSv1",
    "CertificateSource": "cloudfront",
}
_DISTRIBUTION: dict[str, Any] = {
    "Aliases": {},
    "DefaultRootObject": "",
    "OriginGroups": {},
    "CacheBehaviors": {},
    "CustomErrorResponses": {},
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": _DEFAULT_CERTIFICATE,
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": True,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
_BEHAVIOUR: dict[str, Any] = {
    "TrustedSigners": {"Enabled": False, "Quantity": 0},
    "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": {},
    "FunctionAssociations": {},
    "FieldLevelEncryptionId": "",
    "GrpcConfig": {"Enabled": False},
}
_ORIGIN: dict[str, Any] = {
    "OriginPath": "",
    "CustomHeaders": {},
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "",
}
_CUSTOM_ORIGIN: dict[str, Any] = {
    "OriginReadTimeout": 30,
    "OriginKeepaliveTimeout": 5,
    "OriginSslProtocols": {"Items": ["TLSv1", "SSLv3"]},
}


def complete(sent: dict[str, Any]) -> dict[str, Any]:
    """Nothing that was sent is lost; methods come in CloudFront's order, and counts are those of the items."""
    config: dict[str, Any] = {**copy.deepcopy(_DISTRIBUTION), **copy.deepcopy(sent)}
    for name in ("Aliases", "OriginGroups"):
        config[name] = _counted(config[name])
    config["CustomErrorResponses"] = _counted(config["CustomErrorResponses"], _error_response)
    config["Origins"] = _counted(config["Origins"], _origin)
    config["DefaultCacheBehavior"] = _behaviour(config["DefaultCacheBehavior"])
    config["CacheBehaviors"] = _counted(config["CacheBehaviors"], _behaviour)
    config["ViewerCertificate"] = _certificate(config["ViewerCertificate"])
    return config


def items(found: dict[str, Any] | None) -> list[Any]:
    """The members of one of CloudFront's lists, which it leaves out where there are none."""
    return list((found or {}).get("Items") or [])


def behaviours(config: dict[str, Any]) -> list[dict[str, Any]]:
    """All of them in the order in which they are tried, the default one last."""
    return [*items(config["CacheBehaviors"]), config["DefaultCacheBehavior"]]


def _counted(found: dict[str, Any] | None, member: Any = lambda one: one) -> dict[str, Any]:
    members = [member(one) for one in items(found)]
    return {"Quantity": len(members), **({"Items": members} if members else {})}


def _behaviour(sent: dict[str, Any]) -> dict[str, Any]:
    behaviour = {**copy.deepcopy(_BEHAVIOUR), **sent}
    methods = behaviour.get("AllowedMethods") or {"Items": ["HEAD", "GET"]}
    cached = methods.get("CachedMethods") or {"Items": ["HEAD", "GET"]}
    behaviour["AllowedMethods"] = {**_methods(methods), "CachedMethods": _methods(cached)}
    for name in ("LambdaFunctionAssociations", "FunctionAssociations"):
        behaviour[name] = _counted(behaviour[name])
    return behaviour


def _methods(found: dict[str, Any]) -> dict[str, Any]:
    return _counted({"Items": sorted(items(found), key=_METHODS.index)})


def _origin(sent: dict[str, Any]) -> dict[str, Any]:
    origin = {**copy.deepcopy(_ORIGIN), **sent}
    origin["CustomHeaders"] = _counted(origin["CustomHeaders"])
    if "CustomOriginConfig" in origin:
        custom = {**copy.deepcopy(_CUSTOM_ORIGIN), **origin["CustomOriginConfig"]}
        custom["OriginSslProtocols"] = _counted(custom["OriginSslProtocols"])
        origin["CustomOriginConfig"] = custom
    return origin


def _error_response(sent: dict[str, Any]) -> dict[str, Any]:
    return {"ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 10, **sent}


def _certificate(sent: dict[str, Any]) -> dict[str, Any]:
    arn = sent.get("ACMCertificateArn")
    if not arn:
        return dict(_DEFAULT_CERTIFICATE)
    return {
        "MinimumProtocolVersion": "TLSv1",
        **sent,
        "CloudFrontDefaultCertificate": False,
        "Certificate": arn,
        "CertificateSource": "acm",
    }
