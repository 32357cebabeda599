"""dynamodb_continuous_backups, cloudwatch_alarm_tags, iam_role_inline_policies and those of secrets."""

from __future__ import annotations

import json
from typing import Any


def test_a_table_can_be_taken_back_in_time(cycle: Any, client: Any) -> None:
    client("dynamodb").create_table(
        TableName="files",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    cycle("dynamodb_continuous_backups", table_name="files")
    cycle("dynamodb_continuous_backups", table_name="files", recovery_period_in_days=7)
    found = client("dynamodb").describe_continuous_backups(TableName="files")["ContinuousBackupsDescription"]
    assert found["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
    cycle("dynamodb_continuous_backups", table_name="files", point_in_time_recovery=False)


def test_an_alarm_is_tagged(run_module: Any, cycle: Any, client: Any) -> None:
    missing = run_module("cloudwatch_alarm_tags", name="errors", tags={"Stack": "demo-app"})
    assert missing["msg"] == "There is no alarm named errors."
    client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    seen = cycle("cloudwatch_alarm_tags", name="errors", tags={"Stack": "demo-app", "Tier": "data"})
    cycle("cloudwatch_alarm_tags", name="errors", tags={"Stack": "demo-app"})
    kept = client("cloudwatch").list_tags_for_resource(ResourceARN=seen[1]["alarm_arn"])["Tags"]
    assert kept == [{"Key": "Stack", "Value": "demo-app"}]


def test_a_secret_is_found_but_not_read(run_module: Any, client: Any) -> None:
    secrets = client("secretsmanager")
    made = secrets.create_secret(Name="app", SecretString="nobody-may-see-this", Tags=[{"Key": "Stack", "Value": "s"}])
    result = run_module("secretsmanager_secret_info", name="app")
    assert [(one["arn"], one["tags"]) for one in result["secrets"]] == [(made["ARN"], {"Stack": "s"})]
    assert "nobody-may-see-this" not in json.dumps(result)
    secrets.delete_secret(SecretId="app")
    for name in ("app", "never-was"):
        assert run_module("secretsmanager_secret_info", name=name)["secrets"] == []


def test_a_policy_that_somebody_has_added_to_a_role_goes(run_module: Any, client: Any) -> None:
    iam = client("iam")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    mine = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    planned = run_module("iam_role_inline_policies", check=True, role_name="fleet", policies={"files": mine})
    assert planned["changed"]  # the role does not exist yet
    assert planned["diff"] == {"before": {}, "after": {"files": mine}}
    iam.create_role(RoleName="fleet", AssumeRolePolicyDocument=json.dumps({**document, "Statement": []}))
    iam.put_role_policy(RoleName="fleet", PolicyName="hands", PolicyDocument=json.dumps(document))
    done = run_module("iam_role_inline_policies", role_name="fleet", policies={"files": mine})
    assert done["diff"] == {"before": {"hands": document}, "after": {"files": mine}}
    assert iam.list_role_policies(RoleName="fleet")["PolicyNames"] == ["files"]


def test_a_rotation_that_was_cut_off_goes_on_with_the_password_it_has_made(run_module: Any, client: Any) -> None:
    secrets = client("secretsmanager")
    old = secrets.create_secret(Name="app", SecretString='{"username": "app", "password": "old"}')["VersionId"]

    def step(name: str) -> str:
        result = run_module("secretsmanager_secret_rotation", name="app", step=name, username="app")
        assert "msg" not in result
        return str(result["version"])

    new = step("begin")
    assert step("begin") == new
    assert secrets.get_secret_value(SecretId="app")["VersionId"] == old
    made = json.loads(secrets.get_secret_value(SecretId="app", VersionId=new)["SecretString"])
    assert made["username"] == "app"
    assert len(made["password"]) == 32
    assert step("promote") == new
    assert secrets.get_secret_value(SecretId="app")["VersionId"] == new
    assert (step("begin"), step("promote")) == (new, new)  # the database may not have dropped the old one yet
    assert step("finish") == new
    assert secrets.describe_secret(SecretId="app")["VersionIdsToStages"] == {old: ["AWSPREVIOUS"], new: ["AWSCURRENT"]}
    another = step("begin")
    assert another not in (old, new)
    assert (step("promote"), step("finish")) == (another, another)
    found = run_module("secretsmanager_secret_info", name="app", versions=True)["secrets"]
    assert found[0]["versions"] == [another, new, old]
    assert set(found[0]["version_ids_to_stages"]) == {another, new}
    assert made["password"] not in json.dumps(found)
