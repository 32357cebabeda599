"""Application load balancers: interfaces in their subnets, a HAProxy, and the checks of their target groups."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Iterator
from typing import Any

from ... import backends, config, durations, netns
from ...ports import Port
from ..ec2 import addresses
from . import load_balancers
from .haproxy import Listener, Pool, Server, Settings, order, render
from .health_checks import Check, Watch
from .proxy import Proxy

log = logging.getLogger("lab.balancers")


_balancers: dict[str, _Balancer] = {}


def statistics() -> Iterator[tuple[str, str, str]]:
    """ARN, region and HAProxy's counters of each load balancer that answers."""
    for arn, balancer in list(_balancers.items()):
        if stats := balancer.statistics():
            yield arn, balancer.backend.region_name, stats


class Balancers:
    """One proxy for each application load balancer of the API."""

    def __init__(self) -> None:
        self._balancers = _balancers

    def ports(self) -> Iterator[Port]:
        """What the load balancers have plugged into their VPCs."""
        for balancer in list(self._balancers.values()):
            if balancer.interfaces:
                yield balancer.port

    def reconcile(self) -> None:
        wanted = {
            arn: (balancer, backend)
            for backend in backends.regions("elbv2")
            for arn, balancer in list(backend.load_balancers.items())
            if balancer.type == "application"
        }
        for arn in self._balancers.keys() - wanted.keys():
            self._balancers.pop(arn).close()
        for arn, (balancer, backend) in wanted.items():
            if arn not in self._balancers:
                self._balancers[arn] = _Balancer(balancer, backend)
            self._balancers[arn].reconcile()
        for backend in backends.regions("elbv2"):
            _forget_drained(backend)

    def status(self) -> list[dict[str, Any]]:
        return [balancer.status() for balancer in self._balancers.values()]

    def close(self) -> None:
        for arn in list(self._balancers):
            self._balancers.pop(arn).close()


def addresses_of(balancer: Any) -> list[str]:
    """Where a load balancer's name leads: its public addresses, or the private ones of an internal balancer."""
    interfaces = list(getattr(balancer, "lab_interfaces", {}).values())
    return [found.public_ip or found.private_ip_address for found in interfaces]


def _forget_drained(backend: Any) -> None:
    """A target group without a balancer has nothing to drain, and nothing drains beyond the delay."""
    for group in list(backend.target_groups.values()):
        delay = float(group.attributes["deregistration_delay.timeout_seconds"])
        for target_id, (_, since) in list(load_balancers.draining(group).items()):
            if not group.load_balancer_arns or time.monotonic() - since >= delay:
                load_balancers.draining(group).pop(target_id, None)


