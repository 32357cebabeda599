"""What of CloudFront is known to us and moto has no place for, by account and partition."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from ...store import Notes, Stores


@dataclass
class DistributionNote:
    deployed: Any = None  # the configuration that the edge serves


@dataclass
class Policy:
    """A cache, origin request or response headers policy."""

    id: str
    kind: str  # managed or custom
    config: dict[str, Any]
    etag: str
    changed: datetime.datetime


@dataclass
class CloudFront:
    distributions: Notes[DistributionNote] = field(default_factory=lambda: Notes(DistributionNote))
    policies: dict[str, dict[str, Policy]] = field(default_factory=dict)  # what the account has made: by kind, by id


stores: Stores[CloudFront] = Stores(CloudFront)
