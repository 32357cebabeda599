"""What is judged good, bad or unknown, and how it is told."""

from __future__ import annotations

import contextlib
import email.message
import io
import json
import re
import urllib.error
import urllib.request
from typing import Any
from unittest import mock

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import (
    bastion,
    database,
    hosts,
    messaging,
    network,
    webapp,
)

from tests.api import TOP

TOPIC = "arn:aws:sns:us-east-1:123456789012:demo-sns-topic"
NAMES = {
    "account": "123456789012",
    "bucket": "demo-files",
    "bucket_arn": "arn:aws:s3:::demo-files",
    "topic": "demo-sns-topic",
    "topic_arn": TOPIC,
    "function": "demo-lambda",
    "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:demo-lambda",
    "table": "demo-table",
    "queue": "demo-queue",
}


def policy(service: str, action: str, **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def uploads() -> dict[str, Any]:
    """Everything well on the way of an upload, as the modules tell it."""
    by = {"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnEquals": {"aws:SourceArn": NAMES["bucket_arn"]}}
    function = {
        "function_arn": NAMES["function_arn"],
        "environment": {"variables": {"TABLE_NAME": "demo-table"}},
        "policy": {
            "statement": [
                {
                    "effect": "Allow",
                    "principal": {"service": "sns.amazonaws.com"},
                    "action": "lambda:InvokeFunction",
                    "condition": {"arn_like": {"aws:_source_arn": TOPIC}},
                }
            ]
        },
    }
    told = {"TopicConfigurations": [{"TopicArn": TOPIC}]}
    subscriptions = [
        {"endpoint": NAMES["function_arn"], "subscription_arn": "arn:…"},
        {"endpoint": "ann@example.com", "subscription_arn": "PendingConfirmation"},
    ]
    topic = {"policy": policy("s3.amazonaws.com", "sns:Publish", **by), "subscriptions": subscriptions}
    return {
        "bucket": {"buckets": [{"name": "demo-files", "bucket_notification_configuration": told}]},
        "topic": {"result": {"sns_topic": topic}},
        "function": {"functions": [function]},
        "table": {"table": {"table_status": "ACTIVE"}},
        "errors": {"events": []},
        "queue": {"queues": [{"approximate_number_of_messages": 0}]},
    }


def wrong(findings: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(one["place"], one["state"]) for one in findings if one["state"] != "good"}


def key(state: str = "Enabled", *actions: str) -> dict[str, Any]:
    by = {"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnEquals": {"aws:SourceArn": NAMES["bucket_arn"]}}
    policies = [json.loads(policy("s3.amazonaws.com", action, **by)) for action in actions]
    return {"kms_keys": [{"key_state": state, "key_policies": policies}]}


@pytest.mark.parametrize(
    ("seen", "state", "says"),
    [
        (key("Enabled", "kms:Decrypt", "kms:GenerateDataKey*"), "good", "encrypted"),
        (key("Enabled", "kms:Decrypt"), "bad", "does not let the bucket use it"),
        (key("Disabled", "kms:Decrypt", "kms:GenerateDataKey*"), "bad", "is Disabled"),
        (key("PendingDeletion", "kms:Decrypt", "kms:GenerateDataKey*"), "bad", "is PendingDeletion"),
        ({"kms_keys": []}, "bad", "is not there"),
        ({"failed": True, "msg": "AccessDenied"}, "unknown", "AccessDenied"),
    ],
)
def test_the_key_of_an_encrypted_topic_is_looked_at(uploads, seen, state, says):
    (found,) = [one for one in messaging.findings({**uploads, "key": seen}, NAMES) if one["place"] == "topic key"]
    assert (found["state"], says in found["says"]) == (state, True)


def test_all_is_well(uploads):
    findings = messaging.findings(uploads, NAMES)
    assert wrong(findings) == set()
    assert any("Not confirmed yet: ann@example.com." in one["says"] for one in findings)


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("bucket", lambda u: u["bucket"]["buckets"].clear()),
        ("notification", lambda u: u["bucket"]["buckets"][0]["bucket_notification_configuration"].clear()),
        (
            "topic",
            lambda u: u["topic"]["result"]["sns_topic"].update(policy=policy("s3.amazonaws.com", "sns:Subscribe")),
        ),
        ("topic", lambda u: u.update(topic={"failed": True, "msg": "NotFound"})),
        ("subscription", lambda u: u["topic"]["result"]["sns_topic"]["subscriptions"].pop(0)),
        ("function", lambda u: u["function"].update(functions=[{"function": {}}])),
        ("function", lambda u: u["function"]["functions"][0].update(policy={})),
        ("function", lambda u: u["function"]["functions"][0].update(state="Failed")),
        ("function", lambda u: u["function"]["functions"][0].update(environment={})),
        ("function", lambda u: u.update(concurrency={"functions": [{"reserved_concurrent_executions": 0}]})),
        ("table", lambda u: u["table"].update(table={})),
        ("function errors", lambda u: u["errors"]["events"].append({"time": "now", "message": "[ERROR] no\ntrace"})),
        ("dead letters", lambda u: u["queue"]["queues"][0].update(approximate_number_of_messages=3)),
        ("dead letters", lambda u: u["queue"].update(queues=[])),
    ],
)
def test_each_fault_on_an_uploads_way_is_told_at_its_place(uploads, place, change):
    change(uploads)
    findings = messaging.findings(uploads, NAMES)
    assert wrong(findings) == {(place, "bad")}
    assert all(one["mend"] for one in findings if one["state"] == "bad")


