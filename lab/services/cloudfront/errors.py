"""What CloudFront refuses, and what all its resources have in common: an ETag that a change has to name."""

from __future__ import annotations

from typing import Any

from moto.cloudfront.exceptions import CloudFrontException, InvalidIfMatchVersion


def refusal(code: str, message: str) -> CloudFrontException:
    """:param code: one of the service's errors, such as CNAMEAlreadyExists."""
    return CloudFrontException(code, message)


def insist_on_etag(resource: Any, if_match: Any) -> None:
    """
    :param resource: whatever has an etag.
    :raises CloudFrontException: if the caller has not seen the resource as it is now.
    """
    if not if_match:
        raise InvalidIfMatchVersion
    if if_match != resource.etag:
        message = "The request failed because it didn't meet the preconditions in one or more request-header fields."
        raise refusal("PreconditionFailed", message)
