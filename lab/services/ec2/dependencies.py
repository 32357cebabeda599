"""What something else needs cannot be deleted: moto lets it go."""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import SubnetBackend

from ...monkeypatch import wrap
from . import network_acls


def keep_interface_that_aws_uses(original: Any) -> Any:
    def delete_network_interface(self: Any, eni_id: str) -> None:
        found = self.enis.get(eni_id)
        if found is not None and found.requester_managed and found.status == "in-use":
            raise EC2ClientError("InvalidParameterValue", f"Network interface '{eni_id}' is currently in use.")
        original(self, eni_id)

    return delete_network_interface


def keep_subnet_with_interfaces(original: Any) -> Any:
    delete = network_acls.forget_the_subnet(original)

    def delete_subnet(self: Any, subnet_id: str) -> Any:
        if any(one.subnet.id == subnet_id for one in list(self.enis.values())):
            message = f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            raise EC2ClientError("DependencyViolation", message)
        return delete(self, subnet_id)

    return delete_subnet


def keep_group_of_interfaces(original: Any) -> Any:
    def _delete_security_group(self: Any, vpc_id: str | None, group_id: str) -> None:
        if any(group.id == group_id for one in list(self.enis.values()) for group in one.group_set):
            raise EC2ClientError("DependencyViolation", f"resource {group_id} has a dependent object")
        original(self, vpc_id, group_id)

    return _delete_security_group


def install(_machines: bool) -> None:
    wrap(NetworkInterfaceBackend, "delete_network_interface", keep_interface_that_aws_uses)
    wrap(SubnetBackend, "delete_subnet", keep_subnet_with_interfaces)
    wrap(SecurityGroupBackend, "_delete_security_group", keep_group_of_interfaces)
