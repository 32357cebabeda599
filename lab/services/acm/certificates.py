"""Certificates of ACM: asked for, proven by records in a public hosted zone, issued by the lab's authority."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.acm.models import AWSCertificateManagerBackend, CertBundle
from moto.acm.responses import AWSCertificateManagerResponse
from moto.core.exceptions import AWSError

from ... import backends, config, pki
from ...monkeypatch import wrap
from ...transient_states import hold
from ..apigatewayv2 import domain_names
from ..cloudfront import distributions
from ..route53 import zones

_DAYS = 198  # for which Amazon's certificates hold
_REQUESTED = "AMAZON_ISSUED"


class ResourceInUse(AWSError):
    TYPE = "ResourceInUseException"


class RequestInProgress(AWSError):
    TYPE = "RequestInProgressException"


def generate(original: Any) -> Any:
    """The lab's authority signs; moto would have the certificate sign itself."""

    def generate_cert(
        cls: type[CertBundle],
        domain_name: str,
        account_id: str,
        region: str,
        sans: list[str] | None = None,
        cert_authority_arn: str | None = None,
    ) -> CertBundle:
        if cert_authority_arn is not None:
            made: CertBundle = original.__func__(cls, domain_name, account_id, region, sans, cert_authority_arn)
            return made
        pki.ensure_authority()
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate, pem = pki.issue(domain_name, *(sans or ()), key=key, days=_DAYS)
        bundle = cls(
            account_id, certificate, pem, region=region, cert_type=_REQUESTED, cert_status="PENDING_VALIDATION"
        )
        bundle.chain = config.CA_CERT.read_bytes()
        return bundle

    return classmethod(generate_cert)


def check(original: Any) -> Any:
    """A certificate is issued once all its names are proven, and not after a minute."""

    def look(self: CertBundle) -> None:
        if self.type != _REQUESTED or self.status != "PENDING_VALIDATION":
            original(self)
        elif all(map(_is_proven, self.sans)):
            self.status = "ISSUED"

    return look


def describe(original: Callable[[CertBundle], dict[str, Any]]) -> Any:
    """Each name has the record that proves it; what an issued certificate alone has is left out before."""

    def description(self: CertBundle) -> dict[str, Any]:
        found = original(self)
        certificate = found["Certificate"]
        certificate["InUseBy"] = _users(self)
        if self.type == _REQUESTED:
            issued = self.status == "ISSUED"
            certificate["RenewalEligibility"] = "ELIGIBLE" if certificate["InUseBy"] else "INELIGIBLE"
            certificate["DomainValidationOptions"] = [
                {
                    "DomainName": name,
                    "ValidationDomain": name,
                    "ValidationMethod": "DNS",
                    "ValidationStatus": "SUCCESS" if issued or _is_proven(name) else "PENDING_VALIDATION",
                    "ResourceRecord": proof(name),
                }
                for name in self.sans
            ]
            if not issued:
                for key in ("IssuedAt", "NotAfter", "NotBefore", "Serial", "Issuer"):
                    certificate.pop(key, None)
        return found

    return description


def refuse_before_it_is_issued(original: Any) -> Any:
    def get_certificate(self: AWSCertificateManagerResponse) -> Any:
        arn = self._get_param("CertificateArn")
        if arn and self.acm_backend.get_certificate(arn).status == "PENDING_VALIDATION":
            raise RequestInProgress(f"The certificate {arn} has not been issued yet.")
        return original(self)

    return get_certificate


def keep_what_is_in_use(original: Any) -> Any:
    def delete_certificate(self: AWSCertificateManagerBackend, arn: str) -> None:
        found = self._certificates.get(arn)
        if found and (users := _users(found)):
            raise ResourceInUse(f"Certificate {arn} in account {self.account_id} is in use by {', '.join(users)}.")
        original(self, arn)

    return delete_certificate


def proof(name: str) -> dict[str, str]:
    """The record that proves who has a name: for ever the same, and that of a wildcard too, as in an account of AWS."""
    base = name.removeprefix("*.")

    def token(of: str) -> str:
        return hashlib.md5(f"{of} {config.ACCOUNT} {base}".encode(), usedforsecurity=False).hexdigest()

    value = f"_{token('value')}.{token('zone')[:10]}.acm-validations.aws."
    return {"Name": f"_{token('name')}.{base}.", "Type": "CNAME", "Value": value}


def _is_proven(name: str) -> bool:
    wanted = proof(name)
    return any(
        record.type == "CNAME"
        and record.name.lower() == wanted["Name"].lower()
        and [value.rstrip(".") for value in record.records] == [wanted["Value"].rstrip(".")]
        for zone in zones.public()
        for record in list(zone.rrsets)
    )


def _users(bundle: CertBundle) -> list[str]:
    """The ARNs of the load balancers that have it at a listener, and of the distributions and API domains that do."""
    balancers = {
        listener.load_balancer_arn
        for backend in backends.regions("elbv2")
        for balancer in list(backend.load_balancers.values())
        for listener in list(balancer.listeners.values())
        if bundle.arn in (listener.certificate, *(listener.certificates or ()))
    }
    return sorted(balancers | distributions.using_certificate(bundle.arn) | domain_names.using_certificate(bundle.arn))


def _kind(certificate: CertBundle) -> str:
    return "certificate" if certificate.type == _REQUESTED else "imported"  # which takes no time


def install() -> None:
    hold(CertBundle, "status", ("ISSUED", "PENDING_VALIDATION", _kind))
    wrap(CertBundle, "generate_cert", generate)
    wrap(CertBundle, "check", check)
    wrap(CertBundle, "describe", describe)
    wrap(AWSCertificateManagerResponse, "get_certificate", refuse_before_it_is_issued)
    wrap(AWSCertificateManagerBackend, "delete_certificate", keep_what_is_in_use)
