"""Application load balancers: interfaces in their subnets, a HAProxy, and the checks of their target groups."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ... import backends, config, durations, netns
from ...ports import Port
from ..ec2 import addresses
from ..wafv2 import proxy as firewall
from ..wafv2 import web_acls
from . import load_balancers, store
from .haproxy import Listener, Pool, Server, Settings, order, render
from .health_checks import Check, Watch
from .proxy import Proxy

log = logging.getLogger("lab.balancers")
_SOON = 0.3  # seconds until what is under way is looked at again


def statistics(account: str, region: str) -> Iterator[tuple[str, str]]:
    """ARN and HAProxy's counters of each load balancer of a region that answers."""
    for arn, proxy in list(store.stores.at(account, region).proxies.items()):
        if stats := proxy.statistics():
            yield arn, stats


class LoadBalancers:
    """One proxy for each application load balancer of the API."""

    workers = 4

    def __init__(self, changed: Callable[[], None]) -> None:
        """:param changed: called when a target's health or a balancer's state is another one."""
        self._changed = changed

    def ports(self) -> Iterator[Port]:
        """What the load balancers have plugged into their VPCs."""
        for proxy in _all_proxies():
            if proxy.interfaces:
                yield proxy.port

    def keys(self) -> Iterable[str]:
        """ARNs of balancers and of target groups."""
        for backend in backends.regions("elbv2"):
            yield from list(backend.load_balancers)
            yield from list(backend.target_groups)
        for known in store.stores:
            yield from list(known.proxies)

    def reconcile(self, arn: str) -> float | None:
        _, _, _, region, account, _ = arn.split(":", 5)
        backend, proxies = backends.backend("elbv2", region, account), store.stores.at(account, region).proxies
        if group := backend.target_groups.get(arn):
            return _forget_drained(group)
        balancer = backend.load_balancers.get(arn)
        if balancer is None:
            if proxy := proxies.get(arn):
                proxy.close()
                del proxies[arn]
            return None
        if balancer.type != "application":
            return None
        if arn not in proxies:
            proxies[arn] = LoadBalancer(balancer, backend, self._changed)
        return proxies[arn].reconcile()

    def status(self) -> list[dict[str, Any]]:
        return [proxy.status() for proxy in _all_proxies()]

    def close(self) -> None:
        for proxy in _all_proxies():
            proxy.close()


def _all_proxies() -> list[LoadBalancer]:
    return [proxy for known in store.stores for proxy in list(known.proxies.values())]


def addresses_of(balancer: Any) -> list[str]:
    """Where a load balancer's name leads: its public addresses, or the private ones of an internal balancer."""
    _, _, _, region, account, _ = balancer.arn.split(":", 5)
    interfaces = store.stores.at(account, region).interfaces[balancer]
    return [found.public_ip or found.private_ip_address for found in load_balancers.connected(interfaces)]


def _forget_drained(group: Any) -> float | None:
    """A target group without a balancer has nothing to drain, and nothing drains beyond the delay."""
    delay, draining = float(group.attributes["deregistration_delay.timeout_seconds"]), load_balancers.draining(group)
    for target_id, (_, since) in list(draining.items()):
        if not group.load_balancer_arns or time.monotonic() - since >= delay:
            draining.pop(target_id, None)
    return _SOON if draining else None


class LoadBalancer:
    """What stands behind one load balancer of the API."""

    def __init__(self, balancer: Any, backend: Any, changed: Callable[[], None]) -> None:
        self.balancer, self.backend, self._changed = balancer, backend, changed
        balancer.scheme = balancer.scheme or "internet-facing"  # AWS's default
        self.interfaces = store.stores.of(backend).interfaces[balancer]
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

    def reconcile(self) -> float | None:
        """Make it so. Returns the seconds after which to look again, if something is under way."""
        if self._stand_in_subnets():
            self._changed()
        if not netns.exists(self._proxy.namespace):
            return _SOON  # it is about to be plugged in
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
            self._changed()
            log.info("%s answers at %s", self.balancer.name, " ".join(addresses_of(self.balancer)))
        settled = self._proxy.settled(config)
        if settled:  # nobody is left who talks with a target that has been taken out
            for group, target_id in leaving:
                load_balancers.draining(group).pop(target_id, None)
            if leaving:
                self._changed()
        return None if settled and made else _SOON

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

    def _stand_in_subnets(self) -> bool:
        """Have a node in each subnet; returns whether that changed anything."""
        before = set(self.interfaces)
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
        return set(self.interfaces) != before

    def _leave(self, subnet_id: str) -> None:
        node = self.interfaces.pop(subnet_id)
        node.public_ip, node.status = None, "available"  # what is in use nobody can delete
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
            (arn, target["Id"]): (group, Check.of(group, target, address, self._source()))
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
                namespace, report = self._proxy.namespace, _reporter(group, key[1], self._changed)
                self._watches[key] = Watch(check, lambda ns=namespace: netns.enter(ns), report)  # type: ignore[misc]

    def _source(self) -> str:
        """The address from which it talks with targets."""
        return next((str(node.private_ip_address) for node in load_balancers.connected(self.interfaces)), "")

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
        asked = firewall.ask(web_acls.arn_of(self.balancer.arn), "ALB")
        return Settings(
            addresses=tuple(node.private_ip_address for node in self.interfaces.values()),
            source=self._source(),
            listeners=tuple(listeners),
            pools={arn: self._pool(group) for arn, group in sorted(groups.items())},
            admin_socket=str(self._proxy.socket),
            idle_timeout=int(attributes.get("idle_timeout.timeout_seconds", 60)),
            drain_seconds=max(delays, default=300),
            drop_invalid_headers=attributes.get("routing.http.drop_invalid_header_fields.enabled") == "true",
            loaded=(firewall.LOAD,) if asked else (),
            first=asked,
        )

    def _certificate(self, listener: Any, files: dict[str, str]) -> str | None:
        """The certificate with its chain and key as one PEM file; its name changes with its content."""
        acm = backends.backend("acm", self.backend.region_name, self.backend.account_id)
        found = acm._certificates.get(listener.certificate)
        if found is None or not found.key:
            return None
        parts = (found.cert, found.chain or b"", found.key)
        text = "\n".join(part.decode() if isinstance(part, bytes) else str(part) for part in parts)
        name = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.pem"
        files[name] = text
        return str(self._proxy.home / name)


def _reporter(group: Any, target_id: str, changed: Callable[[], None]) -> Callable[[store.Seen], None]:
    def report(seen: store.Seen) -> None:
        if target_id in group.targets:
            known = load_balancers.health(group).get(target_id, load_balancers.INITIAL)
            load_balancers.health(group)[target_id] = seen
            if known[0] != seen[0]:
                log.info("%s: %s is %s%s", group.name, target_id, seen[0], f" ({seen[2]})" if seen[2] else "")
                changed()

    return report
