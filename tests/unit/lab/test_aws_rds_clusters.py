"""Aurora clusters through boto3: members, who writes, states, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.services.rds import clusters, instances

CLUSTER = {
    "DBClusterIdentifier": "demo-db",
    "Engine": "aurora-mysql",
    "MasterUsername": "admin",
    "ManageMasterUserPassword": True,
    "DBSubnetGroupName": "demo",
    "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 2},
}


@pytest.fixture
def cluster(client: Any) -> Any:
    """Makes a cluster of so many members over two zones, and returns the client of RDS."""

    def make(*tiers: int) -> Any:
        ec2, rds = client("ec2"), client("rds")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
            for number, zone in enumerate("ab")
        ]
        ids = [one["Subnet"]["SubnetId"] for one in subnets]
        rds.create_db_subnet_group(DBSubnetGroupName="demo", DBSubnetGroupDescription="-", SubnetIds=ids)
        rds.create_db_cluster(**CLUSTER)
        for number, tier in enumerate(tiers, 1):
            add(rds, number, tier)
        return rds

    return make


def add(rds: Any, number: int, tier: int, instance_class: str = "db.serverless") -> None:
    rds.create_db_instance(
        DBInstanceIdentifier=f"demo-db-{number}",
        DBClusterIdentifier="demo-db",
        Engine="aurora-mysql",
        DBInstanceClass=instance_class,
        PromotionTier=tier,
    )


def look(rds: Any) -> dict[str, Any]:
    return rds.describe_db_clusters()["DBClusters"][0]  # type: ignore[no-any-return]


def writers(rds: Any) -> list[str]:
    return [one["DBInstanceIdentifier"] for one in look(rds)["DBClusterMembers"] if one["IsClusterWriter"]]


def test_a_cluster_is_of_todays_version_and_its_members_lie_in_the_zones_of_its_subnet_group(
    api: None, cluster: Any
) -> None:
    rds = cluster(1, 1, 2)
    found, members = look(rds), rds.describe_db_instances()["DBInstances"]
    assert (found["Status"], found["EngineVersion"]) == ("available", "8.0.mysql_aurora.3.10.1")
    assert found["DBClusterParameterGroup"] == "default.aurora-mysql8.0"
    assert found["Endpoint"].startswith("demo-db.cluster-")
    assert found["ReaderEndpoint"].startswith("demo-db.cluster-ro-")
    assert [one["AvailabilityZone"] for one in members] == ["us-east-1a", "us-east-1b", "us-east-1a"]
    assert {one["DBSubnetGroup"]["DBSubnetGroupName"] for one in members} == {"demo"}
    assert [one["PromotionTier"] for one in members] == [1, 1, 2]
    assert rds.describe_db_snapshots()["DBSnapshots"] == []  # the cluster is backed up


def test_the_members_master_password_is_that_of_the_clusters_secret(api: None, client: Any, cluster: Any) -> None:
    rds = cluster(1)
    arn = look(rds)["MasterUserSecret"]["SecretArn"]
    value = json.loads(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    assert value["username"] == "admin"
    assert instances.master_password(next(instances.all_databases())) == value["password"]


def test_a_failover_goes_to_the_lowest_tier_or_to_whom_is_named(api: None, cluster: Any) -> None:
    rds = cluster(1, 5, 0)
    assert writers(rds) == ["demo-db-1"]
    rds.failover_db_cluster(DBClusterIdentifier="demo-db")
    assert writers(rds) == ["demo-db-3"]
    rds.failover_db_cluster(DBClusterIdentifier="demo-db", TargetDBInstanceIdentifier="demo-db-2")
    assert writers(rds) == ["demo-db-2"]
    with pytest.raises(ClientError, match="InvalidDBClusterStateFault"):
        rds.failover_db_cluster(DBClusterIdentifier="demo-db", TargetDBInstanceIdentifier="demo-db-2")


def test_with_machines_a_failover_lasts_until_the_controller_has_a_writer(machines: None, cluster: Any) -> None:
    rds = cluster(1, 1)
    for database in instances.all_databases():
        instances.set_database_state(database, "available")
    rds.failover_db_cluster(DBClusterIdentifier="demo-db")
    it = next(clusters.all_clusters())
    assert look(rds)["Status"] == "failing-over"
    assert writers(rds) == ["demo-db-1"]
    target = clusters.failover_target(it)
    assert target is not None
    clusters.set_writer(it, target)
    assert (look(rds)["Status"], writers(rds)) == ("available", ["demo-db-2"])


def test_a_stopped_cluster_has_stopped_members(machines: None, cluster: Any) -> None:
    rds = cluster(1)
    member = next(instances.all_databases())
    instances.set_database_state(member, "available")
    rds.stop_db_cluster(DBClusterIdentifier="demo-db")
    assert (look(rds)["Status"], member.status) == ("stopping", "stopping")
    instances.set_database_state(member, "stopped")
    assert look(rds)["Status"] == "stopped"
    with pytest.raises(ClientError, match="InvalidDBClusterStateFault"):
        rds.modify_db_cluster(DBClusterIdentifier="demo-db", BackupRetentionPeriod=3)
    rds.start_db_cluster(DBClusterIdentifier="demo-db")
    assert (look(rds)["Status"], member.status) == ("starting", "starting")


def test_a_cluster_goes_with_its_secret_and_automated_snapshots_once_its_members_are_going(
    api: None, client: Any, cluster: Any
) -> None:
    rds = cluster(1)
    with pytest.raises(ClientError, match="still contains DB instances in non-deleting state"):
        rds.delete_db_cluster(DBClusterIdentifier="demo-db", SkipFinalSnapshot=True)
    with pytest.raises(ClientError, match="FinalDBSnapshotIdentifier"):
        rds.delete_db_instance(DBInstanceIdentifier="demo-db-1", FinalDBSnapshotIdentifier="last")
    rds.delete_db_instance(DBInstanceIdentifier="demo-db-1")
    rds.modify_db_cluster(DBClusterIdentifier="demo-db", DeletionProtection=True)
    with pytest.raises(ClientError, match="Cannot delete protected Cluster"):
        rds.delete_db_cluster(DBClusterIdentifier="demo-db", SkipFinalSnapshot=True)
    rds.modify_db_cluster(DBClusterIdentifier="demo-db", DeletionProtection=False)
    rds.delete_db_cluster(DBClusterIdentifier="demo-db", FinalDBSnapshotIdentifier="last")
    assert rds.describe_db_clusters()["DBClusters"] == []
    snapshots = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert [one["DBClusterSnapshotIdentifier"] for one in snapshots] == ["last"]
    assert client("secretsmanager").list_secrets()["SecretList"] == []


def test_with_machines_a_cluster_is_listed_until_its_members_are_gone(machines: None, cluster: Any) -> None:
    rds = cluster(1)
    rds.delete_db_instance(DBInstanceIdentifier="demo-db-1")
    rds.delete_db_cluster(DBClusterIdentifier="demo-db", SkipFinalSnapshot=True)
    assert look(rds)["Status"] == "deleting"
    instances.forget_database(next(instances.all_databases()))
    assert rds.describe_db_clusters()["DBClusters"] == []


def test_a_cluster_is_modified_in_place(api: None, cluster: Any) -> None:
    rds = cluster(1)
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="g", DBParameterGroupFamily="aurora-mysql8.0", Description="-"
    )
    rds.modify_db_cluster(
        DBClusterIdentifier="demo-db",
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["error", "slowquery"]},
        EnableIAMDatabaseAuthentication=True,
        BackupRetentionPeriod=7,
        DBClusterParameterGroupName="g",
    )
    found = look(rds)
    assert found["EnabledCloudwatchLogsExports"] == ["error", "slowquery"]
    assert (found["IAMDatabaseAuthenticationEnabled"], found["BackupRetentionPeriod"]) == (True, 7)
    assert found["DBClusterParameterGroup"] == "g"
    with pytest.raises(ClientError, match="Cannot upgrade"):
        rds.modify_db_cluster(DBClusterIdentifier="demo-db", EngineVersion="8.0.mysql_aurora.3.08.2")


@pytest.mark.parametrize(
    ("instance_class", "scaling", "says"),
    [("db.t4g.micro", True, "RDS does not support creating"), ("db.serverless", False, "Set the Serverless v2")],
)
def test_a_class_that_aurora_does_not_have_is_refused(
    api: None, client: Any, cluster: Any, instance_class: str, scaling: bool, says: str
) -> None:
    rds = cluster()
    if not scaling:
        next(clusters.all_clusters()).serverless_v2_scaling_configuration = None
    with pytest.raises(ClientError, match=says):
        add(rds, 1, 1, instance_class)


def test_a_second_cluster_of_the_name_is_refused(api: None, cluster: Any) -> None:
    with pytest.raises(ClientError, match="DBClusterAlreadyExistsFault"):
        cluster().create_db_cluster(**CLUSTER)


def test_a_cluster_parameter_group_lists_sets_and_resets_its_engines_parameters(api: None, client: Any) -> None:
    rds = client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="g", DBParameterGroupFamily="aurora-mysql8.0", Description="-"
    )
    one = {"ParameterName": "require_secure_transport", "ApplyMethod": "immediate"}
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="g", Parameters=[{**one, "ParameterValue": "1"}])
    (found,) = rds.describe_db_cluster_parameters(DBClusterParameterGroupName="g", Source="user")["Parameters"]
    assert (found["ParameterName"], found["ParameterValue"]) == ("require_secure_transport", "1")
    rds.reset_db_cluster_parameter_group(DBClusterParameterGroupName="g", Parameters=[one], ResetAllParameters=False)
    assert rds.describe_db_cluster_parameters(DBClusterParameterGroupName="g", Source="user")["Parameters"] == []
    assert len(rds.describe_db_cluster_parameters(DBClusterParameterGroupName="g")["Parameters"]) > 5
    with pytest.raises(ClientError, match="Could not find parameter with name: nonsense"):
        rds.modify_db_cluster_parameter_group(
            DBClusterParameterGroupName="g", Parameters=[{**one, "ParameterName": "nonsense", "ParameterValue": "1"}]
        )


def test_aurora_can_be_ordered(api: None, client: Any) -> None:
    found = client("rds").describe_orderable_db_instance_options(Engine="aurora-mysql", DBInstanceClass="db.serverless")
    assert {one["EngineVersion"] for one in found["OrderableDBInstanceOptions"]} == set(clusters.VERSIONS)
