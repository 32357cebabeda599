# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Decorators for functions that make one call of the API. Private to this collection.

Each tries again what fails only for a moment, such as throttling, and makes of any other error of AWS an
AnsibleAWSError that begins with "Failed to" and what the call was for.
"""

from __future__ import annotations

from typing import Any
from typing import Callable
from typing import Sequence
from typing import TypeVar

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_message
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

Call = TypeVar("Call", bound=Callable[..., Any])
_PASSES = "PassesByItself"  # stands for the code of an error that its message tells
# Words of services for "too many calls". AWSRetry knows three others; botocore alone gives up after two more tries.
_THROTTLED = (
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "ThrottlingException",
)


def call(
    purpose: str,
    *,
    retry_on: Sequence[str] = (),
    retry_on_message: str = "",
    tries: int = 10,
    delay: int = 3,
    max_delay: int = 60,
) -> Callable[[Call], Call]:
    """
    A call that has to succeed.

    :param purpose: what it does, as in "read the bucket's tags".
    :param retry_on: codes of further errors that pass by themselves.
    :param retry_on_message: words of such an error, where its code says too little.
    :param tries: how often to call at most; 1 for what must not happen twice.
    :param delay: the longest pause after the first try, in seconds; each later one is half as long again.
    :param max_delay: the longest pause in seconds.
    """
    again = _retry(retry_on_message).jittered_backoff(
        retries=tries, delay=delay, max_delay=max_delay, catch_extra_error_codes=[*_THROTTLED, *retry_on, _PASSES]
    )
    return _chain(AWSErrorHandler.common_error_handler(purpose), again)


def read(
    purpose: str, default: Any, *, missing: Sequence[str] = (), missing_message: str = "", retry_on: Sequence[str] = ()
) -> Callable[[Call], Call]:
    """
    A call that describes what need not be there.

    :param default: the result if it is not there.
    :param missing: the codes of the errors that say so.
    :param missing_message: words of the error that says so, where its code says too little.
    """
    again = AWSRetry.jittered_backoff(catch_extra_error_codes=[*_THROTTLED, *retry_on])
    return _chain(_handler(missing, missing_message).list_error_handler(purpose, default), again)


def delete(purpose: str, *, missing: Sequence[str], retry_on: Sequence[str] = ()) -> Callable[[Call], Call]:
    """
    A call that deletes, to which nothing has to be left.

    :param missing: the codes of the errors that say that it is gone already.
    """
    again = AWSRetry.jittered_backoff(catch_extra_error_codes=[*_THROTTLED, *retry_on])
    return _chain(_handler(missing).deletion_error_handler(purpose), again)


def _retry(message: str) -> type[AWSRetry]:
    class Retry(AWSRetry):
        @staticmethod
        def status_code_from_exception(error: Any) -> str:
            code: str = error.response["Error"]["Code"]
            return _PASSES if message and message in str(error) else code

    return Retry


def _chain(outer: Callable[[Any], Any], inner: Callable[[Any], Any]) -> Callable[[Call], Call]:
    def decorate(function: Call) -> Call:
        decorated: Call = outer(inner(function))
        return decorated

    return decorate


def _handler(missing: Sequence[str], message: str = "") -> type[AWSErrorHandler]:
    class Handler(AWSErrorHandler):
        @classmethod
        def _is_missing(cls) -> tuple[type[Exception], ...]:
            """Asked while the exception is being handled."""
            words = (is_boto3_error_message(message),) if message else ()
            return (is_boto3_error_code(list(missing)), *words)

    return Handler
