"""Network interfaces of functions in a VPC: one for each subnet with the same groups, shared by all that have both.

They are AWS's own: nobody else can delete them. They go with the last function that needs them, some minutes later.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaFunction
from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from ... import backends, delivery, durations
from ...monkeypatch import wrap
from ..iam import identities
from . import store

_settling = threading.Lock()


def of_function(function: LambdaFunction) -> list[NetworkInterface]:
    """In the order of its subnets; none for a function outside of all VPCs."""
    known = store.stores.at(function.account_id, function.region).interfaces
    return [known[place] for place in _places(function) if place in known]


def all_interfaces() -> list[NetworkInterface]:
    return [interface for known in store.stores for interface in list(known.interfaces.values())]


def settle(account: str, region: str) -> None:
    """Make the interfaces that functions need, and release those that none needs any more."""
    known = store.stores.at(account, region).interfaces
    functions = backends.backend("lambda", region, account).list_functions("ALL")
    needed = {place: function for function in functions for place in _places(function)}
    with _settling:
        for place in known.keys() - needed.keys():
            _release(known.pop(place))
        for place in needed.keys() - known.keys():
            known[place] = _make(place, needed[place])


def refuse_what_is_not_there(role: str, wanted: dict[str, Any], account: str, region: str) -> None:
    """Subnets and groups of a configuration are looked up by AWS, and the role has to be able to make interfaces."""
    ec2 = backends.backend("ec2", region, account)
    if not wanted.get("SubnetIds"):
        return
    subnets = {subnet.id for zone in ec2.subnets.values() for subnet in zone.values()}
    for subnet in wanted["SubnetIds"]:
        if subnet not in subnets:
            raise _missing("DescribeSubnets", "InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist")
    for group in wanted.get("SecurityGroupIds") or []:
        if ec2.get_security_group_from_id(group) is None:
            message = f"The security group '{group}' does not exist"
            raise _missing("DescribeSecurityGroups", "InvalidGroup.NotFound", message)
    any_interface = f"arn:aws:ec2:{region}:{account}:network-interface/*"
    if not identities.role_may(role, "ec2:CreateNetworkInterface", any_interface):
        message = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
        raise InvalidParameterValueException(message)


def _missing(call: str, code: str, message: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"Error occurred while {call}. EC2 Error Code: {code}. EC2 Error Message: {message}"
    )


def _places(function: LambdaFunction) -> list[store.Place]:
    config = function._vpc_config or {}
    groups = tuple(sorted(config.get("SecurityGroupIds") or ()))
    return [(subnet, groups) for subnet in config.get("SubnetIds") or ()]


def _make(place: store.Place, function: LambdaFunction) -> NetworkInterface:
    ec2, (subnet_id, groups) = backends.backend("ec2", function.region, function.account_id), place
    address = ec2.get_subnet(subnet_id).get_available_subnet_ip(None)
    name = f"AWS Lambda VPC ENI-{function.function_name}-{uuid.uuid4()}"
    made: NetworkInterface = ec2.create_network_interface(
        ec2.get_subnet(subnet_id), address, group_ids=list(groups), description=name
    )
    made.interface_type, made.requester_managed, made.status = "lambda", True, "in-use"
    made.requester_id = f"{uuid.uuid4().hex[:21].upper()}:{function.function_name}"
    return made


def _release(interface: NetworkInterface) -> None:
    delay = durations.of("function_interface_deletion")
    if delay:
        delivery.later(lambda: _delete(interface), delay)
    else:
        _delete(interface)


def _delete(interface: NetworkInterface) -> None:
    if interface.ec2_backend.enis.pop(interface.id, None):
        interface.subnet.del_subnet_ip(interface.private_ip_address)


def show_vpc(_original: Any) -> property:
    """moto says the same VPC of all functions."""

    def vpc_config(self: LambdaFunction) -> dict[str, Any] | None:
        if self._vpc_config is None:
            return None
        subnets, groups = (list(self._vpc_config.get(kind) or ()) for kind in ("SubnetIds", "SecurityGroupIds"))
        ec2 = backends.backend("ec2", self.region, self.account_id)
        vpc = ec2.get_subnet(subnets[0]).vpc_id if subnets else ""
        return {"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": vpc, "Ipv6AllowedForDualStack": False}

    return property(vpc_config)


def install() -> None:
    wrap(LambdaFunction, "vpc_config", show_vpc)
