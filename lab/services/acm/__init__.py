"""ACM: a certificate that was asked for is validated before it is issued."""

from __future__ import annotations

from moto.acm.models import CertBundle

from ...transient_states import hold


def kind_of_certificate(certificate: CertBundle) -> str:
    return "certificate" if certificate.type == "AMAZON_ISSUED" else "imported"  # which takes no time


def install(_machines: bool) -> None:
    hold(CertBundle, "status", ("ISSUED", "PENDING_VALIDATION", kind_of_certificate))
