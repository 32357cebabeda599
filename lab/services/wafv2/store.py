"""What of WAF is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from ...store import Notes, Stores

_SAMPLED = 500  # requests of a web ACL that are kept; AWS keeps them for three hours


@dataclass
class Wafv2:
    samples: Notes[deque[dict[str, Any]]] = field(default_factory=lambda: Notes(lambda: deque(maxlen=_SAMPLED)))


stores: Stores[Wafv2] = Stores(Wafv2)
