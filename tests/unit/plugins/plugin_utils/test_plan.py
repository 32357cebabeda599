"""What modules say in check mode, as a plan."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.plugin_utils._plan import record as _record
from ansible_collections.threetier.aws.plugins.plugin_utils._plan import rows, rules, text

Result = dict[str, Any]


@pytest.fixture
def record() -> ModuleType:
    _record.begin()
    return _record


def said(options: Result | None = None, **result: Any) -> Result:
    return {"changed": True, "invocation": {"module_args": options or {}}, **result}


def note(record: ModuleType, action: str, result: Result, task: str = "tags | Task", region: str = "us-east-1") -> None:
    record.note(action, task, list(result["invocation"]["module_args"]), result, region, "network")


def only(record: ModuleType) -> Result:
    (resource,) = record.all_resources()
    return dict(resource)


def printed(record: ModuleType) -> list[str]:
    return text.lines(record.all_resources(), record.summary(record.all_resources()))


def test_without_check_mode_there_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_record, "_resources", None)
    with pytest.raises(ValueError, match="--check"):
        _record.all_resources()


def test_a_diff_is_taken_at_its_word(record):
    diff = {"before": {"port": 1, "same": [2, 1]}, "after": {"port": 2, "same": [1, 2]}}
    note(record, "threetier.aws.planned_change", said({"kind": "elb_target_group", "name": "x-tg"}, diff=diff))
    assert only(record)["rows"] == [{"attribute": "port", "before": 1, "after": 2}]
    assert printed(record)[-1] == "Plan: 0 to create, 1 to change, 0 to delete, 0 left as they are."


def test_what_stock_modules_return_is_held_against_their_options(record):
    options = {"name": "x-table", "tags": {"a": "1", "b": "2"}, "billing_mode": "PAY_PER_REQUEST", "region": "r"}
    state = {"table": {"table_arn": "arn:x", "tags": {"a": "1"}, "billing_mode": "PAY_PER_REQUEST"}}
    note(record, "community.aws.dynamodb_table", said(options, **state))
    assert only(record)["rows"] == [{"attribute": "tags.b", "before": None, "after": "2"}]


def test_a_number_that_is_written_as_text_is_no_difference():
    assert rows.between({"port": 3306, "more": 0.0}, {"port": "3306", "more": 0}) == []


def test_two_ways_to_write_a_policy_are_no_difference():
    one = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["a:B"], "Resource": "*"}]}
    other = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:B", "Resource": ["*"]}}
    assert rows.between({"policy": json.dumps(one)}, {"policy": other}) == []
    assert not _desired_and_actual.same_policy(one, None)


def test_a_statement_of_a_policy_is_one_row():
    kept: Result = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
    extra = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    limited = {
        **extra,
        "Principal": {"Service": "s3.amazonaws.com"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    found, wanted = ({"Statement": [kept, extra]}, {"Statement": [kept, limited]})
    assert rows.between({"document": json.dumps(found)}, {"document": wanted}) == [
        {"attribute": "document", "before": "Allow * on *", "after": None},
        {
            "attribute": "document",
            "before": None,
            "after": 'Allow * on * to Service s3.amazonaws.com if {"Bool": {"aws:SecureTransport": "false"}}',
        },
    ]


def test_one_of_a_list_of_dictionaries_is_one_row():
    mine, other = {"Port": 80, "Protocol": "HTTP"}, {"Port": 8080, "Protocol": "HTTP"}
    assert rows.between({"listeners": [mine, other]}, {"listeners": [mine]}) == [
        {"attribute": "listeners", "before": other, "after": None}
    ]


def test_each_port_of_a_rule_that_is_to_be_made_is_shown(record):
    """The stock module's own diff has the last port only."""
    options = {
        "name": "x-app-sg",
        "rules": [{"proto": "tcp", "ports": 5000, "group_name": "x-lb-sg"}],
        "rules_egress": [{"proto": "tcp", "ports": [80, 443], "cidr_ip": "0.0.0.0/0"}],
    }
    note(record, "amazon.aws.ec2_security_group", said({**options, "rules": [], "rules_egress": []}, group_id=None))
    note(record, "amazon.aws.ec2_security_group", said(options, group_id=None))
    assert only(record)["action"] == "create"
    assert [(row["attribute"], row["after"]) for row in only(record)["rows"]] == [
        ("ingress", "tcp 5000 from x-lb-sg"),
        ("egress", "tcp 443 to 0.0.0.0/0"),
        ("egress", "tcp 80 to 0.0.0.0/0"),
    ]


