"""RDS through boto3: states, passwords, MySQL 8.4."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.services.rds import groups, instances, mysql

WANTED = {
    "DBInstanceIdentifier": "my-demo-db",
    "DBInstanceClass": "db.t3.micro",
    "Engine": "mysql",
    "EngineVersion": "8.4.7",
    "AllocatedStorage": 20,
    "StorageType": "gp3",
    "MasterUsername": "admin",
    "ManageMasterUserPassword": True,
}


def status(api: Any) -> str:
    return str(api.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"])


def test_a_databases_states_last_until_the_controller_ends_them(machines: None, client: Any) -> None:
    api = client("rds")
    api.create_db_instance(**WANTED)
    database = next(instances.all_databases())
    assert status(api) == "creating"
    instances.set_database_state(database, "available")
    api.modify_db_instance(DBInstanceIdentifier="my-demo-db", AllocatedStorage=30, ApplyImmediately=True)
    assert status(api) == "modifying"
    instances.set_database_state(database, "available")
    api.reboot_db_instance(DBInstanceIdentifier="my-demo-db")
    assert status(api) == "rebooting"
    instances.set_database_state(database, "available")
    api.stop_db_instance(DBInstanceIdentifier="my-demo-db")
    assert status(api) == "stopping"
    instances.set_database_state(database, "stopped")
    api.start_db_instance(DBInstanceIdentifier="my-demo-db")
    assert status(api) == "starting"
    api.delete_db_instance(DBInstanceIdentifier="my-demo-db", FinalDBSnapshotIdentifier="last")
    assert status(api) == "deleting"
    with pytest.raises(ClientError, match="InvalidDBInstanceState"):
        api.delete_db_instance(DBInstanceIdentifier="my-demo-db", SkipFinalSnapshot=True)
    instances.forget_database(database)
    assert api.describe_db_instances()["DBInstances"] == []
    assert client("secretsmanager").list_secrets()["SecretList"] == []
    assert [found["DBSnapshotIdentifier"] for found in api.describe_db_snapshots()["DBSnapshots"]] == ["last"]


def test_without_machines_a_database_is_available_and_gone_at_once(api: None, client: Any) -> None:
    client("rds").create_db_instance(**WANTED)
    assert status(client("rds")) == "available"
    client("rds").delete_db_instance(DBInstanceIdentifier="my-demo-db", SkipFinalSnapshot=True)
    assert client("rds").describe_db_instances()["DBInstances"] == []


def test_the_managed_secret_holds_a_password_of_its_own(api: None, client: Any) -> None:
    api_ = client("rds")
    arns = []
    for name in ("one", "two"):
        made = api_.create_db_instance(**{**WANTED, "DBInstanceIdentifier": name, "MasterUsername": "root-" + name})
        arns.append(made["DBInstance"]["MasterUserSecret"]["SecretArn"])
    values = [json.loads(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]) for arn in arns]
    assert [value["username"] for value in values] == ["root-one", "root-two"]
    assert values[0]["password"] != values[1]["password"]
    assert [instances.master_password(database) for database in instances.all_databases()] == [
        value["password"] for value in values
    ]


def test_a_given_password_is_known_to_the_controller(api: None, client: Any) -> None:
    given = {key: value for key, value in WANTED.items() if key != "ManageMasterUserPassword"}
    client("rds").create_db_instance(**given, MasterUserPassword="chosen-by-hand")
    assert instances.master_password(next(instances.all_databases())) == "chosen-by-hand"


def test_an_unknown_parameter_group_is_an_error(api: None, client: Any) -> None:
    with pytest.raises(ClientError, match="DBParameterGroupNotFound"):
        client("rds").describe_db_parameter_groups(DBParameterGroupName="nobody")


def test_mysql_8_4_can_be_ordered(api: None, client: Any) -> None:
    found = client("rds").describe_orderable_db_instance_options(
        Engine="mysql", EngineVersion="8.4.7", DBInstanceClass="db.t3.micro"
    )
    assert "db.t3.micro" in {option["DBInstanceClass"] for option in found["OrderableDBInstanceOptions"]}


def test_gp3_says_its_throughput_and_each_database_its_own_id(api: None, client: Any) -> None:
    made = [client("rds").create_db_instance(**{**WANTED, "DBInstanceIdentifier": name}) for name in ("one", "two")]
    assert {found["DBInstance"]["StorageThroughput"] for found in made} == {125}
    assert {found["DBInstance"]["Iops"] for found in made} == {3000}
    assert len({found["DBInstance"]["DbiResourceId"] for found in made}) == 2


def test_a_parameter_group_lists_its_engines_parameters_and_the_values_set(api: None, client: Any) -> None:
    rds_api = client("rds")
    rds_api.create_db_parameter_group(DBParameterGroupName="g", DBParameterGroupFamily="mysql8.4", Description="d")
    rds_api.modify_db_parameter_group(
        DBParameterGroupName="g",
        Parameters=[{"ParameterName": "require_secure_transport", "ParameterValue": "1", "ApplyMethod": "immediate"}],
    )
    listed = rds_api.describe_db_parameters(DBParameterGroupName="g")["Parameters"]
    found = {parameter["ParameterName"]: parameter for parameter in listed}
    assert found["require_secure_transport"]["ParameterValue"] == "1"
    assert found["require_secure_transport"]["IsModifiable"] is True
    assert "ParameterValue" not in found["wait_timeout"]
    (set_by_the_user,) = rds_api.describe_db_parameters(DBParameterGroupName="g", Source="user")["Parameters"]
    assert set_by_the_user["ParameterName"] == "require_secure_transport"


def test_a_parameter_is_reset_and_one_that_the_engine_does_not_have_is_refused(api: None, client: Any) -> None:
    rds_api = client("rds")
    rds_api.create_db_parameter_group(DBParameterGroupName="g", DBParameterGroupFamily="mysql8.4", Description="d")
    one, other = ({"ParameterName": name, "ApplyMethod": "immediate"} for name in ("wait_timeout", "max_connections"))
    for parameter in (one, other):
        rds_api.modify_db_parameter_group(DBParameterGroupName="g", Parameters=[{**parameter, "ParameterValue": "9"}])
    rds_api.reset_db_parameter_group(DBParameterGroupName="g", Parameters=[one], ResetAllParameters=False)
    left = rds_api.describe_db_parameters(DBParameterGroupName="g", Source="user")["Parameters"]
    assert [parameter["ParameterName"] for parameter in left] == ["max_connections"]
    with pytest.raises(ClientError, match="Could not find parameter with name: max_conections"):
        rds_api.reset_db_parameter_group(
            DBParameterGroupName="g", Parameters=[{**one, "ParameterName": "max_conections"}], ResetAllParameters=False
        )


def test_a_standby_is_in_another_zone_and_a_reboot_by_failover_swaps_them(api: None, client: Any) -> None:
    rds_api, which = client("rds"), {"DBInstanceIdentifier": "my-demo-db"}
    rds_api.create_db_instance(**WANTED)

    def zones() -> tuple[str, str | None]:
        (found,) = rds_api.describe_db_instances()["DBInstances"]
        return found["AvailabilityZone"], found.get("SecondaryAvailabilityZone")

    def told() -> list[str]:
        events = rds_api.describe_events(SourceType="db-instance", SourceIdentifier="my-demo-db")["Events"]
        return [one["Message"] for one in events if {"failover", "configuration change"} & set(one["EventCategories"])]

    assert zones() == ("us-east-1a", None)
    with pytest.raises(ClientError, match="the instance is not configured for either MultiAZ or High Availability"):
        rds_api.reboot_db_instance(**which, ForceFailover=True)
    rds_api.modify_db_instance(**which, MultiAZ=True, ApplyImmediately=True)
    assert zones() == ("us-east-1a", "us-east-1b")
    rds_api.reboot_db_instance(**which)
    assert zones() == ("us-east-1a", "us-east-1b")
    rds_api.reboot_db_instance(**which, ForceFailover=True)
    assert zones() == ("us-east-1b", "us-east-1a")
    rds_api.modify_db_instance(**which, MultiAZ=False, ApplyImmediately=True)
    assert zones() == ("us-east-1b", None)
    assert told() == [
        "Applying modification to convert to a Multi-AZ DB instance.",
        "Finished applying modification to convert to a Multi-AZ DB instance.",
        "Multi-AZ instance failover started.",
        "Multi-AZ failover to standby complete - DNS propagation may take a few minutes.",
        "Multi-AZ instance failover completed",
        "Applying modification to convert to a standard (Single-AZ) DB instance.",
        "Finished applying modification to convert to a standard (Single-AZ) DB instance.",
    ]


def test_a_database_is_in_a_zone_of_its_subnet_group(api: None, client: Any) -> None:
    ec2, rds_api = client("ec2"), client("rds")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for number, zone in enumerate("bc")
    ]
    ids = [subnet["SubnetId"] for subnet in subnets]
    rds_api.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="g", SubnetIds=ids)
    wanted = {**WANTED, "DBSubnetGroupName": "g", "MultiAZ": True}
    for name, given, expected in (("one", {}, ["b", "c"]), ("two", {"AvailabilityZone": "us-east-1c"}, ["c", "b"])):
        made = rds_api.create_db_instance(**{**wanted, **given, "DBInstanceIdentifier": name})["DBInstance"]
        zones = [made["AvailabilityZone"], made["SecondaryAvailabilityZone"]]
        assert zones == [f"us-east-1{zone}" for zone in expected]


@pytest.mark.parametrize(("retention", "multi_az", "expected"), [(0, False, False), (7, False, True), (0, True, True)])
def test_a_standby_needs_the_log_that_backups_may_do_without(
    api: None, client: Any, retention: int, multi_az: bool, expected: bool
) -> None:
    client("rds").create_db_instance(**WANTED, BackupRetentionPeriod=retention, MultiAZ=multi_az)
    (group,) = groups.all_groups()
    for number, member in enumerate(group.members):
        member.place.address = f"10.7.0.{number}"
    settings = group.settings(group.writer)
    assert settings.log is expected
    assert ("disable_log_bin" in settings.options) is not expected


def test_one_of_several_servers_comes_up_read_only_and_waits_to_be_told(api: None) -> None:
    alone, one = (mysql.options({}, 3306, 7, log=True, replicated=several) for several in (False, True))
    assert "super_read_only = ON" not in alone
    assert set(one.splitlines()) - set(alone.splitlines()) == {"super_read_only = ON"}
    assert {"server_id = 7", "gtid_mode = ON", "skip_replica_start = ON"} <= set(one.splitlines())
