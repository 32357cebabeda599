"""Distributions: their configuration comes back as it was sent, and is changed by who knows it as it is now alone."""

from __future__ import annotations

import datetime
from typing import Any

from cryptography import x509
from moto.cloudfront import models
from moto.cloudfront.exceptions import NoSuchDistribution, OriginDoesNotExist
from moto.cloudfront.models import CloudFrontBackend, Distribution, DistributionConfig, random_id

from ... import backends
from ...durations import held
from ...monkeypatch import wrap
from . import configuration, policies
from .configuration import behaviours, items
from .errors import insist_on_etag, refusal
from .store import stores

_machines = False


def every() -> list[tuple[CloudFrontBackend, Distribution]]:
    """Each distribution, with the backend that has it."""
    return [
        (backend, one) for backend in backends.regions("cloudfront") for one in list(backend.distributions.values())
    ]


def find(arn: str) -> tuple[CloudFrontBackend, Distribution] | None:
    """A distribution, with the backend that has it."""
    return next((found for found in every() if found[1].arn == arn), None)


def config_of(distribution: Distribution) -> dict[str, Any]:
    """The configuration as CloudFront returns it."""
    return dict(vars(distribution.distribution_config)["sent"])


def using_certificate(arn: str) -> set[str]:
    """The ARNs of the distributions that have a certificate of ACM."""
    used = {one.arn: config_of(one)["ViewerCertificate"].get("ACMCertificateArn") for _, one in every()}
    return {distribution for distribution, certificate in used.items() if certificate == arn}


def keep_all(_original: Any) -> Any:
    """moto forgets what it does not know, and an origin's access control with it."""

    def __init__(self: DistributionConfig, config: dict[str, Any]) -> None:
        sent = configuration.complete(config)
        origins = {origin["Id"] for origin in items(sent["Origins"])}
        groups = {group["Id"] for group in items(sent["OriginGroups"])}
        if any(behaviour["TargetOriginId"] not in origins | groups for behaviour in behaviours(sent)):
            raise OriginDoesNotExist
        self.__dict__.update(sent, sent=sent, caller_reference=sent["CallerReference"])

    return __init__


def status(_original: Any) -> property:
    """A distribution is deployed once the edge serves its configuration, and no sooner than the durations say."""

    def get(self: Distribution) -> str:
        config = self.distribution_config
        if held("distribution", config):
            return "InProgress"
        return "Deployed" if not _machines or note_of(self).deployed is config else "InProgress"

    return property(get, lambda _self, _value: None)


def note_of(distribution: Distribution) -> Any:
    _, _, _, _, account, _ = distribution.arn.split(":", 5)
    partition = distribution.arn.split(":", 2)[1]
    return stores.at(account, partition).distributions[distribution]


def check_before_it_is_made(original: Any) -> Any:
    def create_distribution_with_tags(
        self: CloudFrontBackend, distribution_config: dict[str, Any], tags: list[dict[str, str]]
    ) -> tuple[Distribution, str, str]:
        _check(self, distribution_config, None)
        made: tuple[Distribution, str, str] = original(self, distribution_config, tags)
        _changed_now(made[0])
        return made[0], made[1], made[0].etag

    return create_distribution_with_tags


def change_what_is_known(_original: Any) -> Any:
    """moto takes any ETag and never gives another one."""

    def update_distribution(
        self: CloudFrontBackend, dist_config: dict[str, Any], _id: str, if_match: Any
    ) -> tuple[Distribution, str, str]:
        found = self.distributions.get(_id)
        if found is None:
            raise NoSuchDistribution
        insist_on_etag(found, if_match)
        _check(self, dist_config, found)
        if dist_config["CallerReference"] != found.distribution_config.caller_reference:
            raise refusal("IllegalUpdate", "The caller reference of a distribution cannot be changed.")
        found.distribution_config = DistributionConfig(dist_config)
        _changed_now(found)
        return found, found.location, found.etag

    return update_distribution


