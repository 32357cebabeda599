"""Snapshots and what is restored from them: when they can be used, what a restored database begins with."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.services.rds import backups, clusters, groups, instances, snapshots, store

from .test_aws_rds import WANTED


def found(name: str) -> Any:
    return next(database for database in instances.all_databases() if database.db_instance_identifier == name)


def snapshot(api: Any, name: str) -> dict[str, Any]:
    return dict(api.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0])


@pytest.fixture
def source(machines: None, client: Any) -> Any:
    """An available database with a snapshot whose data is still to be taken."""
    api = client("rds")
    api.create_db_instance(**WANTED)
    instances.set_database_state(found("my-demo-db"), "available")
    api.create_db_snapshot(DBInstanceIdentifier="my-demo-db", DBSnapshotIdentifier="one")
    return api


def test_a_snapshot_is_available_when_its_data_was_taken(source: Any) -> None:
    assert snapshot(source, "one")["Status"] == "creating"
    with pytest.raises(ClientError, match="InvalidDBSnapshotState"):
        source.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="new", DBSnapshotIdentifier="one")
    waiting = [one for one in snapshots.all_snapshots() if store.of_snapshot(one).source is found("my-demo-db")]
    assert [one.db_snapshot_identifier for one in waiting][-1] == "one"
    for one in waiting:
        snapshots.set_snapshot_taken(one, Path("/data/one"))
    assert snapshot(source, "one")["Status"] == "available"
    copied = source.copy_db_snapshot(SourceDBSnapshotIdentifier="one", TargetDBSnapshotIdentifier="two")
    assert copied["DBSnapshot"]["Status"] == "available"
    assert {store.of_snapshot(one).data for one in snapshots.all_snapshots()} == {Path("/data/one")}


def test_without_machines_a_snapshot_is_available_at_once(api: None, client: Any) -> None:
    client("rds").create_db_instance(**WANTED)
    client("rds").create_db_snapshot(DBInstanceIdentifier="my-demo-db", DBSnapshotIdentifier="one")
    assert snapshot(client("rds"), "one")["Status"] == "available"


def test_a_restored_database_begins_with_its_snapshot_and_the_password_of_then(source: Any) -> None:
    password = instances.master_password(found("my-demo-db"))
    for one in snapshots.all_snapshots():
        snapshots.set_snapshot_taken(one, Path("/data/one"))
    made = source.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="new", DBSnapshotIdentifier="one")
    assert made["DBInstance"]["DBInstanceStatus"] == "creating"
    assert "MasterUserSecret" not in made["DBInstance"]
    begin = store.of_instance(found("new")).origin
    assert begin is not None
    assert (begin.snapshot.db_snapshot_identifier, begin.until) == ("one", None)
    assert instances.master_password(found("new")) == password
    assert found("new").dbi_resource_id != found("my-demo-db").dbi_resource_id
    assert store.of_instance(found("my-demo-db")).origin is None


def test_a_moment_is_the_newest_snapshot_before_it_and_the_sources_log(source: Any) -> None:
    for one in snapshots.all_snapshots():
        snapshots.set_snapshot_taken(one, Path("/data/one"))
    now = datetime.datetime.now(datetime.UTC)
    which = {"SourceDBInstanceIdentifier": "my-demo-db", "TargetDBInstanceIdentifier": "new"}
    for wrong in (now - datetime.timedelta(hours=1), now + datetime.timedelta(hours=1)):
        with pytest.raises(ClientError, match="InvalidRestoreFault"):
            source.restore_db_instance_to_point_in_time(**which, RestoreTime=wrong)
    source.restore_db_instance_to_point_in_time(**which, UseLatestRestorableTime=True)
    begin = store.of_instance(found("new")).origin
    assert begin is not None
    assert begin.until is not None
    assert begin.source is found("my-demo-db")
    assert begin.snapshot.db_snapshot_identifier == "one"
    assert found("new").db_instance_class == "db.t3.micro"


def test_backups_of_a_renamed_database_go_with_it(source: Any) -> None:
    rename = {"NewDBInstanceIdentifier": "other", "ApplyImmediately": True}
    source.modify_db_instance(DBInstanceIdentifier="my-demo-db", **rename)
    instances.set_database_state(found("other"), "available")
    source.delete_db_instance(DBInstanceIdentifier="other", SkipFinalSnapshot=True)
    instances.forget_database(found("other"))
    assert [one.db_snapshot_identifier for one in snapshots.all_snapshots()] == ["one"]


def test_a_restored_cluster_begins_with_its_snapshot_or_a_moment_and_the_password_of_then(
    machines: None, client: Any
) -> None:
    api, aurora = client("rds"), {"Engine": "aurora-mysql"}
    api.create_db_cluster(**aurora, DBClusterIdentifier="shop", MasterUsername="admin", ManageMasterUserPassword=True)
    (shop,) = clusters.all_clusters()
    password = instances.master_password(shop)
    api.create_db_cluster_snapshot(DBClusterIdentifier="shop", DBClusterSnapshotIdentifier="one")
    assert api.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="one")["DBClusterSnapshots"][0]["Status"] == (
        "creating"
    )
    with pytest.raises(ClientError, match="InvalidDBClusterSnapshotState"):
        api.restore_db_cluster_from_snapshot(**aurora, DBClusterIdentifier="new", SnapshotIdentifier="one")
    for one in backups.waiting(shop):
        snapshots.set_snapshot_taken(one, Path("/data") / one.resource_id)
    api.restore_db_cluster_from_snapshot(**aurora, DBClusterIdentifier="new", SnapshotIdentifier="one")
    which = {"SourceDBClusterIdentifier": "shop", "DBClusterIdentifier": "past"}
    an_hour_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    with pytest.raises(ClientError, match="InvalidRestoreFault"):
        api.restore_db_cluster_to_point_in_time(**which, RestoreToTime=an_hour_ago)
    api.restore_db_cluster_to_point_in_time(**which, UseLatestRestorableTime=True)
    new, past = (next(one for one in clusters.all_clusters() if one.resource_id == name) for name in ("new", "past"))
    for restored in (new, past):
        assert (instances.master_password(restored), restored.master_username) == (password, "admin")
        data, origin = groups.Cluster(restored).beginning()
        assert data is not None
        assert data.parent == Path("/data")
        assert origin is not None
        assert (origin.source, origin.until is None) == ((None, True) if restored is new else (shop, False))


def test_a_cluster_without_members_begins_with_what_the_last_one_left(machines: None, client: Any) -> None:
    client("rds").create_db_cluster(
        Engine="aurora-mysql", DBClusterIdentifier="shop", MasterUsername="admin", MasterUserPassword="chosen-by-hand"
    )
    (shop,) = clusters.all_clusters()
    assert groups.Cluster(shop).beginning() == (None, None)
    store.of_cluster(shop).data = Path("/data/left")
    assert groups.Cluster(shop).beginning() == (Path("/data/left"), None)
    client("rds").create_db_cluster_snapshot(DBClusterIdentifier="shop", DBClusterSnapshotIdentifier="last")
    (last,) = client("rds").describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="last")["DBClusterSnapshots"]
    assert last["Status"] == "available"
