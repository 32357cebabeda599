"""A database with a standby, on real machines: what is lost when one of them goes, and what the API tells of it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pymysql
import pytest

from lab import faults
from lab.services import rds
from lab.services.rds import replication
from tests.api import poll

from .rds_region import Region, Writers, connect, in_client, lost, started


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """One database for all tests: available, with a standby, an empty table in it."""
    with started(tmp_path_factory.mktemp("lab")) as made:
        made.create(MultiAZ=True, BackupRetentionPeriod=1)
        made.wait()
        made.run("CREATE TABLE app.t (n BIGINT PRIMARY KEY)")
        yield made


def test_a_standby_in_another_zone_follows_and_is_nobodys_to_reach_or_to_write(region: Region) -> None:
    assert region.zones == ("us-east-1a", "us-east-1b")
    first, second = region.databases.status()
    assert [(row["resource"], row["kind"]) for row in (first, second)] == [
        ("shop", "database"),
        ("shop/standby", "standby"),
    ]
    assert [address for _, address in rds.names()] == [region.places[0].address]
    seen = replication.status(region.node(1).machine)
    assert (seen["Source_SSL_Allowed"], seen["Replica_IO_Running"]) == ("Yes", "Yes")
    assert (
        region.replicas.secret not in subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
    )
    with pytest.raises(pymysql.err.OperationalError) as refused:
        in_client(lambda: connect(region.places[1].address).cursor().execute("INSERT INTO app.t VALUES (0)"))
    assert refused.value.args[0] == 1290  # read-only


def test_no_acknowledged_write_is_lost_though_the_standby_was_out_of_reach_when_the_machine_died(
    region: Region,
) -> None:
    """That it was makes the difference: a machine that is killed alone has sent what it had to send."""
    old, new = region.names
    dead = region.node(0).machine
    with Writers(region) as writers:
        with region.cut(new):
            begin = time.monotonic()
            time.sleep(1)
            assert not [at for at in writers.acknowledged.values() if at > begin + 0.5]
            os.kill(dead.init, signal.SIGKILL)
        region.moves_to(new)
        writers.go_on()
    assert lost(region, writers) == set()
    assert region.zones == ("us-east-1b", "us-east-1a")
    region.comes_back(old)
    assert region.database["DBInstanceStatus"] == "available"


def test_a_reboot_by_failover_breaks_connections_and_loses_nothing(region: Region) -> None:
    new = region.names[1]
    before = in_client(lambda: connect(region.address))
    with Writers(region) as writers:
        region.rds.reboot_db_instance(DBInstanceIdentifier="shop", ForceFailover=True)
        region.manager.wake()
        region.moves_to(new)
        writers.go_on()
    assert lost(region, writers) == set()
    assert region.zones == ("us-east-1a", "us-east-1b")
    with pytest.raises(pymysql.MySQLError):
        before.cursor().execute("INSERT INTO app.t VALUES (0)")
    events = region.rds.describe_events(SourceType="db-instance", SourceIdentifier="shop")["Events"]
    assert [one["Message"] for one in events if "failover" in one["EventCategories"]][-3:] == [
        "Multi-AZ instance failover started.",
        "Multi-AZ failover to standby complete - DNS propagation may take a few minutes.",
        "Multi-AZ instance failover completed",
    ]


def test_what_was_stopped_has_its_standby_again_once_it_is_started(region: Region) -> None:
    region.rds.stop_db_instance(DBInstanceIdentifier="shop")
    region.wait("stopped")
    assert {row["pid"] for row in region.databases.status()} == {None}
    region.rds.start_db_instance(DBInstanceIdentifier="shop")
    region.wait()
    assert region.replicas.in_step == {region.names[1]}


def test_a_standby_that_dies_holds_writes_up_but_for_a_moment(region: Region) -> None:
    standby = region.names[1]
    with Writers(region) as writers:
        os.kill(region.node(1).machine.init, signal.SIGKILL)
        poll(lambda: standby not in region.replicas.in_step, deadline=10, pause=0.02)
        writers.go_on()
    assert writers.gap < 5
    region.comes_back(standby)


def test_a_standby_goes_and_comes_with_multi_az_while_the_database_serves(region: Region) -> None:
    serving = region.node(0).machine.init
    with Writers(region) as writers:
        for multi_az in (False, True):
            region.rds.modify_db_instance(DBInstanceIdentifier="shop", MultiAZ=multi_az, ApplyImmediately=True)
            region.wait()
            assert (region.zones[1] is not None) == multi_az
            assert len(region.replicas.in_step) == multi_az
    assert lost(region, writers) == set()
    assert region.node(0).machine.init == serving


def test_a_database_whose_zone_is_cut_off_writes_in_the_other_one(region: Region) -> None:
    new = region.names[1]
    with Writers(region) as writers:
        faults.zones_cut_off.add(region.zones[0])
        try:
            region.manager.wake()
            region.moves_to(new)
            writers.go_on()
        finally:
            faults.zones_cut_off.clear()
            region.manager.wake()
    assert lost(region, writers) == set()
