"""WAFv2: web ACLs, and a rule engine with the OWASP Core Rule Set that load balancers and the edge ask."""

from __future__ import annotations

from typing import Any

from . import ip_sets, logging_configurations, managed_groups, sampled_requests, web_acls

after = ("cloudfront", "elbv2")


def install(_machines: bool) -> None:
    ip_sets.install()
    logging_configurations.install()
    managed_groups.install()
    sampled_requests.install()
    web_acls.install()


def controllers(_lab: Any) -> list[Any]:
    from .controller import Firewall

    return [Firewall()]
