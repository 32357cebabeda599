"""What a teardown would do, from the kinds' files and what was found: no Ansible and no API."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _tagged_resources
from ansible_collections.threetier.aws.plugins.plugin_utils import _removal, _resource_kinds

KINDS = _resource_kinds.read()
SETTINGS = {"keep": [], "stack": "alpha", "now": "20261129", "timeout": 60, "secret_recovery_days": 0}
OURS = {"ManagedBy": "threetier.aws", "Stack": "alpha"}
VALUES: dict[str, Any] = {
    "apigateway:apis": {"name": "reports"},
    "ec2:subnet": {"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24"},
    "ec2:elastic-ip": {"public_ip": "198.51.100.9"},
    "ec2:security-group": {"group_name": "web", "description": "d", "vpc_id": "vpc-1"},
    "iam:policy": {"policy_name": "p"},
    "route53:hostedzone": {"name": "example.test.", "private": False},
    "route53:rrset": {"hosted_zone_id": "/hostedzone/Z1"},
}


def resource(kind: str, identity: str = "one", region: str | None = "eu-west-1", **properties: Any) -> dict[str, Any]:
    properties = VALUES.get(kind, {}) | properties
    return {"type": kind, "id": identity, "tags": OURS, "properties": properties, "region": region}


def plan(*resources: dict[str, Any], refused: Any = (), keep: Any = (), **found: Any) -> dict[str, Any]:
    everything = {"resources": list(resources), "elsewhere": [], "in_the_way": []} | found
    here = any(one["region"] for one in resources)
    return _removal.plan(everything, KINDS, SETTINGS | {"keep": keep, "stands_here": here}, refused)


def calls(planned: dict[str, Any]) -> list[dict[str, Any]]:
    return [call for wave in planned["waves"] for step in wave["steps"] for call in step]


def steps(planned: dict[str, Any]) -> list[list[set[str]]]:
    """The types of each step of each wave."""
    return [[{call["type"] for call in step} for step in wave["steps"]] for wave in planned["waves"]]


def test_every_kind_says_all_that_is_needed_and_names_only_kinds_that_there_are():
    types = {kind["type"] for kind in KINDS}
    for kind in KINDS:
        _tagged_resources.listing(_resource_kinds.listings([kind], "alpha")[0])
        assert {*kind.get("after", []), *kind.get("follows", [])} <= types, kind["type"]
        assert all(kind["delete"][key] for key in ("module", "arguments")), kind["type"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["type"])
def test_each_kind_is_deleted_by_a_call_whose_templates_come_out(kind: dict[str, Any]):
    made = calls(plan(resource(kind["type"])))
    assert made
    assert made[-1]["module"] == kind["delete"]["module"]
    assert made[-1]["arguments"]["state"] == "absent"
    assert "{{" not in str(list(made[-1]["arguments"].values()))


def test_two_files_say_one_kind_only_as_long_as_they_do_not_contradict(tmp_path):
    for role, text in (("one", "type: a:b\nkeep: x\nnames: [p]"), ("two", "type: a:b\nnames: [q]")):
        (tmp_path / role / "resources").mkdir(parents=True)
        (tmp_path / role / "resources/b.yml").write_text(text)
    assert _resource_kinds.read(tmp_path) == [{"type": "a:b", "keep": "x", "names": ["p", "q"]}]
    (tmp_path / "two/resources/b.yml").write_text("type: a:b\nkeep: y")
    with pytest.raises(ValueError, match="keep of a:b stands in another file already"):
        _resource_kinds.read(tmp_path)


def test_each_kind_goes_after_what_must_be_gone_and_the_slow_are_started_first():
    order = _removal.waves(KINDS)
    wave = {kind["type"]: number for number, kinds in enumerate(order) for kind in kinds}
    place = {kind["type"]: number for number, kind in enumerate(kind for kinds in order for kind in kinds)}
    slow = {kind["type"] for kind in KINDS if kind.get("slow")}
    for kind in KINDS:
        for before in kind.get("after", []):
            assert wave[before] < wave[kind["type"]] if before in slow else place[before] < place[kind["type"]]
        for before in kind.get("follows", []):
            assert place[before] < place[kind["type"]]
    for kinds in order:
        assert [bool(kind.get("slow")) for kind in kinds] == sorted(
            (bool(kind.get("slow")) for kind in kinds), reverse=True
        )
    assert len(order) == 2, "a third wave waits a second time for what is slow"


def test_a_step_holds_nothing_that_waits_for_another_one_of_it():
    planned = plan(*(resource(kind["type"]) for kind in KINDS))
    for wave in planned["waves"]:
        ends = {call["type"]: number for number, step in enumerate(wave["steps"]) for call in step}
        for kind in KINDS:
            for before in [*kind.get("after", []), *kind.get("follows", [])]:
                if {before, kind["type"]} <= ends.keys():
                    assert ends[before] < ends[kind["type"]], (before, kind["type"])
    assert max(len(wave["steps"]) for wave in planned["waves"]) <= 6, "more than the longest chain of kinds needs"


def test_rules_of_all_groups_go_before_the_first_group_and_beside_what_has_nothing_to_do_with_them():
    rules = {"ip_permissions": [{"FromPort": 22}]}
    groups = [resource("ec2:security-group", name, **rules) for name in ("sg-1", "sg-2")]
    planned = plan(*groups, resource("iam:instance-profile"), resource("iam:role"), resource("ec2:vpc", "vpc-1"))
    group, profile, role = "ec2:security-group", "iam:instance-profile", "iam:role"
    assert steps(planned) == [[{group, profile}, {group, role}, {"ec2:vpc"}]]
    assert [len(step) for step in planned["waves"][0]["steps"]] == [3, 3, 1]


def test_what_is_slow_is_started_before_anything_else():
    slow = [resource("rds:db"), resource("autoscaling:autoScalingGroup"), resource("ec2:instance")]
    others = [resource("s3:bucket", "alpha-bucket"), resource("sns:topic"), resource("ec2:launch-template")]
    assert steps(plan(*slow, *others)) == [
        [
            {"rds:db"},
            {"autoscaling:autoScalingGroup"},
            {"ec2:instance", "s3:bucket", "sns:topic", "ec2:launch-template"},
            {"s3:bucket"},
        ]
    ]


def test_what_protects_itself_is_said_and_unprotected_before_anything_is_deleted():
    planned = plan(
        resource("autoscaling:autoScalingGroup", "alpha-asg"),
        resource("ec2:instance", "i-1", protected=True, state={"Name": "running"}),
        resource("rds:db", "alpha-db", deletion_protection=True, db_instance_status="available"),
        resource("dynamodb:table", "alpha-table", protected=True),
        resource(
            "elasticloadbalancing:loadbalancer",
            "alpha-alb",
            protected="true",
            subnets=["s-1"],
            security_groups=["sg-1"],
        ),
    )
    assert planned["shown"]["protected, which is lifted first"] == [
        "dynamodb:table alpha-table: deletion protection",
        "ec2:instance i-1: termination protection",
        "elasticloadbalancing:loadbalancer alpha-alb: deletion protection",
        "rds:db alpha-db: deletion protection",
    ]
    lifts = [bool(call["lifts"]) for call in calls(planned)]
    assert lifts == [True] * 4 + [False] * 5


def test_what_is_not_protected_is_not_said_to_be():
    planned = plan(resource("ec2:instance", "i-1", protected=False), resource("dynamodb:table"))
    assert set(planned["shown"]) == {"goes", "stays"}
    assert [call["lifts"] for call in calls(planned)] == ["", ""]


def test_instances_go_in_one_call_and_those_that_are_going_are_left_alone():
    running, going = {"Name": "running"}, {"Name": "shutting-down"}
    planned = plan(
        *(resource("ec2:instance", f"i-{n}", state=state) for n, state in enumerate((running, running, going)))
    )
    (call,) = calls(planned)
    assert call["arguments"]["instance_ids"] == "i-0,i-1"
    assert planned["waves"][0]["slow"] == ["ec2:instance"]


def test_a_last_snapshot_is_taken_if_it_is_to_be_kept_but_not_of_a_replica():
    (call,) = calls(plan(resource("rds:db", "db"), keep=["final_snapshot"]))
    assert call["arguments"]["final_db_snapshot_identifier"] == "db-20261129"
    assert call["arguments"]["skip_final_snapshot"] == "False"
    for planned in (
        plan(resource("rds:db", "db")),
        plan(resource("rds:db", "db", read_replica_source_db_instance_identifier="x"), keep=["final_snapshot"]),
    ):
        (call,) = calls(planned)
        assert "final_db_snapshot_identifier" not in call["arguments"]
        assert call["arguments"]["skip_final_snapshot"] == "True"


def test_what_lies_in_the_way_is_named_with_its_owner_and_what_it_holds_is_not_tried():
    theirs = {"type": "ec2:network-interface", "id": "eni-9", "tags": {"ManagedBy": "terraform"}, "holds": ["vpc-1"]}
    planned = plan(resource("ec2:vpc", "vpc-1"), resource("sns:topic", "t"), in_the_way=[theirs])
    assert [call["type"] for call in calls(planned)] == ["sns:topic"]
    (said,) = planned["shown"]["cannot go"]
    assert said.startswith("ec2:vpc vpc-1: ec2:network-interface eni-9 (not of this stack, tags ManagedBy=terraform)")
    assert "then run the teardown again" in said
    assert planned["left"][0] == said
    assert planned["pending"] == ["t"]


def test_a_listener_of_somebody_else_keeps_the_target_group():
    balancer = resource("elasticloadbalancing:loadbalancer", "alpha-alb", arn="arn:ours")
    group = "elasticloadbalancing:targetgroup"
    free = plan(balancer, resource(group, "alpha-tg", load_balancer_arns=["arn:ours"]))
    assert "cannot go" not in free["shown"]
    held = plan(balancer, resource(group, "alpha-tg", load_balancer_arns=["arn:ours", "arn:theirs"]))
    assert "arn:theirs needs it" in held["shown"]["cannot go"][0]
    assert {call["type"] for call in calls(held)} == {"elasticloadbalancing:loadbalancer"}


def test_what_another_region_made_stays_and_says_so():
    away = resource("s3:bucket", "alpha-bucket", region="us-east-1")
    unmarked = resource("iam:role", "alpha-role", region=None)
    planned = plan(unmarked, elsewhere=[away])
    assert calls(planned) == []
    assert planned["goes"] == []
    assert planned["left"] == []
    assert "s3:bucket alpha-bucket: us-east-1 made it; tear it down there" in planned["stays"]
    assert any(line.startswith("iam:role alpha-role: no tag Region") for line in planned["stays"])


def test_a_role_of_an_older_version_goes_with_the_stack_that_stands_here():
    planned = plan(resource("iam:role", "alpha-role", region=None), resource("sns:topic"))
    assert {call["type"] for call in calls(planned)} == {"iam:role", "sns:topic"}
    assert calls(plan(resource("iam:role", "alpha-role", region=None))) == []


def test_what_was_refused_is_left_with_its_reason_and_nobody_waits_for_it():
    results = [
        {"refused": "", "__teardown_call": {"ids": ["t"]}},
        {"refused": "AWS says no", "__teardown_call": {"ids": ["alpha-bucket"]}},
    ]
    refused = _removal.refusals(results)
    planned = plan(resource("s3:bucket", "alpha-bucket"), refused=refused)
    assert planned["left"] == ["s3:bucket alpha-bucket: AWS says no"]
    assert planned["pending"] == []


def test_a_locked_bucket_is_warned_of():
    assert "object lock" in plan(resource("s3:bucket", "b", locked="Enabled"))["shown"]["may not go"][0]


def test_a_key_that_waits_for_its_deletion_stays_and_is_said_to_go_by_itself():
    planned = plan(resource("kms:key", "arn:key/1", key_state="PendingDeletion"))
    assert (planned["pending"], planned["left"], planned["goes"], calls(planned)) == ([], [], [], [])
    assert "playbooks/site.yml takes it back" in planned["stays"][0]
    planned = plan(resource("kms:key", "arn:key/1", key_state="Enabled"))
    assert [call["arguments"]["pending_window"] for call in calls(planned)] == [7]
    assert planned["stays"] == []
