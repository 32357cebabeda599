"""What WAF refuses, in its words."""

from __future__ import annotations

from moto.wafv2.exceptions import WAFv2ClientError

IN_USE = "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s"
IN_USE += " associated with another resource."
MISSING = "AWS WAF couldn’t perform the operation because your resource doesn’t exist."
DUPLICATE = "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing"
DUPLICATE += " one."


def refusal(code: str, message: str) -> WAFv2ClientError:
    """:param code: one of the service's errors, such as WAFAssociatedItemException."""
    return WAFv2ClientError(code, message)


def invalid(field: str, value: object) -> WAFv2ClientError:
    message = "Error reason: Your request contains a parameter that is not valid"
    return refusal("WAFInvalidParameterException", f"{message}, field: {field}, parameter: {value}")
