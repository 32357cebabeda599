"""Where functions stand: in a place of the lab's own, or in their VPC behind its groups, and what they reach there."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lab import config, durations, netns, services
from lab.ports import Port
from lab.services.ec2.vpc_controller import Vpcs, all_routers
from lab.services.lambda_ import network
from lab.services.lambda_.controller import Functions

_TRY = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"
DATABASE, S3 = "10.7.1.200", "198.18.7.251"
CODE = """
import os, socket
def reach(event, context):
    if event.get("listen"):
        with socket.create_server(("0.0.0.0", event["listen"])) as server:
            server.settimeout(1)
            try:
                return server.accept()[1][0]
            except TimeoutError:
                return None
    found = []
    for host, port in event["to"]:
        try:
            socket.create_connection((host, port), 1).close()
            found.append(port)
        except OSError:
            pass
    return {"reached": found, "resolver": open("/etc/resolv.conf").read(), "net": os.readlink("/proc/self/ns/net")}
def fill(event, context):
    return len(bytearray(event["bytes"]))
"""


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch, account: None) -> Iterator[str]:
    """An internet of the test's own, so that a lab may run beside it."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make network namespaces")
    name = f"t3t{os.getpid()}"
    for setting, value in {
        "BRIDGE": name,
        "INTERNET": "198.18.7.0/24",
        "HOST_ADDRESS": "198.18.7.1",
        "LAMBDA_ADDRESS": "198.18.7.15",
        "ROUTER_POOL": ("198.18.7.2", "198.18.7.13"),
        "PREFIX": f"{name}-",
        "SERVICE_ADDRESSES": {"s3": S3, "dynamodb": "198.18.7.252"},
    }.items():
        monkeypatch.setattr(config, setting, value)
    monkeypatch.setattr(network, "NAMESPACE", f"{name}-lambda")
    monkeypatch.setattr(network, "DEVICE", f"{name}f")
    netns.ip("link", "add", name, "type", "bridge")
    for address in (config.HOST_ADDRESS, S3):
        netns.ip("addr", "add", f"{address}/24", "dev", name)
    netns.ip("link", "set", name, "up")
    services.install(machines=True)
    with tempfile.TemporaryDirectory() as scratch:  # not tmp_path: only root may pass through that
        Path(scratch).chmod(0o755)
        monkeypatch.setattr(config, "LAMBDA", Path(scratch) / "lambda")
        yield name
        services.close()
    network.install(False)
    netns.ip("link", "del", name)
    assert netns.names(f"{name}-") == []


def reaches(port: int) -> bool:
    tried = [sys.executable, "-c", _TRY, config.HOST_ADDRESS, str(port)]
    return subprocess.run(network.outside_of_vpcs().enter(tried), capture_output=True, check=False).returncode == 0


@pytest.mark.usefixtures("internet")
def test_functions_reach_the_api_and_nothing_else_of_the_machine() -> None:
    look = network.outside_of_vpcs().enter(["readlink", "/proc/self/ns/net"])
    inside = subprocess.run(look, capture_output=True, check=True)
    assert inside.stdout.decode().strip() != os.readlink("/proc/self/ns/net")
    for port, expected in ((config.API_PORT, True), (config.WEBSITE_PORT, True), (53, True), (2222, False)):
        with socket.create_server((config.HOST_ADDRESS, port)):
            assert reaches(port) == expected


def test_without_machines_functions_run_where_their_users_programs_do() -> None:
    assert network.outside_of_vpcs() == network.Place()
    assert network.Place().enter(["true"]) == ["true"]