def test_what_nobody_could_look_at_is_unknown_and_keeps_nobody_from_the_rest(uploads):
    away = {"failed": False, "failed_when_suppressed_exception": "…", "msg": "Could not connect\nmore"}
    findings = messaging.findings(dict.fromkeys(uploads, away), NAMES)
    assert {one["state"] for one in findings} == {"unknown"}
    assert len(findings) == 6
    assert all("Could not connect" in one["says"] for one in findings)


def test_a_removed_opening_is_named_by_both_ends():
    wanted = [
        {"name": "lb", "rules": [{"ports": [80, 443], "cidr_ip": "0.0.0.0/0"}], "rules_egress": []},
        {
            "name": "app",
            "rules": [{"ports": 5000, "group_name": "lb"}],
            "rules_egress": [{"ports": 443, "cidr_ip": "x"}],
        },
    ]
    everyone = [{"cidr_ip": "0.0.0.0/0"}]
    found = [
        {
            "group_name": "lb",
            "group_id": "sg-1",
            "ip_permissions": [{"ip_protocol": "tcp", "from_port": 80, "to_port": 80, "ip_ranges": everyone}],
            "ip_permissions_egress": [],
        },
        {
            "group_name": "app",
            "group_id": "sg-2",
            "ip_permissions": [
                {"ip_protocol": "udp", "from_port": 0, "to_port": 9999, "user_id_group_pairs": [{"group_id": "sg-1"}]}
            ],
            "ip_permissions_egress": [{"ip_protocol": "-1", "ip_ranges": [{"cidr_ip": "x"}]}],
        },
    ]
    seen = {
        "vpc": {"vpcs": [{}]},
        "tables": {"route_tables": [{"id": "rtb-1", "tags": {"Name": "private"}, "routes": []}]},
        "gateways": {"result": []},
        "security_groups": {"security_groups": found},
        "subnets": {"subnets": []},
        "network_acls": {"nacls": []},
    }
    findings = network.findings(seen, "demo", wanted, [])
    assert [one["name"] for one in findings if one["state"] == "bad"] == [
        "private",
        "0.0.0.0/0 to lb, port 443, in",
        "lb to app, port 5000, in",
    ]


