"""What of load balancing is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...store import Notes, Stores

if TYPE_CHECKING:
    from .controller import LoadBalancer

Seen = tuple[str, str | None, str | None]  # state, reason and description of a target's health


@dataclass
class TargetGroupNote:
    draining: dict[str, tuple[dict[str, Any], float]] = field(default_factory=dict)  # id: target, time since when
    health: dict[str, Seen] = field(default_factory=dict)  # what the checker saw, by the target's id


@dataclass
class Elbv2:
    target_groups: Notes[TargetGroupNote] = field(default_factory=lambda: Notes(TargetGroupNote))
    interfaces: Notes[dict[str, Any]] = field(default_factory=lambda: Notes(dict))  # of a balancer, by subnet
    proxies: dict[str, LoadBalancer] = field(default_factory=dict)  # what stands behind a balancer, by ARN


stores: Stores[Elbv2] = Stores(Elbv2)
