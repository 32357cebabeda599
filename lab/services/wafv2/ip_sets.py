"""IP sets: networks in CIDR notation, one set for a name, and none that a rule asks for is deleted."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.wafv2.models import WAFV2Backend

from ...monkeypatch import wrap
from . import rules
from .errors import DUPLICATE, IN_USE, invalid, refusal


def check_before_it_is_made(original: Any) -> Any:
    def create_ip_set(
        self: WAFV2Backend, name: str, scope: str, description: str, ip_address_version: str, addresses: Any, tags: Any
    ) -> Any:
        if any(known.name == name and known.scope == scope for known in self.ip_sets.values()):
            raise refusal("WAFDuplicateItemException", DUPLICATE)
        _check(ip_address_version, addresses)
        return original(self, name, scope, description, ip_address_version, addresses, tags)

    return create_ip_set


def check_before_it_is_changed(original: Any) -> Any:
    def update_ip_set(
        self: WAFV2Backend, name: str, scope: str, _id: str, description: Any, addresses: list[str], lock_token: str
    ) -> Any:
        _check(self.get_ip_set(name, scope, _id).ip_address_version, addresses)
        return original(self, name, scope, _id, description, addresses, lock_token)

    return update_ip_set


def keep_used(original: Any) -> Any:
    def delete_ip_set(self: WAFV2Backend, name: str, scope: str, _id: str, lock_token: str) -> None:
        arn = self.get_ip_set(name, scope, _id).arn
        if any(arn in rules.ip_sets([rule.to_dict() for rule in acl.rules]) for acl in self.wacls.values()):
            raise refusal("WAFAssociatedItemException", IN_USE)
        original(self, name, scope, _id, lock_token)

    return delete_ip_set


def _check(version: str, addresses: list[str]) -> None:
    for address in addresses:
        try:
            network = ipaddress.ip_network(address)
        except ValueError:
            raise invalid("IP_ADDRESS", address) from None
        if "/" not in address or network.version != int(version[-1]) or network.prefixlen == 0:
            raise invalid("IP_ADDRESS", address)


def install() -> None:
    wrap(WAFV2Backend, "create_ip_set", check_before_it_is_made)
    wrap(WAFV2Backend, "update_ip_set", check_before_it_is_changed)
    wrap(WAFV2Backend, "delete_ip_set", keep_used)
