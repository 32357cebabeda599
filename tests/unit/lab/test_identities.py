"""What the policies of a user or role let it do."""

from __future__ import annotations

import json
from typing import Any

from lab.services.iam import identities

ROLE = "arn:aws:iam::123456789012:role/r"
QUEUE, FUNCTION = "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:lambda:us-east-1:123456789012:function:f"


def statement(effect: str, action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_role(client: Any, *statements: dict[str, Any]) -> Any:
    """A client of IAM, with a role that has these statements."""
    iam = client("iam")
    trust = document({"Effect": "Allow", "Principal": {"Service": "s.amazonaws.com"}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="r", PolicyName="own", PolicyDocument=document(*statements))
    return iam


def test_what_is_denied_to_a_functions_code_is_not_denied_to_lambda(api: None, client: Any) -> None:
    """The role of a function in a VPC lets Lambda make interfaces, and keeps the code from it."""
    allowed = statement("Allow", "ec2:CreateNetworkInterface")
    denied = statement("Deny", "ec2:*", ArnEquals={"lambda:SourceFunctionArn": FUNCTION})
    iam = make_role(client, allowed, denied)
    assert identities.role_may(ROLE, "ec2:CreateNetworkInterface", "*")
    iam.put_role_policy(RoleName="r", PolicyName="more", PolicyDocument=document(statement("Deny", "ec2:*")))
    assert not identities.role_may(ROLE, "ec2:CreateNetworkInterface", "*")


def test_a_role_may_what_its_own_and_its_attached_policies_allow(api: None, client: Any) -> None:
    iam = make_role(client, statement("Allow", "sqs:*", QUEUE))
    wide = document(statement("Allow", "lambda:InvokeFunction"), statement("Deny", "lambda:*", f"{FUNCTION}2"))
    arn = iam.create_policy(PolicyName="attached", PolicyDocument=wide)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    may = {
        (action, on): identities.role_may(ROLE, action, on)
        for action, on in (
            ("sqs:SendMessage", QUEUE),
            ("sqs:SendMessage", f"{QUEUE}2"),
            ("lambda:InvokeFunction", FUNCTION),
            ("lambda:InvokeFunction", f"{FUNCTION}2"),
        )
    }
    assert list(may.values()) == [True, False, True, False]
    assert not identities.role_may(f"{ROLE}2", "sqs:SendMessage", QUEUE)
