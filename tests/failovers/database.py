"""The stack's database in the lab: who writes, and the ways in which another one comes to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from tests.api import BIN, TOP, poll

_WRITES, _FOLLOWS = ("database", "writer"), ("standby", "reader")  # kinds of rows of `lab status`


class Database:
    """RDS MySQL with Multi-AZ, or a cluster of Aurora.

    :param client: client("rds") is boto3's.
    """

    def __init__(self, client: Callable[[str], Any], endpoint: str, stack: str) -> None:
        self._rds, self._endpoint = client("rds"), endpoint
        mark = {"Key": "Stack", "Value": stack}
        clusters = [one for one in self._rds.describe_db_clusters()["DBClusters"] if mark in one["TagList"]]
        instances = [one for one in self._rds.describe_db_instances()["DBInstances"] if mark in one["TagList"]]
        self._is_cluster = bool(clusters)
        self._name = clusters[0]["DBClusterIdentifier"] if clusters else instances[0]["DBInstanceIdentifier"]

    def nodes(self, *kinds: str) -> list[dict[str, Any]]:
        """The rows of its machines in `lab status`."""
        said = subprocess.run(
            [BIN / "python", "-m", "lab", "status", "--json"], cwd=TOP, capture_output=True, text=True, check=True
        ).stdout
        rows = [row for row in json.loads(said) if row["kind"] in (kinds or (*_WRITES, *_FOLLOWS))]
        return [row for row in rows if row["resource"].startswith(self._name)]

    def writer(self) -> str:
        """The machine that writes, as `lab status` describes it."""
        return str(self.nodes(*_WRITES)[0]["behind"])

    def is_whole(self) -> bool:
        """all nodes run and RDS calls all of them available"""
        rows = self.nodes()
        return len(rows) > 1 and all(row["pid"] and row["state"] == "available" for row in rows)

    def settle(self, deadline: float = 240) -> None:
        poll(self.is_whole, deadline, pause=1)

    def call(self) -> None:
        if self._is_cluster:
            self._rds.failover_db_cluster(DBClusterIdentifier=self._name)
        else:
            self._rds.reboot_db_instance(DBInstanceIdentifier=self._name, ForceFailover=True)

    def kill(self) -> None:
        os.kill(self.nodes(*_WRITES)[0]["pid"], signal.SIGKILL)

    def kill_alone(self) -> None:
        """Kill the writer's machine after a second in which no other node has got anything of it.

        One kernel runs all machines, and delivers what a machine had sent before it was killed.
        """
        (writer,), others = self.nodes(*_WRITES), self.nodes(*_FOLLOWS)
        peers = ", ".join(address for row in others for address in _addresses(row["pid"]))
        rules = f"""table inet failovers {{
            chain out {{ type filter hook output priority 0; ip daddr {{ {peers} }} drop; }}
            chain in {{ type filter hook input priority 0; ip saddr {{ {peers} }} drop; }}
        }}"""
        _in_network(writer["pid"], "nft", "-f", "-", told=rules)  # it goes with the machine's namespace or below
        time.sleep(1)
        os.kill(writer["pid"], signal.SIGKILL)

    def cut_off(self, zone: str) -> None:
        self._faults("PUT", cut_off=[zone] if zone else [])

    def zone_of_writer(self) -> str:
        return self.writer().rpartition(", in ")[2]

    def _faults(self, method: str, **wanted: Any) -> None:
        asked = urllib.request.Request(f"{self._endpoint}/lab/faults", json.dumps(wanted).encode(), method=method)
        asked.add_header("Content-Type", "application/json")
        urllib.request.urlopen(asked, timeout=30).close()


def _addresses(pid: int) -> list[str]:
    found = json.loads(_in_network(pid, "ip", "-json", "-4", "address"))
    return [one["local"] for link in found for one in link["addr_info"] if link["ifname"] != "lo"]


def _in_network(pid: int, *command: str, told: str = "") -> str:
    return _run("nsenter", f"--target={pid}", "--net", *command, told=told)


def _run(*command: str, told: str = "") -> str:
    return subprocess.run(command, input=told, capture_output=True, text=True, check=True, timeout=60).stdout
