"""Load balancers: active when their proxy answers; target health as it was seen, draining for as long as it takes."""

from __future__ import annotations

import time
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeLoadBalancer, FakeTargetGroup

from ... import backends, faults
from ...durations import held
from ...monkeypatch import wrap
from ...transient_states import always, hold
from .store import Seen, stores

INITIAL = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
UNUSED = ("unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
DRAINING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
STOPPED = ("unused", "Target.InvalidState", "Target is in the stopped state")
HEALTHY = ("healthy", None, None)


def connected(interfaces: dict[str, Any]) -> list[Any]:
    """The nodes of a balancer whose zone has a network; AWS takes the others out of its name. All if none has."""
    found = list(interfaces.values())
    return [node for node in found if node.subnet.availability_zone not in faults.zones_cut_off] or found


def draining(group: FakeTargetGroup) -> dict[str, tuple[dict[str, Any], float]]:
    """Targets that have been deregistered and may still serve: id to target and the time since when."""
    return stores.of(group).target_groups[group].draining


def health(group: FakeTargetGroup) -> dict[str, Seen]:
    """What the checker saw: id of the target to state, reason and description."""
    return stores.of(group).target_groups[group].health


def serves(dns_name: str) -> bool:
    """Whether a balancer's name counts as healthy for a record that evaluates its targets. Other names always do."""
    for backend in backends.regions("elbv2"):
        for balancer in list(backend.load_balancers.values()):
            if balancer.dns_name.lower() == dns_name:
                groups = [group for group in backend.target_groups.values() if balancer.arn in group.load_balancer_arns]
                states = [[seen[0] for seen in health(group).values()] for group in groups if group.targets]
                return bool(states) and all("healthy" in seen for seen in states)
    return True


def begin_as_provisioning(_original: Any) -> Any:
    def activate(self: FakeLoadBalancer) -> None:
        """The controller does, when the proxy answers."""

    return activate


def start_checks_anew(original: Any) -> Any:
    def register(self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
        new = [target["Id"] for target in targets if target["Id"] not in self.targets]
        original(self, targets)
        for target_id in new:
            health(self)[target_id] = INITIAL
            draining(self).pop(target_id, None)

    return register


def drain_deregistered_targets(original: Any) -> Any:
    def deregister(self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
        known = {target["Id"]: self.targets.get(target["Id"]) for target in targets}
        original(self, targets)
        for target_id, target in known.items():
            if target and self.load_balancer_arns:
                draining(self)[target_id] = (target, time.monotonic())
            health(self).pop(target_id, None)

    return deregister


def drain_terminated_instances(_original: Any) -> Any:
    def deregister_terminated_instances(self: FakeTargetGroup, instance_ids: list[str]) -> None:
        gone = [{"Id": target_id} for target_id in instance_ids if target_id in self.targets]
        if gone:
            self.deregister(gone)

    return deregister_terminated_instances


def report_health_as_seen(original: Any) -> Any:
    def health_for(self: FakeTargetGroup, target: dict[str, Any], ec2_backend: Any) -> FakeHealthStatus:
        found = draining(self).get(target["Id"])
        registered = self.targets.get(target["Id"])
        if registered is None and found is None:
            self.terminated_targets.pop(target["Id"], None)
            return original(self, target, ec2_backend)  # type: ignore[no-any-return]
        known = registered or (found[0] if found else target)
        seen = DRAINING if registered is None else health(self).get(target["Id"], INITIAL)
        if registered and not self.load_balancer_arns:
            seen = UNUSED
        instance = ec2_backend.get_instance_by_id(target["Id"]) if target["Id"].startswith("i-") else None
        if registered and instance and instance.state in ("stopped", "stopping"):
            seen = STOPPED
        port = known["Port"] if self.health_check_port == "traffic-port" else self.health_check_port
        return FakeHealthStatus(known["Id"], known["Port"], port, *seen)

    return health_for


def list_draining_targets(original: Any) -> Any:
    def describe_target_health(self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> Any:
        group = self.target_groups.get(target_group_arn)
        if group and not targets:
            targets = [*group.targets.values(), *(target for target, _ in list(draining(group).values()))]
            if not targets:
                return []
        return original(self, target_group_arn, targets)

    return describe_target_health


def keep_protected_balancer(original: Any) -> Any:
    def delete_load_balancer(self: Any, arn: str) -> None:
        from moto.elbv2.exceptions import ELBClientError

        balancer = self.load_balancers.get(arn)
        if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
            message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            raise ELBClientError("OperationNotPermitted", message)
        original(self, arn)
        for group in list(self.target_groups.values()):
            group.load_balancer_arns = [found for found in group.load_balancer_arns if found != arn]

    return delete_load_balancer


def begin_with_every_attribute(original: Any) -> Any:
    """DescribeLoadBalancerAttributes says all of an application load balancer's attributes, with AWS's defaults."""

    def __init__(self: FakeLoadBalancer, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if self.type == "application":
            self.attrs = {**_DEFAULTS, **self.attrs, "load_balancing.cross_zone.enabled": "true"}

    return __init__


def keep_target_initial(original: Any) -> Any:
    """Without machines nobody counts a member in; so the load balancer does, after as long."""

    def health_for(self: FakeTargetGroup, target: Any, ec2_backend: Any) -> Any:
        seen = original(self, target, ec2_backend)
        instance = ec2_backend.get_instance_by_id(target["Id"]) if target["Id"].startswith("i-") else None
        if seen.status == "healthy" and instance and held("in_service", instance):
            seen.status, seen.reason, seen.description = INITIAL
        return seen

    return health_for


_DEFAULTS = {
    "access_logs.s3.enabled": "false",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "idle_timeout.timeout_seconds": "60",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
}


def install(machines: bool = False) -> None:
    wrap(FakeLoadBalancer, "__init__", begin_with_every_attribute)
    wrap(ELBv2Backend, "delete_load_balancer", keep_protected_balancer)
    hold(FakeLoadBalancer, "state", ("active", "provisioning", always("load_balancer")))
    if machines:
        wrap(FakeLoadBalancer, "activate", begin_as_provisioning)
        wrap(FakeTargetGroup, "register", start_checks_anew)
        wrap(FakeTargetGroup, "deregister", drain_deregistered_targets)
        wrap(FakeTargetGroup, "deregister_terminated_instances", drain_terminated_instances)
        wrap(FakeTargetGroup, "health_for", report_health_as_seen)
        wrap(ELBv2Backend, "describe_target_health", list_draining_targets)
    else:
        wrap(FakeTargetGroup, "health_for", keep_target_initial)
