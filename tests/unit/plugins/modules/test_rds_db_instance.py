"""The module rds_db_instance: what it asks of RDS, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

MODULE = "rds_db_instance"


@pytest.fixture
def wanted(client: Any) -> dict[str, Any]:
    ec2, rds = client("ec2"), client("rds")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [found["SubnetId"] for found in ec2.describe_subnets()["Subnets"][:2]]
    groups = [ec2.create_security_group(GroupName=n, Description=n, VpcId=vpc)["GroupId"] for n in ("one", "two")]
    rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="d", SubnetIds=subnets)
    for name in ("tls", "other"):
        rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="mysql8.4", Description="d")
    return {
        "db_instance_identifier": "my-demo-db",
        "engine": "mysql",
        "engine_version": "8.4",
        "engine_lifecycle_support": "open-source-rds-extended-support-disabled",
        "db_instance_class": "db.t4g.micro",
        "allocated_storage": 20,
        "max_allocated_storage": 100,
        "storage_type": "gp3",
        "storage_encrypted": True,
        "db_name": "demo",
        "port": 3306,
        "master_username": "admin",
        "db_subnet_group_name": "private",
        "db_parameter_group_name": "tls",
        "vpc_security_group_ids": groups,
        "publicly_accessible": False,
        "multi_az": False,
        "backup_retention_period": 7,
        "copy_tags_to_snapshot": True,
        "deletion_protection": True,
        "enable_iam_database_authentication": False,
        "enable_cloudwatch_logs_exports": ["slowquery", "error"],
        "apply_immediately": True,
        "tags": {"Stack": "demo-app"},
    }


def describe(client: Any) -> dict[str, Any]:
    return client("rds").describe_db_instances(DBInstanceIdentifier="my-demo-db")["DBInstances"][0]


def test_a_database_is_created_once_with_a_password_that_only_rds_knows(cycle: Any, client: Any, wanted: Any) -> None:
    seen = cycle(MODULE, **wanted)
    found = describe(client)
    secret = found["MasterUserSecret"]["SecretArn"]
    password = json.loads(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])["password"]
    assert seen[1]["db_instance"]["master_user_secret"]["secret_arn"] == secret
    assert seen[1]["db_instance"]["tags"] == {"Stack": "demo-app"}
    assert password not in json.dumps(seen)
    assert (found["StorageEncrypted"], found["PubliclyAccessible"], found["DeletionProtection"]) == (True, False, True)
    assert seen[0]["db_instance"] == {}


@pytest.mark.parametrize(
    "change",
    [
        {"db_instance_class": "db.t4g.small"},
        {"allocated_storage": 40},
        {"max_allocated_storage": 200},
        {"multi_az": True},
        {"deletion_protection": False},
        {"backup_retention_period": 14},
        {"db_parameter_group_name": "other"},
        {"enable_cloudwatch_logs_exports": ["error"]},
        {"tags": {"Stack": "demo-app", "Cost": "1"}},
        {"tags": {}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_is_made_once_and_nothing_else_is_sent(
    cycle: Any, run_module: Any, client: Any, wanted: Any, change: Any
) -> None:
    run_module(MODULE, **wanted)
    seen = cycle(MODULE, **{**wanted, **change})
    diff = seen[1]["diff"]
    assert {key for key in diff["after"] if diff["after"][key] != diff["before"][key]} == set(change)


def test_security_groups_in_another_order_are_the_same(run_module: Any, wanted: Any) -> None:
    run_module(MODULE, **wanted)
    again = {**wanted, "vpc_security_group_ids": wanted["vpc_security_group_ids"][::-1]}
    assert run_module(MODULE, **again)["changed"] is False


def test_storage_that_grew_is_left_alone(run_module: Any, client: Any, wanted: Any) -> None:
    run_module(MODULE, **{**wanted, "allocated_storage": 50})
    assert run_module(MODULE, **wanted)["changed"] is False
    assert describe(client)["AllocatedStorage"] == 50


def test_a_newer_patch_level_is_left_alone(run_module: Any, wanted: Any) -> None:
    run_module(MODULE, **{**wanted, "engine_version": "8.4.7"})
    for version in ("8.4", "8.4.5"):
        assert run_module(MODULE, **{**wanted, "engine_version": version})["changed"] is False


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"storage_encrypted": False}, "has storage_encrypted=True; RDS cannot change that to False in place"),
        ({"master_username": "root"}, "has master_username=admin; RDS cannot change"),
        ({"engine_version": "8.0.42"}, "cannot take it back to 8.0.42"),
        ({"engine_version": "9.1"}, "is a major upgrade"),
    ],
)
def test_what_rds_cannot_do_is_refused_in_a_sentence(
    run_module: Any, client: Any, wanted: Any, change: Any, sentence: str
) -> None:
    run_module(MODULE, **{**wanted, "engine_version": "8.4.6"})
    before = describe(client)
    for check in (True, False):
        result = run_module(MODULE, check=check, **{**wanted, "multi_az": True, **change})
        assert result["failed"]
        assert sentence in result["msg"]
    after = describe(client)
    assert (before["MultiAZ"], before["EngineVersion"]) == (after["MultiAZ"], after["EngineVersion"])


def test_a_new_database_needs_the_essentials(run_module: Any) -> None:
    result = run_module(MODULE, db_instance_identifier="my-demo-db", engine="mysql")
    assert result["msg"] == "There is no database my-demo-db; a new one needs db_instance_class, master_username."


def test_a_password_of_ones_own_is_handed_over_to_rds(cycle: Any, client: Any) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier="my-demo-db",
        Engine="mysql",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="chosen-by-a-person-long-ago",
    )
    cycle(MODULE, db_instance_identifier="my-demo-db", apply_immediately=True)
    assert describe(client)["MasterUserSecret"]["SecretArn"]


def test_a_protected_database_is_deleted_only_when_told_so_twice(
    run_module: Any, cycle: Any, client: Any, wanted: Any
) -> None:
    run_module(MODULE, **wanted)
    absent = {"db_instance_identifier": "my-demo-db", "state": "absent"}
    assert "is protected against deletion" in run_module(MODULE, **absent)["msg"]
    seen = [run_module(MODULE, check=c, deletion_protection=False, **absent) for c in (True, False, True, False)]
    assert [one["changed"] for one in seen] == [True, True, False, False]
    snapshots = client("rds").describe_db_snapshots()["DBSnapshots"]
    manual = [one["DBSnapshotIdentifier"] for one in snapshots if one["SnapshotType"] == "manual"]
    assert manual == [seen[1]["final_db_snapshot_identifier"]]
    assert manual[0].startswith("my-demo-db-final-2")


def test_no_snapshot_is_taken_if_not_wanted(run_module: Any, client: Any, wanted: Any) -> None:
    run_module(MODULE, **{**wanted, "deletion_protection": False})
    run_module(MODULE, db_instance_identifier="my-demo-db", state="absent", skip_final_snapshot=True)
    assert not client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]


def test_a_database_is_restored_from_its_last_snapshot(run_module: Any, client: Any, wanted: Any) -> None:
    run_module(MODULE, **{**wanted, "deletion_protection": False})
    first = describe(client)["MasterUserSecret"]["SecretArn"]
    run_module(MODULE, db_instance_identifier="my-demo-db", state="absent", final_db_snapshot_identifier="last")
    for check in (True, False):
        refused = run_module(
            MODULE, check=check, **{**wanted, "storage_encrypted": False, "db_snapshot_identifier": "last"}
        )
        assert "The snapshot last has storage_encrypted=True" in refused["msg"]
        nowhere = run_module(MODULE, check=check, **{**wanted, "db_snapshot_identifier": "never-was"})
        assert nowhere["msg"] == "There is no snapshot never-was to restore from."
    assert run_module(MODULE, **wanted, db_snapshot_identifier="last")["changed"]
    found = describe(client)
    assert (found["MaxAllocatedStorage"], found["StorageEncrypted"], found["DeletionProtection"]) == (100, True, True)
    assert found["MasterUserSecret"]["SecretArn"] != first