def test_a_gateway_endpoint_that_is_missing_or_leaves_a_table_out_is_told():
    wanted = [{"name": "demo-s3-endpoint", "service": "s3"}, {"name": "demo-dynamodb-endpoint", "service": "dynamodb"}]
    tables = [{"id": f"rtb-{n}", "tags": {"Name": f"demo-rt-{n}"}, "routes": []} for n in (1, 2)]
    empty = {"subnets": {"subnets": []}, "network_acls": {"nacls": []}, "security_groups": {"security_groups": []}}
    seen = {"vpc": {"vpcs": [{}]}, "tables": {"route_tables": tables}, "gateways": {"result": []}, **empty}

    def says(found):
        findings = network.findings(seen | {"vpc_endpoints": found}, "demo", [], [], wanted)
        return [(one["state"], one["says"]) for one in findings if "-endpoint" in one["name"]]

    there = {"service_name": "s3", "state": "available", "route_table_ids": ["rtb-2"]}
    assert says({"vpc_endpoints": [there]}) == [
        ("bad", "No route of demo-rt-1 leads to it."),
        ("bad", "There is no such gateway endpoint: traffic takes the NAT gateway."),
    ]
    both = [there | {"service_name": one["service"], "route_table_ids": ["rtb-1", "rtb-2"]} for one in wanted]
    assert {state for state, _says in says({"vpc_endpoints": both})} == {"good"}
    assert {state for state, _says in says({"vpc_endpoints": [both[0], both[1] | {"state": "deleting"}]})} == {
        "good",
        "bad",
    }
    assert says({"failed": True, "msg": "Denied."})[0][0] == "unknown"


def test_who_may_reach_the_load_balancer_beside_the_cdn_is_told():
    cdn = "com.amazonaws.global.cloudfront.origin-facing"
    wanted = [{"name": "lb", "rules": [{"ports": 443, "ip_prefix": cdn}], "rules_egress": []}]
    opening = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}
    group = {"group_name": "lb", "group_id": "sg-1", "ip_permissions_egress": []}

    def states(lists, *sources):
        rules = [opening | source for source in sources]
        seen = {
            "vpc": {"vpcs": [{}]},
            "tables": {"route_tables": [{"id": "rtb", "routes": []}]},
            "gateways": {"result": []},
            "security_groups": {"security_groups": [group | {"ip_permissions": rules}]},
            "subnets": {"subnets": []},
            "network_acls": {"nacls": []},
            "prefix_lists": lists,
        }
        found = network.findings(seen, "demo", wanted, [])
        return {one["name"]: (one["state"], one["says"]) for one in found if one["place"] == "security group"}

    known = {"prefix_lists": [{"prefix_list_name": cdn, "prefix_list_id": "pl-1"}]}
    ours, everyone = {"prefix_list_ids": [{"prefix_list_id": "pl-1"}]}, {"ip_ranges": [{"cidr_ip": "0.0.0.0/0"}]}
    assert {state for state, _says in states(known, ours).values()} == {"good"}
    assert states(known, ours, everyone)["lb, others in"] == (
        "bad", "It lets in 0.0.0.0/0, and not CloudFront alone."
    )  # fmt: skip
    assert states(known)[f"{cdn} to lb, port 443, in"][0] == "bad"
    away = {"failed": False, "failed_when_suppressed_exception": "…", "msg": "Could not connect"}
    assert states(away, ours)[f"{cdn} to lb"] == ("unknown", "The list could not be found: Could not connect")


def test_a_host_that_says_nothing_and_one_with_every_fault():
    sick = {
        "uptime": 60,
        "unit": {"ActiveState": "failed", "SubState": "failed", "NRestarts": "3"},
        "log": ["one", "two", "three"],
        "ready": {"status": 0, "error": "refused"},
        "needs": {"host": "db", "resolve": "", "connect": "no way", "secret": "denied"},
        "disk": [{"mount": "/", "used": 97, "inodes": 3}, {"mount": "/run", "used": 1, "inodes": 1}],
        "clock": {"offset": -400.2},
    }
    findings = hosts.findings({"i-1": sick, "i-2": "ssh: timed out"})
    places = {(one["place"], one["name"]) for one in findings if one["state"] == "bad"}
    assert places == {
        ("unit", "i-1"), ("database", "i-1 to db"), ("secret", "i-1"), ("disk", "i-1 /"), ("clock", "i-1"),
        ("host", "i-2"),
    }  # fmt: skip
    said = {one["place"]: one["says"] for one in findings if one["state"] == "bad"}
    assert "It said last: two / three" in said["unit"]
    assert "400 seconds off" in said["clock"]


