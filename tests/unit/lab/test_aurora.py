"""An Aurora cluster on real machines: who takes over, where its endpoints lead, what is lost when its writer goes."""

from __future__ import annotations

import collections
import datetime
import os
import signal
import time
from collections.abc import Iterator

import boto3
import pymysql
import pytest

from lab.services import rds
from tests.api import poll

from .rds_region import Region, Writers, connect, in_client, lost, started


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """One of three members, all available: `one` writes, `two` is to take over first."""
    with started(tmp_path_factory.mktemp("lab")) as made:
        made.add_member("one", 1)
        poll(lambda: set(states(made).values()) == {"available"}, deadline=60)
        made.add_member("two", 0)
        made.add_member("three", 2)
        poll(lambda: set(states(made).values()) == {"available"}, deadline=120)
        made.run("CREATE TABLE app.t (n BIGINT PRIMARY KEY)")
        yield made


def states(region: Region) -> dict[str, str]:
    found = region.rds.describe_db_instances()["DBInstances"]
    return {one["DBInstanceIdentifier"]: one["DBInstanceStatus"] for one in found}


def writer(region: Region) -> str:
    members = region.rds.describe_db_clusters()["DBClusters"][0]["DBClusterMembers"]
    (name,) = (one["DBInstanceIdentifier"] for one in members if one["IsClusterWriter"])
    return str(name)


def endpoints(region: Region) -> tuple[set[str], set[str]]:
    """The addresses of the cluster's endpoint, and of that for readers."""
    cluster = region.rds.describe_db_clusters()["DBClusters"][0]
    found = collections.defaultdict(set)
    for name, address in rds.names():
        found[name].add(address)
    return found[cluster["Endpoint"]], found[cluster["ReaderEndpoint"]]


def settle(region: Region) -> None:
    """Wait until all members but the writer follow it."""
    poll(lambda: len(region.replicas.in_step) == len(region.names) - 1, deadline=60, pause=0.1)


def test_one_endpoint_leads_to_the_writer_the_other_to_the_readers_which_refuse_writes(cluster: Region) -> None:
    assert writer(cluster) == "one"
    places = {place.address for place in cluster.places}
    write, read = endpoints(cluster)
    assert (len(write), len(read), write | read) == (1, 2, places)
    with pytest.raises(pymysql.err.OperationalError) as refused:
        in_client(lambda: connect(read.pop()).cursor().execute("INSERT INTO app.t VALUES (0)"))
    assert refused.value.args[0] == 1290


def test_cloudwatch_shows_how_far_readers_are_behind(cluster: Region) -> None:
    def lag(name: str) -> list[float]:
        now = datetime.datetime.now(datetime.UTC)
        found = boto3.client("cloudwatch", region_name="us-east-1").get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName="AuroraReplicaLag",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": name}],
            StartTime=now - datetime.timedelta(minutes=5),
            EndTime=now + datetime.timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )
        return [one["Maximum"] for one in found["Datapoints"]]

    with Writers(cluster):
        poll(lambda: any(0 < one < 5000 for one in lag("two")), deadline=15, pause=0.2)
    assert lag("one") == []


def test_the_one_of_the_lowest_tier_takes_over_from_a_writer_that_dies_with_what_only_the_other_one_has(
    cluster: Region,
) -> None:
    before, _ = endpoints(cluster)
    dead, first = cluster.node(0).machine, cluster.names[1]
    with Writers(cluster) as writers:
        with cluster.cut(first):
            time.sleep(0.2)
            writers.go_on()
            os.kill(dead.init, signal.SIGKILL)
        poll(lambda: writer(cluster) == "two", deadline=30, pause=0.02)
        writers.go_on()
    assert lost(cluster, writers) == set()
    settle(cluster)
    write, read = endpoints(cluster)
    assert before < read, "the dead one is back, as a reader"
    assert not write & read


def test_a_call_names_who_is_to_write(cluster: Region) -> None:
    with Writers(cluster) as writers:
        cluster.rds.failover_db_cluster(DBClusterIdentifier="shop", TargetDBInstanceIdentifier="three")
        assert cluster.rds.describe_db_clusters()["DBClusters"][0]["Status"] in ("failing-over", "available")
        cluster.manager.wake()
        poll(lambda: writer(cluster) == "three", deadline=30, pause=0.02)
        writers.go_on()
    assert lost(cluster, writers) == set()
    told = cluster.rds.describe_events(SourceType="db-cluster", SourceIdentifier="shop")["Events"]
    assert [one["Message"] for one in told][-2:] == [
        "Started cross AZ failover to DB instance: three",
        "Completed failover to DB instance: three",
    ]
    settle(cluster)


def test_members_come_and_go_while_the_cluster_serves(cluster: Region) -> None:
    """The writer among them; and the last one writes and is read from alone."""
    with Writers(cluster) as writers:
        cluster.add_member("four")
        poll(lambda: states(cluster)["four"] == "available", deadline=60, pause=0.1)
        assert len(endpoints(cluster)[1]) == 3
        for name in ("one", "three", "two"):
            cluster.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        cluster.manager.wake()
        poll(lambda: set(states(cluster)) == {"four"}, deadline=60, pause=0.1)
        writers.go_on()
    assert lost(cluster, writers) == set()
    write, read = endpoints(cluster)
    assert write == read
