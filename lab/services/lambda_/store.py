"""What of Lambda is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...store import Notes, Stores


@dataclass
class FunctionNote:
    dead_letters: str = ""  # ARN of a queue or topic


@dataclass
class Lambda:
    functions: Notes[FunctionNote] = field(default_factory=lambda: Notes(FunctionNote))


stores: Stores[Lambda] = Stores(Lambda)


def of_function(function: Any) -> FunctionNote:
    return stores.at(function.account_id, function.region).functions[function]
