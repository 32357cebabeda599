"""NAT gateways and the names of kinds."""

from __future__ import annotations

import threading
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import nat_gateways
from moto.ec2.models import tags as moto_tags
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.ec2.utils import tag_filter_matches

from ...monkeypatch import wrap
from ...transient_states import always, hold

_request = threading.local()


def know_type_of_every_id(original: dict[str, str]) -> dict[str, str]:
    """DescribeTags by resource-type broke on ids whose prefix it did not know; AWS has its own names for two kinds."""

    class Types(dict[str, str]):
        def __missing__(self, prefix: str) -> str:
            return ""

    return Types({**original, "nat": "natgateway", "eipalloc": "elastic-ip"})


def remember_subnet_of_nat(original: Any) -> Any:
    def __init__(self: NatGateway, backend: Any, subnet_id: str, *args: Any, **kwargs: Any) -> None:
        _request.subnet = backend.get_subnet(subnet_id)
        original(self, backend, subnet_id, *args, **kwargs)
        self._eni.interface_type = "nat_gateway"
        self._eni.description = f"Interface for NAT Gateway {self.id}"
        self._eni.requester_managed = True

    return __init__


def take_nat_address_from_subnet(_original: Any) -> Any:
    """moto gives a NAT gateway any address of 10.0.0.0/8."""
    return lambda: _request.subnet.get_available_subnet_ip(instance=None)


def free_addresses_of_deleted_nat(original: Any) -> Any:
    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> NatGateway:
        gateway = self.nat_gateways.get(nat_gateway_id)
        if gateway is None:
            raise EC2ClientError("NatGatewayNotFound", f"NAT gateway {nat_gateway_id} was not found")
        if gateway.state != "deleted":
            for elastic in list(self.addresses):
                if elastic.eni is gateway._eni:
                    self.disassociate_address(address=elastic.public_ip)
            gateway._eni.delete()
        deleted: NatGateway = original(self, nat_gateway_id)
        return deleted

    return delete_nat_gateway


def find_nat_gateways_by_tag(original: Any) -> Any:
    def describe_nat_gateways(self: Any, filters: Any, nat_gateway_ids: list[str] | None) -> list[NatGateway]:
        tags = {name: values for name, values in (filters or {}).items() if name.startswith("tag")}
        found: list[NatGateway] = original(self, filters, nat_gateway_ids)
        return [one for one in found if all(tag_filter_matches(one, *wanted) for wanted in tags.items())]

    return describe_nat_gateways


def install(_machines: bool = False) -> None:
    wrap(moto_tags, "EC2_PREFIX_TO_RESOURCE", know_type_of_every_id)
    wrap(NatGateway, "__init__", remember_subnet_of_nat)
    hold(
        NatGateway,
        "state",
        ("available", "pending", always("nat_gateway")),
        ("deleted", "deleting", always("nat_gateway_deletion")),
    )
    wrap(nat_gateways, "random_private_ip", take_nat_address_from_subnet)
    wrap(NatGatewayBackend, "delete_nat_gateway", free_addresses_of_deleted_nat)
    wrap(NatGatewayBackend, "describe_nat_gateways", find_nat_gateways_by_tag)
