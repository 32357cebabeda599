"""Route 53 Resolver: a resolver in each VPC, and the same names in the host's /etc/hosts."""

from __future__ import annotations

from typing import Any

after = ("ec2", "route53")


def controllers(_lab: Any) -> list[Any]:
    from .controller import Names

    return [Names()]
