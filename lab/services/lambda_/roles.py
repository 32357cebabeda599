"""Roles of functions: Lambda has to be able to assume them, and some things it does in their name."""

from __future__ import annotations

from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction

from ... import backends
from ..iam import policies


def assume(function: LambdaFunction) -> Any:
    """Credentials of the function's role, for an hour."""
    if not _trusts_lambda(function.role):
        raise LambdaClientError(
            "AccessDeniedException", "The role defined for the function cannot be assumed by Lambda."
        )
    return backends.worldwide("sts", function.region).assume_role(
        region_name=function.region,
        role_session_name=function.function_name,
        role_arn=function.role,
        policy=None,
        duration=3600,
        external_id=None,
    )


def refuse_untrusting(arn: str) -> None:
    """InvalidParameterValueException for a role that Lambda may not assume."""
    if not _trusts_lambda(arn):
        message = "The role defined for the function cannot be assumed by Lambda."
        raise LambdaClientError("InvalidParameterValueException", message)


def may(arn: str, action: str) -> bool:
    """Whether the policies of this role allow an action."""
    role = _find(arn)
    if role is None:
        return False
    return policies.grants([*role.policies.values(), *(one.document for one in role.managed_policies.values())], action)


def _trusts_lambda(arn: str) -> bool:
    role, asked = _find(arn), {"aws:SourceAccount": arn.split(":")[4]}
    trust = role and role.assume_role_policy_document
    return policies.allows(trust, action="sts:AssumeRole", service="lambda.amazonaws.com", context=asked)


def _find(arn: str) -> Any:
    """The role of this ARN, None if there is none."""
    roles = [role for found in backends.regions("iam") for role in list(found.roles.values())]
    return next((role for role in roles if role.arn == arn), None)
