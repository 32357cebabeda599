"""Names: a resolver in each VPC, and what the internet sees of them in a marked block of the host's /etc/hosts."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ... import config, host_file, netns
from .. import names
from ..ec2 import instances
from ..ec2.vpc_controller import Router, all_routers, router_of
from ..route53 import zones
from ..route53.controller import host_names

_HOST = "host"  # the key of the host's own file


class Names:
    """Keeps dnsmasq's and the host's view of the names that AWS would publish."""

    workers = 2

    def __init__(self) -> None:
        self._resolvers: dict[str, Resolver] = {}

    def keys(self) -> Iterable[str]:
        """The VPCs that have a router or a resolver, and the host."""
        return {_HOST} | {router.vpc.id for router in all_routers()} | self._resolvers.keys()

    def reconcile(self, key: str) -> None:
        public = sorted(set(names()))
        if key == _HOST:
            host_file.write(sorted({*public, *host_names()}))
            return
        router = router_of(key)
        if router is None:
            if resolver := self._resolvers.pop(key, None):
                resolver.close()
            return
        if key not in self._resolvers:
            self._resolvers[key] = Resolver(router)
        self._resolvers[key].publish([*public, *sorted(_private(key))])
        self._resolvers[key].forward({zone.name.rstrip(".") for zone in zones.seen_from(key)})

    def status(self) -> list[dict[str, Any]]:
        return [resolver.status() for resolver in self._resolvers.values()]

    def close(self) -> None:
        for resolver in self._resolvers.values():
            resolver.close()
        host_file.write([])


class Resolver:
    """dnsmasq in a VPC's namespace, at the address where AWS has its own."""

    def __init__(self, router: Router) -> None:
        self._vpc_id = router.vpc.id
        self._directory = config.RUN / "dns" / self._vpc_id
        self._directory.mkdir(parents=True, exist_ok=True)
        self._published: list[tuple[str, str]] | None = None
        self._zones: set[str] = set()
        self._servers = self._directory.parent / f"{self._vpc_id}.servers"
        self._servers.write_text("")
        self.publish([])
        upstream = [f"--server={address}" for address in _upstream()]
        command = [
            *(
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-hosts",
                "--no-resolv",
                "--bind-interfaces",
            ),
            f"--listen-address={config.RESOLVER_ADDRESS}",
            f"--hostsdir={self._directory}",  # watched: no signal needed
            # AWS's names are the lab's to know, all record types of them: asked outside for an IPv6 address, the real
            # world would deny the name or fail, and a guest's resolver would give up on both
            *("--local=/amazonaws.com/", "--local=/cloudfront.net/", "--local=/internal/"),
            f"--servers-file={self._servers}",  # read anew at SIGHUP
            "--pid-file=",
            "--user=root",
            *("--log-facility=-", "--cache-size=1000", "--local-ttl=1"),
            *upstream,
        ]
        self._process = netns.popen_in(
            router.namespace, command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def publish(self, names: list[tuple[str, str]]) -> None:
        if names == self._published:
            return
        # dnsmasq adds what a changed file says and forgets nothing: a name that is gone needs a reload
        gone = set(self._published or []) - set(names)
        file = self._directory / "names"
        temporary = self._directory.parent / f"{self._vpc_id}.new"
        temporary.write_text("".join(f"{address} {name}\n" for name, address in names))
        temporary.rename(file)
        self._published = list(names)
        if gone:
            self._read_anew()

    def forward(self, zones: set[str]) -> None:
        """Ask the VPC's name server for these hosted zones."""
        if zones != self._zones:
            text = "".join(f"server=/{zone}/{config.NAME_SERVER_ADDRESS}\n" for zone in sorted(zones))
            self._servers.write_text(text)
            self._read_anew()
            self._zones = set(zones)

    def _read_anew(self) -> None:
        """
        Have dnsmasq read its files once more. As long as it does not catch the signal, which would end it, it has not
        read them at all.
        """
        status = Path(f"/proc/{self._process.pid}/status")
        caught = re.search(r"^SigCgt:\s+(\w+)$", status.read_text(), re.MULTILINE)
        if caught and int(caught[1], 16) >> (signal.SIGHUP - 1) & 1:
            self._process.send_signal(signal.SIGHUP)

    def status(self) -> dict[str, Any]:
        behind = f"dnsmasq, pid {self._process.pid}"
        return {"resource": f"resolver of {self._vpc_id}", "kind": "dns", "state": "available", "behind": behind}

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(5)


def _private(vpc_id: str) -> Iterator[tuple[str, str]]:
    for instance in instances.all_instances():
        address = instance.private_ip
        if address and instance.vpc_id == vpc_id and instance.state in ("pending", "running"):
            yield instance.private_dns_name, address


def _upstream() -> list[str]:
    """The host's own resolvers; behind systemd's stub, the real ones."""
    for file in (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf")):
        if file.exists():
            found = re.findall(r"^nameserver\s+([0-9.]+)", file.read_text(), re.MULTILINE)
            if usable := [address for address in found if not address.startswith("127.")]:
                return usable
    return []
