"""What of Route 53 is known to us and moto has no place for."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from ...store import Notes, Stores


@dataclass
class Observation:
    """What the health checker has seen of a health check, and what it makes of it."""

    healthy: bool = True  # what is new passes until it has failed often enough
    in_a_row: int = 0  # answers that say otherwise
    status: str = ""  # the last answer, in AWS's words; nothing before the first
    time: datetime.datetime | None = None


@dataclass
class Route53:
    observations: Notes[Observation] = field(default_factory=lambda: Notes(Observation))  # by health check


stores: Stores[Route53] = Stores(Route53)
