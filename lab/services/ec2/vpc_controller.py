"""VPCs: one network namespace each as its router, and one more for every port plugged into it."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ... import backends, config, faults, netns
from ...ports import Port
from . import endpoints, firewall, instance_controller, network_acls, prefix_lists, store
from .metadata import Metadata

log = logging.getLogger("lab.vpcs")


def all_routers() -> list[Router]:
    return [router for known in store.stores for router in list(known.routers.values())]


def router_of(vpc_id: str) -> Router | None:
    """The router of a VPC; None if it has none."""
    return next((router for router in all_routers() if router.vpc.id == vpc_id), None)


def is_plugged(vpc_id: str, name: str) -> bool:
    """Whether the port of this name is there, with its rules."""
    router = router_of(vpc_id)
    return router is not None and name in router.ready


class Vpcs:
    """Makes namespaces, veth pairs, addresses and rules match the API's VPCs and the other controllers' ports."""

    workers = 4

    def __init__(self, ports: Callable[[], Iterable[Port]], changed: Callable[[], None]) -> None:
        """
        :param ports: everything that is plugged in; what is no longer among them is unplugged.
        :param changed: called when something was plugged in, which others wait for.
        """
        self._ports, self._changed = ports, changed
        self._making = threading.Lock()

    def keys(self) -> Iterable[str]:
        known = {vpc_id for backend in backends.regions("ec2") for vpc_id in list(backend.vpcs)}
        return known | {router.vpc.id for router in all_routers()}

    def reconcile(self, vpc_id: str) -> None:
        vpc = next((b.vpcs[vpc_id] for b in backends.regions("ec2") if vpc_id in b.vpcs), None)
        if vpc is None:
            for known in store.stores:
                if router := known.routers.get(vpc_id):
                    router.close()
                    del known.routers[vpc_id]
            return
        routers = store.stores.of(vpc.ec2_backend).routers
        ports = [port for port in self._ports() if port.vpc_id == vpc_id]
        # the default VPC exists in each region and costs nothing until something is plugged in
        if vpc_id not in routers and (ports or not vpc.is_default):
            with self._making:
                routers[vpc_id] = Router(vpc, _free_address())
            self._changed()
        if vpc_id in routers and routers[vpc_id].reconcile(ports):
            self._changed()

    def status(self) -> list[dict[str, Any]]:
        return [router.status() for router in all_routers()]

    def close(self) -> None:
        for router in all_routers():
            router.close()


def _free_address() -> str:
    first, last = (int(address.rpartition(".")[2]) for address in config.ROUTER_POOL)
    taken = {router.address for router in all_routers()}
    network = config.ROUTER_POOL[0].rpartition(".")[0]
    for number in range(first, last + 1):
        if (address := f"{network}.{number}") not in taken:
            return address
    raise RuntimeError(f"the lab holds {last - first + 1} VPCs at most")


class Router:
    """The namespace of one VPC: the next hop of all its ports, its firewall, metadata service and way out."""

    def __init__(self, vpc: Any, address: str) -> None:
        self.vpc = vpc
        self.address = address
        self.namespace = f"{config.PREFIX}{vpc.id}"
        self.ports: dict[str, Port] = {}
        self.ready: frozenset[str] = frozenset()  # names of the ports that the rules know
        self._public: set[str] = set()
        self._ruleset = ""
        self._build()
        make = netns.socket_in(self.namespace, _metadata_socket)
        self._metadata = Metadata(lambda client: instance_controller.by_address(vpc.id, client))
        self._metadata.start(make)

    def reconcile(self, ports: Sequence[Port]) -> bool:
        """Make it so; returns whether something was plugged in or out."""
        before = set(self.ports)
        wanted = {port.name: port for port in ports}
        for name in self.ports.keys() - wanted.keys():
            self._unplug(self.ports.pop(name))
        for port in ports:
            known = self.ports.get(port.name)
            if known is None or known.addresses != port.addresses or not netns.exists(port.namespace):
                self._plug(port)
            self.ports[port.name] = port
        subnets, groups = self._subnets(), self._groups()
        self._hold_public({*firewall.translations(ports, subnets).values()})
        ruleset = firewall.render(ports, groups, subnets)
        if ruleset != self._ruleset:
            netns.nft(ruleset, self.namespace)
            self._ruleset = ruleset
            log.info("%s: rules of %d ports loaded", self.vpc.id, len(ports))
        self.ready = frozenset(self.ports)
        return set(self.ports) != before

    def status(self) -> dict[str, Any]:
        return {"resource": self.vpc.id, "kind": "vpc", "state": "available", "behind": f"namespace {self.namespace}"}

    def close(self) -> None:
        self._metadata.close()
        for port in self.ports.values():
            self._unplug(port)
        netns.delete(self.namespace)

    def _build(self) -> None:
        netns.delete(self.namespace)
        netns.add(self.namespace)
        netns.sysctl(self.namespace, **{"ip_forward": 1, "conf.all.rp_filter": 0, "conf.default.rp_filter": 0})
        for address in (config.METADATA_ADDRESS, config.RESOLVER_ADDRESS, config.GATEWAY_ADDRESS):
            netns.ip("addr", "add", f"{address}/32", "dev", "lo", ns=self.namespace)
        netns.ip("route", "add", "blackhole", self.vpc.cidr_block, ns=self.namespace)
        outer, inner = _device("w", self.vpc.id), firewall.INTERNET
        netns.ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", self.namespace)
        netns.ip("link", "set", outer, "master", config.BRIDGE, "up")
        netns.ip("addr", "add", f"{self.address}/{config.INTERNET.rpartition('/')[2]}", "dev", inner, ns=self.namespace)
        netns.ip("link", "set", inner, "up", ns=self.namespace)
        netns.ip("route", "add", "default", "via", config.HOST_ADDRESS, ns=self.namespace)
        log.info("%s: router up", self.vpc.id)

    def _plug(self, port: Port) -> None:
        self._unplug(port)
        inner, outer = port.namespace, _device("p", port.name)
        netns.add(inner)
        netns.ip("link", "add", outer, "netns", self.namespace, "type", "veth", "peer", "name", "eth0", "netns", inner)
        for address in port.addresses:
            netns.ip("addr", "add", f"{address}/32", "dev", "eth0", ns=inner)
        netns.ip("link", "set", "eth0", "up", ns=inner)
        netns.ip("link", "set", outer, "up", ns=self.namespace)
        source = ("src", port.addresses[0])
        netns.ip("route", "add", "default", "via", config.GATEWAY_ADDRESS, "dev", "eth0", "onlink", *source, ns=inner)
        for address in port.addresses:
            netns.ip("route", "replace", f"{address}/32", "dev", outer, ns=self.namespace)

    def _unplug(self, port: Port) -> None:
        with contextlib.suppress(RuntimeError):  # the device is gone already
            netns.ip("link", "del", _device("p", port.name), ns=self.namespace)
        netns.delete(port.namespace)

    def _hold_public(self, wanted: set[str]) -> None:
        """Answer for the VPC's public addresses on the internet's bridge."""
        for verb, addresses in (("add", wanted - self._public), ("del", self._public - wanted)):
            for address in addresses:
                netns.ip("addr", verb, f"{address}/32", "dev", firewall.INTERNET, ns=self.namespace)
                if verb == "add":  # who had this address before may still be in the host's cache
                    netns.forget_neighbour(address, config.BRIDGE)
        self._public = wanted

    def _groups(self) -> dict[str, firewall.Group]:
        backend = self.vpc.ec2_backend
        found = list(backend.groups.get(self.vpc.id, {}).values())
        return {
            group.id: firewall.Group(
                group.id, _rules(group.ip_permissions, backend), _rules(group.ip_permissions_egress, backend)
            )
            for group in found
        }

    def _subnets(self) -> list[firewall.Subnet]:
        backend = self.vpc.ec2_backend
        tables = [table for table in list(backend.route_tables.values()) if table.vpc_id == self.vpc.id]
        main = next((table for table in tables if table.main_association_id), None)
        by_subnet = {a["SubnetId"]: table for table in tables for a in table.associations if "SubnetId" in a}
        subnets = [s for zone in list(backend.subnets.values()) for s in list(zone.values()) if s.vpc_id == self.vpc.id]
        acls = network_acls.of_subnets(backend, self.vpc.id)
        return [_subnet(subnet, by_subnet.get(subnet.id, main), by_subnet, main, acls) for subnet in subnets]


def _subnet(
    subnet: Any, table: Any, by_subnet: dict[str, Any], main: Any, acls: dict[str, network_acls.Acl]
) -> firewall.Subnet:
    found = firewall.Subnet(
        subnet.cidr_block,
        acl=acls.get(subnet.id),
        endpoints=endpoints.networks(table),
        cut_off=subnet.availability_zone in faults.zones_cut_off,
    )
    route = _default_route(table)
    if route is not None and route.gateway is not None:
        return dataclasses.replace(found, gateway=_is_attached(route.gateway, subnet.vpc_id))
    nat = route.nat_gateway if route is not None else None
    if nat is not None and nat.state == "available":
        beyond = _default_route(by_subnet.get(nat.subnet_id, main))
        if beyond is not None and beyond.gateway is not None and _is_attached(beyond.gateway, subnet.vpc_id):
            return dataclasses.replace(found, nat_address=nat._eni.public_ip, nat_acl=acls.get(nat.subnet_id))
    return found


def _default_route(table: Any) -> Any:
    routes = table.routes if table is not None else []
    return next((route for route in routes if route.destination_cidr_block == "0.0.0.0/0"), None)


def _is_attached(gateway: Any, vpc_id: str) -> bool:
    return getattr(getattr(gateway, "vpc", None), "id", None) == vpc_id


def _rules(permissions: Iterable[Any], backend: Any) -> tuple[firewall.Rule, ...]:
    return tuple(
        firewall.Rule(
            protocol=str(permission.ip_protocol),
            from_port=permission.from_port,
            to_port=permission.to_port,
            cidrs=_networks(permission, backend),
            groups=tuple(sorted(found["GroupId"] for found in permission.source_groups if "GroupId" in found)),
        )
        for permission in permissions
    )


def _networks(permission: Any, backend: Any) -> tuple[str, ...]:
    lists = (found["PrefixListId"] for found in permission.prefix_list_ids)
    return tuple(sorted({found["CidrIp"] for found in permission.ip_ranges} | prefix_lists.cidrs(backend, lists)))


def _device(kind: str, name: str) -> str:
    """A device name, of which the kernel takes 15 letters."""
    return f"t3{kind}{hashlib.sha256(name.encode()).hexdigest()[:11]}"


def _metadata_socket() -> socket.socket:
    listener = socket.create_server((config.METADATA_ADDRESS, 80), backlog=64)
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)  # a hop limit of 1: answers go no further than the guest
    return listener
