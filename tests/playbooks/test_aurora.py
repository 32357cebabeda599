"""playbooks/database.yml with an Aurora cluster: built, with fewer readers, what is refused, removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import account, api, iam

AURORA = {"threetier_architecture": "aurora"}


@pytest.fixture(scope="module")
def stack() -> str:
    return "reading"


@pytest.fixture(scope="module")
def empty(client: Callable[[str], Any]) -> dict[str, list[str]]:
    """What the account holds before."""
    return account.everything(client)


def look(client: Callable[[str], Any]) -> dict[str, Any]:
    found: dict[str, Any] = client("rds").describe_db_clusters(DBClusterIdentifier="reading-db")["DBClusters"][0]
    return found


def members(client: Callable[[str], Any]) -> list[dict[str, Any]]:
    mine = [{"Name": "db-cluster-id", "Values": ["reading-db"]}]
    found: list[dict[str, Any]] = client("rds").describe_db_instances(Filters=mine)["DBInstances"]
    return found


def test_a_cluster_has_a_writer_and_readers_over_the_zones_and_the_operator_may_make_it(
    client: Callable[[str], Any], empty: Any, endpoint: str, play: Any
) -> None:
    play("network", *api.NO_HOSTS, **AURORA)
    begin = api.last_call(endpoint)
    assert play("database", *api.NO_HOSTS, **AURORA)["changed"] == 7
    assert iam.needed(api.calls(endpoint, begin)) - iam.allowed([*iam.operator().values()]) == set()
    found, instances = look(client), members(client)
    assert (found["StorageEncrypted"], found["BackupRetentionPeriod"]) == (True, 7)
    assert found["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 4}
    assert found["EnabledCloudwatchLogsExports"] == ["error", "slowquery"]
    assert "MasterUserSecret" in found
    assert [
        (one["DBInstanceIdentifier"], one["IsClusterWriter"], one["PromotionTier"]) for one in found["DBClusterMembers"]
    ] == [("reading-db-1", True, 0), ("reading-db-2", False, 1), ("reading-db-3", False, 2)]
    assert {(one["DBInstanceClass"], one["PubliclyAccessible"]) for one in instances} == {("db.serverless", False)}
    assert len({one["AvailabilityZone"] for one in instances}) == 3
    group = client("rds").describe_db_cluster_parameters(
        DBClusterParameterGroupName=found["DBClusterParameterGroup"], Source="user"
    )
    values = {one["ParameterName"]: one["ParameterValue"] for one in group["Parameters"]}
    assert values["require_secure_transport"] == "1"
    snapshots = client("rds").describe_db_snapshots()["DBSnapshots"]
    assert [one for one in snapshots if one["DBInstanceIdentifier"].startswith("reading-")] == []


def test_a_failover_goes_to_whom_is_named_and_only_if_it_is_confirmed(
    ansible: Any, client: Callable[[str], Any], endpoint: str, writes: Any
) -> None:
    def fail_over(**choices: str) -> str:
        given = [f"-e{name}={value}" for name, value in {**AURORA, **choices}.items()]
        done = ansible("playbook", "playbooks/failover.yml", *api.NO_HOSTS, *given)
        return f"{done.returncode} " + " ".join((done.stdout + done.stderr).split())

    mark = writes()
    assert "reading-db: reading-db-2 would take over from reading-db-1." in fail_over()
    assert "reading-db-9 is no instance of reading-db that could write" in fail_over(failover_to="reading-db-9")
    assert [call for call in writes(mark) if call["service"] == "rds"] == []
    said = fail_over(failover_to="reading-db-3", failover_confirm="reading")
    assert "reading-db: reading-db-3 writes." in said
    needed = iam.needed(api.calls(endpoint, mark))
    assert needed - iam.allowed([iam.operator()[name] for name in ("data", "find", "read")]) == set()
    assert [one["DBInstanceIdentifier"] for one in look(client)["DBClusterMembers"] if one["IsClusterWriter"]] == [
        "reading-db-3"
    ]


def test_fewer_readers_leave_whoever_writes_and_nothing_else_changes(client: Callable[[str], Any], play: Any) -> None:
    assert play("database", *api.NO_HOSTS, **AURORA, threetier_database_readers=1)["changed"] == 1
    members = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in look(client)["DBClusterMembers"]}
    assert members == {"reading-db-1": False, "reading-db-3": True}


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"threetier_database_engine": "mysql"}, "reading-db is a cluster of Aurora, which can't be changed in place"),
        ({"threetier_database_serverless_max_capacity": 0}, "db.t4g.micro, which Aurora MySQL does not have"),
        ({"threetier_database_readers": 16, "threetier_database_multi_az": True}, "Take 0 to 15"),
        ({"database_engine_version": "8.4"}, "this role knows Aurora MySQL 8.0"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_touched(
    ansible: Any, writes: Any, choices: dict[str, Any], says: str
) -> None:
    mark = writes()
    given = [f"-e{name}={value}" for name, value in {**AURORA, **choices}.items()]
    done = ansible("playbook", "playbooks/database.yml", *api.NO_HOSTS, *given)
    assert done.returncode != 0
    assert says in " ".join((done.stdout + done.stderr).split())
    assert [call for call in writes(mark) if call["service"] == "rds"] == []


def test_a_teardown_keeps_a_last_snapshot_of_the_cluster_or_nothing(
    client: Callable[[str], Any], empty: Any, play: Any
) -> None:
    play("teardown", *api.NO_HOSTS, teardown_confirm="reading", teardown_keep=["final_snapshot"], **AURORA)
    assert members(client) == []
    found = client("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"]  # other tests keep some, too
    (kept,) = [one for one in found if one["DBClusterIdentifier"] == "reading-db"]
    assert kept["DBClusterSnapshotIdentifier"].startswith("reading-db-2")
    play("teardown", *api.NO_HOSTS, teardown_confirm="reading", **AURORA)
    assert account.difference(empty, account.everything(client)) == {}
