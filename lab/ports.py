"""What stands on a VPC's network besides its instances: a database, the nodes of a load balancer."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import config


@dataclass(frozen=True)
class Port:
    """One network namespace of its own on a VPC's router, with the addresses and security groups it has there."""

    name: str  # unique in the lab and short, such as alb-1a2b3c4d
    vpc_id: str
    addresses: tuple[str, ...]  # private ones
    groups: tuple[str, ...]  # ids of security groups
    public: dict[str, str] = field(default_factory=dict, hash=False)  # private address: public address
    listens: bool = True  # whether its groups may let anything in
    peers: tuple[str, ...] = ()  # addresses of the same service, which it talks with whatever groups and ACLs say

    @property
    def namespace(self) -> str:
        return config.PREFIX + self.name
