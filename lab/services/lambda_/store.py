"""What of Lambda is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...store import Notes, Stores

if TYPE_CHECKING:
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface

Place = tuple[str, tuple[str, ...]]  # a subnet and the groups of an interface in it


@dataclass
class FunctionNote:
    dead_letters: str = ""  # ARN of a queue or topic


@dataclass
class Lambda:
    functions: Notes[FunctionNote] = field(default_factory=lambda: Notes(FunctionNote))
    interfaces: dict[Place, NetworkInterface] = field(default_factory=dict)


stores: Stores[Lambda] = Stores(Lambda)


def of_function(function: Any) -> FunctionNote:
    return stores.at(function.account_id, function.region).functions[function]
