"""ACM: a certificate is issued when the records that prove who has its names are in DNS."""

from __future__ import annotations

from . import certificates

after = ("elbv2", "route53")


def install(_machines: bool) -> None:
    certificates.install()