class Vpc:
    """One with a subnet, the groups of a function and of a database, and both of them in it."""

    def __init__(self) -> None:
        self.ec2, self.functions = (boto3.client(name, region_name="us-east-1") for name in ("ec2", "lambda"))
        self.id = self.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=self.id, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
        self.function_group, self.database_group = (self.group(name) for name in ("function", "database"))
        let_in = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306}
        peers = [{"GroupId": self.function_group}]
        self.ec2.authorize_security_group_ingress(
            GroupId=self.database_group, IpPermissions=[{**let_in, "UserIdGroupPairs": peers}]
        )
        self.role = self.make_role()
        self.database = Port("database", self.id, (DATABASE,), (self.database_group,))
        self.controller = Functions()
        self.routers = Vpcs(lambda: [self.database, *self.controller.ports()], lambda: None)

    def group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.id)
        return str(made["GroupId"])

    def make_role(self) -> str:
        iam = boto3.client("iam", region_name="us-east-1")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        made = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        return str(made["Role"]["Arn"])

    def allow_interfaces(self) -> None:
        allow = {"Effect": "Allow", "Action": "ec2:*NetworkInterface*", "Resource": "*"}
        boto3.client("iam", region_name="us-east-1").put_role_policy(
            RoleName="runner",
            PolicyName="vpc",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
        )

    def make(self, name: str, handler: str = "reach", vpc: bool = True, **more: Any) -> dict[str, Any]:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", CODE)
        if vpc:
            more["VpcConfig"] = {"SubnetIds": [self.subnet], "SecurityGroupIds": [self.function_group]}
        made: dict[str, Any] = self.functions.create_function(
            FunctionName=name,
            Handler=f"app.{handler}",
            Runtime="python3.13",
            Role=self.role,
            Timeout=30,
            Code={"ZipFile": packed.getvalue()},
            **more,
        )
        return made

    def call(self, name: str, **event: Any) -> Any:
        self.routers.reconcile(self.id)
        return json.loads(self.functions.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"].read())

    def route_tables(self) -> tuple[str, str]:
        """One for its subnet, and one that leads to the internet."""
        private, public = (self.ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"] for _ in range(2))
        self.ec2.associate_route_table(RouteTableId=private, SubnetId=self.subnet)
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.id)
        self.ec2.create_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        return private, public

    def add_nat(self, private: str, public: str) -> None:
        """A NAT gateway in a subnet of its own, to which the private route table leads."""
        subnet = self.ec2.create_subnet(VpcId=self.id, CidrBlock="10.7.2.0/24")["Subnet"]["SubnetId"]
        self.ec2.associate_route_table(RouteTableId=public, SubnetId=subnet)
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        self.ec2.create_route(RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=made)
        self.routers.reconcile(self.id)
        (router,) = [one for one in all_routers() if one.vpc.id == self.id]
        assert router._public, "the router has no address of a NAT gateway"

    def interfaces(self) -> list[dict[str, Any]]:
        mine = [{"Name": "subnet-id", "Values": [self.subnet]}]
        return list(self.ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"])


@pytest.fixture
def vpc(internet: str) -> Iterator[Vpc]:
    made = Vpc()
    yield made
    services.close()
    made.routers.close()


def test_a_function_in_a_vpc_reaches_what_its_groups_open_and_no_internet(vpc: Vpc) -> None:
    vpc.allow_interfaces()
    vpc.make("inside")
    vpc.make("outside", vpc=False)
    vpc.routers.reconcile(vpc.id)
    listeners = [
        netns.socket_in(vpc.database.namespace, lambda p=port: socket.create_server((DATABASE, p)))
        for port in (3306, 3307)
    ]
    listeners.append(socket.create_server((config.HOST_ADDRESS, config.API_PORT)))
    asked = [[DATABASE, 3306], [DATABASE, 3307], [config.HOST_ADDRESS, config.API_PORT]]
    try:
        inside, outside = (vpc.call(name, to=asked) for name in ("inside", "outside"))
    finally:
        for listener in listeners:
            listener.close()
    assert inside["reached"] == [3306]
    assert inside["resolver"] == f"nameserver {config.RESOLVER_ADDRESS}\n"
    assert outside["reached"] == [config.API_PORT]
    assert len({inside["net"], outside["net"], os.readlink("/proc/self/ns/net")}) == 3


def test_a_gateway_endpoint_leads_a_function_to_s3_alone_and_past_a_nat_gateway(vpc: Vpc) -> None:
    vpc.allow_interfaces()
    vpc.make("inside")
    asked = [[S3, config.API_PORT], [config.HOST_ADDRESS, config.API_PORT]]
    table, public = vpc.route_tables()
    seen = []
    with (
        socket.create_server((S3, config.API_PORT)) as s3,
        socket.create_server((config.HOST_ADDRESS, config.API_PORT)),
    ):
        s3.settimeout(5)
        assert vpc.call("inside", to=asked)["reached"] == []
        service = "com.amazonaws.us-east-1.s3"
        vpc.ec2.create_vpc_endpoint(VpcId=vpc.id, ServiceName=service, RouteTableIds=[table])
        assert vpc.call("inside", to=asked)["reached"] == [config.API_PORT]
        seen.append(s3.accept()[1][0])
        vpc.add_nat(table, public)
        vpc.call("inside", to=asked[:1])
        seen.append(s3.accept()[1][0])
    assert seen == ["198.18.7.2"] * 2  # the router's own address, and not the NAT gateway's


def test_nothing_gets_in_to_a_function_though_its_group_would_let_it(vpc: Vpc) -> None:
    vpc.allow_interfaces()
    anybody = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    vpc.ec2.authorize_security_group_ingress(GroupId=vpc.function_group, IpPermissions=[anybody])
    vpc.make("inside")
    vpc.call("inside", to=[])  # it is warm, and listens at once
    address = vpc.interfaces()[0]["PrivateIpAddress"]
    seen: list[Any] = []
    listening = threading.Thread(target=lambda: seen.append(vpc.call("inside", listen=8080)))
    listening.start()
    while listening.is_alive():
        with pytest.raises(TimeoutError):
            netns.socket_in(vpc.database.namespace, lambda: socket.create_connection((address, 8080), timeout=0.2))
    assert seen == [None]


def test_functions_with_the_same_subnet_and_groups_share_an_interface_that_is_awss(vpc: Vpc) -> None:
    with pytest.raises(ClientError, match="does not have permissions to call CreateNetworkInterface on EC2"):
        vpc.make("one")
    assert vpc.interfaces() == []
    vpc.allow_interfaces()
    shown = vpc.make("one")["VpcConfig"]
    assert (shown["VpcId"], shown["SubnetIds"]) == (vpc.id, [vpc.subnet])
    vpc.make("two")
    (interface,) = vpc.interfaces()
    assert interface["Description"].startswith("AWS Lambda VPC ENI-one-")
    assert (interface["InterfaceType"], interface["RequesterManaged"], interface["Status"]) == (
        "lambda",
        True,
        "in-use",
    )
    assert [group["GroupId"] for group in interface["Groups"]] == [vpc.function_group]
    eni = interface["NetworkInterfaceId"]
    with pytest.raises(ClientError, match="currently in use"):
        vpc.ec2.delete_network_interface(NetworkInterfaceId=eni)
    vpc.functions.delete_function(FunctionName="one")
    with pytest.raises(ClientError, match="DependencyViolation"):
        vpc.ec2.delete_subnet(SubnetId=vpc.subnet)
    with pytest.raises(ClientError, match="DependencyViolation"):
        vpc.ec2.delete_security_group(GroupId=vpc.function_group)
    nowhere: dict[str, list[str]] = {"SubnetIds": [], "SecurityGroupIds": []}
    vpc.functions.update_function_configuration(FunctionName="two", VpcConfig=nowhere)
    assert vpc.interfaces() == []
    assert vpc.functions.get_function_configuration(FunctionName="two")["VpcConfig"]["VpcId"] == ""
    vpc.ec2.delete_security_group(GroupId=vpc.function_group)
    vpc.ec2.delete_subnet(SubnetId=vpc.subnet)


def test_a_subnet_or_group_that_is_not_there_is_refused(vpc: Vpc) -> None:
    vpc.allow_interfaces()
    for kind, code in (("SubnetIds", "InvalidSubnetID.NotFound"), ("SecurityGroupIds", "InvalidGroup.NotFound")):
        wanted = {"SubnetIds": [vpc.subnet], "SecurityGroupIds": [vpc.function_group]}
        wanted[kind] = [f"{wanted[kind][0].partition('-')[0]}-0123456789abcdef0"]
        with pytest.raises(ClientError, match=code):
            vpc.make("lost", vpc=False, VpcConfig=wanted)


def test_an_interface_takes_its_time_to_come_and_to_go(vpc: Vpc) -> None:
    vpc.allow_interfaces()
    durations.rehearse({"function_in_vpc": 60, "function_interface_deletion": 0.3})
    try:
        vpc.make("slow")
        assert vpc.functions.get_function_configuration(FunctionName="slow")["State"] == "Pending"
        durations.rehearse({"function_interface_deletion": 0.3})
        assert vpc.functions.get_function_configuration(FunctionName="slow")["State"] == "Active"
        vpc.functions.delete_function(FunctionName="slow")
        assert vpc.interfaces()
        end = time.monotonic() + 10
        while vpc.interfaces():
            assert time.monotonic() < end
            time.sleep(0.02)
    finally:
        durations.rehearse({})


@pytest.mark.usefixtures("internet")
def test_a_function_that_takes_more_memory_than_it_has_is_killed() -> None:
    vpc = Vpc()
    vpc.make("large", "fill", vpc=False)
    begin = len(list(config.LAMBDA.glob("tmp-*")))
    taken = [
        json.loads(
            vpc.functions.invoke(FunctionName="large", Payload=json.dumps({"bytes": size << 20}))["Payload"].read()
        )
        for size in (20, 300)
    ]
    assert taken[0] == 20 << 20
    assert taken[1]["errorMessage"].endswith("Runtime exited with error: signal: kill")
    assert len(list(config.LAMBDA.glob("tmp-*"))) == begin
