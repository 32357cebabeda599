"""What a module says when AWS says no: the action and the ARN that lack, as a sentence."""

from __future__ import annotations

import json
from typing import Any

import botocore.exceptions
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.threetier.aws.plugins.module_utils import _errors
from botocore.stub import Stubber
from moto.core import set_initial_no_auth_action_count

WHO = "arn:aws:sts::123456789012:assumed-role/deploy/ci"
VPC = "vpc-0123456789abcdef0"


def denied(code: str, message: str) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "CreateFlowLogs")


@pytest.mark.parametrize(
    ("code", "message", "says"),
    [
        (
            "UnauthorizedOperation",
            f"You are not authorized to perform this operation. User: {WHO} is not authorized to perform:"
            f" ec2:CreateFlowLogs on resource: arn:aws:ec2:us-east-1:123456789012:vpc/{VPC} because no identity-based"
            " policy allows the ec2:CreateFlowLogs action. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q",
            f"the right ec2:CreateFlowLogs on arn:aws:ec2:us-east-1:123456789012:vpc/{VPC} is missing for {WHO},"
            " because no identity-based policy allows the ec2:CreateFlowLogs action.",
        ),
        (
            "AccessDenied",
            f'User: {WHO} is not authorized to perform: s3:GetBucketCORS on resource: "arn:aws:s3:::uploads"'
            " with an explicit deny in a service control policy",
            f"the right s3:GetBucketCORS on arn:aws:s3:::uploads is missing for {WHO},"
            " with an explicit deny in a service control policy.",
        ),
        (
            "AuthorizationError",
            f"User: {WHO} is not authorized to perform: SNS:Subscribe on resource: arn:aws:sns:us-east-1:1:news",
            f"the right SNS:Subscribe on arn:aws:sns:us-east-1:1:news is missing for {WHO}.",
        ),
        ("AccessDenied", "Access Denied", "the right CreateFlowLogs is missing for these credentials."),
    ],
    ids=["ec2", "s3", "sns", "silent"],
)
def test_the_right_that_lacks_is_named(code: str, message: str, says: str) -> None:
    missing = _errors.missing_right(denied(code, message))
    assert _errors.sentence(missing) == says


def test_any_other_error_is_none_of_a_missing_right() -> None:
    assert _errors.missing_right(denied("InvalidParameter", "User: x is not authorized to perform: a:B")) == {}
    assert _errors.missing_right(ValueError("no")) == {}
    assert _errors.missing_right(None) == {}


def test_a_module_says_it(run_module: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/files"
    api = client("dynamodb")
    monkeypatch.setattr(AnsibleAWSModule, "client", lambda self, service, **options: api)
    with Stubber(api) as stub:
        message = f"User: {WHO} is not authorized to perform: dynamodb:DescribeContinuousBackups on resource: {arn}"
        stub.add_client_error("describe_continuous_backups", "AccessDeniedException", message)
        said = run_module("dynamodb_continuous_backups", table_name="files")
    assert said["failed"]
    assert said["msg"] == (
        "Failed to read the table's continuous backups: the right dynamodb:DescribeContinuousBackups"
        f" on {arn} is missing for {WHO}."
    )
    assert said["missing_right"]["action"] == "dynamodb:DescribeContinuousBackups"
    assert said["missing_right"]["resource"] == arn


def test_a_user_without_rights_learns_which(run_module: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto judges real policies; it names no resource."""
    iam = client("iam")
    iam.create_user(UserName="ci")
    statement = {"Effect": "Allow", "Action": ["sns:List*", "sns:Get*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="ci", PolicyName="look", PolicyDocument=policy)
    key = iam.create_access_key(UserName="ci")["AccessKey"]
    queue = "arn:aws:sqs:us-east-1:123456789012:live"
    ours = {"topic_arn": client("sns").create_topic(Name="news")["TopicArn"], "protocol": "sqs", "endpoint": queue}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    @set_initial_no_auth_action_count(0)
    def subscribe(check: bool) -> dict[str, Any]:
        return run_module("sns_subscription", check=check, **ours)

    assert subscribe(check=True)["changed"]
    says = "the right sns:Subscribe is missing for arn:aws:iam::123456789012:user/ci"
    assert says in subscribe(check=False)["msg"].replace("SNS:", "sns:")