class _Balancer:
    def __init__(self, balancer: Any, backend: Any) -> None:
        self.balancer, self.backend = balancer, backend
        balancer.scheme = balancer.scheme or "internet-facing"  # AWS's default
        self.interfaces: dict[str, Any] = {}
        balancer.lab_interfaces = self.interfaces
        self._watches: dict[tuple[str, str], Watch] = {}
        self._name = f"alb-{balancer.arn.rpartition('/')[2][-12:]}"
        self._proxy = Proxy(config.PREFIX + self._name, config.RUN / "balancers" / self._name)

    @property
    def port(self) -> Port:
        nodes = list(self.interfaces.values())
        return Port(
            name=self._name,
            vpc_id=self.balancer.vpc_id,
            addresses=tuple(node.private_ip_address for node in nodes),
            groups=tuple(self.balancer.security_groups or ()),
            public={node.private_ip_address: node.public_ip for node in nodes if node.public_ip},
        )

    def reconcile(self) -> None:
        self._stand_in_subnets()
        self.balancer.lab_addresses = addresses_of(self.balancer)
        if not netns.exists(self._proxy.namespace):
            return  # plugged in at the next round
        if self._proxy.is_elsewhere():  # the namespace was made anew: what stood in the old one is cut off
            self._stop()
        groups = {group.arn: group for group in self._groups()}
        leaving = [
            (group, target_id) for group in groups.values() for target_id in list(load_balancers.draining(group))
        ]
        self._watch(groups)
        files: dict[str, str] = {}
        settings = self._settings(groups, files)
        config = render(settings)
        self._proxy.apply(config, files)
        made = self.balancer.state != "provisioning" or durations.held("load_balancer", self.balancer)
        if not made and self._proxy.answers():
            self.balancer.state = "active"
            log.info("%s answers at %s", self.balancer.name, " ".join(addresses_of(self.balancer)))
        if self._proxy.settled(config):  # nobody is left who talks with a target that has been taken out
            for group, target_id in leaving:
                load_balancers.draining(group).pop(target_id, None)

    def status(self) -> dict[str, Any]:
        targets = [load_balancers.health(group) for group in self._groups()]
        healthy = sum(seen[0] == "healthy" for group in targets for seen in group.values())
        return {
            "resource": self.balancer.name,
            "kind": "load balancer",
            "state": self.balancer.state,
            "behind": f"haproxy {self._proxy.pid or '-'} at {' '.join(addresses_of(self.balancer))}, {healthy} healthy",
        }

    def statistics(self) -> str:
        return self._proxy.statistics()

    def _stop(self) -> None:
        for key in list(self._watches):
            self._watches.pop(key).stop()
        self._proxy.stop()

    def close(self) -> None:
        self._stop()
        for subnet_id in list(self.interfaces):
            self._leave(subnet_id)

    def _stand_in_subnets(self) -> None:
        wanted = {subnet.id: subnet for subnet in self.balancer.subnets}
        for subnet_id in self.interfaces.keys() - wanted.keys():
            self._leave(subnet_id)
        ec2 = self.backend.ec2_backend
        for subnet_id, subnet in wanted.items():
            if subnet_id not in self.interfaces:
                arn = self.balancer.arn.partition("loadbalancer/")[2]
                node = ec2.create_network_interface(
                    subnet,
                    subnet.get_available_subnet_ip(instance=None),
                    group_ids=list(self.balancer.security_groups or ()),
                    description=f"ELB {arn}",
                )
                node.requester_managed, node.status = True, "in-use"
                if self.balancer.scheme != "internal":
                    addresses.public_addresses.take(node)
                self.interfaces[subnet_id] = node

    def _leave(self, subnet_id: str) -> None:
        node = self.interfaces.pop(subnet_id)
        node.public_ip = None
        with contextlib.suppress(Exception):  # the subnet may be gone from the API already
            node.delete()

    def _groups(self) -> list[Any]:
        """The target groups that this balancer's rules forward to."""
        arns = {
            arn
            for listener in list(self.balancer.listeners.values())
            for rule in list(listener.rules.values())
            for action in rule.actions
            for arn in self.backend._get_target_group_arns_from(action_data=action.data)
        }
        groups = [group for arn, group in list(self.backend.target_groups.items()) if arn in arns]
        for group in groups:
            if self.balancer.arn not in group.load_balancer_arns:
                group.load_balancer_arns.append(self.balancer.arn)
        for group in list(self.backend.target_groups.values()):
            if group.arn not in arns and self.balancer.arn in group.load_balancer_arns:
                group.load_balancer_arns.remove(self.balancer.arn)
        return groups

    def _watch(self, groups: dict[str, Any]) -> None:
        wanted = {
            (arn, target["Id"]): (group, Check.of(group, target, address))
            for arn, group in groups.items()
            if group.health_check_enabled
            for target in list(group.targets.values())
            if (address := self._address(target["Id"]))
        }
        for key, watch in list(self._watches.items()):
            if key not in wanted or wanted[key][1] != watch.check:
                self._watches.pop(key).stop()
        for key, (group, check) in wanted.items():
            if key not in self._watches:
                namespace, report = self._proxy.namespace, _reporter(group, key[1])
                self._watches[key] = Watch(check, lambda ns=namespace: netns.enter(ns), report)  # type: ignore[misc]

    def _address(self, target_id: str) -> str | None:
        """Where a target is, None while it cannot be anywhere."""
        if not target_id.startswith("i-"):
            return target_id
        instance = self.backend.ec2_backend.get_instance_by_id(target_id)
        return instance.private_ip_address if instance and instance.state == "running" else None

    def _pool(self, group: Any) -> Pool:
        """The healthy targets; all of them when none is, as AWS then fails open."""
        reachable = {
            target["Id"]: (address, int(target["Port"]))
            for target in list(group.targets.values())
            if (address := self._address(target["Id"]))
        }
        seen = load_balancers.health(group)
        known = {key: seen.get(key, load_balancers.INITIAL)[0] for key in reachable}
        healthy = [key for key, state in known.items() if state == "healthy" or not group.health_check_enabled]
        chosen = healthy or [key for key, state in known.items() if state == "unhealthy"]
        sticky = str(group.attributes.get("stickiness.enabled")) == "true"
        return Pool(
            name=f"{group.name}-{hashlib.sha256(group.arn.encode()).hexdigest()[:8]}",
            servers=tuple(Server(key, *reachable[key]) for key in sorted(chosen)),
            sticky_seconds=int(group.attributes.get("stickiness.lb_cookie.duration_seconds", 86400)) if sticky else 0,
            tls=group.protocol == "HTTPS",
        )

    def _settings(self, groups: dict[str, Any], files: dict[str, str]) -> Settings:
        listeners = []
        for listener in sorted(self.balancer.listeners.values(), key=lambda found: int(found.port)):
            path = self._certificate(listener, files) if listener.protocol == "HTTPS" else None
            if listener.protocol == "HTTP" or path:
                listeners.append(Listener(int(listener.port), order(list(listener.rules.values())), path))
        attributes = self.balancer.attrs
        delays = [int(group.attributes["deregistration_delay.timeout_seconds"]) for group in groups.values()]
        return Settings(
            addresses=tuple(node.private_ip_address for node in self.interfaces.values()),
            listeners=tuple(listeners),
            pools={arn: self._pool(group) for arn, group in sorted(groups.items())},
            admin_socket=str(self._proxy.socket),
            idle_timeout=int(attributes.get("idle_timeout.timeout_seconds", 60)),
            drain_seconds=max(delays, default=300),
            drop_invalid_headers=attributes.get("routing.http.drop_invalid_header_fields.enabled") == "true",
        )

    def _certificate(self, listener: Any, files: dict[str, str]) -> str | None:
        """The certificate with its chain and key as one PEM file; its name changes with its content."""
        acm = backends.backend("acm", self.backend.region_name)
        found = acm._certificates.get(listener.certificate)
        if found is None or not found.private_key:
            return None
        parts = (found.cert, found.chain or b"", found.private_key)
        text = "\n".join(part.decode() if isinstance(part, bytes) else str(part) for part in parts)
        name = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.pem"
        files[name] = text
        return str(self._proxy.home / name)


def _reporter(group: Any, target_id: str) -> Any:
    def report(seen: tuple[str, str | None, str | None]) -> None:
        if target_id in group.targets:
            if load_balancers.health(group).get(target_id, load_balancers.INITIAL)[0] != seen[0]:
                log.info("%s: %s is %s%s", group.name, target_id, seen[0], f" ({seen[2]})" if seen[2] else "")
            load_balancers.health(group)[target_id] = seen

    return report
