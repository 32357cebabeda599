"""What of SNS is known to us and moto has no place for, by account and region."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from ...store import Notes, Stores


@dataclass
class Sns:
    # of an e-mail subscription: who has it may confirm
    tokens: Notes[str] = field(default_factory=lambda: Notes(lambda: secrets.token_hex(64)))


stores: Stores[Sns] = Stores(Sns)
