"""Roles of functions: Lambda has to be able to assume them."""

from __future__ import annotations

from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction

from ... import backends
from ..iam import identities, policies


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


def _trusts_lambda(arn: str) -> bool:
    role, asked = identities.role_of(arn), {"aws:SourceAccount": arn.split(":")[4]}
    trust = role and role.assume_role_policy_document
    return policies.allows(trust, action="sts:AssumeRole", service="lambda.amazonaws.com", context=asked)
