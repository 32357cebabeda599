"""What modules say in check mode, as rows of a plan."""

from __future__ import annotations

import json

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.plugin_utils import _plan_diff, _plan_recorder


@pytest.fixture
def record(monkeypatch):
    monkeypatch.setattr(_plan_recorder, "_resources", {})
    return _plan_recorder


def said(options=None, **result):
    return {"changed": True, "invocation": {"module_args": options or {}}, **result}


def note(record, action, result):
    record.note(action, "tags | Task", list(result["invocation"]["module_args"]), result)


def test_without_check_mode_there_is_no_plan():
    with pytest.raises(ValueError, match="--check"):
        _plan_recorder.rows()
    assert _plan_recorder.report() == []


def test_a_diff_is_taken_at_its_word(record):
    diff = {"before": {"port": 1, "same": [2, 1]}, "after": {"port": 2, "same": [1, 2]}}
    note(record, "amazon.aws.ec2_security_group", said({"name": "x-db-sg"}, diff=diff))
    (row,) = record.rows()
    assert row == {"resource": "ec2_security_group x-db-sg", "attribute": "port", "wanted": "2", "found": "1"}
    assert record.report()[-1] == "Plan: 0 to create, 1 to change, 0 to delete, 0 left as they are."


def test_what_stock_modules_return_is_held_against_their_options(record):
    options = {"name": "x-table", "tags": {"a": "1", "b": "2"}, "billing_mode": "PAY_PER_REQUEST", "region": "r"}
    state = {"table": {"table_arn": "arn:x", "tags": {"a": "1"}, "billing_mode": "PAY_PER_REQUEST"}}
    note(record, "community.aws.dynamodb_table", said(options, **state))
    (row,) = record.rows()
    assert (row["attribute"], row["wanted"], row["found"]) == ("tags.b", "2", "nothing")


def test_two_ways_to_write_a_policy_are_no_difference():
    one = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["a:B"], "Resource": "*"}]}
    other = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:B", "Resource": ["*"]}}
    assert _plan_diff.rows_between({"policy": json.dumps(one)}, {"policy": other}) == []
    other["Statement"]["Action"] = "a:C"
    assert len(_plan_diff.rows_between({"policy": one}, {"policy": other})) == 1
    assert not _desired_and_actual.same_policy(one, None)


def test_what_is_not_there_is_created_whatever_else_is_said_of_it(record):
    note(record, "amazon.aws.cloudwatch_metric_alarm", said({"name": "x"}, alarm_arn=None))
    note(record, "threetier.aws.cloudwatch_alarm_tags", said({"name": "x"}, diff={"before": {}, "after": {"a": "b"}}))
    assert [row["wanted"] for row in record.rows()] == ["to exist"]
    assert record.report()[-1] == "Plan: 1 to create, 0 to change, 0 to delete, 0 left as they are."


def test_a_made_up_id_is_no_resource(record):
    made_up = {"id": "rtb-xxxxxxxx", "vpc_id": "vpc-1"}
    note(record, "amazon.aws.ec2_vpc_route_table", said({"tags": {"Name": "x-rt"}}, route_table=made_up))
    assert record.rows() == [
        {"resource": "ec2_vpc_route_table x-rt", "attribute": "", "wanted": "to exist", "found": "absent"}
    ]


def test_a_side_that_is_missing_changes_its_resource(record):
    note(record, "amazon.aws.s3_bucket", {"changed": False, "invocation": {"module_args": {"name": "x"}}})
    note(record, "threetier.aws.s3_bucket_cors", said({"bucket": "x"}, diff={"before": {}, "after": {"rules": [1]}}))
    (row,) = record.rows()
    assert (row["resource"], row["attribute"]) == ("s3_bucket x", "s3_bucket_cors")


def test_info_modules_other_modules_and_skipped_ones_are_no_resources(record):
    for action in ("amazon.aws.ec2_ami_info", "ansible.builtin.debug"):
        note(record, action, said())
    note(record, "amazon.aws.s3_bucket", said(skipped=True))
    assert record.report() == []


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
def test_a_bucket_is_read_from_what_either_release_says_of_it(facts):
    state = _desired_and_actual.bucket({"name": "x", **facts})
    assert [value for key, value in sorted(state["public_access"].items())] == [True, True, True, False]
    assert (state["encryption"], state["object_ownership"]) == ("aws:kms", "BucketOwnerEnforced")
    assert state["policy"] == POLICY


def test_a_bucket_without_a_policy_has_none():
    assert _desired_and_actual.bucket({"name": "x", "bucket_policy": {}})["policy"] is None


def test_planned_change_compares_what_is_wanted_only(run_module):
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
