"""What the doctor says of an Aurora cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._findings import database
from ansible_collections.threetier.aws.plugins.module_utils._rds import members

NAMES = {"identifier": "demo-db", "secret": "demo-app-db"}
VERSION = "8.0.mysql_aurora.3.10.1"


@pytest.fixture
def seen() -> dict[str, Any]:
    """A writer and two readers, all well."""
    instances = [
        {
            "db_instance_identifier": f"demo-db-{number}",
            "db_instance_status": "available",
            "availability_zone": f"us-east-1{zone}",
            "engine_version": VERSION,
        }
        for number, zone in ((1, "a"), (2, "b"), (3, "c"))
    ]
    cluster = {
        "status": "available",
        "endpoint": "demo-db.cluster-x.us-east-1.rds.amazonaws.com",
        "engine_version": VERSION,
        "db_cluster_members": [
            {"db_instance_identifier": f"demo-db-{number}", "is_cluster_writer": number == 1} for number in (1, 2, 3)
        ],
    }
    return {
        "cluster": {"clusters": [cluster]},
        "members": {"instances": instances},
        "secret": {"secrets": [{"name": "demo-app-db"}]},
    }


def wrong(seen: dict[str, Any]) -> list[tuple[str, str]]:
    found = database.findings(seen, NAMES, readers=2)
    assert all(one["mend"] for one in found if one["state"] == "bad")
    return [(one["name"], one["says"]) for one in found if one["state"] != "good"]


def test_a_cluster_that_is_well_says_where_its_endpoints_lead(seen: dict[str, Any]) -> None:
    assert wrong(seen) == []
    said = {one["name"]: one["says"] for one in database.findings(seen, NAMES, readers=2)}
    assert said["demo-db, its endpoint"] == "It leads to demo-db-1."
    assert said["demo-db, its reader endpoint"] == "It leads to demo-db-2, demo-db-3."
    assert said["demo-db-2"] == "It is read and is available, in us-east-1b."


def test_a_cluster_without_a_writer_or_with_two_is_told(seen: dict[str, Any]) -> None:
    for writers, says in (((), "It leads to nobody."), ((1, 2), "It leads to demo-db-1 and demo-db-2.")):
        for number, one in enumerate(seen["cluster"]["clusters"][0]["db_cluster_members"], 1):
            one["is_cluster_writer"] = number in writers
        assert ("demo-db, its endpoint", f"{says} One instance has to write.") in wrong(seen)


def test_a_reader_that_restarts_is_told_and_missed(seen: dict[str, Any]) -> None:
    seen["members"]["instances"][1]["db_instance_status"] = "rebooting"
    assert wrong(seen) == [
        ("demo-db, its reader endpoint", "It leads to 1 of 2 readers."),
        ("demo-db-2", "It is read and is rebooting, in us-east-1b."),
    ]


def test_instances_of_one_zone_are_told(seen: dict[str, Any]) -> None:
    for one in seen["members"]["instances"]:
        one["availability_zone"] = "us-east-1a"
    ((name, says),) = wrong(seen)
    assert name == "demo-db, its reader endpoint"
    assert says.startswith("All instances are in one zone")


def test_an_instance_of_another_version_is_told(seen: dict[str, Any]) -> None:
    seen["members"]["instances"][2]["engine_version"] = "8.0.mysql_aurora.3.10.0"
    assert wrong(seen) == [("demo-db-3", f"It runs 8.0.mysql_aurora.3.10.0, and the cluster {VERSION}.")]


def test_a_stopped_cluster_is_to_be_started_and_a_missing_one_to_be_built(seen: dict[str, Any]) -> None:
    seen["cluster"]["clusters"][0]["status"] = "stopped"
    assert wrong(seen) == [("demo-db", "It is stopped.")]
    seen["cluster"]["clusters"] = []
    assert wrong(seen) == [("demo-db", "There is no such cluster.")]
    seen["cluster"] = {"failed": True, "msg": "denied"}
    assert wrong(seen) == [("demo-db", "It could not be looked at: denied")]


@pytest.mark.parametrize(
    ("there", "count", "wanted", "surplus"),
    [
        ({}, 2, [1, 2], []),
        ({1: True, 2: False, 3: False}, 2, [1, 2], [3]),
        ({1: False, 2: False, 3: True}, 2, [1, 3], [2]),
        ({3: True}, 3, [1, 2, 3], []),
        ({5: False, 7: True}, 2, [5, 7], []),
        ({2: True, 3: False}, 1, [2], [3]),
    ],
)
def test_fewer_readers_leave_the_writer_and_the_lowest_numbers(
    there: dict[int, bool], count: int, wanted: list[int], surplus: list[int]
) -> None:
    scaled = {"db_instance_identifier": "application-autoscaling-1", "is_cluster_writer": False}
    found = [
        {"db_instance_identifier": f"demo-db-{number}", "is_cluster_writer": writes} for number, writes in there.items()
    ]
    assert members.members([scaled, *found], "demo-db", count) == {
        "wanted": [f"demo-db-{number}" for number in wanted],
        "surplus": [f"demo-db-{number}" for number in surplus],
    }