def delete_what_is_disabled(original: Any) -> Any:
    def delete_distribution(self: CloudFrontBackend, distribution_id: str, if_match: Any) -> None:
        if found := self.distributions.get(distribution_id):
            insist_on_etag(found, if_match)
            if config_of(found)["Enabled"] or found.status != "Deployed":
                message = "The distribution you are trying to delete has not been disabled."
                raise refusal("DistributionNotDisabled", message)
        original(self, distribution_id, if_match)

    return delete_distribution


def _changed_now(distribution: Distribution) -> None:
    distribution.etag = random_id()
    distribution.last_modified_time = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def _check(backend: CloudFrontBackend, sent: dict[str, Any], changed: Distribution | None) -> None:
    """
    :param changed: the distribution that gets this configuration, None for a new one.
    :raises CloudFrontException: for what CloudFront would refuse.
    """
    aliases = {name.lower() for name in items(sent.get("Aliases"))}
    for _, other in every():
        taken = aliases & {name.lower() for name in items(config_of(other)["Aliases"])}
        if taken and other is not changed:
            message = "One or more of the CNAMEs you provided are already associated with a different resource."
            raise refusal("CNAMEAlreadyExists", message)
    _check_certificate(aliases, (sent.get("ViewerCertificate") or {}).get("ACMCertificateArn"))
    if (wanted := sent.get("WebACLId")) and not _has_web_acl(wanted):
        raise refusal("InvalidWebACLId", "Web ACL ID specified does not exist or is not of scope CLOUDFRONT.")
    for origin in items(sent["Origins"]):
        control = origin.get("OriginAccessControlId")
        if control and control not in backend.origin_access_controls:
            raise refusal("InvalidOriginAccessControl", f"The origin access control {control} is not valid.")
    for behaviour in (sent["DefaultCacheBehavior"], *items(sent.get("CacheBehaviors"))):
        for kind in policies.KINDS:
            if wanted := behaviour.get(f"{kind}Id"):
                policies.find(backend, kind, wanted)


def _has_web_acl(arn: str) -> bool:
    return ":global/webacl/" in arn and any(arn in backend.wacls for backend in backends.regions("wafv2"))


def _check_certificate(aliases: set[str], arn: str | None) -> None:
    """Names of its own need a certificate that covers them, is issued, and is in us-east-1."""
    if not arn:
        if aliases:
            message = "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted"
            raise refusal("InvalidViewerCertificate", f"{message} certificate that validates your authorization.")
        return
    _, _, _, region, account, _ = arn.split(":", 5)
    found = backends.backend("acm", "us-east-1", account)._certificates.get(arn) if region == "us-east-1" else None
    if found is not None:
        found.check()  # which is when moto looks whether it is issued by now
    if found is None or found.status != "ISSUED":
        message = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't"
        raise refusal("InvalidViewerCertificate", f"{message} include a valid certificate chain.")
    if uncovered := sorted(name for name in aliases if not _covers(found.cert, name)):
        message = f"The certificate that is attached to your distribution doesn't cover {', '.join(uncovered)}."
        raise refusal("InvalidViewerCertificate", message)


def _covers(certificate: bytes, name: str) -> bool:
    extensions = x509.load_pem_x509_certificate(certificate).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    return bool({name, f"*.{name.partition('.')[2]}"} & {known.lower() for known in names})


def install(machines: bool) -> None:
    global _machines
    _machines = machines
    wrap(models, "DISTRIBUTION_CONFIG_FIELDS", lambda known: [*known, "Staging"])
    wrap(DistributionConfig, "__init__", keep_all)
    wrap(Distribution, "status", status)
    wrap(CloudFrontBackend, "create_distribution_with_tags", check_before_it_is_made)
    wrap(CloudFrontBackend, "update_distribution", change_what_is_known)
    wrap(CloudFrontBackend, "delete_distribution", delete_what_is_disabled)