def test_a_group_that_somebody_took_apart_is_told():
    group = {
        "desired_capacity": 2,
        "instances": [{"instance_id": "i-1", "lifecycle_state": "Standby"}],
        "suspended_processes": [{"process_name": "Launch"}],
    }
    findings = webapp._group({"results": [group]}, "demo-asg")
    assert [one["name"] for one in findings if one["state"] == "bad"] == [
        "demo-asg",
        "demo-asg processes",
        "demo-asg standby",
    ]
    assert "exit-standby --auto-scaling-group-name demo-asg --instance-ids i-1" in findings[2]["mend"]


@pytest.mark.parametrize(
    ("versions", "status", "state", "said"),
    [
        (("3", "3"), "Successful", "good", "All instances are of the version that runs."),
        (("3", "2"), "InProgress", "good", "A rollout is under way: InProgress, 50 %"),
        (("3", "2"), "Cancelled", "bad", "A rollout was cut off: i-2 is not of the version that runs."),
        (("3", "2"), None, "bad", "A rollout was cut off: i-2"),
    ],
)
def test_instances_of_another_version_are_told_once_nothing_is_under_way(versions, status, state, said):
    instances = [
        {"instance_id": f"i-{number}", "launch_template": {"version": version}}
        for number, version in enumerate(versions, 1)
    ]
    group = {"launch_template": {"version": "3"}, "instances": instances}
    refreshes = [{"status": status, "percentage_complete": 50}, {"status": "InProgress"}] if status else []
    seen = {
        "group": {"results": [group]},
        "refreshes": {"instance_refreshes": refreshes},
        "templates": {},
        "images": {},
    }
    (told,) = webapp._versions(seen, "demo-asg")
    assert told["state"] == state
    assert said in told["says"]


@pytest.mark.parametrize(
    ("image", "key", "state"),
    [("ami-2", "k", "good"), ("ami-1", "k", "bad"), ("ami-2", "another", "bad"), ("ami-3", "k", "good")],
)
def test_hosts_that_were_patched_in_place_are_no_rollout_that_was_cut_off(image, key, state):
    versions = [
        {"version_number": 2, "launch_template_data": {"image_id": image, "key_name": key}},
        {"version_number": 3, "launch_template_data": {"image_id": "ami-3", "key_name": "k"}},
    ]
    instances = [{"instance_id": "i-2", "launch_template": {"version": "2"}}]
    seen = {
        "group": {"results": [{"launch_template": {"version": "3"}, "instances": instances}]},
        "refreshes": {},
        "templates": {"launch_templates": [{"versions": versions}]},
        "images": {"images": [{"image_id": "ami-3", "tags": {"RenewedFrom": "ami-2 ami-0"}}]},
    }
    (told,) = webapp._versions(seen, "demo-asg")
    assert told["state"] == state


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"metric_alarms": [{"state_value": "OK"}]}, "good"),
        ({"metric_alarms": [{"state_value": "INSUFFICIENT_DATA"}]}, "good"),
        ({"metric_alarms": [{"state_value": "ALARM", "state_reason": "50 against a threshold of 5"}]}, "bad"),
        ({"metric_alarms": []}, "bad"),
        ({"failed": True, "msg": "no"}, "unknown"),
    ],
)
def test_errors_at_the_load_balancer_are_told(result, state):
    assert webapp._alarm(result, "demo-alb-errors")["state"] == state


def test_the_table_is_short_and_along_the_way():
    findings = [
        _findings.good("table", "t", "It is active."),
        _findings.bad("unit", "i-2", "It has stopped.", "Start it."),
        *(_findings.good("unit", f"i-{n}", "It runs.") for n in (1, 3)),
    ]
    assert _findings.table(findings) == [
        "ok     unit   2 of 3",
        "WRONG  unit   i-2     It has stopped.",
        "ok     table  t       It is active.",
    ]
    assert _findings.summary(findings) == ["unit i-2: It has stopped. Start it."]


