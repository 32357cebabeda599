"""What tests of databases on real machines share: a VPC with two zones, RDS behind it, clients that write."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pymysql
import pytest
from moto import mock_aws

from lab import cgroup, config, faults, images, netns, pki, services
from lab.ports import Port
from lab.reconcile import Manager
from lab.services.ec2.vpc_controller import Vpcs
from lab.services.rds import groups, mysql
from lab.services.rds.controller import Databases
from tests.api import poll

_OWN = f"t3rds{os.getpid() % 10**6}"  # of this process: others may run such tests beside it
SPACE = f"{_OWN}-"
CLIENT = "10.8.3.200"  # in neither zone
PASSWORD = "chosen-by-hand-1"


class Region:
    """A VPC with a subnet in two zones each, its controllers at work, and a client in it."""

    def __init__(self) -> None:
        self.ec2, self.rds = (boto3.client(name, region_name="us-east-1") for name in ("ec2", "rds"))
        self.vpc = self.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.8.{number}.0/24", AvailabilityZone=zone)["Subnet"]
            for number, zone in enumerate(("us-east-1a", "us-east-1b"), 1)
        ]
        self.rds.create_db_subnet_group(
            DBSubnetGroupName="data",
            DBSubnetGroupDescription="data",
            SubnetIds=[subnet["SubnetId"] for subnet in subnets],
        )
        self.group = self.ec2.create_security_group(GroupName="db", Description="db", VpcId=self.vpc)["GroupId"]
        rule = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "IpRanges": [{"CidrIp": f"{CLIENT}/32"}]}
        self.ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[rule])
        self.clients = self.ec2.create_security_group(GroupName="c", Description="c", VpcId=self.vpc)["GroupId"]
        self.client = Port("client", self.vpc, (CLIENT,), (self.clients,))
        self.databases = Databases(lambda: self.manager.wake())
        self.manager = Manager([Vpcs(self.ports, lambda: self.manager.wake()), self.databases])
        self.thread = threading.Thread(target=self.manager.run, daemon=True)
        self.thread.start()

    def ports(self) -> list[Port]:
        return [self.client, *self.databases.ports()]

    def create(self, **more: Any) -> None:
        self.rds.create_db_instance(
            **{
                "DBInstanceIdentifier": "shop",
                "DBInstanceClass": "db.t3.micro",
                "Engine": "mysql",
                "EngineVersion": "8.4.7",
                "AllocatedStorage": 20,
                "MasterUsername": "admin",
                "MasterUserPassword": PASSWORD,
                "DBName": "app",
                "DBSubnetGroupName": "data",
                "VpcSecurityGroupIds": [self.group],
                **more,
            }
        )
        self.manager.wake()

    def add_member(self, name: str, tier: int = 1) -> None:
        """Of the cluster `shop`, made with its first member."""
        if not self.rds.describe_db_clusters()["DBClusters"]:
            self.rds.create_db_cluster(
                DBClusterIdentifier="shop",
                Engine="aurora-mysql",
                MasterUsername="admin",
                MasterUserPassword=PASSWORD,
                DatabaseName="app",
                DBSubnetGroupName="data",
                VpcSecurityGroupIds=[self.group],
            )
        self.rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.medium",
            Engine="aurora-mysql",
            DBClusterIdentifier="shop",
            PromotionTier=tier,
        )
        self.manager.wake()

    @property
    def database(self) -> dict[str, Any]:
        return dict(self.rds.describe_db_instances()["DBInstances"][0])

    def wait(self, state: str = "available") -> None:
        self.manager.wake()
        poll(lambda: self.database["DBInstanceStatus"] == state, deadline=90)

    @property
    def replicas(self) -> Any:
        return next(iter(self.databases._replicas.values()))

    @property
    def names(self) -> list[str]:
        return [place.name for place in self.places]

    @property
    def places(self) -> list[Any]:
        """The one of the machine that writes is the first."""
        return [member.place for member in next(groups.all_groups()).members]

    def run(self, *statements: str) -> str:
        """As root, on the server that writes."""
        return mysql.execute(self.node(0).machine, *statements)

    def node(self, number: int) -> Any:
        return self.replicas.nodes[self.names[number]]

    def moves_to(self, name: str) -> None:
        """Wait until the endpoint leads to this machine."""
        poll(lambda: self.names[0] == name, deadline=30, pause=0.02)

    def comes_back(self, name: str) -> None:
        """Wait until this machine is the standby, with all that was acknowledged."""
        poll(lambda: name in self.replicas.in_step, deadline=60, pause=0.1)

    @contextlib.contextmanager
    def cut(self, name: str) -> Iterator[None]:
        """As long as the block, this machine hears nothing of the one that writes."""
        table = f"table inet cut {{ chain i {{ type filter hook input priority 0; ip saddr {self.address} drop; }}; }}"
        netns.nft(table, f"{SPACE}{name}")
        try:
            yield
        finally:
            netns.nft("delete table inet cut", f"{SPACE}{name}")

    @property
    def zones(self) -> tuple[str, str | None]:
        return self.database["AvailabilityZone"], self.database.get("SecondaryAvailabilityZone")

    @property
    def address(self) -> str:
        return str(self.places[0].address)

    def close(self) -> None:
        self.manager.stop()
        self.thread.join()
        self.manager.close()


@contextlib.contextmanager
def started(place: Path) -> Iterator[Region]:
    """A region whose machines lie in a directory, gone with the block."""
    bridge = _OWN
    settings = {
        "BRIDGE": bridge,
        "INTERNET": "198.18.8.0/24",
        "HOST_ADDRESS": "198.18.8.1",
        "ROUTER_POOL": ("198.18.8.2", "198.18.8.13"),
        "PREFIX": SPACE,
        "CGROUP": _OWN,
        "MACHINES": place / "machines",
        "SNAPSHOTS": place / "snapshots",
        "LOGS": place / "logs",
        "PKI": place / "pki",
        "CA_CERT": place / "pki/ca.pem",
    }
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in settings.items():
            patch.setattr(config, name, value)
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNITTESTSONLY000")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "never-a-real-secret-of-anyone-at-all")
        images.database().build()
        netns.ip("link", "add", bridge, "type", "bridge")
        netns.ip("addr", "add", f"{settings['HOST_ADDRESS']}/24", "dev", bridge)
        netns.ip("link", "set", bridge, "up")
        pki.ensure_authority()
        services.install(machines=True)
        made = Region()
        try:
            yield made
        finally:
            made.close()
            faults.zones_cut_off.clear()
            services.uninstall()
            cgroup.sweep()
            netns.ip("link", "del", bridge)
            for space in netns.names(SPACE):
                netns.delete(space)


class Writers:
    """Clients that insert numbers and note which of them were acknowledged, and when."""

    _numbers = itertools.count(1)

    def __init__(self, region: Region, count: int = 4) -> None:
        self.region, self.acknowledged = region, dict[int, float]()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        poll(lambda: len(self.acknowledged) > 50, deadline=30, pause=0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        netns.enter(f"{SPACE}client")
        while not self._stopped.is_set():
            with contextlib.suppress(pymysql.MySQLError, OSError), connect(self.region.address) as connection:
                while not self._stopped.is_set():
                    number = next(self._numbers)
                    connection.cursor().execute("INSERT INTO app.t VALUES (%s)", (number,))
                    self.acknowledged[number] = time.monotonic()
            time.sleep(0.02)

    def go_on(self) -> None:
        """Wait until inserts are acknowledged again."""
        count = len(self.acknowledged)
        poll(lambda: len(self.acknowledged) > count + 30, deadline=30, pause=0.02)

    @property
    def gap(self) -> float:
        """The longest time without an acknowledged insert."""
        times = sorted(self.acknowledged.values())
        return max(later - earlier for earlier, later in itertools.pairwise(times))


def connect(address: str) -> Any:
    return pymysql.connect(
        host=address,
        user="admin",
        password=PASSWORD,
        autocommit=True,
        ssl={"ca": str(config.CA_CERT)},
        connect_timeout=1,
        read_timeout=3,
        write_timeout=3,
    )


def in_client(what: Callable[[], Any]) -> Any:
    """What a function returns in the client's namespace."""
    with ThreadPoolExecutor(1, initializer=netns.enter, initargs=(f"{SPACE}client",)) as pool:
        return pool.submit(what).result()


def lost(region: Region, writers: Writers) -> set[int]:
    stored = {int(line) for line in region.run("SELECT n FROM app.t").split()}
    return writers.acknowledged.keys() - stored
