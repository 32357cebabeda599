"""What of API Gateway is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...store import Notes, Stores
from .routes import Bucket


@dataclass
class StageNote:
    buckets: dict[str, Bucket] = field(default_factory=dict)  # by route key


@dataclass
class ApiGateway:
    stages: Notes[StageNote] = field(default_factory=lambda: Notes(StageNote))


stores: Stores[ApiGateway] = Stores(ApiGateway)