def test_a_rule_that_hands_have_added_is_one_row_and_groups_have_their_names(record):
    listed = {"security_groups": [{"group_id": "sg-1", "group_name": "x-app-sg"}]}
    note(record, "amazon.aws.ec2_security_group_info", said(**listed))
    options = {"name": "x-db-sg", "rules": [{"proto": "tcp", "ports": "3306", "group_name": "x-app-sg"}]}
    pair = {"ip_protocol": "tcp", "from_port": 3306, "to_port": 3306, "user_id_group_pairs": [{"group_id": "sg-1"}]}
    opened = {"ip_protocol": "tcp", "from_port": 1, "to_port": 65535, "ip_ranges": [{"cidr_ip": "0.0.0.0/0"}]}
    note(
        record,
        "amazon.aws.ec2_security_group",
        said(options, group_id="sg-2", group_name="x-db-sg", ip_permissions=[pair, opened]),
    )
    assert only(record)["rows"] == [{"attribute": "ingress", "before": "tcp 1-65535 from 0.0.0.0/0", "after": None}]
    assert "      - ingress  tcp 1-65535 from 0.0.0.0/0" in printed(record)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"proto": "-1", "cidr_ip": "10.0.0.0/8"}, ["everything from 10.0.0.0/8"]),
        ({"proto": "tcp", "ports": "8000-8010", "cidr_ipv6": "::/0"}, ["tcp 8000-8010 from ::/0"]),
        ({"proto": "udp", "from_port": 53, "to_port": 53, "group_id": "sg-1"}, ["udp 53 from x-sg"]),
        (
            {"proto": "tcp", "ports": [22], "cidr_ip": ["1.0.0.0/8", ["2.0.0.0/8"]]},
            ["tcp 22 from 1.0.0.0/8", "tcp 22 from 2.0.0.0/8"],
        ),
        ({"proto": "tcp", "ports": 443, "ip_prefix": "pl-1"}, ["tcp 443 from pl-1"]),
    ],
)
def test_a_rule_in_words(rule: Result, words: list[str]) -> None:
    assert [row["after"] for row in rules.rows({"rules": [rule]}, {}, {"sg-1": "x-sg"})] == words


def test_what_is_to_be_created_has_its_attributes_and_not_the_tags_that_all_have(record):
    options = {
        "name": "x",
        "period": 300,
        "alarm_actions": [],
        "tags": {"Stack": "x"},
        "region": "r",
        "_ansible_diff": 1,
    }
    note(record, "amazon.aws.cloudwatch_metric_alarm", said(options, alarm_arn=None))
    note(record, "threetier.aws.cloudwatch_alarm_tags", said({"name": "x"}, diff={"before": {}, "after": {"a": "b"}}))
    assert only(record)["action"] == "create"
    assert only(record)["rows"] == [{"attribute": "period", "before": None, "after": 300}]
    assert printed(record)[-1] == "Plan: 1 to create, 0 to change, 0 to delete, 0 left as they are."


def test_a_made_up_id_is_no_resource(record):
    made_up = {"id": "rtb-xxxxxxxx", "vpc_id": "vpc-1"}
    note(record, "amazon.aws.ec2_vpc_route_table", said({"tags": {"Name": "x-rt"}}, route_table=made_up))
    assert (only(record)["name"], only(record)["action"]) == ("x-rt", "create")


def test_a_subnet_that_uses_another_route_table_is_a_row_by_its_name(record):
    for number, name in (("1", "x-private-1"), ("2", "x-private-2")):
        subnet = {"id": f"subnet-{number}", "tags": {"Name": name}}
        note(record, "amazon.aws.ec2_vpc_subnet", {**said({"cidr": number}, subnet=subnet), "changed": False})
    table = {"id": "rtb-1", "associations": [{"subnet_id": "subnet-1"}, {"main": True}], "routes": []}
    options = {"tags": {"Name": "x-rt"}, "subnets": ["x-private-1", "x-private-2"], "routes": []}
    note(record, "amazon.aws.ec2_vpc_route_table", said(options, route_table=table))
    assert record.all_resources()[-1]["rows"] == [{"attribute": "subnets", "before": None, "after": "x-private-2"}]