@pytest.fixture
def fleet() -> dict[str, Any]:
    """A web tier of two instances, all well."""
    ids = ("i-1", "i-2")
    health = [{"target": {"id": one}, "target_health": {"state": "healthy"}} for one in ids]
    instances = [
        {"instance_id": one, "lifecycle_state": "InService", "launch_template": {"version": "3"}} for one in ids
    ]
    group = {
        "desired_capacity": 2,
        "instances": instances,
        "suspended_processes": [],
        "launch_template": {"version": "3"},
        "tags": [],
    }
    listener = {"port": 80, "default_actions": [{"target_group_arn": "…/demo-tg/1"}]}
    return {
        "load_balancer": {"load_balancers": [{"dns_name": "demo.example", "listeners": [listener]}]},
        "resolved": [{"rc": 0}],
        "targets": {"target_groups": [{"targets_health_description": health}]},
        "group": {"results": [group]},
        "instances": {"instances": [{"instance_id": one, "tags": {"Role": "webapp"}} for one in ids]},
        "refreshes": {},
        "templates": {
            "launch_templates": [{"versions": [{"version_number": 3, "launch_template_data": {"image_id": "ami-3"}}]}]
        },
        "images": {"images": [{"image_id": "ami-3", "tags": {}}]},
        "alarm": {"metric_alarms": [{"state_value": "OK"}]},
        "alive": {"status": 200, "url": "http://demo.example/"},
        "ready": {"status": 200, "url": "http://demo.example/ready"},
        "page": {"status": 200, "url": "http://page.example/"},
    }


WEB = {"load_balancer": "demo-alb", "target_group": "demo-tg", "group": "demo-asg", "alarm": "demo-alb-errors"}


def told(fleet: dict[str, Any]) -> list[dict[str, str]]:
    return [one for one in webapp.findings(fleet, WEB) if one["state"] != "good"]


def test_a_web_tier_that_is_well_has_no_finding(fleet):
    assert told(fleet) == []


def test_an_image_that_was_deregistered_is_told_though_all_instances_run(fleet):
    fleet["images"]["images"] = []
    (one,) = told(fleet)
    assert (one["name"], one["place"]) == ("demo-asg image", "group")
    assert "ami-3" in one["says"]
    assert "playbooks/webapp.yml" in one["mend"]


@pytest.mark.parametrize("tags", [{}, {"Role": "database"}])
def test_an_instance_of_the_group_without_its_tag_is_told(fleet, tags):
    fleet["instances"]["instances"][1]["tags"] = tags
    (one,) = told(fleet)
    assert one["name"] == "demo-asg i-2"
    assert "--resources i-2 --tags Key=Role,Value=webapp" in one["mend"]


def test_an_instance_that_was_detached_from_the_group_is_told(fleet):
    fleet["instances"]["instances"].append({"instance_id": "i-9", "tags": {"Role": "webapp"}})
    fleet["instances"]["instances"].append({"instance_id": "i-0", "tags": {"Role": "bastion"}})
    (one,) = told(fleet)
    assert one["name"] == "demo-asg i-9"
    assert "is not in the group" in one["says"]


def test_a_stack_that_was_stopped_has_one_finding_which_says_how_to_start_it(fleet):
    fleet["group"]["results"][0] |= {
        "desired_capacity": 0,
        "instances": [],
        "tags": [{"key": "StoppedSize", "value": "2 2"}],
    }
    fleet["alive"] = {"status": 503}
    (one,) = told(fleet)
    assert "stopped" in one["says"]
    assert "playbooks/start.yml" in one["mend"]
    stopped = {"instances": [{"db_instance_status": "stopped"}]}
    found = database.findings({"instance": stopped, "secret": {"secrets": [1]}}, {"identifier": "db", "secret": "s"})
    assert "playbooks/start.yml" in found[0]["mend"]
    assert "playbooks/start.yml" in hosts.findings({})[0]["mend"]


@pytest.mark.parametrize(
    ("instances", "says", "mend"),
    [
        ([], "There are 0 of it", "playbooks/bastion.yml"),
        ([{"instance_id": "i-7", "state": {"name": "stopped"}}], "It is stopped", "start-instances --instance-ids i-7"),
        ([{"instance_id": "i-7", "state": {"name": "terminated"}}], "It is terminated", "playbooks/bastion.yml"),
    ],
)
def test_a_bastion_that_is_not_there_is_told_by_name(instances, says, mend):
    (one,) = bastion.findings({"instances": {"instances": instances}}, "demo-bastion-host")
    assert (one["state"], one["name"]) == ("bad", "demo-bastion-host")
    assert says in one["says"]
    assert mend in one["mend"]


