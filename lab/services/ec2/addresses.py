"""Public addresses out of the lab's own range, the lowest free one first, so that packets can really reach them."""

from __future__ import annotations

import ipaddress
import threading
import weakref
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_ip_addresses import ElasticAddress, ElasticAddressBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from ... import config
from ...monkeypatch import wrap


class AddressPool:
    """Knows only who holds an address: it is free again when its holder lets go or is gone."""

    def __init__(self, first: str, last: str) -> None:
        self._first, self._last = (
            int(ipaddress.IPv4Address(first)),
            int(ipaddress.IPv4Address(last)),
        )
        self._holders: list[weakref.ref[Any]] = []
        self._lock = threading.Lock()

    def take(self, holder: Any) -> str:
        """Give the lowest free address to a holder: whatever has a public_ip, as an elastic address or an interface."""
        with self._lock:
            self._holders = [reference for reference in self._holders if reference() is not None]
            others = [
                other for reference in self._holders if (other := reference()) is not None and other is not holder
            ]
            taken = {other.public_ip for other in others}
            for number in range(self._first, self._last + 1):
                address = str(ipaddress.IPv4Address(number))
                if address not in taken:
                    holder.public_ip = address
                    self._holders = [weakref.ref(other) for other in [*others, holder]]
                    return address
        raise EC2ClientError(
            "InsufficientFreeAddresses",
            "The lab's range of public addresses is used up.",
        )

    def clear(self) -> None:
        self._holders = []


public_addresses = AddressPool(*config.PUBLIC_POOL)


def take_elastic_address_from_pool(original: Any) -> Any:
    def __init__(self: ElasticAddress, *args: Any, **kwargs: Any) -> None:
        wanted = kwargs.get("address")
        original(self, *args, **{**kwargs, "address": wanted or "0.0.0.0"})
        if not wanted:
            public_addresses.take(self)

    return __init__


def let_go_of_released_address(original: Any) -> Any:
    def release_address(self: Any, address: str | None = None, allocation_id: str | None = None) -> None:
        found = self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id])
        original(self, address=address, allocation_id=allocation_id)
        found[0].public_ip = None

    return release_address


def _elastic(interface: NetworkInterface) -> str | None:
    for elastic in list(interface.ec2_backend.addresses):
        if elastic.eni is interface:
            return str(elastic.public_ip)
    return None


def keep_elastic_address_on_start(_original: Any) -> Any:
    """An interface that has an elastic address gets no other one when its instance starts."""

    def check_auto_public_ip(self: NetworkInterface) -> None:
        if _elastic(self):
            self.public_ip = _elastic(self)
        elif str(self.public_ip_auto_assign).lower() == "true" and not self.public_ip:
            public_addresses.take(self)

    return check_auto_public_ip


def keep_elastic_address_on_stop(original: Any) -> Any:
    def stop(self: NetworkInterface) -> None:
        original(self)
        self.public_ip = self.public_ip or _elastic(self)

    return stop


def install(_machines: bool = False) -> None:
    wrap(ElasticAddress, "__init__", take_elastic_address_from_pool)
    wrap(ElasticAddressBackend, "release_address", let_go_of_released_address)
    wrap(NetworkInterface, "check_auto_public_ip", keep_elastic_address_on_start)
    wrap(NetworkInterface, "stop", keep_elastic_address_on_stop)