def test_what_a_module_does_not_return_is_named_if_nothing_else_differs(record):
    options = {"name": "x-vpc", "cidr_block": "10.0.0.0/16", "dns_support": True, "dns_hostnames": True}
    note(record, "amazon.aws.ec2_vpc_net", said(options, vpc={"id": "vpc-1", "cidr_block": "10.0.0.0/16"}))
    after = {"dns_support": True, "dns_hostnames": True}
    assert only(record)["rows"] == [{"attribute": "dns_support or dns_hostnames", "before": "another", "after": after}]


LATER = {
    "version_number": 2,
    "version_description": "1.0 by ana",
    "launch_template_data": {
        "image_id": "ami-1",
        "ebs_optimized": True,
        "iam_instance_profile": {"arn": "arn:aws:iam::123456789012:instance-profile/x-role"},
        "user_data": base64.b64encode(b"#cloud-config\nruncmd:\n- evil\n").decode(),
        "tag_specifications": [{"resource_type": "instance", "tags": [{"Key": "Name", "Value": "x"}]}],
    },
}


def test_a_launch_template_is_told_attribute_by_attribute_and_its_user_data_line_by_line(record, run_module):
    earlier = {"version_number": 1, "launch_template_data": {"image_id": "ami-0"}}
    info = {"default_version_number": 1, "versions": [LATER, earlier], "tags": {"Name": "x-lt"}}
    wanted = {
        "image_id": "ami-2",
        "iam_instance_profile": "x-role",
        "user_data": "#cloud-config\nruncmd:\n- good\n",
        "instance_tags": {"Name": "x"},
        "version_description": "1.0 by ana",
        "default_version": 1,
        "tags": {"Name": "x-lt"},
    }
    options = {"kind": "ec2_launch_template", "name": "x-lt", "wanted": wanted, "complete": True}
    planned = run_module("planned_change", **options, found=_desired_and_actual.launch_template(info))
    note(record, "threetier.aws.planned_change", said(options, **planned))
    assert only(record)["rows"] == [
        {"attribute": "ebs_optimized", "before": True, "after": None},
        {"attribute": "image_id", "before": "ami-1", "after": "ami-2"},
        {"attribute": "user_data", "before": "- evil", "after": None},
        {"attribute": "user_data", "before": None, "after": "- good"},
    ]


def test_a_text_that_is_new_is_one_row_by_its_digest():
    (row,) = rows.created({"user_data": "#cloud-config\nruncmd: []\n"})
    assert re.fullmatch("2 lines, sha256 [0-9a-f]{64}", row["after"])


@pytest.mark.parametrize(
    ("state", "confirmed", "words"),
    [("present", False, "waits until its owner"), ("absent", False, "Nobody has chosen it"), ("present", True, "")],
)
def test_a_subscription_that_waits_for_its_owner_is_told_and_is_no_change(record, state, confirmed, words):
    options = {"protocol": "email", "endpoint": "a@example.com", "topic_arn": "arn:aws:sns:r:1:t", "state": state}
    there = {"before": {"subscribed": True}, "after": {"subscribed": True}}
    result = {**said(options, diff=there, confirmed=confirmed), "changed": False}
    note(record, "threetier.aws.sns_subscription", result)
    assert only(record)["action"] == "leave"
    assert words in " ".join(" ".join(printed(record)).split())
    assert ("Not for this run to do:" in printed(record)) == bool(words)
    assert printed(record)[-1] == "Plan: 0 to create, 0 to change, 0 to delete, 1 left as they are."


def test_a_side_that_is_missing_changes_its_resource(record):
    note(record, "amazon.aws.s3_bucket", {"changed": False, "invocation": {"module_args": {"name": "x"}}})
    note(record, "threetier.aws.s3_bucket_cors", said({"bucket": "x"}, diff={"before": {}, "after": {"rules": ["a"]}}))
    assert (only(record)["kind"], only(record)["action"]) == ("s3_bucket", "change")
    assert only(record)["rows"] == [{"attribute": "cors.rules", "before": None, "after": ["a"]}]