def test_a_host_whose_start_never_ended_is_not_told_to_look_at_openings():
    said = "System is booting up. Unprivileged users are not permitted to log in yet. See pam_nologin(8)."
    (one,) = hosts.findings({"i-1": said})
    assert "/run/nologin" in one["says"]
    assert "terminate-instance-in-auto-scaling-group" in one["mend"]
    assert "openings" not in one["mend"]


@pytest.mark.parametrize(
    ("cause", "mend"),
    [
        ("no-credentials", "instance profile"),
        ("aws-unreachable", "way out"),
        ("aws-forbids", "policy"),
        ("aws-missing", "playbooks/messaging.yml"),
        ("database-busy", "Look at the database"),
        ("", "journalctl"),
    ],
)
def test_an_application_that_is_not_ready_says_why_and_what_mends_it(cause, mend):
    host = {
        "uptime": 60,
        "unit": {"ActiveState": "active"},
        "log": [],
        "ready": {"status": 503, "error": "AWS cannot be reached at the moment.", "cause": cause},
        "needs": {"host": "db", "resolve": "", "connect": "", "secret": "", "login": ""},
        "disk": [],
        "clock": {"offset": 0},
    }
    (one,) = [one for one in hosts.findings({"i-1": host}) if one["state"] == "bad"]
    assert mend in one["mend"]
    assert cause in one["says"]
    assert "below" not in one["mend"]


@pytest.mark.parametrize(("readers", "state"), [("away", "bad"), ("ok", "good"), ("none", "good")])
def test_readers_of_the_database_that_are_away_are_told_although_the_application_is_ready(readers, state, monkeypatch):
    answer = mock.MagicMock(status=200, read=lambda: json.dumps({"database_readers": readers}).encode())
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: contextlib.nullcontext(answer))
    probe: dict[str, Any] = {}
    source = (TOP / "roles/webapp/files/diagnose/host_probe.py").read_text()
    exec(source[: source.rindex("\nprint(")], probe)
    found = hosts._application("i-1", probe["ready"](), {"ActiveState": "active"}, {})
    assert found["state"] == state
    assert ("no reader" in found["says"]) == (readers == "away")


def test_the_probe_reads_the_cause_that_the_application_names_and_each_has_what_mends_it(monkeypatch):
    files = TOP / "roles/webapp/files"
    source = (files / "diagnose/host_probe.py").read_text()
    probe: dict[str, Any] = {}
    exec(source[: source.rindex("\nprint(")], probe)  # the last line runs it
    named = re.findall(r'Cause\(\s*"([a-z-]+)", 503', (files / "backend/demo_app/outages.py").read_text())
    assert len(named) > 5
    for cause in named:
        headers = email.message.Message()
        headers["X-Error-Cause"] = cause
        refused = urllib.error.HTTPError("/ready", 503, "", headers, io.BytesIO(b'{"error": "It is away."}'))
        monkeypatch.setattr(urllib.request, "urlopen", mock.Mock(side_effect=refused))
        assert probe["ready"]() == {"status": 503, "error": "It is away.", "cause": cause}
        assert any(cause.startswith(begin) for begin, _mend in hosts._CAUSES), cause


def test_every_file_of_findings_has_its_places_in_the_order_of_the_way():
    order = list(_findings.places())
    assert order.index("network") < order.index("bastion") < order.index("listener") < order.index("host")
    assert order.index("host") < order.index("database") < order.index("bucket") < order.index("dead letters")
    looked = dict.fromkeys(("vpc", "tables", "gateways", "security_groups", "subnets", "network_acls"))
    assert _findings.of("network", looked, stack="s", groups=[], acls=[])


def test_a_finding_of_a_place_that_no_file_says_comes_last():
    there, own = (_findings.bad(place, "x", "It is wrong.", "Mend it.") for place in ("clock", "of ours"))
    assert _findings.in_order([own, there]) == [there, own]
