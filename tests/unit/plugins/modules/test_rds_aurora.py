"""Aurora's modules: a cluster, its members, and which of them writes: what they ask of RDS, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from . import cycles


@pytest.fixture
def wanted(client: Any) -> dict[str, Any]:
    return cycles.make_cluster(client)


def look(client: Any) -> dict[str, Any]:
    return client("rds").describe_db_clusters(DBClusterIdentifier="demo-db")["DBClusters"][0]


def member(number: int, **options: Any) -> dict[str, Any]:
    ours = {"db_instance_identifier": f"demo-db-{number}", "db_cluster_identifier": "demo-db"}
    return {**ours, "engine": "aurora-mysql", "db_instance_class": "db.serverless", **options}


def test_a_clusters_master_password_is_known_to_rds_alone(run_module: Any, client: Any, wanted: Any) -> None:
    said = run_module("rds_db_cluster", **wanted)
    arn = look(client)["MasterUserSecret"]["SecretArn"]
    password = json.loads(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])["password"]
    assert said["db_cluster"]["master_user_secret"]["secret_arn"] == arn
    assert said["db_cluster"]["reader_endpoint"].startswith("demo-db.cluster-ro-")
    assert password not in json.dumps(said)


def test_a_member_is_made_changed_and_deleted_without_what_its_cluster_has(
    run_module: Any, cycle: Any, client: Any, wanted: Any
) -> None:
    run_module("rds_db_cluster", **wanted)
    cycle("rds_db_instance", **member(1, promotion_tier=0))
    seen = cycle("rds_db_instance", **member(1, promotion_tier=3, tags={"Stack": "ours"}))
    assert "managed_password" not in seen[1]["diff"]["after"]
    found = client("rds").describe_db_instances()["DBInstances"][0]
    assert (found["PromotionTier"], "MasterUserSecret" in found) == (3, False)
    said = run_module("rds_db_instance", db_instance_identifier="demo-db-1", state="absent")
    assert (said["changed"], "final_db_snapshot_identifier" in said) == (True, False)
    assert client("rds").describe_db_instances()["DBInstances"] == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"storage_encrypted": False}, "has storage_encrypted=True; RDS cannot change that to False in place"),
        ({"database_name": "other"}, "has database_name=demo; RDS cannot change"),
        ({"engine": "aurora-postgresql"}, "has engine=aurora-mysql; RDS cannot change"),
        ({"engine_version": "5.7.mysql_aurora.2.12.5"}, "cannot take it back to 5.7.mysql_aurora.2.12.5"),
        ({"engine_version": "8.4.mysql_aurora.4.01.0"}, "is a major upgrade"),
    ],
)
def test_what_rds_cannot_do_to_a_cluster_is_refused_in_a_sentence(
    run_module: Any, writes: list[str], wanted: Any, change: Any, sentence: str
) -> None:
    run_module("rds_db_cluster", **wanted)
    before = len(writes)
    assert sentence in run_module("rds_db_cluster", **{**wanted, **change})["msg"]
    assert len(writes) == before


def test_a_newer_patch_level_of_a_cluster_is_left_alone_and_an_older_one_raised(
    run_module: Any, cycle: Any, client: Any, wanted: Any
) -> None:
    run_module("rds_db_cluster", **{**wanted, "engine_version": "8.0.mysql_aurora.3.10.0"})
    for version in ("8.0", "8.0.mysql_aurora.3.08.2"):
        assert run_module("rds_db_cluster", **{**wanted, "engine_version": version})["changed"] is False
    cycle("rds_db_cluster", **{**wanted, "engine_version": "8.0.mysql_aurora.3.10.1"})
    assert look(client)["EngineVersion"] == "8.0.mysql_aurora.3.10.1"


def test_a_protected_cluster_is_deleted_only_if_that_is_said(run_module: Any, wanted: Any) -> None:
    run_module("rds_db_cluster", **wanted)
    said = run_module("rds_db_cluster", db_cluster_identifier="demo-db", state="absent")
    assert "The cluster demo-db is protected against deletion." in said["msg"]


def test_a_new_cluster_needs_an_engine_and_a_master_user(run_module: Any) -> None:
    said = run_module("rds_db_cluster", db_cluster_identifier="demo-db")
    assert "There is no cluster demo-db; a new one needs engine, master_username." in said["msg"]


def test_who_is_no_member_cannot_write(run_module: Any, wanted: Any) -> None:
    run_module("rds_db_cluster", **wanted)
    run_module("rds_db_instance", **member(1))
    said = run_module("rds_db_failover", db_cluster_identifier="demo-db", writer="demo-db-9")
    assert said["msg"].startswith("The cluster demo-db has no instance demo-db-9, but demo-db-1.")


def test_a_database_without_a_standby_cannot_fail_over(run_module: Any, client: Any) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier="one",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="never-a-real-one",
    )
    said = run_module("rds_db_failover", db_instance_identifier="one", availability_zone="us-east-1b")
    assert said["msg"].startswith("The database one is not Multi-AZ: it has no standby.")
