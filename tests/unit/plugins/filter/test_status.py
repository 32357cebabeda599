"""A stack on one page, whatever of it is there."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _findings, _status

LOOKS = (
    "subnets",
    "instances",
    "images",
    "targets",
    "templates",
    "group",
    "refreshes",
    "databases",
    "clusters",
    "snapshots",
    "queue",
)


def instance(name: str, role: str, zone: str) -> dict[str, Any]:
    return {
        "instance_id": name,
        "image_id": "ami-1",
        "private_ip_address": "10.0.11.4",
        "placement": {"availability_zone": zone},
        "state": {"name": "running"},
        "tags": {"Role": role},
    }


@pytest.fixture
def seen() -> dict[str, Any]:
    healthy = {"target": {"id": "i-1"}, "target_health": {"state": "healthy"}}
    database = {
        "db_instance_identifier": "demo-db",
        "db_instance_status": "available",
        "availability_zone": "us-east-1b",
        "engine": "mysql",
        "engine_version": "8.4.7",
        "db_instance_class": "db.t4g.micro",
        "allocated_storage": 20,
        "multi_az": False,
        "tags": {"Stack": "demo"},
    }
    refresh = {"status": "InProgress", "percentage_complete": 50, "start_time": "2026-11-21T08:00:00Z"}
    versions = [
        {
            "version_number": number,
            "version_description": f"{version} by job {number}",
            "create_time": f"2026-11-2{number}T08:00:00+00:00",
            "launch_template_data": {"image_id": f"ami-{number}"},
        }
        for number, version in ((0, "1.4.1"), (1, "1.4.2"))
    ]
    group = {"launch_template": {"version": "1"}, "instances": [{"launch_template": {"version": "1"}}]}
    fleet = [instance("i-1", "webapp", "us-east-1a"), instance("i-2", "webapp", "us-east-1c")]
    return {
        "subnets": {"subnets": [{"availability_zone": f"us-east-1{zone}"} for zone in "abcabc"]},
        "instances": {"instances": [*fleet, instance("i-3", "bastion", "us-east-1a")]},
        "images": {
            "images": [
                {
                    "image_id": "ami-1",
                    "name": "demo-ami-1",
                    "tags": {"Version": "1.4.2"},
                    "creation_date": "2026-11-21T07:00:00Z",
                }
            ]
        },
        "targets": {"target_groups": [{"targets_health_description": [healthy]}]},
        "templates": {"launch_templates": [{"versions": versions}]},
        "group": {"results": [group]},
        "refreshes": {"instance_refreshes": [refresh]},
        "databases": {"instances": [database, {"tags": {"Stack": "another"}}]},
        "clusters": {},
        "snapshots": {
            "results": [{"snapshots": [{"snapshot_create_time": "2026-11-21T06:00:00+00:00"}]}, {"failed": True}]
        },
        "queue": {"queues": [{"approximate_number_of_messages": 2}]},
    }


def test_the_instances_of_a_cluster_say_who_writes_and_the_writer_stands_first(seen):
    one, other = ({**seen["databases"]["instances"][0], "promotion_tier": tier} for tier in (0, 1))
    one, other = {**one, "db_instance_identifier": "demo-db-1"}, {**other, "db_instance_identifier": "demo-db-2"}
    seen["databases"] = {"instances": [one, other]}
    members = [{"db_instance_identifier": f"demo-db-{number}", "is_cluster_writer": number == 2} for number in (1, 2)]
    seen["clusters"] = {"clusters": [{"db_cluster_members": members}]}
    page = _status.page(seen, [], {}, "demo", "now")
    assert [(row["name"], row["kind"]) for row in page["database"]["rows"]] == [
        ("demo-db-2", "writer, db.t4g.micro, tier 1"),
        ("demo-db-1", "reader, db.t4g.micro, tier 0"),
    ]
    drawn = {box["title"]: box["text"] for box in page["topology"]["boxes"]}
    assert (drawn["demo-db-2"], drawn["demo-db-1"]) == ("writer, available", "reader, available")


def test_what_was_found_is_on_the_page(seen):
    hosts = {"i-1": {"uptime": 90_061, "upgrades": 3, "reboot": True}, "i-2": "no answer"}
    page = _status.page(seen, [], hosts, "demo", "now")
    rows = {row["id"]: row for row in page["instances"]}
    assert (rows["i-1"]["health"], rows["i-2"]["health"], rows["i-3"]["health"]) == ("healthy", "not registered", "")
    assert (rows["i-1"]["version"], rows["i-1"]["up"]) == ("1.4.2", "1 d 1 h")
    assert rows["i-1"]["patches"] == "3 to upgrade, reboot required"
    assert [row["name"] for row in page["database"]["rows"]] == ["demo-db"]
    assert (page["database"]["snapshots"], page["database"]["newest"]) == (1, "2026-11-21 06:00:00Z")
    assert page["dead_letters"] == 2
    columns = ("template_version", "version", "state", "instances", "by", "released")
    assert [tuple(row[column] for column in columns) for row in page["deploys"]] == [
        (1, "1.4.2", "runs", 1, "job 1", "2026-11-21 08:00:00Z"),
        (0, "1.4.1", "image deleted", 0, "job 0", "2026-11-20 08:00:00Z"),
    ]
    text = "\n".join(_status.lines(page))
    assert "demo at now: healthy" in text
    assert "dead letters: 2" in text
    assert "rollout: InProgress, 50 %, 0 to replace" in text


def test_a_rollout_that_is_over_is_not_told(seen):
    seen["refreshes"]["instance_refreshes"][0]["status"] = "Successful"
    assert not any("rollout" in line for line in _status.lines(_status.page(seen, [], {}, "demo", "now")))


def test_the_picture_holds_everything_inside_its_bounds(seen):
    bad = [{"place": "topic", "name": "t", "state": "bad", "says": "no", "mend": "x"}]
    seen["instances"]["instances"] += [instance(f"i-9{n}", "webapp", "us-east-1c") for n in range(20)]
    picture = _status.page(seen, bad, {}, "demo", "now")["topology"]
    assert [zone["name"] for zone in picture["zones"]] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    for box in picture["boxes"]:
        assert 0 <= box["x"] < box["x"] + box["w"] <= picture["width"]
        assert 0 <= box["y"] < box["y"] + box["h"] <= picture["height"]
    states = {box["title"]: box["state"] for box in picture["boxes"]}
    assert (states["Topic"], states["Bucket"], states["i-1"], states["i-2"]) == ("bad", "good", "good", "bad")
    assert "and 15 more" in states
    places = [(box["x"], box["y"]) for box in picture["boxes"]]
    assert len(places) == len(set(places))


def test_a_page_of_nothing_is_a_page(seen):
    page = _status.page({look: {"failed": True, "msg": "no"} for look in LOOKS}, [], {}, "demo", "now")
    assert (page["instances"], page["dead_letters"], page["deploys"]) == ([], None, [])
    assert "dead letters: unknown" in _status.lines(page)
    assert page["topology"]["boxes"]


def crosses(arrow: dict[str, float], box: dict[str, Any]) -> bool:
    """Whether an arrow passes through the inside of a box, looked at in 100 steps."""
    for step in range(1, 100):
        x = arrow["x1"] + (arrow["x2"] - arrow["x1"]) * step / 100
        y = arrow["y1"] + (arrow["y2"] - arrow["y1"]) * step / 100
        if box["x"] < x < box["x"] + box["w"] and box["y"] < y < box["y"] + box["h"]:
            return True
    return False


@pytest.mark.parametrize("zones", ["ab", "abc", "c", "cb"])
def test_no_arrow_passes_through_a_box(seen, zones):
    seen["instances"]["instances"] = [instance(f"i-{zone}", "webapp", f"us-east-1{zone}") for zone in zones]
    seen["instances"]["instances"] += [instance(f"i-0{zone}", "bastion", f"us-east-1{zone}") for zone in "abc"]
    picture = _status.page(seen, [], {}, "demo", "now")["topology"]
    assert picture["arrows"]
    for arrow in picture["arrows"]:
        assert [box["title"] for box in picture["boxes"] if crosses(arrow, box)] == []


def test_a_cdn_stands_between_users_and_load_balancer(seen):
    looked = [_findings.good("distribution", "E1", "It is Deployed.")]
    picture = _status.page(seen, looked, {}, "demo", "now")["topology"]
    boxes = {box["title"]: box for box in picture["boxes"]}
    users, cdn = boxes["Users"], boxes["CloudFront"]
    from_users = [one for one in picture["arrows"] if one["y1"] == users["y"] + 23]
    assert [(one["x2"], one["y2"]) for one in from_users] == [(cdn["x"], cdn["y"] + 23)]
    assert [one["y2"] for one in picture["arrows"] if one["y1"] == cdn["y"] + 46] == [boxes["Load balancer"]["y"]]
    assert all(not crosses(arrow, box) for arrow in picture["arrows"] for box in picture["boxes"])


def test_uploads_go_from_the_application_to_the_bucket_and_not_from_the_balancer(seen):
    picture = _status.page(seen, [], {}, "demo", "now")["topology"]
    boxes = {box["title"]: box for box in picture["boxes"]}
    bucket = boxes["Bucket"]
    (arrow,) = [one for one in picture["arrows"] if (one["x2"], one["y2"]) == (bucket["x"], bucket["y"] + 23)]
    assert arrow["x1"] == boxes["i-2"]["x"] + boxes["i-2"]["w"]


def test_a_zone_without_anything_in_it_is_drawn(seen):
    seen["instances"]["instances"] = [instance("i-1", "webapp", "us-east-1a")]
    seen["databases"] = {"instances": []}
    zones = _status.page(seen, [], {}, "demo", "now")["topology"]["zones"]
    assert [zone["name"] for zone in zones] == ["us-east-1a", "us-east-1b", "us-east-1c"]


def test_the_addresses_are_on_the_page(seen):
    findings = [
        {"place": "page", "name": "p", "state": "good", "says": "x", "mend": "", "address": "http://page.example/"},
        {"place": "bastion", "name": "b", "state": "bad", "says": "y", "mend": "z", "address": "198.51.100.7"},
    ]
    page = _status.page(seen, findings, {}, "demo", "now")
    assert page["addresses"] == [
        {"place": "bastion", "address": "198.51.100.7"},
        {"place": "page", "address": "http://page.example/"},
    ]
    text = _status.lines(page)
    assert "page: http://page.example/" in text
    assert "bastion b: y z" in text
