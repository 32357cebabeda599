"""What of WAF is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from ...store import Notes, Stores

_SAMPLED = 500  # requests of a rule that are kept; AWS keeps them for three hours


def _kept() -> defaultdict[str, deque[dict[str, Any]]]:
    return defaultdict(lambda: deque(maxlen=_SAMPLED))


@dataclass
class Wafv2:
    # of a web ACL, by the name of a rule's metric
    samples: Notes[defaultdict[str, deque[dict[str, Any]]]] = field(default_factory=lambda: Notes(_kept))


stores: Stores[Wafv2] = Stores(Wafv2)
