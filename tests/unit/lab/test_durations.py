"""Durations as on AWS: what is made can be used when its time is over, not before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import durations
from lab.cli import main

MINUTE = dict.fromkeys(("database", "nat_gateway", "load_balancer", "image", "instance"), 60.0)


class Clock:
    """Stands still until a test moves it."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(durations, "time", clock)
    yield clock
    durations.rehearse({})


@pytest.fixture
def subnets(api: None, client: Any) -> list[str]:
    return [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]


def test_the_table_is_divided_by_the_speed() -> None:
    seconds = durations.load(durations.TABLE, speed=60)
    assert (seconds["database"], seconds["nat_gateway"]) == (9, 1.8)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("databse: 5", "databse is unknown. It takes database, database_multi_az"),
        ("database: soon", "database is 'soon'. It takes seconds, 0 or more."),
        ("database: -1", "database is -1"),
        ("- 5", "is no table"),
    ],
)
def test_a_wrong_table_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    file = tmp_path / "slow.yml"
    file.write_text(text)
    assert main(["api", f"--durations={file}"]) == 1
    assert sentence in capsys.readouterr().err


def test_without_a_table_nothing_is_held(subnets: list[str], client: Any) -> None:
    made = client("elbv2").create_load_balancer(Name="b", Subnets=subnets)["LoadBalancers"][0]
    found = client("elbv2").describe_load_balancers(LoadBalancerArns=[made["LoadBalancerArn"]])["LoadBalancers"][0]
    assert found["State"]["Code"] == "active"


def test_each_kind_is_being_made_until_its_time_is_over(
    clock: Clock, subnets: list[str], image: str, client: Any
) -> None:
    durations.rehearse(MINUTE)
    ec2, elb, rds = client("ec2"), client("elbv2"), client("rds")
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)
    elb.create_load_balancer(Name="b", Subnets=subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="d",
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        ManageMasterUserPassword=True,
    )

    def seen() -> list[Any]:
        database = rds.describe_db_instances()["DBInstances"][0]
        return [
            ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"],
            ec2.describe_nat_gateways()["NatGateways"][0]["State"],
            elb.describe_load_balancers()["LoadBalancers"][0]["State"]["Code"],
            database["DBInstanceStatus"],
            "Endpoint" in database,
        ]

    assert seen() == ["pending", "pending", "provisioning", "creating", False]
    clock.now += 59
    assert "available" not in seen()
    clock.now += 2
    assert seen() == ["running", "available", "active", "available", True]
    ami = ec2.create_image(InstanceId=instance, Name="frozen")["ImageId"]

    def state() -> str:
        return str(ec2.describe_images(ImageIds=[ami])["Images"][0]["State"])

    assert state() == "pending"
    clock.now += 61
    assert state() == "available"


def test_a_database_that_has_been_made_is_not_held_again(clock: Clock, machines: None, client: Any) -> None:
    from lab.services.rds import instances

    api = client("rds")
    wanted = {"DBInstanceClass": "db.t3.micro", "Engine": "mysql", "AllocatedStorage": 20, "MasterUsername": "admin"}
    api.create_db_instance(DBInstanceIdentifier="d", ManageMasterUserPassword=True, **wanted)
    durations.rehearse(MINUTE)
    database = next(instances.all_databases())
    instances.set_database_state(database, "available")
    clock.now += 61
    api.reboot_db_instance(DBInstanceIdentifier="d")
    instances.set_database_state(database, "available")
    assert api.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "available"


def test_what_is_deleted_goes_when_its_time_is_over(clock: Clock, subnets: list[str], image: str, client: Any) -> None:
    ec2, rds = client("ec2"), client("rds")
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    wanted = {"DBInstanceClass": "db.t3.micro", "Engine": "mysql", "AllocatedStorage": 20, "MasterUsername": "admin"}
    rds.create_db_instance(DBInstanceIdentifier="d", ManageMasterUserPassword=True, **wanted)
    durations.rehearse(dict.fromkeys(("database_deletion", "nat_gateway_deletion", "instance_termination"), 60.0))
    clock.now += 1000  # time runs from the deletion
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    rds.delete_db_instance(DBInstanceIdentifier="d", SkipFinalSnapshot=True)

    def seen() -> list[str]:
        return [
            ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"],
            ec2.describe_nat_gateways()["NatGateways"][0]["State"],
            *(database["DBInstanceStatus"] for database in rds.describe_db_instances()["DBInstances"]),
        ]

    assert seen() == ["shutting-down", "deleting", "deleting"]
    clock.now += 59
    assert seen() == ["shutting-down", "deleting", "deleting"]
    clock.now += 2
    assert seen() == ["terminated", "deleted"]