def test_a_policy_that_hands_have_added_to_a_role_is_a_row_of_the_role(record):
    extra = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    diff = {"before": {"hands": extra}, "after": {}}
    note(record, "threetier.aws.iam_role_inline_policies", said({"role_name": "x-role", "policies": {}}, diff=diff))
    assert (only(record)["kind"], only(record)["name"]) == ("iam_role", "x-role")
    assert only(record)["rows"] == [{"attribute": "inline_policies.hands", "before": "Allow * on *", "after": None}]


def test_resources_of_one_name_in_two_regions_are_two(record):
    for region in ("eu-west-1", "us-east-1"):
        note(record, "amazon.aws.ec2_vpc_net", said({"name": "x-vpc"}), region=region)
    assert [one["region"] for one in record.all_resources()] == ["eu-west-1", "us-east-1"]
    assert {"eu-west-1, network:", "us-east-1, network:"} <= set(printed(record))


def test_info_modules_other_modules_and_skipped_ones_are_no_resources(record):
    for action in ("amazon.aws.ec2_ami_info", "ansible.builtin.debug"):
        note(record, action, said())
    note(record, "amazon.aws.s3_bucket", said(skipped=True))
    assert record.all_resources() == []


BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
OWNERS = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
POLICY = {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(
    "facts",
    [
        {
            "public_access_block": {"PublicAccessBlockConfiguration": BLOCK},
            "bucket_encryption": {"ServerSideEncryptionConfiguration": ENCRYPTION},
            "bucket_ownership_controls": {"OwnershipControls": OWNERS},
            "bucket_policy": {"Policy": json.dumps(POLICY)},
        },
        {
            "public_access_block": BLOCK,
            "bucket_encryption": ENCRYPTION,
            "bucket_ownership_controls": OWNERS,
            "bucket_policy": POLICY,
        },
    ],
    ids=["amazon.aws 10", "amazon.aws 11"],
)
def test_a_bucket_is_read_from_what_either_release_says_of_it(facts: Result) -> None:
    state = _desired_and_actual.bucket({"name": "x", **facts})
    assert [value for key, value in sorted(state["public_access"].items())] == [True, True, True, False]
    assert (state["encryption"], state["object_ownership"]) == ("aws:kms", "BucketOwnerEnforced")
    assert state["policy"] == POLICY


def test_a_bucket_without_a_policy_has_none():
    assert _desired_and_actual.bucket({"name": "x", "bucket_policy": {}})["policy"] is None


def test_nothing_of_a_long_value_is_cut_and_no_line_is_longer_than_a_terminal(record):
    before, after = "a" * 100 + " old end", "a" * 100 + " new end"
    diff = {"before": {"description": before, "short": 1}, "after": {"description": after, "short": 2}}
    diff["after"]["path." * 20] = "deep"
    name = "email " + "operator" * 6 + "@example.com of-a-topic-with-a-name"
    note(record, "threetier.aws.planned_change", said({"kind": "sns_subscription", "name": name}, diff=diff))
    lines = printed(record)
    assert max(len(line) for line in lines) <= 80
    joined = "".join(line.strip() for line in lines)
    assert "old end" in joined
    assert "new end" in joined
    assert joined.count("a" * 60) >= 2
    assert any(line.split() == ["~", "short", "1", "->", "2"] for line in lines)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        ([80, "443"], "80, 443"),
        ([{"Port": 80, "More": []}, {"Port": 443}], "Port 80; Port 443"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_value_in_words(value: object, words: str) -> None:
    assert text.in_words(value) == words


def test_planned_change_compares_what_is_wanted_only(run_module: Callable[..., Result]) -> None:
    wanted = {"port": 5000, "policy": {"Version": "2012-10-17", "Statement": []}}
    options = {"kind": "elb_target_group", "name": "x"}
    absent = run_module("planned_change", **options, wanted=wanted, found={})
    assert absent["changed"]
    assert absent["diff"] == {"before": {}, "after": wanted}
    same = run_module("planned_change", **options, wanted=wanted, found={**wanted, "more": 1})
    assert not same["changed"]
    assert same["attributes"] == []
    other = run_module("planned_change", **options, wanted=wanted, found={**wanted, "port": 80})
    assert other["attributes"] == ["port"]
    assert other["diff"]["before"]["port"] == 80
