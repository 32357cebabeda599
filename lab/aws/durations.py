"""What is made or deleted stays in its transient state as long as AWS would take, if a table of durations says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.acm.models import CertBundle
from moto.cloudfront.models import Distribution
from moto.ec2.models.amis import Ami
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.models.nat_gateways import NatGateway
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup
from moto.rds.models import DBInstance

from ..durations import held
from .patching import wrap

_INITIAL = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")


def kind_of_database(database: DBInstance) -> str:
    return "database_multi_az" if getattr(database, "multi_az", False) else "database"


Stage = tuple[str, str, Callable[[Any], str]]  # a state, what it is called while it is too early for it, whose duration


def _attribute(name: str, *stages: Stage) -> Callable[[Any], property]:
    """A property in the place of an attribute or a property of moto's."""

    def make(original: property | None) -> property:
        def get(self: Any) -> str:
            value: str = original.fget(self) if original else self.__dict__[name]  # type: ignore[misc]
            for reached, meanwhile, kind in stages:
                if value == reached and held(kind(self), self):
                    return meanwhile
            return value

        def put(self: Any, value: str) -> None:
            for reached, meanwhile, kind in stages:
                if value in (reached, meanwhile):
                    held(kind(self), self)  # time runs from here
            if original:
                original.fset(self, value)  # type: ignore[misc]
            else:
                self.__dict__[name] = value

        return property(get, put)

    return make


def kind_of_certificate(certificate: CertBundle) -> str:
    return "certificate" if certificate.type == "AMAZON_ISSUED" else "imported"  # which takes no time


def kind_of_image(image: Ami) -> str:
    return "image" if getattr(image, "instance_id", None) else "published"  # made before anyone asked


def _of_instance(machines: bool, name: str, of: Callable[[InstanceState], Any]) -> None:
    def make(_original: property) -> property:
        def get(self: Instance) -> Any:
            if self._state.name == "terminated" and held("instance_termination", self):
                return of(InstanceState("shutting-down", 32))
            # Without machines, moto registers a group's instances as targets at once, and only what runs can be one.
            waits = machines or not any(tag["key"] == "aws:autoscaling:groupName" for tag in self.get_tags())
            early = self._state.name == "running" and waits and held("instance", self)
            return of(InstanceState("pending", 0) if early else self._state)

        return property(get)

    wrap(Instance, name, make)


def keep_target_initial(original: Any) -> Any:
    """Without machines nobody counts a member in; so the load balancer does, after as long."""

    def health_for(self: FakeTargetGroup, target: Any, ec2_backend: Any) -> Any:
        seen = original(self, target, ec2_backend)
        instance = ec2_backend.get_instance_by_id(target["Id"]) if target["Id"].startswith("i-") else None
        if seen.status == "healthy" and instance and held("in_service", instance):
            seen.status, seen.reason, seen.description = _INITIAL
        return seen

    return health_for


def install(machines: bool = False) -> None:
    def always(kind: str) -> Callable[[Any], str]:
        return lambda _resource: kind

    for owner, name, *stages in (
        (DBInstance, "status", ("available", "creating", kind_of_database)),
        (
            NatGateway,
            "state",
            ("available", "pending", always("nat_gateway")),
            ("deleted", "deleting", always("nat_gateway_deletion")),
        ),
        (FakeLoadBalancer, "state", ("active", "provisioning", always("load_balancer"))),
        (Distribution, "status", ("Deployed", "InProgress", always("distribution"))),
        (Ami, "state", ("available", "pending", kind_of_image)),
        (CertBundle, "status", ("ISSUED", "PENDING_VALIDATION", kind_of_certificate)),
    ):
        wrap(owner, name, _attribute(name, *stages))
    _of_instance(machines, "state", lambda state: state.name)
    _of_instance(machines, "state_code", lambda state: state.code)
    _of_instance(machines, "instance_state", lambda state: state)
    if not machines:
        wrap(FakeTargetGroup, "health_for", keep_target_initial)
